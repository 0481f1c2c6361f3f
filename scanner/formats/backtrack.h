#ifndef SCANNER_FORMATS_BACKTRACK_H
#define SCANNER_FORMATS_BACKTRACK_H
/*
 * Patterns that tokenizers run over each prompt with an engine that goes back: may one of them take
 * time that grows without bound? A guess over the text of the pattern, not a proof.
 */
#include "base/slice.h"

/* Why a pattern may explode: "a repeat within a repeat", ...; or NULL. Reads a pattern that is no
 * pattern as far as it can. */
const char *backtrack_risk(struct slice pattern);
#endif
