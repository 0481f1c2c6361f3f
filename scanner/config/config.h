#ifndef SCANNER_CONFIG_CONFIG_H
#define SCANNER_CONFIG_CONFIG_H
/*
 * Configuration documents: text into a value tree (JSON or YAML by its first byte, positions kept), then facts. One line in configs.def a kind.
 */
#include "scanner/sink.h"

struct config_kind {
    const char *name;    /* "pipeline", "terraform", "cloudformation", "iam", "catalog" */
    const char *summary;
    const char *spec;
    bool (*probe)(const struct value *doc);             /* does the document look like one? */
    /* Tells facts; `doc` lives in `a`. False: the document as a whole is wrong, `e` has the line. */
    bool (*parse)(const struct value *doc, struct arena *a, struct sink *sink, struct err *e);
};

extern const struct config_kind *const config_table[]; /* ends with NULL */

/* config_scan(text, kind, a, sink, e): kind NULL probes (the answer is told in a notice). Also writes the ledger line. */
MUST_CHECK bool config_scan(struct slice text, const char *kind, struct arena *a, struct sink *sink, struct err *e);
#endif
