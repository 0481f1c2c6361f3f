#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H
/*
 * Untrusted text on its way to a sink; one function a sink. Each takes any bytes, also invalid
 * UTF-8.
 *   terminal: C0 and C1 controls, DEL, bidirectional controls, zero-width and line separators and
 *             bad bytes become \xNN or \u{NNNN};
 *             newline and tab too, so that one value stays on one line
 *   json:     without the quotes; see base/json_out.h
 *   html:     & < > " ' and the same invisible characters as terminal, as U+FFFD; safe in text and
 *             in quoted attributes; also valid XML 1.0
 */
#include "base/buf.h"

void escape_terminal(struct buf *b, struct slice s);
void escape_json(struct buf *b, struct slice s);
void escape_html(struct buf *b, struct slice s);
/* Plain text within a line or a cell of a table; line feeds become blanks. */
void escape_markdown(struct buf *b, struct slice s);

/* escape_next(s, at, &cp): decodes one code point of `s` at `*at` and moves on; a bad
 * byte gives cp = UINT32_MAX and moves one. */
void escape_next(struct slice s, size_t *at, uint32_t *cp);
#endif
