/* Inverted lists: in the file of the index, or in one that it names. */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/faiss/faiss.h"
#include "scanner/formats/location.h"

#define ID 8 /* bytes of the number of a vector */

/* Adds up the sizes of lists, which a vector holds: each, or pairs of a list and its size. */
static bool add_sizes(struct faiss *x, uint64_t lists, uint64_t *total, struct err *e)
{
    const uint64_t at = x->r.offset;
    struct slice kind;
    uint64_t n, list, size;
    bool sparse;

    *total = 0;
    if (!faiss_part_kind(x, &kind, e))
        return false;
    sparse = slice_is(kind, "sprs");
    if (!sparse && !slice_is(kind, "full"))
        return err_pos(e, ERR_UNSUPPORTED, at, "sizes of lists of an unknown kind");
    if (!faiss_part_number(x, 8, &n, e))
        return false;
    if (sparse ? n % 2 != 0 : n != lists)
        return err_pos(e, ERR_FORMAT, at, "%" PRIu64 " sizes of %" PRIu64 " lists", n, lists);
    for (uint64_t i = 0; i < n; i += sparse ? 2 : 1) {
        if (sparse && !faiss_part_number(x, 8, &list, e))
            return false;
        if (!faiss_part_number(x, 8, &size, e))
            return false;
        if (sparse && list >= lists)
            return err_pos(e, ERR_FORMAT, x->r.offset - 16, "list %" PRIu64 ", there are %" PRIu64,
                           list, lists);
        if (size > UINT32_MAX || *total > UINT64_MAX / 2)
            return err_pos(e, ERR_FORMAT, x->r.offset - 8, "a list of %" PRIu64 " vectors", size);
        *total += size;
    }
    return true;
}

static bool read_arrays(struct faiss *x, struct err *e)
{
    const uint64_t at = x->r.offset;
    uint64_t lists, code, total;

    if (!faiss_part_number(x, 8, &lists, e) || !faiss_part_number(x, 8, &code, e) ||
        !add_sizes(x, lists, &total, e))
        return false;
    if (code > UINT32_MAX || (total > 0 && code + ID > UINT64_MAX / 2 / total))
        return err_pos(e, ERR_FORMAT, at, "%" PRIu64 " codes of %" PRIu64 " bytes", total, code);
    x->opaque += total * (code + ID);
    return feed_skip(x->in->feed, &x->r, total * (code + ID), e);
}

/* Codes in blocks, as searches with SIMD want them. */
static bool read_blocks(struct faiss *x, struct err *e)
{
    uint64_t lists, n;

    /* behind their number, sizes of a code and of blocks */
    if (!faiss_part_number(x, 8, &lists, e) || !faiss_part_pass(x, 8, 3, e))
        return false;
    for (uint64_t i = 0; i < lists; i++)
        if (!faiss_part_vector(x, ID, &n, e) || !faiss_part_vector(x, 1, &n, e))
            return err_in(e, "list %" PRIu64, i);
    return true;
}

static void tell_file(const struct faiss *x, struct slice name, uint64_t at)
{
    location_tell(x->in,
                  &(struct location_reference){"faiss", "inverted-lists", "write", name, at});
}

/* SPEC: invlists/OnDiskInvertedLists.cpp: the file is opened to read and to write. */
static bool read_on_disk(struct faiss *x, struct err *e)
{
    uint64_t n, at;
    struct slice name, kept;

    if (!faiss_part_pass(x, 8, 2, e) || !faiss_part_vector(x, 24, &n, e) ||
        !faiss_part_vector(x, 16, &n, e))
        return false;
    at = x->r.offset;
    if (!faiss_part_number(x, 8, &n, e))
        return false;
    if (n > LIMIT_NAME_BYTES)
        return err_pos(e, ERR_LIMIT, at,
                       "a name of %" PRIu64 " bytes, at most %d (LIMIT_NAME_BYTES)", n,
                       LIMIT_NAME_BYTES);
    if (!feed_more(x->in->feed, &x->r, (size_t)n, e))
        return false;
    if (!reader_bytes(&x->r, n, &name))
        return err_pos(e, ERR_FORMAT, at, "the index ends in the name of a file");
    kept = arena_slice(x->in->scratch, name);
    if (!faiss_part_pass(x, 8, 1, e))
        return false;
    tell_file(x, kept, at);
    return true;
}

bool faiss_lists_read(struct faiss *x, struct err *e)
{
    const uint64_t at = x->r.offset;
    struct slice kind;

    if (!faiss_part_kind(x, &kind, e))
        return false;
    (void)tally_add(&x->kinds, SLICE_LIT("lists"), kind, at);
    if (slice_is(kind, "il00")) /* kept apart by the application */
        return true;
    if (slice_is(kind, "ilar"))
        return read_arrays(x, e);
    if (slice_is(kind, "ilbl"))
        return read_blocks(x, e);
    if (slice_is(kind, "ilod"))
        return read_on_disk(x, e);
    return err_pos(e, ERR_UNSUPPORTED, at, "lists of a kind that is not read");
}
