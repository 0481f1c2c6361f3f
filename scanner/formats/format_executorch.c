/* Programs of ExecuTorch: a FlatBuffer with an extended header, and segments of data behind it. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/formats/graph/executorch.h"

#define HEADER_AT 8
#define HEADER_OLD 24 /* bytes, without the size of the segments */
#define HEADER 32

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 8 && memcmp(head.data + 4, "ET12", 4) == 0 ? FORMAT_CERTAIN : 0;
}

/* SPEC: schema/extended_header.h. Without one, all of the file is the FlatBuffer. */
static bool read_header(struct executorch *t, uint64_t len, uint64_t *program, struct err *e)
{
    uint8_t bytes[HEADER_AT + HEADER] = {0};
    struct reader r = reader_over((struct slice){bytes, sizeof(bytes)});
    uint32_t size = 0;
    uint64_t data = 0;

    *program = t->segments.end = len;
    if (len < sizeof(bytes))
        return true;
    if (!source_read(t->in->bytes, 0, bytes, sizeof(bytes), e))
        return false;
    if (memcmp(bytes + HEADER_AT, "eh00", 4) != 0)
        return true;
    if (!reader_skip(&r, HEADER_AT + 4) || !reader_u32le(&r, &size) || !reader_u64le(&r, program) ||
        !reader_u64le(&r, &t->segments.base) || !reader_u64le(&r, &data))
        return err_pos(e, ERR_FORMAT, HEADER_AT, "the header is cut short");
    if (size < HEADER_OLD)
        return err_pos(e, ERR_FORMAT, HEADER_AT + 4, "a header of %" PRIu32 " bytes, at least %d",
                       size, HEADER_OLD);
    if (*program > len || t->segments.base > len ||
        (t->segments.base != 0 && t->segments.base < *program))
        return err_pos(e, ERR_FORMAT, HEADER_AT + 8,
                       "a program of %" PRIu64 " bytes and data from byte %" PRIu64
                       " on, in %" PRIu64 " bytes",
                       *program, t->segments.base, len);
    if (size < HEADER || data == 0) /* before 1.0 nothing said how much there is */
        return true;
    if (data > len - t->segments.base)
        return err_pos(e, ERR_FORMAT, HEADER_AT + HEADER - 8,
                       "%" PRIu64 " bytes of data from byte %" PRIu64
                       " on, the file ends at byte %" PRIu64,
                       data, t->segments.base, len);
    t->segments.end = t->segments.base + data;
    return true;
}

static bool read_program(struct executorch *t, struct err *e)
{
    return flatbuffer_root(&t->f, &t->program, e) &&
           flatbuffer_scalar(&t->program, EXECUTORCH_VERSION, 4, &t->version, e) &&
           segments_read(&t->segments, &t->program, EXECUTORCH_SEGMENTS, t->in->scratch, e) &&
           executorch_data_read(t, e) && executorch_plan_read(t, e);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct executorch *t = ARENA_NEW(in->scratch, struct executorch);
    struct segments_walk walk = {.bytes = in->bytes, .embedded = &t->embedded};
    uint64_t program, accounted = 0;
    bool ok;

    t->in = in;
    walk.to = source_len(in->bytes);
    tally_init(&t->ops, in->scratch);
    value_list_begin(&t->methods, in->scratch);
    value_list_begin(&t->delegates, in->scratch);
    value_list_begin(&t->keys, in->scratch);
    value_list_begin(&t->embedded, in->scratch);
    if (walk.to == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &walk.to, e))
        return false;
    if (!read_header(t, walk.to, &program, e))
        return false;
    flatbuffer_init(&t->f, in->bytes, 0, program);
    ok = read_program(t, e) && flatbuffer_padding(&t->f, &accounted, e);
    flatbuffer_release(&t->f);
    walk.from = program;
    if (!ok || !segments_walk(&t->segments, &walk, e))
        return false;
    cover->opaque = t->opaque < accounted ? t->opaque : accounted;
    cover->parsed = accounted - cover->opaque + walk.padding;
    cover->opaque += t->segments.bytes;
    executorch_tell(t);
    return true;
}

const struct format format_executorch = {
    .name = "executorch",
    .summary = "programs of ExecuTorch (.pte): methods, operators, delegates, segments of data",
    .spec = "ExecuTorch 1.0, schema/program.fbs and extended_header.h; FlatBuffers internals",
    .probe = probe,
    .parse = parse,
};
