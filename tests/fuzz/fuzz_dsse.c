/*
 * Any bytes as an attestation: verified with a fixed key, as ours and as another tool's. Seeds:
 * fixtures/dsse.
 */
#include <stdlib.h>
#include <string.h>

#include "signing/envelope.h"
#include "signing/signing.h"

static const char public_pem[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEAGd3JHSgnhPsQyNQAevQtae1I2yaDdivn19r5FXJIt+g=\n"
                                 "-----END PUBLIC KEY-----\n";

static void demand(bool held)
{
    if (!held)
        abort();
}

static bool run(struct slice file, struct key *k, bool foreign)
{
    const struct verify_options opt = {
        .keys = &k,
        .nkeys = 1,
        .subject_digest = "sha256:c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c",
        .now = 1795410060,
        .foreign = foreign,
    };
    struct verify_result result;
    struct arena a;
    bool accepted;

    arena_init(&a);
    accepted = verify_attestation(file, &opt, &a, &result);
    demand(accepted == (result.reason == VERIFY_OK));
    demand(result.text[0] != '\0' && strlen(result.text) < sizeof(result.text));
    demand(verify_reason_name(result.reason) != NULL);
    demand(!accepted || (result.statement != NULL && strlen(result.keyid) == 64));
    arena_release(&a);
    return accepted;
}

/* Our own form reads back as itself, whatever it was read from. */
static void round_trip(struct slice file)
{
    struct envelope env, again;
    struct arena a;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, 64u << 20);
    if (envelope_read(file, ENVELOPE_OURS, &a, &env, &e)) {
        demand(e.text[0] == '\0');
        envelope_write(&env, &b);
        demand(slice_eq(buf_slice(&b), file));
        demand(envelope_read(file, ENVELOPE_FOREIGN, &a, &again, &e));
        demand(slice_eq(env.payload, again.payload) && env.nsignatures == again.nsignatures);
    } else {
        demand(e.text[0] != '\0');
    }
    buf_release(&b);
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice file = {data, size};
    struct key *k = NULL;
    struct err e = {0};

    demand(key_public_pem(SLICE_LIT(public_pem), &k, &e));
    demand(!run(file, k, false) ||
           run(file, k, true)); /* the lax mode accepts what the strict one does */
    round_trip(file);
    key_free(k);
    return 0;
}
