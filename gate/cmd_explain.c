#include "base/buf.h"
#include "base/json_out.h"
#include "gate/finish.h"
#include "gate/options.h"
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

static bool explain(const struct options *o, struct arena *a, struct buf *out, struct err *e)
{
    const struct policy_options opt = {.rules_dir = options_get(o, "rules"),
                                       .extra = options_all(o, "extra-rules", a),
                                       .fail_on = SEVERITY_MEDIUM};
    const struct value *rule;
    struct policy p;

    if (o->nargs != 1)
        return err_fail(e, ERR_USAGE, "name one rule; `sallyport policy list` lists them");
    if (!policy_load(&opt, a, &p, e))
        return command_own_file(e);
    if (!policy_explain(&p, o->args[0], a, &rule, e))
        return false;
    if (options_has(o, "json")) {
        struct json_out json;

        json_out_init(&json, out, JSON_PRETTY);
        json_out_value(&json, rule);
        buf_u8(out, '\n');
    } else {
        policy_pages_rule(rule, out);
    }
    return buf_finish(out, e);
}

int cmd_explain(int argc, char **argv)
{
    struct arena a;
    struct options o;
    struct buf out;
    struct err e = {0};
    int status = EXIT_ALLOW;

    arena_init(&a);
    buf_init(&out, 1u << 22);
    if (!options_parse(&(struct command_line){argc, argv, cmd_explain_options()}, &a, &o, &e))
        status = finish_error(&e, "`sallyport help explain` explains");
    else if (o.help)
        status = finish_help("explain");
    else if (!explain(&o, &a, &out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    buf_release(&out);
    arena_release(&a);
    return status;
}
