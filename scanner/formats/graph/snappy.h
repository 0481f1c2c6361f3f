#ifndef SCANNER_FORMATS_GRAPH_SNAPPY_H
#define SCANNER_FORMATS_GRAPH_SNAPPY_H
/* One block of Snappy. SPEC: google/snappy, format_description.txt */
#include "base/arena.h"
#include "base/err.h"

/* snappy_decode(block, max, a, out): the bytes of the block, in the arena. More than `max` is
 * ERR_LIMIT; `at` is the block's offset, for errors. */
MUST_CHECK bool snappy_decode(struct reader block, size_t max, struct arena *a, struct slice *out,
                              struct err *e);
#endif
