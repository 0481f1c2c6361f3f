#ifndef SCANNER_FORMATS_GGUF_READ_H
#define SCANNER_FORMATS_GGUF_READ_H
/* The values of a GGUF header, read forward through the feed within a cap. */
#include "scanner/formats/format.h"

/* SPEC: gguf.md, gguf_metadata_value_type */
enum { GGUF_UINT32 = 4, GGUF_FLOAT32 = 6, GGUF_BOOL, GGUF_STRING, GGUF_ARRAY };
enum { GGUF_FLOAT64 = 12, GGUF_VALUE_TYPES };

struct gguf_array {
    uint32_t type;
    uint64_t n;
};

struct gguf_read {
    const struct format_input *in;
    struct reader r;
    bool big; /* numbers begin with their high end */
};

/* Bytes of one value; 0 where it says so itself. */
extern const uint8_t gguf_read_bytes[GGUF_VALUE_TYPES];

/* Makes the reader hold the next n <= FEED_NEED bytes. */
MUST_CHECK bool gguf_read_need(struct gguf_read *g, size_t n, const char *what, struct err *e);
MUST_CHECK bool gguf_read_u32(struct gguf_read *g, const char *what, uint32_t *out, struct err *e);
MUST_CHECK bool gguf_read_u64(struct gguf_read *g, const char *what, uint64_t *out, struct err *e);
/* The number of a type of values. */
MUST_CHECK bool gguf_read_type(struct gguf_read *g, uint32_t *out, struct err *e);

/* Passes over n bytes, none of them above `max`. */
MUST_CHECK bool gguf_read_skip(struct gguf_read *g, uint64_t n, uint8_t max, const char *what,
                               struct err *e);
/* Passes over a string of n bytes. SPEC: gguf.md, gguf_string_t: UTF-8 */
MUST_CHECK bool gguf_read_text(struct gguf_read *g, uint64_t n, struct err *e);
/* Passes over an array whose type and count were read. */
MUST_CHECK bool gguf_read_array(struct gguf_read *g, const struct gguf_array *outer, struct err *e);
#endif
