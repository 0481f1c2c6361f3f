#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "gate/call.h"
#include "gate/say.h"
#include "signing/signing.h"

int cmd_keygen(int argc, char **argv);
const struct command_option *cmd_keygen_options(void);

const struct command_option *cmd_keygen_options(void)
{
    static const struct command_option table[] = {
        {"type", 0, "TYPE", "ecdsa-p256 (default), ecdsa-p384, ed25519, rsa-pss", false},
        {"output", 'o', "PREFIX", "writes PREFIX.key and PREFIX.pub (default sallyport)", false},
        {"force", 0, NULL, "overwrite existing files", false},
        {"no-password", 0, NULL, "write the private key unencrypted", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

static bool kind_of(const char *text, enum key_kind *out, struct err *e)
{
    static const enum key_kind kinds[] = {KEY_ECDSA_P256, KEY_ECDSA_P384, KEY_ED25519, KEY_RSA_PSS};

    *out = KEY_ECDSA_P256;
    for (size_t i = 0; i < ARRAY_LEN(kinds) && text != NULL; i++)
        if (strcmp(text, key_kind_name(kinds[i])) == 0) {
            *out = kinds[i];
            return true;
        }
    return text == NULL || err_fail(e, ERR_USAGE,
                                    "--type %s: ecdsa-p256, ecdsa-p384, ed25519 or "
                                    "rsa-pss",
                                    text);
}

/* Asked of both files before either is written: half a pair would be worse than none. */
static bool free_to_write(const char *path, bool force, struct err *e)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return true;
    if (S_ISDIR(st.st_mode))
        return err_fail(e, ERR_USAGE, "%s is a folder; choose another --output", path);
    if (force)
        return true;
    return err_fail(e, ERR_USAGE, "%s exists; choose another --output, or --force", path);
}

static bool generate(struct call *c)
{
    const struct options *o = c->o;
    const char *prefix = options_get(o, "output") != NULL ? options_get(o, "output") : "sallyport";
    const char *private_path = arena_printf(c->arena, "%s.key", prefix);
    const char *public_path = arena_printf(c->arena, "%s.pub", prefix);
    const char *password = getenv("SALLYPORT_KEY_PASSWORD");
    const bool force = options_has(o, "force");
    struct buf private_pem, public_pem;
    enum key_kind kind;
    bool ok;

    if (o->nargs > 0)
        return err_fail(c->e, ERR_USAGE, "keygen takes no operand; --output names the files");
    if (prefix[0] == '\0')
        return err_fail(c->e, ERR_USAGE, "--output is empty; it names PREFIX.key and PREFIX.pub");
    if (!kind_of(options_get(o, "type"), &kind, c->e))
        return false;
    if (password == NULL && !options_has(o, "no-password"))
        return err_fail(c->e, ERR_USAGE,
                        "set SALLYPORT_KEY_PASSWORD to encrypt the private key, or "
                        "say --no-password");
    if (!free_to_write(private_path, force, c->e) || !free_to_write(public_path, force, c->e))
        return false;
    buf_init(&private_pem, 1u << 16);
    buf_init(&public_pem, 1u << 16);
    ok = key_generate(kind, options_has(o, "no-password") ? NULL : password, &private_pem,
                      &public_pem, c->e) &&
         file_write(private_path, buf_slice(&private_pem), 0600, c->e) &&
         file_write(public_path, buf_slice(&public_pem), 0644, c->e);
    if (private_pem.data != NULL)
        explicit_bzero(private_pem.data, private_pem.cap);
    buf_release(&private_pem);
    buf_release(&public_pem);
    if (ok)
        say_note("wrote %s (keep it secret) and %s", private_path, public_path);
    return ok;
}

int cmd_keygen(int argc, char **argv)
{
    static const struct call_verb verb = {"keygen", cmd_keygen_options, NULL, generate};
    struct call c;

    return call_run(&c, &verb, argc, argv);
}
