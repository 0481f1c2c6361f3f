#ifndef GATE_HELP_PAGES_H
#define GATE_HELP_PAGES_H
/* The manual page and the shell completions, made from the command table. */
#include "base/buf.h"

void help_pages_man(struct buf *b);
MUST_CHECK bool help_pages_completion(const char *shell, struct buf *b, struct err *e);
#endif
