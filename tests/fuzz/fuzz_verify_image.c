/*
 * Any JSON as a candidate signature of an image, judged with a fixed key. Seeds:
 * fixtures/verify_image and fixtures/simple_signing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "signing/verify_image.h"

static const char public_pem[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEAGd3JHSgnhPsQyNQAevQtae1I2yaDdivn19r5FXJIt+g=\n"
                                 "-----END PUBLIC KEY-----\n";

static void demand(bool held)
{
    if (!held)
        abort();
}

static void run(const struct value *candidate, const struct candidate_key *key)
{
    struct candidate_result r;
    const bool done = verify_image_signature(candidate, key, 1, &r);

    demand(done == r.verified && done == (strcmp(r.reason, "ok") == 0));
    demand(r.text[0] != '\0' && (!done || (r.key != NULL && strlen(r.keyid) == 64)));
    demand(strlen(r.reference) < sizeof(r.reference) && strlen(r.predicate) < sizeof(r.predicate));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct candidate_key key = {"test", NULL, "registry.example/app"};
    const struct value *candidate;
    struct key *k = NULL;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    demand(key_public_pem(SLICE_LIT(public_pem), &k, &e));
    key.key = k;
    if (json_read((struct slice){data, size}, &a, &candidate, &e))
        run(candidate, &key);
    key_free(k);
    arena_release(&a);
    return 0;
}
