#ifndef SCANNER_FORMATS_DOCUMENT_H
#define SCANNER_FORMATS_DOCUMENT_H
/*
 * Documents: what JSON, YAML and UBJSON files of a model say to the programs that load it. A format
 * reads the bytes into one value; then each kind in documents.def that knows such a document tells
 * its facts. One line in documents.def a kind; several may tell of the same document.
 */
#include "scanner/formats/format.h"

struct json_pieces;

struct document_input {
    const struct format_input *in;
    const char *name;         /* lower-case file name, may be "" */
    const struct value *root; /* lives in in->scratch */
    /* lists of `root` that are empty because they were read in pieces; or NULL */
    struct json_pieces *pieces;
};

struct document {
    const char *name;    /* stable: "notebook" */
    const char *summary; /* one line */
    const char *spec;    /* the document that says what the keys mean */
    /* `model.file.format` of a document of this kind, or NULL: it stays "json" or "yaml" */
    const char *format;
    bool (*is)(const struct document_input *d);   /* looks at the name and at a few keys */
    void (*tell)(const struct document_input *d); /* facts through format_tell */
};

extern const struct document *const document_table[]; /* ends with NULL */

/* Everyone who knows the document tells; gives the first `format` there is, or NULL. */
const char *document_tell(const struct format_input *in, const struct value *root);
/* The same for a document that was read in pieces. */
const char *document_tell_pieces(const struct format_input *in, const struct value *root,
                                 struct json_pieces *pieces);
#endif
