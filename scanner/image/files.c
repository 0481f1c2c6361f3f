#include "scanner/image/files.h"

#include <string.h>

#include "scanner/image/capability.h"

#define WORLD_WRITABLE 00002u
#define STICKY 01000u
#define SET_GID 02000u
#define SET_UID 04000u
#define SCRATCH_BYTES ((size_t)1 << 20)

struct totals {
    uint64_t entries, files, directories, symlinks, bytes, setuid, setgid, world_writable;
};

struct run {
    struct inventory *v;
    struct arena scratch; /* of one fact at a time */
    struct digest_ctx digest;
    struct totals n;
    uint8_t path[TREE_PATH_MAX];
};

static const char *kind_of(char type)
{
    switch (type) {
    case '0':
        return "file";
    case '2':
        return "symlink";
    case '3':
        return "char-device";
    case '4':
        return "block-device";
    case '5':
        return "directory";
    default:
        return "fifo";
    }
}

static void hex(const uint8_t digest[32], char out[72])
{
    struct digest d = {.alg = DIGEST_SHA256};
    char text[DIGEST_TEXT_MAX];

    memcpy(d.bytes, digest, 32);
    digest_text(&d, text);
    memcpy(out, text, 72);
}

/* "path\0type\0mode\0uid\0gid\0digest or link or device\0\n", folder by
 * folder in the order of names. */
static void hash_line(struct run *r, const struct tree_node *n, struct slice path)
{
    const uint8_t nul = '\0';
    char text[128], digest[72] = "";
    int len;

    digest_update(&r->digest, path);
    len = snprintf(text, sizeof(text), "%c%s%c%o%c%u%c%u%c", 0, kind_of(n->type), 0, n->mode, 0,
                   n->uid, 0, n->gid, 0);
    digest_update(&r->digest, (struct slice){(const uint8_t *)text, (size_t)len});
    if (n->type == '2') {
        digest_update(&r->digest, n->content.link);
    } else if ((n->flags & TREE_DIGEST) != 0) {
        hex(n->content.digest, digest);
        digest_update(&r->digest, slice_str(digest));
    } else if (n->type == '3' || n->type == '4') {
        len = snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)(n->size >> 32),
                       (unsigned long long)(n->size & UINT32_MAX));
        digest_update(&r->digest, (struct slice){(const uint8_t *)text, (size_t)len});
    }
    digest_update(&r->digest, (struct slice){&nul, 1});
    digest_update(&r->digest, SLICE_LIT("\n"));
}

static void count(struct totals *n, const struct tree_node *node)
{
    n->entries++;
    n->files += node->type == '0';
    n->directories += node->type == '5';
    n->symlinks += node->type == '2';
    if (node->type == '0')
        n->bytes += node->size;
    if (node->type == '2')
        return;
    n->setuid += (node->mode & SET_UID) != 0;
    n->setgid += (node->mode & SET_GID) != 0;
    n->world_writable += (node->mode & WORLD_WRITABLE) != 0;
}

static const struct value *ids_of(struct arena *a, const struct detectors_path *const *match,
                                  size_t n)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < n; i++)
        value_list_add(&b, value_str(a, match[i]->id));
    return value_list_end(&b, NULL);
}

static const struct value *groups_of(struct arena *a, const struct detectors_path *const *match,
                                     size_t n)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(match[i]->group, match[i - 1]->group) != 0)
            value_list_add(&b, value_str(a, match[i]->group));
    return value_list_end(&b, NULL);
}

static void add_capabilities(struct value_builder *b, struct arena *a, struct slice xattr)
{
    const struct value *names;
    struct value_builder none;
    bool effective = false;

    value_list_begin(&none, a);
    if (xattr.len == 0) {
        value_map_add(b, "capabilities", value_list_end(&none, NULL));
        return;
    }
    if (!capability_decode(xattr, a, &names, &effective))
        names = value_unknown(a, "security.capability is malformed", NULL, 0, NULL);
    value_map_add(b, "capabilities", names);
    value_map_add(b, "capabilities_effective", value_bool(a, effective, NULL));
}

/* The mode of a symbolic link means nothing: `counts` is false for it. */
static void add_mode(struct value_builder *b, struct arena *a, uint32_t mode, bool counts)
{
    value_map_add(b, "mode", value_str(a, arena_printf(a, "%04o", mode)));
    value_map_add(b, "setuid", value_bool(a, (mode & SET_UID) != 0, NULL));
    value_map_add(b, "setgid", value_bool(a, (mode & SET_GID) != 0, NULL));
    value_map_add(b, "world_writable", value_bool(a, counts && (mode & WORLD_WRITABLE) != 0, NULL));
    value_map_add(b, "sticky", value_bool(a, (mode & STICKY) != 0, NULL));
}

/* The part that files of the tree and removed ones have in common. */
static void add_place(struct value_builder *b, struct run *r, struct slice path, uint16_t layer)
{
    const struct detectors_path *match[PATHS_MATCHES_MAX];
    struct arena *a = &r->scratch;
    const size_t n = paths_match(r->v->paths, path, match);

    value_map_add(b, "path", paths_told(a, path));
    value_map_add(b, "matched", ids_of(a, match, n));
    value_map_add(b, "groups", groups_of(a, match, n));
    value_map_add(b, "layer", value_int(a, layer, NULL));
    value_map_add(b, "layer_digest", value_str(a, r->v->layers[layer].digest));
    value_map_add(b, "in_base", value_bool(a, layer < r->v->tree.nbase, NULL));
}

static void add_digest(struct value_builder *b, struct arena *a, const uint8_t *digest)
{
    char text[72];

    if (digest == NULL) {
        value_map_add(b, "sha256", value_null(a, NULL));
        return;
    }
    hex(digest, text);
    value_map_add(b, "sha256", value_str(a, text + strlen("sha256:")));
}

static void tell(struct run *r, struct value_builder *b, const char *address, struct slice path,
                 uint16_t layer)
{
    struct sink *s = r->v->sink;
    struct arena *a = &r->scratch;
    struct fact f = {.source = "image", .type = "image.file", .subject = s->subject_name};

    f.attributes = value_map_end(b, NULL);
    f.name = value_cstr(paths_told(a, path), "");
    f.address = address != NULL ? address : f.name;
    f.at = (struct fact_location){s->input_name,
                                  arena_printf(a, "layer %s%s", r->v->layers[layer].digest, f.name),
                                  0, ERR_NO_OFFSET};
    sink_fact(s, &f);
    if (a->used > SCRATCH_BYTES) {
        arena_release(a);
        arena_init(a);
    }
}

static void tell_node(struct run *r, const struct tree_node *n, struct slice path)
{
    struct arena *a = &r->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_str(a, kind_of(n->type)));
    add_mode(&b, a, n->mode, n->type != '2');
    value_map_add(&b, "uid", value_int(a, n->uid, NULL));
    value_map_add(&b, "gid", value_int(a, n->gid, NULL));
    value_map_add(&b, "size", value_int(a, n->type == '0' ? (int64_t)n->size : 0, NULL));
    if (n->type == '2')
        value_map_add(&b, "link", value_bytes(a, n->content.link, NULL));
    add_place(&b, r, path, n->layer);
    add_digest(&b, a, (n->flags & TREE_DIGEST) != 0 ? n->content.digest : NULL);
    add_capabilities(&b, a, n->xattr);
    value_map_add(&b, "removed_later", value_bool(a, false, NULL));
    value_map_add(&b, "escape", value_bool(a, false, NULL));
    tell(r, &b, NULL, path, n->layer);
}

static bool worth_telling(const struct run *r, const struct tree_node *n, struct slice path)
{
    const struct detectors_path *match[PATHS_MATCHES_MAX];

    if (n->type == '3' || n->type == '4' || n->xattr.len > 0)
        return true;
    if (n->type != '2' && (n->mode & (SET_UID | WORLD_WRITABLE)) != 0)
        return true;
    if (n->type == '0' && (n->mode & SET_GID) != 0)
        return true;
    return n->type != '5' && paths_match(r->v->paths, path, match) > 0;
}

/* A file with credentials that is not in the final tree any more. */
static void tell_left(struct run *r, const struct inventory_left *l)
{
    const struct tree_node *n = tree_find(&r->v->tree, l->path, false);
    struct arena *a = &r->scratch;
    struct value_builder b;
    const struct slice none = {NULL, 0};

    if (n != NULL && (n->flags & TREE_DIGEST) != 0 && memcmp(n->content.digest, l->digest, 32) == 0)
        return;
    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_str(a, "file"));
    add_mode(&b, a, l->mode, true);
    value_map_add(&b, "uid", value_int(a, l->uid, NULL));
    value_map_add(&b, "gid", value_int(a, l->gid, NULL));
    value_map_add(&b, "size", value_int(a, (int64_t)l->size, NULL));
    add_place(&b, r, l->path, l->layer);
    add_digest(&b, a, l->digest);
    add_capabilities(&b, a, none);
    value_map_add(&b, "removed_later", value_bool(a, true, NULL));
    value_map_add(&b, "escape", value_bool(a, false, NULL));
    tell(r, &b,
         arena_printf(a, "layer %u: %s", l->layer, value_cstr(value_bytes(a, l->path, NULL), "")),
         l->path, l->layer);
}

static void tell_tree(struct run *r, bool complete)
{
    struct arena *a = &r->scratch;
    struct sink *s = r->v->sink;
    const struct totals *n = &r->n;
    struct value_builder b;
    struct digest d;
    char text[DIGEST_TEXT_MAX];
    struct fact f = {.source = "image",
                     .type = "image.tree",
                     .address = "tree",
                     .name = "tree",
                     .subject = s->subject_name,
                     .at = {s->input_name, NULL, 0, ERR_NO_OFFSET}};

    digest_final(&r->digest, &d);
    digest_text(&d, text);
    value_map_begin(&b, a);
    value_map_add(&b, "entries", value_int(a, (int64_t)n->entries, NULL));
    value_map_add(&b, "files", value_int(a, (int64_t)n->files, NULL));
    value_map_add(&b, "directories", value_int(a, (int64_t)n->directories, NULL));
    value_map_add(&b, "symlinks", value_int(a, (int64_t)n->symlinks, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)n->bytes, NULL));
    value_map_add(&b, "setuid", value_int(a, (int64_t)n->setuid, NULL));
    value_map_add(&b, "setgid", value_int(a, (int64_t)n->setgid, NULL));
    value_map_add(&b, "world_writable", value_int(a, (int64_t)n->world_writable, NULL));
    value_map_add(&b, "complete", value_bool(a, complete, NULL));
    value_map_add(&b, "digest",
                  complete ? value_str(a, text)
                           : value_unknown(a, "not every layer could be read", NULL, 0, NULL));
    f.attributes = value_map_end(&b, NULL);
    sink_fact(s, &f);
}

void files_tell(struct inventory *v, bool complete)
{
    struct run *r = calloc(1, sizeof(*r));

    if (r == NULL)
        abort();
    r->v = v;
    arena_init(&r->scratch);
    digest_init(&r->digest, DIGEST_SHA256);
    tree_sort(&v->tree);
    if ((v->tree.root.mode & WORLD_WRITABLE) != 0)
        tell_node(r, &v->tree.root, SLICE_LIT("/"));
    for (const struct tree_node *n = tree_next(&v->tree.root); n != NULL && !v->sink->failed;
         n = tree_next(n)) {
        const struct slice path = tree_path(n, r->path);

        count(&r->n, n);
        hash_line(r, n, path);
        if (worth_telling(r, n, path))
            tell_node(r, n, path);
    }
    for (size_t i = 0; i < v->nleft; i++)
        tell_left(r, &v->left[i]);
    tell_tree(r, complete);
    digest_release(&r->digest);
    arena_release(&r->scratch);
    free(r);
}

bool files_is_example_path(struct slice path)
{
    static const char *const marks[] = {"/doc/",      "/docs/",    "/test/",     "/tests/",
                                        "/testing/",  "/example/", "/examples/", "/testdata/",
                                        "/fixtures/", "/samples/", "/test_",     "/demo/",
                                        "/demos/",    "/regress/", "/unittests/"};
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (slice_find(path, slice_str(marks[i]), &at) || slice_starts(path, marks[i] + 1))
            return true;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct inventory_secret *x = a, *y = b;
    const int order = slice_cmp(x->path, y->path);

    if (order != 0)
        return order;
    if (x->hit.offset != y->hit.offset)
        return x->hit.offset < y->hit.offset ? -1 : 1;
    if (x->hit.what != y->hit.what)
        return x->hit.what < y->hit.what ? -1 : 1;
    return (int)x->layer - (int)y->layer;
}

/* A later layer states the same file again: one secret, told of the first layer. */
static bool same_again(const struct inventory_secret *a, const struct inventory_secret *b)
{
    return a->whole && b->whole && memcmp(a->file, b->file, 32) == 0 &&
           a->hit.offset == b->hit.offset && a->hit.what == b->hit.what &&
           slice_eq(a->path, b->path);
}

static bool is_removed(struct inventory *v, const struct inventory_secret *s)
{
    const struct tree_node *n = tree_find(&v->tree, s->path, false);

    return s->whole && !(n != NULL && (n->flags & TREE_DIGEST) != 0 &&
                         memcmp(n->content.digest, s->file, 32) == 0);
}

static void add_kind(struct value_builder *b, struct arena *a, const struct secrets_hit *h)
{
    value_map_add(b, "kind", value_str(a, h->what->id));
    value_map_add(b, "title", value_str(a, h->what->title));
    value_map_add(b, "severity", value_str(a, h->what->severity));
    value_map_add(b, "offset", value_int(a, (int64_t)h->offset, NULL));
    value_map_add(b, "line", h->line > 0 ? value_int(a, h->line, NULL) : value_null(a, NULL));
    value_map_add(b, "redacted", value_bytes(a, slice_str(h->redacted), NULL));
    value_map_add(b, "sha256_prefix", value_str(a, h->hash));
    value_map_add(b, "example", value_bool(a, h->example, NULL));
    value_map_add(b, "encrypted", value_bool(a, h->encrypted, NULL));
    value_map_add(b, "in_env", value_bool(a, false, NULL));
    value_map_add(b, "in_label", value_bool(a, false, NULL));
    value_map_add(b, "in_history", value_bool(a, false, NULL));
    value_map_add(b, "in_file", value_bool(a, true, NULL));
}

static void tell_secret(struct inventory *v, const struct inventory_secret *s, struct arena *a)
{
    const struct value *path = paths_told(a, s->path);
    const char *layer = v->layers[s->layer].digest;
    struct value_builder b;
    struct fact f = {.source = "image",
                     .type = "image.secret",
                     .name = s->hit.what->id,
                     .subject = v->sink->subject_name};

    value_map_begin(&b, a);
    add_kind(&b, a, &s->hit);
    value_map_add(&b, "path", path);
    value_map_add(&b, "layer", value_int(a, s->layer, NULL));
    value_map_add(&b, "layer_digest", value_str(a, layer));
    value_map_add(&b, "in_base", value_bool(a, s->layer < v->tree.nbase, NULL));
    value_map_add(&b, "removed_later", value_bool(a, is_removed(v, s), NULL));
    value_map_add(&b, "context",
                  files_is_example_path(s->path) ? value_str(a, "example-path")
                                                 : value_null(a, NULL));
    f.attributes = value_map_end(&b, NULL);
    f.address = arena_printf(a, "%s:%s:%llu:layer %u", value_cstr(path, ""), s->hit.what->id,
                             (unsigned long long)s->hit.offset, s->layer);
    f.at = (struct fact_location){v->sink->input_name,
                                  arena_printf(a, "layer %s%s", layer, value_cstr(path, "")),
                                  s->hit.line, s->hit.offset};
    sink_fact(v->sink, &f);
}

void files_tell_secrets(struct inventory *v)
{
    struct arena scratch;

    if (v->nsecrets > 1)
        qsort(v->secrets, v->nsecrets, sizeof(*v->secrets), by_place);
    for (size_t i = 0; i < v->nsecrets; i++) {
        if (i > 0 && same_again(&v->secrets[i - 1], &v->secrets[i]))
            continue;
        arena_init(&scratch);
        tell_secret(v, &v->secrets[i], &scratch);
        arena_release(&scratch);
    }
}
