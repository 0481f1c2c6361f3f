#include "base/json.h"
#include "base/json_out.h"
#include "policies/verdict_parts.h"
#include "tests/lib/cases.h"
#include "tests/unit/policies_support.h"

#define RULES                                                                                      \
    PACK "rules:\n- {id: low, title: L, severity: low, applies: [{type: box}], view: {n: n}, "     \
         "pass: view.n != 1}\n"                                                                    \
         "- {id: medium, title: M, severity: medium, applies: [{type: box}], view: {n: n}, pass: " \
         "view.n < 3, fix: F, "                                                                    \
         "tags: [t], controls: {demo: [\"1.1\", \"9~\"]}}\n"                                       \
         "- {id: other, title: O, severity: critical, applies: [{type: box}], view: {n: n}, "      \
         "when: view.?n.orValue(2) == 7, "                                                         \
         "pass: \"false\"}\n"                                                                      \
         "---\napiVersion: sallyport/v1\nkind: Framework\nmetadata: {id: demo, version: a, "       \
         "title: D}\n"                                                                             \
         "controls: {\"1.1\": {title: First}}\n"

/* A run: one subject "plan" with one box, changed in one way. */
struct run {
    const char *what;
    const char *n;         /* of the box: a digit, '?' unknown, 'x' text; NULL: no box */
    const char *digest;    /* of the subject */
    bool no_subject, bare; /* no subject at all; a second one that no rule judges */
    struct coverage line;  /* of the ledger; format NULL: none */
    enum decision want;
    const char *reason,
        *decided_by; /* the first of each; decided_by "*": a fingerprint; NULL: none */
};

#define READ                                                                                       \
    {                                                                                              \
        .format = "f", .bytes = 9, .parsed = 4, .scanned = 3, .opaque = 2                          \
    }

static const struct run runs[] = {
    {"all is well", "2", DIGEST_A, false, false, READ, DECISION_ALLOW,
     "every input was read, and nothing failed at or above medium", NULL},
    {"a failure below", "1", DIGEST_A, false, false, READ, DECISION_ALLOW,
     "every input was read, and nothing failed at or above medium", NULL},
    {"a failure", "3", DIGEST_A, false, false, READ, DECISION_DENY,
     "medium (medium) failed on 1 resource: M", "*"},
    {"a failure above", "7", DIGEST_A, false, false, READ, DECISION_DENY,
     "other (critical) failed on 1 resource: O", "*"},
    {"not known", "?", DIGEST_A, false, false, READ, DECISION_UNVERIFIABLE,
     "other (critical) could not be told for 1 resource: O", "*"},
    {"an error", "x", DIGEST_A, false, false, READ, DECISION_UNVERIFIABLE,
     "medium (medium) could not be told for 1 resource: M", "*"},
    {"no subject", "2", NULL, true, false, READ, DECISION_UNVERIFIABLE,
     "there is no subject to judge", NULL},
    {"no digest", "2", NULL, false, false, READ, DECISION_UNVERIFIABLE,
     "subject 'plan' has no digest: it could not be read whole, or none was asked for",
     "subject/plan"},
    {"nothing judged", NULL, DIGEST_A, false, false, READ, DECISION_UNVERIFIABLE,
     "no rule judged anything", "subject/plan"},
    {"a bare subject", "2", DIGEST_A, false, true, READ, DECISION_UNVERIFIABLE,
     "no rule judged anything of subject 'bare'", "subject/bare"},
    {"partial",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f",
      .input = "plan",
      .path = "m",
      .status = COVERAGE_PARTIAL,
      .bytes = 9,
      .parsed = 8,
      .unread = 1,
      .reason = "cut short"},
     DECISION_UNVERIFIABLE,
     "plan!m: not read whole (partial): cut short",
     "coverage/0"},
    {"partial, in a file on its own",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f",
      .input = "models/m.tgz",
      .path = "m.tgz!m.tar",
      .status = COVERAGE_PARTIAL,
      .bytes = 9,
      .parsed = 8,
      .unread = 1,
      .reason = "cut short"},
     DECISION_UNVERIFIABLE,
     "models/m.tgz!m.tar: not read whole (partial): cut short",
     "coverage/0"},
    {"unreadable",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f", .status = COVERAGE_UNREADABLE, .reason = "gone"},
     DECISION_UNVERIFIABLE,
     "?: not read whole (unreadable): gone",
     "coverage/0"},
    {"put aside",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f", .status = COVERAGE_IGNORED, .bytes = 9, .unread = 9},
     DECISION_ALLOW,
     "every input was read, and nothing failed at or above medium",
     NULL},
    {"unread, and says it was read",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f", .bytes = 9, .parsed = 9, .unread = 1},
     DECISION_UNVERIFIABLE,
     "?: not read whole (read): the parts do not add up to its bytes",
     "coverage/0"},
    {"more than there is",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f", .bytes = 9, .parsed = 9, .scanned = UINT64_MAX},
     DECISION_UNVERIFIABLE,
     "?: not read whole (read): the parts do not add up to its bytes",
     "coverage/0"},
    {"less than there is",
     "2",
     DIGEST_A,
     false,
     false,
     {.format = "f", .bytes = 9, .parsed = 8},
     DECISION_UNVERIFIABLE,
     "?: not read whole (read): the parts do not add up to its bytes",
     "coverage/0"},
    {"deny wins",
     "3",
     NULL,
     false,
     true,
     {.format = "f", .status = COVERAGE_UNREADABLE},
     DECISION_DENY,
     "medium (medium) failed on 1 resource: M",
     "*"},
};

static const struct value *box(struct arena *a, const char *n)
{
    if (n[0] == '?')
        return support_map(a, "n", value_unknown(a, "not yet", NULL, 0, NULL));
    if (n[0] == 'x')
        return support_map(a, "n", value_str(a, n));
    return support_map(a, "n", value_int(a, n[0] - '0', NULL));
}

static void make_facts(const struct run *r, struct facts *f, struct arena *a)
{
    facts_init(f, a);
    if (!r->no_subject)
        support_subject(f, "plan", r->digest);
    if (r->bare)
        support_subject(f, "bare", DIGEST_A);
    if (r->line.format != NULL)
        facts_cover(f, &r->line);
    if (r->n != NULL)
        support_fact(f, "plan", "b", box(a, r->n));
}

/* The document as it is written, and as it is read again. */
static const char *written(const struct value_doc *doc, struct arena *a)
{
    struct json_out o;
    struct err e = {0};
    const char *text;
    struct buf b;

    buf_init(&b, 1 << 20);
    json_out_init(&o, &b, JSON_PRETTY);
    value_doc_json(doc, &o);
    cr_assert(buf_finish(&b, &e));
    text = arena_strndup(a, buf_slice(&b));
    buf_release(&b);
    return text;
}

static const struct value *whole(const struct value_doc *doc, struct arena *a)
{
    const struct value *out = NULL;
    struct err e = {0};

    cr_assert(json_read(slice_str(written(doc, a)), a, &out, &e), "%s", e.text);
    return out;
}

static void decide(const struct run *r, struct arena *a, const struct value **doc, enum decision *d)
{
    struct value_doc made;

    const char *const weak[] = {"--sandbox=off", NULL};
    const struct verdict_options opt = {
        .now = 86400, .stage = "deploy", .tool_version = "0.1.0", .weakenings = weak};
    struct findings fs;
    struct facts facts;
    struct policy p;
    struct err e = {0};

    support_policy(&p, a, RULES);
    make_facts(r, &facts, a);
    cr_assert(policy_evaluate(&p, &facts, 86400, &fs, &e), "%s", e.text);
    cr_assert(verdict_make(&fs, &opt, &made, d, &e), "%s", e.text);
    *doc = whole(&made, a);
}

CASES(policies_verdict, decides, runs)
{
    const struct run *r = &runs[*case_index];
    const struct value *doc;
    const char *by;
    enum decision d;
    struct arena a;

    arena_init(&a);
    decide(r, &a, &doc, &d);
    cr_expect_eq(d, r->want, "%s: got %s", r->what, verdict_decision_name(d));
    cr_expect_str_eq(value_cstr(value_get(doc, "decision"), ""), verdict_decision_name(d), "%s",
                     r->what);
    cr_expect_str_eq(value_cstr(value_path(doc, "reasons.0"), ""), r->reason, "%s: got '%s'",
                     r->what, value_cstr(value_path(doc, "reasons.0"), ""));
    by = value_cstr(value_path(doc, "decided_by.0"), NULL);
    if (r->decided_by == NULL)
        cr_expect_null(by, "%s", r->what);
    else if (r->decided_by[0] == '*')
        cr_expect(by != NULL && strlen(by) == 64, "%s", r->what);
    else
        cr_expect(by != NULL && strcmp(by, r->decided_by) == 0, "%s: got %s", r->what, by);
    arena_release(&a);
}

static const char *print(const struct value *doc, struct arena *a)
{
    struct json_out o;
    struct err e = {0};
    struct buf b;
    const char *text;

    buf_init(&b, 1 << 20);
    json_out_init(&o, &b, JSON_PRETTY);
    json_out_value(&o, doc);
    cr_assert(buf_finish(&b, &e), "%s", e.text);
    text = arena_strndup(a, buf_slice(&b));
    buf_release(&b);
    return text;
}

Test(policies_verdict, is_one_document)
{
    const struct value *doc, *finding;
    enum decision d;
    struct arena a;

    arena_init(&a);
    decide(&runs[2], &a, &doc, &d);
    cr_expect_str_eq(value_cstr(value_get(doc, "schema"), ""), "sallyport/verdict/v1");
    cr_expect_str_eq(value_cstr(value_get(doc, "effective_time"), ""), "1970-01-02T00:00:00Z");
    cr_expect_str_eq(value_cstr(value_path(doc, "weakenings.0"), ""), "--sandbox=off");
    cr_expect_eq(value_int_or(value_path(doc, "policy.rules_selected"), 0), 3);
    cr_expect_eq(value_int_or(value_path(doc, "coverage_totals.bytes"), 0), 9);
    cr_expect_eq(value_int_or(value_path(doc, "coverage_totals.gaps"), -1), 0);
    cr_expect_eq(value_int_or(value_path(doc, "counts.fail"), -1), 1);
    cr_expect_eq(value_int_or(value_path(doc, "counts.pass"), -1), 1);
    cr_expect_eq(value_int_or(value_path(doc, "counts.skip"), -1), 1);
    cr_expect_eq(value_int_or(value_path(doc, "counts.by_severity.medium"), -1), 1);
    cr_expect_eq(value_int_or(value_path(doc, "counts.by_severity.low"), -1), 0);
    cr_expect_eq(value_len(value_get(doc, "findings")), 2, "what was skipped is counted only");
    finding = value_path(doc, "findings.1");
    cr_expect_str_eq(value_cstr(value_get(finding, "rule"), ""), "medium");
    cr_expect_str_eq(value_cstr(value_get(finding, "reason"), ""), "view.n < 3 (view.n is 3)");
    cr_expect_str_eq(value_cstr(value_path(finding, "location.file"), ""), "plan.json");
    cr_expect_eq(value_int_or(value_path(finding, "location.line"), 0), 7);
    cr_expect_str_eq(value_cstr(value_path(finding, "controls.0.title"), ""), "First");
    cr_expect(value_is(value_path(finding, "controls.1.title"), VALUE_NULL));
    cr_expect(value_true(value_path(finding, "controls.1.supporting")));
    cr_expect_null(value_get(finding, "waiver"));
    arena_release(&a);
}

/* The same twice gives the same bytes. */
Test(policies_verdict, is_deterministic)
{
    const struct value *one, *two;
    enum decision d;
    struct arena a;

    arena_init(&a);
    decide(&runs[16], &a, &one, &d);
    decide(&runs[16], &a, &two, &d);
    cr_expect_str_eq(print(one, &a), print(two, &a));
    arena_release(&a);
}

Test(policies_verdict, a_waived_failure_allows_and_is_told)
{
    struct waiver w = {.rule = "medium",
                       .resource = "*",
                       .owner = "o",
                       .reason = "r",
                       .approver = "a",
                       .expires = 2 * 86400,
                       .file = "w.yaml",
                       .line = 4};
    const struct verdict_options opt = {.now = 86400, .tool_version = "0.1.0"};
    const struct value *doc;
    struct value_doc made;
    struct findings fs;
    struct facts facts;
    struct policy p;
    enum decision d;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(&p, &a, RULES);
    make_facts(&runs[2], &facts, &a);
    p.waivers = &w;
    p.nwaivers = 1;
    cr_assert(policy_evaluate(&p, &facts, 86400, &fs, &e), "%s", e.text);
    cr_assert(verdict_make(&fs, &opt, &made, &d, &e), "%s", e.text);
    doc = whole(&made, &a);
    cr_expect_eq(d, DECISION_ALLOW);
    cr_expect_str_eq(value_cstr(value_path(doc, "findings.1.outcome"), ""), "waived");
    cr_expect_str_eq(value_cstr(value_path(doc, "findings.1.waiver.expires"), ""),
                     "1970-01-03T00:00:00Z");
    cr_expect_eq(value_int_or(value_path(doc, "waivers.applied.0.used"), 0), 1);
    cr_expect_eq(value_int_or(value_path(doc, "counts.waived"), 0), 1);
    cr_assert(policy_evaluate(&p, &facts, 2 * 86400, &fs, &e), "%s", e.text);
    cr_assert(verdict_make(&fs, &opt, &made, &d, &e), "%s", e.text);
    doc = whole(&made, &a);
    cr_expect_eq(d, DECISION_DENY, "at its end a waiver covers nothing");
    cr_expect_eq(value_len(value_path(doc, "waivers.expired")), 1);
    arena_release(&a);
}

/* Hostile names stay text: the document is always JSON. */
Test(policies_verdict, keeps_hostile_names_apart)
{
    const struct value *doc;
    struct run r = runs[2];
    enum decision d;
    struct arena a;

    arena_init(&a);
    r.line = (struct coverage){
        .format = "f", .input = "\xff\"\n\x1b[2J", .status = COVERAGE_UNREADABLE, .reason = "\xc0"};
    decide(&r, &a, &doc, &d);
    cr_expect_null(strstr(print(doc, &a), "\x1b"));
    cr_expect_not_null(strstr(print(doc, &a), "\\u001b[2J"));
    arena_release(&a);
}

Test(policies_verdict, refuses_what_is_no_list)
{
    struct verdict_options opt = {.tool_version = "0"};
    struct value_doc doc = {.map = NULL};
    struct findings fs = {0};
    struct facts facts;
    struct policy p;
    enum decision d;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(&p, &a, RULES);
    facts_init(&facts, &a);
    fs = (struct findings){.policy = &p, .facts = &facts};
    opt.inputs = value_str(&a, "x");
    cr_expect_not(verdict_make(&fs, &opt, &doc, &d, &e));
    cr_expect_str_eq(e.text, "verdict: inputs: expected a list");
    cr_expect_null(doc.map);
    arena_release(&a);
}

/* The lists that are made item by item are lists of the document. */
Test(policies_verdict, makes_findings_when_asked)
{
    const struct verdict_options opt = {.now = 86400, .tool_version = "0.1.0"};
    const struct value *doc, *again;
    struct value_doc made;
    struct findings fs;
    struct facts facts;
    struct policy p;
    enum decision d;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(&p, &a, RULES);
    make_facts(&runs[2], &facts, &a);
    cr_assert(policy_evaluate(&p, &facts, 86400, &fs, &e), "%s", e.text);
    cr_assert(verdict_make(&fs, &opt, &made, &d, &e), "%s", e.text);
    doc = whole(&made, &a);
    cr_expect_eq(value_len(value_get(made.map, "findings")), 0, "none is kept");
    for (size_t k = 0; k < 2; k++) {
        const char *const key = k == 0 ? "findings" : "coverage";

        cr_assert_eq(value_doc_len(&made, key), value_len(value_get(doc, key)));
        cr_expect_gt(value_doc_len(&made, key), 0);
        for (size_t i = value_doc_len(&made, key); i-- > 0;)
            cr_expect(
                value_eq(value_doc_item(&made, key, i, &a), value_item(value_get(doc, key), i)));
        cr_expect_null(value_doc_item(&made, key, value_doc_len(&made, key), &a));
    }
    made = value_doc_of(doc);
    again = whole(&made, &a);
    cr_expect(value_eq(doc, again));
    cr_expect(value_eq(value_doc_item(&made, "findings", 1, &a), value_path(doc, "findings.1")));
    arena_release(&a);
}
