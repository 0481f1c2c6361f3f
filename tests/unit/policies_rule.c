#include "base/file.h"
#include "policies/evaluate.h"
#include "policies/glob.h"
#include "policies/policy_test.h"
#include "policies/view.h"
#include "tests/lib/cases.h"
#include "tests/unit/policies_support.h"

#define RULE "- {id: r, title: T, severity: low, applies: [{source: image, type: t}], pass: true"

struct refusal {
    const char *what, *text, *want;
};

static const struct refusal refusals[] = {
    {"empty", "", "t.yaml: the file holds no document"},
    {"a list", "[]", "t.yaml:1: document: expected a map, found list"},
    {"no version", "kind: RulePack", "t.yaml:1: document: 'apiVersion' is missing"},
    {"other version", "apiVersion: v2\nkind: RulePack\n",
     "t.yaml:1: unknown apiVersion 'v2'; this program reads sallyport/v1"},
    {"unknown kind", "apiVersion: sallyport/v1\nkind: RulePac\n",
     "t.yaml:2: unknown kind 'RulePac'; did you mean 'RulePack'?"},
    {"a far kind", "apiVersion: sallyport/v1\nkind: Deployment\n",
     "t.yaml:2: unknown kind 'Deployment'"},
    {"waivers", "apiVersion: sallyport/v1\nkind: Waivers\n", "t.yaml:2: unknown kind 'Waivers'"},
    {"not yaml", "a: [", NULL},
    {"key twice", "apiVersion: sallyport/v1\nkind: RulePack\nkind: RulePack\n", NULL},
    {"unknown key", PACK "rulez: []\n",
     "t.yaml:4: pack: unknown key 'rulez'; did you mean 'rules'?"},
    {"no rules", PACK, "t.yaml:1: pack: 'rules' is missing"},
    {"rules as a map", PACK "rules: {}\n", "t.yaml:4: pack: 'rules': expected a list, found map"},
    {"pack version",
     "apiVersion: sallyport/v1\nkind: RulePack\nmetadata: {id: p, version: \"1.0\", title: "
     "P}\nrules: []\n",
     "t.yaml:3: pack 'p': version '1.0' is not major.minor.patch"},
    {"pack version as a number",
     "apiVersion: sallyport/v1\nkind: RulePack\nmetadata: {id: p, version: 1.0, title: P}\nrules: "
     "[]\n",
     "t.yaml:3: metadata: 'version': expected a string, found double"},
    {"pack id",
     "apiVersion: sallyport/v1\nkind: RulePack\nmetadata: {id: P_1, version: 1.0.0, title: "
     "P}\nrules: []\n",
     "t.yaml:3: pack 'P_1': an id is lower-case letters, digits and single '-'"},
    {"param without type", PACK "params: {a: {default: 1}}\nrules: []\n",
     "t.yaml:4: parameter 'a': 'type' is missing"},
    {"param type", PACK "params: {a: {type: integer, default: 1}}\nrules: []\n",
     "t.yaml:4: parameter 'a': unknown type 'integer'; allowed are string, int, double, bool, "
     "list, list(string), "
     "list(int), map, map(string), map(int), any"},
    {"param default", PACK "params: {a: {type: list(string), default: [1]}}\nrules: []\n",
     "t.yaml:4: parameter 'a': the default is not of type list(string)"},
    {"param name", PACK "params: {a-b: {type: int, default: 1}}\nrules: []\n",
     "t.yaml:4: parameter 'a-b': not a name that expressions can use"},
    {"rule as text", PACK "rules:\n- r\n", "t.yaml:5: rule: expected a map, found string"},
    {"rule without id", PACK "rules:\n- {title: T}\n", "t.yaml:5: rule: 'id' is missing"},
    {"rule id", PACK "rules:\n- {id: a--b, title: T}\n",
     "t.yaml:5: rule 'a--b': an id is lower-case letters, digits and single '-', or a code in "
     "capitals such as ML-PKL-001"},
    {"rule key", PACK "rules:\n" RULE ", fixx: x}\n",
     "t.yaml:5: rule 'r': unknown key 'fixx'; did you mean 'fix'?"},
    {"severity",
     PACK "rules:\n- {id: r, title: T, severity: urgent, applies: [{type: t}], pass: true}\n",
     "t.yaml:5: rule 'r': unknown severity 'urgent'; allowed are info, low, medium, high, "
     "critical"},
    {"no applies", PACK "rules:\n- {id: r, title: T, severity: low, pass: true}\n",
     "t.yaml:5: rule 'r': 'applies' is missing"},
    {"empty applies", PACK "rules:\n- {id: r, title: T, severity: low, applies: [], pass: true}\n",
     "t.yaml:5: rule 'r': 'applies' is empty"},
    {"source",
     PACK "rules:\n- {id: r, title: T, severity: low, applies: [{source: teraform, type: t}], "
          "pass: true}\n",
     "t.yaml:5: rule 'r': unknown source 'teraform'; did you mean 'terraform'?"},
    {"star within a type",
     PACK "rules:\n- {id: r, title: T, severity: low, applies: [{type: a*b}], pass: true}\n",
     "t.yaml:5: rule 'r': applies: type 'a*b': '*' is allowed at the end only"},
    {"no pass", PACK "rules:\n- {id: r, title: T, severity: low, applies: [{type: t}]}\n",
     "t.yaml:5: rule 'r': 'pass' is missing"},
    {"pass as a number",
     PACK "rules:\n- {id: r, title: T, severity: low, applies: [{type: t}], pass: 1}\n",
     "t.yaml:5: rule 'r': pass: expected an expression, found int"},
    {"empty when", PACK "rules:\n" RULE ", when: ' '}\n",
     "t.yaml:5: rule 'r': when: the expression is empty"},
    {"view source", PACK "rules:\n" RULE ", view: {a: {imag: x}}}\n",
     "t.yaml:5: rule 'r': unknown source 'imag'; did you mean 'image'?"},
    {"view path", PACK "rules:\n" RULE ", view: {a: {image: x..y}}}\n",
     "t.yaml:5: rule 'r': view 'a': path 'x..y': an empty name"},
    {"view path as a number", PACK "rules:\n" RULE ", view: {a: {image: 1}}}\n",
     "t.yaml:5: rule 'r': view 'a': expected a path, found int"},
    {"view of what is computed",
     PACK "rules:\n" RULE ", view: {a: {image: x, computed: default}}}\n",
     "t.yaml:5: rule 'r': view 'a': computed: expected absent"},
    {"view name", PACK "rules:\n" RULE ", view: {in: {image: x}}}\n",
     "t.yaml:5: rule 'r': view: 'in' is not a name that expressions can use"},
    {"unknown variable", PACK "rules:\n" RULE ", when: variables.x}\n",
     "t.yaml:5: rule 'r': when: variables.x is not declared"},
    {"variable before it is there",
     PACK "rules:\n" RULE ", variables: {a: variables.b, b: 'true'}}\n",
     "t.yaml:5: rule 'r': variable 'a': variables.b is not declared"},
    {"variables as a value",
     PACK "rules:\n" RULE ", variables: {a: 'true'}, when: variables == 1}\n",
     "t.yaml:5: rule 'r': when: variables must be used as variables.NAME"},
    {"has of a variable",
     PACK "rules:\n" RULE ", variables: {a: 'true'}, when: has(variables.a)}\n",
     "t.yaml:5: rule 'r': when: has() of a variable: a variable is always there"},
    {"a loop that hides", PACK "rules:\n" RULE ", when: '[1].exists(view, view == 1)'}\n",
     "t.yaml:5: rule 'r': when: a loop variable must not have the name of resource, view, "
     "variables, params, subject "
     "or now"},
    {"locate", PACK "rules:\n" RULE ", view: {a: {image: x}}, locate: b}\n",
     "t.yaml:5: rule 'r': locate: the view has no field 'b'"},
    {"required_when alone", PACK "rules:\n" RULE ", required_when: 'true'}\n",
     "t.yaml:5: rule 'r': 'required_when' without 'required: true'"},
    {"required as a word", PACK "rules:\n" RULE ", required: 'yes'}\n",
     "t.yaml:5: rule 'r': 'required': expected true or false, found string"},
    {"controls as text", PACK "rules:\n" RULE ", controls: {pci: \"1.1\"}}\n",
     "t.yaml:5: rule 'r': controls: 'pci': expected a list of strings, found string"},
    {"control as a number", PACK "rules:\n" RULE ", controls: {pci: [1.1]}}\n",
     "t.yaml:5: rule 'r': controls: 'pci': item 1: expected a string, found double"},
    {"control of nothing but a mark", PACK "rules:\n" RULE ", controls: {pci: [\"~\"]}}\n",
     "t.yaml:5: rule 'r': controls: 'pci': '~' marks a control and is none"},
    {"does not compile", PACK "rules:\n" RULE ", when: 'view.'}\n", NULL},
    {"unknown name", PACK "rules:\n" RULE ", when: veiw.x == 1}\n", NULL},
    {"unknown field", PACK "rules:\n" RULE ", view: {a: {image: x}}, when: view.b == 1}\n", NULL},
    {"unknown function", PACK "rules:\n" RULE ", when: kms.is_cmkk('a')}\n", NULL},
    {"test without name", PACK "rules:\n" RULE ", tests: [{resource: {}, expect: pass}]}\n",
     "t.yaml:5: rule 'r': test: 'name' is missing"},
    {"test twice",
     PACK
     "rules:\n" RULE
     ", tests: [{name: a, resource: {}, expect: pass}, {name: a, resource: {}, expect: pass}]}\n",
     "t.yaml:5: rule 'r': test 'a': the name is used twice"},
    {"test source",
     PACK "rules:\n" RULE ", tests: [{name: a, source: model, resource: {}, expect: pass}]}\n",
     "t.yaml:5: rule 'r': test 'a': 'applies' has no row for source 'model'"},
    {"test type",
     PACK "rules:\n" RULE ", tests: [{name: a, type: u, resource: {}, expect: pass}]}\n",
     "t.yaml:5: rule 'r': test 'a': the rule does not apply to image u"},
    {"test without resource", PACK "rules:\n" RULE ", tests: [{name: a, expect: pass}]}\n",
     "t.yaml:5: rule 'r': test 'a': 'resource' is missing, and the rule is not 'required'"},
    {"test outcome", PACK "rules:\n" RULE ", tests: [{name: a, resource: {}, expect: waived}]}\n",
     "t.yaml:5: rule 'r': test 'a': expect: 'waived' is none of pass, fail, unknown, skip, error"},
    {"message of a pass",
     PACK "rules:\n" RULE ", tests: [{name: a, resource: {}, expect: pass, message: m}]}\n",
     "t.yaml:5: rule 'r': test 'a': only a test that expects fail has a message"},
    {"with as text",
     PACK "rules:\n" RULE ", tests: [{name: a, resource: {}, with: [x], expect: pass}]}\n",
     "t.yaml:5: rule 'r': test 'a': with: expected a map, found string"},
    {"with without type",
     PACK "rules:\n" RULE ", tests: [{name: a, resource: {}, with: [{}], expect: pass}]}\n",
     "t.yaml:5: rule 'r': test 'a': with: 'type' is missing"},
    {"tag", PACK "rules:\n" RULE ", tests: [{name: a, resource: {x: !Ref y}, expect: pass}]}\n",
     "t.yaml:5: unknown tag '!Ref'; allowed are !unknown and !ref"},
    {"value of unknown",
     PACK "rules:\n" RULE ", tests: [{name: a, resource: {x: !unknown y}, expect: pass}]}\n",
     "t.yaml:5: !unknown takes no value; a reference is written !ref ADDRESS"},
    {"reference to a map",
     PACK "rules:\n" RULE ", tests: [{name: a, resource: {x: !ref {}}, expect: pass}]}\n",
     "t.yaml:5: !ref takes an address or a list of addresses"},
    {"reference to nothing",
     PACK "rules:\n" RULE ", tests: [{name: a, resource: {x: !ref []}, expect: pass}]}\n",
     "t.yaml:5: !ref takes 1 to 16 addresses"},
    {"an id that is not known", PACK "rules:\n- {id: !unknown , title: T}\n",
     "t.yaml:5: rule: 'id': expected a string, found unknown"},
    {"rule twice", PACK "rules:\n" RULE "}\n" RULE "}\n",
     "t.yaml:6: rule 'r' is already at t.yaml:5"},
    {"pack twice", PACK "rules: []\n---\n" PACK "rules: []\n",
     "t.yaml:8: pack 'p' is already at t.yaml:3"},
    {"control without title",
     "apiVersion: sallyport/v1\nkind: Framework\nmetadata: {id: f, version: a, title: "
     "F}\ncontrols: {\"1\": {}}\n",
     "t.yaml:4: control '1': 'title' is missing"},
    {"control key",
     "apiVersion: sallyport/v1\nkind: Framework\nmetadata: {id: f, version: a, title: "
     "F}\ncontrols: {\"1\": {title: T, "
     "confirm: true}}\n",
     "t.yaml:4: control '1': unknown key 'confirm'; did you mean 'confirmed'?"},
    {"select key",
     "apiVersion: sallyport/v1\nkind: Profile\nmetadata: {id: f, title: F}\nselect: {pack: [a]}\n",
     "t.yaml:4: select: unknown key 'pack'; did you mean 'packs'?"},
    {"no select", "apiVersion: sallyport/v1\nkind: Profile\nmetadata: {id: f, title: F}\n",
     "t.yaml: select: expected a map, found nothing"},
};

CASES(policies_rule, refuses, refusals)
{
    const struct refusal *c = &refusals[*case_index];
    struct policy p = {0};
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_not(support_try(&p, &a, c->text, &e), "%s: was accepted", c->what);
    cr_expect_eq(strncmp(e.text, "t.yaml", 6), 0, "%s: no place in '%s'", c->what, e.text);
    if (c->want != NULL)
        cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    arena_release(&a);
}

static const char *const bad[] = {"alias", "deep-path", "variables-that-double"};

/* fixtures/rules/bad: each file is refused in the words of the file beside it. */
CASES(policies_rule, refuses_the_fixture, bad)
{
    struct policy p = {0};
    struct slice text, want;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(file_read(arena_printf(&a, "fixtures/rules/bad/%s.yaml", bad[*case_index]), 1 << 20,
                        &a, &text, &e));
    cr_assert(file_read(arena_printf(&a, "fixtures/rules/bad/%s.yaml.want", bad[*case_index]), 4096,
                        &a, &want, &e));
    cr_expect_not(support_try(&p, &a, (const char *)text.data, &e), "%s", bad[*case_index]);
    cr_expect_str_eq(arena_printf(&a, "%s\n", e.text), (const char *)want.data, "%s",
                     bad[*case_index]);
    arena_release(&a);
}

/* A pack of fixtures/, as text. */
static void load_fixture(struct policy *p, struct arena *a, const char *path)
{
    struct slice text;
    struct err e = {0};

    cr_assert(file_read(path, 1 << 20, a, &text, &e), "%s", e.text);
    support_policy(p, a, (const char *)text.data);
}

static void expect_tests_pass(const char *path, size_t at_least)
{
    struct policy_test_result res;
    struct policy p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    load_fixture(&p, &a, path);
    cr_assert(policy_test_run(&p, NULL, &a, &res, &e), "%s", e.text);
    cr_expect_geq(res.n, at_least);
    cr_expect_eq(res.npassed + res.nfailed, res.n);
    for (size_t i = 0; i < res.n; i++)
        cr_expect(res.cases[i].passed, "%s: %s: %s", res.cases[i].rule->id, res.cases[i].test->name,
                  res.cases[i].text);
    arena_release(&a);
}

Test(policies_rule, every_outcome_of_the_fixture)
{
    expect_tests_pass("fixtures/rules/good/outcomes.yaml", 20);
}

Test(policies_rule, every_question_to_the_host)
{
    expect_tests_pass("fixtures/rules/good/host.yaml", 90);
    expect_tests_pass("fixtures/rules/good/host-iam.yaml", 40);
}

Test(policies_rule, reads_every_part)
{
    const struct rule *r;
    struct policy p;
    struct arena a;

    arena_init(&a);
    load_fixture(&p, &a, "fixtures/rules/good/outcomes.yaml");
    cr_assert_eq(p.rules.n, 4);
    cr_assert_eq(p.rules.npacks, 1);
    cr_expect_eq(p.rules.nframeworks, 1);
    cr_expect_eq(p.rules.nprofiles, 2);
    cr_expect_eq(p.rules.ndata, 1);
    cr_expect_str_eq(p.rules.data[0].kind, "Taxonomy");
    cr_expect_str_eq(p.rules.packs[0].version, "2.1.0");
    cr_expect_eq(strlen(p.rules.packs[0].digest), strlen("sha256:") + 64);
    r = rule_find(&p.rules, "outcome-count");
    cr_assert_not_null(r);
    cr_expect_null(rule_find(&p.rules, "outcome-coun"));
    cr_expect_eq(r->severity, SEVERITY_MEDIUM);
    cr_expect_eq(r->napplies, 2);
    cr_expect_null(r->applies[1].source);
    cr_expect_eq(r->views[0].npaths, 3);
    cr_expect_str_eq(r->locate, "n");
    cr_expect_eq(r->ncontrols, 2);
    cr_expect_str_eq(r->controls[1].id, "1.2");
    cr_expect(r->controls[1].supporting);
    cr_expect_not(r->controls[0].supporting);
    cr_expect_str_eq(r->pass_text, "variables.enough && variables.listed // both");
    cr_expect_eq(r->line, 9);
    arena_release(&a);
}

/* A variable is written out where it is used; one that joins or loops is held. */
Test(policies_rule, writes_variables_out)
{
    struct policy p;
    struct arena a;
    const struct rule *r;

    arena_init(&a);
    support_policy(
        &p, &a,
        PACK "rules:\n- id: r\n  title: T\n  severity: low\n  applies: [{type: t}]\n  variables:\n"
             "    a: \"1 // one\"\n    b: variables.a + 1\n    c: resources('x')\n"
             "    d: variables.c.size() + variables.b\n    e: \"[now].exists(x, x == now)\"\n"
             "  pass: \"variables.d == 3 && 'variables.a' != r'\\\\' && variables . b == 2 && "
             "variables.e\"\n");
    r = &p.rules.items[0];
    cr_expect_str_eq(r->variables[1].expr.text, "(1 // one\n) + 1");
    cr_expect(r->variables[2].held);
    cr_expect_not(r->variables[3].held);
    cr_expect_not(r->variables[4].held, "a timestamp is no plain value");
    cr_expect_eq(r->pass.uses, UINT64_C(1) << 2);
    cr_expect_str_eq(
        r->pass.text,
        "(variables.c.size() + ((1 // one\n) + 1\n)\n) == 3 && 'variables.a' != r'\\' && "
        "((1 // one\n) + 1\n) == 2 && ([now].exists(x, x == now))");
    arena_release(&a);
}

/* A wrong expectation must be told: a test that cannot fail is none. */
Test(policies_rule, a_test_can_fail)
{
    struct policy_test_result res;
    struct policy p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    support_policy(
        &p, &a,
        PACK "rules:\n- id: r\n  title: T\n  severity: low\n  applies: [{source: image, type: t}]\n"
             "  view: {x: {image: x, default: 1}}\n  pass: view.x == 2\n  message: \"'x is "
             "%d'.format([view.x])\"\n"
             "  tests:\n  - {name: a, resource: {}, expect: pass}\n"
             "  - {name: b, resource: {}, expect: fail, message: x is 2}\n"
             "  - {name: c, resource: {}, expect: fail, params: {y: 1}}\n"
             "  - {name: d, resource: {x: a}, expect: fail}\n");
    cr_assert(policy_test_run(&p, NULL, &a, &res, &e), "%s", e.text);
    cr_assert_eq(res.n, 4);
    cr_expect_eq(res.nfailed, 4);
    cr_expect_str_eq(res.cases[0].got, "fail");
    cr_expect_eq(strncmp(res.cases[0].text, "expected pass, got fail: view.x == 2", 36), 0, "%s",
                 res.cases[0].text);
    cr_expect_str_eq(res.cases[1].text, "expected the message \"x is 2\", got \"x is 1\"");
    cr_expect_str_eq(res.cases[2].text, "params: the pack has no parameter 'y'");
    cr_expect_not_null(strstr(res.cases[3].text, EVALUATE_NO_MESSAGE));
    cr_expect_not(policy_test_run(&p, "s", &a, &res, &e));
    cr_expect_str_eq(e.text, "no rule has the id 's'");
    arena_release(&a);
}

static const struct {
    const char *what, *path, *want;
} paths[] = {
    {"empty", "", "an empty name"},
    {"dot", ".", "an empty name"},
    {"dot at the end", "a.", "an empty name"},
    {"open quote", "a.\"b", "the quoted name has no end"},
    {"empty quotes", "\"\"", "an empty name"},
    {"behind a quote", "\"a\"b", "expected a dot or the end"},
    {"at the cap", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", ""},
    {"past the cap", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a",
     "more than 32 steps (LIMIT_VIEW_STEPS)"},
    {"all kinds", "a.0.*.\"x.y\"", ""},
};

CASES(policies_rule, view_paths, paths)
{
    const struct view_path *p = NULL;
    struct err e = {0};
    struct arena a;
    void *block;
    struct slice text = support_copy(paths[*case_index].path, &block);

    arena_init(&a);
    cr_expect_eq(view_compile(text, &a, &p, &e), paths[*case_index].want[0] == '\0', "%s",
                 paths[*case_index].what);
    cr_expect_str_eq(e.text, paths[*case_index].want, "%s", paths[*case_index].what);
    free(block);
    arena_release(&a);
}

static const struct {
    const char *pattern, *text;
    bool want;
} globs[] = {
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "a/b", true},
    {"a*", "abc", true},
    {"*c", "abc", true},
    {"a*c", "abcd", false},
    {"a*b*c", "aXbYbZc", true},
    {"?", "", false},
    {"?", "ä", true},
    {"??", "ä", false},
    {"a**b", "ab", true},
    {"[a]", "a", false},
    {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    {"x.y[0]", "x.y[0]", true},
    {"x.y", "xzy", false},
};

CASES(policies_rule, globs_match, globs)
{
    void *pattern, *text;
    struct slice p = support_copy(globs[*case_index].pattern, &pattern);
    struct slice t = support_copy(globs[*case_index].text, &text);

    cr_expect_eq(glob_match(p, t), globs[*case_index].want, "%s ~ %s", globs[*case_index].pattern,
                 globs[*case_index].text);
    free(pattern);
    free(text);
}
