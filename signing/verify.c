#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "signing/envelope.h"
#include "signing/key.h"
#include "signing/verify_claims.h"

static const char *const reason_names[] = {
    [VERIFY_OK] = "ok",
    [VERIFY_MALFORMED] = "malformed",
    [VERIFY_NO_SIGNATURE] = "no-signature",
    [VERIFY_UNKNOWN_KEY] = "unknown-key",
    [VERIFY_BAD_SIGNATURE] = "bad-signature",
    [VERIFY_PAYLOAD_TYPE] = "payload-type",
    [VERIFY_PREDICATE_TYPE] = "predicate-type",
    [VERIFY_SUBJECT] = "subject",
    [VERIFY_VERIFIER] = "verifier",
    [VERIFY_POLICY] = "policy",
    [VERIFY_RESOURCE] = "resource",
    [VERIFY_TIME] = "time",
    [VERIFY_TOO_OLD] = "too-old",
    [VERIFY_RESULT] = "result",
};

const char *verify_reason_name(enum verify_reason r)
{
    return reason_names[r];
}

/* The state of counting: distinct keys whose signature held. */
struct count {
    const struct verify_options *opt;
    const struct key **held; /* at most nkeys */
    size_t n;
    bool bad;     /* a signature that should hold under a trusted key does not */
    bool unnamed; /* a signature without a keyid fits no trusted key */
};

static void add_held(struct count *c, const struct key *k)
{
    for (size_t i = 0; i < c->n; i++)
        if (key_same(c->held[i], k))
            return;
    c->held[c->n++] = k;
}

/* Our own files name the key; there the keyid decides which key is tried, and only that one. */
static void try_named(struct count *c, const struct envelope_signature *s, struct slice pae)
{
    for (size_t i = 0; i < c->opt->nkeys; i++) {
        struct err e = {0};
        char id[65];

        key_id(c->opt->keys[i], id);
        if (!slice_is(s->keyid, id))
            continue;
        if (key_verify(c->opt->keys[i], pae, s->sig, &e))
            add_held(c, c->opt->keys[i]);
        else
            c->bad = true;
    }
}

/* SPEC: DSSE v1.0.2 protocol.md: the keyid is a hint; every trusted key is tried. */
static void try_all(struct count *c, const struct envelope_signature *s, struct slice pae)
{
    bool named = false;

    for (size_t i = 0; i < c->opt->nkeys; i++) {
        struct err e = {0};
        char id[65];

        key_id(c->opt->keys[i], id);
        named |= slice_is(s->keyid, id);
        if (key_verify(c->opt->keys[i], pae, s->sig, &e) ||
            key_verify_other(c->opt->keys[i], pae, s->sig)) {
            add_held(c, c->opt->keys[i]);
            return;
        }
    }
    if (named)
        c->bad = true;
    else if (s->keyid.len == 0)
        c->unnamed = true;
}

static enum verify_reason judge(const struct count *c, struct verify_result *result)
{
    const size_t need = c->opt->threshold == 0 ? 1 : c->opt->threshold;

    if (c->bad && (!c->opt->foreign || c->n < need)) {
        snprintf(result->text, sizeof(result->text), "a signature by a trusted key does not hold");
        return VERIFY_BAD_SIGNATURE;
    }
    if (c->n >= need) {
        key_id(c->held[0], result->keyid);
        return VERIFY_OK;
    }
    if (c->unnamed && c->n == 0) {
        snprintf(result->text, sizeof(result->text), "the signature holds under no trusted key");
        return VERIFY_BAD_SIGNATURE;
    }
    snprintf(result->text, sizeof(result->text), "signed by %zu trusted key%s, %zu %s needed", c->n,
             c->n == 1 ? "" : "s", need, need == 1 ? "is" : "are");
    return VERIFY_UNKNOWN_KEY;
}

static enum verify_reason check_signatures(const struct envelope *env,
                                           const struct verify_options *opt, struct arena *a,
                                           struct verify_result *result)
{
    struct count c = {.opt = opt, .held = ARENA_ARRAY(a, const struct key *, opt->nkeys)};
    struct buf pae;

    if (env->nsignatures == 0) {
        snprintf(result->text, sizeof(result->text), "the envelope carries no signature");
        return VERIFY_NO_SIGNATURE;
    }
    buf_init(&pae, LIMIT_ENVELOPE_BYTES);
    envelope_pae(env->payload_type, env->payload, &pae);
    for (size_t i = 0; i < env->nsignatures && !pae.full; i++) {
        if (opt->foreign)
            try_all(&c, &env->signatures[i], buf_slice(&pae));
        else
            try_named(&c, &env->signatures[i], buf_slice(&pae));
    }
    buf_release(&pae);
    return judge(&c, result);
}

static enum verify_reason check_payload(const struct envelope *env,
                                        const struct verify_options *opt, struct arena *a,
                                        struct verify_result *result)
{
    struct err e = {0};

    if (!slice_is(env->payload_type, PAYLOAD_TYPE_INTOTO)) {
        snprintf(result->text, sizeof(result->text), "the payload is not %s", PAYLOAD_TYPE_INTOTO);
        return VERIFY_PAYLOAD_TYPE;
    }
    if (!json_read(env->payload, a, &result->statement, &e)) {
        snprintf(result->text, sizeof(result->text), "payload: %.400s", e.text);
        return VERIFY_MALFORMED;
    }
    return verify_claims(result->statement, opt, result->text);
}

bool verify_attestation(struct slice file, const struct verify_options *opt, struct arena *a,
                        struct verify_result *result)
{
    const enum envelope_mode mode = opt->foreign ? ENVELOPE_FOREIGN : ENVELOPE_OURS;
    struct envelope env;
    struct err e = {0};

    *result = (struct verify_result){.reason = VERIFY_MALFORMED};
    if (!envelope_read(file, mode, a, &env, &e)) {
        snprintf(result->text, sizeof(result->text), "%.500s", e.text);
        return false;
    }
    result->reason = check_signatures(&env, opt, a, result);
    if (result->reason == VERIFY_OK)
        result->reason = check_payload(&env, opt, a, result);
    if (result->reason == VERIFY_OK)
        snprintf(result->text, sizeof(result->text), "signed by key %.12s, for this subject",
                 result->keyid);
    return result->reason == VERIFY_OK;
}
