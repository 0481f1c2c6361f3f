#ifndef SCANNER_FORMATS_ZARR_GRID_H
#define SCANNER_FORMATS_ZARR_GRID_H
/*
 * Files that metadata of a store names by a rule, not one by one: the chunks of an array, whose
 * names are its indices, and the data files of a database. SPEC: Zarr v2, "Chunks"; Zarr v3, "Chunk
 * key encoding"; TensorStore, "OCDBT".
 */
#include "scanner/formats/names.h"

struct format;

/* How the loader of a store reads such a file. */
struct grid_reading {
    const struct format *first;  /* the bytes; NULL: as raw numbers */
    const struct format *within; /* what they decompress to; NULL: as raw numbers */
    /* numbers of its own coding: that something looks compressed says nothing */
    bool coded;
};

/* One array, or one folder of data files (`data`). */
struct grid {
    size_t before;  /* the item of the same folder that came before, plus one; 0: none */
    char lead;      /* 'c' stands before the indices, or '\0' */
    char separator; /* '.' or '/' */
    size_t ndims;
    const uint64_t *counts; /* [ndims] chunks along each dimension */
    uint64_t bytes;         /* of each chunk; 0: any number */
    bool data;              /* names are 32 digits in hexadecimal */
    struct grid_reading reading;
};

struct grids {
    struct names folders; /* each ends with '/', or is empty */
    size_t *last;         /* [folders.n] the last item of each, plus one */
    struct grid *items;
    size_t n;
};

void grid_init(struct grids *g, struct arena *a);

/* grid_add(g, folder, item): keeps `item`, whose `before` is filled in, and a copy of its counts.
 * False past the cap, LIMIT_TENSOR_FACTS. */
bool grid_add(struct grids *g, const char *folder, const struct grid *item);

/* How the file at `path` of `bytes` bytes is read; NULL when nobody names it, or two name it in
 * different ways. Lives as long as `g`. */
const struct grid_reading *grid_find(const struct grids *g, const char *path, uint64_t bytes);
#endif
