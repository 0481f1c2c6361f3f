/* The facts about a net of Caffe, told when all of it was read. */
#include "base/attr.h"
#include "base/limits.h"
#include "scanner/formats/graph/caffe.h"
#include "scanner/formats/location.h"
#include "scanner/formats/member.h"
#include "scanner/formats/summary.h"

static const char *form(const struct caffe *c)
{
    return c->p.text != NULL ? "text" : "binary";
}

static void begin(const struct caffe *c, struct value_builder *b)
{
    struct arena *a = c->in->scratch;

    value_map_begin(b, a);
    value_map_add(b, "path", format_string(a, slice_str(c->in->path), LIMIT_NAME_BYTES));
    value_map_add(b, "framework", value_str(a, "caffe"));
}

static void tell_file(const struct caffe *c, const char *access, const struct tally_item *x)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    begin(c, &b);
    value_map_add(&b, "kind", format_string(a, x->kind, LIMIT_TALLY_BYTES));
    value_map_add(&b, "access", value_str(a, access));
    value_map_add(&b, "form", value_str(a, form(c)));
    value_map_add(&b, "location", format_string(a, x->name, LIMIT_TALLY_BYTES));
    value_map_add(&b, "problem", location_list(a, x->name, LIMIT_TALLY_BYTES));
    value_map_add(&b, "count", value_count(a, x->count));
    format_tell(
        c->in, "model.reference",
        arena_printf(a, "%s#%s:%s", c->in->path, member_name(a, x->kind), member_name(a, x->name)),
        x->offset, value_map_end(&b, NULL));
}

static void tell_python(const struct caffe *c, const struct caffe_python *p)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    begin(c, &b);
    value_map_add(&b, "layer", format_string(a, p->layer, MESSAGE_TEXT));
    value_map_add(&b, "module", format_string(a, p->module, MESSAGE_TEXT));
    value_map_add(&b, "class", format_string(a, p->class_name, MESSAGE_TEXT));
    value_map_add(&b, "argument", format_string(a, p->argument, MESSAGE_TEXT));
    format_tell(c->in, "model.python_layer", NULL, p->at, value_map_end(&b, NULL));
}

static void tell_bad(const struct caffe *c, const struct caffe_bad *t)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    begin(c, &b);
    value_map_add(&b, "tensor", format_string(a, t->layer, MESSAGE_TEXT));
    value_map_add(&b, "dimensions", value_count(a, t->dimensions));
    value_map_add(&b, "problem", caffe_blob_problems(a, t->problems));
    format_tell(c->in, "model.tensor", NULL, t->at, value_map_end(&b, NULL));
}

static void tell_tensors(const struct caffe *c)
{
    struct arena *a = c->in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    for (size_t i = 0; i < CAFFE_TYPES; i++)
        if (c->types_of[i] > 0)
            value_map_add(&types, caffe_blob_type(i), value_count(a, c->types_of[i]));
    summary_tell(c->in, c->blobs, c->bytes, value_map_end(&types, NULL));
}

static const struct value *forms(const struct caffe *c)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    value_list_begin(&b, a);
    if (c->v2 > 0)
        value_list_add(&b, value_str(a, "layer"));
    if (c->v1 > 0)
        value_list_add(&b, value_str(a, "v1"));
    if (c->v0 > 0)
        value_list_add(&b, value_str(a, "v0"));
    return value_list_end(&b, NULL);
}

/* What there was no room to tell. */
static uint64_t untold(const struct caffe *c)
{
    uint64_t n = c->types.lost + (c->python_layers - c->npython) + (c->bad_blobs - c->nbad);

    for (size_t i = 0; i < CAFFE_ACCESSES; i++)
        n += c->files[i].lost;
    return n + c->lost;
}

static void tell_net(const struct caffe *c, const char *kind)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    begin(c, &b);
    value_map_add(&b, "kind", value_str(a, kind));
    value_map_add(&b, "form", value_str(a, form(c)));
    value_map_add(&b, "name", format_string(a, message_slice(&c->name), MESSAGE_TEXT));
    value_map_add(&b, "layers", value_count(a, c->layers));
    value_map_add(&b, "forms", forms(c));
    value_map_add(&b, "python_layers", value_count(a, c->python_layers));
    value_map_add(&b, "blobs", value_count(a, c->blobs));
    value_map_add(&b, "bad_blobs", value_count(a, c->bad_blobs));
    value_map_add(&b, "unknown_fields", value_count(a, c->unknown));
    value_map_add(&b, "repeated", format_names(a, &c->twice, MESSAGE_TEXT));
    value_map_add(&b, "same_names", format_names(a, &c->same, MESSAGE_TEXT));
    value_map_add(&b, "untold", value_count(a, untold(c)));
    format_tell(c->in, "model.caffe", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

void caffe_tell(const struct caffe *c, const char *kind)
{
    static const char *const accesses[CAFFE_ACCESSES] = {"read", "write", "snapshot"};

    tell_net(c, kind);
    tally_tell(&c->types, c->in, "caffe");
    for (size_t i = 0; i < CAFFE_ACCESSES; i++)
        for (size_t k = 0; k < c->files[i].n; k++)
            tell_file(c, accesses[i], &c->files[i].items[k]);
    for (size_t i = 0; i < c->npython; i++)
        tell_python(c, &c->python[i]);
    for (size_t i = 0; i < c->nbad; i++)
        tell_bad(c, &c->bad[i]);
    if (c->blobs > 0)
        tell_tensors(c);
}
