#ifndef SCANNER_FORMATS_FAISS_FAISS_H
#define SCANNER_FORMATS_FAISS_FAISS_H
/*
 * An index of FAISS under examination; for format_faiss.c. A file is one index, which may hold
 * others; what each kind consists of is a table (faiss_read.c) of one letter a part.
 * SPEC: FAISS 1.12, faiss/impl/index_read.cpp
 */
#include "scanner/formats/format.h"
#include "scanner/formats/tally.h"

#define FAISS_DEPTH 50              /* indexes within each other; FAISS has the same cap */
#define FAISS_DIMENSIONS (1u << 20) /* SPEC: read_index_header */

struct faiss {
    const struct format_input *in;
    struct reader r;    /* over in->feed */
    struct tally kinds; /* of indexes, transforms and lists, by their four letters */
    uint64_t opaque;    /* bytes of vectors, codes and lists */
    uint64_t wrong;     /* parts of another size than the vectors that they are about */
    unsigned depth;
    bool named; /* the error says in which kind */
};

/* What the head of an index says. */
struct faiss_index {
    uint64_t dimensions, vectors;
    uint32_t metric;
    bool trained, binary;
};

/* Is this the name of a kind that is read? */
bool faiss_read_knows(struct slice kind);

/* faiss_read_index(x, binary, out): an index and all within it. Tells a `model.reference` for each
 * file that lists are kept in. */
MUST_CHECK bool faiss_read_index(struct faiss *x, bool binary, struct faiss_index *out,
                                 struct err *e);

/* ---- parts (faiss_part.c) ---- */
/* A little-endian number of 1, 4 or 8 bytes. */
MUST_CHECK bool faiss_part_number(struct faiss *x, unsigned bytes, uint64_t *out, struct err *e);
/* So many numbers that nothing depends on. */
MUST_CHECK bool faiss_part_pass(struct faiss *x, unsigned bytes, unsigned n, struct err *e);
/* Four letters, lent until the next read. */
MUST_CHECK bool faiss_part_kind(struct faiss *x, struct slice *out, struct err *e);
/* A vector of elements of `size` bytes; gives their number. */
MUST_CHECK bool faiss_part_vector(struct faiss *x, unsigned size, uint64_t *n, struct err *e);
/* A product quantizer with its centroids; a scalar one; the graph of HNSW over so many vectors. */
MUST_CHECK bool faiss_part_product(struct faiss *x, struct err *e);
MUST_CHECK bool faiss_part_scalar(struct faiss *x, struct err *e);
MUST_CHECK bool faiss_part_graph(struct faiss *x, uint64_t vectors, struct err *e);
/* Where each vector lies in the lists. */
MUST_CHECK bool faiss_part_map(struct faiss *x, struct err *e);
/* ---- lists and transforms (faiss_lists.c, faiss_transform.c) ---- */
MUST_CHECK bool faiss_lists_read(struct faiss *x, struct err *e);
MUST_CHECK bool faiss_transform_read(struct faiss *x, struct err *e);
/* An int, and so many transforms. */
MUST_CHECK bool faiss_transform_chain(struct faiss *x, struct err *e);
#endif
