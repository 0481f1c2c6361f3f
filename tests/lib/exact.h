#ifndef TESTS_LIB_EXACT_H
#define TESTS_LIB_EXACT_H
/* Inputs of tests: copied to a heap block of their exact size, so that AddressSanitizer sees one
 * byte too far. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* BYTES("a\0b") is a literal with its length; for tables. */
#define BYTES(s) (s), sizeof(s) - 1

static inline struct slice exact(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len + (len == 0));

    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, bytes, len);
    return (struct slice){copy, len};
}

static inline struct slice exact_str(const char *s)
{
    return exact(s, strlen(s));
}

static inline void exact_free(struct slice s)
{
    free((void *)(uintptr_t)s.data);
}
#endif
