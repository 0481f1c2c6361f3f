#include "scanner/image/layer.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/input/tar.h"

#define CHUNK_BYTES ((size_t)256 << 10)
#define BLOCK_BYTES 512u                /* of a tar */
#define SCRATCH_BYTES ((size_t)1 << 20) /* cleaned paths pile up to here */

struct run {
    struct layer *l;
    struct inventory *v;
    struct source *tar; /* decompressed */
    struct arena scratch;
    uint8_t *chunk;
};

static const struct {
    enum source_codec codec;
    const char *format, *suffix;
} codecs[] = {{CODEC_NONE, "layer.tar", ".tar"},
              {CODEC_GZIP, "layer.tar+gzip", "gzip"},
              {CODEC_ZSTD, "layer.tar+zstd", "+zstd"},
              {CODEC_BZIP2, "layer.tar+bzip2", "+bzip2"},
              {CODEC_XZ, "layer.tar+xz", "+xz"}};

const char *layer_format(enum source_codec codec)
{
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
        if (codecs[i].codec == codec)
            return codecs[i].format;
    return "layer";
}

/* SPEC: image-spec v1.1 layer.md, "Distributable Format"; docker's image manifest v2, schema 2. */
static bool check_media_type(const struct layer *l, struct inventory *v, struct err *e)
{
    const char *t = l->media_type;
    const size_t n = strlen(t);

    if (n == 0)
        return true;
    if (strncmp(t, "application/vnd.oci.image.layer.", 32) != 0 &&
        strncmp(t, "application/vnd.docker.image.rootfs.", 36) != 0)
        return err_fail(e, ERR_UNSUPPORTED, "layers of type %s are not read", t);
    if (strstr(t, "+encrypted") != NULL)
        return err_fail(e, ERR_UNSUPPORTED, "the layer is encrypted");
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        const char *suffix = codecs[i].suffix;
        const size_t len = strlen(suffix);

        if (codecs[i].codec == l->codec && len <= n && strcmp(t + n - len, suffix) == 0)
            return true;
    }
    sink_note(v->sink, 0, ERR_NO_OFFSET, l->blob_path, "its media type is %s, its bytes are %s", t,
              layer_format(l->codec));
    return true;
}

/* One chunk of a file; the last one takes the padding behind it along, so that the tap
 * on the source never has to go after it. */
static bool read_chunk(struct run *r, uint64_t at, size_t n, size_t padding, struct err *e)
{
    size_t got;

    if (!source_some(r->tar, at, r->chunk, n + padding, &got, e))
        return false;
    return got >= n || source_read(r->tar, at, r->chunk, n, e); /* which says what is missing */
}

static bool read_content(struct run *r, const struct tar_entry *t, struct slice path,
                         uint8_t digest[32], struct err *e)
{
    const size_t padding = (size_t)(-t->size & (BLOCK_BYTES - 1));

    inventory_file(r->v, path, t->size);
    for (uint64_t at = 0; at < t->size;) {
        const uint64_t left = t->size - at;
        const size_t n = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;

        if (!read_chunk(r, t->at + at, n, n == left ? padding : 0, e) ||
            !inventory_feed(r->v, (struct slice){r->chunk, n}, e))
            return false;
        at += n;
        r->l->content += n;
        r->v->progress += n;
    }
    inventory_file_end(r->v, digest);
    return true;
}

static uint32_t id_of(struct run *r, uint64_t id, struct slice path)
{
    if (id < UINT32_MAX)
        return (uint32_t)id;
    inventory_remark(r->v, path, true, "an owner past 2^32");
    return UINT32_MAX;
}

static struct slice capability(const struct tar_entry *t)
{
    for (size_t i = 0; i < t->nxattrs; i++)
        if (slice_ends(t->xattrs[i].name, "security.capability"))
            return t->xattrs[i].data;
    return (struct slice){NULL, 0};
}

/* A path that would leave the root: nothing is placed, but it is told. */
static void tell_escape(struct run *r, const struct tar_entry *t, const char *why)
{
    struct arena *a = &r->scratch;
    struct sink *s = r->v->sink;
    const struct inventory_layer *layer = &r->v->layers[r->v->nlayers - 1];
    const struct value *path = value_bytes(a, t->path, NULL);
    struct value_builder b;
    struct fact f = {.source = "image", .type = "image.file", .subject = s->subject_name};

    value_map_begin(&b, a);
    value_map_add(&b, "path", path);
    value_map_add(&b, "escape", value_bool(a, true, NULL));
    value_map_add(&b, "reason", value_str(a, why));
    value_map_add(&b, "layer", value_int(a, r->v->nlayers - 1, NULL));
    value_map_add(&b, "layer_digest", value_str(a, layer->digest));
    f.attributes = value_map_end(&b, NULL);
    f.name = value_cstr(path, "");
    f.address = arena_printf(a, "layer %u entry at %llu: %s", r->v->nlayers - 1u,
                             (unsigned long long)t->header_at, f.name);
    f.at = (struct fact_location){s->input_name, arena_printf(a, "layer %s", layer->digest), 0,
                                  t->header_at};
    sink_fact(s, &f);
    inventory_remark(r->v, t->path, true, why);
}

/* SPEC: image-spec v1.1 layer.md, "Whiteouts". True when `name` is one. */
static bool whiteout(struct run *r, struct slice path, struct slice name)
{
    const size_t dir = path.len - name.len;
    struct slice of = {path.data, dir > 0 ? dir - 1 : 0};
    uint8_t *target;

    if (!slice_starts(name, ".wh."))
        return false;
    r->l->whiteouts++;
    if (slice_is(name, ".wh..wh..opq")) {
        tree_whiteout(&r->v->tree, of, true);
        return true;
    }
    name = slice_from(name, 4);
    if (name.len == 0 || slice_is(name, ".") || slice_is(name, "..")) {
        inventory_remark(r->v, path, true, "a whiteout that names nothing");
        return true;
    }
    if (slice_starts(name, ".wh.")) {
        inventory_remark(r->v, path, false, "bookkeeping of aufs; passed over");
        return true;
    }
    target = arena_alloc(&r->scratch, dir + name.len);
    memcpy(target, path.data, dir);
    memcpy(target + dir, name.data, name.len);
    tree_whiteout(&r->v->tree, (struct slice){target, dir + name.len}, false);
    return true;
}

static bool place_hardlink(struct run *r, const struct tar_entry *t, struct slice path,
                           struct err *e)
{
    struct tree_node *node;
    struct slice target;
    struct err why = {0};

    if (!tar_clean(t->link, &r->scratch, &target, &why)) {
        tell_escape(r, t, "a hard link that leads out of the root");
        return true;
    }
    return tree_hardlink(&r->v->tree, path, target, &node, e);
}

static bool place(struct run *r, const struct tar_entry *t, struct slice path,
                  const uint8_t *digest, struct err *e)
{
    struct tree_entry entry = {.path = path, .type = t->type, .mode = t->mode, .digest = digest};
    struct tree_node *node;

    if (t->type == '1')
        return place_hardlink(r, t, path, e);
    entry.uid = id_of(r, t->uid, path);
    entry.gid = id_of(r, t->gid, path);
    entry.xattr = capability(t);
    if (t->type == '0')
        entry.size = t->size;
    if (t->type == '2') {
        entry.link = t->link;
        entry.mode = 0777; /* Linux keeps no other for a link */
    }
    if (t->type == '3' || t->type == '4')
        entry.size = (uint64_t)t->devmajor << 32 | t->devminor;
    if (!tree_put(&r->v->tree, &entry, &node, e))
        return false;
    if (node != NULL && t->type == '0')
        inventory_placed(r->v, node);
    return true;
}

/* A whiteout above: ".wh.d/x" stands in no folder that exists. */
static bool inside_whiteout(struct slice path)
{
    size_t at;

    return slice_starts(path, ".wh.") || slice_find(path, SLICE_LIT("/.wh."), &at);
}

static bool one_entry(struct run *r, const struct tar_entry *t, struct err *e)
{
    struct slice path, name;
    struct err why = {0};
    uint8_t digest[32];
    const bool clean = tar_clean(t->path, &r->scratch, &path, &why);

    r->l->entries++;
    r->l->headers += t->at - t->header_at;
    if (t->type == '0') {
        r->l->files++;
        if (!read_content(r, t, clean ? path : t->path, digest, e))
            return false;
    }
    if (!clean) {
        tell_escape(r, t, "a path that leads out of the root");
        return true;
    }
    name = slice_base_name(path);
    if (whiteout(r, path, name))
        return true;
    if (inside_whiteout(path)) {
        inventory_remark(r->v, path, true, "an entry inside a whiteout");
        return true;
    }
    return place(r, t, path, t->type == '0' ? digest : NULL, e);
}

static bool walk(struct run *r, struct tar *tar, struct err *e)
{
    struct tar_entry t;
    bool end = false;
    uint64_t tail;

    while (tar_next(tar, &t, &end, e) && !end) {
        if (!one_entry(r, &t, e))
            return false;
        if (r->scratch.used > SCRATCH_BYTES) {
            arena_release(&r->scratch);
            arena_init(&r->scratch);
        }
        if (r->v->sink->failed)
            return err_fail(e, ERR_LIMIT, "no more facts are taken");
    }
    return end && tar_tail(tar, &tail, e);
}

static bool check_digest(const struct digest *want, const struct digest *got, const char *what,
                         struct err *e)
{
    char a[DIGEST_TEXT_MAX], b[DIGEST_TEXT_MAX];

    if (want == NULL || digest_eq(want, got))
        return true;
    digest_text(want, a);
    digest_text(got, b);
    return err_fail(e, ERR_CRYPTO, "%s is %s, %s was promised", what, b, a);
}

/* Opens the tar inside the blob, with a tap on each side. */
static bool open_tar(struct run *r, struct digest_ctx *blob, struct digest_ctx *diff, struct err *e)
{
    struct layer *l = r->l;

    source_tap(l->blob, blob);
    if (!source_sniff(l->blob, &l->codec, e) || !check_media_type(l, r->v, e))
        return false;
    if (l->codec == CODEC_NONE)
        r->tar = source_sub(l->blob, 0, l->blob_len);
    else if (!source_decode(l->blob, l->codec, &r->tar, e))
        return false;
    /* a plain tar is its own blob: hash it once where one algorithm serves both */
    if (l->codec != CODEC_NONE || blob->alg != diff->alg)
        source_tap(r->tar, diff);
    return true;
}

static bool read_through(struct run *r, struct digest_ctx *blob, struct digest_ctx *diff,
                         struct err *e)
{
    struct layer *l = r->l;
    struct tar *tar;
    uint64_t len;
    bool ok;

    if (!open_tar(r, blob, diff, e))
        return false;
    tar = tar_open(r->tar);
    ok = walk(r, tar, e);
    tar_free(tar);
    if (!ok || !source_drain(r->tar, &l->bytes, e) || !source_drain(l->blob, &len, e))
        return false;
    digest_final(blob, &l->true_digest);
    if (l->codec != CODEC_NONE || blob->alg != diff->alg)
        digest_final(diff, &l->true_diff_id);
    else
        l->true_diff_id = l->true_digest;
    return check_digest(l->digest, &l->true_digest, "the digest", e) &&
           check_digest(l->diff_id, &l->true_diff_id, "the diff id", e);
}

static void cover(const struct run *r, const struct err *e, bool ok)
{
    const struct layer *l = r->l;
    const char *want = r->v->layers[r->v->nlayers - 1].digest;
    const uint64_t known = l->content + l->headers;
    char digest[DIGEST_TEXT_MAX], name[DIGEST_TEXT_MAX + 16];
    struct coverage blob = {.subject = r->v->sink->subject_name, .input = r->v->sink->input_name};
    struct coverage tar = blob;

    digest_text(&l->true_digest, digest);
    blob.path = l->blob_path;
    blob.format = layer_format(l->codec);
    blob.bytes = l->blob_len;
    blob.offset = tar.offset = ERR_NO_OFFSET;
    snprintf(name, sizeof(name), "layer %s", want);
    tar.path = name;
    tar.format = "tar";
    if (ok) {
        blob.digest = digest;
        blob.scanned = blob.bytes;
        tar.bytes = l->bytes;
        tar.opaque = l->bytes - known;
    } else {
        blob.status = COVERAGE_PARTIAL;
        blob.unread = blob.bytes;
        tar.bytes = known;
        tar.status = COVERAGE_PARTIAL;
        tar.code = blob.code = err_code_name(e->code);
        tar.reason = blob.reason = e->text;
        tar.offset = e->offset;
    }
    tar.parsed = l->headers;
    tar.scanned = l->content;
    sink_cover(r->v->sink, &blob);
    if (ok) {
        digest_text(&l->true_diff_id, digest);
        tar.digest = digest;
    }
    sink_cover(r->v->sink, &tar);
}

bool layer_read(struct layer *l, struct inventory *v, struct err *e)
{
    struct run r = {.l = l, .v = v};
    struct digest_ctx blob, diff;

    r.chunk = malloc(CHUNK_BYTES + BLOCK_BYTES);
    if (r.chunk == NULL)
        abort();
    arena_init(&r.scratch);
    digest_init(&blob, l->digest != NULL ? l->digest->alg : DIGEST_SHA256);
    digest_init(&diff, l->diff_id != NULL ? l->diff_id->alg : DIGEST_SHA256);
    l->whole = read_through(&r, &blob, &diff, e);
    source_tap(l->blob, NULL);
    source_free(r.tar);
    cover(&r, e, l->whole);
    digest_release(&blob);
    digest_release(&diff);
    arena_release(&r.scratch);
    free(r.chunk);
    return l->whole;
}
