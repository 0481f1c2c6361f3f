#include "base/digest.h"
#include "base/limits.h"
#include "signing/envelope.h"
#include "signing/signing.h"

/* The envelope goes in as it is: the bytes that were signed are never made again. */
static bool wrap(struct slice dsse, const char *keyid, const char *hint, struct buf *out,
                 struct err *e)
{
    struct envelope env;
    struct arena a;
    bool done;

    arena_init(&a);
    done = envelope_read(dsse, ENVELOPE_OURS, &a, &env, e);
    if (done && (env.media_type.len != 0 || env.nsignatures != 1 ||
                 !slice_is(env.signatures[0].keyid, keyid)))
        done = err_fail(e, ERR_USAGE, "not a bare envelope with one signature by key %s", keyid);
    if (done) {
        env.media_type = SLICE_LIT(ENVELOPE_BUNDLE_TYPE);
        env.hint = slice_str(hint);
        envelope_write(&env, out);
        done = buf_finish(out, e);
    }
    arena_release(&a);
    return done || err_in(e, "bundle");
}

bool bundle_wrap(struct slice dsse, const struct key *k, struct buf *out, struct err *e)
{
    char id[65];

    key_id(k, id);
    return wrap(dsse, id, id, out, e);
}

bool bundle_wrap_model(struct slice dsse, const struct key *k, struct buf *out, struct err *e)
{
    char id[65], hex[DIGEST_TEXT_MAX];
    struct digest digest;
    struct buf pem;
    bool ok;

    key_id(k, id);
    buf_init(&pem, LIMIT_KEY_BYTES);
    ok = key_public_write(k, &pem) || err_fail(e, ERR_FORMAT, "the public key cannot be written");
    digest_of(buf_slice(&pem), DIGEST_SHA256, &digest);
    buf_release(&pem);
    digest_hex(&digest, hex);
    return ok && wrap(dsse, id, hex, out, e);
}
