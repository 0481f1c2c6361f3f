#include <string.h>

#include "base/limits.h"
#include "signing/envelope.h"
#include "signing/signing.h"

static bool sign(struct slice payload, struct slice type, const struct key *k, struct buf *sig,
                 struct err *e)
{
    struct buf pae;
    bool done;

    buf_init(&pae, LIMIT_ENVELOPE_BYTES);
    envelope_pae(type, payload, &pae);
    done = buf_finish(&pae, e) && key_sign(k, buf_slice(&pae), sig, e);
    buf_release(&pae);
    return done;
}

bool dsse_sign(struct slice payload, const char *payload_type, const struct key *k, struct buf *out,
               struct err *e)
{
    const struct slice type = slice_str(payload_type);
    struct envelope_signature one = {0};
    struct envelope env = {.payload_type = type, .payload = payload};
    char id[65];
    struct buf sig;
    bool done;

    key_id(k, id);
    buf_init(&sig, LIMIT_KEY_BYTES);
    done = sign(payload, type, k, &sig, e);
    if (done) {
        one = (struct envelope_signature){slice_str(id), buf_slice(&sig)};
        env.signatures = &one;
        env.nsignatures = 1;
        envelope_write(&env, out);
        done = buf_finish(out, e);
    }
    buf_release(&sig);
    return done || err_in(e, "envelope");
}
