#ifndef SCANNER_IMAGE_MANIFEST_H
#define SCANNER_IMAGE_MANIFEST_H
/*
 * Image manifests and indexes, OCI and Docker schema 2. SPEC: image-spec v1.1 manifest.md,
 * image-index.md, descriptor.md. Docker schema 1 is not read. A document that could be taken for
 * both a manifest and an index is refused (CVE-2021-41190).
 */
#include "base/digest.h"
#include "base/value.h"

#define MANIFEST_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define MANIFEST_OCI "application/vnd.oci.image.manifest.v1+json"
#define MANIFEST_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define MANIFEST_DOCKER "application/vnd.docker.distribution.manifest.v2+json"

struct manifest_descriptor {
    const char *media_type;    /* "" when it has none */
    const char *artifact_type; /* or NULL */
    const char *digest_text;
    struct digest digest;
    uint64_t size;
    const struct value *annotations;         /* a map, or NULL */
    const char *os, *architecture, *variant; /* of `platform`; NULL when not given */
    bool foreign; /* has urls, or a nondistributable media type: its blob may be missing */
    uint32_t line;
    uint64_t offset;
};

struct manifest {
    bool index;             /* `entries` are manifests; else `config` and `entries` are layers */
    const char *media_type; /* of the document itself, or NULL */
    const char *artifact_type;
    struct manifest_descriptor config;
    struct manifest_descriptor *entries;
    size_t nentries;
    bool has_subject;
    struct manifest_descriptor subject;
    const struct value *annotations; /* a map, or NULL */
};

/* manifest_parse(text, a, out, e): everything lives in `a`. Errors name line and offset. */
MUST_CHECK bool manifest_parse(struct slice text, struct arena *a, struct manifest *out,
                               struct err *e);

bool manifest_is_index_type(const char *media_type);
bool manifest_is_manifest_type(const char *media_type);
/* Is the configuration that of an image, and not of an artifact? */
bool manifest_is_image(const struct manifest *m);

/* A text annotation, or NULL. */
const char *manifest_annotation(const struct value *annotations, const char *key);
#endif
