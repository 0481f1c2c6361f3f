#ifndef SCANNER_FORMATS_MAGIC_H
#define SCANNER_FORMATS_MAGIC_H
/* Formats that are recognised by their first bytes and not read: their
 * bytes stay unread in the ledger. */
#include "base/slice.h"

/* The format's name, or NULL. */
const char *magic_name(struct slice head);
#endif
