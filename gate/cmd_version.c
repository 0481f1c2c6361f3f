#include <archive.h>
#include <openssl/crypto.h>
#include <yaml.h>
#include <zstd.h>

#include "base/version.h"
#include "gate/call.h"

int cmd_version(int argc, char **argv);
const struct command_option *cmd_version_options(void);

const struct command_option *cmd_version_options(void)
{
    static const struct command_option table[] = {{NULL, 0, NULL, NULL, false}};

    return table;
}

static bool version(struct call *c)
{
    if (c->o->nargs > 0)
        return err_fail(c->e, ERR_USAGE, "version takes no operand; found '%s'", c->o->args[0]);
    buf_printf(c->out, "sallyport %s\n%s\n%s\nzstd %s\nlibyaml %s\n", SALLYPORT_VERSION,
               OpenSSL_version(OPENSSL_VERSION), archive_version_string(), ZSTD_versionString(),
               yaml_get_version_string());
    return true;
}

int cmd_version(int argc, char **argv)
{
    static const struct call_verb verb = {"version", cmd_version_options, NULL, version};
    struct call c;

    return call_run(&c, &verb, argc, argv);
}
