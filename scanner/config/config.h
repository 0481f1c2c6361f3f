#ifndef SCANNER_CONFIG_CONFIG_H
#define SCANNER_CONFIG_CONFIG_H
/*
 * Configuration documents: text into a value tree (JSON or YAML by its first byte, positions
 * kept), then facts. One line in configs.def a kind. What is told, per kind:
 * docs/facts-config.md.
 */
#include "base/digest.h"
#include "scanner/config/doc.h"
#include "scanner/worker/worker.h"

struct config_kind {
    const char *name; /* "pipeline", "terraform", "cloudformation", "iam", "account", "catalog" */
    const char *summary;
    const char *spec;
    const char *format; /* as the ledger calls it: "terraform-plan" */
    bool many;          /* several YAML documents in one file: the root is the list of them */
    bool (*probe)(const struct value *doc); /* does the document look like one? */
    /* Tells facts, notices and gaps. False: the document as a whole is wrong, `e` has the line. */
    bool (*parse)(struct doc *d, struct err *e);
};

extern const struct config_kind *const config_table[]; /* ends with NULL */

/* One text on its way to facts; the last two are set by config_scan. */
struct config_text {
    struct slice bytes;
    const char *path; /* inside the input, or NULL: the input is this text */
    const char *kind; /* NULL probes; the answer is told in a notice */
    /* A map from trusted configuration, or NULL: parameters (cloudformation), taxonomy (catalog),
     * side: "before" (terraform: what is there before the plan is applied). */
    const struct value *params;
    const char *name;             /* out: the kind it was read as, or NULL */
    char digest[DIGEST_TEXT_MAX]; /* out: "sha256:…" of the bytes */
};

/* config_scan(t, a, sink, e): facts, notices and one ledger line. On false the ledger line says
 * that nothing was read, and why. */
MUST_CHECK bool config_scan(struct config_text *t, struct arena *a, struct sink *sink,
                            struct err *e);

/* The job "config". Params: kind (or absent: probed), and those of config_text. The input is
 * one file, or a folder: its *.json, *.yaml, *.yml and *.template are read in order of their
 * names, a ledger line "ignored" tells of each other file. A document that is wrong is a gap in
 * the ledger and the job goes on; false only when bytes could not be had. */
MUST_CHECK bool config_job(struct worker *w, struct err *e);
#endif
