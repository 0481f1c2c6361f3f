#include "scanner/input/tar_header.h"

#include <string.h>

#include "base/checked.h"

/* A field of the block. */
struct field {
    const char *name;
    unsigned at, len;
};

static const struct field F_MODE = {"mode", 100, 8}, F_UID = {"uid", 108, 8},
                          F_GID = {"gid", 116, 8}, F_SIZE = {"size", 124, 12},
                          F_MTIME = {"mtime", 136, 12}, F_SUM = {"checksum", 148, 8},
                          F_MAJOR = {"devmajor", 329, 8}, F_MINOR = {"devminor", 337, 8},
                          F_ATIME = {"atime", 345, 12}, F_CTIME = {"ctime", 357, 12};

enum dialect { DIALECT_V7, DIALECT_USTAR, DIALECT_STAR, DIALECT_GNU };

bool tar_header_zero(const uint8_t block[TAR_BLOCK])
{
    for (size_t i = 0; i < TAR_BLOCK; i++)
        if (block[i] != 0)
            return false;
    return true;
}

/* Base 256: the first bit is the mark, the second the sign, big endian. */
static bool base256(struct slice f, int64_t *out)
{
    const bool negative = (f.data[0] & 0x40) != 0;
    uint64_t v = negative ? UINT64_MAX : 0;

    for (size_t i = 0; i < f.len; i++) {
        const uint8_t c = i > 0 ? f.data[i] : negative ? f.data[i] | 0x80 : f.data[i] & 0x7f;

        if (v >> 55 != (negative ? UINT64_MAX >> 55 : 0))
            return false;
        v = v << 8 | c;
    }
    *out = negative ? -(int64_t)(UINT64_MAX - v) - 1 : (int64_t)v;
    return true;
}

/* Octal digits, blanks or NULs before and behind; an empty field is 0. */
static bool octal(struct slice f, int64_t *out)
{
    uint64_t v = 0;
    size_t i = 0;

    while (i < f.len && (f.data[i] == ' ' || f.data[i] == 0))
        i++;
    for (; i < f.len && f.data[i] >= '0' && f.data[i] <= '7'; i++)
        v = v << 3 | (uint64_t)(f.data[i] - '0'); /* at most 12 digits: 36 bits */
    for (; i < f.len; i++)
        if (f.data[i] != ' ' && f.data[i] != 0)
            return false;
    *out = (int64_t)v;
    return true;
}

/* A number between min and max. */
static bool number(const uint8_t *block, const struct field *f, int64_t min, int64_t *out)
{
    const struct slice s = {block + f->at, f->len};
    int64_t v = 0;
    const bool ok = (s.data[0] & 0x80) != 0 ? base256(s, &v) : octal(s, &v);

    if (!ok || v < min)
        return false;
    *out = v;
    return true;
}

static bool need(const uint8_t *block, const struct field *f, uint64_t at, uint64_t *out,
                 struct err *e)
{
    int64_t v;

    if (!number(block, f, 0, &v))
        return err_pos(e, ERR_FORMAT, at + f->at, "the %s of a tar header is not a number in range",
                       f->name);
    *out = (uint64_t)v;
    return true;
}

static bool need32(const uint8_t *block, const struct field *f, uint64_t at, uint32_t *out,
                   struct err *e)
{
    uint64_t v;

    if (!need(block, f, at, &v, e))
        return false;
    if (v > UINT32_MAX)
        return err_pos(e, ERR_FORMAT, at + f->at, "the %s of a tar header is not a number in range",
                       f->name);
    *out = (uint32_t)v;
    return true;
}

/* Sum of all bytes, the checksum's own read as blanks; old writers summed signed ones. */
static bool check_sum(const uint8_t *block, uint64_t at, struct err *e)
{
    uint64_t want;
    int64_t plain = 0, sign = 0;

    for (unsigned i = 0; i < TAR_BLOCK; i++) {
        const bool own = i - F_SUM.at < F_SUM.len;

        plain += own ? ' ' : block[i];
        sign += own ? ' ' : (int8_t)block[i];
    }
    if (!need(block, &F_SUM, at, &want, e))
        return false;
    if (want != (uint64_t)plain && (int64_t)want != sign)
        return err_pos(e, ERR_FORMAT, at, "the checksum of a tar header does not match");
    return true;
}

static struct slice text(const uint8_t *block, size_t at, size_t len)
{
    return (struct slice){block + at, strnlen((const char *)block + at, len)};
}

static enum dialect dialect(const uint8_t *block)
{
    if (memcmp(block + 257, "ustar  ", 8) == 0)
        return DIALECT_GNU;
    if (memcmp(block + 257, "ustar", 6) != 0)
        return DIALECT_V7;
    return memcmp(block + 508, "tar", 4) == 0 ? DIALECT_STAR : DIALECT_USTAR;
}

static bool known_type(char type)
{
    return (type >= '0' && type <= '6') || type == 0 || type == 'x' || type == 'g' || type == 'L' ||
           type == 'K';
}

/* Where GNU keeps times some readers see a prefix when the times make no sense, so they must. */
static bool gnu_times(const uint8_t *block, uint64_t at, struct err *e)
{
    int64_t v;

    if (!number(block, &F_ATIME, INT64_MIN, &v) || !number(block, &F_CTIME, INT64_MIN, &v))
        return err_pos(e, ERR_FORMAT, at + F_ATIME.at,
                       "the times of a GNU tar header are not numbers");
    return true;
}

static bool numbers(const uint8_t *block, uint64_t at, struct tar_header *h, struct err *e)
{
    uint64_t mode;

    if (!need(block, &F_MODE, at, &mode, e) || !need(block, &F_UID, at, &h->uid, e) ||
        !need(block, &F_GID, at, &h->gid, e) || !need(block, &F_SIZE, at, &h->size, e))
        return false;
    h->mode = (uint32_t)(mode & 07777); /* some writers add the bits of the file's type */
    if (!number(block, &F_MTIME, INT64_MIN, &h->mtime))
        return err_pos(e, ERR_FORMAT, at + F_MTIME.at, "the mtime of a tar header is not a number");
    if (h->type != '3' && h->type != '4')
        return true;
    return need32(block, &F_MAJOR, at, &h->devmajor, e) &&
           need32(block, &F_MINOR, at, &h->devminor, e);
}

bool tar_header_parse(const uint8_t block[TAR_BLOCK], uint64_t at, struct tar_header *out,
                      struct err *e)
{
    const enum dialect d = dialect(block);
    struct tar_header h = {.type = (char)block[156]};

    if (!check_sum(block, at, e))
        return false;
    if (!known_type(h.type))
        return err_pos(e, ERR_UNSUPPORTED, at + 156, "tar member type 0x%02x is not read",
                       block[156]);
    if (!numbers(block, at, &h, e) || (d == DIALECT_GNU && !gnu_times(block, at, e)))
        return false;
    h.name = text(block, 0, 100);
    h.link = text(block, 157, 100);
    if (d == DIALECT_USTAR || d == DIALECT_STAR)
        h.prefix = text(block, 345, d == DIALECT_STAR ? 131 : 155);
    *out = h;
    return true;
}
