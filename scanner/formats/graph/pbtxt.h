#ifndef SCANNER_FORMATS_GRAPH_PBTXT_H
#define SCANNER_FORMATS_GRAPH_PBTXT_H
/*
 * The text form of protobuf messages, as a walk with the calls of protobuf.h. The text is held
 * whole (the caller caps it); nothing of it is copied but strings, one at a time.
 * SPEC: Protocol Buffers, "Text Format Language".
 */
#include "base/buf.h"
#include "scanner/formats/graph/protobuf.h"

#define PBTXT_STRING ((size_t)16 << 20) /* bytes of one string; vocabularies are smaller */

struct pbtxt_level {
    const struct protobuf_name *names;
    char close;        /* what ends the message: '}', '>' or NUL for the end of the text */
    bool list;         /* within [ ] of a field */
    uint32_t number;   /* of that field */
    struct slice name; /* of the last field, as it is written; an extension has none */
};

struct pbtxt {
    struct slice text;
    size_t at;
    unsigned depth;
    struct pbtxt_level level[PROTOBUF_DEPTH + 1];
    bool pending;     /* the last field's message was not entered */
    bool string;      /* the last field's value is `token` */
    struct buf token; /* owned */
    uint64_t unknown; /* fields whose names are not known */
};

void pbtxt_init(struct pbtxt *t, struct slice text, const struct protobuf_name *names);
void pbtxt_release(struct pbtxt *t);
uint64_t pbtxt_offset(const struct pbtxt *t);

/* As protobuf_next. Numbers are PROTOBUF_VARINT (fractions PROTOBUF_FIXED64); strings and
 * identifiers, messages too, are PROTOBUF_BYTES; true and false are 1 and 0. */
MUST_CHECK bool pbtxt_next(struct pbtxt *t, struct protobuf_field *f, struct err *e);
MUST_CHECK bool pbtxt_enter(struct pbtxt *t, const struct protobuf_name *names, struct err *e);
MUST_CHECK bool pbtxt_lend(struct pbtxt *t, struct slice *out, struct err *e);

/* Is it without controls but for blanks? Writers escape them, and a message in bytes has some. */
bool pbtxt_clean(struct slice text);

/* Does it look like this form: a name, then a colon, a brace or a bracket? Gives that name. A mark
 * of UTF-8 may stand in front, which readers pass over. */
bool pbtxt_plausible(struct slice head, struct slice *first);

/* Does a head of at least `room` bytes end before the first name does? Comments may fill it. */
bool pbtxt_goes_on(struct slice head, size_t room);
#endif
