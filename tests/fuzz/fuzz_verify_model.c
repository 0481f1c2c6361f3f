/*
 * Any bytes as the signature of a model, judged with a fixed key. Seeds: fixtures/verify_model,
 * which that key signed.
 */
#include <stdlib.h>
#include <string.h>

#include "signing/verify_model.h"

static const char public_pem[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEAGd3JHSgnhPsQyNQAevQtae1I2yaDdivn19r5FXJIt+g=\n"
                                 "-----END PUBLIC KEY-----\n";

static const struct verify_model_file files[] = {
    {"cache/x", NULL, false},
    {"config.json", "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
     false},
    {"sub/w", "sha256:50e721e49c013f00c62cf59f2163542a9d8df02464efeb615d31051b0fddc326", false},
};

static void demand(bool held)
{
    if (!held)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct candidate_key key = {"test", NULL, NULL};
    struct verify_model_result r;
    struct key *k = NULL;
    struct arena a;
    struct err e = {0};
    bool done;

    arena_init(&a);
    demand(key_public_pem(SLICE_LIT(public_pem), &k, &e));
    key.key = k;
    const struct verify_model model = {
        .files = files, .n = ARRAY_LEN(files), .folder = true, .keys = &key, .nkeys = 1};
    done = verify_model_signature((struct slice){data, size}, &model, &a, &r);
    demand(done == r.told.verified && done == (strcmp(r.told.reason, "ok") == 0));
    demand(r.told.text[0] != '\0' && (!done || strlen(r.told.keyid) == 64));
    demand(r.nleft_out <= 1 && strlen(r.told.reference) < sizeof(r.told.reference));
    key_free(k);
    arena_release(&a);
    return 0;
}
