/* Serialized values of R: models that saveRDS and save write. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/r/r_walk.h"

#define MAGIC 5     /* bytes of the magic of a workspace */
#define ENCODING 63 /* bytes of its name; what R allows */
#define TOLD_NAME 256

static int probe(struct slice head, const char *name)
{
    static const struct slice begins[] = {
        SLICE_INIT("X\n\0\0\0\2"), SLICE_INIT("X\n\0\0\0\3"), SLICE_INIT("B\n\2\0\0\0"),
        SLICE_INIT("B\n\3\0\0\0"), SLICE_INIT("A\n2\n"),      SLICE_INIT("A\n3\n"),
        SLICE_INIT("RDX2\nX\n"),   SLICE_INIT("RDX3\nX\n"),   SLICE_INIT("RDB2\nB\n"),
        SLICE_INIT("RDB3\nB\n"),   SLICE_INIT("RDA2\nA\n"),   SLICE_INIT("RDA3\nA\n"),
    };

    (void)name;
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (head.len >= begins[i].len && memcmp(head.data, begins[i].data, begins[i].len) == 0)
            return FORMAT_CERTAIN;
    return 0;
}

struct header {
    int32_t version, writer;
    struct slice encoding;
};

/* SPEC: src/main/serialize.c, R_Unserialize; src/main/saveload.c, R_ReadMagic */
static bool read_header(struct r_walk *w, struct header *h, struct err *e)
{
    struct slice form;
    int32_t least, len;

    if (!feed_more(w->s.feed, &w->s.r, FEED_NEED, e))
        return false;
    w->workspace = w->s.r.left > MAGIC && w->s.r.data[0] == 'R';
    if ((w->workspace && !reader_skip(&w->s.r, MAGIC)) || !reader_bytes(&w->s.r, 2, &form))
        return err_at(e, ERR_FORMAT, &w->s.r, "an object of R is cut short");
    w->s.form = form.data[0] == 'A' ? R_ASCII : form.data[0] == 'B' ? R_BINARY : R_XDR;
    if (!r_stream_int(&w->s, &h->version, e) || !r_stream_int(&w->s, &h->writer, e) ||
        !r_stream_int(&w->s, &least, e))
        return false;
    if (h->version != 2 && h->version != 3)
        return err_at(e, ERR_UNSUPPORTED, &w->s.r, "serialization of version %" PRId32, h->version);
    if (h->version == 2)
        return true;
    if (!r_stream_int(&w->s, &len, e))
        return false;
    if (len < 0 || len > ENCODING)
        return err_at(e, ERR_FORMAT, &w->s.r, "the name of an encoding of %" PRId32 " bytes", len);
    return r_stream_text(&w->s, (uint64_t)len, ENCODING, &h->encoding, e);
}

static void tell_name(const struct format_input *in, const struct r_name *n)
{
    const char *use = r_walk_use(n->use);
    struct arena *a = in->scratch;
    const struct value *name = format_string(a, n->name, TOLD_NAME);
    const struct value *package = format_string(a, n->package, TOLD_NAME);
    const struct value *scope = format_string(a, n->scope, TOLD_NAME);
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "use", value_str(a, use));
    value_map_add(&b, "name", name);
    value_map_add(&b, "package", package);
    value_map_add(&b, "scope", scope);
    value_map_add(&b, "count", value_int(a, (int64_t)n->count, NULL));
    value_map_add(&b, "offset", value_int(a, (int64_t)n->offset, NULL));
    format_tell(in, "model.r_name",
                arena_printf(a, "%s#%s:%s:%s:%s", in->path, use, value_cstr(scope, ""),
                             value_cstr(package, ""), value_cstr(name, "")),
                n->offset, value_map_end(&b, NULL));
}

static const struct value *symbols_of(const struct r_walk *w)
{
    struct value_builder b;

    value_list_begin(&b, w->a);
    for (size_t i = 0; i < w->nnames; i++)
        if (w->names[i].use == R_SYMBOL)
            value_list_add(&b, format_string(w->a, w->names[i].name, TOLD_NAME));
    return value_list_end(&b, NULL);
}

static void tell(const struct format_input *in, const struct r_walk *w, const struct header *h)
{
    static const char *const forms[] = {"xdr", "binary", "ascii"};
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {
        {"objects", w->objects},      {"closures", w->closures},
        {"bytecodes", w->bytecodes},  {"environments", w->environments},
        {"active", w->active},        {"promises", w->promises},
        {"loose_promises", w->loose}, {"pointers", w->pointers},
        {"hooks", w->hooks},          {"odd", w->odd},
        {"untold", w->untold},
    };
    const uint32_t v = h->writer > 0 ? (uint32_t)h->writer : 0;
    struct arena *a = in->scratch;
    struct value_builder b;

    for (size_t i = 0; i < w->nnames; i++)
        if (w->names[i].use != R_SYMBOL)
            tell_name(in, &w->names[i]);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, w->workspace ? "workspace" : "value"));
    value_map_add(&b, "form", value_str(a, forms[w->s.form]));
    value_map_add(&b, "version", value_int(a, h->version, NULL));
    value_map_add(&b, "written_by",
                  value_str(a, arena_printf(a, "%" PRIu32 ".%" PRIu32 ".%" PRIu32, v >> 16,
                                            v >> 8 & 255, v & 255)));
    value_map_add(&b, "encoding", format_string(a, h->encoding, TOLD_NAME));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        value_map_add(&b, counts[i].name, value_int(a, (int64_t)counts[i].n, NULL));
    value_map_add(&b, "bindings", format_names(a, &w->bindings, TOLD_NAME));
    value_map_add(&b, "functions", format_names(a, &w->functions, TOLD_NAME));
    value_map_add(&b, "symbols", symbols_of(w));
    format_tell(in, "model.rds", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* What was found before an error is told, too: R has evaluated nothing yet, but keeps promises. */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct r_walk *w = ARENA_NEW(in->scratch, struct r_walk);
    struct header h = {.version = 0};
    bool ok;

    w->a = in->scratch;
    w->s.feed = in->feed;
    w->s.a = in->scratch;
    ok = read_header(w, &h, e) && r_walk_read(w, e);
    tell(in, w, &h);
    if (ok && w->s.form == R_ASCII)
        ok = r_stream_end(&w->s, e);
    cover->parsed = w->s.r.offset;
    return ok;
}

const struct format format_rds = {
    .name = "rds",
    .summary = "values and workspaces of R (saveRDS, save): their code, and what it calls",
    .spec = "R 4.5, src/main/serialize.c; R Internals, Serialization Formats",
    .probe = probe,
    .parse = parse,
};
