#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "signing/statement_parts.h"

/* The three lists of the predicate; every outcome but skip is in exactly one. */
enum list { LIST_PASSED, LIST_WARNED, LIST_FAILED, LIST_NONE };

static const char *const list_names[] = {"passedTests", "warnedTests", "failedTests"};

struct names {
    struct slice *items;
    size_t n;
};

static unsigned rank_of(const struct value *severity)
{
    static const char *const names[] = {"info", "low", "medium", "high", "critical"};
    const struct slice text = value_text(severity);

    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (slice_is(text, names[i]))
            return i;
    return ARRAY_LEN(names); /* an unknown severity is above all */
}

/*
 * Unknown and error are never a pass: they stand with the failures. Below fail_on, and when
 * waived, it is a warning.
 */
static enum list list_of(const struct value *finding, unsigned fail_on)
{
    const struct slice outcome = value_text(value_get(finding, "outcome"));

    if (slice_is(outcome, "pass"))
        return LIST_PASSED;
    if (slice_is(outcome, "skip"))
        return LIST_NONE;
    if (slice_is(outcome, "waived"))
        return LIST_WARNED;
    return rank_of(value_get(finding, "severity")) < fail_on ? LIST_WARNED : LIST_FAILED;
}

/* "rule:address"; a rule that found no resource to judge has no address, nor one of many. */
static struct slice test_name(const struct value *finding, bool of_rule, struct arena *a)
{
    const struct slice rule = value_text(value_get(finding, "rule"));
    const struct slice address =
        of_rule ? (struct slice){NULL, 0} : value_text(value_path(finding, "resource.address"));
    uint8_t *name = arena_alloc(a, rule.len + 1 + address.len);

    if (rule.len > 0)
        memcpy(name, rule.data, rule.len);
    name[rule.len] = ':';
    if (address.len > 0) /* may hold a NUL: copied by length */
        memcpy(name + rule.len + 1, address.data, address.len);
    return (struct slice){name, rule.len + 1 + address.len};
}

static int by_bytes(const void *x, const void *y)
{
    return slice_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

static void add_name(struct names *to, struct slice name, struct arena *a)
{
    if (to->n == 0 || !slice_eq(name, to->items[to->n - 1]))
        *(struct slice *)ARENA_PUSH(a, &to->items, &to->n) = arena_slice(a, name);
}

static void sort_names(const struct statement_parts *p, struct arena *a,
                       struct names lists[LIST_NONE])
{
    const unsigned fail_on = rank_of(value_doc_get(p->verdict, "fail_on"));
    const size_t n = value_doc_len(p->verdict, "findings");
    struct arena scratch;

    arena_init(&scratch);
    for (size_t i = 0; i < n; i++) {
        const struct value *f = value_doc_item(p->verdict, "findings", i, &scratch);
        const enum list list = list_of(f, fail_on);
        const bool of_rule = p->abridged && list == LIST_PASSED;

        if (list != LIST_NONE)
            add_name(&lists[list], test_name(f, of_rule, &scratch), a);
        arena_clear(&scratch);
    }
    arena_release(&scratch);
    for (size_t i = 0; i < LIST_NONE; i++)
        if (lists[i].n > 1)
            qsort(lists[i].items, lists[i].n, sizeof(struct slice), by_bytes);
}

/* One rule may judge one address of two subjects: a name stands once. */
static void write_names(struct json_out *o, const char *key, const struct names *names)
{
    json_out_key(o, key);
    json_out_array(o);
    for (size_t i = 0; i < names->n; i++)
        if (i == 0 || !slice_eq(names->items[i], names->items[i - 1]))
            json_out_string(o, names->items[i]);
    json_out_end_array(o);
}

static bool write_descriptors(struct json_out *o, const struct value *list, const char *name,
                              struct err *e)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *item = value_item(list, i);
        const char *digest = value_cstr(value_get(item, "digest"), NULL);

        if (digest == NULL) /* the extension lists it all the same */
            continue;
        json_out_object(o);
        json_out_kv_str(o, "name", value_cstr(value_get(item, name), ""));
        json_out_key(o, "digest");
        if (!statement_parts_digest(o, digest, e))
            return err_in(e, "configuration");
        json_out_end_object(o);
    }
    return true;
}

/*
 * What the tests were: the policy as a whole, its packs, and every file that the run read beside
 * the subjects.
 */
static bool write_configuration(struct json_out *o, const struct statement_parts *p, struct err *e)
{
    json_out_key(o, "configuration");
    json_out_array(o);
    if (!statement_parts_policy(o, p, e) ||
        !write_descriptors(o, value_doc_path(p->verdict, "policy.packs"), "id", e) ||
        !write_descriptors(o, value_doc_get(p->verdict, "inputs"), "name", e))
        return false;
    json_out_end_array(o);
    return true;
}

static bool write_subjects(struct json_out *o, const struct value_doc *verdict, struct err *e)
{
    const struct value *list = value_doc_get(verdict, "subjects");
    size_t written = 0;

    if (value_len(list) > LIMIT_SUBJECTS)
        return err_fail(e, ERR_LIMIT, "%zu subjects, %d allowed (LIMIT_SUBJECTS)", value_len(list),
                        LIMIT_SUBJECTS);
    json_out_key(o, "subject");
    json_out_array(o);
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *s = value_item(list, i);

        if (!value_is(value_get(s, "digest"), VALUE_STRING))
            continue; /* unreadable: in the extension, and the verdict is not allow */
        if (!statement_parts_subject(o, s, e))
            return false;
        written++;
    }
    json_out_end_array(o);
    return written > 0 || err_fail(e, ERR_FORMAT, "the verdict has no subject with a digest");
}

static void write_outcome(struct json_out *o, const struct value *f)
{
    static const char *const members[] = {"rule",        "outcome", "severity", "subject",
                                          "fingerprint", "reason",  "waiver"};

    json_out_object(o);
    json_out_key(o, "address");
    json_out_value(o, value_path(f, "resource.address"));
    for (size_t j = 0; j < ARRAY_LEN(members); j++)
        if (value_get(f, members[j]) != NULL && !value_is(value_get(f, members[j]), VALUE_NULL)) {
            json_out_key(o, members[j]);
            json_out_value(o, value_get(f, members[j]));
        }
    json_out_end_object(o);
}

static void write_outcomes(struct json_out *o, const struct statement_parts *p)
{
    const size_t n = value_doc_len(p->verdict, "findings");
    struct arena scratch;

    arena_init(&scratch);
    json_out_key(o, "outcomes");
    json_out_array(o);
    for (size_t i = 0; i < n && !o->buf->full; i++) {
        const struct value *f = value_doc_item(p->verdict, "findings", i, &scratch);

        if (!p->abridged || !slice_is(value_text(value_get(f, "outcome")), "pass"))
            write_outcome(o, f);
        arena_clear(&scratch);
    }
    json_out_end_array(o);
    arena_release(&scratch);
}

/* The lines of the ledger that are not "read whole". */
static void write_gaps(struct json_out *o, const struct value_doc *verdict)
{
    const size_t n = value_doc_len(verdict, "coverage");
    struct arena scratch;

    arena_init(&scratch);
    json_out_key(o, "coverage");
    json_out_array(o);
    for (size_t i = 0; i < n && !o->buf->full; i++) {
        const struct value *line = value_doc_item(verdict, "coverage", i, &scratch);

        if (!slice_is(value_text(value_get(line, "status")), "read") ||
            value_int_or(value_get(line, "unread"), 1) != 0)
            json_out_value(o, line);
        arena_clear(&scratch);
    }
    json_out_end_array(o);
    arena_release(&scratch);
}

static void write_extension(struct json_out *o, const struct statement_parts *p)
{
    static const char *const members[] = {"coverage", "notices", "waivers"};
    const size_t first = p->abridged ? 1 : 0;

    json_out_key(o, STATEMENT_EXTENSION);
    json_out_object(o);
    statement_parts_verifier(o, p);
    json_out_kv_str(o, "timeVerified", p->time);
    statement_parts_summary(o, p);
    if (p->abridged) {
        json_out_kv_bool(o, "abridged", true);
        write_gaps(o, p->verdict);
    }
    write_outcomes(o, p);
    for (size_t i = first; i < ARRAY_LEN(members); i++) {
        json_out_key(o, members[i]);
        value_doc_json_member(p->verdict, members[i], o);
    }
    json_out_end_object(o);
}

static bool write_all(struct json_out *o, const struct statement_parts *p, struct arena *a,
                      struct err *e)
{
    struct names lists[LIST_NONE] = {{NULL, 0}};

    sort_names(p, a, lists);
    json_out_object(o);
    json_out_kv_str(o, "_type", "https://in-toto.io/Statement/v1");
    if (!write_subjects(o, p->verdict, e))
        return false;
    json_out_kv_str(o, "predicateType", PREDICATE_TEST_RESULT);
    json_out_key(o, "predicate");
    json_out_object(o);
    json_out_kv_str(o, "result",
                    !p->allowed                ? "FAILED"
                    : lists[LIST_WARNED].n > 0 ? "WARNED"
                                               : "PASSED");
    if (!write_configuration(o, p, e))
        return false;
    for (size_t i = 0; i < LIST_NONE; i++)
        write_names(o, list_names[i], &lists[i]);
    write_extension(o, p);
    json_out_end_object(o);
    json_out_end_object(o);
    return true;
}

static bool write_once(const struct statement_parts *p, struct buf *out, struct err *e)
{
    struct json_out o;
    struct arena a;
    bool done;

    arena_init(&a);
    json_out_init(&o, out, JSON_COMPACT);
    done = write_all(&o, p, &a, e);
    arena_release(&a);
    return done;
}

bool statement_test_result(const struct value_doc *verdict, const struct statement_options *opt,
                           struct buf *out, struct err *e)
{
    struct statement_parts p;

    if (!statement_parts_read(verdict, opt, &p, e) || !write_once(&p, out, e))
        return false;
    if (out->full) {
        p.abridged = true;
        buf_clear(out);
        if (!write_once(&p, out, e))
            return false;
    }
    return buf_finish(out, e);
}
