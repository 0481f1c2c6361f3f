/* gate: the whole road from a gate file to signed attestations. */
#include <string.h>

#include "gate/attest.h"
#include "gate/common_options.h"
#include "gate/finish.h"
#include "gate/run.h"
#include "gate/say.h"

#define DEFAULT_FILE "sallyport.yaml"

int cmd_gate(int argc, char **argv);
const struct command_option *cmd_gate_options(void);

const struct command_option *cmd_gate_options(void)
{
    static const struct command_option table[] = {
        {"config", 'c', "FILE", "the gate file (default " DEFAULT_FILE " in this folder)", false},
        COMMON_SUBJECT_OPTIONS,
        COMMON_POLICY_OPTIONS,
        {"attest", 0, NULL, "sign attestations (implied by --key and by attest.key)", false},
        {"key", 0, "KEY", "signing key: PATH, file:PATH or env://NAME", false},
        {"attest-output", 0, "DIR", "where attestations go (default attestations)", false},
        {"verifier-id", 0, "URI", "who decides; goes into the attestation", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

/* The gate file: the one named, else the one in this folder when no subject is named. */
static bool read_file(const struct options *o, struct arena *a, struct gate_config *c,
                      struct err *e)
{
    const char *path = options_get(o, "config");
    const bool named = o->nargs > 0 || options_has(o, "image") || options_has(o, "model") ||
                       options_has(o, "config-file");

    if (path != NULL)
        return gate_config_read(path, a, c, e);
    if (named)
        return true;
    if (access(DEFAULT_FILE, F_OK) != 0)
        return err_fail(e, ERR_USAGE,
                        "nothing to look at: name subjects, or write a " DEFAULT_FILE);
    say_note("using %s", DEFAULT_FILE);
    return gate_config_read(DEFAULT_FILE, a, c, e);
}

/* What is of attestations and has no key would be passed over, and nothing be signed. */
static bool has_key(const struct options *o, const struct gate_config *c, struct err *e)
{
    static const char *const of_attestations[] = {"attest", "attest-output", "verifier-id"};

    if (c->attest && c->key == NULL)
        return err_fail(e, ERR_USAGE, "attest of the gate file needs a key: attest.key, or --key");
    for (size_t i = 0; i < ARRAY_LEN(of_attestations) && c->key == NULL; i++)
        if (options_has(o, of_attestations[i]))
            return err_fail(e, ERR_USAGE,
                            "--%s needs a key: --key PATH, or attest.key in the "
                            "gate file; `sallyport keygen` makes one",
                            of_attestations[i]);
    if (c->verifier_id[0] == '\0')
        return err_fail(e, ERR_USAGE, "--verifier-id is empty; it says who decides");
    return true;
}

static bool configure(const struct options *o, struct arena *a, struct gate_config *c,
                      struct err *e)
{
    gate_config_init(c);
    if (!read_file(o, a, c, e) || !common_options_apply(o, a, c, e))
        return false;
    if (options_has(o, "key"))
        c->key = options_get(o, "key");
    if (options_has(o, "attest-output"))
        c->attest_output = options_get(o, "attest-output");
    if (options_has(o, "verifier-id"))
        c->verifier_id = options_get(o, "verifier-id");
    c->attest = c->attest || c->key != NULL;
    if (c->nsubjects == 0)
        return err_fail(e, ERR_USAGE, "nothing to look at: the gate file names no subject");
    return has_key(o, c, e) && (!c->attest || attest_check(c, e));
}

static void say_files(const struct gate_config *c, const char **files)
{
    size_t n = 0;

    while (files != NULL && files[n] != NULL)
        n++;
    if (n > 0)
        say_note("wrote %zu files to %s", n, c->attest_output);
}

int cmd_gate(int argc, char **argv)
{
    struct gate_config config;
    const char **files = NULL;
    struct options o;
    struct run run;
    struct err e = {0};
    int status;

    run_init(&run);
    if (!options_parse(&(struct command_line){argc, argv, cmd_gate_options()}, &run.arena, &o,
                       &e) ||
        (!o.help && !configure(&o, &run.arena, &config, &e)))
        status = finish_error(&e, "`sallyport help gate` explains");
    else if (o.help)
        status = finish_help("gate");
    /* a yes is signed last, by a run that did all else */
    else if (!run_verdict(&run, &config, &e) || !finish_reports(&run, &config, &e) ||
             (config.attest && !attest_write(&run.verdict, &config, &run.arena, &files, &e)))
        status = finish_error(&e, NULL);
    else
        status = finish_status(&run, &config);
    if (files != NULL)
        say_files(&config, files);
    run_release(&run);
    return status;
}
