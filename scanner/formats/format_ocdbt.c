/* The database of TensorStore, in which Orbax keeps checkpoints of JAX: a manifest, and files of
 * values with the nodes of a tree among them. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/location.h"
#include "scanner/formats/zarr/ocdbt.h"

#define TOLD_FILES 256
#define BUDGET ((uint64_t)64 << 20) /* bytes that are read for nodes beside those of the file */

struct ocdbt {
    const struct format_input *in;
    struct arena one; /* for a node, while it is read */
    struct names files, odd;
    uint64_t *ends; /* [files.n] what is needed of each */
    uint64_t nodes, entries, versions;
    uint64_t parsed; /* bytes of nodes */
    uint64_t tried;  /* bytes that were read to find them */
};

extern const struct format format_ocdbt;

static int probe(struct slice head, const char *name)
{
    struct ocdbt_frame f;

    (void)name;
    if (!ocdbt_head(head, &f))
        return 0;
    return f.kind == OCDBT_MANIFEST ? FORMAT_CERTAIN : FORMAT_SURE + 5;
}

/* A name that leaves the folder of the database. */
static bool leaves(struct slice path)
{
    return location_problems(path) != 0;
}

/* The folder of the database: that of the manifest, or the one above that of a data file. */
static struct slice folder_of(const struct format_input *in, bool manifest)
{
    struct slice path = slice_str(in->path);

    path.len = (size_t)(extension_base(in->path) - in->path);
    if (manifest)
        return path;
    if (slice_is(path, "d/") || slice_ends(path, "/d/"))
        path.len -= 2;
    else
        path.data = NULL; /* nobody knows where it belongs */
    return path;
}

/* One file that is named, and how much of it is needed. */
static void tell_shard(const struct ocdbt *d, size_t i, bool manifest)
{
    const struct slice name = d->files.name[i], folder = folder_of(d->in, manifest);
    struct arena *a = d->in->scratch;
    const char *target = "";
    struct value_builder b;

    if (!leaves(name) && d->in->nesting == 0 && folder.data != NULL)
        target = arena_printf(a, "%.*s%.*s", (int)folder.len, (const char *)folder.data,
                              (int)name.len, (const char *)name.data);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, "ocdbt"));
    value_map_add(&b, "target", format_string(a, slice_str(target), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, 0, NULL));
    value_map_add(&b, "end",
                  value_int(a, d->ends[i] > INT64_MAX ? INT64_MAX : (int64_t)d->ends[i], NULL));
    format_tell(d->in, "model.shard",
                arena_printf(a, "%s#%s", d->in->path,
                             value_cstr(format_string(a, name, LIMIT_NAME_BYTES), "")),
                ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static void keep(struct ocdbt *d, const struct ocdbt_tree *t, bool manifest)
{
    for (size_t i = 0; i < t->nfiles; i++) {
        const uint32_t at = names_add(&d->files, t->files[i].path);

        if (leaves(t->files[i].path))
            (void)names_add(&d->odd, t->files[i].path);
        if (at != NAMES_NONE && t->files[i].end > d->ends[at])
            d->ends[at] = t->files[i].end;
    }
    d->nodes += manifest ? 0 : 1;
    d->entries += t->entries;
    d->versions += t->versions;
}

static void tell(const struct ocdbt *d, bool manifest, bool numbered)
{
    struct arena *a = d->in->scratch;
    struct value_builder b;

    for (size_t i = 0; i < d->files.n; i++)
        tell_shard(d, i, manifest);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, manifest ? "manifest" : "data"));
    value_map_add(&b, "numbered", value_bool(a, numbered, NULL));
    value_map_add(&b, "versions", value_int(a, (int64_t)d->versions, NULL));
    value_map_add(&b, "nodes", value_int(a, (int64_t)d->nodes, NULL));
    value_map_add(&b, "entries", value_int(a, (int64_t)d->entries, NULL));
    value_map_add(&b, "files", value_int(a, (int64_t)d->files.n, NULL));
    value_map_add(&b, "leaving", format_names(a, &d->odd, LIMIT_NAME_BYTES));
    format_tell(d->in, "model.ocdbt", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* ---- the manifest ---- */
static bool read_manifest(struct ocdbt *d, struct format_cover *cover, struct err *e)
{
    const struct grid data = {.data = true, .reading = {.first = &format_ocdbt, .coded = true}};
    struct ocdbt_frame f;
    struct ocdbt_tree t;
    struct slice bytes;

    if (!source_slurp(d->in->bytes, LIMIT_CAPTURE_BYTES, d->in->scratch, &bytes, e))
        return false;
    if (!ocdbt_head(bytes, &f) || f.bytes != bytes.len)
        return err_pos(e, ERR_FORMAT, 4, "the manifest says %" PRIu64 " bytes, there are %zu",
                       ocdbt_head(bytes, &f) ? f.bytes : 0, bytes.len);
    if (!ocdbt_sound(bytes))
        return err_pos(e, ERR_FORMAT, bytes.len - 4, "the checksum of the manifest does not hold");
    if (!ocdbt_read(bytes, 0, d->in->scratch, &t, e))
        return false;
    keep(d, &t, true);
    (void)companions_grid(d->in, SLICE_LIT("d/"), &data);
    tell(d, true, t.numbered);
    cover->parsed = bytes.len;
    return true;
}

/* ---- files of data ---- */
/* A node at `at`, if it is one: its bytes, else 0. At the start of the file it must be. */
static bool read_node(struct ocdbt *d, const struct reader *at, uint64_t *bytes, struct err *e)
{
    const uint64_t len = source_len(d->in->bytes), left = len - at->offset;
    struct ocdbt_tree t;
    struct ocdbt_frame f;
    struct slice frame;
    uint8_t *copy;

    *bytes = 0;
    if (!ocdbt_head((struct slice){at->data, at->left}, &f) || f.kind == OCDBT_MANIFEST)
        return true;
    if (f.bytes > left || f.bytes > LIMIT_CAPTURE_BYTES)
        return at->offset > 0 ||
               err_pos(e, f.bytes > left ? ERR_FORMAT : ERR_LIMIT, 4,
                       "a node of %" PRIu64 " bytes, %" PRIu64 " are left", f.bytes, left);
    d->tried += f.bytes;
    if (d->tried > BUDGET && d->tried - BUDGET > 2 * len)
        return err_at(e, ERR_LIMIT, at, "more beginnings of nodes than there are nodes");
    arena_clear(&d->one);
    copy = arena_alloc(&d->one, (size_t)f.bytes);
    if (!source_read(d->in->bytes, at->offset, copy, (size_t)f.bytes, e))
        return false;
    frame = (struct slice){copy, (size_t)f.bytes};
    if (!ocdbt_sound(frame))
        return at->offset > 0 ||
               err_pos(e, ERR_FORMAT, f.bytes - 4, "the checksum of a node does not hold");
    if (!ocdbt_read(frame, at->offset, &d->one, &t, e))
        return false;
    keep(d, &t, false);
    *bytes = f.bytes;
    d->parsed += f.bytes;
    return true;
}

/* Values have no marks: nodes are found by what they begin with and how they end. */
static bool find_nodes(struct ocdbt *d, struct reader *r, struct err *e)
{
    for (;;) {
        const uint8_t *found;
        uint64_t bytes = 0;

        if (r->left < OCDBT_HEADER && !feed_more(d->in->feed, r, FEED_NEED, e))
            return false;
        if (r->left < OCDBT_HEADER)
            return true;
        found = memchr(r->data, 0x0c, r->left - OCDBT_HEADER + 1);
        if (!reader_skip(r,
                         found != NULL ? (uint64_t)(found - r->data) : r->left - OCDBT_HEADER + 1))
            return true;
        if (found == NULL)
            continue;
        if (!read_node(d, r, &bytes, e) || !feed_skip(d->in->feed, r, bytes > 0 ? bytes : 1, e))
            return false;
    }
}

static bool read_data(struct ocdbt *d, struct format_cover *cover, struct err *e)
{
    const uint64_t len = source_len(d->in->bytes);
    struct reader r = {0};
    bool ok;

    if (len == SOURCE_LEN_UNKNOWN)
        return err_fail(e, ERR_UNSUPPORTED, "nodes of a database in a compressed stream");
    arena_init(&d->one);
    ok = find_nodes(d, &r, e);
    arena_release(&d->one);
    tell(d, false, false);
    cover->parsed = d->parsed;
    cover->opaque = ok ? len - d->parsed : 0;
    return ok;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct ocdbt *d = ARENA_NEW(in->scratch, struct ocdbt);
    struct ocdbt_frame f = {0};
    struct reader r = {0};

    d->in = in;
    names_init(&d->files, in->scratch, LIMIT_TENSOR_FACTS, LIMIT_OP_NAMES);
    d->ends = ARENA_ARRAY(in->scratch, uint64_t, LIMIT_TENSOR_FACTS);
    names_init(&d->odd, in->scratch, TOLD_FILES, LIMIT_OP_NAMES);
    if (!feed_more(in->feed, &r, OCDBT_HEADER, e))
        return false;
    if (ocdbt_head((struct slice){r.data, r.left}, &f) && f.kind == OCDBT_MANIFEST)
        return read_manifest(d, cover, e);
    return read_data(d, cover, e);
}

const struct format format_ocdbt = {
    .name = "ocdbt",
    .summary = "databases of TensorStore, as Orbax keeps checkpoints of JAX: manifest and nodes",
    .spec = "TensorStore 0.1, kvstore/ocdbt, Storage format",
    .probe = probe,
    .parse = parse,
};
