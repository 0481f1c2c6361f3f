#include "signing/envelope.h"

#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"

static const char *const bundle_types[] = {
    ENVELOPE_BUNDLE_TYPE,
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
};

struct reading {
    enum envelope_mode mode;
    struct arena *a;
    struct err *e;
};

void envelope_pae(struct slice payload_type, struct slice payload, struct buf *out)
{
    buf_printf(out, "DSSEv1 %zu ", payload_type.len);
    buf_put(out, payload_type);
    buf_printf(out, " %zu ", payload.len);
    buf_put(out, payload);
}

static void put_base64(struct json_out *o, const char *key, struct slice bytes)
{
    struct buf text;

    buf_init(&text, o->buf->max);
    base64_put(&text, bytes);
    if (text.full)
        o->buf->full = true;
    json_out_key(o, key);
    json_out_string(o, buf_slice(&text));
    buf_release(&text);
}

static void put_text(struct json_out *o, const char *key, struct slice text)
{
    json_out_key(o, key);
    json_out_string(o, text);
}

static void put_dsse(struct json_out *o, const struct envelope *env)
{
    json_out_object(o);
    put_base64(o, "payload", env->payload);
    put_text(o, "payloadType", env->payload_type);
    json_out_key(o, "signatures");
    json_out_array(o);
    for (size_t i = 0; i < env->nsignatures; i++) {
        json_out_object(o);
        put_text(o, "keyid", env->signatures[i].keyid);
        put_base64(o, "sig", env->signatures[i].sig);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

void envelope_write(const struct envelope *env, struct buf *out)
{
    struct json_out o;

    json_out_init(&o, out, JSON_COMPACT);
    if (env->media_type.len == 0) {
        put_dsse(&o, env);
        buf_u8(out, '\n');
        return;
    }
    json_out_object(&o);
    put_text(&o, "mediaType", env->media_type);
    json_out_key(&o, "verificationMaterial");
    json_out_object(&o);
    json_out_key(&o, "publicKey");
    json_out_object(&o);
    put_text(&o, "hint", env->hint);
    json_out_end_object(&o);
    json_out_end_object(&o);
    json_out_key(&o, "dsseEnvelope");
    put_dsse(&o, env);
    json_out_end_object(&o);
    buf_u8(out, '\n');
}

/* An absent member and, in proto3 JSON, a null one. */
static const struct value *member(const struct reading *r, const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);

    return r->mode == ENVELOPE_FOREIGN && value_is(v, VALUE_NULL) ? NULL : v;
}

static bool want(const struct reading *r, const struct value *v, enum value_kind kind,
                 const char *name)
{
    if (v == NULL)
        return err_fail(r->e, ERR_FORMAT, "%s is missing", name);
    return value_is(v, kind) || err_pos(r->e, ERR_FORMAT, v->offset, "%s must be a %s, not %s",
                                        name, value_kind_name(kind), value_kind_name(v->kind));
}

static bool want_bytes(const struct reading *r, const struct value *v, const char *name,
                       struct slice *out)
{
    if (!want(r, v, VALUE_STRING, name))
        return false;
    return base64_get(value_text(v), r->a, out, r->e) || err_in(r->e, "%s", name);
}

static bool read_signature(const struct reading *r, const struct value *v,
                           struct envelope_signature *out)
{
    const struct value *keyid = member(r, v, "keyid");

    if (!want(r, v, VALUE_MAP, "a signature") ||
        !want_bytes(r, member(r, v, "sig"), "sig", &out->sig))
        return false;
    if (keyid != NULL && !want(r, keyid, VALUE_STRING, "keyid"))
        return false;
    out->keyid = value_text(keyid);
    return true;
}

static bool read_dsse(const struct reading *r, const struct value *v, struct envelope *env)
{
    const struct value *type = member(r, v, "payloadType"), *list = member(r, v, "signatures");
    const size_t n = value_len(list);

    if (!want(r, v, VALUE_MAP, "the envelope") ||
        !want_bytes(r, member(r, v, "payload"), "payload", &env->payload) ||
        !want(r, type, VALUE_STRING, "payloadType") || !want(r, list, VALUE_LIST, "signatures"))
        return false;
    if (n > LIMIT_SIGNATURES)
        return err_pos(r->e, ERR_LIMIT, list->offset,
                       "%zu signatures, %d allowed (LIMIT_SIGNATURES)", n, LIMIT_SIGNATURES);
    env->payload_type = value_text(type);
    env->signatures = ARENA_ARRAY(r->a, struct envelope_signature, n);
    env->nsignatures = n;
    for (size_t i = 0; i < n; i++)
        if (!read_signature(r, value_item(list, i), &env->signatures[i]))
            return err_in(r->e, "signature %zu", i);
    return true;
}

/*
 * SPEC: Sigstore bundle v0.3: exactly one kind of material; a DSSE envelope in a bundle has
 * exactly one signature.
 */
static bool read_bundle(const struct reading *r, const struct value *v, struct envelope *env)
{
    const struct value *material = member(r, v, "verificationMaterial");
    const struct value *key = member(r, material, "publicKey"), *hint = member(r, key, "hint");

    env->media_type = value_text(member(r, v, "mediaType"));
    if (!slice_among(env->media_type, bundle_types, ARRAY_LEN(bundle_types)))
        return err_fail(r->e, ERR_UNSUPPORTED,
                        "mediaType is not that of a Sigstore bundle v0.1 to v0.3");
    if (!want(r, material, VALUE_MAP, "verificationMaterial"))
        return false;
    if (member(r, material, "certificate") != NULL ||
        member(r, material, "x509CertificateChain") != NULL)
        return err_pos(r->e, ERR_UNSUPPORTED, material->offset,
                       "signed with a certificate, not with a key");
    if (!want(r, key, VALUE_MAP, "publicKey") ||
        (hint != NULL && !want(r, hint, VALUE_STRING, "hint")))
        return false;
    env->hint = value_text(hint);
    if (member(r, v, "messageSignature") != NULL)
        return err_fail(r->e, ERR_UNSUPPORTED, "the bundle signs a file, not a statement");
    if (!read_dsse(r, member(r, v, "dsseEnvelope"), env))
        return err_in(r->e, "dsseEnvelope");
    if (env->nsignatures > 1)
        return err_fail(r->e, ERR_FORMAT, "%zu signatures in a bundle, 1 allowed",
                        env->nsignatures);
    return true;
}

/*
 * A file of 64 MiB may hold 32 million values; an envelope holds a few dozen. Counted before
 * anything is built.
 */
static bool count_values(struct slice file, struct err *e)
{
    bool text = false;
    size_t n = 0;

    for (size_t i = 0; i < file.len; i++) {
        const uint8_t c = file.data[i];

        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && (c == ',' || c == '[' || c == '{'))
            n++;
        if (n > LIMIT_ENVELOPE_VALUES)
            return err_pos(e, ERR_LIMIT, i, "more than %d values (LIMIT_ENVELOPE_VALUES)",
                           LIMIT_ENVELOPE_VALUES);
    }
    return true;
}

/*
 * What we write has one form. Anything else that reads the same was changed after it was
 * written.
 */
static bool check_form(struct slice file, const struct envelope *env, struct err *e)
{
    const bool bundle = env->media_type.len > 0;
    struct buf again;
    bool same;

    if (bundle && (env->nsignatures != 1 || !slice_eq(env->hint, env->signatures[0].keyid)))
        return err_fail(e, ERR_FORMAT,
                        "the hint of the bundle does not name the key of its signature");
    buf_init(&again, LIMIT_ENVELOPE_BYTES);
    envelope_write(env, &again);
    same = !again.full && slice_eq(buf_slice(&again), file);
    buf_release(&again);
    return same || err_fail(e, ERR_FORMAT,
                            "not in the form it is written in: a byte was changed, or "
                            "another tool wrote it");
}

bool envelope_read(struct slice file, enum envelope_mode mode, struct arena *a,
                   struct envelope *out, struct err *e)
{
    const struct reading r = {mode, a, e};
    struct envelope env = {0};
    const struct value *v;

    if (file.len > LIMIT_ENVELOPE_BYTES)
        return err_fail(e, ERR_LIMIT, "%zu bytes, %u allowed (LIMIT_ENVELOPE_BYTES)", file.len,
                        LIMIT_ENVELOPE_BYTES);
    if (!count_values(file, e) || !json_read(file, a, &v, e) ||
        !want(&r, v, VALUE_MAP, "the document"))
        return false;
    if (value_get(v, "mediaType") != NULL || value_get(v, "verificationMaterial") != NULL) {
        if (!read_bundle(&r, v, &env))
            return err_in(e, "bundle");
    } else if (!read_dsse(&r, v, &env)) {
        return false;
    }
    if (mode == ENVELOPE_OURS && !check_form(file, &env, e))
        return false;
    *out = env;
    return true;
}
