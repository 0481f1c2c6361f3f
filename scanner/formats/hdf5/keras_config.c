#include "scanner/formats/hdf5/keras_config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/limits.h"

#define TOLD_TEXT 256
#define TOLD_VALUE 1024
#define POINTER_MAX 1024
#define CODE_MIN 24 /* characters; the shortest code object has more */

/* A dictionary or list that is open, and the member that is next. */
struct frame {
    const struct value *v;
    size_t at;
    const struct value *class; /* class_name of this dictionary, or of one around it */
};

/* Classes that differ. */
struct layer {
    struct slice module, class, registered, function;
    uint64_t hash, count, offset;
    const char *pointer;
};

struct walk {
    const struct format_input *in;
    struct frame frames[LIMIT_JSON_DEPTH + 2];
    size_t depth;
    struct layer *layers;
    size_t nlayers;
    size_t *slots; /* index of a layer + 1, or 0; owned */
    size_t nslots;
    uint64_t objects, lambdas, files, lost;
    const struct value *told; /* the code that a lambda around it has told */
};

/* ---- JSON pointers. SPEC: RFC 6901 ---- */
static void escaped(struct buf *b, struct slice key)
{
    for (size_t i = 0; i < key.len && b->len < POINTER_MAX; i++) {
        if (key.data[i] == '~')
            buf_str(b, "~0");
        else if (key.data[i] == '/')
            buf_str(b, "~1");
        else
            buf_u8(b, key.data[i]);
    }
}

/* The way to the member that each open frame is at. */
static const char *pointer(const struct walk *w, size_t depth)
{
    const char *out;
    struct buf b;

    buf_init(&b, (size_t)POINTER_MAX * 2);
    for (size_t i = 0; i < depth && b.len < POINTER_MAX; i++) {
        const struct frame *f = &w->frames[i];

        buf_u8(&b, '/');
        if (value_is(f->v, VALUE_MAP))
            escaped(&b, f->v->as.members[f->at - 1].key);
        else
            buf_printf(&b, "%zu", f->at - 1);
    }
    out = value_cstr(value_bytes(w->in->scratch, buf_slice(&b), NULL), "");
    buf_release(&b);
    return out;
}

/* ---- telling ---- */
static void add_text(struct value_builder *b, const char *key, struct slice s)
{
    value_map_add(b, key, format_string(b->arena, s, TOLD_TEXT));
}

static void begin(const struct walk *w, struct value_builder *b, const char *at)
{
    struct arena *a = w->in->scratch;

    value_map_begin(b, a);
    value_map_add(b, "path", format_string(a, slice_str(w->in->path), LIMIT_NAME_BYTES));
    value_map_add(b, "pointer", value_str(a, at));
}

static void end(const struct walk *w, struct value_builder *b, const char *type, uint64_t n)
{
    const uint64_t offset = ERR_NO_OFFSET;

    format_tell(w->in, type, arena_printf(w->in->scratch, "%s#%s-%" PRIu64, w->in->path, type, n),
                offset, value_map_end(b, NULL));
}

/* ---- classes ---- */
static uint64_t hash_of(uint64_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ s.data[i]) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static bool same(const struct layer *x, const struct layer *y)
{
    return x->hash == y->hash && slice_eq(x->module, y->module) && slice_eq(x->class, y->class) &&
           slice_eq(x->registered, y->registered) && slice_eq(x->function, y->function);
}

static void note_layer(struct walk *w, struct layer *l)
{
    size_t at;

    l->hash = hash_of(
        hash_of(hash_of(hash_of(UINT64_C(0xcbf29ce484222325), l->module), l->class), l->registered),
        l->function);
    at = (size_t)(l->hash % w->nslots);
    while (w->slots[at] != 0 && !same(&w->layers[w->slots[at] - 1], l))
        at = (at + 1) % w->nslots;
    if (w->slots[at] != 0) {
        w->layers[w->slots[at] - 1].count++;
        return;
    }
    if (w->nlayers >= LIMIT_KERAS_LAYERS) {
        w->lost++;
        return;
    }
    l->pointer = pointer(w, w->depth - 1);
    l->count = 1;
    *(struct layer *)ARENA_PUSH(w->in->scratch, &w->layers, &w->nlayers) = *l;
    w->slots[at] = w->nlayers;
}

static void tell_layer(const struct walk *w, const struct layer *l, uint64_t n)
{
    struct value_builder b;
    size_t cut = 0;
    const struct slice full =
        slice_find(l->registered, SLICE_LIT(">"), &cut) ? l->registered : l->class;
    const bool package = slice_find(full, SLICE_LIT(">"), &cut);

    begin(w, &b, l->pointer);
    add_text(&b, "module", l->module);
    add_text(&b, "class_name", l->class);
    add_text(&b, "registered_name", l->registered);
    add_text(&b, "package", (struct slice){full.data, package ? cut : 0});
    add_text(&b, "function", l->function);
    value_map_add(&b, "custom", value_bool(b.arena, package, NULL));
    value_map_add(&b, "count", value_int(b.arena, (int64_t)l->count, NULL));
    end(w, &b, "model.layer", n);
}

/* ---- code ---- */
/* Base64 as Python's binascii reads it: what is no letter of it is passed over. */
static bool decode(struct arena *a, struct slice text, struct slice *out)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    uint8_t *plain = arena_alloc(a, text.len);
    struct err e = {0};
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        if (memchr(letters, text.data[i], sizeof(letters) - 1) != NULL)
            plain[n++] = text.data[i];
    return base64_get((struct slice){plain, n}, a, out, &e);
}

/* SPEC: CPython 3.13, Python/marshal.c: TYPE_CODE 'c', with FLAG_REF 0x80 or without; then the
 * number of arguments in 32 bits, at most 255 in any real function */
static bool is_bytecode(struct slice s)
{
    return s.len > 16 && (s.data[0] == 0xe3 || s.data[0] == 0x63) && s.data[2] == 0 &&
           s.data[3] == 0 && s.data[4] == 0;
}

/* Keras 1 wrote each byte as a character of its own, up to U+00FF. */
static bool latin(struct arena *a, struct slice text, struct slice *out)
{
    uint8_t *plain = arena_alloc(a, text.len);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.data[i];

        if (c > 0xc3 || (c >= 0xc2 && i + 1 == text.len))
            return false;
        if (c < 0x80)
            plain[n++] = c;
        else
            plain[n++] = (uint8_t)((c & 3u) << 6 | (text.data[++i] & 0x3fu));
    }
    *out = (struct slice){plain, n};
    return true;
}

/* The bytes of a code object that is written as text: the first letters are those of 0xe3 or 0x63
 * and a small number. */
static bool code_bytes(struct arena *a, struct slice s, struct slice *out)
{
    const bool raw =
        slice_starts(s, "\xc3\xa3") || (s.len > 4 && s.data[0] == 'c' && s.data[4] == 0);

    return s.len >= CODE_MIN &&
           ((raw && latin(a, s, out)) ||
            ((slice_starts(s, "4w") || slice_starts(s, "Yw")) && decode(a, s, out)));
}

struct code {
    const struct value *text; /* of the code, or NULL */
    const char *class;
};

static void tell_lambda(struct walk *w, const struct code *c, const char *at)
{
    struct arena a;
    struct slice bytes = {NULL, 0};
    struct value_builder b;
    bool plain = false;

    arena_init(&a);
    if (c->text != NULL)
        plain =
            code_bytes(&a, value_text(c->text), &bytes) || decode(&a, value_text(c->text), &bytes);
    w->lambdas++;
    if (w->lambdas <= LIMIT_KERAS_LAYERS) {
        begin(w, &b, at);
        value_map_add(&b, "class_name", format_string(b.arena, slice_str(c->class), TOLD_TEXT));
        value_map_add(&b, "language",
                      value_str(b.arena, c->text == NULL || !plain ? "name"
                                         : is_bytecode(bytes)      ? "python"
                                                                   : "unknown"));
        value_map_add(&b, "bytecode", value_bool(b.arena, is_bytecode(bytes), NULL));
        value_map_add(&b, "bytes", value_int(b.arena, plain ? (int64_t)bytes.len : 0, NULL));
        end(w, &b, "model.lambda", w->lambdas);
    }
    w->told = c->text;
    arena_release(&a);
}

static const struct value *first_text(const struct value *v)
{
    if (value_is(v, VALUE_LIST))
        v = value_item(v, 0);
    return value_is(v, VALUE_STRING) ? v : NULL;
}

/* Where the code of a Lambda layer or of a `__lambda__` stands in each version. */
static const struct value *code_of(const struct value *config)
{
    static const char *const places[] = {"code", "value", "function", "function.config.code",
                                         "function.config.value"};
    const struct value *v = NULL;

    for (size_t i = 0; i < ARRAY_LEN(places) && v == NULL; i++)
        v = first_text(value_path(config, places[i]));
    if (v != NULL && value_text(v).len >= CODE_MIN)
        return v;
    return NULL;
}

static void look_for_code(struct walk *w, const struct value *map, struct slice class)
{
    const bool lambda = slice_is(class, "Lambda") || slice_is(class, "__lambda__") ||
                        slice_ends(class, ">Lambda") || slice_ends(class, ".Lambda");
    struct code c = {code_of(value_get(map, "config")), NULL};

    if (!lambda || (c.text != NULL && c.text == w->told))
        return;
    c.class = value_cstr(value_get(map, "class_name"), "");
    tell_lambda(w, &c, pointer(w, w->depth - 1));
}

/* A PyTorch module travels as torch.save wrote it. SPEC: Keras 3.12, src/utils/torch_utils.py */
static void look_for_torch(struct walk *w, const struct value *map, struct slice class)
{
    const struct value *v = value_path(map, "config.module");
    struct format_input inner;
    struct source *s;
    struct slice bytes;
    struct err e = {0};

    if (!slice_ends(class, "TorchModuleWrapper") || !value_is(v, VALUE_STRING) ||
        !decode(w->in->scratch, value_text(v), &bytes))
        return;
    s = source_memory(bytes);
    inner = format_inner(w->in, s, arena_printf(w->in->scratch, "torch-module-%zu.pt", w->nlayers));
    inner.container = "keras";
    inner.costly = false;
    if (!format_scan(&inner, &e)) /* memory is always read */
        w->lost++;
    source_free(s);
}

/* ---- files ---- */
static bool reads_file(struct slice key)
{
    static const char *const keys[] = {
        "vocabulary", "vocab",     "vocab_file", "vocabulary_file", "file_path", "filepath",
        "filename",   "file_name", "fname",      "origin",          "url",       "document",
        "merges",     "proto",     "path",       "directory",       "file",      "weights_path"};

    return slice_among(key, keys, ARRAY_LEN(keys)) || slice_ends(key, "_path") ||
           slice_ends(key, "_filepath") || slice_ends(key, "_file");
}

static const char *kind_of(struct slice s)
{
    size_t at;

    if (slice_find(s, SLICE_LIT("://"), &at))
        return "url";
    if (s.len > LIMIT_NAME_BYTES)
        return "data";
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] == '/' || s.data[i] == '\\' || s.data[i] == '~')
            return "path";
    return "name";
}

static void tell_file(struct walk *w, struct slice key, const struct value *v)
{
    struct value_builder b;
    struct slice text = value_text(v);
    const struct value *class = w->frames[w->depth - 1].class;

    if (class == NULL || text.len == 0 || !reads_file(key))
        return;
    if (++w->files > LIMIT_KERAS_LAYERS)
        return;
    begin(w, &b, pointer(w, w->depth));
    value_map_add(&b, "key", format_string(b.arena, key, TOLD_TEXT));
    value_map_add(&b, "value", format_string(b.arena, text, TOLD_VALUE));
    value_map_add(&b, "kind", value_str(b.arena, kind_of(text)));
    value_map_add(&b, "class_name", format_string(b.arena, value_text(class), TOLD_TEXT));
    end(w, &b, "model.layer_file", w->files);
}

/* ---- the walk ---- */
/* The operation of a layer that holds a node of a TensorFlow graph, as "op:Name". */
static struct slice op_of(const struct walk *w, struct slice node)
{
    const struct value *v = NULL, *op;
    struct err e = {0};

    if (!json_read(node, w->in->scratch, &v, &e))
        return SLICE_LIT("op:unknown");
    op = value_get(v, "op");
    return slice_str(arena_printf(w->in->scratch, "op:%s", value_cstr(op, "unknown")));
}

/* What is called, where a class is only the way to it.
 * SPEC: Keras 2.15, layers/core/tf_op_layer.py */
static struct slice function_of(const struct walk *w, const struct value *map, struct slice class)
{
    const struct value *config = value_get(map, "config");
    struct slice node = value_text(value_get(config, "node_def"));

    if (slice_is(class, "function"))
        return value_text(config);
    if (slice_is(class, "__typespec__"))
        return value_text(value_get(map, "spec_name"));
    if (node.len > 0)
        return op_of(w, node);
    if (slice_is(class, "ClassMethod"))
        return value_text(value_get(config, "cls_symbol"));
    return slice_is(class, "TFOpLambda") ? value_text(value_get(config, "function"))
                                         : (struct slice){NULL, 0};
}

/* A dictionary that was just entered. */
static void look(struct walk *w, const struct value *map)
{
    const struct value *class = value_get(map, "class_name");
    struct layer l = {.class = value_text(class), .offset = map->offset};

    if (!value_is(class, VALUE_STRING))
        return;
    w->objects++;
    w->frames[w->depth - 1].class = class;
    l.module = value_text(value_get(map, "module"));
    l.registered = value_text(value_get(map, "registered_name"));
    l.function = function_of(w, map, l.class);
    note_layer(w, &l);
    look_for_code(w, map, l.class);
    look_for_torch(w, map, l.class);
}

static void enter(struct walk *w, const struct value *v)
{
    struct frame *f = &w->frames[w->depth];

    f->v = v;
    f->at = 0;
    f->class = w->depth > 0 ? w->frames[w->depth - 1].class : NULL;
    w->depth++;
    if (value_is(v, VALUE_MAP))
        look(w, v);
}

static void text(struct walk *w, struct slice key, const struct value *v)
{
    struct code c = {v, "string"};
    struct arena a;
    struct slice bytes;

    tell_file(w, key, v);
    if (v == w->told)
        return;
    arena_init(&a);
    if (code_bytes(&a, value_text(v), &bytes) && is_bytecode(bytes))
        tell_lambda(w, &c, pointer(w, w->depth));
    arena_release(&a);
}

static void step(struct walk *w)
{
    struct frame *f = &w->frames[w->depth - 1];
    const struct value *v;
    struct slice key = {NULL, 0};

    if (f->at >= value_len(f->v)) {
        w->depth--;
        return;
    }
    if (value_is(f->v, VALUE_MAP)) {
        key = f->v->as.members[f->at].key;
        v = f->v->as.members[f->at].value;
    } else {
        v = f->v->as.items[f->at];
    }
    f->at++;
    if (value_is(v, VALUE_STRING))
        text(w, key, v);
    else if ((value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST)) && w->depth < ARRAY_LEN(w->frames))
        enter(w, v);
    else if (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST))
        w->lost++; /* json_read allows no more than LIMIT_JSON_DEPTH */
}

static void tell_whole(struct walk *w, const struct value *root)
{
    struct arena *a = w->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(w->in->path), LIMIT_NAME_BYTES));
    add_text(&b, "class_name", value_text(value_get(root, "class_name")));
    value_map_add(&b, "objects", value_int(a, (int64_t)w->objects, NULL));
    value_map_add(&b, "lambdas", value_int(a, (int64_t)w->lambdas, NULL));
    value_map_add(&b, "files", value_int(a, (int64_t)w->files, NULL));
    format_tell(w->in, "model.keras", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* More classes than are told is a gap: the one that matters may be the last. */
static void gap(const struct walk *w)
{
    const struct coverage c = {.subject = w->in->sink->subject_name,
                               .input = w->in->sink->input_name,
                               .path = w->in->path,
                               .format = "keras",
                               .status = COVERAGE_PARTIAL};
    struct err e = {0};

    err_set(&e, ERR_LIMIT, ERR_NO_OFFSET,
            "more than %d classes, lambdas or files (LIMIT_KERAS_LAYERS)", LIMIT_KERAS_LAYERS);
    sink_gap(w->in->sink, &c, &e);
}

void keras_config_tell(const struct document_input *d)
{
    struct walk *w = ARENA_NEW(d->in->scratch, struct walk);

    w->in = d->in;
    w->nslots = (size_t)LIMIT_KERAS_LAYERS * 2 + 1;
    w->slots = ARENA_ARRAY(d->in->scratch, size_t, w->nslots);
    if (value_is(d->root, VALUE_MAP) || value_is(d->root, VALUE_LIST))
        enter(w, d->root);
    while (w->depth > 0)
        step(w);
    for (size_t i = 0; i < w->nlayers; i++)
        tell_layer(w, &w->layers[i], i + 1);
    if (w->objects + w->lambdas > 0)
        tell_whole(w, d->root);
    if (w->lost > 0 || w->lambdas > LIMIT_KERAS_LAYERS || w->files > LIMIT_KERAS_LAYERS)
        gap(w);
}
