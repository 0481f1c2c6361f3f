#include <inttypes.h>
#include <string.h>

#include "scanner/formats/format.h"

#define HEADER 27
#define PAGE ((size_t)HEADER + 255 + (size_t)255 * 255) /* bytes of the longest page */
#define STREAMS 64                                      /* that are open at once; films have 3 */
#define CHECKSUM 22                                     /* its offset in a page */

enum flag { CONTINUED = 1, FIRST = 2, LAST = 4 };

struct stream {
    uint32_t serial, next; /* number of the page that follows */
};

struct head {
    uint64_t at;
    uint8_t flags;
    uint32_t serial, number;
};

struct walk {
    uint32_t crc[256];
    struct stream open[STREAMS];
    size_t nopen;
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "OggS") && head.len >= HEADER && head.data[4] == 0 &&
                   (head.data[5] & FIRST) != 0
               ? FORMAT_CERTAIN
               : 0;
}

/* SPEC: RFC 3533, section 6: polynomial 0x04c11db7, highest bit first */
static void table(struct walk *w)
{
    for (uint32_t i = 0; i < 256; i++) {
        w->crc[i] = i << 24;
        for (unsigned k = 0; k < 8; k++)
            w->crc[i] = (w->crc[i] << 1) ^ ((w->crc[i] >> 31) != 0 ? 0x04c11db7u : 0);
    }
}

/* The checksum of a page, as if its own field held zeros. */
static uint32_t checksum(const struct walk *w, struct slice page)
{
    uint32_t crc = 0;

    for (size_t i = 0; i < page.len; i++) {
        const uint8_t byte = i - CHECKSUM < 4 ? 0 : page.data[i];

        crc = crc << 8 ^ w->crc[(crc >> 24 ^ byte) & 0xff];
    }
    return crc;
}

/* The page must be the next one of its stream. */
static bool follow(struct walk *w, const struct head *h, struct err *e)
{
    const uint32_t serial = h->serial, number = h->number;
    const uint8_t flags = h->flags;
    const uint64_t at = h->at;
    size_t i = 0;

    while (i < w->nopen && w->open[i].serial != serial)
        i++;
    if (i < w->nopen ? (flags & FIRST) != 0 : (flags & FIRST) == 0)
        return err_pos(e, ERR_FORMAT, at, "a page of a stream that %s",
                       i < w->nopen ? "begins twice" : "never began");
    if (i == STREAMS)
        return err_pos(e, ERR_LIMIT, at, "more than %d streams at once", STREAMS);
    if (i == w->nopen)
        w->open[w->nopen++] = (struct stream){serial, number};
    if (w->open[i].next != number)
        return err_pos(e, ERR_FORMAT, at, "page %" PRIu32 " where %" PRIu32 " must stand", number,
                       w->open[i].next);
    w->open[i].next++;
    if ((flags & LAST) != 0)
        w->open[i] = w->open[--w->nopen];
    return true;
}

/* The lengths of the header and of all. */
static bool lengths(struct slice s, size_t *header, size_t *all)
{
    if (s.len < HEADER || memcmp(s.data, "OggS", 4) != 0 || s.data[4] != 0)
        return false;
    *header = HEADER + (size_t)s.data[HEADER - 1];
    *all = *header;
    for (size_t i = HEADER; i < *header && i < s.len; i++)
        *all += s.data[i];
    return true;
}

static bool page(const struct format_input *in, struct reader *r, struct format_cover *cover,
                 struct walk *w, struct err *e)
{
    const uint64_t at = r->offset;
    struct head head = {.at = at};
    size_t header, all;
    struct slice page;
    struct reader h;
    uint32_t crc;

    if (!lengths((struct slice){r->data, r->left}, &header, &all))
        return err_pos(e, ERR_FORMAT, at, "no page begins here");
    if (!reader_bytes(r, all, &page))
        return err_pos(e, ERR_FORMAT, at, "a page is cut short");
    h = reader_over(slice_from(page, 14));
    if (!reader_u32le(&h, &head.serial) || !reader_u32le(&h, &head.number) ||
        !reader_u32le(&h, &crc))
        return err_pos(e, ERR_FORMAT, at, "a page is cut short");
    if (crc != checksum(w, page))
        return err_pos(e, ERR_FORMAT, at, "a page with a wrong checksum");
    head.flags = page.data[5];
    if (!follow(w, &head, e))
        return false;
    cover->parsed += header;
    cover->opaque += all - header;
    return feed_more(in->feed, r, PAGE, e);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct walk w = {.nopen = 0};
    struct reader r = {.offset = 0};

    table(&w);
    if (!feed_more(in->feed, &r, PAGE, e))
        return false;
    while (r.left > 0) {
        /* behind the last page of all streams others may begin (chained ones), or nothing */
        if (w.nopen == 0 && r.offset > 0 && (r.left < 4 || memcmp(r.data, "OggS", 4) != 0))
            return true;
        if (!page(in, &r, cover, &w, e))
            return false;
    }
    return w.nopen == 0 || err_at(e, ERR_FORMAT, &r, "%zu streams have no last page", w.nopen);
}

const struct format format_ogg = {
    .name = "ogg",
    .summary = "sounds that stand beside a model: Ogg (Vorbis, Opus); pages, their data opaque",
    .spec = "RFC 3533",
    .begins = "OggS",
    .probe = probe,
    .parse = parse,
};
