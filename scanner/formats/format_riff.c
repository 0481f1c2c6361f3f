#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define HEADER 12 /* bytes: RIFF, the size of the rest, the form */
#define CHUNK 8

static const struct form {
    const char *id, *name;
} forms[] = {
    {"WEBP", "webp"},
    {"WAVE", "wav"},
};

static const struct form *form_of(struct slice head)
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (head.len >= HEADER && memcmp(head.data + 8, forms[i].id, 4) == 0)
            return &forms[i];
    return NULL;
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "RIFF") && form_of(head) != NULL ? FORMAT_CERTAIN : 0;
}

/* One chunk of those that end at `end`. */
static bool chunk(const struct format_input *in, struct reader *r, uint64_t end,
                  struct format_cover *cover, struct err *e)
{
    const uint64_t at = r->offset;
    uint64_t next;
    uint32_t len;

    if (!feed_more(in->feed, r, CHUNK, e))
        return false;
    if (!reader_skip(r, 4) || !reader_u32le(r, &len))
        return err_pos(e, ERR_FORMAT, at, "a chunk is cut short");
    next = at + CHUNK + len;
    if (next > end)
        return err_pos(e, ERR_FORMAT, at, "a chunk of %" PRIu32 " bytes ends behind the file", len);
    next += next < end ? len & 1 : 0; /* some writers leave out the padding at the end */
    if (!feed_seek(in->feed, r, next, e))
        return false;
    cover->parsed += CHUNK;
    cover->opaque += next - at - CHUNK;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct slice head;
    uint32_t size;

    if (!feed_more(in->feed, &r, HEADER, e))
        return false;
    if (!reader_bytes(&r, HEADER, &head) || form_of(head) == NULL)
        return err_pos(e, ERR_FORMAT, 0, "no header of WebP or WAVE");
    cover->format = form_of(head)->name;
    cover->parsed = HEADER;
    r = reader_over(slice_from(head, 4));
    if (!reader_u32le(&r, &size) || size < HEADER - CHUNK)
        return err_pos(e, ERR_FORMAT, 4, "a size of %" PRIu32 " bytes", size);
    r = (struct reader){.offset = HEADER};
    while (r.offset < (uint64_t)size + CHUNK)
        if (!chunk(in, &r, (uint64_t)size + CHUNK, cover, e))
            return false;
    return true;
}

const struct format format_riff = {
    .name = "riff",
    .summary = "pictures and sounds that stand beside a model: WebP and WAVE, their data opaque",
    .spec = "RFC 9649 (WebP), section 2.3; Microsoft, Multimedia Data Standards Update (1994)",
    .probe = probe,
    .parse = parse,
};
