#include "scanner/formats/format.h"

#include <string.h>

#define HEADER 13 /* bytes: signature, screen descriptor */
#define IMAGE 10  /* bytes of an image descriptor */
#define TABLE_BIT 0x80
#define TABLE_BYTES(flags) ((uint64_t)3 << (((flags)&7) + 1))

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "GIF87a") || slice_starts(head, "GIF89a") ? FORMAT_CERTAIN : 0;
}

/* Blocks of at most 255 bytes, up to an empty one. */
static bool sub_blocks(const struct format_input *in, struct reader *r, struct format_cover *cover,
                       struct err *e)
{
    uint8_t n = 0;

    do {
        if (!feed_more(in->feed, r, 1, e))
            return false;
        if (!reader_u8(r, &n))
            return err_pos(e, ERR_FORMAT, r->offset, "blocks of data without an end");
        if (n > 0 && !feed_skip(in->feed, r, n, e))
            return false;
        cover->parsed++;
        cover->opaque += n;
    } while (n > 0);
    return true;
}

/* A picture of the file, behind its first byte. */
static bool image(const struct format_input *in, struct reader *r, struct format_cover *cover,
                  struct err *e)
{
    const uint64_t at = r->offset;
    struct slice rest;
    uint64_t table;

    if (!feed_more(in->feed, r, IMAGE - 1, e))
        return false;
    if (!reader_bytes(r, IMAGE - 1, &rest))
        return err_pos(e, ERR_FORMAT, at, "an image is cut short");
    table = (rest.data[8] & TABLE_BIT) != 0 ? TABLE_BYTES(rest.data[8]) : 0;
    if (!feed_skip(in->feed, r, table + 1, e))
        return false;
    cover->opaque += table;
    cover->parsed += IMAGE; /* with the size of the first code, without the introducer */
    return sub_blocks(in, r, cover, e);
}

static bool block(const struct format_input *in, struct reader *r, struct format_cover *cover,
                  bool *last, struct err *e)
{
    const uint64_t at = r->offset;
    uint8_t kind;

    if (!feed_more(in->feed, r, 2, e))
        return false;
    if (!reader_u8(r, &kind))
        return err_pos(e, ERR_FORMAT, at, "no trailer at the end");
    *last = kind == 0x3b;
    cover->parsed++;
    if (*last)
        return true;
    if (kind == 0x2c)
        return image(in, r, cover, e);
    if (kind != 0x21 || !reader_skip(r, 1))
        return err_pos(e, ERR_FORMAT, at, "no block begins here");
    cover->parsed++;
    return sub_blocks(in, r, cover, e);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct slice head;
    uint64_t table;
    bool last = false;

    if (!feed_more(in->feed, &r, HEADER, e))
        return false;
    if (!reader_bytes(&r, HEADER, &head))
        return err_pos(e, ERR_FORMAT, 0, "the header is cut short");
    table = (head.data[10] & TABLE_BIT) != 0 ? TABLE_BYTES(head.data[10]) : 0;
    if (!feed_seek(in->feed, &r, HEADER + table, e))
        return false;
    cover->parsed = HEADER;
    cover->opaque = table;
    while (!last)
        if (!block(in, &r, cover, &last, e))
            return false;
    return true;
}

const struct format format_gif = {
    .name = "gif",
    .summary = "pictures that stand beside a model: blocks up to the trailer, their data opaque",
    .spec = "CompuServe, Graphics Interchange Format, version 89a",
    .probe = probe,
    .parse = parse,
};
