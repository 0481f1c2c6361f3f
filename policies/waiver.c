#include "policies/waiver.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/nearest.h"
#include "base/when.h"
#include "policies/finding.h"
#include "policies/glob.h"
#include "policies/rule_file.h"

static bool read_expires(const struct schema_doc *d, const struct value *v, const char *what,
                         int64_t *out, struct err *e)
{
    const struct schema_member m = {v, what, "expires"};
    struct err why = {0};
    const char *text;

    if (!schema_str(d, &m, &text, e))
        return false;
    if (!when_parse_day(slice_str(text), out, &why))
        return schema_fail(d, value_get(v, "expires"), e, "%s: expires: %s", what, why.text);
    return true;
}

static bool unknown_rule(const struct schema_doc *d, const struct value *v,
                         const struct rules *rules, const char *id, struct err *e)
{
    const char **names = ARENA_ARRAY(d->arena, const char *, rules->n + 1);
    char hint[NEAREST_HINT_MAX];

    for (size_t i = 0; i < rules->n; i++)
        names[i] = rules->items[i].id;
    return schema_fail(d, value_get(v, "rule"), e, "waiver: no rule has the id '%.100s'%s", id,
                       nearest_hint(slice_str(id), names, hint));
}

static bool read_texts(const struct schema_doc *d, const struct value *v, struct waiver *w,
                       struct err *e)
{
    const struct {
        const char *key;
        const char **out;
        bool must;
    } members[] = {{"rule", &w->rule, true},        {"resource", &w->resource, true},
                   {"subject", &w->subject, false}, {"owner", &w->owner, true},
                   {"reason", &w->reason, true},    {"approver", &w->approver, true},
                   {"ticket", &w->ticket, false}};

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const struct schema_member m = {v, "waiver", members[i].key};

        if (members[i].must ? !schema_str(d, &m, members[i].out, e)
                            : !schema_opt_str(d, &m, members[i].out, e))
            return false;
        if (*members[i].out != NULL &&
            strspn(*members[i].out, " \t\r\n") == strlen(*members[i].out))
            return schema_fail(d, value_get(v, members[i].key), e, "waiver: '%s' is blank",
                               members[i].key);
    }
    return true;
}

static bool read_one(const struct schema_doc *d, const struct value *v, const struct rules *rules,
                     struct waiver *w, struct err *e)
{
    static const char *const keys[] = {"rule",     "resource", "subject", "owner", "reason",
                                       "approver", "ticket",   "expires", NULL};

    w->file = d->file;
    w->line = v->line;
    if (!schema_map(d, v, "waiver", keys, e) || !read_texts(d, v, w, e))
        return false;
    if (rule_find(rules, w->rule) == NULL)
        return unknown_rule(d, v, rules, w->rule, e);
    return read_expires(d, v, "waiver", &w->expires, e);
}

static bool read_document(const struct schema_doc *d, const struct value *doc,
                          const struct rules *rules, struct waiver_list *out, struct err *e)
{
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "waivers", NULL};
    const struct schema_member kind = {doc, "document", "kind"},
                               list = {doc, "document", "waivers"};
    const struct value *items;
    const char *name;

    if (!schema_str(d, &kind, &name, e))
        return false;
    if (strcmp(name, "Waivers") != 0)
        return schema_fail(d, value_get(doc, "kind"), e, "expected kind Waivers, found '%s'", name);
    if (!schema_map(d, doc, "document", keys, e) || !schema_need(d, &list, &items, e) ||
        !schema_opt_kind(d, &list, VALUE_LIST, &items, e))
        return false;
    for (size_t i = 0; i < items->len; i++) {
        if (out->n == LIMIT_WAIVERS)
            return schema_fail(d, items->as.items[i], e, "more than %d waivers (LIMIT_WAIVERS)",
                               LIMIT_WAIVERS);
        if (!read_one(d, items->as.items[i], rules, ARENA_PUSH(d->arena, &out->items, &out->n), e))
            return false;
    }
    return true;
}

bool waiver_read(const struct schema_doc *d, const struct rules *rules, struct waiver_list *out,
                 struct err *e)
{
    struct waiver_list list = {0};
    const struct value *docs = NULL;

    if (!rule_file_documents(d, &docs, e))
        return false;
    for (size_t i = 0; i < value_len(docs); i++)
        if (!read_document(d, value_item(docs, i), rules, &list, e))
            return false;
    *out = list;
    return true;
}

static int by_rule(const void *x, const void *y)
{
    const struct waiver *a = *(struct waiver *const *)x, *b = *(struct waiver *const *)y;
    int c = strcmp(a->rule, b->rule);

    return c != 0 ? c : (a > b) - (a < b);
}

static bool covers(const struct waiver *w, const struct finding *f)
{
    const char *address = f->fact == NULL ? "" : f->fact->address;
    const char *subject = f->fact == NULL ? "" : f->fact->subject;

    return !w->expired && glob_match(slice_str(w->resource), slice_str(address)) &&
           (w->subject == NULL || glob_match(slice_str(w->subject), slice_str(subject)));
}

/* The first waiver, in the order of the file, that covers the finding wins; every one that
 * covers it is in use. NULL: none. */
static const struct waiver *waive(struct waiver *const *list, size_t n, const struct finding *f)
{
    const struct waiver *won = NULL;

    for (size_t i = 0; i < n; i++) {
        if (!covers(list[i], f))
            continue;
        list[i]->used++;
        if (won == NULL)
            won = list[i];
    }
    return won;
}

/* The waivers of one rule in a list sorted by rule: from *first, *n of them. */
static size_t of_rule(struct waiver *const *list, size_t n, const char *rule, size_t *first)
{
    size_t low = 0, high = n, end;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (strcmp(list[mid]->rule, rule) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (end = low; end < n && strcmp(list[end]->rule, rule) == 0;)
        end++;
    *first = low;
    return end - low;
}

static void apply_one(struct waiver *const *list, size_t n, struct findings *fs, size_t i,
                      struct arena *a)
{
    struct finding_row *row = &fs->rows[i];
    struct finding f;
    const struct waiver *won;

    if (row->outcome != OUTCOME_FAIL && row->outcome != OUTCOME_UNKNOWN)
        return;
    f = finding_at(fs, i);
    won = waive(list, n, &f);
    if (won == NULL)
        return;
    f.outcome = OUTCOME_WAIVED;
    f.waiver = won;
    finding_set(fs, i, &f, a);
}

void waiver_apply(struct waiver_list *waivers, struct findings *fs, int64_t now, struct arena *a)
{
    struct waiver **sorted = ARENA_ARRAY(a, struct waiver *, waivers->n);

    for (size_t i = 0; i < waivers->n; i++) {
        waivers->items[i].expired = waivers->items[i].expires <= now;
        waivers->items[i].used = 0;
        sorted[i] = &waivers->items[i];
    }
    if (waivers->n == 0)
        return;
    qsort(sorted, waivers->n, sizeof(struct waiver *), by_rule);
    for (size_t k = 0; k < fs->nruns; k++) {
        size_t first;
        const size_t n = of_rule(sorted, waivers->n, fs->runs[k].rule->id, &first);

        for (size_t i = fs->runs[k].first; n > 0 && i < finding_end(fs, k); i++)
            apply_one(sorted + first, n, fs, i, a);
    }
}
