/* Indexes of vectors as FAISS writes them. */
#include "scanner/formats/format.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/faiss/faiss.h"
#include "scanner/formats/summary.h"

#define FILLER ((uint64_t)1 << 20) /* what the writer puts twice where older heads had settings */

static bool is_float(struct slice head)
{
    struct reader r = reader_over(head);
    uint64_t vectors, first, second;
    uint32_t dimensions;

    return reader_skip(&r, 4) && reader_u32le(&r, &dimensions) && reader_u64le(&r, &vectors) &&
           reader_u64le(&r, &first) && reader_u64le(&r, &second) && first == FILLER &&
           second == FILLER;
}

static bool is_binary(struct slice head)
{
    struct reader r = reader_over(head);
    uint32_t bits, bytes;
    uint64_t vectors;
    uint8_t trained;

    return reader_skip(&r, 4) && reader_u32le(&r, &bits) && reader_u32le(&r, &bytes) &&
           reader_u64le(&r, &vectors) && reader_u8(&r, &trained) && bits > 0 && bits % 8 == 0 &&
           bytes == bits / 8 && trained <= 1;
}

static bool starts_binary(struct slice head)
{
    return slice_starts(head, "IB");
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    if (head.len < 4 || !faiss_read_knows((struct slice){head.data, 4}))
        return 0;
    return (starts_binary(head) ? is_binary(head) : is_float(head)) ? FORMAT_CERTAIN : 0;
}

static void tell(struct faiss *x, const struct faiss_index *index)
{
    const struct format_input *in = x->in;
    struct arena *a = in->scratch;
    struct value_builder b, none;

    value_map_begin(&none, a);
    summary_tell(in, index->vectors > 0, x->opaque, value_map_end(&none, NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kinds", tally_map(&x->kinds));
    value_map_add(&b, "dimensions", value_count(a, index->dimensions));
    value_map_add(&b, "vectors", value_count(a, index->vectors));
    value_map_add(&b, "metric", value_count(a, index->metric));
    value_map_add(&b, "trained", value_bool(a, index->trained, NULL));
    value_map_add(&b, "mismatched_sizes", value_count(a, x->wrong));
    format_tell(in, "model.faiss", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct faiss *x = ARENA_NEW(in->scratch, struct faiss);
    struct faiss_index index;
    bool binary;

    x->in = in;
    tally_init(&x->kinds, in->scratch);
    if (!feed_more(in->feed, &x->r, 4, e))
        return false;
    binary = starts_binary((struct slice){x->r.data, x->r.left});
    if (!faiss_read_index(x, binary, &index, e))
        return false;
    cover->opaque = x->opaque;
    cover->parsed = x->r.offset - x->opaque;
    tell(x, &index);
    return true;
}

const struct format format_faiss = {
    .name = "faiss",
    .summary = "indexes of vectors of FAISS: flat, IVF, PQ, HNSW, transforms, lists on disk",
    .spec = "FAISS 1.12, faiss/impl/index_read.cpp",
    .probe = probe,
    .parse = parse,
};
