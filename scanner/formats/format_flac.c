#include <inttypes.h>
#include <string.h>

#include "scanner/formats/format.h"

#define MAGIC 4
#define BLOCK 4       /* bytes in front of a block of metadata */
#define STREAMINFO 34 /* bytes */
#define HEADER 16     /* bytes of the longest header of a frame */
#define LEAST 2       /* bytes behind a header: the checksum */
#define WINDOW ((size_t)64 << 10)

/* What is kept of a walk over the frames. */
struct walk {
    uint16_t crc16[256];
    uint8_t crc8[256];
    uint64_t total, samples, frames; /* `total`: as the header says; 0: it does not */
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "fLaC") && head.len > MAGIC && (head.data[MAGIC] & 0x7f) == 0
               ? FORMAT_CERTAIN
               : 0;
}

/* SPEC: RFC 9639, sections 9.1.8 and 9.3: polynomials 0x07 and 0x8005, highest bit first */
static void tables(struct walk *w)
{
    for (unsigned i = 0; i < 256; i++) {
        uint32_t small = i, large = i << 8;

        for (unsigned k = 0; k < 8; k++) {
            small = (small << 1) ^ ((small & 0x80) != 0 ? 0x107 : 0);
            large = (large << 1) ^ ((large & 0x8000) != 0 ? 0x18005 : 0);
        }
        w->crc8[i] = (uint8_t)small;
        w->crc16[i] = (uint16_t)large;
    }
}

/* ---- metadata. SPEC: RFC 9639, section 8 ---- */
static bool info(const struct format_input *in, struct reader *r, struct walk *w, struct err *e)
{
    struct reader at;
    struct slice block;
    uint64_t packed;

    if (!feed_more(in->feed, r, STREAMINFO, e))
        return false;
    at = *r;
    if (!reader_bytes(&at, STREAMINFO, &block))
        return err_at(e, ERR_FORMAT, r, "the stream information is cut short");
    at = reader_over(slice_from(block, 10));
    if (!reader_u64be(&at, &packed))
        return err_at(e, ERR_FORMAT, r, "the stream information is cut short");
    w->total = packed & ((UINT64_C(1) << 36) - 1);
    return true;
}

static bool metadata(const struct format_input *in, struct reader *r, struct format_cover *cover,
                     struct walk *w, struct err *e)
{
    bool last = false, first = true;
    uint32_t head, len;

    for (; !last; first = false) {
        const uint64_t at = r->offset;

        if (!feed_more(in->feed, r, BLOCK, e))
            return false;
        if (!reader_u32be(r, &head))
            return err_pos(e, ERR_FORMAT, at, "a block of metadata is cut short");
        len = head & 0xffffff;
        last = head >> 31 != 0;
        head = head >> 24 & 0x7f;
        if (first != (head == 0) || (first && len != STREAMINFO) || head == 127)
            return err_pos(e, ERR_FORMAT, at, "a block of metadata of type %" PRIu32, head);
        if (first && !info(in, r, w, e))
            return false;
        if (!feed_seek(in->feed, r, at + BLOCK + len, e))
            return false;
        cover->parsed += BLOCK;
        cover->opaque += len;
    }
    return true;
}

/* ---- frames. SPEC: RFC 9639, section 9 ---- */
/* Bytes of the number in a header, by its first one; 0: it is none. */
static size_t number_len(uint8_t c)
{
    size_t n = 0;

    if (c < 0x80)
        return 1;
    while (n < 8 && (c & (0x80 >> n)) != 0)
        n++;
    return n < 2 || n > 7 ? 0 : n;
}

/* Does a header begin here? Its length and the number of samples. */
static bool header(const struct walk *w, struct slice s, size_t *len, uint32_t *samples)
{
    size_t n = 4, number;
    uint8_t crc = 0, size, rate;

    if (s.len < 6 || s.data[0] != 0xff || (s.data[1] & 0xfe) != 0xf8)
        return false;
    size = s.data[2] >> 4;
    rate = s.data[2] & 15;
    number = number_len(s.data[4]);
    if (size == 0 || rate == 15 || s.data[3] >> 4 > 10 || (s.data[3] & 1) != 0 || number == 0)
        return false;
    n += number;
    *samples = size == 1 ? 192 : size < 6 ? UINT32_C(144) << size : UINT32_C(1) << size;
    number = size == 6 ? 1 : size == 7 ? 2 : 0;
    if (s.len < n + number + 3)
        return false;
    if (number > 0)
        *samples = 1 + (number == 1 ? s.data[n] : ((uint32_t)s.data[n] << 8) + s.data[n + 1]);
    n += number + (rate == 12 ? 1 : rate == 13 || rate == 14 ? 2 : 0);
    if (s.len <= n)
        return false;
    for (size_t i = 0; i < n; i++)
        crc = w->crc8[crc ^ s.data[i]];
    *len = n + 1;
    return crc == s.data[n];
}

/* One frame: up to where its checksum holds and the next one begins, or all ends. */
static bool frame(const struct format_input *in, struct reader *r, struct format_cover *cover,
                  struct walk *w, struct err *e)
{
    const uint64_t at = r->offset;
    size_t len, next;
    uint32_t samples, unused;
    uint16_t crc = 0;
    struct slice s;

    if (!header(w, (struct slice){r->data, r->left}, &len, &samples))
        return err_pos(e, ERR_FORMAT, at, "no frame begins here");
    for (;;) {
        size_t i = 0;

        s = (struct slice){r->data, r->left};
        while (i < s.len) {
            if (crc == 0 && r->offset + i - at >= len + LEAST &&
                header(w, slice_from(s, i), &next, &unused))
                break;
            crc = (uint16_t)(crc << 8 ^ w->crc16[(crc >> 8 ^ s.data[i]) & 0xff]);
            i++;
            if (s.len - i < HEADER && s.len >= WINDOW)
                break; /* the next header must be there as a whole */
        }
        if (!reader_skip(r, i) || !feed_more(in->feed, r, WINDOW, e))
            return false;
        if (r->left == 0 || (crc == 0 && r->offset - at >= len + LEAST &&
                             header(w, (struct slice){r->data, r->left}, &next, &unused)))
            break;
    }
    if (crc != 0)
        return err_pos(e, ERR_FORMAT, at, "the last frame does not end with the file");
    cover->opaque += r->offset - at;
    w->samples += samples;
    w->frames++;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct walk w = {.total = 0};
    struct reader r = {.offset = MAGIC};

    tables(&w);
    if (!feed_seek(in->feed, &r, MAGIC, e))
        return false;
    cover->parsed = MAGIC;
    if (!metadata(in, &r, cover, &w, e) || !feed_more(in->feed, &r, WINDOW, e))
        return false;
    while (r.left > 0)
        if (!frame(in, &r, cover, &w, e))
            return false;
    if (w.total != 0 && w.samples != w.total)
        return err_at(e, ERR_FORMAT, &r, "%" PRIu64 " samples, %" PRIu64 " were declared",
                      w.samples, w.total);
    return true;
}

const struct format format_flac = {
    .name = "flac",
    .summary = "sounds that stand beside a model: FLAC; checksums of all frames, their data opaque",
    .spec = "RFC 9639",
    .begins = "fLaC",
    .probe = probe,
    .parse = parse,
};
