#ifndef SCANNER_FORMATS_PICKLE_PICKLE_PAYLOAD_H
#define SCANNER_FORMATS_PICKLE_PICKLE_PAYLOAD_H
/*
 * Texts and bytes inside of a pickle that begin like something that runs: a pickle, an archive, a
 * program, a code object. Alone they are data. The set of the values that are, or hold, such a
 * payload says what becomes of them; values are told apart by their slot, so that the memo, DUP and
 * every container carry them along.
 */
#include "scanner/formats/pickle/pickle_stack.h"

enum pickle_payload {
    PICKLE_PAYLOAD_NONE,
    PICKLE_PAYLOAD_PICKLE,
    PICKLE_PAYLOAD_ARCHIVE,
    PICKLE_PAYLOAD_PROGRAM,
    PICKLE_PAYLOAD_CODE,
    PICKLE_PAYLOADS
};

#define PICKLE_PAYLOAD_MIN 8 /* bytes of the shortest */

/* Can a payload begin with this byte? */
extern const bool pickle_payload_first[256];

/* `head`: the first bytes of a value. */
enum pickle_payload pickle_payload_of(struct slice head);

/* "pickle", "archive", "program", "code", or "" */
const char *pickle_payload_name(enum pickle_payload p);

struct pickle_loaded {
    struct pickle_slot *slots; /* owned; open addressing */
    uint8_t *kinds;            /* owned */
    size_t n;
    bool full; /* there were more: what is not known to be harmless counts as loaded */
};

void pickle_payload_loaded_add(struct pickle_loaded *l, struct pickle_slot s,
                               enum pickle_payload p);
/* What the first loaded one of n values carries. */
enum pickle_payload pickle_payload_loaded_any(const struct pickle_loaded *l,
                                              const struct pickle_slot *s, size_t n);
void pickle_payload_loaded_release(struct pickle_loaded *l);
#endif
