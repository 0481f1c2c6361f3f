#ifndef REPORTS_COLUMNS_H
#define REPORTS_COLUMNS_H
/*
 * How wide a terminal shows a text: two columns for ideographs, kana, hangul, full-width forms and
 * pictures, none for marks that stand on the letter before them, else one. SPEC: Unicode Standard
 * Annex 11, "East Asian Width"; ambiguous characters are narrow.
 */
#include "base/slice.h"

/* `text` is valid UTF-8 without controls, as base/escape.h makes it for a terminal. */
size_t columns_of(struct slice text);
#endif
