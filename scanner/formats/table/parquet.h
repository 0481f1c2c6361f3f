#ifndef SCANNER_FORMATS_TABLE_PARQUET_H
#define SCANNER_FORMATS_TABLE_PARQUET_H
/*
 * The footer of a Parquet file: what is where. Field numbers are those of parquet.thrift.
 * SPEC: apache/parquet-format 2.11, src/main/thrift/parquet.thrift, README.md "File format".
 */
#include "scanner/formats/format.h"

/* Bytes of the file that a column or an index takes. */
struct parquet_range {
    uint64_t at, end;
};

struct parquet_key {
    struct slice key, value;
    uint64_t at;
};

struct parquet {
    struct arena *arena;
    uint64_t data_end; /* where the footer begins */
    uint64_t chunk_at; /* where the column that is read stands in it, for errors */
    int64_t version, rows, group_rows, codec;
    struct slice created_by;
    uint32_t elements; /* of the schema */
    uint64_t leaves, groups, chunks, encrypted, elsewhere;
    bool signed_footer;
    struct slice file; /* the first other file that holds a column */
    struct names *files;
    struct parquet_range *ranges;
    size_t nranges;
    uint64_t *copies; /* where the metadata of a column may stand a second time */
    size_t ncopies;
    struct parquet_key *keys;
    size_t nkeys;
};

/* Reads FileMetaData; slices are borrowed from behind `r`. Every range lies in [4, data_end). */
MUST_CHECK bool parquet_read(struct parquet *p, struct reader *r, struct err *e);
#endif
