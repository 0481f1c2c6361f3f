#ifndef SCANNER_CONFIG_DOC_HINT_H
#define SCANNER_CONFIG_DOC_HINT_H
/* What people give in place of a configuration document, and what to give instead. */
#include "base/slice.h"
#include "base/value.h"

/* Of bytes that no reader takes: the sentence that says what they look like, or NULL. */
const char *doc_hint_bytes(struct slice s);

/* Of a document of no known kind. Never NULL; lives in `a`. */
const char *doc_hint_document(const struct value *doc, struct arena *a);
#endif
