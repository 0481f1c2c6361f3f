#include "policies/finding.h"
#include "tests/lib/cases.h"
#include "tests/unit/policies_support.h"

#define RULE_N                                                                                     \
    PACK "rules:\n- id: few\n  title: Few\n  severity: high\n  applies: [{source: terraform, "     \
         "type: box}, {type: \"bo*\"}]\n"                                                          \
         "  view: {n: {terraform: n}}\n  when: view.?n.orValue(1) != 0\n  pass: view.n < 3 && "    \
         "true\n"                                                                                  \
         "  message: \"'%s holds %d'.format([resource.address, view.n])\"\n  locate: n\n  fix: "   \
         "Take some out.\n"

struct expectation {
    const char *what, *yaml; /* the value of n; NULL: absent */
    enum outcome want;
    const char *message, *reason;
};

static const struct expectation expectations[] = {
    {"pass", "2", OUTCOME_PASS, "Few", NULL},
    {"fail", "3", OUTCOME_FAIL, "b holds 3", "view.n < 3 (view.n is 3)"},
    {"skip", "0", OUTCOME_SKIP, "Few", NULL},
    {"absent", NULL, OUTCOME_ERROR, "could not be evaluated: Few", ""},
    {"text", "x", OUTCOME_ERROR, "could not be evaluated: Few", ""},
    {"unknown", "?", OUTCOME_UNKNOWN, "could not tell: Few", "when: view.?n: not yet"},
};

/* n of a box, at line 9. */
static const struct value *box(struct arena *a, const char *n)
{
    const struct value_at at = {90, 9};

    if (n == NULL)
        return support_map(a, NULL, NULL);
    if (n[0] == '?')
        return support_map(a, "n", value_unknown(a, "not yet", NULL, 0, &at));
    if (n[0] >= '0' && n[0] <= '9')
        return support_map(a, "n", value_int(a, n[0] - '0', &at));
    return support_map(a, "n", value_string(a, slice_str(n), &at));
}

CASES(policies_finding, outcomes, expectations)
{
    const struct expectation *c = &expectations[*case_index];
    struct findings fs;
    struct finding f;
    struct facts facts;
    struct policy p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(&p, &a, RULE_N);
    facts_init(&facts, &a);
    support_subject(&facts, "s", DIGEST_A);
    support_fact(&facts, "s", "b", box(&a, c->yaml));
    cr_assert(policy_evaluate(&p, &facts, 0, &fs, &e), "%s: %s", c->what, e.text);
    cr_assert_eq(fs.n, 1, "%s: %zu findings", c->what, fs.n);
    f = finding_at(&fs, 0);
    cr_expect_eq(fs.nmore, c->want == OUTCOME_PASS || c->want == OUTCOME_SKIP ? 0 : 1,
                 "%s: what passes keeps nothing of its own", c->what);
    cr_expect_eq(f.outcome, c->want, "%s: got %s", c->what, finding_outcome_name(f.outcome));
    cr_expect_str_eq(f.message, c->message, "%s", c->what);
    if (c->reason == NULL)
        cr_expect_null(f.reason, "%s: got %s", c->what, f.reason);
    else if (c->reason[0] == '\0')
        cr_expect_neq(f.reason[0], '\0', "%s", c->what);
    else
        cr_expect_str_eq(f.reason, c->reason, "%s: got %s", c->what, f.reason);
    /* the attribute, where it is told; else the resource */
    cr_expect_eq(f.at.line, c->want == OUTCOME_FAIL || c->want == OUTCOME_UNKNOWN ? 9 : 7, "%s",
                 c->what);
    arena_release(&a);
}

/* The same resource, seen from another place, keeps its fingerprint; another one does not. */
Test(policies_finding, fingerprint)
{
    const struct rule rule = {.id = "r"};
    const struct subject image = {.kind = "image"}, model = {.kind = "model"};
    struct fact fact = {.subject = "s", .type = "t", .address = "a"};
    struct finding f = {.rule = &rule, .fact = &fact, .at = {.path = "p", .line = 1}}, g = f;
    char one[FINDING_FINGERPRINT], other[FINDING_FINGERPRINT];

    finding_fingerprint(&f, &image, one);
    cr_expect_str_eq(one, "6bbd3fa08084c8c8781ab4bb221d55f3be0e6ccdaedb6cd60a5a5f9f31b63255",
                     "the recipe of docs/verdict.md");
    g.at.line = 900;
    g.outcome = OUTCOME_FAIL;
    finding_fingerprint(&g, &image, other);
    cr_expect_str_eq(one, other);
    finding_fingerprint(&g, &model, other);
    cr_expect_str_neq(one, other);
    g.at.path = NULL;
    finding_fingerprint(&g, &image, other);
    cr_expect_str_neq(one, other);
    /* "s"+"t" is not "st"+"" */
    fact.subject = "st";
    fact.type = "";
    finding_fingerprint(&g, &image, other);
    cr_expect_str_neq(one, other);
}

Test(policies_finding, order_does_not_depend_on_the_input)
{
    const char *const addresses[] = {"c", "a", "b"};
    struct findings fs;
    struct facts facts;
    struct policy p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(
        &p, &a,
        PACK
        "rules:\n- {id: z, title: Z, severity: low, applies: [{type: box}], pass: true}\n"
        "- {id: y, title: Y, severity: low, applies: [{type: \"*\"}, {type: box}], pass: false}\n");
    facts_init(&facts, &a);
    support_subject(&facts, "s", DIGEST_A);
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        support_fact(&facts, i == 0 ? "r" : "s", addresses[i], box(&a, NULL));
    cr_assert(policy_evaluate(&p, &facts, 0, &fs, &e), "%s", e.text);
    cr_assert_eq(fs.n, 6, "a resource is judged once, though two rows of applies take it");
    for (size_t i = 0; i < fs.n; i++) {
        const struct finding f = finding_at(&fs, i);

        cr_expect_str_eq(f.rule->id, i < 3 ? "y" : "z");
        cr_expect_str_eq(f.fact->address, addresses[i % 3], "the subject comes first");
    }
    arena_release(&a);
}

static const struct {
    const char *what, *when; /* required_when, or NULL */
    const char *kind;        /* of the subject */
    bool there;              /* the resource */
    size_t n;
    enum outcome want;
} demands[] = {
    {"demanded, not there", NULL, "image", false, 1, OUTCOME_FAIL},
    {"demanded, there", NULL, "image", true, 1, OUTCOME_PASS},
    {"only for images", "subjects.exists(s, s.kind == 'image')", "image", false, 1, OUTCOME_FAIL},
    {"no image", "subjects.exists(s, s.kind == 'image')", "model", false, 0, OUTCOME_PASS},
    {"only where something else is", "resources('box').size() == 0", "model", false, 1,
     OUTCOME_FAIL},
    {"cannot be evaluated", "subjects[5].kind == 'x'", "image", false, 1, OUTCOME_ERROR},
    {"no condition", "subjects.size()", "image", false, 1, OUTCOME_ERROR},
};

CASES(policies_finding, demands_a_resource, demands)
{
    const char *when = demands[*case_index].when;
    struct subject s = {"s", demands[*case_index].kind, "s", DIGEST_A};
    struct findings fs;
    struct facts facts;
    struct policy p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(
        &p, &a,
        arena_printf(
            &a,
            PACK "rules:\n- {id: r, title: T, severity: low, applies: [{type: box}], pass: true, "
                 "required: true%s%s%s}\n",
            when == NULL ? "" : ", required_when: \"", when == NULL ? "" : when,
            when == NULL ? "" : "\""));
    facts_init(&facts, &a);
    facts_subject(&facts, &s);
    if (demands[*case_index].there)
        support_fact(&facts, "s", "b", box(&a, NULL));
    cr_assert(policy_evaluate(&p, &facts, 0, &fs, &e), "%s", e.text);
    cr_assert_eq(fs.n, demands[*case_index].n, "%s", demands[*case_index].what);
    if (fs.n == 1) {
        const struct finding f = finding_at(&fs, 0);

        cr_expect_eq(f.outcome, demands[*case_index].want, "%s: got %s", demands[*case_index].what,
                     finding_outcome_name(f.outcome));
        cr_expect_eq(f.fact != NULL, demands[*case_index].there, "%s", demands[*case_index].what);
        if (f.outcome == OUTCOME_FAIL)
            cr_expect_str_eq(f.reason, "no resource of type box", "%s", demands[*case_index].what);
    }
    arena_release(&a);
}

/* What passes takes a row, and a fact what is its own: a run has ten findings for each file. */
Test(policies_finding, what_passes_takes_no_room, .timeout = 60)
{
    enum { BOXES = 4000, RULES_N = 20 };
    struct findings fs;
    struct facts facts;
    struct policy p;
    struct err e = {0};
    struct arena a, of_facts;
    const char *text = PACK "rules:\n";
    size_t before;

    arena_init(&a);
    arena_init(&of_facts);
    for (int i = 0; i < RULES_N; i++)
        text = arena_printf(&a,
                            "%s- {id: r-%d, title: T, severity: low, applies: [{type: box}], view: "
                            "{n: n}, pass: view.n < 9 && resource.type == 'box'}\n",
                            text, i);
    support_policy(&p, &a, text);
    facts_init(&facts, &of_facts);
    support_subject(&facts, "s", DIGEST_A);
    for (int i = 0; i < BOXES; i++)
        support_fact(&facts, "s", arena_printf(&a, "box.%d", i), box(&a, "3"));
    cr_expect_lt(of_facts.used, (size_t)BOXES * 500, "%zu bytes a fact", of_facts.used / BOXES);
    before = of_facts.used;
    cr_assert(policy_evaluate(&p, &facts, 0, &fs, &e), "%s", e.text);
    cr_assert_eq(fs.n, (size_t)BOXES * RULES_N);
    cr_expect_eq(fs.nmore, 0);
    cr_expect_lt(of_facts.used - before, fs.n * 10, "%zu bytes for %zu findings",
                 of_facts.used - before, fs.n);
    arena_release(&of_facts);
    arena_release(&a);
}
