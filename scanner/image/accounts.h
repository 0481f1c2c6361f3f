#ifndef SCANNER_IMAGE_ACCOUNTS_H
#define SCANNER_IMAGE_ACCOUNTS_H
/* etc/passwd and etc/shadow. SPEC: passwd(5), shadow(5), crypt(5). The
 * hash of a password is never given out. */
#include "base/err.h"

struct accounts_user {
    struct slice name, home, shell;
    const char *password; /* "shadow", "empty", "locked" or "hash" */
    uint64_t uid, gid;
    uint32_t line;
    bool malformed; /* too few fields, or ids that are no numbers: only name and line hold */
};

struct accounts_password {
    struct slice name;
    const char *password; /* "empty", "locked" or "hash" */
    const char *scheme;   /* "md5", "sha512", "yescrypt", ...; NULL without a hash */
    uint32_t line;
    bool malformed;
};

typedef void accounts_user_fn(void *ctx, const struct accounts_user *u);
typedef void accounts_password_fn(void *ctx, const struct accounts_password *p);

/* One call a line; blank lines are passed over. Slices borrow `text`. */
void accounts_users(struct slice text, accounts_user_fn *fn, void *ctx);
void accounts_passwords(struct slice text, accounts_password_fn *fn, void *ctx);
#endif
