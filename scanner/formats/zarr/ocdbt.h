#ifndef SCANNER_FORMATS_ZARR_OCDBT_H
#define SCANNER_FORMATS_ZARR_OCDBT_H
/*
 * Manifests and nodes of the database that TensorStore keeps arrays in. Each is a frame: magic,
 * length, version, a body that may be compressed, a checksum. SPEC: TensorStore, kvstore/ocdbt,
 * "Storage format".
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/reader.h"

enum ocdbt_kind { OCDBT_NONE, OCDBT_MANIFEST, OCDBT_VERSIONS, OCDBT_TREE };

#define OCDBT_HEADER 14 /* bytes of the shortest header */

struct ocdbt_frame {
    enum ocdbt_kind kind;
    uint64_t bytes; /* of all of it */
};

/* One file that a manifest or node names, and the most that it needs of it. */
struct ocdbt_file {
    struct slice path;
    uint64_t end;
};

struct ocdbt_tree {
    struct ocdbt_file *files;
    size_t nfiles;
    uint64_t versions; /* references to roots */
    uint64_t entries;  /* of a node of keys */
    bool numbered;     /* the versions stand in files of their own, manifest.NUMBER */
};

/* Does a frame begin here? Says which, and how long it is. */
bool ocdbt_head(struct slice at, struct ocdbt_frame *out);

/* Does the checksum of the whole frame hold? */
bool ocdbt_sound(struct slice frame);

/* ocdbt_read(frame, f, a, out): what it says; the frame starts at `offset`. `out` lives in `a`. */
MUST_CHECK bool ocdbt_read(struct slice frame, uint64_t offset, struct arena *a,
                           struct ocdbt_tree *out, struct err *e);
#endif
