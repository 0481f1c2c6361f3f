#ifndef SCANNER_FORMATS_TABLE_THRIFT_H
#define SCANNER_FORMATS_TABLE_THRIFT_H
/*
 * A walk over a struct in the compact protocol of Thrift. The caller asks for one field after the
 * other, reads those that it knows and passes over the rest; a list is never longer than the bytes
 * that are left. SPEC: Apache Thrift, doc/specs/thrift-compact-protocol.md.
 */
#include "base/err.h"

#define THRIFT_DEPTH 32 /* structs and containers within each other */

enum thrift_type {
    THRIFT_STOP = 0,
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_BYTE = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_DOUBLE = 7,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_SET = 10,
    THRIFT_MAP = 11,
    THRIFT_STRUCT = 12,
    THRIFT_UUID = 13
};

/* A struct that is being read; zero-initialise all but the first two. */
struct thrift {
    struct reader *r; /* borrowed */
    const char *name; /* for errors */
    int32_t last;     /* number of the last field */
    uint64_t seen;    /* numbers below 64 that were there: each stands there once */
};

struct thrift_field {
    enum thrift_type type; /* THRIFT_STOP: the struct has ended */
    int32_t number;
    uint64_t at;
};

MUST_CHECK bool thrift_next(struct thrift *t, struct thrift_field *f, struct err *e);

/* Each takes the value of a field that must be of this type. */
MUST_CHECK bool thrift_int(const struct thrift *t, const struct thrift_field *f, int64_t *out,
                           struct err *e); /* I16, I32 or I64 */
MUST_CHECK bool thrift_binary(const struct thrift *t, const struct thrift_field *f,
                              struct slice *out, struct err *e);
/* A list of elements of `of`: n values follow. */
MUST_CHECK bool thrift_list(const struct thrift *t, const struct thrift_field *f,
                            enum thrift_type of, uint32_t *n, struct err *e);
MUST_CHECK bool thrift_text(struct reader *r, struct slice *out, struct err *e); /* an element */
MUST_CHECK bool thrift_is_struct(const struct thrift *t, const struct thrift_field *f,
                                 struct err *e);

/* Passes over the value of a field. */
MUST_CHECK bool thrift_skip(struct reader *r, const struct thrift_field *f, struct err *e);
#endif
