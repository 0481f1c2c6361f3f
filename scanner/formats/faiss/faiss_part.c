/* The parts that indexes of FAISS share: numbers, vectors, quantizers, graphs. */
#include <inttypes.h>

#include "scanner/formats/faiss/faiss.h"

#define LARGEST ((uint64_t)1 << 40) /* bytes of a vector; FAISS has the same cap */
#define HASH_TABLE 2                /* DirectMap: what follows the array is one */

bool faiss_part_number(struct faiss *x, unsigned bytes, uint64_t *out, struct err *e)
{
    const uint64_t at = x->r.offset;
    uint32_t four;
    uint8_t one;
    bool ok;

    if (!feed_more(x->in->feed, &x->r, bytes, e))
        return false;
    if (bytes == 8) {
        ok = reader_u64le(&x->r, out);
    } else if (bytes == 4) {
        ok = reader_u32le(&x->r, &four);
        *out = ok ? four : 0;
    } else {
        ok = reader_u8(&x->r, &one);
        *out = ok ? one : 0;
    }
    return ok || err_pos(e, ERR_FORMAT, at, "the index ends before a number of %u bytes", bytes);
}

bool faiss_part_pass(struct faiss *x, unsigned bytes, unsigned n, struct err *e)
{
    uint64_t ignored;

    for (unsigned i = 0; i < n; i++)
        if (!faiss_part_number(x, bytes, &ignored, e))
            return false;
    return true;
}

bool faiss_part_kind(struct faiss *x, struct slice *out, struct err *e)
{
    const uint64_t at = x->r.offset;

    return feed_more(x->in->feed, &x->r, 4, e) &&
           (reader_bytes(&x->r, 4, out) ||
            err_pos(e, ERR_FORMAT, at, "the index ends before the four letters of a kind"));
}

bool faiss_part_vector(struct faiss *x, unsigned size, uint64_t *n, struct err *e)
{
    const uint64_t at = x->r.offset;

    if (!faiss_part_number(x, 8, n, e))
        return false;
    if (*n > LARGEST / size)
        return err_pos(e, ERR_FORMAT, at, "a vector of %" PRIu64 " elements of %u bytes", *n, size);
    if (!feed_skip(x->in->feed, &x->r, *n * size, e))
        return false;
    x->opaque += *n * size;
    return true;
}

bool faiss_part_product(struct faiss *x, struct err *e)
{
    const uint64_t at = x->r.offset;
    uint64_t dimensions, parts, bits, n;

    if (!faiss_part_number(x, 8, &dimensions, e) || !faiss_part_number(x, 8, &parts, e) ||
        !faiss_part_number(x, 8, &bits, e) || !faiss_part_vector(x, 4, &n, e))
        return false;
    if (dimensions > FAISS_DIMENSIONS || parts == 0 || bits < 1 || bits > 24)
        return err_pos(e, ERR_FORMAT, at,
                       "a quantizer of %" PRIu64 " dimensions in %" PRIu64 " parts of %" PRIu64
                       " bits",
                       dimensions, parts, bits);
    x->wrong += n != dimensions << bits;
    return true;
}

bool faiss_part_scalar(struct faiss *x, struct err *e)
{
    uint64_t n;

    /* kind, two settings; dimensions and size of a code */
    return faiss_part_pass(x, 4, 3, e) && faiss_part_pass(x, 8, 2, e) &&
           faiss_part_vector(x, 4, &n, e);
}

bool faiss_part_graph(struct faiss *x, uint64_t vectors, struct err *e)
{
    uint64_t probabilities, counts, levels, offsets, neighbours;

    if (!faiss_part_vector(x, 8, &probabilities, e) || !faiss_part_vector(x, 4, &counts, e) ||
        !faiss_part_vector(x, 4, &levels, e) || !faiss_part_vector(x, 8, &offsets, e) ||
        !faiss_part_vector(x, 4, &neighbours, e))
        return false;
    x->wrong += levels != vectors || offsets != vectors + 1;
    /* entry point, highest level, two settings of searches and one that is no more */
    return faiss_part_pass(x, 4, 5, e);
}

bool faiss_part_map(struct faiss *x, struct err *e)
{
    uint64_t kind, n;

    return faiss_part_number(x, 1, &kind, e) && faiss_part_vector(x, 8, &n, e) &&
           (kind != HASH_TABLE || faiss_part_vector(x, 16, &n, e));
}
