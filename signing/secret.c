#include "signing/secret.h"

#include <openssl/crypto.h>

void secret_alloc(struct secret *s, size_t n)
{
    s->data = calloc(1, n + 1);
    if (s->data == NULL)
        abort();
    s->len = n;
    s->size = n + 1;
}

void secret_wipe(struct secret *s)
{
    if (s->data == NULL)
        return;
    OPENSSL_cleanse(s->data, s->size);
    free(s->data);
    *s = (struct secret){0};
}

struct slice secret_slice(const struct secret *s)
{
    return (struct slice){s->data, s->len};
}
