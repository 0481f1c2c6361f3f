#include <string.h>

#include "gate/common_options.h"
#include "gate/finish.h"
#include "gate/run.h"

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

static bool configure(const struct options *o, struct arena *a, struct gate_config *c,
                      struct err *e)
{
    gate_config_init(c);
    if (!common_options_apply(o, a, c, e))
        return false;
    return c->nsubjects > 0 || err_fail(e, ERR_USAGE, "name at least one subject to scan");
}

int cmd_scan(int argc, char **argv)
{
    struct gate_config config;
    struct options o;
    struct run run;
    struct err e = {0};
    int status;

    run_init(&run);
    if (!options_parse(&(struct command_line){argc, argv, cmd_scan_options()}, &run.arena, &o,
                       &e) ||
        (!o.help && !configure(&o, &run.arena, &config, &e)))
        status = finish_error(&e, "`sallyport help scan` explains");
    else if (o.help)
        status = finish_help("scan");
    else if (!run_verdict(&run, &config, &e) || !finish_reports(&run, &config, &e))
        status = finish_error(&e, NULL);
    else
        status = finish_status(&run, &config);
    run_release(&run);
    return status;
}
