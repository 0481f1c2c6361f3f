#ifndef SIGNING_SECRET_H
#define SIGNING_SECRET_H
/*
 * Bytes that must not outlive their use: key files, passwords, decoded keys. Wiped with
 * OPENSSL_cleanse, also at the end of the scope with AUTO_SECRET. A secret never grows in place,
 * so no stale copy stays behind.
 */
#include "base/attr.h"
#include "base/slice.h"

struct secret {
    uint8_t *data; /* owned; NULL when empty */
    size_t len;    /* bytes in use; the block may be one byte longer */
    size_t size;   /* bytes of the block: what is wiped */
};

/*
 * secret_alloc(s, n) gives n zeroed bytes and one more, so that a C string fits; s must be
 * empty. Aborts without memory.
 */
void secret_alloc(struct secret *s, size_t n);

/* secret_wipe(s) overwrites and frees; an empty one is left alone. */
void secret_wipe(struct secret *s);

struct slice secret_slice(const struct secret *s);

#define AUTO_SECRET __attribute__((cleanup(secret_wipe)))
#endif
