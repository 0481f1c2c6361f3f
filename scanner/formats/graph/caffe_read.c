/* The walk over a net, a solver or its state. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "scanner/formats/graph/caffe.h"
#include "scanner/formats/graph/pbtxt.h"

#define NAMES_BYTES ((size_t)4 << 20) /* of layers with numbers */
#define SAME_MAX 64                   /* names told of those that came twice */

static const char *const wire_names[] = {"a varint", "64 bits", "bytes", "", "", "32 bits"};

static const struct protobuf_name *names_of(enum caffe_kind kind, struct arena *a)
{
    const struct caffe_message *m = &caffe_schema[kind];
    struct protobuf_name *names = ARENA_ARRAY(a, struct protobuf_name, m->n + 1);

    for (size_t i = 0; i < m->n; i++)
        names[i] = (struct protobuf_name){m->fields[i].name, m->fields[i].number};
    return names;
}

void caffe_read_init(struct caffe *c, const struct format_input *in)
{
    struct arena *a = in->scratch;

    c->in = in;
    protobuf_init(&c->p, in->feed);
    for (int i = 0; i < CAFFE_KINDS; i++)
        c->names[i] = names_of((enum caffe_kind)i, a);
    names_init(&c->twice, a, MESSAGE_TWICE, (size_t)MESSAGE_TWICE * MESSAGE_TEXT);
    names_init(&c->with_blobs, a, LIMIT_OP_FACTS, NAMES_BYTES);
    names_init(&c->same, a, SAME_MAX, (size_t)SAME_MAX * MESSAGE_TEXT);
    tally_init(&c->types, a);
    for (size_t i = 0; i < CAFFE_ACCESSES; i++)
        tally_init(&c->files[i], a);
}

/* SPEC: Encoding, "Last One Wins"; messages are merged, and the text form has no field twice. */
static void note(struct caffe *c, struct caffe_at *at, const struct caffe_field *field)
{
    const size_t i = (size_t)(field - caffe_schema[at->kind].fields);
    const uint64_t bit = UINT64_C(1) << i % 64;
    char text[96];

    if (field->once && (at->seen[i / 64] & bit) != 0) {
        snprintf(text, sizeof(text), "%s.%s", caffe_schema[at->kind].name, field->name);
        (void)names_add(&c->twice, slice_str(text));
    }
    at->seen[i / 64] |= bit;
}

bool caffe_read_next(struct caffe *c, struct caffe_at *at, struct protobuf_field *f,
                     const struct caffe_field **field, struct err *e)
{
    const struct caffe_message *m = &caffe_schema[at->kind];

    *field = NULL;
    if (!protobuf_next(&c->p, f, e))
        return err_in(e, "%s", m->name);
    if (f->number == 0)
        return true;
    *field = caffe_schema_field(at->kind, f->number);
    if (*field == NULL) {
        c->unknown += m->whole;
        return true;
    }
    if (c->p.text == NULL && ((*field)->wires >> f->wire & 1) == 0)
        return err_pos(e, ERR_FORMAT, f->at, "%s: %s holds %s", m->name, (*field)->name,
                       wire_names[f->wire]);
    note(c, at, *field);
    return true;
}

/* ---- what fields say ---- */
static bool read_type(struct caffe *c, enum caffe_kind kind, const struct protobuf_field *f,
                      struct err *e)
{
    static const char *const domains[] = {[CAFFE_LAYER] = "", [CAFFE_V1] = "v1", [CAFFE_V0] = "v0"};
    struct slice type;
    char digits[24];

    if (f->wire == PROTOBUF_VARINT) {
        const char *name = caffe_type_number(f->value);

        snprintf(digits, sizeof(digits), "%" PRIu64, f->value);
        type = slice_str(name != NULL ? name : digits);
    } else {
        if (!protobuf_lend(&c->p, &type, e))
            return false;
        type = kind == CAFFE_V1 ? caffe_type_named(type) : type;
    }
    if (c->layer != NULL) {
        c->layer->typed = c->layer->typed || kind != CAFFE_V0;
        c->layer->python = c->layer->python || slice_is(type, "Python");
    }
    (void)tally_add(&c->types, slice_str(domains[kind]), type, f->at);
    return true;
}

static bool keep_file(struct caffe *c, enum caffe_access access, const char *what,
                      const struct protobuf_field *f, struct err *e)
{
    struct slice name;

    if (!protobuf_lend(&c->p, &name, e))
        return false;
    if (name.len > 0) /* the default: none */
        (void)tally_add(&c->files[access], slice_str(what), name, f->at);
    return true;
}

/* Is it a field that a branch of Caffe may call a file by? */
static bool file_like(struct slice name)
{
    static const char *const words[] = {"file", "source", "folder", "path", "director", "prefix"};
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_find(name, slice_str(words[i]), &at))
            return true;
    return false;
}

/* A field that the schema does not have: by its name, in the text form. */
static bool read_unknown(struct caffe *c, const struct protobuf_field *f, struct err *e)
{
    const struct pbtxt *t = c->p.text;
    const struct slice name = t != NULL ? t->level[t->depth].name : SLICE_LIT("");

    if (f->wire != PROTOBUF_BYTES)
        return true;
    if (t == NULL)
        return protobuf_opaque(&c->p, e);
    if (t->pending)
        return protobuf_enter(&c->p, c->names[CAFFE_OTHER], e) &&
               caffe_read_message(c, CAFFE_OTHER, e);
    if (t->string && file_like(name))
        return keep_file(c, CAFFE_READS, arena_strndup(c->in->scratch, name), f, e);
    return true;
}

/* ---- layers ---- */
/* SPEC: net.cpp, CopyTrainedLayersFrom: numbers go to the layer of their name, one after the other;
 * other readers take the first. */
static void finish_numbers(struct caffe *c, const struct caffe_layer *l)
{
    const struct slice name = message_slice(&l->name);

    if (l->blobs == 0)
        return;
    if (names_find(&c->with_blobs, name) != NAMES_NONE)
        (void)names_add(&c->same, name);
    else if (names_add(&c->with_blobs, name) == NAMES_NONE)
        c->lost = true;
}

static void finish_python(struct caffe *c, const struct caffe_layer *l)
{
    struct arena *a = c->in->scratch;
    struct caffe_python *p;

    if (!l->python || c->python_layers++ >= LIMIT_TALLY_NAMES)
        return;
    p = ARENA_PUSH(a, &c->python, &c->npython);
    p->at = l->at;
    p->layer = arena_slice(a, message_slice(&l->name));
    p->module = arena_slice(a, message_slice(&l->module));
    p->class_name = arena_slice(a, message_slice(&l->class_name));
    p->argument = arena_slice(a, message_slice(&l->argument));
}

static bool read_layer(struct caffe *c, enum caffe_kind kind, uint64_t at, struct err *e)
{
    struct caffe_layer l = {.at = at, .v1 = kind == CAFFE_V1};

    c->layer = &l;
    c->layers++;
    if (!caffe_read_message(c, kind, e)) {
        finish_python(c, &l); /* what is cut ran nothing, and says what it would */
        c->layer = NULL;
        return false;
    }
    c->layer = NULL;
    c->v0 += l.nested;
    c->v1 += l.v1 && (l.typed || !l.nested);
    c->v2 += !l.v1;
    if (!l.typed && !l.nested)
        (void)tally_add(&c->types, slice_str(l.v1 ? "v1" : ""), SLICE_LIT(""), at);
    finish_numbers(c, &l);
    finish_python(c, &l);
    return true;
}

static bool enter(struct caffe *c, enum caffe_kind to, uint64_t at, struct err *e)
{
    if (!protobuf_enter(&c->p, c->names[to], e))
        return false;
    if (to == CAFFE_BLOB)
        return caffe_blob_read(c, e);
    if (to == CAFFE_LAYER || to == CAFFE_V1)
        return read_layer(c, to, at, e);
    if (c->layer != NULL) {
        c->layer->nested = c->layer->nested || to == CAFFE_V0;
        c->layer->python = c->layer->python || to == CAFFE_PYTHON;
    }
    return caffe_read_message(c, to, e);
}

static bool read_layer_text(struct caffe *c, enum caffe_use use, struct err *e)
{
    struct caffe_layer *l = c->layer;
    struct message_text ignored;

    if (l == NULL)
        return message_read_text(&c->p, &ignored, e);
    switch (use) {
    case CAFFE_MODULE:
        return message_read_text(&c->p, &l->module, e);
    case CAFFE_CLASS:
        return message_read_text(&c->p, &l->class_name, e);
    case CAFFE_ARGUMENT:
        return message_read_text(&c->p, &l->argument, e);
    default:
        return message_read_text(&c->p, &l->name, e);
    }
}

static bool read_field(struct caffe *c, enum caffe_kind kind, const struct caffe_field *field,
                       const struct protobuf_field *f, struct err *e)
{
    const struct caffe_message *m = &caffe_schema[kind];
    const char *what = NULL;

    if (field == NULL || (field->use == CAFFE_PARAM && f->wire == PROTOBUF_BYTES))
        return read_unknown(c, f, e);
    if (field->use >= CAFFE_READ && field->use <= CAFFE_SNAPSHOT)
        what = arena_printf(c->in->scratch, "%s.%s", m->name, field->name);
    switch (field->use) {
    case CAFFE_NONE:
    case CAFFE_PARAM:
        return true;
    case CAFFE_ENTER:
        return enter(c, field->to, f->at, e);
    case CAFFE_NET_NAME:
        return message_read_text(&c->p, &c->name, e);
    case CAFFE_TYPE:
        return read_type(c, kind, f, e);
    case CAFFE_READ:
        return keep_file(c, CAFFE_READS, what, f, e);
    case CAFFE_WRITE:
        return keep_file(c, CAFFE_WRITES, what, f, e);
    case CAFFE_SNAPSHOT:
        return keep_file(c, CAFFE_SNAPSHOTS, what, f, e);
    case CAFFE_NAME:
    case CAFFE_MODULE:
    case CAFFE_CLASS:
    case CAFFE_ARGUMENT:
        break;
    }
    return read_layer_text(c, field->use, e);
}

bool caffe_read_message(struct caffe *c, enum caffe_kind kind, struct err *e)
{
    struct caffe_at at = {.kind = kind};
    const struct caffe_field *field;
    struct protobuf_field f;

    if (kind == CAFFE_BLOB)
        return caffe_blob_read(c, e);
    for (;;) {
        if (!caffe_read_next(c, &at, &f, &field, e))
            return false;
        if (f.number == 0)
            return true;
        if (!read_field(c, kind, field, &f, e))
            return false;
    }
}
