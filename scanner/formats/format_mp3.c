#include <inttypes.h>
#include <string.h>

#include "scanner/formats/extension.h"
#include "scanner/formats/format.h"

#define TAG 10   /* bytes: the header of ID3v2, and its footer */
#define HEADER 4 /* bytes: of a frame */
#define ID3V1 128
#define APE 32
#define WINDOW 4096 /* bytes: more than the longest frame, 2881 */
#define SURELY 3    /* frames in a row that are no chance */

/* A frame, by its header. SPEC: ISO/IEC 11172-3, 2.4.2.3; 13818-3 for the lower rates; "2.5" is an
 * extension of Fraunhofer. */
struct frame {
    uint8_t version, layer; /* as coded: 3 is MPEG 1, 2 MPEG 2, 0 "2.5"; 1 is layer III */
    uint32_t rate, len;
    bool mono;
};

static const uint16_t kilobits[5][16] = {
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0}, /* 1, layer I */
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0},    /* 1, II */
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},     /* 1, III */
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0},    /* 2, I */
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},         /* 2, II and III */
};

static bool frame_of(struct slice s, struct frame *f)
{
    static const uint32_t rates[] = {44100, 48000, 32000};
    uint32_t bits, padding, row;

    if (s.len < HEADER || s.data[0] != 0xff || (s.data[1] & 0xe0) != 0xe0)
        return false;
    f->version = s.data[1] >> 3 & 3;
    f->layer = s.data[1] >> 1 & 3;
    if (f->version == 1 || f->layer == 0 || (s.data[2] >> 2 & 3) == 3)
        return false;
    row = f->version == 3 ? 3u - f->layer : f->layer == 3 ? 3 : 4;
    bits = kilobits[row][s.data[2] >> 4] * UINT32_C(1000);
    f->rate = rates[s.data[2] >> 2 & 3] >> (f->version == 3 ? 0 : f->version == 2 ? 1 : 2);
    f->mono = s.data[3] >> 6 == 3;
    padding = s.data[2] >> 1 & 1;
    if (bits == 0) /* a bit rate that no header gives */
        return false;
    if (f->layer == 3)
        f->len = (12 * bits / f->rate + padding) * 4;
    else
        f->len = (f->layer == 1 && f->version != 3 ? 72 : 144) * bits / f->rate + padding;
    return f->len > HEADER;
}

static bool alike(const struct frame *a, const struct frame *b)
{
    return a->version == b->version && a->layer == b->layer && a->rate == b->rate;
}

/* How many frames stand in a row here, up to SURELY, as far as can be seen. */
static unsigned in_a_row(struct slice s)
{
    struct frame first, f;
    unsigned n = 0;

    while (n < SURELY && frame_of(s, &f) && (n == 0 || alike(&f, &first))) {
        first = n == 0 ? f : first;
        n++;
        s = slice_from(s, f.len);
    }
    return n;
}

/* Four bytes of seven bits each. SPEC: ID3v2.4, section 6.2 */
static bool syncsafe(const uint8_t *p, uint64_t *n)
{
    *n = 0;
    for (size_t i = 0; i < 4; i++) {
        if (p[i] >= 0x80)
            return false;
        *n = *n << 7 | p[i];
    }
    return true;
}

/* A tag of ID3v2 and all of its length. SPEC: ID3v2.4, section 3.1 */
static bool tag_of(struct slice s, uint64_t *len)
{
    if (s.len < TAG || memcmp(s.data, "ID3", 3) != 0 || s.data[3] < 2 || s.data[3] > 4 ||
        s.data[4] == 0xff || !syncsafe(s.data + 6, len))
        return false;
    *len += s.data[3] == 4 && (s.data[5] & 0x10) != 0 ? 2 * TAG : TAG;
    return true;
}

static int probe(struct slice head, const char *name)
{
    const unsigned frames = in_a_row(head);
    uint64_t len;

    if (tag_of(head, &len) || frames == SURELY)
        return FORMAT_CERTAIN;
    return frames > 0 && extension_promises(name, "mp3") ? FORMAT_SURE : 0;
}

struct walk {
    struct frame first;
    uint64_t frames, promised; /* as the header of Xing says; 0: it does not */
};

/* The frame of Xing's header holds no sound, but how many frames do.
 * SPEC: G. Gaya, MP3 Tag Specification (LAME 3.90), "Xing header" */
static void xing(struct walk *w, const struct frame *f, struct slice s)
{
    const size_t side = f->version == 3 ? (f->mono ? 17 : 32) : (f->mono ? 9 : 17);
    const struct slice at = slice_from(s, HEADER + side);
    struct reader r = reader_over(slice_from(at, 4));
    uint32_t flags, n;

    if ((slice_starts(at, "Xing") || slice_starts(at, "Info")) && reader_u32be(&r, &flags) &&
        (flags & 1) != 0 && reader_u32be(&r, &n))
        w->promised = (uint64_t)n + 1; /* itself, too */
}

/* Tags in front; zeros behind them. */
static bool front(const struct format_input *in, struct reader *r, struct format_cover *cover,
                  struct err *e)
{
    uint64_t len;

    while (tag_of((struct slice){r->data, r->left}, &len)) {
        const uint64_t at = r->offset;

        if (!feed_seek(in->feed, r, at + len, e) || !feed_more(in->feed, r, WINDOW, e))
            return false;
        cover->parsed += TAG;
        cover->opaque += len - TAG;
    }
    while (r->left > 0 && r->data[0] == 0) {
        if (!reader_skip(r, 1) || (r->left < WINDOW / 2 && !feed_more(in->feed, r, WINDOW, e)))
            return false;
        cover->opaque++;
    }
    return true;
}

/* What players know behind the frames: ID3v1, and APE's tags, whose length is in them.
 * SPEC: ID3v1; APEv2, "APE Tags Header": 32 bytes, the size without the header */
static bool behind(const struct format_input *in, struct reader *r, struct format_cover *cover,
                   struct err *e)
{
    struct slice s;
    uint32_t size;

    for (;;) {
        struct reader h;

        s = (struct slice){r->data, r->left};
        h = reader_over(slice_from(s, 12));
        if (!slice_starts(s, "APETAGEX") || s.len < APE || !reader_u32le(&h, &size))
            break;
        if (!feed_skip(in->feed, r, APE + (uint64_t)size, e) || !feed_more(in->feed, r, WINDOW, e))
            return false;
        cover->parsed += APE;
        cover->opaque += size;
    }
    if (slice_starts(s, "TAG") && s.len == ID3V1)
        cover->parsed += ID3V1;
    return true; /* anything else nobody accounts for */
}

static bool frames(const struct format_input *in, struct reader *r, struct format_cover *cover,
                   struct walk *w, struct err *e)
{
    struct frame f;

    while (frame_of((struct slice){r->data, r->left}, &f) &&
           (w->frames == 0 || alike(&f, &w->first))) {
        const uint64_t at = r->offset;

        if (w->frames == 0) {
            w->first = f;
            xing(w, &f, (struct slice){r->data, r->left});
        }
        if (f.len > r->left)
            return err_pos(e, ERR_FORMAT, at, "a frame of %" PRIu32 " bytes is cut short", f.len);
        if (!reader_skip(r, f.len) || !feed_more(in->feed, r, WINDOW, e))
            return false;
        w->frames++;
        cover->parsed += HEADER;
        cover->opaque += f.len - HEADER;
    }
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct walk w = {.frames = 0};
    struct reader r = {.offset = 0};

    if (!feed_more(in->feed, &r, WINDOW, e) || !front(in, &r, cover, e) ||
        !frames(in, &r, cover, &w, e))
        return false;
    if (w.frames == 0)
        return err_at(e, ERR_FORMAT, &r, "no frame begins here");
    if (w.frames < w.promised)
        return err_at(e, ERR_FORMAT, &r, "%" PRIu64 " frames, %" PRIu64 " were declared", w.frames,
                      w.promised);
    return behind(in, &r, cover, e);
}

const struct format format_mp3 = {
    .name = "mp3",
    .summary = "sounds that stand beside a model: MP3, its frames and tags, their data opaque",
    .spec = "ISO/IEC 11172-3:1993, 2.4.1.3; ISO/IEC 13818-3; ID3v2.4; APEv2",
    .begins = "ID3",
    .probe = probe,
    .parse = parse,
};
