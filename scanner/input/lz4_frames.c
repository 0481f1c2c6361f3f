#include "scanner/input/lz4_frames.h"

#include "base/checked.h"

#define MAGIC 0x184d2204
#define MAGIC_LEGACY 0x184c2102
#define MAGIC_SKIPPABLE 0x184d2a50 /* to ...5f */

/* The next four bytes, or `*none` where fewer are left. */
static bool word(struct source *s, uint64_t at, uint32_t *out, bool *none, struct err *e)
{
    uint8_t buf[4];
    struct reader r = reader_over((struct slice){buf, sizeof(buf)});
    size_t got;

    if (!source_some(s, at, buf, sizeof(buf), &got, e))
        return false;
    *none = got < sizeof(buf);
    return *none || reader_u32le(&r, out);
}

static bool magic(uint32_t v)
{
    return v == MAGIC || v == MAGIC_LEGACY || (v & ~0xfu) == MAGIC_SKIPPABLE;
}

static bool cut(uint64_t at, struct err *e)
{
    return err_pos(e, ERR_FORMAT, at, "an lz4 frame is cut short");
}

/* Blocks until the mark; `*at` moves behind them. Those of the old format have no mark: they end
 * where the stream does, or another frame begins. */
static bool blocks(struct source *s, uint64_t *at, bool legacy, unsigned sum, struct err *e)
{
    uint64_t next;
    uint32_t len;
    bool none;

    for (;;) {
        if (!word(s, *at, &len, &none, e))
            return false;
        if (legacy && (none || magic(len)))
            return true;
        if (none || !checked_add(*at, 4, &next))
            return cut(*at, e);
        *at = next;
        if (!legacy && len == 0)
            return true;
        if (!legacy)
            len &= 0x7fffffff; /* the highest bit: not compressed */
        if (!checked_add(next, (uint64_t)len + sum, at))
            return cut(next, e);
    }
}

/* SPEC: 3.1: flags, block size, the content's size, the dictionary, a checksum. */
static bool frame(struct source *s, uint64_t *at, struct err *e)
{
    uint8_t flags;
    uint64_t next;
    size_t got;

    if (!source_some(s, *at, &flags, 1, &got, e))
        return false;
    if (got == 0)
        return cut(*at, e);
    if (!checked_add(*at, 3 + ((flags & 8) != 0 ? 8u : 0) + ((flags & 1) != 0 ? 4u : 0), &next))
        return cut(*at, e);
    *at = next;
    if (!blocks(s, at, false, (flags & 0x10) != 0 ? 4 : 0, e))
        return false;
    return (flags & 4) == 0 || checked_add(*at, 4, at) || cut(*at, e);
}

bool lz4_frames_end(struct source *s, uint64_t *end, struct err *e)
{
    uint64_t at = 0, next;
    uint32_t v;
    bool none;

    for (;;) {
        if (!word(s, at, &v, &none, e))
            return false;
        if (none || !magic(v)) {
            *end = at;
            return true;
        }
        next = at + 4;
        if (v == MAGIC_LEGACY) {
            if (!blocks(s, &next, true, 0, e))
                return false;
        } else if (v == MAGIC) {
            if (!frame(s, &next, e))
                return false;
        } else {
            if (!word(s, next, &v, &none, e))
                return false;
            if (none || !checked_add(next, 4 + (uint64_t)v, &next))
                return cut(next, e);
        }
        at = next;
    }
}
