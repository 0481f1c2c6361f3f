#include "signing/verify_image.h"

#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "signing/envelope.h"
#include "signing/key.h"

struct check {
    const struct candidate_key *keys;
    size_t nkeys;
    struct slice target; /* "sha256:…" */
    struct arena *a;
    const struct candidate_key *by; /* who signed */
    struct candidate_result *out;
};

static bool no(struct check *c, const char *reason, const char *text)
{
    return candidate_no(c->out, reason, text);
}

static bool signed_by(struct check *c, struct slice message, struct slice sig)
{
    c->by = candidate_signer(c->keys, c->nkeys, message, sig, c->out);
    return c->by != NULL;
}

/*
 * "registry/name" allows itself, and with a tag or a digest behind it; never "registry/name2" or
 * a folder below.
 */
static bool identity_fits(const char *want, struct slice reference)
{
    const size_t n = strlen(want);

    if (!slice_starts(reference, want))
        return false;
    return reference.len == n || reference.data[n] == ':' || reference.data[n] == '@';
}

/* One key may stand in the list once for each repository that it may sign. */
static bool check_identity(struct check *c, struct slice reference)
{
    candidate_keep_text(reference, c->out->reference);
    for (size_t i = 0; i < c->nkeys; i++) {
        const struct candidate_key *k = &c->keys[i];

        if (!key_same(k->key, c->by->key))
            continue;
        if (k->identity != NULL && !identity_fits(k->identity, reference))
            continue;
        c->by = k;
        c->out->key = k->name;
        return true;
    }
    return no(c, "identity", "the key may not sign for this repository");
}

static bool only_members(const struct value *map, const char *const *names, size_t n)
{
    if (!value_is(map, VALUE_MAP) || value_len(map) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (value_get(map, names[i]) == NULL)
            return false;
    return true;
}

/*
 * SPEC: containers/image "Signature format": nothing unknown may stand under `critical`; each
 * member is a string.
 */
static bool check_critical(struct check *c, const struct value *doc)
{
    static const char *const critical_members[] = {"identity", "image", "type"};
    static const char *const identity_members[] = {"docker-reference"};
    static const char *const image_members[] = {"docker-manifest-digest"};
    const struct value *critical = value_get(doc, "critical");
    const struct value *identity = value_get(critical, "identity"),
                       *image = value_get(critical, "image");
    const struct value *digest = value_get(image, "docker-manifest-digest");
    const struct value *reference = value_get(identity, "docker-reference");
    const struct slice type = value_text(value_get(critical, "type"));

    if (!only_members(critical, critical_members, ARRAY_LEN(critical_members)) ||
        !only_members(identity, identity_members, ARRAY_LEN(identity_members)) ||
        !only_members(image, image_members, ARRAY_LEN(image_members)) ||
        !value_is(digest, VALUE_STRING) || !value_is(reference, VALUE_STRING))
        return no(c, "malformed", "the signed payload is not in the simple signing form");
    if (!slice_is(type, "cosign container image signature") &&
        !slice_is(type, "atomic container signature"))
        return no(c, "type", "the signed payload is not an image signature");
    if (!slice_eq(value_text(digest), c->target))
        return no(c, "target", "the signature holds, but it is for another digest");
    return check_identity(c, value_text(reference));
}

static bool check_simple(struct check *c, struct slice payload, const struct value *signature)
{
    const struct value *doc;
    struct err e = {0};
    struct slice sig;

    if (payload.len > LIMIT_SIMPLE_SIGNING_BYTES)
        return no(c, "malformed", "the payload passes LIMIT_SIMPLE_SIGNING_BYTES");
    if (value_text(signature).len > LIMIT_KEY_BYTES)
        return no(c, "malformed", "the signature passes LIMIT_KEY_BYTES");
    if (!value_is(signature, VALUE_STRING) || !base64_get(value_text(signature), c->a, &sig, &e))
        return no(c, "malformed", "the signature is not base64");
    if (!signed_by(c, payload, sig))
        return no(c, "untrusted", "the signature holds under no trusted key");
    if (!json_read(payload, c->a, &doc, &e))
        return candidate_no_err(c->out, "signed payload", &e);
    return check_critical(c, doc);
}

/*
 * The subject that names the target by digest. SPEC: in-toto v1 statement.md: match by digest
 * only.
 */
static const struct value *find_subject(const struct check *c, const struct value *statement)
{
    const struct value *list = value_get(statement, "subject");
    const struct slice hex = slice_from(c->target, strlen("sha256:"));
    const size_t n = value_len(list) < LIMIT_SUBJECTS ? value_len(list) : LIMIT_SUBJECTS;
    const char *alg = slice_starts(c->target, "sha512:") ? "sha512" : "sha256";

    for (size_t i = 0; i < n; i++) {
        const struct value *digest = value_get(value_item(list, i), "digest");

        if (value_is(value_get(digest, alg), VALUE_STRING) &&
            slice_eq(value_text(value_get(digest, alg)), hex))
            return value_item(list, i);
    }
    return NULL;
}

static bool check_statement(struct check *c, struct slice payload)
{
    const struct value *statement, *subject;
    struct err e = {0};
    struct slice type, kind;

    if (!json_read(payload, c->a, &statement, &e))
        return candidate_no_err(c->out, "signed statement", &e);
    type = value_text(value_get(statement, "_type"));
    kind = value_text(value_get(statement, "predicateType"));
    if (!slice_is(type, "https://in-toto.io/Statement/v1") &&
        !slice_is(type, "https://in-toto.io/Statement/v0.1"))
        return no(c, "type", "the signed payload is not an in-toto statement");
    subject = find_subject(c, statement);
    if (subject == NULL)
        return no(c, "target", "the signature holds, but the statement is about other digests");
    candidate_keep_text(kind, c->out->predicate);
    return check_identity(c, value_text(value_get(subject, "name")));
}

static bool check_dsse(struct check *c, struct slice file)
{
    struct envelope env;
    struct err e = {0};
    struct buf pae;
    bool held = false;

    if (!envelope_read(file, ENVELOPE_FOREIGN, c->a, &env, &e))
        return candidate_no_err(c->out, "envelope", &e);
    buf_init(&pae, LIMIT_ENVELOPE_BYTES);
    envelope_pae(env.payload_type, env.payload, &pae);
    for (size_t i = 0; i < env.nsignatures && !held && !pae.full; i++)
        held = signed_by(c, buf_slice(&pae), env.signatures[i].sig);
    buf_release(&pae);
    if (!held)
        return no(c, "untrusted", "the envelope is signed by no trusted key");
    if (!slice_is(env.payload_type, PAYLOAD_TYPE_INTOTO))
        return no(c, "type", "the payload of the envelope is not an in-toto statement");
    return check_statement(c, env.payload);
}

static bool check_candidate(struct check *c, const struct value *candidate)
{
    const struct value *kind = value_get(candidate, "kind"),
                       *payload = value_get(candidate, "payload");
    const struct value *target = value_get(candidate, "target");
    struct digest digest;
    struct err e = {0};
    struct slice bytes;

    c->target = value_text(target);
    if (!value_is(target, VALUE_STRING) || !digest_parse(c->target, &digest, &e))
        return no(c, "malformed", "the candidate names no digest");
    if (!value_is(payload, VALUE_STRING) || !base64_get(value_text(payload), c->a, &bytes, &e))
        return no(c, "malformed", "the candidate has no base64 payload");
    if (slice_is(value_text(kind), "simple-signing"))
        return check_simple(c, bytes, value_get(candidate, "signature"));
    if (slice_is(value_text(kind), "dsse") || slice_is(value_text(kind), "bundle"))
        return check_dsse(c, bytes);
    return no(c, "malformed", "an unknown kind of signature");
}

bool verify_image_signature(const struct value *candidate, const struct candidate_key *keys,
                            size_t n, struct candidate_result *out)
{
    struct arena a;
    struct check c = {.keys = keys, .nkeys = n, .a = &a, .out = out};

    *out = (struct candidate_result){.reason = "malformed"};
    arena_init(&a);
    out->verified = check_candidate(&c, candidate);
    arena_release(&a);
    if (out->verified) {
        out->reason = "ok";
        snprintf(out->text, sizeof(out->text), "signed by %s",
                 out->key != NULL ? out->key : "a trusted key");
    }
    return out->verified;
}
