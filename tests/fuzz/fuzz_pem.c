/*
 * Any bytes as a key file, public and private; sealed keys stop at the missing password. Seeds:
 * fixtures/pem.
 */
#include <stdlib.h>
#include <string.h>

#include "signing/key.h"
#include "signing/pem.h"

static void demand(bool held)
{
    if (!held)
        abort();
}

static void check_key(bool done, struct key *const *slot, const struct err *e)
{
    struct key *k = *slot; /* read after the call that fills it */
    char id[65] = "";

    demand(done == (k != NULL) && done == (e->text[0] == '\0'));
    if (k == NULL)
        return;
    key_id(k, id);
    demand(strlen(id) == 64 && key_same(k, k));
    key_free(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice text = {data, size};
    struct err e = {0}, e2 = {0}, e3 = {0};
    struct key *public = NULL, *secret = NULL;
    struct pem pem = {0};
    const bool block = pem_read(text, &pem, &e);

    demand(block == (e.text[0] == '\0') && (block || pem.der.data == NULL));
    demand(!block || strlen(pem.label) < PEM_LABEL_MAX);
    secret_wipe(&pem.der);
    unsetenv("SALLYPORT_KEY_PASSWORD");
    check_key(key_public_pem(text, &public, &e2), &public, &e2);
    check_key(key_private_pem(text, NULL, &secret, &e3), &secret, &e3);
    demand(block || (e2.text[0] != '\0' && e3.text[0] != '\0'));
    return 0;
}
