#include "scanner/formats/table/arrow.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/metadata.h"
#include "scanner/formats/pickle/pickle_payload.h"

#define DEPTH 64 /* of fields within each other */
#define NAME "ARROW:extension:name"
#define METADATA "ARROW:extension:metadata"
/* SPEC: pyarrow 14.0.1, types.pxi, PyExtensionType: its metadata is a pickle (CVE-2023-47248) */
#define PICKLED "arrow.py_extension_type"
#define TOLD_NAME 256
#define NAME_BYTES ((size_t)1 << 20)

bool arrow_message(struct flatbuffer *f, struct arrow_message *out, struct err *e)
{
    struct flatbuffer_table t;
    uint64_t body = 0;

    *out = (struct arrow_message){0};
    if (!flatbuffer_root(f, &t, e) || !flatbuffer_scalar(&t, 1, 1, &out->header, e) ||
        !flatbuffer_sub(&t, 2, &out->table, e) || !flatbuffer_scalar(&t, 3, 8, &body, e))
        return false;
    out->body = body;
    if (out->header < ARROW_SCHEMA || out->header > ARROW_SPARSE || out->table.at == 0)
        return err_pos(e, ERR_FORMAT, f->base, "a message of type %" PRIu64, out->header);
    if (body > INT64_MAX)
        return err_pos(e, ERR_FORMAT, f->base, "a message with a body of negative length");
    return true;
}

void arrow_seen_init(struct arrow_seen *s, const struct format_input *in)
{
    *s = (struct arrow_seen){.in = in};
    names_init(&s->extensions, in->scratch, LIMIT_METADATA_KEYS, NAME_BYTES);
    names_init(&s->keys, in->scratch, LIMIT_METADATA_KEYS, NAME_BYTES);
    names_init(&s->told, in->scratch, LIMIT_TENSOR_FACTS, LIMIT_CAPTURE_BYTES);
}

/* A text of any length, as far as metadata may be long. */
static bool text(struct arrow_seen *s, const struct flatbuffer_table *t, unsigned field,
                 struct slice *out, struct err *e)
{
    struct flatbuffer_vector v;
    uint8_t *bytes;

    *out = (struct slice){NULL, 0};
    if (!flatbuffer_vector(t, field, 1, &v, e))
        return false;
    if (v.n == 0)
        return true;
    if (v.n > LIMIT_CAPTURE_BYTES - s->bytes)
        return err_pos(e, ERR_LIMIT, v.at,
                       "more than %u bytes of metadata in schemas (LIMIT_CAPTURE_BYTES)",
                       LIMIT_CAPTURE_BYTES);
    s->bytes += v.n;
    bytes = arena_alloc(s->in->scratch, v.n);
    *out = (struct slice){bytes, v.n};
    return flatbuffer_bytes(v.f, v.at, bytes, v.n, e);
}

/* A pickle that a type is made of. */
static bool pickled(struct arrow_seen *s, struct slice bytes, struct err *e)
{
    const size_t before = s->told.n;
    struct format_input inner;
    struct source *source;
    bool ok;

    if (names_add(&s->told, bytes) != NAMES_NONE && s->told.n == before)
        return true;
    source = source_memory(bytes);
    inner = format_inner(s->in, source,
                         arena_printf(s->in->scratch, "extension-%" PRIu64 ".pkl", s->pickles++));
    ok = format_scan(&inner, e);
    source_free(source);
    return ok;
}

static void judge(struct arrow_seen *s, struct slice key, struct slice value)
{
    struct arena *a = s->in->scratch;
    const size_t before = s->told.n;

    if (names_add(&s->told, value) != NAMES_NONE && s->told.n == before)
        return; /* in the footer again */
    metadata_text(s->in, slice_str(member_name(a, key)), value, ERR_NO_OFFSET);
}

static bool metadata(struct arrow_seen *s, const struct flatbuffer_table *t, unsigned field,
                     struct err *e)
{
    struct slice key, value, type = {NULL, 0}, made_of = {NULL, 0};
    struct flatbuffer_vector v;
    struct flatbuffer_table kv;

    if (!flatbuffer_vector(t, field, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&v, i, &kv, e) || !text(s, &kv, 0, &key, e) ||
            !text(s, &kv, 1, &value, e))
            return false;
        (void)names_add(&s->keys, key);
        if (slice_is(key, NAME))
            type = value;
        else if (slice_is(key, METADATA))
            made_of = value;
        else
            judge(s, key, value);
    }
    if (type.len > 0)
        (void)names_add(&s->extensions, type);
    if (made_of.len == 0)
        return true;
    if (slice_is(type, PICKLED) || pickle_payload_of(made_of) != 0)
        return pickled(s, made_of, e);
    judge(s, SLICE_LIT(METADATA), made_of);
    return true;
}

static bool field(struct arrow_seen *s, const struct flatbuffer_table *t, unsigned depth,
                  struct err *e)
{
    struct flatbuffer_vector children;
    struct flatbuffer_table child;

    if (depth > DEPTH)
        return err_pos(e, ERR_LIMIT, t->at, "fields nest more than %d levels", DEPTH);
    if (!metadata(s, t, 6, e) || !flatbuffer_vector(t, 5, 4, &children, e))
        return false;
    for (uint32_t i = 0; i < children.n; i++)
        if (!flatbuffer_item(&children, i, &child, e) || !field(s, &child, depth + 1, e))
            return false;
    return true;
}

bool arrow_schema(struct arrow_seen *s, const struct flatbuffer_table *schema, struct err *e)
{
    struct flatbuffer_vector fields;
    struct flatbuffer_table f;

    if (!metadata(s, schema, 2, e) || !flatbuffer_vector(schema, 1, 4, &fields, e))
        return false;
    s->top = fields.n;
    for (uint32_t i = 0; i < fields.n; i++)
        if (!flatbuffer_item(&fields, i, &f, e) || !field(s, &f, 0, e))
            return false;
    return true;
}

bool arrow_schema_message(struct arrow_seen *s, struct slice bytes, struct err *e)
{
    struct reader r = reader_over(bytes);
    struct source *source = source_memory(bytes);
    struct arrow_message m;
    struct flatbuffer f;
    uint32_t n = 0;
    bool ok = reader_u32le(&r, &n);

    if (ok && n == UINT32_MAX) /* since 0.15 */
        ok = reader_u32le(&r, &n);
    ok = ok && n <= r.left;
    if (!ok)
        (void)err_fail(e, ERR_FORMAT, "the schema of Arrow is cut short");
    flatbuffer_init(&f, source, r.offset, r.offset + n);
    ok = ok && arrow_message(&f, &m, e);
    if (ok && m.header != ARROW_SCHEMA)
        ok = err_fail(e, ERR_FORMAT, "the schema of Arrow is none");
    ok = ok && arrow_schema(s, &m.table, e);
    flatbuffer_release(&f);
    source_free(source);
    return ok;
}

const struct value *arrow_extensions(const struct arrow_seen *s)
{
    return format_names(s->in->scratch, &s->extensions, TOLD_NAME);
}

const struct value *arrow_keys(const struct arrow_seen *s)
{
    return format_names(s->in->scratch, &s->keys, TOLD_NAME);
}
