#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "\0\5\x16\7\0\2\0\0"
#define MAGIC_LEN 8
#define FILLER 16
#define HEADER (MAGIC_LEN + FILLER + 2)
#define ENTRY 12
#define ENTRIES 15 /* SPEC: AppleDouble, table 2-1: so many kinds */

/* Named as the file that it belongs to, and no such file begins with a NUL and these. */
static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= MAGIC_LEN && memcmp(head.data, MAGIC, MAGIC_LEN) == 0 ? FORMAT_ALONE : 0;
}

/* Where the entries end; none begins within the header. */
static bool entries(struct reader *r, uint16_t n, uint64_t *end, struct err *e)
{
    const uint64_t least = HEADER + (uint64_t)n * ENTRY;

    *end = least;
    for (uint16_t i = 0; i < n; i++) {
        const uint64_t at = r->offset;
        uint32_t kind, start, len;

        if (!reader_u32be(r, &kind) || !reader_u32be(r, &start) || !reader_u32be(r, &len))
            return err_pos(e, ERR_FORMAT, at, "the table of entries is cut short");
        if (start < least)
            return err_pos(e, ERR_FORMAT, at, "entry %" PRIu32 " begins in the header", kind);
        if ((uint64_t)start + len > *end)
            *end = (uint64_t)start + len;
    }
    return true;
}

/* What macOS keeps of a file beside it: colours, icons, where it came from. */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    uint64_t end;
    uint16_t n;

    if (!feed_more(in->feed, &r, HEADER + ENTRIES * ENTRY, e))
        return false;
    if (!reader_skip(&r, MAGIC_LEN + FILLER) || !reader_u16be(&r, &n) || n > ENTRIES)
        return err_pos(e, ERR_FORMAT, 0, "no header");
    if (!entries(&r, n, &end, e) || !feed_seek(in->feed, &r, end, e))
        return false;
    cover->parsed = HEADER + (uint64_t)n * ENTRY;
    cover->opaque = end - cover->parsed;
    return true;
}

const struct format format_appledouble = {
    .name = "appledouble",
    .summary = "attributes of a file that macOS packs beside it (._NAME): opaque",
    .spec = "RFC 1740, appendix B",
    .probe = probe,
    .parse = parse,
};
