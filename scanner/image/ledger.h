#ifndef SCANNER_IMAGE_LEDGER_H
#define SCANNER_IMAGE_LEDGER_H
/* Ledger lines of whole documents: manifests, configurations, databases. */
#include "scanner/sink.h"

struct ledger_line {
    const char *path, *format, *digest;
    uint64_t bytes;
};

void ledger_parsed(struct sink *s, const struct ledger_line *line);
void ledger_ignored(struct sink *s, const struct ledger_line *line, const char *reason);
void ledger_gap(struct sink *s, const struct ledger_line *line, const struct err *e);
#endif
