#include <string.h>

#include "base/limits.h"
#include "scanner/formats/format.h"
#include "scanner/formats/python/bytecode.h"

#define MAGIC 4         /* bytes: a number, CR LF */
#define HEADER 16       /* bytes of the longest header */
#define HASH_BASED 1u   /* SPEC: PEP 552, "Specification": a hash of the source, no time */
#define CHECK_SOURCE 2u /* it is compared with the source when the module is loaded */
#define NAME_BYTES ((size_t)1 << 20)
#define TOLD_NAME 256

struct pyc {
    const struct bytecode_version *version; /* NULL: nobody knows it */
    struct slice bytes;                     /* the whole file */
    struct marshal m;
};

static bool magic_of(struct slice head, uint16_t *magic)
{
    struct reader r = reader_over(head);

    return reader_u16le(&r, magic) && head.len >= MAGIC && head.data[2] == '\r' &&
           head.data[3] == '\n';
}

static bool named(const char *name)
{
    return slice_ends(slice_str(name), ".pyc") || slice_ends(slice_str(name), ".pyo");
}

/* A magic number that is known, and a code object where one must be. */
static int probe(struct slice head, const char *name)
{
    const struct bytecode_version *v;
    uint16_t magic;

    if (!magic_of(head, &magic))
        return 0;
    v = bytecode_version(magic);
    if (v != NULL && head.len > v->header && (head.data[v->header] & 0x7f) == 'c')
        return FORMAT_CERTAIN;
    return named(name) ? FORMAT_SURE : 0;
}

/* How the loader knows that the file is that of its source. */
static const char *check_of(const struct bytecode_version *v, struct slice head)
{
    struct reader r = reader_over(slice_from(head, MAGIC));
    uint32_t flags = 0;

    if (v == NULL || (v->header == HEADER && !reader_u32le(&r, &flags)))
        return "unknown";
    if (v->header < HEADER || flags == 0)
        return "timestamp";
    if ((flags & ~(HASH_BASED | CHECK_SOURCE)) != 0 || (flags & HASH_BASED) == 0)
        return "unknown";
    return (flags & CHECK_SOURCE) != 0 ? "checked-hash" : "unchecked-hash";
}

static void tell(const struct pyc *p, const struct format_input *in)
{
    const struct bytecode_version *v = p->version;
    const struct marshal *m = &p->m;
    struct arena *a = in->scratch;
    struct names imports, uses;
    struct value_builder b;
    struct slice source = {NULL, 0};
    uint64_t lost = 0;

    names_init(&imports, a, LIMIT_METADATA_KEYS, NAME_BYTES);
    names_init(&uses, a, LIMIT_METADATA_KEYS, NAME_BYTES);
    for (size_t i = 0; i < m->ncodes; i++)
        bytecode_imports(v, &m->codes[i], &imports, &uses, &lost);
    if (m->ncodes > 0) /* the module itself is the last that ends */
        source = m->codes[m->ncodes - 1].filename->bytes;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "python", value_str(a, v != NULL ? v->name : "unknown"));
    value_map_add(&b, "check", value_str(a, check_of(v, p->bytes)));
    value_map_add(&b, "code_objects", value_int(a, (int64_t)m->ncodes, NULL));
    value_map_add(&b, "source", format_string(a, source, LIMIT_NAME_BYTES));
    value_map_add(&b, "imports", format_names(a, &imports, TOLD_NAME));
    value_map_add(&b, "more_imports", value_int(a, (int64_t)lost, NULL));
    value_map_add(&b, "uses", format_names(a, &uses, TOLD_NAME));
    value_map_add(&b, "container",
                  in->container != NULL ? value_str(a, in->container) : value_null(a, NULL));
    format_tell(in, "model.bytecode", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool code(struct pyc *p, const struct format_input *in, struct format_cover *cover,
                 struct err *e)
{
    const uint8_t header = p->version->header;
    const struct marshal_node *top;

    if (p->bytes.len < header)
        return err_pos(e, ERR_FORMAT, p->bytes.len, "the header is cut short");
    marshal_init(&p->m, in->scratch, reader_at(slice_from(p->bytes, header), header),
                 &p->version->form);
    if (!marshal_read(&p->m, &top, e)) {
        cover->parsed = p->m.r.offset;
        return false;
    }
    cover->parsed = p->m.r.offset;
    if (top->kind != MARSHAL_CODE)
        return err_pos(e, ERR_FORMAT, header, "no code object stands behind the header");
    if (strcmp(check_of(p->version, p->bytes), "unknown") == 0)
        return err_pos(e, ERR_FORMAT, MAGIC, "flags that the loader refuses");
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct pyc p = {.version = NULL};
    uint16_t magic;
    bool ok;

    if (!source_slurp(in->bytes, LIMIT_CAPTURE_BYTES, in->scratch, &p.bytes, e))
        return false;
    if (!magic_of(p.bytes, &magic)) {
        cover->declined = true;
        return true;
    }
    p.version = bytecode_version(magic);
    ok = p.version != NULL
             ? code(&p, in, cover, e)
             : err_fail(e, ERR_UNSUPPORTED, "compiled Python of magic number %u", (unsigned)magic);
    tell(&p, in);
    return ok;
}

const struct format format_pyc = {
    .name = "pyc",
    .summary = "compiled Python: code objects of CPython 2.7 to 3.14, and what they import",
    .spec = "CPython 3.14, Python/marshal.c, Lib/importlib/_bootstrap_external.py; PEP 552",
    .probe = probe,
    .parse = parse,
};
