#include "scanner/image/tree.h"

#include <string.h>

#include "base/limits.h"

#define FIRST_BUCKETS 4096
#define FOLDER_MODE 0755 /* of folders that no entry states, as runtimes make them */

/* What is left of a path while it is walked; links put their target in front. */
struct walk {
    struct tree_node *at;
    unsigned links;
    size_t start, end; /* of the rest, in buf */
    uint8_t buf[3 * LIMIT_NAME_BYTES];
};

void tree_init(struct tree *t, struct arena *a, uint16_t nbase)
{
    memset(t, 0, sizeof(*t));
    t->arena = a;
    t->nbase = nbase;
    t->root.type = '5';
    t->root.mode = FOLDER_MODE;
    t->root.flags = TREE_IMPLICIT;
    t->nbuckets = FIRST_BUCKETS;
    t->buckets = calloc(t->nbuckets, sizeof(void *));
    if (t->buckets == NULL)
        abort();
}

void tree_release(struct tree *t)
{
    free(t->buckets);
    t->buckets = NULL;
}

static void remark(struct tree *t, struct slice path, bool broken, const char *text)
{
    if (t->remark != NULL)
        t->remark(t->ctx, path, broken, text);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    const wide m = (wide)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* The address of the folder goes in: it differs from run to run, so nobody
 * can prepare names that collide. */
static size_t bucket(const struct tree *t, const struct tree_node *parent, struct slice name)
{
    uint64_t h = (uint64_t)(uintptr_t)parent ^ 0x9e3779b97f4a7c15u;
    uint64_t word;
    size_t i = 0;

    for (; name.len - i >= 8; i += 8) {
        memcpy(&word, name.data + i, 8);
        h = mix(h ^ word, 0xa0761d6478bd642fu);
    }
    word = 0;
    memcpy(&word, name.data + i, name.len - i);
    h = mix(h ^ word ^ (uint64_t)name.len << 56, 0xe7037ed1a0b428dbu);
    return (size_t)h & (t->nbuckets - 1);
}

static struct slice name_of(const struct tree_node *n)
{
    return (struct slice){n->name, n->name_len};
}

static struct tree_node *child(const struct tree *t, const struct tree_node *dir, struct slice name)
{
    struct tree_node *n = t->buckets[bucket(t, dir, name)];

    while (n != NULL && !(n->parent == dir && slice_eq(name_of(n), name)))
        n = n->chain;
    return n;
}

static void grow(struct tree *t)
{
    struct tree_node **old = t->buckets;
    const size_t n = t->nbuckets;

    t->nbuckets = n * 4;
    t->buckets = calloc(t->nbuckets, sizeof(void *));
    if (t->buckets == NULL)
        abort();
    for (size_t i = 0; i < n; i++)
        for (struct tree_node *node = old[i], *next; node != NULL; node = next) {
            const size_t b = bucket(t, node->parent, name_of(node));

            next = node->chain;
            node->chain = t->buckets[b];
            t->buckets[b] = node;
        }
    free(old);
}

/* Counts bytes that will live as long as the tree. */
static bool charge(struct tree *t, size_t n, struct err *e)
{
    if (n > LIMIT_TREE_NAME_BYTES - t->name_bytes)
        return err_fail(e, ERR_LIMIT, "names of more than %u bytes (LIMIT_TREE_NAME_BYTES)",
                        LIMIT_TREE_NAME_BYTES);
    t->name_bytes += n;
    return true;
}

static bool add(struct tree *t, struct tree_node *dir, struct slice name, struct tree_node **out,
                struct err *e)
{
    struct tree_node *n = t->spare;
    size_t b;

    if (t->nnodes >= LIMIT_TREE_ENTRIES)
        return err_fail(e, ERR_LIMIT, "more than %d paths (LIMIT_TREE_ENTRIES)",
                        LIMIT_TREE_ENTRIES);
    if (dir->depth >= LIMIT_TREE_DEPTH)
        return err_fail(e, ERR_LIMIT, "more than %d folders deep (LIMIT_TREE_DEPTH)",
                        LIMIT_TREE_DEPTH);
    if (!charge(t, name.len, e))
        return false;
    if (n != NULL)
        t->spare = n->next;
    else
        n = ARENA_NEW(t->arena, struct tree_node);
    memset(n, 0, sizeof(*n));
    if (++t->nnodes > t->nbuckets)
        grow(t);
    n->name = arena_slice(t->arena, name).data;
    n->name_len = (uint16_t)name.len;
    n->depth = (uint16_t)(dir->depth + 1);
    n->parent = dir;
    n->next = dir->child;
    if (n->next != NULL)
        n->next->prev = n;
    dir->child = n;
    b = bucket(t, dir, name);
    n->chain = t->buckets[b];
    t->buckets[b] = n;
    n->layer = n->seen = t->layer;
    *out = n;
    return true;
}

static void drop(struct tree *t, struct tree_node *n)
{
    struct tree_node **link = &t->buckets[bucket(t, n->parent, name_of(n))];

    while (*link != n)
        link = &(*link)->chain;
    *link = n->chain;
    if (n->prev != NULL)
        n->prev->next = n->next;
    else
        n->parent->child = n->next;
    if (n->next != NULL)
        n->next->prev = n->prev;
    n->next = t->spare;
    t->spare = n;
    t->nnodes--;
}

static void tell(struct tree *t, const struct tree_node *n, enum tree_change what)
{
    if (t->changed != NULL && n->layer < t->nbase && t->layer >= t->nbase)
        t->changed(t->ctx, n, what);
}

static struct tree_node *leaf(struct tree_node *n)
{
    while (n->child != NULL)
        n = n->child;
    return n;
}

/* Removes `top` and what it holds; with `lower_only` not what this layer
 * has stated, nor the folders around that. */
static void prune(struct tree *t, struct tree_node *top, bool lower_only)
{
    struct tree_node *n = leaf(top), *next;

    for (;;) {
        const bool last = n == top;

        next = last ? NULL : n->next != NULL ? leaf(n->next) : n->parent;
        if (n->child == NULL && !(lower_only && n->seen == t->layer)) {
            tell(t, n, TREE_DELETED);
            drop(t, n);
        }
        if (last)
            return;
        n = next;
    }
}

static bool walk_begin(struct tree *t, struct walk *w, struct slice path)
{
    w->at = &t->root;
    w->links = 0;
    w->end = sizeof(w->buf);
    if (path.len > LIMIT_NAME_BYTES)
        return false;
    w->start = w->end - path.len;
    memcpy(w->buf + w->start, path.data, path.len);
    return true;
}

/* The next name of the rest; `*last`: nothing follows. False when nothing is left. */
static bool walk_name(struct walk *w, struct slice *name, bool *last)
{
    size_t at;

    while (w->start < w->end && w->buf[w->start] == '/')
        w->start++;
    at = w->start;
    while (at < w->end && w->buf[at] != '/')
        at++;
    *name = (struct slice){w->buf + w->start, at - w->start};
    w->start = at;
    while (at < w->end && w->buf[at] == '/')
        at++;
    *last = at == w->end;
    return name->len > 0;
}

/* Puts the target of a link in front of the rest. False: too many links, or too long. */
static bool walk_link(struct tree *t, struct walk *w, const struct tree_node *n)
{
    const struct slice to = n->content.link;

    if (++w->links > LIMIT_LINK_WALK || to.len + 1 > w->start)
        return false;
    w->buf[--w->start] = '/';
    w->start -= to.len;
    memcpy(w->buf + w->start, to.data, to.len);
    w->at = to.len > 0 && to.data[0] == '/' ? &t->root : n->parent;
    return true;
}

/* "." and ".." of link targets; the root is its own parent. */
static bool walk_dots(struct walk *w, struct slice name)
{
    if (slice_is(name, "."))
        return true;
    if (!slice_is(name, ".."))
        return false;
    if (w->at->parent != NULL)
        w->at = w->at->parent;
    return true;
}

/* A folder that an entry needs and nobody stated. */
static bool make_folder(struct tree *t, struct walk *w, struct slice name, struct slice path,
                        struct err *e)
{
    struct tree_node *n = child(t, w->at, name);

    if (n != NULL) {
        remark(t, path, true, "a file stands where a folder is needed; some runtimes refuse that");
        tell(t, n, TREE_REPLACED);
        drop(t, n);
    }
    if (!add(t, w->at, name, &n, e))
        return false;
    n->type = '5';
    n->mode = FOLDER_MODE;
    n->flags = TREE_IMPLICIT;
    w->at = n;
    return true;
}

/*
 * Walks to the folder that holds the last name of `path`, making folders on the way. `*name` stays
 * in w->buf. False with no error in `e`: the path leads in circles, a remark has said so.
 */
static bool open_parent(struct tree *t, struct walk *w, struct slice path, struct slice *name,
                        struct err *e)
{
    bool last, told = false;

    if (!walk_begin(t, w, path))
        return err_fail(e, ERR_LIMIT, "a path of %zu bytes (LIMIT_NAME_BYTES)", path.len);
    while (walk_name(w, name, &last)) {
        struct tree_node *n;

        if (walk_dots(w, *name))
            continue;
        if (name->len > LIMIT_FILE_NAME_BYTES) {
            remark(t, path, true, "a name longer than a file system holds");
            return false;
        }
        if (last)
            return true;
        n = child(t, w->at, *name);
        if (n != NULL && n->type == '5') {
            w->at = n;
            continue;
        }
        if (n == NULL || n->type != '2') {
            if (!make_folder(t, w, *name, path, e))
                return false;
            continue;
        }
        if (!told)
            remark(t, path, false, "leads through a symbolic link; runtimes differ on that");
        told = true;
        if (!walk_link(t, w, n)) {
            remark(t, path, true, "leads through too many symbolic links");
            return false;
        }
    }
    remark(t, path, true, "leads to a folder through symbolic links");
    return false;
}

struct tree_node *tree_find(struct tree *t, struct slice path, bool follow)
{
    struct walk w;
    struct slice name;
    bool last;

    if (!walk_begin(t, &w, path))
        return NULL;
    while (walk_name(&w, &name, &last)) {
        struct tree_node *n;

        if (w.at->type != '5')
            return NULL;
        if (walk_dots(&w, name))
            continue;
        n = child(t, w.at, name);
        if (n == NULL)
            return NULL;
        if (n->type != '2' || (last && !follow))
            w.at = n;
        else if (!walk_link(t, &w, n))
            return NULL;
    }
    return w.at;
}

static bool same_content(const struct tree_node *n, const struct tree_entry *entry)
{
    if (n->type != entry->type)
        return false;
    if (n->type == '2')
        return slice_eq(n->content.link, entry->link);
    if (n->type == '0')
        return n->size == entry->size && (n->flags & TREE_DIGEST) != 0 && entry->digest != NULL &&
               memcmp(n->content.digest, entry->digest, 32) == 0;
    return n->type == '5' || n->size == entry->size;
}

/* What changes against the node that stands there; false when nothing does. */
static bool differs(const struct tree_node *n, const struct tree_entry *entry,
                    enum tree_change *what)
{
    if (!same_content(n, entry))
        *what = TREE_REPLACED;
    else if ((n->type != '2' && n->mode != entry->mode) || !slice_eq(n->xattr, entry->xattr))
        *what = TREE_MODE;
    else if (n->uid != entry->uid || n->gid != entry->gid)
        *what = TREE_OWNER;
    else
        return false;
    return true;
}

static bool fill(struct tree *t, struct tree_node *n, const struct tree_entry *entry, struct err *e)
{
    if (!charge(t, entry->link.len + entry->xattr.len, e))
        return false;
    n->type = entry->type;
    n->mode = entry->mode;
    n->uid = entry->uid;
    n->gid = entry->gid;
    n->size = entry->size;
    n->layer = n->seen = t->layer;
    n->flags = 0;
    n->xattr = arena_slice(t->arena, entry->xattr);
    if (entry->type == '2')
        n->content.link = arena_slice(t->arena, entry->link);
    if (entry->type == '0' && entry->digest != NULL) {
        memcpy(n->content.digest, entry->digest, 32);
        n->flags |= TREE_DIGEST;
    }
    return true;
}

/* An entry over what stands there: folders keep what they hold, anything else is replaced. */
static bool put_over(struct tree *t, struct tree_node *n, const struct tree_entry *entry,
                     struct err *e)
{
    const bool both_folders = n->type == '5' && entry->type == '5';
    enum tree_change what;

    if (n->seen == t->layer && !both_folders && (n->flags & TREE_IMPLICIT) == 0)
        remark(t, entry->path, false, "stands twice in one layer; the last counts");
    if (entry->type == '5' && n->type == '2')
        remark(t, entry->path, false, "a folder replaces a symbolic link");
    if (!differs(n, entry, &what)) {
        n->seen = t->layer;
        n->flags &= (uint8_t)~TREE_IMPLICIT;
        return true;
    }
    tell(t, n, what);
    while (!both_folders && n->child != NULL)
        prune(t, n->child, false);
    return fill(t, n, entry, e);
}

/* The root has no name and no parent. */
static bool put_root(struct tree *t, const struct tree_entry *entry, struct tree_node **out,
                     struct err *e)
{
    *out = NULL;
    if (entry->type != '5') {
        remark(t, entry->path, true, "the root is not a folder");
        return true;
    }
    if (!fill(t, &t->root, entry, e))
        return false;
    *out = &t->root;
    return true;
}

bool tree_put(struct tree *t, const struct tree_entry *entry, struct tree_node **out, struct err *e)
{
    struct walk w;
    struct tree_node *n;
    struct slice name;

    *out = NULL;
    if (entry->path.len == 0)
        return put_root(t, entry, out, e);
    if (!open_parent(t, &w, entry->path, &name, e))
        return e->code == ERR_NONE;
    n = child(t, w.at, name);
    if (n != NULL) {
        if (!put_over(t, n, entry, e))
            return false;
    } else if (!add(t, w.at, name, &n, e) || !fill(t, n, entry, e)) {
        return false;
    }
    *out = n;
    return true;
}

bool tree_hardlink(struct tree *t, struct slice path, struct slice target, struct tree_node **out,
                   struct err *e)
{
    const struct tree_node *from = tree_find(t, target, false);
    struct tree_entry entry = {.path = path};
    uint8_t digest[32];

    *out = NULL;
    if (from == NULL || from->type == '5') {
        remark(t, path, true,
               from == NULL ? "a hard link to a path that is not there"
                            : "a hard link to a folder");
        return true;
    }
    entry.type = from->type;
    entry.mode = from->mode;
    entry.uid = from->uid;
    entry.gid = from->gid;
    entry.size = from->size;
    entry.xattr = from->xattr;
    if (from->type == '2')
        entry.link = from->content.link;
    if ((from->flags & TREE_DIGEST) != 0) {
        memcpy(digest, from->content.digest, sizeof(digest)); /* `from` itself may be replaced */
        entry.digest = digest;
    }
    if (tree_find(t, path, false) == from) {
        remark(t, path, true, "a hard link to itself");
        return true;
    }
    if (!tree_put(t, &entry, out, e))
        return false;
    if (*out != NULL)
        (*out)->flags |= TREE_HARDLINK;
    return true;
}

void tree_whiteout(struct tree *t, struct slice path, bool opaque)
{
    struct tree_node *n = tree_find(t, path, opaque);
    struct tree_node *next;

    if (n == NULL)
        return; /* runtimes pass over a whiteout of nothing */
    if (!opaque && n != &t->root) {
        prune(t, n, true);
        return;
    }
    for (n = n->child; n != NULL; n = next) {
        next = n->next;
        prune(t, n, true);
    }
}

/* Merges two sorted lists. */
static struct tree_node *merge(struct tree_node *a, struct tree_node *b)
{
    struct tree_node *head = NULL, **tail = &head;

    while (a != NULL && b != NULL) {
        struct tree_node **from = slice_cmp(name_of(a), name_of(b)) <= 0 ? &a : &b;
        struct tree_node *n = *from;

        *from = n->next;
        *tail = n;
        tail = &n->next;
    }
    *tail = a != NULL ? a : b;
    return head;
}

/* Bottom-up merge sort: slot i holds a sorted list of 2^i nodes. */
static struct tree_node *sorted(struct tree_node *list)
{
    struct tree_node *slot[32] = {NULL};
    struct tree_node *all = NULL;

    while (list != NULL) {
        struct tree_node *one = list;
        size_t i = 0;

        list = list->next;
        one->next = NULL;
        for (; i + 1 < ARRAY_LEN(slot) && slot[i] != NULL; i++) {
            one = merge(slot[i], one);
            slot[i] = NULL;
        }
        slot[i] = one;
    }
    for (size_t i = 0; i < ARRAY_LEN(slot); i++)
        if (slot[i] != NULL)
            all = all == NULL ? slot[i] : merge(slot[i], all);
    return all;
}

void tree_sort(struct tree *t)
{
    for (struct tree_node *n = &t->root; n != NULL; n = tree_next(n)) {
        struct tree_node *prev = NULL;

        n->child = sorted(n->child);
        for (struct tree_node *c = n->child; c != NULL; c = c->next) {
            c->prev = prev;
            prev = c;
        }
    }
}

struct tree_node *tree_next(const struct tree_node *n)
{
    if (n->child != NULL)
        return n->child;
    while (n->parent != NULL && n->next == NULL)
        n = n->parent;
    return n->parent != NULL ? n->next : NULL;
}

struct slice tree_path(const struct tree_node *n, uint8_t buf[TREE_PATH_MAX])
{
    size_t at = TREE_PATH_MAX;

    for (; n->parent != NULL; n = n->parent) {
        if (n->name_len + 1u > at)
            break;
        at -= n->name_len;
        memcpy(buf + at, n->name, n->name_len);
        if (n->parent->parent != NULL)
            buf[--at] = '/';
    }
    return (struct slice){buf + at, TREE_PATH_MAX - at};
}
