#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define BOX 8
#define LARGE 16

static bool printable(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < ' ' || p[i] > '~')
            return false;
    return true;
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= LARGE && memcmp(head.data + 4, "ftyp", 4) == 0 && head.data[0] == 0 &&
                   head.data[1] == 0 && printable(head.data + 8, 4)
               ? FORMAT_CERTAIN
               : 0;
}

/* What a file must have to be more than a beginning. */
struct seen {
    bool index, data; /* moov, moof or meta; mdat */
};

/* The length of a box, its header and all: 0 is all that is left. */
static bool size_of(struct reader *r, struct slice *type, uint64_t *size, uint64_t *header)
{
    uint32_t small;

    *header = BOX;
    if (!reader_u32be(r, &small) || !reader_bytes(r, 4, type))
        return false;
    *size = small;
    if (small != 1)
        return small == 0 || small >= BOX;
    *header = LARGE;
    return reader_u64be(r, size) && *size >= LARGE;
}

static bool box(const struct format_input *in, struct reader *r, struct format_cover *cover,
                struct seen *seen, struct err *e)
{
    const uint64_t at = r->offset;
    uint64_t size, header, end;
    struct slice type;

    if (!size_of(r, &type, &size, &header) || !printable(type.data, 4) || size > UINT64_MAX - at)
        return err_pos(e, ERR_FORMAT, at, "no box begins here");
    seen->index = seen->index || memcmp(type.data, "moov", 4) == 0 ||
                  memcmp(type.data, "moof", 4) == 0 || memcmp(type.data, "meta", 4) == 0;
    seen->data = seen->data || memcmp(type.data, "mdat", 4) == 0;
    if (size == 0 && !feed_drain(in->feed, &end, e))
        return false;
    end = size == 0 ? end : at + size;
    if (size == 0)
        *r = (struct reader){.offset = end};
    else if (!feed_seek(in->feed, r, end, e))
        return false;
    cover->parsed += header;
    cover->opaque += end - at - header;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct seen seen = {false, false};

    for (;;) {
        if (!feed_more(in->feed, &r, LARGE, e))
            return false;
        if (r.left == 0)
            break;
        if (!box(in, &r, cover, &seen, e))
            return false;
    }
    if (!seen.index || !seen.data)
        return err_pos(e, ERR_FORMAT, r.offset, "no %s", seen.index ? "media data" : "index");
    return true;
}

const struct format format_bmff = {
    .name = "bmff",
    .summary = "films, sounds and pictures that stand beside a model: MP4, HEIF; boxes, opaque",
    .spec = "ISO/IEC 14496-12:2022, section 4.2",
    .probe = probe,
    .parse = parse,
};
