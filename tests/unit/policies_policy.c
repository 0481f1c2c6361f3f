#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "policies/policy_explain.h"
#include "policies/policy_lint.h"
#include "policies/rule_read.h"
#include "tests/lib/cases.h"
#include "tests/unit/policies_support.h"

#define GOOD "fixtures/rules/good/outcomes.yaml"
#define MORE                                                                                       \
    "apiVersion: sallyport/v1\nkind: RulePack\nmetadata: {id: mine, version: 1.0.0, title: "       \
    "Mine}\n"                                                                                      \
    "params: {least: {type: int, default: 9}}\n"                                                   \
    "rules:\n- {id: mine, title: M, severity: high, applies: [{type: box}], pass: params.least "   \
    "== 9}\n"

/* ---- folders of a test ---- */
static char folders[8][64];
static size_t nfolders;

static const char *folder(void)
{
    char *path = folders[nfolders++];

    cr_assert_leq(nfolders, ARRAY_LEN(folders));
    memcpy(path, "/tmp/policies_policy.XXXXXX", sizeof("/tmp/policies_policy.XXXXXX"));
    cr_assert_not_null(mkdtemp(path));
    return path;
}

static int drop_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void drop_folders(void)
{
    for (size_t i = 0; i < nfolders; i++)
        cr_expect_eq(nftw(folders[i], drop_one, 8, FTW_DEPTH | FTW_PHYS), 0, "%s", folders[i]);
}

TestSuite(policies_policy, .fini = drop_folders);

static const char *put(struct arena *a, const char *dir, const char *name, const char *text)
{
    const char *path = arena_printf(a, "%s/%s", dir, name);
    struct err e = {0};

    cr_assert(file_write(path, slice_str(text), 0644, &e), "%s", e.text);
    return path;
}

static size_t selected(const struct policy *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->rules.n; i++)
        n += p->rules.items[i].selected;
    return n;
}

struct choice {
    const char *what, *profiles[3];
    const char *picks[5]; /* ids, sorted */
    const char *error;
};

static const struct choice choices[] = {
    {"the default", {NULL}, {"outcome-count", "outcome-demand", "outcome-time"}, NULL},
    {"tags, rules and frameworks", {"strict"}, {"outcome-count", "outcome-time"}, NULL},
    {"both", {"strict", "baseline"}, {"outcome-count", "outcome-demand", "outcome-time"}, NULL},
    {"none such", {"baselin"}, {NULL}, "no profile 'baselin'; did you mean 'baseline'?"},
};

CASES(policies_policy, profiles_select, choices)
{
    const struct choice *c = &choices[*case_index];
    struct policy_options opt = {
        .rules_dir = GOOD, .profiles = c->profiles, .fail_on = SEVERITY_HIGH};
    struct policy p = {0};
    struct err e = {0};
    struct arena a;
    size_t n = 0;

    arena_init(&a);
    cr_expect_eq(policy_load(&opt, &a, &p, &e), c->error == NULL, "%s: %s", c->what, e.text);
    if (c->error != NULL)
        cr_expect_str_eq(e.text, c->error, "%s", c->what);
    for (size_t i = 0; i < p.rules.n; i++)
        if (p.rules.items[i].selected)
            cr_expect_str_eq(p.rules.items[i].id, c->picks[n++], "%s", c->what);
    cr_expect(c->picks[n] == NULL, "%s: %zu selected", c->what, n);
    arena_release(&a);
}

Test(policies_policy, own_rules_are_in_force)
{
    struct policy p;
    struct err e = {0};
    struct arena a;
    const char *dir, *extra[2] = {0};
    struct policy_options opt = {.rules_dir = GOOD, .extra = extra};

    arena_init(&a);
    dir = extra[0] = folder();
    cr_assert_eq(mkdir(arena_printf(&a, "%s/sub", dir), 0755), 0);
    cr_expect_not(policy_load(&opt, &a, &p, &e));
    cr_expect_str_eq(e.text, arena_printf(&a, "%s: the folder holds no *.yaml file", dir));
    err_clear(&e);
    put(&a, dir, "sub/mine.yml", MORE);
    put(&a, dir, "sub/.hidden.yaml", "nonsense");
    put(&a, dir, "README.md", "nonsense");
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_eq(selected(&p), 4);
    cr_expect(rule_find(&p.rules, "mine")->selected);
    /* what the operator added may not hide in a corner that the loader only digests */
    cr_assert_eq(mkdir(arena_printf(&a, "%s/detectors", dir), 0755), 0);
    put(&a, dir, "detectors/x.yaml", "nonsense");
    cr_expect_not(policy_load(&opt, &a, &p, &e));
    arena_release(&a);
}

struct override {
    const char *what, *params; /* YAML */
    int64_t outcomes, mine;    /* params.least of the two packs */
    const char *error;
};

static const struct override overrides[] = {
    {"defaults", NULL, 5, 5, NULL}, /* the profile says 5 for all */
    {"for all", "{least: 7}", 7, 7, NULL},
    {"for one", "{mine: {least: 7}}", 5, 7, NULL},
    {"for all and one", "{least: 6, mine: {least: 7}}", 6, 7, NULL},
    {"unknown", "{mosst: 7}", 0, 0, "params: no pack has a parameter 'mosst'"},
    {"misspelt", "{last: 7}", 0, 0,
     "params: no pack has a parameter 'last'; did you mean 'least'?"},
    {"unknown in the pack", "{mine: {names: []}}", 0, 0, "pack 'mine' has no parameter 'names'"},
    {"wrong type", "{least: many}", 0, 0,
     "parameter 'least' of pack 'outcomes': expected int, found string"},
    {"wrong items", "{names: [1]}", 0, 0,
     "parameter 'names' of pack 'outcomes': expected list(string), found list"},
    {"no map", "[]", 0, 0, "params: expected a map, found list"},
};

CASES(policies_policy, params_override, overrides)
{
    const struct override *c = &overrides[*case_index];
    static const char *const strict[] = {"strict", NULL};
    const char *extra[2] = {0};
    struct policy_options opt = {.rules_dir = GOOD, .extra = extra, .profiles = strict};
    struct policy p;
    struct err e = {0};
    struct arena a;
    bool done;

    arena_init(&a);
    extra[0] = put(&a, folder(), "mine.yaml", MORE);
    if (c->params != NULL) {
        struct schema_doc d = {
            "p", slice_str(arena_printf(&a, "apiVersion: sallyport/v1\np: %s\n", c->params)), &a,
            false};
        const struct value *docs;

        cr_assert(rule_file_documents(&d, &docs, &e), "%s", e.text);
        opt.params = value_path(docs, "0.p");
    }
    done = policy_load(&opt, &a, &p, &e);
    cr_expect_eq(done, c->error == NULL, "%s: %s", c->what, e.text);
    if (c->error != NULL)
        cr_expect_str_eq(e.text, c->error, "%s", c->what);
    else if (done) {
        cr_expect_eq(value_int_or(value_get(p.rules.packs[0].values, "least"), 0), c->outcomes,
                     "%s", c->what);
        cr_expect_eq(value_int_or(value_get(p.rules.packs[1].values, "least"), 0), c->mine, "%s",
                     c->what);
    }
    arena_release(&a);
}

/* Everything that decides is in the digest; where the files lie is not. */
Test(policies_policy, digest)
{
    static const char *const strict[] = {"strict", NULL};
    struct policy_options opt = {.rules_dir = GOOD, .fail_on = SEVERITY_HIGH};
    struct policy first, p;
    struct slice text;
    struct err e = {0};
    struct arena a;
    const char *dir, *extra[2] = {0};

    arena_init(&a);
    dir = folder();
    cr_assert(policy_load(&opt, &a, &first, &e), "%s", e.text);
    cr_expect_eq(strlen(first.digest), 71);
    cr_assert(file_read(GOOD, 1 << 20, &a, &text, &e));
    opt.rules_dir = put(&a, dir, "elsewhere.yaml", (const char *)text.data);
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_str_eq(p.digest, first.digest, "the same files at another place");
    opt.fail_on = SEVERITY_LOW;
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_str_neq(p.digest, first.digest, "fail_on");
    opt.fail_on = SEVERITY_HIGH;
    opt.profiles = strict;
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_str_neq(p.digest, first.digest, "profiles");
    opt.profiles = NULL;
    opt.params = support_map(&a, "least", value_int(&a, 3, NULL));
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_str_neq(p.digest, first.digest, "params");
    opt.params = NULL;
    opt.waivers_file = "fixtures/waivers/good/two.yaml";
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_str_neq(p.digest, first.digest, "waivers");
    cr_expect_eq(p.nwaivers, 3);
    opt.waivers_file = NULL;
    extra[0] = put(&a, dir, "mine.yaml", MORE);
    opt.extra = extra;
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_expect_str_neq(p.digest, first.digest, "own rules");
    arena_release(&a);
}

struct complaint {
    const char *what, *rule; /* the members behind `pass` of a rule that is otherwise fine */
    enum problem_level level;
    const char *want;
};

#define FINE "fix: F, description: D, view: {n: {image: n, default: 0}}, pass: view.n > 1, "
#define TESTS                                                                                      \
    "tests: [{name: a, resource: {n: 2}, expect: pass}, {name: b, resource: {}, expect: fail}, "   \
    "{name: c, resource: {n: !unknown }, expect: unknown}]"

static const struct complaint complaints[] = {
    {"nothing", FINE TESTS, PROBLEM_WARNING, NULL},
    {"no fix", "description: D, view: {n: {image: n, default: 0}}, pass: view.n > 1, " TESTS,
     PROBLEM_ERROR, "rule 'r': 'fix' is missing: what should be done?"},
    {"no tests", FINE "tags: [a]", PROBLEM_ERROR, "rule 'r': no test expects fail"},
    {"no unknown",
     FINE
     "tests: [{name: a, resource: {n: 2}, expect: pass}, {name: b, resource: {}, expect: fail}]",
     PROBLEM_WARNING, "rule 'r': no test expects unknown, though an unknown view.n gives it"},
    {"a test that fails", FINE TESTS ", required: false, when: view.n != 2", PROBLEM_ERROR,
     "rule 'r': test 'a': expected pass, got skip"},
    {"a control of nowhere", FINE TESTS ", controls: {demo2: [\"1\"]}", PROBLEM_ERROR,
     "rule 'r': controls: unknown framework 'demo2'"},
    {"no such control", FINE TESTS ", controls: {demo: [\"2\"]}", PROBLEM_ERROR,
     "rule 'r': controls: framework 'demo' has no control '2'"},
    {"a view for another source",
     "fix: F, description: D, view: {n: {image: n, model: n, default: 0}}, pass: view.n > "
     "1, " TESTS,
     PROBLEM_ERROR, "rule 'r': view 'n': the rule does not apply to source 'model'"},
    {"a view that nobody uses",
     "fix: F, description: D, view: {n: {image: n, default: 0}, m: {image: m, default: 0}}, "
     "pass: view.n > 1, " TESTS,
     PROBLEM_WARNING, "rule 'r': view 'm' is not used"},
    {"a view without default",
     "fix: F, description: D, view: {n: {model: n}}, pass: view.?n.orValue(0) > 1, tags: []",
     PROBLEM_WARNING, "rule 'r': view 'n': no path for source 'image', and no default"},
    {"a variable that nobody uses", FINE TESTS ", variables: {v: 'true'}", PROBLEM_WARNING,
     "rule 'r': variable 'v' is not used"},
    {"a message that is no text", FINE TESTS ", message: view.n", PROBLEM_ERROR,
     "rule 'r': test 'b': the message is no string: T (the rule's own message could not be made: "
     "it is not a string)"},
    {"a reference in the clear", FINE TESTS ", references: [\"http://x/\"]", PROBLEM_ERROR,
     "rule 'r': reference 'http://x/' is not an https address"},
    {"what the loader refuses", FINE TESTS ", sevrity: low", PROBLEM_ERROR,
     "rule 'r': unknown key 'sevrity'; did you mean 'severity'?"},
};

static bool told(const struct problem_list *l, const struct complaint *c)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].level == c->level && strcmp(l->items[i].text, c->want) == 0)
            return l->items[i].line == 4 || l->items[i].line == 5;
    return false;
}

CASES(policies_policy, lint, complaints)
{
    const struct complaint *c = &complaints[*case_index];
    struct policy_options opt = {0};
    struct problem_list list;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    opt.rules_dir = put(
        &a, folder(), "p.yaml",
        arena_printf(
            &a,
            PACK
            "rules: [{id: r, title: T, severity: low, applies: [{source: image, type: t}], %s}]\n"
            "---\napiVersion: sallyport/v1\nkind: Framework\n"
            "metadata: {id: demo, version: a, title: D}\ncontrols: {\"1\": {title: C}}\n",
            c->rule));
    cr_assert(policy_lint_run(&opt, &a, &list, &e), "%s", e.text);
    if (c->want == NULL)
        cr_expect_eq(list.n, 0, "%s: %s", c->what, list.n == 0 ? "" : list.items[0].text);
    else
        cr_expect(told(&list, c), "%s: %zu problems, the first: %s", c->what, list.n,
                  list.n == 0 ? "" : list.items[0].text);
    arena_release(&a);
}

/* Every problem of every file, not the first. */
Test(policies_policy, lint_goes_on)
{
    struct policy_options opt = {0};
    struct problem_list list;
    struct err e = {0};
    struct arena a;
    size_t errors = 0;

    arena_init(&a);
    opt.rules_dir = folder();
    put(&a, opt.rules_dir, "a.yaml", "a: [");
    put(&a, opt.rules_dir, "b.yaml", PACK "rules:\n- {id: r}\n- {id: s}\n---\nkind: x\n");
    put(&a, opt.rules_dir, "c.yaml",
        PACK "rules: []\n---\napiVersion: sallyport/v1\nkind: Nothing\n");
    cr_assert(policy_lint_run(&opt, &a, &list, &e), "%s", e.text);
    for (size_t i = 0; i < list.n; i++)
        errors += list.items[i].level == PROBLEM_ERROR;
    cr_expect_eq(errors, 3, "a.yaml, the missing apiVersion of b.yaml, the kind of c.yaml: %zu",
                 errors);
    arena_release(&a);
}

Test(policies_policy, explains)
{
    struct policy_options opt = {.rules_dir = GOOD, .fail_on = SEVERITY_HIGH};
    const struct value *doc;
    struct policy p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(policy_load(&opt, &a, &p, &e), "%s", e.text);
    cr_assert(policy_explain(&p, "outcome-count", &a, &doc, &e), "%s", e.text);
    cr_expect_str_eq(value_cstr(value_path(doc, "pack.version"), ""), "2.1.0");
    cr_expect_str_eq(value_cstr(value_path(doc, "view.0.paths.kubernetes.1"), ""), "replicas");
    cr_expect_eq(value_int_or(value_path(doc, "view.0.default"), 0), 1);
    cr_expect_eq(value_int_or(value_path(doc, "params.least"), 0), 2);
    cr_expect_str_eq(value_cstr(value_path(doc, "variables.0.text"), ""), "params.least");
    cr_expect_str_eq(value_cstr(value_path(doc, "controls.0.title"), ""), "Enough of it");
    cr_expect(value_true(value_path(doc, "controls.0.confirmed")));
    cr_expect_not(value_true(value_path(doc, "controls.1.confirmed")));
    cr_expect(value_true(value_path(doc, "selected")));
    cr_expect_eq(value_len(value_path(doc, "tests")), 12);
    cr_expect_not(policy_explain(&p, "outcome-cont", &a, &doc, &e));
    cr_expect_str_eq(e.text, "no rule has the id 'outcome-cont'; did you mean 'outcome-count'?");
    arena_release(&a);
}

/* Many resources and many rules in one pass; the joins are indexed. */
Test(policies_policy, many, .timeout = 60)
{
    enum { BOXES = 3000, RULES_N = 20 };
    struct findings fs;
    struct facts facts;
    struct policy p;
    struct value_builder b;
    struct err e = {0};
    struct arena a;
    const char *text = PACK "rules:\n";

    arena_init(&a);
    for (int i = 0; i < RULES_N; i++)
        text = arena_printf(
            &a,
            "%s- {id: r-%d, title: T, severity: low, applies: [{type: box}], view: {n: n}, "
            "pass: \"related(resource, 'lid', 'of').size() == 1 && view.n >= %d\"}\n",
            text, i, i);
    support_policy(&p, &a, text);
    facts_init(&facts, &a);
    support_subject(&facts, "s", DIGEST_A);
    for (int i = 0; i < BOXES; i++) {
        const char *address = arena_printf(&a, "box.%d", i);
        const struct slice ref = slice_str(address);
        struct fact lid = {.source = "terraform", .type = "lid", .subject = "s"};

        support_fact(&facts, "s", address, support_map(&a, "n", value_int(&a, i % RULES_N, NULL)));
        value_map_begin(&b, &a);
        value_map_add(&b, "of", value_unknown(&a, "later", &ref, 1, NULL));
        lid.attributes = value_map_end(&b, NULL);
        lid.address = arena_printf(&a, "lid.%d", i);
        facts_add(&facts, &lid);
    }
    cr_assert(policy_evaluate(&p, &facts, 0, &fs, &e), "%s", e.text);
    cr_assert_eq(fs.n, (size_t)BOXES * RULES_N);
    for (size_t i = 0, passed = 0; i < fs.n; i++) {
        passed += fs.rows[i].outcome == OUTCOME_PASS;
        if (i + 1 == fs.n)
            cr_expect_eq(passed, BOXES / RULES_N * (RULES_N * (RULES_N + 1) / 2));
    }
    arena_release(&a);
}

/* What the build read of the built-in rules is what their text says, whatever is left for later. */
Test(policies_policy, built_in_rules_are_read_twice_the_same)
{
    struct policy_options opt = {0};
    struct policy full, lean;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(policy_load(&opt, &a, &full, &e), "%s", e.text);
    opt.lean = true;
    cr_assert(policy_load(&opt, &a, &lean, &e), "%s", e.text);
    cr_expect_str_eq(full.digest, lean.digest);
    cr_assert_eq(full.rules.n, lean.rules.n);
    for (size_t i = 0; i < full.rules.n; i++) {
        const struct rule *want = &full.rules.items[i];
        struct rule *got = &lean.rules.items[i];

        cr_expect(want->ntests > 0 && got->ntests == 0, "%s", want->id);
        cr_expect_eq(got->unread != NULL, !want->required, "%s", want->id);
        cr_expect(rule_read_rest(got, &e), "%s", e.text);
        cr_expect_str_eq(got->id, want->id);
        cr_expect_str_eq(got->pass.text, want->pass.text, "%s", want->id);
        cr_expect_eq(got->line, want->line, "%s", want->id);
        cr_expect_eq(got->nviews, want->nviews, "%s", want->id);
        cr_expect_eq(got->ncontrols, want->ncontrols, "%s", want->id);
        cr_expect_eq(got->selected, want->selected, "%s", want->id);
    }
    arena_release(&a);
}
