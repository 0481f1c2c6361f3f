#include "scanner/formats/zarr/ocdbt.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/crc32c.h"
#include "scanner/input/source.h"

#define CHECKSUM 4 /* bytes */
#define UUID 16
#define PATH_BYTES 65535 /* of a path; what the specification allows */
#define LEVEL 4          /* bytes of the level of zstd */
#define TIME 8

enum { STORED, ZSTD };

bool ocdbt_head(struct slice at, struct ocdbt_frame *out)
{
    struct reader r = reader_over(at);
    uint32_t magic;
    uint64_t bytes, version, method;

    if (!reader_u32be(&r, &magic) || !reader_u64le(&r, &bytes) || !reader_varint(&r, &version) ||
        !reader_varint(&r, &method) || version != 0 || method > ZSTD ||
        bytes < OCDBT_HEADER + CHECKSUM)
        return false;
    out->bytes = bytes;
    out->kind = magic == 0x0cdb3a2a   ? OCDBT_MANIFEST
                : magic == 0x0cdb1234 ? OCDBT_VERSIONS
                : magic == 0x0cdb20de ? OCDBT_TREE
                                      : OCDBT_NONE;
    return out->kind != OCDBT_NONE;
}

bool ocdbt_sound(struct slice frame)
{
    const struct slice body = {frame.data, frame.len - CHECKSUM};
    struct reader r = reader_over(slice_from(frame, body.len));
    uint32_t sum;

    return frame.len >= OCDBT_HEADER + CHECKSUM && reader_u32le(&r, &sum) &&
           ~crc32c_more(CRC32C_BEGIN, body) == sum;
}

/* The body behind the header, decompressed. */
static bool open_body(struct slice frame, uint64_t offset, struct arena *a, struct reader *out,
                      struct err *e)
{
    struct slice body = {frame.data + OCDBT_HEADER, frame.len - OCDBT_HEADER - CHECKSUM};
    struct source *packed, *s = NULL;
    bool ok = true;

    if (frame.data[OCDBT_HEADER - 1] == ZSTD) {
        packed = source_memory(body);
        ok = source_decode(packed, CODEC_ZSTD, &s, e) &&
             source_slurp(s, LIMIT_CAPTURE_BYTES, a, &body, e);
        if (!ok)
            e->offset = offset;
        source_free(s);
        source_free(packed);
    }
    *out = reader_at(body, offset + OCDBT_HEADER);
    return ok;
}

static bool cut(const struct reader *r, struct err *e)
{
    return err_at(e, ERR_FORMAT, r, "ends within a table");
}

/* A column of numbers; at most as many as there are bytes. */
static bool read_column(struct reader *r, size_t n, uint64_t *out, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t v;

        if (!reader_varint(r, &v))
            return cut(r, e);
        if (out != NULL)
            out[i] = v;
    }
    return true;
}

static bool read_count(struct reader *r, size_t *n, struct err *e)
{
    uint64_t v;

    if (!reader_varint(r, &v))
        return cut(r, e);
    if (v > r->left)
        return err_at(e, ERR_FORMAT, r, "a table of %" PRIu64 " rows in %zu bytes", v, r->left);
    *n = (size_t)v;
    return true;
}

/* ---- names of files. SPEC: "Data file table format" ---- */
/* `lengths`: what it shares with the one before, and what follows. */
static bool read_path(struct reader *r, const uint64_t lengths[2], struct arena *a,
                      struct ocdbt_tree *t, struct err *e)
{
    const uint64_t prefix = lengths[0], suffix = lengths[1];
    const struct slice before =
        t->nfiles > 0 ? t->files[t->nfiles - 1].path : (struct slice){NULL, 0};
    struct ocdbt_file *f;
    struct slice rest;
    uint8_t *path;

    if (prefix > before.len || suffix > PATH_BYTES || prefix + suffix > PATH_BYTES ||
        !reader_bytes(r, suffix, &rest))
        return err_at(e, ERR_FORMAT, r, "the name of a file is cut short, or too long");
    path = arena_alloc(a, (size_t)(prefix + suffix));
    if (prefix > 0)
        memcpy(path, before.data, (size_t)prefix);
    if (suffix > 0)
        memcpy(path + prefix, rest.data, rest.len);
    f = ARENA_PUSH(a, &t->files, &t->nfiles);
    f->path = (struct slice){path, (size_t)(prefix + suffix)};
    return true;
}

static bool read_files(struct reader *r, struct arena *a, struct ocdbt_tree *t, struct err *e)
{
    uint64_t *prefixes, *suffixes, bytes = 0;
    size_t n;

    if (!read_count(r, &n, e))
        return false;
    prefixes = ARENA_ARRAY(a, uint64_t, n + 1);
    suffixes = ARENA_ARRAY(a, uint64_t, n + 1);
    if (!read_column(r, n > 0 ? n - 1 : 0, prefixes + 1, e) || !read_column(r, n, suffixes, e) ||
        !read_column(r, n, NULL, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        const uint64_t lengths[2] = {prefixes[i], suffixes[i]};

        if (!read_path(r, lengths, a, t, e))
            return false;
        bytes += t->files[i].path.len;
        if (bytes > LIMIT_OP_NAMES) /* prefixes make long names of few bytes */
            return err_at(e, ERR_LIMIT, r, "names of more than %zu bytes (LIMIT_OP_NAMES)",
                          (size_t)LIMIT_OP_NAMES);
    }
    return true;
}

/* What lies at `offset` needs so much of its file. */
static bool needs(struct ocdbt_tree *t, const uint64_t where[3], const struct reader *r,
                  struct err *e)
{
    uint64_t end;

    if (where[0] >= t->nfiles)
        return where[2] == 0 || /* an empty tree lies nowhere */
               err_at(e, ERR_FORMAT, r, "file %" PRIu64 " of %zu", where[0], t->nfiles);
    if (!checked_add(where[1], where[2], &end))
        return err_at(e, ERR_FORMAT, r, "a place past 2^64");
    if (end > t->files[where[0]].end)
        t->files[where[0]].end = end;
    return true;
}

/* ---- versions. SPEC: "Version tree leaf node entries format", "Interior version tree node
 * entries" ---- */
enum { FILE_ID, FILE_OFFSET, FILE_LENGTH, PLACE };

static bool read_places(struct reader *r, size_t n, struct arena *a, struct ocdbt_tree *t,
                        struct err *e)
{
    uint64_t *column[PLACE];

    for (size_t i = 0; i < PLACE; i++) {
        column[i] = ARENA_ARRAY(a, uint64_t, n);
        if (!read_column(r, n, column[i], e))
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        const uint64_t where[PLACE] = {column[FILE_ID][i], column[FILE_OFFSET][i],
                                       column[FILE_LENGTH][i]};

        if (!needs(t, where, r, e))
            return false;
    }
    return true;
}

static bool read_roots(struct reader *r, struct arena *a, struct ocdbt_tree *t, struct err *e)
{
    size_t n;

    if (!read_count(r, &n, e) || !read_column(r, n, NULL, e)) /* generations */
        return false;
    if (!reader_skip(r, n)) /* heights */
        return cut(r, e);
    if (!read_places(r, n, a, t, e) || !read_column(r, 3 * n, NULL, e)) /* statistics */
        return false;
    if (n > r->left / TIME || !reader_skip(r, n * TIME))
        return cut(r, e);
    t->versions += n;
    return true;
}

static bool read_children(struct reader *r, bool heights, struct arena *a, struct ocdbt_tree *t,
                          struct err *e)
{
    size_t n;

    if (!read_count(r, &n, e) || !read_column(r, n, NULL, e) || !read_places(r, n, a, t, e) ||
        !read_column(r, n, NULL, e))
        return false;
    if (n > r->left / TIME || !reader_skip(r, n * TIME) || (heights && !reader_skip(r, n)))
        return cut(r, e);
    return true;
}

static bool at_end(const struct reader *r, struct err *e)
{
    return r->left == 0 || err_at(e, ERR_FORMAT, r, "%zu bytes behind the last table", r->left);
}

/* SPEC: "Manifest configuration". What stands behind the id says where the versions are. */
static bool read_manifest(struct reader *r, struct arena *a, struct ocdbt_tree *t, struct err *e)
{
    uint64_t kind, method;
    uint8_t arity;

    if (!reader_skip(r, UUID) || !reader_varint(r, &kind) || !read_column(r, 2, NULL, e) ||
        !reader_u8(r, &arity) || !reader_varint(r, &method))
        return cut(r, e);
    if (kind > 1 || method > ZSTD)
        return err_at(e, ERR_FORMAT, r, "a manifest of kind %" PRIu64 ", compression %" PRIu64,
                      kind, method);
    if (method == ZSTD && !reader_skip(r, LEVEL))
        return cut(r, e);
    t->numbered = kind == 1;
    return t->numbered ? at_end(r, e)
                       : read_files(r, a, t, e) && read_roots(r, a, t, e) &&
                             read_children(r, true, a, t, e) && at_end(r, e);
}

static bool read_versions(struct reader *r, struct arena *a, struct ocdbt_tree *t, struct err *e)
{
    uint8_t arity, height;

    if (!reader_u8(r, &arity) || !reader_u8(r, &height))
        return cut(r, e);
    return read_files(r, a, t, e) &&
           (height == 0 ? read_roots(r, a, t, e) : read_children(r, false, a, t, e)) &&
           at_end(r, e);
}

/* ---- keys. SPEC: "Leaf B+tree node format", "Interior B+tree node format" ---- */
/* Lengths of keys, then the keys; of an inner node the lengths of what its keys share, too. */
static bool read_keys(struct reader *r, size_t n, bool inner, struct arena *a, struct err *e)
{
    uint64_t *suffixes = ARENA_ARRAY(a, uint64_t, n);

    if (!read_column(r, n - 1, NULL, e) || !read_column(r, n, suffixes, e) ||
        (inner && !read_column(r, n, NULL, e)))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!reader_skip(r, suffixes[i]))
            return err_at(e, ERR_FORMAT, r, "a key of %" PRIu64 " bytes, %zu are left", suffixes[i],
                          r->left);
    return true;
}

/* Values that stand in the node itself, behind the places of the others. */
static bool read_values(struct reader *r, size_t n, struct arena *a, struct ocdbt_tree *t,
                        struct err *e)
{
    uint64_t *lengths = ARENA_ARRAY(a, uint64_t, n), *kinds = ARENA_ARRAY(a, uint64_t, n);
    uint64_t *files = ARENA_ARRAY(a, uint64_t, n), *offsets = ARENA_ARRAY(a, uint64_t, n);
    size_t far = 0, k = 0;

    if (!read_column(r, n, lengths, e) || !read_column(r, n, kinds, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (kinds[i] > 1)
            return err_at(e, ERR_FORMAT, r, "a value of kind %" PRIu64, kinds[i]);
        far += kinds[i] == 1;
    }
    if (!read_column(r, far, files, e) || !read_column(r, far, offsets, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (kinds[i] == 1) {
            const uint64_t where[PLACE] = {files[k], offsets[k], lengths[i]};

            if (!needs(t, where, r, e))
                return false;
            k++;
        } else if (!reader_skip(r, lengths[i])) {
            return err_at(e, ERR_FORMAT, r, "a value of %" PRIu64 " bytes, %zu are left",
                          lengths[i], r->left);
        }
    }
    return true;
}

static bool read_tree(struct reader *r, struct arena *a, struct ocdbt_tree *t, struct err *e)
{
    uint8_t height;
    size_t n;

    if (!reader_u8(r, &height))
        return cut(r, e);
    if (!read_files(r, a, t, e) || !read_count(r, &n, e))
        return false;
    if (n == 0)
        return err_at(e, ERR_FORMAT, r, "a node without entries");
    t->entries += n;
    if (!read_keys(r, n, height > 0, a, e))
        return false;
    return (height == 0 ? read_values(r, n, a, t, e)
                        : read_places(r, n, a, t, e) && read_column(r, 3 * n, NULL, e)) &&
           at_end(r, e);
}

bool ocdbt_read(struct slice frame, uint64_t offset, struct arena *a, struct ocdbt_tree *out,
                struct err *e)
{
    struct ocdbt_frame f;
    struct reader r;
    bool ok;

    *out = (struct ocdbt_tree){0};
    if (!ocdbt_head(frame, &f) || f.bytes != frame.len)
        return err_pos(e, ERR_FORMAT, offset, "no frame of a database begins here");
    if (!open_body(frame, offset, a, &r, e))
        return false;
    ok = f.kind == OCDBT_MANIFEST   ? read_manifest(&r, a, out, e)
         : f.kind == OCDBT_VERSIONS ? read_versions(&r, a, out, e)
                                    : read_tree(&r, a, out, e);
    if (!ok && frame.data[OCDBT_HEADER - 1] == ZSTD)
        e->offset = offset; /* a place in what was decompressed is none in the file */
    return ok;
}
