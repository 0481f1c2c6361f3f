#include "base/file.h"
#include "base/when.h"
#include "policies/waiver.h"
#include "tests/lib/cases.h"
#include "tests/unit/policies_support.h"

#define HEAD "apiVersion: sallyport/v1\nkind: Waivers\nwaivers:\n"
#define REST "owner: o, reason: r, approver: a, expires: 2030-01-01}\n"
#define RULES                                                                                      \
    PACK "rules:\n- {id: small, title: S, severity: high, applies: [{type: box}], view: {n: n}, "  \
         "pass: view.n < 3}\n"                                                                     \
         "- {id: named, title: N, severity: high, applies: [{type: box}], view: {n: n}, pass: "    \
         "\"view.n != 5\"}\n"

struct refusal {
    const char *what, *text, *want;
};

static const struct refusal refusals[] = {
    {"another kind", "apiVersion: sallyport/v1\nkind: RulePack\n",
     "t.yaml:2: expected kind Waivers, found 'RulePack'"},
    {"no list", "apiVersion: sallyport/v1\nkind: Waivers\n",
     "t.yaml:1: document: 'waivers' is missing"},
    {"a map", "apiVersion: sallyport/v1\nkind: Waivers\nwaivers: {}\n",
     "t.yaml:3: document: 'waivers': expected a list, found map"},
    {"unknown key of the file", HEAD "- {rule: small, resource: a, " REST "waiver: []\n",
     "t.yaml:5: document: unknown key 'waiver'; did you mean 'waivers'?"},
    {"a word", HEAD "- small\n", "t.yaml:4: waiver: expected a map, found string"},
    {"no rule", HEAD "- {resource: a, " REST, "t.yaml:4: waiver: 'rule' is missing"},
    {"no resource", HEAD "- {rule: small, " REST, "t.yaml:4: waiver: 'resource' is missing"},
    {"no owner", HEAD "- {rule: small, resource: a, reason: r, approver: a, expires: 2030-01-01}\n",
     "t.yaml:4: waiver: 'owner' is missing"},
    {"no reason", HEAD "- {rule: small, resource: a, owner: o, approver: a, expires: 2030-01-01}\n",
     "t.yaml:4: waiver: 'reason' is missing"},
    {"no approver", HEAD "- {rule: small, resource: a, owner: o, reason: r, expires: 2030-01-01}\n",
     "t.yaml:4: waiver: 'approver' is missing"},
    {"no end", HEAD "- {rule: small, resource: a, owner: o, reason: r, approver: a}\n",
     "t.yaml:4: waiver: 'expires' is missing"},
    {"empty reason",
     HEAD "- {rule: small, resource: a, owner: o, reason: '', approver: a, expires: 2030-01-01}\n",
     "t.yaml:4: waiver: 'reason' is empty"},
    {"blank owner",
     HEAD "- {rule: small, resource: a, owner: ' ', reason: r, approver: a, expires: 2030-01-01}\n",
     "t.yaml:4: waiver: 'owner' is blank"},
    {"never",
     HEAD "- {rule: small, resource: a, owner: o, reason: r, approver: a, expires: never}\n", NULL},
    {"no such day",
     HEAD "- {rule: small, resource: a, owner: o, reason: r, approver: a, expires: 2030-02-30}\n",
     NULL},
    {"unknown rule", HEAD "- {rule: smal, resource: a, " REST,
     "t.yaml:4: waiver: no rule has the id 'smal'; did you mean 'small'?"},
    {"a glob of rules", HEAD "- {rule: \"*\", resource: a, " REST,
     "t.yaml:4: waiver: no rule has the id '*'"},
    {"unknown key", HEAD "- {rule: small, resource: a, expire: x, " REST,
     "t.yaml:4: waiver: unknown key 'expire'; did you mean 'expires'?"},
    {"a reason that is not known",
     HEAD "- {rule: small, resource: a, owner: !unknown , reason: r, approver: a, expires: "
          "2030-01-01}\n",
     "t.yaml:4: waiver: 'owner': expected a string, found unknown"},
};

CASES(policies_waiver, refuses, refusals)
{
    const struct refusal *c = &refusals[*case_index];
    struct waiver_list list = {0};
    struct policy p;
    struct err e = {0};
    struct arena a;
    void *block;
    struct slice text = support_copy(c->text, &block);

    arena_init(&a);
    support_policy(&p, &a, RULES);
    cr_expect_not(waiver_read(&(struct schema_doc){"t.yaml", text, &a, false}, &p.rules, &list, &e),
                  "%s: was accepted", c->what);
    cr_expect_eq(strncmp(e.text, "t.yaml:", 7), 0, "%s: no place in '%s'", c->what, e.text);
    if (c->want != NULL)
        cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(list.n, 0, "%s", c->what);
    arena_release(&a);
    free(block);
}

struct application {
    const char *what, *waiver, *now;
    /* of the rule `small` on box "b[0]" of subject "plan", which fails or not, by n */
    enum outcome small;
    const char *n;
    unsigned used;
    bool expired;
};

static const struct application applications[] = {
    {"covers", "rule: small, resource: \"b[0]\"", "2029-12-31", OUTCOME_WAIVED, "3", 1, false},
    {"a glob", "rule: small, resource: \"b*\", subject: pl?n", "2029-12-31", OUTCOME_WAIVED, "3", 1,
     false},
    {"another resource", "rule: small, resource: b0", "2029-12-31", OUTCOME_FAIL, "3", 0, false},
    {"another subject", "rule: small, resource: \"*\", subject: pla", "2029-12-31", OUTCOME_FAIL,
     "3", 0, false},
    {"another rule", "rule: named, resource: \"*\"", "2029-12-31", OUTCOME_FAIL, "3", 0, false},
    {"at its end", "rule: small, resource: \"*\"", "2030-01-01", OUTCOME_FAIL, "3", 0, true},
    {"a second before", "rule: small, resource: \"*\"", "2029-12-31T23:59:59Z", OUTCOME_WAIVED, "3",
     1, false},
    {"unknown", "rule: small, resource: \"*\"", "2029-12-31", OUTCOME_WAIVED, "?", 1, false},
    {"never an error", "rule: small, resource: \"*\"", "2029-12-31", OUTCOME_ERROR, "x", 0, false},
    {"nor a pass", "rule: small, resource: \"*\"", "2029-12-31", OUTCOME_PASS, "1", 0, false},
};

static const struct value *box(struct arena *a, const char *n)
{
    if (n[0] == '?')
        return support_map(a, "n", value_unknown(a, "not yet", NULL, 0, NULL));
    if (n[0] == 'x')
        return support_map(a, "n", value_str(a, n));
    return support_map(a, "n", value_int(a, n[0] - '0', NULL));
}

CASES(policies_waiver, applies, applications)
{
    const struct application *c = &applications[*case_index];
    struct waiver_list list = {0};

    struct findings fs;
    struct facts facts;
    struct policy p;
    struct err e = {0};
    struct arena a;
    struct schema_doc d = {.file = "w.yaml", .arena = &a};
    int64_t now;

    arena_init(&a);
    support_policy(&p, &a, RULES);
    d.text = slice_str(arena_printf(&a, HEAD "- {%s, " REST, c->waiver));
    cr_assert(waiver_read(&d, &p.rules, &list, &e), "%s", e.text);
    p.waivers = list.items;
    p.nwaivers = list.n;
    cr_assert(when_parse_day(slice_str(c->now), &now, &e));
    facts_init(&facts, &a);
    support_subject(&facts, "plan", DIGEST_A);
    support_fact(&facts, "plan", "b[0]", box(&a, c->n));
    cr_assert(policy_evaluate(&p, &facts, now, &fs, &e), "%s", e.text);
    cr_assert_eq(fs.n, 2);
    cr_assert_str_eq(finding_at(&fs, 1).rule->id, "small");
    cr_expect_eq(finding_at(&fs, 1).outcome, c->small, "%s: got %s", c->what,
                 finding_outcome_name(finding_at(&fs, 1).outcome));
    cr_expect_eq(finding_at(&fs, 1).waiver != NULL, c->small == OUTCOME_WAIVED, "%s", c->what);
    cr_expect_eq(fs.waivers[0].used, c->used, "%s", c->what);
    cr_expect_eq(fs.waivers[0].expired, c->expired, "%s", c->what);
    cr_expect_eq(p.waivers[0].used, 0, "%s: the policy is not touched", c->what);
    arena_release(&a);
}

Test(policies_waiver, the_first_names_it_and_all_are_in_use)
{
    struct waiver_list list = {0};

    struct findings fs;
    struct facts facts;
    struct policy p;
    struct err e = {0};
    struct arena a;
    struct schema_doc d = {.file = "w.yaml", .arena = &a};

    arena_init(&a);
    support_policy(&p, &a, RULES);
    d.text = SLICE_LIT(HEAD "- {rule: small, resource: \"*\", owner: one, reason: r, "
                            "approver: a, expires: 2020-01-01}\n"
                            "- {rule: small, resource: b, owner: two, reason: r, "
                            "approver: a, expires: 2030-01-01}\n"
                            "- {rule: named, resource: b, owner: no, reason: r, "
                            "approver: a, expires: 2030-01-01}\n"
                            "- {rule: small, resource: \"*\", owner: three, reason: "
                            "r, approver: a, expires: 2030-01-01}\n");
    cr_assert(waiver_read(&d, &p.rules, &list, &e), "%s", e.text);
    cr_assert_eq(list.n, 4);
    cr_expect_eq(list.items[3].line, 7);
    p.waivers = list.items;
    p.nwaivers = list.n;
    facts_init(&facts, &a);
    support_subject(&facts, "plan", DIGEST_A);
    support_fact(&facts, "plan", "b", box(&a, "4"));
    cr_assert(policy_evaluate(&p, &facts, INT64_C(1800000000), &fs, &e), "%s", e.text);
    cr_expect_str_eq(finding_at(&fs, 1).waiver->owner, "two");
    cr_expect(fs.waivers[0].expired && fs.waivers[0].used == 0);
    cr_expect_eq(fs.waivers[1].used, 1);
    cr_expect_eq(fs.waivers[2].used, 0);
    cr_expect_eq(fs.waivers[3].used, 1);
    arena_release(&a);
}

Test(policies_waiver, reads_the_fixture)
{
    struct waiver_list list = {0};
    struct slice rules, text;
    struct policy p;
    struct err e = {0};
    struct arena a;
    int64_t want;

    arena_init(&a);
    cr_assert(file_read("fixtures/rules/good/outcomes.yaml", 1 << 20, &a, &rules, &e), "%s",
              e.text);
    cr_assert(file_read("fixtures/waivers/good/two.yaml", 1 << 20, &a, &text, &e), "%s", e.text);
    support_policy(&p, &a, (const char *)rules.data);
    cr_assert(waiver_read(&(struct schema_doc){"two.yaml", text, &a, false}, &p.rules, &list, &e),
              "%s", e.text);
    cr_assert_eq(list.n, 3);
    cr_expect_str_eq(list.items[0].ticket, "T-1");
    cr_expect_null(list.items[0].subject);
    cr_assert(when_parse(SLICE_LIT("2026-06-01T10:00:00Z"), &want, &e));
    cr_expect_eq(list.items[1].expires, want);
    arena_release(&a);
}
