/* Transforms of vectors, in front of an index. */
#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "scanner/formats/faiss/faiss.h"

#define CHAIN 1000 /* transforms in front of one index */

/* One letter a part: '1' and '4' numbers of so many bytes, 'f' a vector of floats (or ints), 't'
 * another transform. Each ends with its two dimensions and whether it was trained. */
static const struct row {
    const char *kind, *parts;
} rows[] = {
    {"rrot", "1ff"},        {"LTra", "1ff"},   {"PCAm", "41fff1ff"}, {"PcAm", "414fff1ff"},
    {"Pcam", "4414fff1ff"}, {"Viqm", "441ff"}, {"RmDT", "f"},        {"VNrm", "4"},
    {"VCnt", "f"},          {"Viqt", "f1tt"},  {"HRot", "4"},
};

static const char *parts_of(struct slice kind)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (slice_is(kind, rows[i].kind))
            return rows[i].parts;
    return NULL;
}

static bool read_part(struct faiss *x, char part, struct err *e)
{
    uint64_t n;

    switch (part) {
    case '1':
    case '4':
        return faiss_part_pass(x, (unsigned)(part - '0'), 1, e);
    case 'f':
        return faiss_part_vector(x, 4, &n, e);
    default:
        return faiss_transform_read(x, e);
    }
}

bool faiss_transform_read(struct faiss *x, struct err *e)
{
    const uint64_t at = x->r.offset;
    const char *parts;
    struct slice kind;

    if (!faiss_part_kind(x, &kind, e))
        return false;
    parts = parts_of(kind);
    if (parts == NULL)
        return err_pos(e, ERR_UNSUPPORTED, at, "a transform of a kind that is not read");
    (void)tally_add(&x->kinds, SLICE_LIT("transform"), kind, at);
    if (++x->depth > FAISS_DEPTH)
        return err_pos(e, ERR_LIMIT, at, "more than %d indexes within each other (FAISS_DEPTH)",
                       FAISS_DEPTH);
    for (const char *p = parts; *p != '\0'; p++)
        if (!read_part(x, *p, e))
            return false;
    x->depth--;
    return faiss_part_pass(x, 4, 2, e) && faiss_part_pass(x, 1, 1, e);
}

bool faiss_transform_chain(struct faiss *x, struct err *e)
{
    const uint64_t at = x->r.offset;
    uint64_t n;

    if (!faiss_part_number(x, 4, &n, e))
        return false;
    if (n > CHAIN)
        return err_pos(e, ERR_FORMAT, at, "%" PRIu64 " transforms, at most %d", n, CHAIN);
    for (uint64_t i = 0; i < n; i++)
        if (!faiss_transform_read(x, e))
            return err_in(e, "transform %" PRIu64, i);
    return true;
}
