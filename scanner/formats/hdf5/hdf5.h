#ifndef SCANNER_FORMATS_HDF5_HDF5_H
#define SCANNER_FORMATS_HDF5_HDF5_H
/*
 * The bytes of an HDF5 file as its parsers see them. Addresses are relative to the superblock, as
 * the library counts them; what is asked for is held against the end of the stream before anything
 * is allocated. Each byte that a structure claims is noted as an extent, so that what nobody
 * claims can be told. SPEC: HDF5 File Format Specification 3.0 (and 4.0 for layout version 5).
 */
#include "scanner/formats/format.h"

#define HDF5_UNDEFINED UINT64_MAX
#define HDF5_SIGNATURE "\x89HDF\r\n\x1a\n"

/* What an extent holds, and what an address was visited as. */
enum hdf5_kind {
    HDF5_META, /* structures, all of which were read */
    HDF5_RAW,  /* elements of datasets */
    HDF5_HEAP, /* a global heap collection: strings of attributes and datasets */
    HDF5_OBJECT,
    HDF5_NODE,
    HDF5_DOCUMENT /* a value that was scanned as a stream of its own */
};

struct hdf5_extent {
    uint64_t begin, end;
    enum hdf5_kind kind;
};

struct hdf5_set {
    uint64_t *slots; /* owned; 0 is free */
    size_t n, size;
};

/* Links that wait, and the way to them. */
struct hdf5_link {
    uint64_t addr;
    size_t parent; /* index of the link to the group */
    struct slice name;
};

struct hdf5_filter {
    uint16_t id;
    const char *name; /* as the first pipeline has it, or "" */
    uint64_t datasets;
};

#define HDF5_FILTERS 64 /* different filters told; 30 are registered in common use */
#define HDF5_DTYPES 64  /* names that hdf5_type_name gives; fewer than 60 */
#define HDF5_TYPE_NAME 24

struct hdf5_dtype {
    char name[HDF5_TYPE_NAME];
    uint64_t n;
};

struct hdf5_stats {
    uint64_t groups, datasets, attributes, types, messages;
    uint64_t bytes_declared, largest, tensors, tensor_bytes;
    size_t largest_link;
    bool overflow;      /* a shape multiplies past 2^63 */
    uint64_t sequences; /* datasets whose elements stand in global heaps */
    uint64_t references;
    uint64_t hidden;               /* gaps that begin like a file of their own */
    uint64_t documents, unreached; /* values that were scanned; those that only the sweep found */
    struct hdf5_filter filters[HDF5_FILTERS];
    size_t nfilters;
    struct hdf5_dtype dtypes[HDF5_DTYPES];
    size_t ndtypes;
};

struct hdf5 {
    const struct format_input *in;
    struct arena *keep; /* until the file is done */
    struct arena work;  /* until the object is done */
    uint64_t len;       /* of the stream */
    uint64_t base;      /* of the superblock: address 0 */
    uint64_t limit;     /* bytes from `base` to the end of the stream */
    uint64_t declared;  /* end of the file by the superblock, from `base` */
    unsigned version, flags, offset_bytes, length_bytes;
    uint16_t leaf_k, group_k, chunk_k;
    uint64_t root, extension;
    bool hickle;             /* the root says that hickle wrote it */
    uint64_t shared_heap[8]; /* heaps of shared messages, and the types each holds */
    uint16_t shared_types[8];
    size_t nshared;
    uint8_t *cache; /* owned; pages of HDF5_PAGE */
    uint64_t *cached;
    size_t npages;
    uint64_t spent;       /* bytes asked for; LIMIT_HDF5_READ */
    struct arena strings; /* the global heap collection that was read last */
    uint64_t strings_at;  /* its address */
    struct reader strings_of;
    uint64_t *collections; /* addresses of those that were reached; in `keep` */
    size_t ncollections;
    struct hdf5_extent *extents;
    size_t nextents, extents_size;
    struct hdf5_set seen;
    struct hdf5_link *links;
    size_t nlinks;
    uint64_t names; /* bytes of their names */
    struct hdf5_stats stats;
    struct err error; /* the first; the walk goes on behind it */
};

void hdf5_init(struct hdf5 *h, const struct format_input *in);
void hdf5_release(struct hdf5 *h);

/* Keeps the first error, so that what stands behind it is told all the same. */
void hdf5_keep(struct hdf5 *h, const struct err *e);

/* hdf5_get: a reader over n bytes at an address; they live until h->work is cleared. */
MUST_CHECK bool hdf5_get(struct hdf5 *h, uint64_t addr, uint64_t n, struct reader *out,
                         struct err *e);
/* hdf5_get_in: the same in another arena. */
MUST_CHECK bool hdf5_get_in(struct hdf5 *h, struct arena *a, const struct hdf5_extent *where,
                            struct reader *out, struct err *e);
/* hdf5_meta: the same for a structure, which is noted as one. */
MUST_CHECK bool hdf5_meta(struct hdf5 *h, uint64_t addr, uint64_t n, struct reader *out,
                          struct err *e);
/* hdf5_signed: the structure of n bytes at `addr`, which begins with four letters: all of it, and
 * what follows them. */
struct hdf5_part {
    uint64_t addr, n;
    struct reader all, r;
};
MUST_CHECK bool hdf5_signed(struct hdf5 *h, struct hdf5_part *p, const char *letters,
                            struct err *e);
/* n bytes belong to `kind`. False when they reach past the end. */
MUST_CHECK bool hdf5_claim(struct hdf5 *h, uint64_t addr, uint64_t n, enum hdf5_kind kind,
                           struct err *e);
/* Was this address not visited as `kind` before? */
MUST_CHECK bool hdf5_first(struct hdf5 *h, uint64_t addr, enum hdf5_kind kind);
/* LIMIT_HDF5_LINKS objects wait at most; names are kept, `parent` is the index of a link. */
MUST_CHECK bool hdf5_push(struct hdf5 *h, uint64_t addr, size_t parent, struct slice name,
                          struct err *e);
/* "/group/dataset", at most LIMIT_NAME_BYTES, safe to print. */
const char *hdf5_path(const struct hdf5 *h, struct arena *a, size_t link);

/* Integers of the sizes of this file; HDF5_UNDEFINED for an address of ones. */
MUST_CHECK bool hdf5_offset(const struct hdf5 *h, struct reader *r, uint64_t *out);
MUST_CHECK bool hdf5_length(const struct hdf5 *h, struct reader *r, uint64_t *out);
/* 1 to 8 bytes, little-endian. */
MUST_CHECK bool hdf5_uint(struct reader *r, unsigned bytes, uint64_t *out);
/* Bytes that hold a number up to `limit`. */
unsigned hdf5_bytes_for(uint64_t limit);
unsigned hdf5_log2(uint64_t v);

/* `r` stands at a checksum; it must be that of all bytes from `start` up to it. */
MUST_CHECK bool hdf5_checked(struct reader *r, const struct reader *start, struct err *e);
uint32_t hdf5_checksum(struct slice s);

/* The gaps between extents, sorted; gives the bytes of each kind. */
struct hdf5_sums {
    uint64_t meta, raw, gaps, overlaps;
};
typedef void hdf5_on_gap(struct hdf5 *h, uint64_t addr, uint64_t n);
struct hdf5_sums hdf5_sum_up(struct hdf5 *h, hdf5_on_gap *on_gap);
#endif
