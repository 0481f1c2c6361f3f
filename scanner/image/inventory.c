#include "scanner/image/inventory.h"

#include <string.h>

#include "base/limits.h"

#define LEFT_MAX 10000 /* files with credentials that are remembered */
/* files kept whole: distroless images have one for each of some 50 packages */
#define CAPTURES_MAX 4096
#define CHANGES_MAX 10000 /* changes to the base that are listed; all are counted */

/* Files that have a parser. */
static const char *const wanted[] = {
    "var/lib/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed",
    "etc/os-release",      "usr/lib/os-release",   "etc/passwd",
    "etc/shadow"};
static const char wanted_dir[] = "var/lib/dpkg/status.d/";

static void found(void *ctx, const struct secrets_hit *hit)
{
    struct inventory *v = ctx;
    struct inventory_secret *s;

    if (v->nsecrets >= LIMIT_SECRETS) {
        v->secrets_dropped++;
        return;
    }
    s = ARENA_PUSH(v->arena, &v->secrets, &v->nsecrets);
    s->hit = *hit;
    s->layer = (uint16_t)(v->nlayers - 1);
    s->path = v->nsecrets > v->first_secret + 1 ? v->secrets[v->first_secret].path
                                                : arena_slice(v->arena, v->file);
}

static void changed(void *ctx, const struct tree_node *n, enum tree_change what)
{
    struct inventory *v = ctx;
    uint8_t buf[TREE_PATH_MAX];
    struct inventory_change *c;

    if (n->type == '5' && what != TREE_MODE && what != TREE_OWNER)
        return; /* a folder is the files in it */
    v->changed++;
    if (v->nchanges >= CHANGES_MAX)
        return;
    c = ARENA_PUSH(v->arena, &v->changes, &v->nchanges);
    c->path = arena_slice(v->arena, tree_path(n, buf));
    c->what = what;
}

static void tree_remark(void *ctx, struct slice path, bool broken, const char *text)
{
    inventory_remark(ctx, path, broken, text);
}

bool inventory_init(struct inventory *v, struct arena *a, struct sink *sink, uint16_t nbase,
                    struct err *e)
{
    memset(v, 0, sizeof(*v));
    v->arena = a;
    v->sink = sink;
    if (!secrets_open(a, found, v, &v->search, e))
        return false;
    v->paths = paths_new(a);
    tree_init(&v->tree, a, nbase);
    v->tree.changed = changed;
    v->tree.remark = tree_remark;
    v->tree.ctx = v;
    digest_init(&v->hash, DIGEST_SHA256);
    return true;
}

void inventory_release(struct inventory *v)
{
    for (size_t i = 0; i < v->ncaptures; i++)
        buf_release(&v->captures[i].bytes);
    if (v->keep)
        buf_release(&v->kept);
    secrets_free(v->search);
    tree_release(&v->tree);
    digest_release(&v->hash);
}

void inventory_layer(struct inventory *v, const char *digest, const char *diff_id)
{
    struct digest rest;

    if (v->open)
        digest_final(&v->hash, &rest); /* of a file that was cut short */
    v->open = false;
    v->tree.layer = v->nlayers;
    v->layers[v->nlayers++] = (struct inventory_layer){digest, diff_id};
}

void inventory_remark(struct inventory *v, struct slice path, bool broken, const char *text)
{
    char name[LIMIT_NAME_BYTES + 160];

    v->broken = v->broken || broken;
    if (v->remarks++ >= LIMIT_DIAGNOSTICS)
        return;
    snprintf(name, sizeof(name), "layer %s/%.*s", v->layers[v->nlayers - 1].digest,
             path.len < LIMIT_NAME_BYTES ? (int)path.len : LIMIT_NAME_BYTES,
             (const char *)path.data);
    sink_note(v->sink, 0, ERR_NO_OFFSET, name, "%s", text);
}

static bool is_wanted(struct slice path)
{
    return slice_among(path, wanted, ARRAY_LEN(wanted)) ||
           (slice_starts(path, wanted_dir) && !slice_ends(path, ".md5sums"));
}

void inventory_file(struct inventory *v, struct slice path, uint64_t size)
{
    v->file = path;
    v->open = true;
    v->first_secret = v->nsecrets;
    if (v->keep)
        buf_release(&v->kept); /* of a file that was cut short */
    v->keep = is_wanted(path);
    if (v->keep && (size > LIMIT_CAPTURE_BYTES - v->captured || v->ncaptures >= CAPTURES_MAX)) {
        v->keep = false;
        v->capture_lost = true;
        inventory_remark(
            v, path, false,
            "not kept for its parser: too large (LIMIT_CAPTURE_BYTES) or one of too many");
    }
    if (v->keep)
        buf_init(&v->kept, LIMIT_CAPTURE_BYTES);
    secrets_begin(v->search);
}

bool inventory_feed(struct inventory *v, struct slice chunk, struct err *e)
{
    digest_update(&v->hash, chunk);
    if (v->keep)
        buf_put(&v->kept, chunk);
    return secrets_feed(v->search, chunk, e);
}

/* Takes the kept bytes; an older version of the same path goes. */
static void capture(struct inventory *v, const uint8_t digest[32])
{
    struct inventory_capture *c = NULL;

    for (size_t i = 0; i < v->ncaptures; i++)
        if (slice_eq(v->captures[i].path, v->file))
            c = &v->captures[i];
    if (c != NULL) {
        v->captured -= c->bytes.len;
        buf_release(&c->bytes);
    } else {
        c = ARENA_PUSH(v->arena, &v->captures, &v->ncaptures);
        c->path = arena_slice(v->arena, v->file);
    }
    c->bytes = v->kept;
    memcpy(c->digest, digest, 32);
    v->captured += c->bytes.len;
    v->keep = false;
}

void inventory_file_end(struct inventory *v, uint8_t digest[32])
{
    struct digest d;

    v->open = false;
    secrets_end(v->search);
    digest_final(&v->hash, &d);
    memcpy(digest, d.bytes, 32);
    for (size_t i = v->first_secret; i < v->nsecrets; i++) {
        memcpy(v->secrets[i].file, digest, 32);
        v->secrets[i].whole = true;
    }
    if (v->keep)
        capture(v, digest);
}

void inventory_placed(struct inventory *v, const struct tree_node *n)
{
    const struct detectors_path *match[PATHS_MATCHES_MAX];
    uint8_t buf[TREE_PATH_MAX];
    const struct slice path = tree_path(n, buf);
    const size_t nmatch = paths_match(v->paths, path, match);
    struct inventory_left *l;
    bool credential = false;

    for (size_t i = 0; i < nmatch; i++)
        credential = credential || match[i]->credential;
    if (!credential)
        return;
    if (v->nleft >= LEFT_MAX) {
        v->left_dropped++;
        return;
    }
    l = ARENA_PUSH(v->arena, &v->left, &v->nleft);
    l->path = arena_slice(v->arena, path);
    l->layer = v->tree.layer;
    l->mode = n->mode;
    l->uid = n->uid;
    l->gid = n->gid;
    l->size = n->size;
    memcpy(l->digest, n->content.digest, 32);
}

static bool kept(const struct inventory *v, const struct tree_node *n, struct slice *out)
{
    for (size_t i = 0; i < v->ncaptures; i++)
        if ((n->flags & TREE_DIGEST) != 0 &&
            memcmp(v->captures[i].digest, n->content.digest, 32) == 0) {
            *out = buf_slice(&v->captures[i].bytes);
            return true;
        }
    return false;
}

bool inventory_read(struct inventory *v, const char *path, struct slice *out, bool *lost)
{
    const struct tree_node *n = tree_find(&v->tree, slice_str(path), true);

    *lost = false;
    if (n == NULL || n->type != '0')
        return false;
    *lost = !kept(v, n, out);
    return !*lost;
}

bool inventory_read_dir(struct inventory *v, const char *dir, size_t *at, struct slice *path,
                        struct slice *out)
{
    for (; *at < v->ncaptures; (*at)++) {
        const struct inventory_capture *c = &v->captures[*at];
        const struct tree_node *n;

        if (!slice_starts(c->path, dir))
            continue;
        n = tree_find(&v->tree, c->path, true);
        if (n == NULL || n->type != '0' || !kept(v, n, out))
            continue;
        *path = c->path;
        (*at)++;
        return true;
    }
    return false;
}
