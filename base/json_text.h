#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H
/* The strings of JSON that are not plain ASCII; for json.c. SPEC: RFC 8259 section 7 */
#include "base/attr.h"
#include "base/slice.h"

struct json_text {
    const uint8_t *p;   /* where to go on; after a failure, what was wrong */
    const uint8_t *end; /* of the bytes that may be read */
    bool escapes;       /* out of json_text_find: there is a '\' */
    char why[64];       /* after a failure */
};

/* json_text_find(t) moves t->p to the quote that ends the string. False: control bytes, bad UTF-8,
 * no quote. */
MUST_CHECK bool json_text_find(struct json_text *t);

/* json_text_unescape(t, to, n) writes p..end, which json_text_find walked over, without its
 * escapes: `*n` bytes, never more than it had. */
MUST_CHECK bool json_text_unescape(struct json_text *t, uint8_t *to, size_t *n);
#endif
