#ifndef SCANNER_FORMATS_PDF_PDF_LEX_H
#define SCANNER_FORMATS_PDF_PDF_LEX_H
/*
 * The tokens of a PDF, forward, of any length: what is longer than it is kept is only cut. Nothing
 * is malformed to this reader, as to those that show PDFs. SPEC: ISO 32000-1:2008, section 7.2.
 */
#include "scanner/formats/feed.h"

#define PDF_LEX_KEPT 128 /* bytes of a name or a word; names have at most 127 */

enum pdf_token {
    PDF_END,
    PDF_WORD, /* a number or a keyword */
    PDF_NAME, /* without its slash, #xx decoded */
    PDF_STRING,
    PDF_OPEN,  /* << */
    PDF_CLOSE, /* >> */
    PDF_ARRAY,
    PDF_ARRAY_END,
    PDF_OTHER, /* a brace, a bracket that closes nothing */
    PDF_EOF    /* the comment %%EOF */
};

struct pdf_lex {
    struct feed *feed;
    struct reader r;
    enum pdf_token token; /* the last one */
    uint64_t at;          /* where it begins */
    uint8_t text[PDF_LEX_KEPT];
    size_t len;
    /* Beginnings of objects ("12 0 obj") within what is data here, comments and strings: a table of
     * objects may place one there. */
    uint64_t hidden;
    unsigned state;
};

/* From `offset`, which the feed has not passed. */
void pdf_lex_init(struct pdf_lex *l, struct feed *feed, uint64_t offset);

/* The next token, in l->token; false only when the bytes cannot be read. */
MUST_CHECK bool pdf_lex_next(struct pdf_lex *l, struct err *e);

/* Is the last token this word? Is it a number of at most 18 digits? */
bool pdf_lex_is(const struct pdf_lex *l, const char *word);
bool pdf_lex_number(const struct pdf_lex *l, uint64_t *out);
struct slice pdf_lex_text(const struct pdf_lex *l);

/* One more byte of such data; l->state is 0 at its beginning. */
void pdf_lex_seek(struct pdf_lex *l, uint8_t c);

/* Moves behind the line end that follows the word "stream". */
MUST_CHECK bool pdf_lex_line(struct pdf_lex *l, struct err *e);
#endif
