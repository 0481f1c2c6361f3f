/* verify: the deploy side. The attestation is a stranger's file, so it is read in
 * a worker that holds public keys only. */
#include <string.h>
#include <time.h>

#include "base/checked.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/when.h"
#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/finish.h"
#include "gate/verify_print.h"
#include "signing/signing.h"

int cmd_verify(int argc, char **argv);
const struct command_option *cmd_verify_options(void);

#define AGE_MAX (100ull * 366 * 86400) /* seconds; a century */

struct request {
    struct call call;
    struct gate_config config;
    const struct value *params;
    const char *subject; /* digest */
};

const struct command_option *cmd_verify_options(void)
{
    static const struct command_option table[] = {
        {"key", 0, "KEY", "a trusted public key: PATH, file:PATH or env://NAME", true},
        {"trust", 0, "FILE", "trust file: keys that may sign verdicts", false},
        {"subject", 0, "DIGEST|IMAGE|FILE", "what is about to be deployed (mandatory)", false},
        {"verifier-id", 0, "URI", "who must have decided (default urn:sallyport:gate:v1)", false},
        {"policy-digest", 0, "DIGEST", "the policy it must have been decided by", false},
        {"resource-uri", 0, "URI", "the resource it must have been decided for", false},
        {"predicate-type", 0, "URI", "default the SLSA verification summary v1", false},
        {"max-age", 0, "AGE", "oldest verdict accepted: 90m, 24h, 7d (default 30d)", false},
        {"threshold", 0, "N", "distinct keys that must have signed (default 1)", false},
        {"foreign", 0, NULL, "accept the layout of other tools' files, not only our own", false},
        {"platform", 0, "OS/ARCH", "which image of an index, when the subject is one", false},
        {"effective-time", 0, "TIME", "verify as of this time (RFC 3339)", false},
        {"sandbox", 0, "MODE", "required (default), best-effort or off", false},
        {"json", 0, NULL, "print the answer as JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

static bool read_age(const char *text, int64_t *out, struct err *e)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    struct slice s = slice_str(text);
    uint64_t n;

    for (size_t i = 0; i < ARRAY_LEN(units) && s.len > 1; i++)
        if (slice_ends(s, units[i].unit) &&
            checked_u64((struct slice){s.data, s.len - 1}, AGE_MAX / units[i].seconds, &n)) {
            *out = (int64_t)(n * units[i].seconds);
            return true;
        }
    return err_fail(e, ERR_USAGE,
                    "--max-age %s: expected a number and s, m, h or d, of a century at most", text);
}

/* PEM for the worker, which opens nothing. */
static bool add_key(struct request *q, const char *ref, struct value_builder *list, struct err *e)
{
    struct key *key;
    struct buf pem;
    bool done;

    if (!key_public(ref, &key, e))
        return command_own_file(e);
    buf_init(&pem, LIMIT_KEY_BYTES);
    done = (key_public_write(key, &pem) || err_fail(e, ERR_CRYPTO, "%s: cannot be written", ref)) &&
           buf_finish(&pem, e);
    if (done)
        value_list_add(list, value_bytes(q->call.arena, buf_slice(&pem), NULL));
    buf_release(&pem);
    key_free(key);
    return done;
}

static bool add_keys(struct request *q, struct value_builder *list, struct err *e)
{
    const char *const *refs = options_all(q->call.o, "key", q->call.arena);
    struct trust trust;

    for (size_t i = 0; refs != NULL && refs[i] != NULL; i++)
        if (!add_key(q, refs[i], list, e))
            return false;
    if (!trust_read(options_get(q->call.o, "trust"), q->call.arena, &trust, e))
        return false;
    for (size_t i = 0; i < trust.nkeys; i++)
        if (trust.keys[i].verdicts)
            value_list_add(list, value_str(q->call.arena, trust.keys[i].pem));
    return list->n > 0 || err_fail(e, ERR_USAGE, "whom to trust? give --key KEY or --trust FILE");
}

/* The first gap of the ledger. */
static const char *why_not(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status == COVERAGE_UNREADABLE && f->coverage[i].reason != NULL)
            return f->coverage[i].reason;
    return "not all of it could be read";
}

/* The digest of a file, or of the image that a name stands for, read as
 * carefully as the gate does. */
static bool digest_subject(struct request *q, const char *text, struct err *e)
{
    static const struct trust nobody = {0};
    struct scan scan;
    bool ok;

    if (!common_options_platform(q->call.o, e))
        return false;
    gate_config_subject(&q->config, NULL, text, "", q->call.arena);
    q->config.subjects[0].platform = options_get(q->call.o, "platform");
    if (!scan_run(&(struct scan_from){&q->config, &nobody, NULL}, q->call.arena, &scan, e))
        return false;
    ok = scan.facts.nsubjects == 1 && scan.facts.subjects[0].digest != NULL;
    if (ok)
        q->subject = arena_strdup(q->call.arena, scan.facts.subjects[0].digest);
    else
        err_set(e, ERR_IO, ERR_NO_OFFSET, "%s: its digest could not be told: %s", text,
                why_not(&scan.facts));
    scan_release(&scan);
    return ok;
}

static bool read_subject(struct request *q, struct err *e)
{
    const char *text = options_get(q->call.o, "subject");
    struct err why = {0};
    struct digest d;

    if (text == NULL)
        return err_fail(e, ERR_USAGE,
                        "--subject says what is about to be deployed: a digest "
                        "(sha256:...), an image or a file");
    if (digest_parse(slice_str(text), &d, &why)) {
        q->subject = text;
        return true;
    }
    if (strncmp(text, "sha256:", 7) == 0 || strncmp(text, "sha512:", 7) == 0)
        return err_fail(e, ERR_USAGE, "--subject %s: %s", text, why.text);
    return digest_subject(q, text, e);
}

static bool check_policy_digest(const struct request *q, struct err *e)
{
    const char *text = options_get(q->call.o, "policy-digest");
    struct err why = {0};
    struct digest d;

    return text == NULL || digest_parse(slice_str(text), &d, &why) ||
           err_fail(e, ERR_USAGE, "--policy-digest %s: %s", text, why.text);
}

static bool read_threshold(struct request *q, struct value_builder *b, struct err *e)
{
    const char *text = options_get(q->call.o, "threshold");
    uint64_t n = 1;

    if (text != NULL && (!checked_u64(slice_str(text), LIMIT_SIGNATURES, &n) || n == 0))
        return err_fail(e, ERR_USAGE, "--threshold %s: a number from 1 to %d", text,
                        LIMIT_SIGNATURES);
    value_map_add(b, "threshold", value_int(q->call.arena, (int64_t)n, NULL));
    return true;
}

static bool read_times(struct request *q, struct value_builder *b, struct err *e)
{
    const char *text = options_get(q->call.o, "max-age");
    int64_t age = INT64_C(30) * 86400;

    if (!common_options_time(q->call.o, &q->config.now, e))
        return false;
    if (text != NULL && !read_age(text, &age, e))
        return false;
    value_map_add(b, "now", value_int(q->call.arena, q->config.now, NULL));
    value_map_add(b, "max_age", value_int(q->call.arena, age, NULL));
    return true;
}

static bool build(struct request *q, struct err *e)
{
    static const char *const texts[][2] = {{"policy-digest", "policy_digest"},
                                           {"resource-uri", "resource_uri"},
                                           {"predicate-type", "predicate_type"}};
    const char *verifier = options_get(q->call.o, "verifier-id");
    struct value_builder b, keys;

    gate_config_init(&q->config);
    if (!common_options_sandbox(q->call.o, &q->config, e))
        return false;
    if (q->call.o->nargs == 0)
        return err_fail(e, ERR_USAGE, "verify takes attestation files");
    value_list_begin(&keys, q->call.arena);
    value_map_begin(&b, q->call.arena);
    if (!add_keys(q, &keys, e) || !read_threshold(q, &b, e) || !read_times(q, &b, e) ||
        !check_policy_digest(q, e) || !read_subject(q, e))
        return false;
    value_map_add(&b, "keys", value_list_end(&keys, NULL));
    value_map_add(&b, "foreign",
                  value_bool(q->call.arena, options_has(q->call.o, "foreign"), NULL));
    value_map_add(&b, "subject", value_str(q->call.arena, q->subject));
    value_map_add(&b, "verifier_id",
                  value_str(q->call.arena, verifier != NULL ? verifier : q->config.verifier_id));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (options_has(q->call.o, texts[i][0]))
            value_map_add(&b, texts[i][1],
                          value_str(q->call.arena, options_get(q->call.o, texts[i][0])));
    q->params = value_map_end(&b, NULL);
    return true;
}

/* The worker's answer for one file, or NULL with `e`. */
static const struct value *ask(struct request *q, const char *path, struct err *e)
{
    struct sandbox_report report;
    struct input in = {.root = -1};
    struct facts facts;
    bool ok;

    facts_init(&facts, q->call.arena);
    if (!input_open(arena_printf(q->call.arena, "file:%s", path), q->call.arena, &in, e)) {
        err_prefix(e, "%s", path);
        return NULL;
    }
    const struct worker_job work = {.name = "attestation",
                                    .subject = path,
                                    .input = &in,
                                    .params = q->params,
                                    .sandbox = q->config.sandbox};
    ok = worker_run(&work, &facts, &report, e);
    input_release(&in);
    for (size_t i = 0; ok && i < facts.nfacts; i++)
        if (strcmp(facts.facts[i].type, "attestation.result") == 0)
            return facts.facts[i].attributes;
    if (ok)
        err_set(e, ERR_SANDBOX, ERR_NO_OFFSET, "%s: the worker gave no answer", path);
    return NULL;
}

/* A valid "no" is a deny; everything else that is not a yes could not be verified. */
static int status_of(const struct value *answer)
{
    if (value_true(value_get(answer, "accepted")))
        return EXIT_ALLOW;
    return slice_is(value_text(value_get(answer, "reason")), verify_reason_name(VERIFY_RESULT))
               ? EXIT_DENY
               : EXIT_UNVERIFIABLE;
}

/* One file: what was answered, and the status of it alone. */
static bool verify_file(struct request *q, const char *path, int *status)
{
    const struct value *answer = ask(q, path, q->call.e);

    if (answer == NULL) {
        *status = finish_error(q->call.e, NULL);
        if (options_has(q->call.o, "json"))
            verify_print_unread(q->call.json, q->call.e, path);
        err_clear(q->call.e);
        return call_flush(&q->call);
    }
    if (options_has(q->call.o, "json"))
        verify_print_json(q->call.json, answer, path);
    else
        verify_print_text(q->call.out, answer, path);
    *status = status_of(answer);
    return call_flush(&q->call);
}

static bool verify(struct call *call)
{
    struct request *q = (struct request *)call;

    if (!build(q, call->e))
        return false;
    for (size_t i = 0; i < call->o->nargs; i++) {
        int status;

        if (!verify_file(q, call->o->args[i], &status))
            return false;
        if (call->status == EXIT_ALLOW || status == EXIT_DENY)
            call->status = status;
    }
    return true;
}

int cmd_verify(int argc, char **argv)
{
    static const struct call_verb verb = {"verify", cmd_verify_options, NULL, verify};
    struct request q = {0};

    return call_run(&q.call, &verb, argc, argv);
}
