#include "scanner/formats/document.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/tally.h"

#define NAME_MAX_TOLD 512 /* bytes of a name in a fact */

/* What a loader does with __module__ and __class__. */
enum use {
    USE_NONE,     /* nothing: the content is JSON, or the class is the loader's own */
    USE_NAMES,    /* hands on the class or function */
    USE_CALLS,    /* calls it, or makes an instance of it */
    USE_OPERATOR, /* takes the name from the module operator, whatever __module__ says */
    USE_METHOD    /* takes an attribute of an instance */
};

/* SPEC: skops 0.6 to 0.16, skops/io: NODE_TYPE_MAPPING and each class's _construct. */
static const struct loader {
    const char *name;
    enum use use;
} loaders[] = {
    {"BytearrayNode", USE_NONE},
    {"BytesNode", USE_NONE},
    {"CachedNode", USE_NONE},
    {"ConstructorFromReduceNode", USE_CALLS},
    {"DTypeNode", USE_NAMES},
    {"DefaultDictNode", USE_NAMES},
    {"DictNode", USE_CALLS},
    {"FunctionNode", USE_NAMES},
    {"JsonNode", USE_NONE},
    {"ListNode", USE_CALLS},
    {"LossNode", USE_CALLS},
    {"MaskedArrayNode", USE_CALLS},
    {"MethodNode", USE_METHOD},
    {"NdArrayNode", USE_CALLS},
    {"ObjectNode", USE_CALLS},
    {"OperatorFuncNode", USE_OPERATOR},
    {"PartialNode", USE_CALLS},
    {"QuantileForestNode", USE_CALLS},
    {"RandomGeneratorNode", USE_CALLS},
    {"RandomStateNode", USE_CALLS},
    {"SGDNode", USE_CALLS},
    {"SetNode", USE_CALLS},
    {"SliceNode", USE_NONE},
    {"SparseMatrixNode", USE_NAMES},
    {"TreeNode", USE_CALLS},
    {"TupleNode", USE_CALLS},
    {"TypeNode", USE_NAMES},
    {"_DictWithDeprecatedKeysNode", USE_CALLS},
};

/* A name that the file makes its loader look up. */
struct import {
    struct slice module, name, loader;
    bool called;
    uint64_t offset, count;
};

/* A value that is still to be walked. */
struct todo {
    const struct value *value;
};

struct skops {
    const struct format_input *in;
    struct todo *todo;
    size_t n;
    struct tally loaders, unknown, names;
    struct import *imports; /* one for each of `names` */
    size_t nimports;
    uint64_t nodes, files, malformed;
};

static bool is(const struct document_input *d)
{
    return value_get(d->root, "__loader__") != NULL ||
           (strcmp(d->name, "schema.json") == 0 && (value_get(d->root, "_skops_version") != NULL ||
                                                    value_get(d->root, "__class__") != NULL));
}

static const struct loader *find_loader(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
        if (slice_is(name, loaders[i].name))
            return &loaders[i];
    return NULL;
}

/* The same name under another loader is another line: one may only name it, the other call it. */
static void add_import(struct skops *s, const struct import *x)
{
    struct arena *a = s->in->scratch;
    const char *key =
        arena_printf(a, "%.*s\n%.*s", (int)x->module.len, (const char *)x->module.data,
                     (int)x->name.len, (const char *)x->name.data);
    const size_t before = s->names.n;
    const struct tally_item *item = tally_add(&s->names, x->loader, slice_str(key), x->offset);

    if (item == NULL || s->names.n == before)
        return;
    *(struct import *)ARENA_PUSH(a, &s->imports, &s->nimports) = *x;
}

static struct slice text_of(const struct value *node, const char *key)
{
    struct slice text = value_text(value_get(node, key));

    if (text.len > NAME_MAX_TOLD)
        text.len = NAME_MAX_TOLD;
    return text;
}

/* MethodNode: getattr of an instance; the attribute counts as a dotted name of its class. */
static void add_method(struct skops *s, const struct value *node, const struct import *own)
{
    const struct value *content = value_get(node, "content");
    const struct value *object = value_get(content, "obj");
    struct import x = *own;
    const char *name;

    add_import(s, own);
    x.module = text_of(object, "__module__");
    name = arena_printf(s->in->scratch, "%s.%s", value_cstr(value_get(object, "__class__"), ""),
                        value_cstr(value_get(content, "func"), ""));
    x.name = slice_str(name);
    if (x.name.len > NAME_MAX_TOLD)
        x.name.len = NAME_MAX_TOLD;
    x.called = false;
    add_import(s, &x);
}

static void read_node(struct skops *s, const struct value *node)
{
    const struct value *given = value_get(node, "__loader__");
    struct import x = {.module = text_of(node, "__module__"),
                       .name = text_of(node, "__class__"),
                       .loader = text_of(node, "__loader__"),
                       .offset = node->offset};
    const struct loader *l = find_loader(x.loader);
    const enum use use = l != NULL ? l->use : USE_CALLS;

    s->nodes++;
    if (!value_is(given, VALUE_STRING) || x.name.len == 0)
        s->malformed++;
    (void)tally_add(l != NULL ? &s->loaders : &s->unknown, SLICE_LIT(""), x.loader, node->offset);
    s->files += value_is(value_get(node, "file"), VALUE_STRING);
    x.called = use == USE_CALLS || use == USE_OPERATOR;
    if (use == USE_NONE && slice_is(x.module, "builtins"))
        return;
    if (use == USE_METHOD) {
        add_method(s, node, &x);
        return;
    }
    add_import(s, &x);
    if (use == USE_OPERATOR && !slice_is(x.module, "operator")) {
        x.module = SLICE_LIT("operator");
        add_import(s, &x);
    }
}

static void push(struct skops *s, const struct value *v)
{
    if (v != NULL && (v->kind == VALUE_MAP || v->kind == VALUE_LIST))
        ((struct todo *)ARENA_PUSH(s->in->scratch, &s->todo, &s->n))->value = v;
}

/* Every map that names a class or a loader is a node, wherever it stands. */
static void walk(struct skops *s, const struct value *root)
{
    push(s, root);
    while (s->n > 0) {
        const struct value *v = s->todo[--s->n].value;

        if (v->kind == VALUE_LIST) {
            for (size_t i = v->len; i > 0; i--)
                push(s, v->as.items[i - 1]);
            continue;
        }
        if (value_get(v, "__loader__") != NULL || value_get(v, "__class__") != NULL)
            read_node(s, v);
        for (size_t i = v->len; i > 0; i--)
            push(s, v->as.members[i - 1].value);
    }
}

static void tell_import(const struct skops *s, const struct import *x, uint64_t count)
{
    const struct format_input *in = s->in;
    struct arena *a = in->scratch;
    const struct imports_answer r =
        imports_of(in->run != NULL ? in->run->imports : NULL, x->module, x->name);
    const char *full =
        arena_printf(a, "%.*s.%.*s", (int)x->module.len, (const char *)x->module.data,
                     (int)x->name.len, (const char *)x->name.data);
    const struct value *name = value_bytes(a, slice_str(full), NULL);
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "stream", value_int(a, 0, NULL));
    value_map_add(&b, "module", format_string(a, x->module, NAME_MAX_TOLD));
    value_map_add(&b, "name", format_string(a, x->name, NAME_MAX_TOLD));
    value_map_add(&b, "full", name);
    value_map_add(&b, "mapped_full", name);
    value_map_add(
        &b, "dotted",
        value_bool(a, x->name.len > 0 && memchr(x->name.data, '.', x->name.len) != NULL, NULL));
    value_map_add(&b, "offset", value_int(a, (int64_t)x->offset, NULL));
    value_map_add(&b, "opcode", format_string(a, x->loader, NAME_MAX_TOLD));
    value_map_add(&b, "loader", format_string(a, x->loader, NAME_MAX_TOLD));
    value_map_add(&b, "resolved", value_bool(a, x->module.len > 0 && x->name.len > 0, NULL));
    value_map_add(&b, "divergent", value_bool(a, false, NULL));
    value_map_add(&b, "count", value_int(a, (int64_t)count, NULL));
    value_map_add(&b, "called", value_bool(a, x->called, NULL));
    if (x->called) {
        value_map_add(&b, "call_offset", value_int(a, (int64_t)x->offset, NULL));
        value_map_add(&b, "via", format_string(a, x->loader, NAME_MAX_TOLD));
        value_map_add(&b, "args_preview", value_str(a, ""));
    }
    value_map_add(&b, "risk", value_str(a, imports_risk_name(r.risk)));
    value_map_add(&b, "risk_reason", value_bytes(a, r.why, NULL));
    value_map_add(&b, "profile", value_bytes(a, r.profile, NULL));
    format_tell(in, "model.import",
                arena_printf(a, "%s#0:%s:%s", in->path, member_name(a, x->loader),
                             member_name(a, slice_str(full))),
                x->offset, value_map_end(&b, NULL));
}

static void tell(const struct document_input *d)
{
    struct arena *a = d->in->scratch;
    struct skops s = {.in = d->in};
    struct value_builder b;

    tally_init(&s.loaders, a);
    tally_init(&s.unknown, a);
    tally_init(&s.names, a);
    walk(&s, d->root);
    for (size_t i = 0; i < s.nimports; i++)
        tell_import(&s, &s.imports[i], s.names.items[i].count);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "protocol",
                  value_int(a, value_int_or(value_get(d->root, "protocol"), -1), NULL));
    value_map_add(
        &b, "version",
        format_string(a, value_text(value_get(d->root, "_skops_version")), NAME_MAX_TOLD));
    value_map_add(&b, "nodes", value_int(a, (int64_t)s.nodes, NULL));
    value_map_add(&b, "files", value_int(a, (int64_t)s.files, NULL));
    value_map_add(&b, "loaders", tally_map(&s.loaders));
    value_map_add(&b, "unknown_loaders", tally_map(&s.unknown));
    value_map_add(&b, "malformed_nodes", value_int(a, (int64_t)s.malformed, NULL));
    value_map_add(&b, "untold", value_int(a, (int64_t)(s.names.lost + s.unknown.lost), NULL));
    format_tell(d->in, "model.skops", NULL, 0, value_map_end(&b, NULL));
}

const struct document document_skops = {
    .name = "skops",
    .summary = "the schema of a skops file: the classes and functions that its loaders look up",
    .spec = "skops 0.13, skops/io",
    .format = "skops-schema",
    .is = is,
    .tell = tell,
};
