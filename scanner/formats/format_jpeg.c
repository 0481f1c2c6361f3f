#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

/* Markers behind 0xff. SPEC: ITU-T T.81, table B.1 */
enum marker { TEM = 0x01, RST0 = 0xd0, RST7 = 0xd7, SOI = 0xd8, EOI = 0xd9, SOS = 0xda };

/* Certain with a second marker, where the first segment ends: small negative numbers have the first
 * one, too. */
static int probe(struct slice head, const char *name)
{
    size_t next;

    (void)name;
    if (head.len < 4 || !slice_starts(head, "\xff\xd8\xff") || head.data[3] < 0xc0)
        return 0;
    if (head.len < 6)
        return FORMAT_SURE;
    next = 4 + ((size_t)head.data[4] << 8 | head.data[5]);
    return next >= 6 && next < head.len && head.data[next] == 0xff ? FORMAT_CERTAIN : FORMAT_SURE;
}

/* Compressed data: to the next 0xff that neither a zero nor a restart marker follows. */
static bool scan_data(const struct format_input *in, struct reader *r, struct format_cover *cover,
                      struct err *e)
{
    for (;;) {
        const uint8_t *mark;
        size_t n;

        if (!feed_more(in->feed, r, 2, e))
            return false;
        if (r->left < 2)
            return err_pos(e, ERR_FORMAT, r->offset, "no end of the picture (EOI)");
        mark = memchr(r->data, 0xff, r->left - 1);
        n = mark != NULL ? (size_t)(mark - r->data) : r->left - 1;
        if (mark != NULL && mark[1] != 0 && (mark[1] < RST0 || mark[1] > RST7)) {
            cover->opaque += n;
            return reader_skip(r, n);
        }
        n += mark != NULL ? 2 : 0;
        cover->opaque += n;
        if (!reader_skip(r, n))
            return false;
    }
}

/* A marker with what belongs to it; `*last`: it is EOI. */
static bool segment(const struct format_input *in, struct reader *r, struct format_cover *cover,
                    bool *last, struct err *e)
{
    const uint64_t at = r->offset;
    uint8_t ff, marker;
    uint16_t len;

    if (!feed_more(in->feed, r, 4, e))
        return false;
    if (!reader_u8(r, &ff) || !reader_u8(r, &marker))
        return err_pos(e, ERR_FORMAT, at, "no end of the picture (EOI)");
    if (ff != 0xff || marker == 0 || marker == SOI)
        return err_pos(e, ERR_FORMAT, at, "no marker stands here");
    cover->parsed += marker == 0xff ? 1 : 2;
    *last = marker == EOI;
    if (marker == 0xff) /* filler */
        return feed_seek(in->feed, r, at + 1, e);
    if (*last || marker == TEM || (marker >= RST0 && marker <= RST7))
        return true;
    if (!reader_u16be(r, &len) || len < 2)
        return err_pos(e, ERR_FORMAT, at, "a segment without a length");
    if (!feed_seek(in->feed, r, at + 2 + len, e))
        return false;
    cover->parsed += 2;
    cover->opaque += len - 2u;
    return marker != SOS || scan_data(in, r, cover, e);
}

/* Cameras put further pictures behind the first. SPEC: CIPA DC-007 (Multi-Picture Format) */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};

    do {
        bool last = false;

        if (!reader_skip(&r, 2) && !feed_seek(in->feed, &r, 2, e))
            return false;
        cover->parsed += 2;
        while (!last)
            if (!segment(in, &r, cover, &last, e))
                return false;
        if (!feed_more(in->feed, &r, 3, e))
            return false;
    } while (r.left >= 3 && memcmp(r.data, "\xff\xd8\xff", 3) == 0);
    return true;
}

const struct format format_jpeg = {
    .name = "jpeg",
    .summary = "pictures that stand beside a model: segments up to EOI, their data opaque",
    .spec = "ITU-T T.81 (1992), annex B",
    .probe = probe,
    .parse = parse,
};
