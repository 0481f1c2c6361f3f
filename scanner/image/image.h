#ifndef SCANNER_IMAGE_IMAGE_H
#define SCANNER_IMAGE_IMAGE_H
/*
 * Facts about a container image, from an OCI layout, an oci-archive or a docker-archive. Types and
 * attributes: docs/facts-image.md. Every blob and every byte of every layer has a ledger line; what
 * cannot be read is a gap there, and the other layers are read all the same.
 */
#include "scanner/input/blobs.h"
#include "scanner/worker/worker.h"

struct image_ask {
    const char *ref;            /* tag, full reference or digest; NULL: the only image there is */
    const struct value *params; /* {platform: "os/arch[/variant]", catalogue: [...]}; may be NULL */
    void (*progress)(void *ctx, uint64_t done); /* bytes of file contents so far; may be NULL */
    void *ctx;
};

/* image_scan(b, ask, sink, e): false when no image can be chosen or its configuration cannot be
 * read; the subject as a whole is unreadable then. */
MUST_CHECK bool image_scan(struct blobs *b, const struct image_ask *ask, struct sink *sink,
                           struct err *e);

/* The job "image" of a worker: the same over the worker's input. */
MUST_CHECK bool image_job(struct worker *w, struct err *e);
#endif
