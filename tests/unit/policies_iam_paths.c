/* The table of escalation paths: what is refused, and what the built-in one holds. */
#include <string.h>

#include "base/yaml.h"
#include "policies/builtin.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/text/iam_arn.h"
#include "policies/iam/escalate/iam_paths.h"
#include "policies/rule_file.h"
#include "tests/lib/cases.h"

static bool read_paths(const char *text, struct arena *a, struct iam_paths *out, struct err *e)
{
    const struct schema_doc d = {.file = "t.yaml", .text = slice_str(text), .arena = a};
    const struct value *list;

    return rule_file_documents(&d, &list, e) && iam_paths_read(&d, value_item(list, 0), out, e);
}

#define HEAD                                                                                       \
    "apiVersion: sallyport/v1\nkind: EscalationPaths\n"                                            \
    "metadata: {id: e, version: 1.0.0, title: T, description: D, notice: N}\n"                     \
    "categories: {new: {title: T, break: B}}\n"                                                    \
    "objects: {thing: {is: a thing, arn: ['arn:*:x:*:*:thing/*']}}\n"
#define PATH(rest) HEAD "paths:\n- {id: p, title: T, category: new, gain: G, " rest "}\n"
#define PASS "{allow: iam:PassRole, object: passed role}"

static const struct {
    const char *what, *text, *want;
} refused[] = {
    {"an unknown key", HEAD "paths: []\nextra: 1\n", "t.yaml:7: escalation paths: unknown key"},
    {"no notice",
     "apiVersion: sallyport/v1\nkind: EscalationPaths\n"
     "metadata: {id: e, version: 1.0.0, title: T, description: D}\ncategories: {}\nobjects: {}\n",
     "'notice' is missing"},
    {"no paths", HEAD "paths: []\n", "'paths' is a list of 1 to 1000 paths"},
    {"an object without ARNs",
     "apiVersion: sallyport/v1\nkind: EscalationPaths\n"
     "metadata: {id: e, version: 1.0.0, title: T, description: D, notice: N}\n"
     "categories: {}\nobjects: {thing: {is: a thing}}\n",
     "object 'thing': 'arn' is missing"},
    {"an unknown key of a path", PATH("gains: x, ways: [[{allow: a:B}]]"),
     "unknown key 'gains'; did you mean 'gain'?"},
    {"an id that is none",
     HEAD "paths:\n- {id: P, title: T, category: new, gain: G, ways: [[{allow: a:B}]]}\n",
     "path 'P': an id is"},
    {"an unknown category",
     HEAD "paths:\n- {id: p, title: T, category: old, gain: G, ways: [[{allow: a:B}]]}\n",
     "p: no category 'old'"},
    {"a path twice",
     HEAD "paths:\n- {id: p, title: T, category: new, gain: G, ways: [[{allow: a:B}]]}\n"
          "- {id: p, title: T, category: new, gain: G, ways: [[{allow: a:B}]]}\n",
     "path 'p' stands here twice"},
    {"no gain", HEAD "paths:\n- {id: p, title: T, category: new, ways: [[{allow: a:B}]]}\n",
     "'gain' is missing"},
    {"no ways", PATH("mitre: [T1]"), "p: 'ways' is a list of 1 to 16 lists of steps"},
    {"a way without steps", PATH("ways: [[]]"), "p: a way is a list of 1 to 8 steps"},
    {"a pattern of actions", PATH("ways: [[{allow: 'a:*'}]]"), "p: 'a:*' is not one action"},
    {"an action without a service", PATH("ways: [[{allow: Get}]]"), "p: 'Get' is not one action"},
    {"an unknown key of a step", PATH("ways: [[{allow: a:B, on: thing}]]"), "unknown key 'on'"},
    {"an unknown object", PATH("ways: [[{allow: a:B, object: things}]]"), "p: no object 'things'"},
    {"two targets",
     PATH("service: [x.amazonaws.com], ways: [[" PASS ", {allow: a:B, object: another role}]]"),
     "p: 'passed role' and 'another role' in one way"},
    {"a passed role and no service", PATH("ways: [[" PASS "]]"),
     "p: a role is passed, and no 'service' takes it"},
    {"a policy of no role", PATH("ways: [[{allow: a:B, object: policy of the role}]]"),
     "p: 'policy of the role' without 'another role'"},
    {"an unknown circumstance", PATH("when: never, ways: [[{allow: a:B}]]"),
     "p: 'when' is boundary or deny, not 'never'"},
};

CASES(policies_iam_paths, refuses, refused)
{
    struct iam_paths paths;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect(!read_paths(refused[*case_index].text, &a, &paths, &e), "%s",
              refused[*case_index].what);
    cr_expect(strstr(e.text, refused[*case_index].want) != NULL, "%s: got '%s'",
              refused[*case_index].what, e.text);
    cr_expect_eq(e.code, ERR_USAGE, "%s", refused[*case_index].what);
    arena_release(&a);
}

Test(policies_iam_paths, reads_all_of_a_path)
{
    struct iam_paths paths;
    struct err e = {0};
    struct arena a;
    const struct iam_path *p;

    arena_init(&a);
    cr_assert(read_paths(PATH("needs: X, everything: true, when: deny, service: [x.amazonaws.com], "
                              "mitre: [T1], references: [r], ways: [[" PASS
                              ", {allow: x:Make, object: thing}], [{allow: y:Do}]]"),
                         &a, &paths, &e),
              "%s", e.text);
    p = iam_paths_find(&paths, "p");
    cr_assert_not_null(p);
    cr_expect_null(iam_paths_find(&paths, "q"));
    cr_expect_eq(p->nways, 2);
    cr_expect_eq(p->ways[0].steps[0].on, IAM_ON_PASSED_ROLE);
    cr_expect_eq(p->ways[0].steps[1].object, &paths.objects[0]);
    cr_expect_eq(p->ways[1].steps[0].on, IAM_ON_ANYTHING);
    cr_expect(slice_is(p->services.items[0], "x.amazonaws.com"));
    cr_expect(p->everything);
    cr_expect_eq(p->when, IAM_WHEN_DENY);
    cr_expect_str_eq(p->needs, "X");
    cr_expect_str_eq(p->cut, "B", "from the category");
    cr_expect_str_eq(p->mitre[0], "T1");
    cr_expect_str_eq(p->references[0], "r");
    arena_release(&a);
}

/* ---- the built-in table ---- */

static void built_in(struct arena *a, struct iam_paths *out)
{
    const struct builtin_file *f = builtin_files;
    struct schema_doc d = {.file = "built-in", .arena = a};
    const struct value *list;
    struct err e = {0};

    while (strcmp(f->name, "rules/iam/escalations.yaml") != 0)
        f++;
    d.text = (struct slice){f->data, f->len};
    cr_assert(rule_file_documents(&d, &list, &e) &&
                  iam_paths_read(&d, value_item(list, 0), out, &e),
              "%s", e.text);
}

/* May the action be asked on a thing with this pattern? */
static bool asked_on(size_t action, struct slice pattern, struct arena *a)
{
    const struct iam_texts on = iam_actions_resources(action, a);
    const struct iam_arn want = iam_arn_split(pattern, IAM_ARN_RESOURCE);

    for (size_t i = 0; i < on.n; i++) {
        const struct iam_arn has = iam_arn_split(on.items[i], IAM_ARN_RESOURCE);

        if (iam_arn_overlap(&want, &has))
            return true;
    }
    return false;
}

static void check_step(const struct iam_path *p, const struct iam_path_step *s, struct arena *a)
{
    size_t number;

    if (!iam_actions_find(s->action, &number)) {
        cr_expect_fail("%s: no action %.*s", p->id, (int)s->action.len, s->action.data);
        return;
    }
    cr_expect(slice_eq(iam_actions_text(number, a), s->action), "%s: case of %.*s", p->id,
              (int)s->action.len, s->action.data);
    cr_expect_eq(s->on == IAM_ON_ANYTHING, iam_actions_at(number).wildcard_only,
                 "%s: %.*s: an object where there is one, and only there", p->id,
                 (int)s->action.len, s->action.data);
    if (s->on == IAM_ON_OBJECT)
        cr_expect(asked_on(number, s->object->arns.items[0], a), "%s: %.*s is not asked on %s",
                  p->id, (int)s->action.len, s->action.data, s->object->name);
}

Test(policies_iam_paths, actions_of_the_table_exist_and_act_on_what_it_says)
{
    struct iam_paths paths;
    struct arena a;

    arena_init(&a);
    built_in(&a, &paths);
    for (size_t i = 0; i < paths.n; i++)
        for (size_t w = 0; w < paths.items[i].nways; w++)
            for (size_t k = 0; k < paths.items[i].ways[w].n; k++)
                check_step(&paths.items[i], &paths.items[i].ways[w].steps[k], &a);
    arena_release(&a);
}

static bool is_used(const struct iam_paths *p, const struct iam_path_object *o)
{
    for (size_t i = 0; i < p->n; i++)
        for (size_t w = 0; w < p->items[i].nways; w++)
            for (size_t k = 0; k < p->items[i].ways[w].n; k++)
                if (p->items[i].ways[w].steps[k].object == o)
                    return true;
    return false;
}

Test(policies_iam_paths, everything_of_the_table_is_used_and_told)
{
    struct iam_paths paths;
    struct arena a;

    arena_init(&a);
    built_in(&a, &paths);
    for (size_t i = 0; i < paths.nobjects; i++)
        cr_expect(is_used(&paths, &paths.objects[i]), "%s", paths.objects[i].name);
    for (size_t i = 0; i < paths.n; i++) {
        cr_expect_not_null(paths.items[i].mitre[0], "%s", paths.items[i].id);
        cr_expect_not_null(paths.items[i].references[0], "%s", paths.items[i].id);
    }
    arena_release(&a);
}

/* The methods that Rhino Security Labs wrote up first, by their actions. */
static const struct {
    const char *what, *actions;
} rhino[] = {
    {"1", "iam:CreatePolicyVersion"},
    {"2", "iam:SetDefaultPolicyVersion"},
    {"3", "iam:PassRole ec2:RunInstances"},
    {"4", "iam:CreateAccessKey"},
    {"5", "iam:CreateLoginProfile"},
    {"6", "iam:UpdateLoginProfile"},
    {"7", "iam:AttachUserPolicy"},
    {"8", "iam:AttachGroupPolicy"},
    {"9", "iam:AttachRolePolicy"},
    {"10", "iam:PutUserPolicy"},
    {"11", "iam:PutGroupPolicy"},
    {"12", "iam:PutRolePolicy"},
    {"13", "iam:AddUserToGroup"},
    {"14", "iam:UpdateAssumeRolePolicy"},
    {"15", "iam:PassRole lambda:CreateFunction lambda:InvokeFunction"},
    {"16", "iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping"},
    {"17", "lambda:UpdateFunctionCode"},
    {"18", "iam:PassRole glue:CreateDevEndpoint"},
    {"19", "glue:UpdateDevEndpoint"},
    {"20", "iam:PassRole cloudformation:CreateStack"},
    {"21", "iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition "
           "datapipeline:ActivatePipeline"},
};

static bool is_way(const struct iam_path_way *w, const char *actions)
{
    char text[1024] = "";

    for (size_t i = 0; i < w->n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s", i > 0 ? " " : "",
                 (int)w->steps[i].action.len, (const char *)w->steps[i].action.data);
    return strcmp(text, actions) == 0;
}

CASES(policies_iam_paths, has_the_first_that_were_written_up, rhino)
{
    struct iam_paths paths;
    struct arena a;
    bool found = false;

    arena_init(&a);
    built_in(&a, &paths);
    for (size_t i = 0; i < paths.n; i++)
        for (size_t w = 0; w < paths.items[i].nways; w++)
            found = found || is_way(&paths.items[i].ways[w], rhino[*case_index].actions);
    cr_expect(found, "%s: %s", rhino[*case_index].what, rhino[*case_index].actions);
    arena_release(&a);
}
