#ifndef TESTS_LIB_TREE_H
#define TESTS_LIB_TREE_H
/*
 * What must hold for every value tree, whoever read it; for fuzz targets. Each function aborts when
 * it does not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_out.h"
#include "base/value_wire.h"

#define TREE_MUST(what)                                                                            \
    do {                                                                                           \
        if (!(what))                                                                               \
            abort();                                                                               \
    } while (0)

/* What a reader said: success without a word, or a reason and no tree. */
static inline void tree_verdict(bool done, const struct value *v, const struct err *e)
{
    TREE_MUST(done == (v != NULL));
    TREE_MUST(done == (e->code == ERR_NONE));
    TREE_MUST(done == (e->text[0] == '\0'));
}

struct tree_shape {
    unsigned depth;
    /* JSON keeps all of it: no unknown, no number that is not finite, no key with '$' */
    bool exact;
};

static inline void tree_text(struct slice s)
{
    size_t bad;

    TREE_MUST(slice_utf8(s, &bad));
    TREE_MUST(s.data[s.len] == 0);
}

static inline void tree_walk(const struct value *v, unsigned depth, struct tree_shape *shape)
{
    TREE_MUST(v != NULL && v->kind <= VALUE_UNKNOWN);
    if (v->kind == VALUE_STRING)
        tree_text(value_text(v));
    if (v->kind == VALUE_UNKNOWN || (v->kind == VALUE_DOUBLE && !(v->as.real - v->as.real == 0)))
        shape->exact = false;
    if (v->kind != VALUE_LIST && v->kind != VALUE_MAP)
        return;
    depth++;
    if (depth > shape->depth)
        shape->depth = depth;
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->len; i++)
        tree_walk(v->as.items[i], depth, shape);
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];

        tree_text(m->key);
        if (slice_starts(m->key, "$"))
            shape->exact = false;
        TREE_MUST(value_get_slice(v, m->key) == m->value); /* found, so unique too */
        tree_walk(m->value, depth, shape);
    }
}

static inline void tree_json(const struct value *v, enum json_style style, struct buf *b)
{
    struct json_out o;
    struct err e = {.code = ERR_NONE};

    buf_init(b, (size_t)1 << 30);
    json_out_init(&o, b, style);
    json_out_value(&o, v);
    TREE_MUST(buf_finish(b, &e));
}

/* Written as JSON and read again, it is the same. */
static inline void tree_json_and_back(const struct value *v, bool exact, struct arena *a)
{
    for (int style = JSON_COMPACT; style <= JSON_PRETTY; style++) {
        const struct value *again = NULL;
        struct err e = {.code = ERR_NONE};
        struct buf b;

        tree_json(v, (enum json_style)style, &b);
        TREE_MUST(json_read(buf_slice(&b), a, &again, &e));
        TREE_MUST(!exact || value_eq(v, again));
        buf_release(&b);
    }
}

/* Sent as a frame and read again, it gives the same frame. */
static inline void tree_wire_and_back(const struct value *v, struct arena *a)
{
    const struct value *again = NULL;
    struct err e = {.code = ERR_NONE};
    struct buf one, two;
    struct reader r;

    buf_init(&one, (size_t)1 << 30);
    buf_init(&two, (size_t)1 << 30);
    value_wire_put(&one, v);
    r = reader_over(buf_slice(&one));
    TREE_MUST(value_wire_get(&r, a, &again, &e) && r.left == 0);
    value_wire_put(&two, again);
    TREE_MUST(slice_eq(buf_slice(&one), buf_slice(&two)));
    buf_release(&one);
    buf_release(&two);
}

static inline void tree_check(const struct value *v, unsigned max_depth, struct arena *a)
{
    struct tree_shape shape = {.exact = true};
    struct buf one, two;

    tree_walk(v, 0, &shape);
    TREE_MUST(shape.depth <= max_depth);
    if (shape.exact)
        TREE_MUST(value_eq(v, value_copy(v, a)));
    tree_json(v, JSON_COMPACT, &one);
    tree_json(value_copy(v, a), JSON_COMPACT, &two);
    TREE_MUST(slice_eq(buf_slice(&one), buf_slice(&two)));
    buf_release(&one);
    buf_release(&two);
    if (shape.depth + 2 <= 512) /* an unknown is two levels of JSON */
        tree_json_and_back(v, shape.exact, a);
    tree_wire_and_back(v, a);
}
#endif
