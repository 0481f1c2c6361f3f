#ifndef SCANNER_FORMATS_GRAPH_PROTOBUF_H
#define SCANNER_FORMATS_GRAPH_PROTOBUF_H
/*
 * A walk over a protobuf message without its schema's code: the caller asks for one field after
 * the other, enters those that are messages and passes over the rest. The bytes come from a feed,
 * so a payload of gigabytes is jumped over and never held. The same calls walk the text form
 * (pbtxt.h), so that one reader of a message serves both.
 * SPEC: Protocol Buffers, "Encoding"; groups were taken back and are refused.
 *
 * The readers are sequential: what a call lends is good until the next call.
 */
#include "scanner/formats/feed.h"

#define PROTOBUF_DEPTH 64         /* messages within each other; ONNX's own reader allows 100 */
#define PROTOBUF_LEND 4096        /* bytes that protobuf_lend gives at most */
#define PROTOBUF_OTHER UINT32_MAX /* number of a field of the text form whose name is not known */
#define PROTOBUF_NUMBER_MAX 536870911u /* SPEC: "Assigning Field Numbers": 2^29 - 1 */

enum protobuf_wire {
    PROTOBUF_VARINT = 0,
    PROTOBUF_FIXED64 = 1,
    PROTOBUF_BYTES = 2, /* text, a packed list or a message */
    PROTOBUF_FIXED32 = 5
};

struct protobuf_field {
    uint32_t number; /* 0: the message has ended, and was left */
    enum protobuf_wire wire;
    uint64_t at;    /* offset of its tag, or of its name */
    uint64_t value; /* the number; of PROTOBUF_BYTES their length (text form, a message: 0) */
};

/* The names of a message's fields, for the text form; ends with NULL. */
struct protobuf_name {
    const char *name;
    uint32_t number;
};

struct pbtxt;

struct protobuf {
    struct feed *feed;
    struct pbtxt *text; /* the text form, or NULL */
    struct reader r;
    uint64_t opaque; /* bytes of payloads that protobuf_opaque passed over */
    uint64_t end[PROTOBUF_DEPTH + 1];
    unsigned depth;
    bool pending;  /* `todo` has a payload that nobody read yet */
    uint64_t todo; /* its length */
    uint8_t kept[PROTOBUF_LEND];
};

void protobuf_init(struct protobuf *p, struct feed *feed);

/* protobuf_next(p, f): the next field of the message; a payload that was not read is passed
 * over. At the end of a message f->number is 0 and the one around it goes on. */
MUST_CHECK bool protobuf_next(struct protobuf *p, struct protobuf_field *f, struct err *e);

/* Each of these takes the payload of the last field, which is of PROTOBUF_BYTES. */
MUST_CHECK bool protobuf_enter(struct protobuf *p, const struct protobuf_name *names,
                               struct err *e);
/* Lends the first bytes, at most PROTOBUF_LEND, and passes over the rest. */
MUST_CHECK bool protobuf_lend(struct protobuf *p, struct slice *out, struct err *e);
/* Copies all of it; more than `max` is ERR_LIMIT. */
MUST_CHECK bool protobuf_copy(struct protobuf *p, size_t max, struct arena *a, struct slice *out,
                              struct err *e);
/* Passes over it as payload that nobody looks into. */
MUST_CHECK bool protobuf_opaque(struct protobuf *p, struct err *e);
/* The varints of a packed list: how many there are. */
MUST_CHECK bool protobuf_count(struct protobuf *p, uint64_t *n, struct err *e);
/* The varints of a packed list, one a call; `more` is false behind the last. */
MUST_CHECK bool protobuf_packed(struct protobuf *p, uint64_t *v, bool *more, struct err *e);

/* Where the walk is. */
uint64_t protobuf_offset(const struct protobuf *p);

/* protobuf_head(r, f): the next tag of bytes that may be cut anywhere, for probes: false when it is
 * no tag of a field. `r` stands behind a number, or in front of a payload of f->value bytes. */
bool protobuf_head(struct reader *r, struct protobuf_field *f);
#endif
