#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define HEADER 12 /* bytes: length, its masked CRC-32C */
#define CRC 4

/* SPEC: RFC 3720, appendix B.4, with the mask of TensorFlow, tsl/lib/hash/crc32c.h */
static uint32_t masked_crc(const uint8_t *p, size_t n)
{
    uint32_t c = UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        c ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            c = (c >> 1) ^ ((c & 1) != 0 ? 0x82f63b78u : 0);
    }
    c = ~c;
    return ((c >> 15) | (c << 17)) + 0xa282ead8u;
}

/* The length of a record, or false: these are not one's first bytes. */
static bool header(struct slice head, uint64_t *len)
{
    struct reader r = reader_over(head);
    uint32_t crc;

    return reader_u64le(&r, len) && reader_u32le(&r, &crc) && crc == masked_crc(head.data, 8);
}

static int probe(struct slice head, const char *name)
{
    uint64_t len;

    (void)name;
    return header(head, &len) ? FORMAT_CERTAIN : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct slice head;
    uint64_t len;

    for (;;) {
        if (!feed_more(in->feed, &r, HEADER, e))
            return false;
        if (r.left == 0)
            return true;
        if (!reader_bytes(&r, HEADER, &head) || !header(head, &len) ||
            len > UINT64_MAX - CRC - r.offset)
            return err_pos(e, ERR_FORMAT, r.offset, "no record begins here");
        if (!feed_seek(in->feed, &r, r.offset + len + CRC, e))
            return false;
        cover->parsed += HEADER + CRC;
        cover->opaque += len;
    }
}

const struct format format_tfrecord = {
    .name = "tfrecord",
    .summary = "records of TensorFlow, such as the events of TensorBoard: their data is opaque",
    .spec = "TensorFlow 2.18, tsl/lib/io/record_writer.h",
    .probe = probe,
    .parse = parse,
};
