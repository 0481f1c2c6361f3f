#include "scanner/formats/document_walk.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

#define TOLD_TEXT 1024

static void walk(const struct document_at *at, document_visit_fn *fn, void *ctx)
{
    const struct value *v = at->value;

    fn(ctx, at);
    for (size_t i = 0; i < value_len(v); i++) {
        struct document_at below = {.up = at, .index = i};

        if (value_is(v, VALUE_MAP)) {
            below.key = v->as.members[i].key;
            below.value = v->as.members[i].value;
        } else {
            below.value = v->as.items[i];
        }
        if (below.value->kind >= VALUE_STRING)
            walk(&below, fn, ctx);
        else
            fn(ctx, &below);
    }
}

void document_walk(const struct value *root, document_visit_fn *fn, void *ctx)
{
    const struct document_at at = {.value = root};

    walk(&at, fn, ctx);
}

static void step(struct buf *b, const struct document_at *at)
{
    buf_u8(b, '/');
    if (!value_is(at->up->value, VALUE_MAP)) {
        buf_printf(b, "%zu", at->index);
        return;
    }
    for (size_t i = 0; i < at->key.len && i < TOLD_TEXT; i++) {
        if (at->key.data[i] == '~' || at->key.data[i] == '/')
            buf_str(b, at->key.data[i] == '~' ? "~0" : "~1");
        else
            buf_u8(b, at->key.data[i]);
    }
}

const char *document_walk_pointer(const struct document_at *at, struct arena *a)
{
    const struct document_at *way[LIMIT_JSON_DEPTH + 2];
    struct buf b;
    size_t n = 0;
    char *out;

    for (; at->up != NULL && n < ARRAY_LEN(way); at = at->up)
        way[n++] = at;
    buf_init(&b, LIMIT_NAME_BYTES);
    while (n > 0)
        step(&b, way[--n]);
    out = arena_strndup(a, buf_slice(&b));
    buf_release(&b);
    return out;
}

void document_walk_loader(struct document_teller *t, const struct document_at *at, const char *kind,
                          struct slice value, bool remote)
{
    struct arena *a = t->in->scratch;
    const char *pointer = document_walk_pointer(at, a);
    struct value_builder b;

    if (t->told > LIMIT_DOCUMENT_ITEMS)
        return;
    if (t->told++ == LIMIT_DOCUMENT_ITEMS) { /* the last one says that there are others */
        kind = "more";
        value = SLICE_LIT("more than LIMIT_DOCUMENT_ITEMS");
    }
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "pointer", format_string(a, slice_str(pointer), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, kind));
    value_map_add(&b, "value", format_string(a, value, TOLD_TEXT));
    value_map_add(&b, "remote", value_bool(a, remote, NULL));
    if (pointer[0] == '\0') /* found in the text: its place is its name */
        pointer = arena_printf(a, "%" PRIu64, at->value->offset);
    format_tell(t->in, "model.loader", arena_printf(a, "%s#%s:%s", t->in->path, pointer, kind),
                at->value->offset, value_map_end(&b, NULL));
}

const char *document_walk_outside(struct slice p)
{
    size_t at;

    if (slice_find(p, SLICE_LIT("://"), &at))
        return "url";
    if (p.len > 0 && (p.data[0] == '/' || p.data[0] == '\\' || p.data[0] == '~'))
        return "absolute";
    if (p.len > 1 && p.data[1] == ':' && (p.len == 2 || p.data[2] == '\\' || p.data[2] == '/'))
        return "absolute";
    for (size_t i = 0; i + 1 < p.len; i++) {
        const bool begins = i == 0 || p.data[i - 1] == '/' || p.data[i - 1] == '\\';
        const bool ends = i + 2 == p.len || p.data[i + 2] == '/' || p.data[i + 2] == '\\';

        if (p.data[i] == '.' && p.data[i + 1] == '.' && begins && ends)
            return "traversal";
    }
    return NULL;
}
