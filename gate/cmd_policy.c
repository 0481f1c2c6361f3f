/* policy test | lint | list | docs: the tests beside the rules, what is
 * wrong with packs, and a page a pack. */
#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "gate/call.h"
#include "gate/policy_pages.h"
#include "policies/policy_lint.h"
#include "policies/policy_test.h"

int cmd_policy(int argc, char **argv);
const struct command_option *cmd_policy_options(void);

#define PAGE_MAX (64u << 20) /* bytes of a pack's page */

const struct command_option *cmd_policy_options(void)
{
    static const struct command_option table[] = {
        {"rules", 0, "DIR", "these rules instead of the built-in ones", false},
        {"rule", 0, "ID", "test: this rule only", false},
        {"output", 'o', "DIR", "docs: where the pages go (default docs/rules)", false},
        {"verbose", 0, NULL, "test: name what passed, too; lint: warnings, too", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

static struct policy_options sources(const struct call *c)
{
    return (struct policy_options){.rules_dir = options_get(c->o, "rules"),
                                   .extra = c->o->nargs > 1 ? c->o->args + 1 : NULL,
                                   .fail_on = SEVERITY_MEDIUM};
}

static bool load(const struct call *c, struct policy *p)
{
    const struct policy_options opt = sources(c);

    return policy_load(&opt, c->arena, p, c->e) || command_own_file(c->e);
}

static void line(struct buf *b, const char *text)
{
    escape_terminal(b, slice_str(text));
    buf_u8(b, '\n');
}

static bool run_test(struct call *c)
{
    struct policy_test_result r;
    struct policy p;

    if (!load(c, &p) || !policy_test_run(&p, options_get(c->o, "rule"), c->arena, &r, c->e))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        const struct policy_test_case *t = &r.cases[i];

        if (t->passed && !options_has(c->o, "verbose"))
            continue;
        line(c->out, arena_printf(c->arena, "%s %s: %s (%s:%u)%s%s", t->passed ? "ok" : "not ok",
                                  t->rule->id, t->test->name, t->rule->file, t->test->line,
                                  t->text != NULL ? ": " : "", t->text != NULL ? t->text : ""));
    }
    buf_count(c->out, r.nrules, "rule");
    buf_printf(c->out, ", %zu without a test\n%zu passed, %zu failed\n", r.nuntested, r.npassed,
               r.nfailed);
    c->status = r.nfailed > 0 ? EXIT_DENY : EXIT_ALLOW;
    return true;
}

static const char *problem_line(const struct problem *p, struct arena *a)
{
    const char *file = p->file != NULL ? p->file : "rules";
    const char *place = p->line > 0 ? arena_printf(a, "%s:%u", file, p->line) : file;

    return arena_printf(a, "%s: %s: %s", place, problem_level_name(p->level), p->text);
}

static bool run_lint(struct call *c)
{
    const struct policy_options opt = sources(c);
    struct problem_list list = {.arena = c->arena};
    size_t nerrors = 0, nwarnings = 0;

    if (!policy_lint_run(&opt, c->arena, &list, c->e))
        return command_own_file(c->e);
    for (size_t i = 0; i < list.n; i++) {
        const struct problem *p = &list.items[i];
        const bool error = p->level == PROBLEM_ERROR;

        nerrors += error;
        nwarnings += !error;
        if (error || options_has(c->o, "verbose"))
            line(c->out, problem_line(p, c->arena));
    }
    buf_count(c->out, nerrors, "error");
    buf_str(c->out, ", ");
    buf_count(c->out, nwarnings, "warning");
    buf_u8(c->out, '\n');
    c->status = nerrors > 0 ? EXIT_USAGE : EXIT_ALLOW;
    return true;
}

static bool run_list(struct call *c)
{
    struct policy p;

    if (!load(c, &p))
        return false;
    for (size_t i = 0; i < p.rules.n; i++)
        line(c->out,
             arena_printf(c->arena, "%-9s %-20s %s  %s", severity_name(p.rules.items[i].severity),
                          p.rules.items[i].pack, p.rules.items[i].id, p.rules.items[i].title));
    return true;
}

static bool run_docs(struct call *c)
{
    const char *dir = options_get(c->o, "output");
    struct policy p;

    if (dir == NULL)
        dir = "docs/rules";
    if (!load(c, &p) || !file_mkdirs(dir, c->e))
        return false;
    for (size_t i = 0; i < p.rules.npacks; i++) {
        const char *path = arena_printf(c->arena, "%s/%s.md", dir, p.rules.packs[i].id);
        struct buf page;
        bool ok;

        buf_init(&page, PAGE_MAX);
        ok = policy_pages_pack(&p, &p.rules.packs[i], c->arena, &page, c->e) &&
             buf_finish(&page, c->e) && file_write(path, buf_slice(&page), 0644, c->e);
        buf_release(&page);
        if (!ok)
            return false;
    }
    buf_printf(c->out, "%zu pages in %s\n", p.rules.npacks, dir);
    return true;
}

/* An option of another verb would be passed over: `policy lint --rule ID` looked at everything. */
static bool takes_options(const struct call *c, const char *const *takes)
{
    for (size_t i = 0; i < c->o->nvalues; i++) {
        const char *name = c->o->values[i].option->name;
        size_t k = 0;

        while (takes[k] != NULL && strcmp(takes[k], name) != 0)
            k++;
        if (takes[k] == NULL)
            return err_fail(c->e, ERR_USAGE, "policy %s takes no --%s", c->o->args[0], name);
    }
    return true;
}

static bool run(struct call *c)
{
    static const struct {
        const char *name;
        bool (*run)(struct call *c);
        const char *takes[4]; /* options; ends with a NULL */
    } verbs[] = {{"test", run_test, {"rules", "rule", "verbose"}},
                 {"lint", run_lint, {"rules", "verbose"}},
                 {"list", run_list, {"rules"}},
                 {"docs", run_docs, {"rules", "output"}}};

    for (size_t i = 0; i < ARRAY_LEN(verbs) && c->o->nargs > 0; i++)
        if (strcmp(c->o->args[0], verbs[i].name) == 0)
            return takes_options(c, verbs[i].takes) && verbs[i].run(c);
    return err_fail(c->e, ERR_USAGE, "say what to do: policy test, lint, list or docs");
}

int cmd_policy(int argc, char **argv)
{
    static const struct call_verb verb = {"policy", cmd_policy_options, NULL, run};
    struct call c;

    return call_run(&c, &verb, argc, argv);
}
