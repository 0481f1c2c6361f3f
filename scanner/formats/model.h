#ifndef SCANNER_FORMATS_MODEL_H
#define SCANNER_FORMATS_MODEL_H
/*
 * The worker's job "model": every entry of a dir: or file: input, in the order of the list. Params:
 * "imports" (the tree of rules/detectors/imports.yaml). Facts: docs/facts-model.md.
 */
#include "scanner/worker/worker.h"

/* What the job needs of its surroundings; the worker gives it, tests give their own. */
struct model_io {
    void *ctx;
    size_t n;
    const struct input_entry *(*entry)(void *ctx, size_t i);
    bool (*open)(void *ctx, size_t i, int *fd, struct err *e); /* lends the descriptor */
    void (*progress)(void *ctx, uint64_t done);                /* may be NULL */
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
