#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/graph/protobuf.h"
#include "scanner/formats/tally.h"

#define VERSION_MAX 64 /* specification versions so far: 1 to 10 */
/* Field numbers of the kinds of model; one of them is set. */
#define MODEL_FIRST 200
#define MODEL_LAST 3000

/* Messages that are entered. SPEC: coremltools, mlmodel/format/ (Model.proto and others) */
enum kind {
    MODEL,
    WRAPPED, /* PipelineClassifier, PipelineRegressor */
    PIPELINE,
    NETWORK,
    LAYER,
    CUSTOM_LAYER,
    BRANCH,
    LOOP,
    CUSTOM_MODEL,
    LINKED,
    LINKED_FILE,
    LINKED_NAME,
    LINKED_PATH,
    PROGRAM,
    FUNCTION_ENTRY,
    FUNCTION,
    BLOCK_ENTRY,
    BLOCK,
    OPERATION,
    ATTRIBUTE_ENTRY,
    ARGUMENT_ENTRY,
    ARGUMENT,
    BINDING,
    VALUE_OF,
    IMMEDIATE,
    VALUES, /* TupleValue, ListValue */
    DICTIONARY,
    PAIR,
    BLOB,
    NOTHING /* the field is text that is kept */
};

/* A field that leads to what runs or is opened; all others are passed over. */
static const struct row {
    enum kind in;
    uint32_t field;
    enum kind to;
    const char *text; /* of NOTHING: what it names */
} rows[] = {
    {MODEL, 200, WRAPPED, NULL},
    {MODEL, 201, WRAPPED, NULL},
    {MODEL, 202, PIPELINE, NULL},
    {MODEL, 303, NETWORK, NULL},
    {MODEL, 403, NETWORK, NULL},
    {MODEL, 500, NETWORK, NULL},
    {MODEL, 502, PROGRAM, NULL},
    {MODEL, 555, CUSTOM_MODEL, NULL},
    {MODEL, 556, LINKED, NULL},
    {WRAPPED, 1, PIPELINE, NULL},
    {PIPELINE, 1, MODEL, NULL},
    {NETWORK, 1, LAYER, NULL},
    {LAYER, 500, CUSTOM_LAYER, NULL},
    {LAYER, 605, BRANCH, NULL},
    {LAYER, 615, LOOP, NULL},
    {BRANCH, 1, NETWORK, NULL},
    {BRANCH, 2, NETWORK, NULL},
    {LOOP, 3, NETWORK, NULL},
    {LOOP, 4, NETWORK, NULL},
    {CUSTOM_LAYER, 10, NOTHING, "custom-layer"},
    {CUSTOM_MODEL, 10, NOTHING, "custom-model"},
    {LINKED, 1, LINKED_FILE, NULL},
    {LINKED_FILE, 1, LINKED_NAME, NULL},
    {LINKED_FILE, 2, LINKED_PATH, NULL},
    {LINKED_NAME, 1, NOTHING, "@linked-model"},
    {LINKED_PATH, 1, NOTHING, "@search-path"},
    {PROGRAM, 2, FUNCTION_ENTRY, NULL},
    {FUNCTION_ENTRY, 2, FUNCTION, NULL},
    {FUNCTION, 3, BLOCK_ENTRY, NULL},
    {BLOCK_ENTRY, 2, BLOCK, NULL},
    {BLOCK, 3, OPERATION, NULL},
    {OPERATION, 1, NOTHING, "mil"},
    {OPERATION, 4, BLOCK, NULL},
    {OPERATION, 5, ATTRIBUTE_ENTRY, NULL},
    {PROGRAM, 4, ATTRIBUTE_ENTRY, NULL},
    {FUNCTION, 4, ATTRIBUTE_ENTRY, NULL},
    {BLOCK, 4, ATTRIBUTE_ENTRY, NULL},
    {ATTRIBUTE_ENTRY, 2, VALUE_OF, NULL},
    {OPERATION, 2, ARGUMENT_ENTRY, NULL},
    {ARGUMENT_ENTRY, 2, ARGUMENT, NULL},
    {ARGUMENT, 1, BINDING, NULL},
    {BINDING, 2, VALUE_OF, NULL},
    {VALUE_OF, 3, IMMEDIATE, NULL},
    {IMMEDIATE, 2, VALUES, NULL},
    {IMMEDIATE, 3, VALUES, NULL},
    {IMMEDIATE, 4, DICTIONARY, NULL},
    {VALUES, 1, VALUE_OF, NULL},
    {DICTIONARY, 1, PAIR, NULL},
    {PAIR, 1, VALUE_OF, NULL},
    {PAIR, 2, VALUE_OF, NULL},
    {VALUE_OF, 5, BLOB, NULL},
    {BLOB, 1, NOTHING, "@weights"},
};

struct coreml {
    const struct format_input *in;
    struct protobuf p;
    enum kind at[PROTOBUF_DEPTH + 1];
    unsigned depth;
    struct tally ops, files;
    uint64_t version, models, type; /* `type`: the field of the outermost model's kind */
    bool updatable;
};

static bool inside(struct reader r, uint32_t field)
{
    struct protobuf_field f;

    return protobuf_head(&r, &f) && f.number == field && f.wire == PROTOBUF_BYTES;
}

/* SPEC: Model.proto: a version, then a description, which begins with a feature. ONNX begins with
 * two such fields, too, but its second one is a text. */
static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head), in;
    struct protobuf_field f;

    if (!protobuf_head(&r, &f) || f.number != 1 || f.wire != PROTOBUF_VARINT || f.value == 0 ||
        f.value > VERSION_MAX || !protobuf_head(&r, &f))
        return 0;
    if (f.number >= MODEL_FIRST && f.number <= MODEL_LAST && f.wire == PROTOBUF_BYTES)
        return FORMAT_CLAIM; /* without a description: four bytes, and numbers begin so, too */
    if (f.number != 2 || f.wire != PROTOBUF_BYTES)
        return 0;
    in = r;
    if (protobuf_head(&in, &f) && f.wire == PROTOBUF_BYTES &&
        (f.number == 1 || f.number == 10 || f.number == 20) && (f.value == 0 || inside(in, 1)))
        return FORMAT_CERTAIN;
    return slice_ends(slice_str(name), ".mlmodel") ? FORMAT_SURE : 0;
}

static const struct row *find_row(enum kind in, uint32_t field)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].in == in && rows[i].field == field)
            return &rows[i];
    return NULL;
}

/* Names of files go to `files`, the rest to `ops`. */
static bool keep_text(struct coreml *c, const char *what, uint64_t at, struct err *e)
{
    struct slice text;

    if (!protobuf_lend(&c->p, &text, e))
        return false;
    if (what[0] == '@')
        (void)tally_add(&c->files, slice_str(what + 1), text, at);
    else
        (void)tally_add(&c->ops, slice_str(what), text, at);
    return true;
}

static bool read_field(struct coreml *c, const struct protobuf_field *f, struct err *e)
{
    const enum kind in = c->at[c->depth];
    const struct row *row = find_row(in, f->number);

    if (in == MODEL && f->number >= MODEL_FIRST) {
        c->models++;
        if (c->depth == 0)
            c->type = f->number;
    }
    if (in == MODEL && c->depth == 0 && f->number == 1 && f->wire == PROTOBUF_VARINT)
        c->version = f->value;
    if (in == MODEL && f->number == 10 && f->wire == PROTOBUF_VARINT)
        c->updatable = c->updatable || f->value != 0;
    if (row != NULL && f->wire != PROTOBUF_BYTES)
        return err_pos(e, ERR_FORMAT, f->at, "field %" PRIu32 " is no message", f->number);
    if (f->wire != PROTOBUF_BYTES)
        return true;
    if (row == NULL)
        return protobuf_opaque(&c->p, e);
    if (row->to == NOTHING)
        return keep_text(c, row->text, f->at, e);
    if (!protobuf_enter(&c->p, NULL, e))
        return false;
    c->at[++c->depth] = row->to; /* protobuf_enter keeps it below PROTOBUF_DEPTH */
    return true;
}

static bool walk(struct coreml *c, struct err *e)
{
    struct protobuf_field f;

    for (;;) {
        if (!protobuf_next(&c->p, &f, e))
            return false;
        if (f.number != 0) {
            if (!read_field(c, &f, e))
                return false;
            continue;
        }
        if (c->depth == 0)
            break;
        c->depth--;
    }
    return c->models > 0 || err_fail(e, ERR_FORMAT, "a model of no kind");
}

static void tell_files(const struct coreml *c)
{
    struct arena *a = c->in->scratch;

    for (size_t i = 0; i < c->files.n; i++) {
        const struct tally_item *x = &c->files.items[i];
        struct value_builder b;

        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(c->in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, "coreml"));
        value_map_add(&b, "kind", format_string(a, x->kind, LIMIT_TALLY_BYTES));
        value_map_add(&b, "location", format_string(a, x->name, LIMIT_TALLY_BYTES));
        value_map_add(&b, "count", value_int(a, (int64_t)x->count, NULL));
        format_tell(c->in, "model.reference",
                    arena_printf(a, "%s#%s:%s", c->in->path, member_name(a, x->kind),
                                 member_name(a, x->name)),
                    x->offset, value_map_end(&b, NULL));
    }
}

static const char *type_name(uint64_t field)
{
    static const struct {
        uint16_t field;
        const char *name;
    } types[] = {
        {200, "pipelineClassifier"},
        {201, "pipelineRegressor"},
        {202, "pipeline"},
        {302, "treeEnsembleRegressor"},
        {303, "neuralNetworkRegressor"},
        {402, "treeEnsembleClassifier"},
        {403, "neuralNetworkClassifier"},
        {500, "neuralNetwork"},
        {502, "mlProgram"},
        {555, "customModel"},
        {556, "linkedModel"},
        {3000, "serializedModel"},
    };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].field == field)
            return types[i].name;
    return "other";
}

static void tell(const struct coreml *c)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    tally_tell(&c->ops, c->in, "coreml");
    tell_files(c);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(c->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "version", value_int(a, (int64_t)c->version, NULL));
    value_map_add(&b, "kind", value_str(a, type_name(c->type)));
    value_map_add(&b, "models", value_int(a, (int64_t)c->models, NULL));
    value_map_add(&b, "updatable", value_bool(a, c->updatable, NULL));
    value_map_add(&b, "untold", value_int(a, (int64_t)(c->ops.lost + c->files.lost), NULL));
    format_tell(c->in, "model.coreml", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct coreml *c = ARENA_NEW(in->scratch, struct coreml);
    bool ok;

    c->in = in;
    tally_init(&c->ops, in->scratch);
    tally_init(&c->files, in->scratch);
    protobuf_init(&c->p, in->feed);
    ok = walk(c, e);
    if (!ok && in->weak && e->code == ERR_FORMAT && c->ops.n == 0 && c->files.n == 0) {
        cover->declined = true;
        return true;
    }
    cover->opaque = c->p.opaque;
    cover->parsed = protobuf_offset(&c->p);
    cover->parsed -= c->p.opaque < cover->parsed ? c->p.opaque : cover->parsed;
    tell(c);
    return ok;
}

const struct format format_coreml = {
    .name = "coreml",
    .summary = "Core ML models (.mlmodel): custom layers and models, pipelines, linked files",
    .spec = "coremltools 9, mlmodel/format/Model.proto",
    .probe = probe,
    .parse = parse,
};
