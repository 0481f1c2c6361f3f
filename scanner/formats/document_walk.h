#ifndef SCANNER_FORMATS_DOCUMENT_WALK_H
#define SCANNER_FORMATS_DOCUMENT_WALK_H
/* Every value of a document with the way to it, and facts that several kinds of documents tell. */
#include "scanner/formats/document.h"

/* One step; `up` is the value around it, NULL at the root. */
struct document_at {
    const struct document_at *up;
    struct slice key; /* within a map */
    size_t index;     /* within a list */
    const struct value *value;
};

typedef void document_visit_fn(void *ctx, const struct document_at *at);

/* Depth first, a value before what it holds. Levels are those of the reader (LIMIT_JSON_DEPTH). */
void document_walk(const struct value *root, document_visit_fn *fn, void *ctx);

/* "/auto_map/AutoModel". SPEC: RFC 6901 */
const char *document_walk_pointer(const struct document_at *at, struct arena *a);

/* Tells what kinds of documents have in common; LIMIT_DOCUMENT_ITEMS of each document. */
struct document_teller {
    const struct format_input *in;
    size_t told;
};

/* One `model.loader` fact: something that a loader imports, runs or opens. `remote`: from somewhere
 * else than the model's own folder. */
void document_walk_loader(struct document_teller *t, const struct document_at *at, const char *kind,
                          struct slice value, bool remote);

/* Does a text name something outside of the folder it stands in? "url", "absolute", "traversal" or
 * NULL. */
const char *document_walk_outside(struct slice path);
#endif
