#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define SIGNATURE_LEN 8
#define IHDR_LEN 13
#define FRAME 12                        /* bytes around the data of a chunk: length, type, CRC */
#define CHUNK_MAX ((uint32_t)INT32_MAX) /* SPEC: PNG 3rd edition, 5.3 */

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, SIGNATURE) ? FORMAT_CERTAIN : 0;
}

static bool letters(struct slice type)
{
    for (size_t i = 0; i < type.len; i++)
        if ((type.data[i] | 0x20) < 'a' || (type.data[i] | 0x20) > 'z')
            return false;
    return true;
}

/* One chunk; `*last`: it is IEND. */
static bool chunk(const struct format_input *in, struct reader *r, struct format_cover *cover,
                  bool *last, struct err *e)
{
    const uint64_t at = r->offset;
    struct slice type;
    uint32_t len;

    if (!feed_more(in->feed, r, 8, e))
        return false;
    if (!reader_u32be(r, &len) || !reader_bytes(r, 4, &type))
        return err_pos(e, ERR_FORMAT, at, "no chunk IEND at the end");
    if (len > CHUNK_MAX || !letters(type))
        return err_pos(e, ERR_FORMAT, at, "no chunk begins here");
    if (at == SIGNATURE_LEN && (memcmp(type.data, "IHDR", 4) != 0 || len != IHDR_LEN))
        return err_pos(e, ERR_FORMAT, at, "the first chunk is not IHDR");
    *last = memcmp(type.data, "IEND", 4) == 0;
    if (*last && len != 0)
        return err_pos(e, ERR_FORMAT, at, "IEND of %" PRIu32 " bytes", len);
    if (!feed_seek(in->feed, r, at + FRAME + len, e))
        return false;
    cover->opaque += len;
    cover->parsed += FRAME;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    bool last = false;

    if (!feed_more(in->feed, &r, SIGNATURE_LEN, e))
        return false;
    if (!reader_skip(&r, SIGNATURE_LEN))
        return err_pos(e, ERR_FORMAT, 0, "the signature is cut short");
    cover->parsed = SIGNATURE_LEN;
    while (!last)
        if (!chunk(in, &r, cover, &last, e))
            return false;
    return true;
}

const struct format format_png = {
    .name = "png",
    .summary = "pictures that stand beside a model: chunks up to IEND, their data opaque",
    .spec = "W3C, Portable Network Graphics, third edition",
    .probe = probe,
    .parse = parse,
};
