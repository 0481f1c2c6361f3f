#include "gate/call.h"
#include "gate/policy_pages.h"
#include "gate/say.h"
#include "policies/policy_explain.h"

int cmd_explain(int argc, char **argv);
const struct command_option *cmd_explain_options(void);

const struct command_option *cmd_explain_options(void)
{
    static const struct command_option table[] = {
        {"rules", 0, "DIR", "these rules instead of the built-in ones", false},
        {"extra-rules", 0, "PATH", "further rule packs", true},
        {"json", 0, NULL, "print everything about the rule as JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

static bool explain(struct call *c)
{
    const struct policy_options opt = {.rules_dir = options_get(c->o, "rules"),
                                       .extra = options_all(c->o, "extra-rules", c->arena),
                                       .fail_on = SEVERITY_MEDIUM};
    const struct value *rule;
    struct policy p;

    if (c->o->nargs != 1)
        return err_fail(c->e, ERR_USAGE, "name one rule; `sallyport policy list` lists them");
    if (!policy_load(&opt, c->arena, &p, c->e))
        return command_own_file(c->e);
    if (!policy_explain(&p, c->o->args[0], c->arena, &rule, c->e))
        return false;
    if (options_has(c->o, "json")) {
        json_out_value(c->json, rule);
        buf_u8(c->out, '\n');
    } else {
        policy_pages_rule(rule, say_width(STDOUT_FILENO), c->out);
    }
    return true;
}

int cmd_explain(int argc, char **argv)
{
    static const struct call_verb verb = {"explain", cmd_explain_options, NULL, explain};
    struct call c;

    return call_run(&c, &verb, argc, argv);
}
