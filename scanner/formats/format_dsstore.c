#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "\0\0\0\1Bud1"
#define MAGIC_LEN 8
#define HEADER 36   /* bytes; offsets count from behind the first four */
#define SHIFT 4     /* bytes before the place that offsets count from */
#define BLOCKS 4096 /* a folder of a million files has a thousand */
#define ROOT_MIN 8

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= MAGIC_LEN && memcmp(head.data, MAGIC, MAGIC_LEN) == 0 ? FORMAT_CERTAIN : 0;
}

/* The addresses of all blocks: each, as its size says, within the file. */
static bool blocks(struct reader *r, uint64_t len, struct err *e)
{
    uint32_t n, zero, address;

    if (!reader_u32be(r, &n) || !reader_u32be(r, &zero) || n > BLOCKS)
        return err_pos(e, ERR_FORMAT, r->offset, "no table of blocks");
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t at = r->offset;

        if (!reader_u32be(r, &address))
            return err_pos(e, ERR_FORMAT, at, "the table of blocks is cut short");
        if ((address & ~31u) + SHIFT + ((uint64_t)1 << (address & 31)) > len)
            return err_pos(e, ERR_FORMAT, at, "block %" PRIu32 " ends behind the file", i);
    }
    return true;
}

/* What Finder keeps of a folder: only where it lies is read. */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct slice block, kept;
    uint32_t root, size, again;
    uint64_t len;

    if (!feed_more(in->feed, &r, HEADER, e))
        return false;
    if (!reader_skip(&r, MAGIC_LEN) || !reader_u32be(&r, &root) || !reader_u32be(&r, &size) ||
        !reader_u32be(&r, &again) || root != again || root < HEADER - SHIFT || size < ROOT_MIN ||
        size > FEED_NEED)
        return err_pos(e, ERR_FORMAT, 0, "no header of the settings of a folder");
    if (!feed_seek(in->feed, &r, (uint64_t)root + SHIFT, e) || !feed_more(in->feed, &r, size, e))
        return false;
    if (!reader_bytes(&r, size, &block))
        return err_pos(e, ERR_FORMAT, r.offset, "the root block is cut short");
    kept = (struct slice){memcpy(arena_alloc(in->scratch, size), block.data, size), size};
    if (!feed_drain(in->feed, &len, e))
        return false;
    cover->parsed = HEADER + size;
    cover->opaque = len - cover->parsed;
    r = reader_at(kept, (uint64_t)root + SHIFT);
    return blocks(&r, len, e);
}

const struct format format_dsstore = {
    .name = "dsstore",
    .summary = "settings of a folder that macOS leaves behind (.DS_Store): opaque",
    .spec = "Wim Lewis, DS_Store file format (2012)",
    .probe = probe,
    .parse = parse,
};
