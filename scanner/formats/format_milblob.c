#include "scanner/formats/format.h"

#include <inttypes.h>

#include "scanner/formats/summary.h"

#define HEADER 64 /* bytes of the header, and of each record; both are aligned to it */
#define SENTINEL 0xdeadbeefu

/* SPEC: coremltools, mlmodel/src/MILBlob/Blob/StorageFormat.hpp */
static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head);
    uint32_t count, version, mark;
    struct slice zeros;

    (void)name;
    if (!reader_u32le(&r, &count) || !reader_u32le(&r, &version) || version != 2 ||
        !reader_bytes(&r, HEADER - 8, &zeros) || !reader_u32le(&r, &mark) || mark != SENTINEL)
        return 0;
    for (size_t i = 0; i < zeros.len; i++)
        if (zeros.data[i] != 0)
            return 0;
    return count > 0 ? FORMAT_CERTAIN : 0;
}

static uint64_t aligned(uint64_t at)
{
    return (at + HEADER - 1) / HEADER * HEADER;
}

/* One record and the data behind it. */
static bool read_blob(const struct format_input *in, struct reader *r, uint64_t *bytes,
                      struct err *e)
{
    const uint64_t at = r->offset;
    uint32_t mark, type;
    uint64_t size, start;

    if (!feed_more(in->feed, r, HEADER, e))
        return false;
    if (!reader_u32le(r, &mark) || !reader_u32le(r, &type) || !reader_u64le(r, &size) ||
        !reader_u64le(r, &start))
        return err_pos(e, ERR_FORMAT, at, "a record is cut short");
    if (mark != SENTINEL)
        return err_pos(e, ERR_FORMAT, at, "a record begins with 0x%08" PRIx32, mark);
    if (start != at + HEADER || size > UINT64_MAX - HEADER - start)
        return err_pos(e, ERR_FORMAT, at,
                       "%" PRIu64 " bytes at byte %" PRIu64 ", byte %" PRIu64 " is next", size,
                       start, at + HEADER);
    *bytes += size;
    return feed_seek(in->feed, r, start + size, e);
}

static void tell(const struct format_input *in, uint32_t count, uint64_t bytes)
{
    struct arena *a = in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    summary_tell(in, count, bytes, value_map_end(&types, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    uint64_t bytes = 0, len;
    uint32_t count, version;

    if (!feed_more(in->feed, &r, HEADER, e))
        return false;
    if (!reader_u32le(&r, &count) || !reader_u32le(&r, &version) || !reader_skip(&r, HEADER - 8))
        return err_pos(e, ERR_FORMAT, 0, "the header is cut short");
    for (uint32_t i = 0; i < count; i++) {
        if ((i > 0 && !feed_seek(in->feed, &r, aligned(r.offset), e)) ||
            !read_blob(in, &r, &bytes, e))
            return err_in(e, "record %" PRIu32, i);
    }
    cover->opaque = bytes;
    cover->parsed = r.offset - bytes;
    if (!feed_drain(in->feed, &len, e))
        return false;
    if (len - r.offset < HEADER && len == aligned(r.offset))
        cover->parsed += len - r.offset; /* padding */
    tell(in, count, bytes);
    return true;
}

const struct format format_milblob = {
    .name = "milblob",
    .summary = "weights of Core ML programs (weight.bin)",
    .spec = "coremltools 9, mlmodel/src/MILBlob/Blob/StorageFormat.hpp, version 2",
    .probe = probe,
    .parse = parse,
};
