#ifndef SCANNER_IMAGE_TREE_H
#define SCANNER_IMAGE_TREE_H
/*
 * The files of an image after all its layers, in memory only: what a runtime would see. Layers are
 * applied in order, entries in the order of the tar. SPEC: image-spec v1.1 layer.md. Parents that
 * are symbolic links are followed beneath the root, as runtimes do; what runtimes disagree about is
 * told as a remark.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

enum tree_flag {
    TREE_IMPLICIT = 1, /* a folder that no entry states */
    TREE_HARDLINK = 2,
    TREE_DIGEST = 4 /* `content.digest` is set */
};

struct tree_node {
    struct tree_node *parent, *child, *next, *prev, *chain;
    const uint8_t *name; /* not NUL-terminated */
    struct slice xattr;  /* security.capability, or empty */
    uint16_t name_len, depth;
    uint16_t layer, seen; /* that made it what it is; the last that states it */
    char type;            /* as struct tar_entry; never '1' */
    uint8_t flags;
    uint32_t mode, uid, gid;
    uint64_t size; /* of a file; of a device major << 32 | minor */
    union {
        uint8_t digest[32]; /* SHA-256 of a file */
        struct slice link;  /* target of a symbolic link */
    } content;
};

struct tree_entry {
    struct slice path; /* cleaned, not empty */
    char type;
    uint32_t mode, uid, gid;
    uint64_t size;
    struct slice link;     /* target of a symbolic link, as written */
    const uint8_t *digest; /* 32 bytes; of files */
    struct slice xattr;
};

enum tree_change { TREE_REPLACED, TREE_DELETED, TREE_MODE, TREE_OWNER };

struct tree {
    struct arena *arena;
    struct tree_node root, *spare;
    struct tree_node **buckets;
    size_t nbuckets, nnodes;
    uint64_t name_bytes; /* ever used, for LIMIT_TREE_NAME_BYTES */
    uint16_t layer;      /* being applied */
    uint16_t nbase;      /* layers of the base image; changes to what they made are told */
    /* A change above the base to what the base made. */
    void (*changed)(void *ctx, const struct tree_node *n, enum tree_change what);
    /* Something odd. `broken`: a runtime would refuse the layer, so the tree is not what runs. */
    void (*remark)(void *ctx, struct slice path, bool broken, const char *text);
    void *ctx;
};

void tree_init(struct tree *t, struct arena *a, uint16_t nbase);
void tree_release(struct tree *t);

/* Each is false only for a cap (ERR_LIMIT); odd things are remarks. `*out` may
 * become NULL when nothing could be placed. */
MUST_CHECK bool tree_put(struct tree *t, const struct tree_entry *entry, struct tree_node **out,
                         struct err *e);
MUST_CHECK bool tree_hardlink(struct tree *t, struct slice path, struct slice target,
                              struct tree_node **out, struct err *e);
/* `path` is what the whiteout removes (for opaque: the folder it stands
 * in). Only what lower layers made goes. */
void tree_whiteout(struct tree *t, struct slice path, bool opaque);

/* tree_find(t, path, follow): NULL when it is not there; `follow`: through
 * a last symbolic link too. */
struct tree_node *tree_find(struct tree *t, struct slice path, bool follow);

/* Sorts all folders; then tree_next walks from &t->root through every
 * node, each folder before what it holds. */
void tree_sort(struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);

/* tree_path(n, buf): the path of a node, lent from `buf`. */
#define TREE_PATH_MAX ((size_t)(LIMIT_TREE_DEPTH + 1) * (LIMIT_FILE_NAME_BYTES + 1))
struct slice tree_path(const struct tree_node *n, uint8_t buf[TREE_PATH_MAX]);
#endif
