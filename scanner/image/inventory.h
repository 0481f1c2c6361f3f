#ifndef SCANNER_IMAGE_INVENTORY_H
#define SCANNER_IMAGE_INVENTORY_H
/*
 * What the layers of one image leave behind while they are read, once each and in order: the merged
 * tree, the secrets found in any layer, the few files kept whole for parsers, files with
 * credentials that may be removed later, and what upper layers change of the base.
 */
#include "base/buf.h"
#include "base/digest.h"
#include "scanner/image/paths.h"
#include "scanner/image/secrets.h"
#include "scanner/image/tree.h"
#include "scanner/sink.h"

struct inventory_layer {
    const char *digest; /* of the blob as the manifest names it, or its diff id */
    const char *diff_id;
};

struct inventory_secret {
    struct secrets_hit hit;
    struct slice path; /* in its layer */
    uint16_t layer;
    bool whole; /* the file was read to its end */
    uint8_t file[32];
};

/* A file with credentials by its name, in the layer that brought it. */
struct inventory_left {
    struct slice path;
    uint16_t layer;
    uint32_t mode, uid, gid;
    uint64_t size;
    uint8_t digest[32];
};

struct inventory_capture {
    struct slice path;
    uint8_t digest[32];
    struct buf bytes;
};

struct inventory_change {
    struct slice path;
    enum tree_change what;
};

struct inventory {
    struct arena *arena;
    struct sink *sink;
    struct tree tree;
    const struct paths *paths;
    struct secrets *search;
    struct inventory_layer layers[LIMIT_LAYERS];
    uint16_t nlayers;
    bool broken;       /* something was seen that no runtime would unpack */
    bool capture_lost; /* a file a parser wanted was too large to keep */
    uint64_t progress, remarks;
    struct inventory_secret *secrets;
    size_t nsecrets;
    uint64_t secrets_dropped, left_dropped; /* past their caps */
    struct inventory_left *left;
    size_t nleft;
    struct inventory_capture *captures;
    size_t ncaptures;
    uint64_t captured; /* bytes */
    struct inventory_change *changes;
    size_t nchanges;
    uint64_t changed; /* all of them, also those past the cap */
    /* the file being read */
    struct slice file;
    size_t first_secret;
    bool keep, open;
    struct buf kept;
    struct digest_ctx hash;
};

MUST_CHECK bool inventory_init(struct inventory *v, struct arena *a, struct sink *sink,
                               uint16_t nbase, struct err *e);
void inventory_release(struct inventory *v);

/* A layer begins: what follows belongs to it. */
void inventory_layer(struct inventory *v, const char *digest, const char *diff_id);

/* The content of one regular file: begin, chunks, end. `path` must live until the end. */
void inventory_file(struct inventory *v, struct slice path, uint64_t size);
MUST_CHECK bool inventory_feed(struct inventory *v, struct slice chunk, struct err *e);
void inventory_file_end(struct inventory *v, uint8_t digest[32]);

/* A regular file has its place in the tree; keeps it when its name speaks of credentials. */
void inventory_placed(struct inventory *v, const struct tree_node *n);

/* A remark with the path of the current layer, at most LIMIT_DIAGNOSTICS of them. */
void inventory_remark(struct inventory *v, struct slice path, bool broken, const char *text);

/* The bytes of a file of the final tree that was kept; false when it is not there.
 * `*lost`: it is there, but was not kept. */
bool inventory_read(struct inventory *v, const char *path, struct slice *out, bool *lost);
/* All kept files of the final tree directly in the folder `dir` ("var/lib/dpkg/status.d"),
 * one after another: `*at` starts as 0. */
bool inventory_read_dir(struct inventory *v, const char *dir, size_t *at, struct slice *path,
                        struct slice *out);
#endif
