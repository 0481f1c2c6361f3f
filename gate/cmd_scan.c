#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/finish.h"

int cmd_scan(int argc, char **argv);
const struct command_option *cmd_scan_options(void);

const struct command_option *cmd_scan_options(void)
{
    static const struct command_option table[] = {
        COMMON_SUBJECT_OPTIONS,
        COMMON_NO_HASH,
        COMMON_POLICY_OPTIONS,
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct scan_call {
    struct call call;
    struct gate_config config;
};

static bool configure(struct call *call)
{
    struct gate_config *config = &((struct scan_call *)call)->config;

    gate_config_init(config);
    if (!common_options_apply(call->o, call->arena, config, call->e))
        return false;
    return config->nsubjects > 0 ||
           err_fail(call->e, ERR_USAGE, "name at least one subject to scan");
}

static bool work(struct call *call)
{
    const struct gate_config *config = &((struct scan_call *)call)->config;

    if (!run_verdict(call->run, config, call->e) || !finish_reports(call->run, config, call->e))
        return false;
    call->status = finish_status(call->run, config);
    return true;
}

int cmd_scan(int argc, char **argv)
{
    static const struct call_verb verb = {"scan", cmd_scan_options, configure, work};
    struct scan_call c;

    return call_run(&c.call, &verb, argc, argv);
}
