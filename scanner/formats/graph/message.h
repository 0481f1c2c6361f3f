#ifndef SCANNER_FORMATS_GRAPH_MESSAGE_H
#define SCANNER_FORMATS_GRAPH_MESSAGE_H
/*
 * Messages of known protobuf schemas: which fields they have and how each is written. Readers of
 * protobuf disagree over fields of another wire type (some take them for unknown ones) and over
 * single fields that stand there twice (the first or the last counts, messages are merged), so the
 * first is an error and the second is noted.
 */
#include "scanner/formats/names.h"
#include "scanner/formats/graph/protobuf.h"

#define MESSAGE_TWICE 64   /* different fields that are noted */
#define MESSAGE_UNKNOWN 31 /* what an unknown field's number becomes; no message below has it */

/* Bit N of each mask is field N. */
struct message {
    const char *name;
    uint32_t once; /* may stand there once */
    /* by wire type; lists of numbers may come in two */
    uint32_t varint, bytes, fixed32, fixed64;
    const struct protobuf_name *names; /* for the text form, or NULL */
};

struct message_walk {
    struct protobuf p;
    struct names twice; /* "Message.field" */
    uint64_t unknown;   /* fields that the schema does not have */
};

/* The walk begins at the start of `feed`; names are kept in `a`. */
void message_init(struct message_walk *w, struct feed *feed, struct arena *a);

/* As protobuf_next. `seen` belongs to this message and begins with 0. */
MUST_CHECK bool message_next(struct message_walk *w, const struct message *m, uint32_t *seen,
                             struct protobuf_field *f, struct err *e);

/* The names in `w->twice`, as a list. */
const struct value *message_twice(const struct message_walk *w, struct arena *a);

/* A name that an attacker wrote: its first MESSAGE_TEXT bytes. */
#define MESSAGE_TEXT 512
struct message_text {
    size_t len;
    uint8_t bytes[MESSAGE_TEXT];
};

MUST_CHECK bool message_read_text(struct protobuf *p, struct message_text *t, struct err *e);
struct slice message_slice(const struct message_text *t);
#endif
