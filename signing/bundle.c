#include "signing/envelope.h"
#include "signing/signing.h"

/* The envelope goes in as it is: the bytes that were signed are never made again. */
bool bundle_wrap(struct slice dsse, const struct key *k, struct buf *out, struct err *e)
{
    struct envelope env;
    struct arena a;
    char id[65];
    bool done;

    key_id(k, id);
    arena_init(&a);
    done = envelope_read(dsse, ENVELOPE_OURS, &a, &env, e);
    if (done &&
        (env.media_type.len != 0 || env.nsignatures != 1 || !slice_is(env.signatures[0].keyid, id)))
        done = err_fail(e, ERR_USAGE, "not a bare envelope with one signature by key %s", id);
    if (done) {
        env.media_type = SLICE_LIT(ENVELOPE_BUNDLE_TYPE);
        env.hint = slice_str(id);
        envelope_write(&env, out);
        done = buf_finish(out, e);
    }
    arena_release(&a);
    return done || err_in(e, "bundle");
}
