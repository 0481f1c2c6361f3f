#ifndef SCANNER_IMAGE_LAYOUT_H
#define SCANNER_IMAGE_LAYOUT_H
/*
 * Which image: from an OCI layout (index.json, nested indexes, platforms, signatures beside it) or
 * from the manifest.json of a docker-archive to one configuration and its layers. SPEC: image-spec
 * v1.1 image-layout.md, image-index.md, annotations.md. A `docker save` that holds both must say
 * the same in both.
 */
#include "scanner/image/manifest.h"
#include "scanner/input/blobs.h"
#include "scanner/sink.h"

struct layout_entry {
    struct manifest_descriptor d;
    struct manifest m; /* when `loaded` */
    struct slice bytes;
    const char *path;     /* "blobs/sha256/…" */
    const char *ref_name; /* of its descriptor, or NULL */
    size_t parent;        /* index of the entry that lists it; LAYOUT_TOP for index.json */
    unsigned depth;
    bool loaded, chosen;
};
#define LAYOUT_TOP SIZE_MAX

struct layout_layer {
    const char *path, *media_type;
    const char *digest_text;     /* NULL in a docker-archive */
    const struct digest *digest; /* NULL in a docker-archive */
    uint64_t size;               /* UINT64_MAX when nobody says */
    bool foreign;
};

struct layout {
    /* asked */
    struct blobs *blobs;
    struct arena *arena;
    struct sink *sink;
    const char *ref;                         /* or NULL */
    const char *os, *architecture, *variant; /* variant may be NULL */
    bool platform_given;
    /* found */
    struct layout_entry *entries; /* of an OCI layout */
    size_t nentries;
    const struct layout_entry *chosen; /* NULL in a plain docker-archive */
    const char *digest_text;           /* of the manifest, else of the configuration */
    const char *ref_name;              /* or NULL */
    struct slice config;
    const char *config_path, *config_digest;
    struct layout_layer *layers;
    size_t nlayers;
};

/* layout_choose(l, e): fills the second half. Tells the ledger lines of every document
 * it reads; the configuration is read and its digest checked, not parsed. Errors list
 * the candidates when there are several. */
MUST_CHECK bool layout_choose(struct layout *l, struct err *e);

/* layout_platform("os/arch[/variant]", l, e) sets the platform to look for. */
MUST_CHECK bool layout_platform(struct layout *l, const char *text, struct err *e);

/* "blobs/sha256/<hex>" for a digest. */
const char *layout_blob_path(struct arena *a, const struct digest *d);

/* layout_blob(l, d, max, out, e): a blob of an OCI layout, whole, with
 * size and digest as its descriptor says. */
MUST_CHECK bool layout_blob(struct layout *l, const struct manifest_descriptor *d, size_t max,
                            struct slice *out, struct err *e);

/* Does a reference that the operator gave mean `name` (a tag or a full reference)? */
bool layout_ref_matches(const char *ref, const char *name);
#endif
