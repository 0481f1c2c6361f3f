#ifndef BASE_JSON_CUT_H
#define BASE_JSON_CUT_H
/* JSON of which lists lost their items before it is read: every place is that of the text as it
 * was. */
#include "base/json.h"

/* All between the brackets of a list, which is empty now. */
struct json_cut {
    uint64_t at; /* of its first byte, in the text as it was */
    uint64_t bytes;
    uint64_t lines; /* line feeds among them */
};

struct json_cut_rest {
    struct slice text;           /* what is left */
    const struct json_cut *cuts; /* in their order */
    size_t ncuts;
};

/* json_cut_read(rest, a, out, e): as json_read. */
MUST_CHECK bool json_cut_read(const struct json_cut_rest *rest, struct arena *a,
                              const struct value **out, struct err *e);
#endif
