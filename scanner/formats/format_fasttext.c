/* Models of fastText: arguments, a dictionary, and two matrices, each as it is or quantised. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "scanner/formats/summary.h"

#define MAGIC 793712314u /* SPEC: fastText 0.9.2, src/fasttext.cc */
#define HEADER 8
#define ARGUMENTS 56 /* bytes: twelve numbers of four, one of eight */
#define DICTIONARY 28
#define WORD 4096 /* bytes: words are up to a blank, addresses too */
#define CENTROIDS 256

enum version { FASTTEXT_OLD = 11, FASTTEXT_NEW = 12 };

static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head);
    uint32_t magic, version;

    (void)name;
    return reader_u32le(&r, &magic) && reader_u32le(&r, &version) && magic == MAGIC &&
                   version >= FASTTEXT_OLD && version <= FASTTEXT_NEW
               ? FORMAT_CERTAIN
               : 0;
}

/* What the parts below share. */
struct file {
    const struct format_input *in;
    struct format_cover *cover;
    struct reader r;
    uint64_t numbers; /* bytes of the matrices */
};

/* The next `n` bytes, which live until the next call. */
static bool take(struct file *f, size_t n, const char *what, struct slice *out, struct err *e)
{
    const uint64_t at = f->r.offset;

    if (!feed_more(f->in->feed, &f->r, n, e))
        return false;
    if (!reader_bytes(&f->r, n, out))
        return err_pos(e, ERR_FORMAT, at, "%s is cut short", what);
    f->cover->parsed += n;
    return true;
}

/* Numbers that are passed over. */
static bool pass(struct file *f, uint64_t n, struct err *e)
{
    if (!feed_skip(f->in->feed, &f->r, n, e))
        return false;
    f->cover->opaque += n;
    f->numbers += n;
    return true;
}

/* A word and its NUL, its count and its kind. */
static bool entry(struct file *f, uint32_t i, struct err *e)
{
    const uint64_t at = f->r.offset;
    struct slice rest;
    const uint8_t *end;

    if (!feed_more(f->in->feed, &f->r, WORD + 9, e))
        return false;
    end = memchr(f->r.data, 0, f->r.left < WORD ? f->r.left : WORD);
    if (end == NULL)
        return err_pos(e, ERR_FORMAT, at, "entry %" PRIu32 " of the dictionary has no end", i);
    if (!take(f, (size_t)(end - f->r.data) + 1 + 9, "the dictionary", &rest, e))
        return false;
    return rest.data[rest.len - 1] <= 1 ||
           err_pos(e, ERR_FORMAT, at, "entry %" PRIu32 " is neither a word nor a label", i);
}

static bool dictionary(struct file *f, struct err *e)
{
    struct slice s;
    struct reader r;
    uint32_t entries, words, labels;
    uint64_t tokens, pruned;

    if (!take(f, DICTIONARY, "the dictionary", &s, e))
        return false;
    r = reader_at(s, f->r.offset - DICTIONARY);
    if (!reader_u32le(&r, &entries) || !reader_u32le(&r, &words) || !reader_u32le(&r, &labels) ||
        !reader_u64le(&r, &tokens) || !reader_u64le(&r, &pruned))
        return false;
    if ((uint64_t)words + labels != entries || entries > INT32_MAX)
        return err_pos(e, ERR_FORMAT, r.offset - DICTIONARY,
                       "%" PRIu32 " entries, %" PRIu32 " words and %" PRIu32 " labels", entries,
                       words, labels);
    for (uint32_t i = 0; i < entries; i++)
        if (!entry(f, i, e))
            return false;
    if (pruned > INT64_MAX) /* -1: nothing was pruned */
        return true;
    return pruned <= UINT64_MAX / 8
               ? pass(f, pruned * 8, e)
               : err_pos(e, ERR_FORMAT, r.offset, "%" PRIu64 " pruned", pruned);
}

/* The size of a matrix, in elements. */
static bool shape(struct file *f, uint64_t *rows, uint64_t *elements, struct err *e)
{
    const uint64_t at = f->r.offset;
    struct slice s;
    struct reader r;
    uint64_t columns;

    if (!take(f, 16, "a matrix", &s, e))
        return false;
    r = reader_at(s, at);
    if (!reader_u64le(&r, rows) || !reader_u64le(&r, &columns))
        return false;
    return (checked_mul(*rows, columns, elements) && *elements <= UINT64_MAX / 4) ||
           err_pos(e, ERR_FORMAT, at, "a matrix of %" PRIu64 " by %" PRIu64, *rows, columns);
}

/* Centroids of a product quantiser. SPEC: src/productquantizer.cc */
static bool centroids(struct file *f, struct err *e)
{
    struct slice s;
    struct reader r;
    uint32_t dimension;

    if (!take(f, 16, "a quantiser", &s, e))
        return false;
    r = reader_over(s);
    return reader_u32le(&r, &dimension) && pass(f, (uint64_t)dimension * CENTROIDS * 4, e);
}

/* SPEC: src/quantmatrix.cc */
static bool quantised(struct file *f, struct err *e)
{
    uint64_t rows, elements;
    uint32_t codes;
    struct slice s;
    struct reader r;
    bool norms;

    if (!take(f, 1, "a matrix", &s, e))
        return false;
    norms = s.data[0] != 0;
    if (!shape(f, &rows, &elements, e) || !take(f, 4, "a matrix", &s, e))
        return false;
    r = reader_over(s);
    if (!reader_u32le(&r, &codes) || !pass(f, codes, e) || !centroids(f, e))
        return false;
    return !norms || (pass(f, rows, e) && centroids(f, e));
}

/* Input or output: a byte says in which form. */
static bool matrix(struct file *f, struct err *e)
{
    uint64_t rows, elements;
    struct slice s;

    if (!take(f, 1, "a matrix", &s, e))
        return false;
    if (s.data[0] > 1)
        return err_pos(e, ERR_FORMAT, f->r.offset - 1, "a matrix of form %d", s.data[0]);
    if (s.data[0] == 1)
        return quantised(f, e);
    return shape(f, &rows, &elements, e) && pass(f, elements * 4, e);
}

static void tell(const struct format_input *in, uint64_t bytes)
{
    struct arena *a = in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    summary_tell(in, 2, bytes, value_map_end(&types, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct file f = {.in = in, .cover = cover};
    struct slice s;

    if (!take(&f, HEADER + ARGUMENTS, "the header", &s, e) || !dictionary(&f, e) ||
        !matrix(&f, e) || !matrix(&f, e))
        return false;
    tell(in, f.numbers);
    return true;
}

const struct format format_fasttext = {
    .name = "fasttext",
    .summary = "models of fastText, also quantised ones",
    .spec = "fastText 0.9.2, src/fasttext.cc, version 12 (and 11)",
    .probe = probe,
    .parse = parse,
};
