#ifndef SCANNER_FORMATS_MODEL_H
#define SCANNER_FORMATS_MODEL_H
/*
 * The worker's job "model": every entry of a dir: or file: input, in the order of the list. Params:
 * "imports" (the tree of rules/detectors/imports.yaml), "hash" ("files", "members" or "none", see
 * enum format_hash), "ignore" (paths that its identity leaves out). Facts: docs/facts-model.md.
 */
#include "scanner/worker/worker.h"

/* What the job needs of its surroundings; the worker gives it, tests give their own. */
struct model_io {
    void *ctx;
    size_t n;
    const struct input_entry *(*entry)(void *ctx, size_t i);
    bool (*open)(void *ctx, size_t i, int *fd, struct err *e); /* lends the descriptor */
    void (*close)(void *ctx, size_t i);         /* of an opened one, when done; may be NULL */
    void (*progress)(void *ctx, uint64_t done); /* may be NULL */
    /* runs fn(arg) beside; false: no more. NULL: one thread does it all */
    bool (*thread)(void *ctx, void (*fn)(void *arg), void *arg);
    struct sink *sink;
    const struct value *params;
    bool folder; /* dir: rather than file: */
};

/* model_scan(io): facts, ledger and the subject: the digest of the file, or for a folder
 * SHA-256 over the sorted lines "sha256:<hex> <name>\n" of its files. False when the params
 * are wrong or the system refused to read. */
MUST_CHECK bool model_scan(const struct model_io *io, struct err *e);

/* The row "model" of the worker's jobs. */
bool model_job(struct worker *w, struct err *e);
#endif
