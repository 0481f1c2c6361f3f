#include "scanner/image/accounts.h"

#include "base/checked.h"

#define FIELDS_MAX 16

static size_t split(struct slice line, struct slice out[FIELDS_MAX])
{
    size_t n = 0, at;

    while (n < FIELDS_MAX - 1 && slice_find(line, SLICE_LIT(":"), &at)) {
        out[n++] = (struct slice){line.data, at};
        line = slice_from(line, at + 1);
    }
    out[n++] = line;
    return n;
}

static const char *password_of(struct slice field)
{
    if (field.len == 0)
        return "empty";
    if (field.data[0] == '!' || field.data[0] == '*')
        return "locked";
    return "hash";
}

/* SPEC: crypt(5), "AVAILABLE HASHING METHODS". */
static const char *scheme_of(struct slice hash)
{
    static const struct {
        const char *prefix, *name;
    } schemes[] = {{"$y$", "yescrypt"}, {"$gy$", "gost-yescrypt"}, {"$7$", "scrypt"},
                   {"$2a$", "bcrypt"},  {"$2b$", "bcrypt"},        {"$2x$", "bcrypt"},
                   {"$2y$", "bcrypt"},  {"$6$", "sha512"},         {"$5$", "sha256"},
                   {"$sha1", "sha1"},   {"$md5", "sunmd5"},        {"$1$", "md5"},
                   {"$3$", "nt"},       {"_", "bsdi-des"},         {"$argon2", "argon2"}};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (slice_starts(hash, schemes[i].prefix))
            return schemes[i].name;
    return hash.len == 13 ? "des" : "unknown";
}

void accounts_users(struct slice text, accounts_user_fn *fn, void *ctx)
{
    struct reader r = reader_over(text);
    struct slice line, f[FIELDS_MAX];

    for (uint32_t at = 1; reader_line(&r, &line); at++) {
        struct accounts_user u = {.line = at, .malformed = true};

        if (line.len == 0)
            continue;
        if (split(line, f) == 7 && f[0].len > 0 && checked_u64(f[2], UINT32_MAX, &u.uid) &&
            checked_u64(f[3], UINT32_MAX, &u.gid)) {
            u.malformed = false;
            u.password = slice_is(f[1], "x") ? "shadow" : password_of(f[1]);
            u.home = f[5];
            u.shell = f[6];
        }
        u.name = f[0];
        fn(ctx, &u);
    }
}

void accounts_passwords(struct slice text, accounts_password_fn *fn, void *ctx)
{
    struct reader r = reader_over(text);
    struct slice line, f[FIELDS_MAX];

    for (uint32_t at = 1; reader_line(&r, &line); at++) {
        struct accounts_password p = {.line = at, .malformed = true};

        if (line.len == 0)
            continue;
        if (split(line, f) >= 2 && f[0].len > 0) {
            p.malformed = false;
            p.password = password_of(f[1]);
            p.scheme = p.password[0] == 'h' ? scheme_of(f[1]) : NULL;
        }
        p.name = f[0];
        fn(ctx, &p);
    }
}
