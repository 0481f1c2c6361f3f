#ifndef BASE_VALUE_DOC_H
#define BASE_VALUE_DOC_H
/*
 * A map some of whose lists are too long to be kept: an item of theirs is made when it is asked
 * for, and is the same each time. A map that has all its lists is such a document, too.
 */
#include "base/buf.h"
#include "base/json_out.h"
#include "base/value.h"

struct value_rows {
    const char *key; /* of the member; the map has it, with an empty list */
    size_t n;
    /* The item `i` < n; new parts of it live in `a`. */
    const struct value *(*make)(void *ctx, size_t i, struct arena *a);
    void *ctx;
};

struct value_doc {
    const struct value *map;
    const struct value_rows
        *rows; /* `nrows` of them; what they point to lives as long as the map */
    size_t nrows;
};

/* A map that was read, or is small; or whatever else stood where a map was expected. */
struct value_doc value_doc_of(const struct value *map);

/* A member that is no such list; as value_get and value_path. */
const struct value *value_doc_get(const struct value_doc *d, const char *key);
const struct value *value_doc_path(const struct value_doc *d, const char *path);

/* Items of the list `key`; 0 when it is no list. */
size_t value_doc_len(const struct value_doc *d, const char *key);
/* value_doc_item(d, key, i, a): NULL past the end. Lives as long as `a` and the document. */
const struct value *value_doc_item(const struct value_doc *d, const char *key, size_t i,
                                   struct arena *a);

/* As json_out_value of the map with all its lists; holds one item at a time. */
void value_doc_json(const struct value_doc *d, struct json_out *o);
/* The member `key` alone. */
void value_doc_json_member(const struct value_doc *d, const char *key, struct json_out *o);
#endif
