#ifndef BASE_VALUE_POOL_H
#define BASE_VALUE_POOL_H
/*
 * Texts and scalars that come again and again, kept once: of facts by the hundred thousand, whose
 * keys and most of whose values are the same. Of a fixed size: what comes again after long is kept
 * again.
 */
#include "base/value.h"

struct value_pool;
struct value_pool *value_pool_new(struct arena *a); /* lives in `a`, as all that it gives */
/* The text, with a NUL behind it, as arena_slice gives it. */
struct slice value_pool_text(struct value_pool *p, struct slice s);
/* value_copy to the arena of the pool. */
const struct value *value_pool_copy(struct value_pool *p, const struct value *v);

/* What every copy goes by: value_copy and value_moved, too. */
struct value_pool_copying {
    struct arena *to;
    const struct value_at *at; /* with one, each node says it came from there */
    struct value_pool *pool;   /* or NULL */
};
const struct value *value_pool_tree(const struct value_pool_copying *c, const struct value *v);
#endif
