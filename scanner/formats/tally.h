#ifndef SCANNER_FORMATS_TALLY_H
#define SCANNER_FORMATS_TALLY_H
/*
 * Different names of a model (operators, classes, elements), each with how often it occurs and
 * where first. At most LIMIT_TALLY_NAMES are kept; how many more there were is counted, and who
 * tells the facts says so.
 */
#include "scanner/formats/format.h"

struct tally_item {
    struct slice kind, name; /* in the arena */
    uint64_t count, offset;  /* of the first */
};

struct tally {
    struct arena *arena;
    struct tally_item *items; /* in the order of their first occurrence */
    size_t n;
    uint32_t *slots; /* number of the item and 1; 0 is free */
    uint64_t lost;   /* names that found no room, repeated ones counted each time */
};

void tally_init(struct tally *t, struct arena *a);

/* tally_add(t, kind, name, offset): the item, counted once more; NULL when it found no room. At
 * most LIMIT_TALLY_BYTES of a name are kept. */
struct tally_item *tally_add(struct tally *t, struct slice kind, struct slice name,
                             uint64_t offset);

/* tally_map(t): name to count, whatever the kind. */
const struct value *tally_map(const struct tally *t);

/* tally_tell(t, in, format): one `model.op` fact for each item. */
void tally_tell(const struct tally *t, const struct format_input *in, const char *framework);
#endif
