#include <archive.h>
#include <openssl/crypto.h>
#include <yaml.h>
#include <zstd.h>

#include "base/version.h"
#include "base/buf.h"
#include "gate/finish.h"
#include "gate/options.h"
#include "gate/say.h"

int cmd_version(int argc, char **argv);
const struct command_option *cmd_version_options(void);

const struct command_option *cmd_version_options(void)
{
    static const struct command_option table[] = {{NULL, 0, NULL, NULL, false}};

    return table;
}

int cmd_version(int argc, char **argv)
{
    struct arena a;
    struct options o;
    struct buf b;
    struct err e = {0};
    int status = EXIT_ALLOW;

    arena_init(&a);
    buf_init(&b, 1u << 12);
    if (!options_parse(&(struct command_line){argc, argv, cmd_version_options()}, &a, &o, &e)) {
        status = finish_error(&e, NULL);
    } else if (o.help) {
        status = finish_help("version");
    } else {
        buf_printf(&b, "sallyport %s\n%s\n%s\nzstd %s\nlibyaml %s\n", SALLYPORT_VERSION,
                   OpenSSL_version(OPENSSL_VERSION), archive_version_string(), ZSTD_versionString(),
                   yaml_get_version_string());
        if (!buf_finish(&b, &e) || !say_out(buf_slice(&b), &e))
            status = finish_error(&e, NULL);
    }
    buf_release(&b);
    arena_release(&a);
    return status;
}
