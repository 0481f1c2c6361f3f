#ifndef SCANNER_FORMATS_PDF_PDF_DICT_H
#define SCANNER_FORMATS_PDF_PDF_DICT_H
/* What the dictionary of an object says of the stream behind it, gathered token by token. */
#include "scanner/formats/pdf/pdf_lex.h"

struct pdf_dict {
    unsigned depth, arrays; /* arrays within each other, of the outermost dictionary */
    uint8_t key[PDF_LEX_KEPT];
    size_t key_len;
    bool has_key; /* its value comes next */
    bool closed;  /* the last token ended the outermost dictionary */
    /* /ObjStm, /EmbeddedFile; one of the filters is not /FlateDecode; there are parameters */
    bool objects, embedded, coded, parameters;
    unsigned filters;
    bool sized; /* `length` is what /Length says itself */
    uint64_t length;
};

/* Takes the last token. */
void pdf_dict_take(struct pdf_dict *d, const struct pdf_lex *l);
#endif
