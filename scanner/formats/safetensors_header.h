#ifndef SCANNER_FORMATS_SAFETENSORS_HEADER_H
#define SCANNER_FORMATS_SAFETENSORS_HEADER_H
/*
 * The JSON header of a safetensors file, read in one pass into one record a tensor: a tree of a
 * header of 100 MB would take five times as much. Keys of a tensor may come in any order; keys that
 * are there twice, unknown ones, and anything else than the format has are refused.
 * SPEC: safetensors 0.7, "Format"; RFC 8259
 */
#include "base/value.h"

#define SAFETENSORS_HEADER_TYPES 22

struct safetensors_dtype {
    const char *name;
    uint64_t bits; /* two 4-bit values share a byte */
};

extern const struct safetensors_dtype safetensors_header_types[SAFETENSORS_HEADER_TYPES];

struct safetensors_tensor {
    uint64_t begin, end; /* in the data */
    struct slice name;
    uint64_t hash;  /* of the name */
    uint32_t at;    /* offset in the header, for errors */
    uint32_t dtype; /* its place in safetensors_header_types */
};

struct safetensors_header {
    struct safetensors_tensor *tensors; /* by where they begin */
    size_t n;
    const struct value *metadata; /* or NULL; its offsets are those in the header */
};

/* `text` is the header; `base` its offset in the file, for errors. All lives in `a` or `text`. */
MUST_CHECK bool safetensors_header_read(struct slice text, uint64_t base, struct arena *a,
                                        struct safetensors_header *out, struct err *e);
#endif
