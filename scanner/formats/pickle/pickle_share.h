#ifndef SCANNER_FORMATS_PICKLE_PICKLE_SHARE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_SHARE_H
/*
 * Containers that stand in several places: a list of ten times the list below it, and so on, is a
 * few bytes here and more objects than memory holds for whoever walks, hashes or prints it. The
 * spread of a container is how many paths lead from it to one that holds no shared container.
 */
#include "scanner/formats/pickle/pickle_stack.h"

#define PICKLE_SHARES 8192

struct pickle_share {
    struct pickle_slot *slots; /* owned; the newest container of each place */
    double *spreads;           /* owned */
    bool on;                   /* a container was fetched from the memo or doubled */
    double most;
};

/* `into` holds the n values now, besides what it held. */
void pickle_share_fill(struct pickle_share *s, struct pickle_slot into,
                       const struct pickle_slot *values, size_t n);
void pickle_share_release(struct pickle_share *s);

static inline bool pickle_share_kind(struct pickle_slot v)
{
    return v.kind >= PICKLE_TUPLE && v.kind <= PICKLE_SET;
}
#endif
