/*
 * Any bytes as a Sigstore bundle of another tool; what reads is written in our form and must
 * read as the same. Seeds: fixtures/bundle.
 */
#include <stdlib.h>

#include "signing/envelope.h"

static void demand(bool held)
{
    if (!held)
        abort();
}

static void same(const struct envelope *x, const struct envelope *y)
{
    demand(slice_eq(x->media_type, y->media_type) && slice_eq(x->hint, y->hint));
    demand(slice_eq(x->payload_type, y->payload_type) && slice_eq(x->payload, y->payload));
    demand(x->nsignatures == y->nsignatures);
    for (size_t i = 0; i < x->nsignatures; i++)
        demand(slice_eq(x->signatures[i].sig, y->signatures[i].sig) &&
               slice_eq(x->signatures[i].keyid, y->signatures[i].keyid));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct envelope env, again;
    struct arena a;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, 64u << 20);
    if (envelope_read((struct slice){data, size}, ENVELOPE_FOREIGN, &a, &env, &e)) {
        demand(e.text[0] == '\0');
        demand(env.media_type.len == 0 || env.nsignatures <= 1);
        envelope_write(&env, &b);
        demand(!b.full);
        demand(envelope_read(buf_slice(&b), ENVELOPE_FOREIGN, &a, &again, &e));
        same(&env, &again);
    } else {
        demand(e.text[0] != '\0');
    }
    buf_release(&b);
    arena_release(&a);
    return 0;
}
