#ifndef SCANNER_IMAGE_LAYER_H
#define SCANNER_IMAGE_LAYER_H
/*
 * One layer in one pass: its blob is read once, decompressed once and hashed on the way (digest of
 * the blob, diff id, each file); its entries go into the inventory. SPEC: image-spec v1.1 layer.md.
 */
#include "scanner/image/inventory.h"
#include "scanner/input/source.h"

struct layer {
    struct source *blob; /* borrowed */
    uint64_t blob_len;
    const char *blob_path;  /* for the ledger: "blobs/sha256/…" or the name in a docker-archive */
    const char *media_type; /* "" when nobody says */
    const struct digest *digest;  /* that the manifest demands, or NULL */
    const struct digest *diff_id; /* that the configuration demands, or NULL */
    /* told by layer_read, also when it fails */
    struct digest true_digest, true_diff_id;
    enum source_codec codec;
    uint64_t bytes, content, headers; /* of the tar; the rest is padding */
    uint64_t entries, files, whiteouts;
    bool whole; /* read to its end, and both digests hold */
};

/* layer_read(l, v, e): false when the layer cannot be read to its end or is not what the manifest
 * and the configuration say. What was read before that stays in the inventory. Two ledger lines are
 * told either way. inventory_layer was called before. */
MUST_CHECK bool layer_read(struct layer *l, struct inventory *v, struct err *e);

/* "layer.tar", "layer.tar+gzip", "layer.tar+zstd", ... */
const char *layer_format(enum source_codec codec);
#endif
