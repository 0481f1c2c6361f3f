/* Indexes by their kind: what each consists of, one letter a part. */
#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "scanner/formats/faiss/faiss.h"

/*
 * '1' '4' '8'  a number of so many bytes
 * 'b' 'f' 'd'  a vector of bytes, of floats or ints, of numbers of 8 bytes
 * 'x'          the vectors themselves, in floats; 'y' in bits
 * 'n'          a number of 8 bytes for each vector
 * 'i' 'j'      another index, of floats or of bits; 'I' 'J' over the same vectors
 * 'm'          where vectors lie in lists;   'l' the lists
 * 'p' 's'      a product quantizer, a scalar quantizer
 * 'g'          a graph of HNSW;   'c' transforms in front;   'v' one
 * '?'          what follows is there when the index was trained
 * A head stands in front of all.
 */
static const struct row {
    const char *kind, *parts;
    bool binary;
} rows[] = {
    {"IxFI", "x", false},
    {"IxF2", "x", false},
    {"IxFl", "x", false},
    {"IxHe", "411f4vb", false},
    {"IxPQ", "pb", false},
    {"IxPo", "pb414", false},
    {"IxPq", "pb414", false},
    {"IPfs", "p44488b", false},
    {"IxSQ", "sb", false},
    {"IwFl", "88iml", false},
    {"IwFd", "88imdl", false},
    {"IwSQ", "88ims8l", false},
    {"IwSq", "88ims81l", false},
    {"IwPQ", "88im18pl", false},
    {"IwQR", "88im18pl?pb4", false},
    {"IwPf", "88im184848pl", false},
    {"IwSh", "88imv444fl", false},
    {"IxPT", "ci", false},
    {"Imiq", "p", false},
    {"IxRF", "ii4", false},
    {"IxMp", "In", false},
    {"IxM2", "In", false},
    {"Ix2L", "i81p888b", false},
    {"IH00", "gI", false},
    {"IHNf", "gI", false},
    {"IHNp", "gI", false},
    {"IHNs", "gI", false},
    {"IHN2", "gI", false},
    {"IHNc", "114gI", false},
    {"IHc2", "1144gI", false},
    {"IRMf", "i", false},
    {"IRMh", "i", false},
    {"IBxF", "y", true},
    {"IBwF", "88jml", true},
    {"IBFf", "i", true},
    {"IBHf", "gJ", true},
    {"IBMp", "Jn", true},
    {"IBM2", "Jn", true},
};

static const struct row *row_of(struct slice kind)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (slice_is(kind, rows[i].kind))
            return &rows[i];
    return NULL;
}

bool faiss_read_knows(struct slice kind)
{
    return row_of(kind) != NULL;
}

/* ---- heads ---- */
static bool read_head(struct faiss *x, struct faiss_index *out, struct err *e)
{
    const uint64_t at = x->r.offset;
    uint64_t trained, metric, n = 0;

    if (!faiss_part_number(x, 4, &out->dimensions, e) ||
        (out->binary && !faiss_part_number(x, 4, &n, e)) ||
        !faiss_part_number(x, 8, &out->vectors, e) ||
        (!out->binary && !faiss_part_pass(x, 8, 2, e)) || !faiss_part_number(x, 1, &trained, e) ||
        !faiss_part_number(x, 4, &metric, e) ||
        (!out->binary && metric > 1 && !faiss_part_pass(x, 4, 1, e)))
        return false;
    if (out->dimensions > FAISS_DIMENSIONS || out->vectors > INT64_MAX || trained > 1 ||
        (out->binary && (out->dimensions % 8 != 0 || n != out->dimensions / 8)))
        return err_pos(e, ERR_FORMAT, at,
                       "a head of %" PRId64 " vectors of %" PRIu64 " dimensions, trained: %" PRIu64,
                       (int64_t)out->vectors, out->dimensions, trained);
    out->trained = trained == 1;
    out->metric = (uint32_t)metric;
    return true;
}

/* ---- parts ---- */
/* A vector that holds `each` elements for each vector of the index. */
static bool read_each(struct faiss *x, const struct faiss_index *i, unsigned size, uint64_t each,
                      struct err *e)
{
    uint64_t n;

    if (!faiss_part_vector(x, size, &n, e))
        return false;
    x->wrong += each == 0 ? n != 0 : n % each != 0 || n / each != i->vectors;
    return true;
}

static bool read_inner(struct faiss *x, const struct faiss_index *i, char part, struct err *e)
{
    struct faiss_index inner;

    if (!faiss_read_index(x, part == 'j' || part == 'J', &inner, e))
        return false;
    if (part == 'I' || part == 'J')
        x->wrong += inner.vectors != i->vectors || inner.dimensions != i->dimensions;
    return true;
}

static bool read_part(struct faiss *x, const struct faiss_index *i, char part, struct err *e)
{
    uint64_t n;

    switch (part) {
    case '1':
    case '4':
    case '8':
        return faiss_part_pass(x, (unsigned)(part - '0'), 1, e);
    case 'b':
        return faiss_part_vector(x, 1, &n, e);
    case 'f':
        return faiss_part_vector(x, 4, &n, e);
    case 'd':
        return faiss_part_vector(x, 8, &n, e);
    case 'x':
        return read_each(x, i, 4, i->dimensions, e);
    case 'y':
        return read_each(x, i, 1, i->dimensions / 8, e);
    case 'n':
        return read_each(x, i, 8, 1, e);
    case 'm':
        return faiss_part_map(x, e);
    case 'l':
        return faiss_lists_read(x, e);
    case 'p':
        return faiss_part_product(x, e);
    case 's':
        return faiss_part_scalar(x, e);
    case 'g':
        return faiss_part_graph(x, i->vectors, e);
    case 'c':
        return faiss_transform_chain(x, e);
    case 'v':
        return faiss_transform_read(x, e);
    default:
        return read_inner(x, i, part, e);
    }
}

/* Says in which kind of index it went wrong: in the innermost one. */
static bool fail_in(struct faiss *x, const char *kind, struct err *e)
{
    const bool named = x->named;

    x->named = true;
    return named ? false : err_in(e, "%s", kind);
}

bool faiss_read_index(struct faiss *x, bool binary, struct faiss_index *out, struct err *e)
{
    const uint64_t at = x->r.offset;
    const struct row *row;
    struct slice kind;

    *out = (struct faiss_index){.binary = binary};
    if (!faiss_part_kind(x, &kind, e))
        return false;
    (void)tally_add(&x->kinds, SLICE_LIT("index"), kind, at);
    if (slice_is(kind, "null")) /* a quantizer that the application sets */
        return true;
    row = row_of(kind);
    if (row == NULL || row->binary != binary)
        return err_pos(e, ERR_UNSUPPORTED, at, "an index of a kind that is not read");
    if (++x->depth > FAISS_DEPTH)
        return err_pos(e, ERR_LIMIT, at, "more than %d indexes within each other (FAISS_DEPTH)",
                       FAISS_DEPTH);
    if (!read_head(x, out, e))
        return fail_in(x, row->kind, e);
    for (const char *p = row->parts; *p != '\0' && (*p != '?' || out->trained); p++)
        if (*p != '?' && !read_part(x, out, *p, e))
            return fail_in(x, row->kind, e);
    x->depth--;
    return true;
}
