#ifndef SCANNER_FORMATS_JINJA_JINJA_H
#define SCANNER_FORMATS_JINJA_JINJA_H
/* Jinja templates of a model, as `model.template` facts. SPEC: docs/facts-model.md */
#include "scanner/formats/format.h"

/* Where a template stands. */
struct jinja_place {
    const char *key; /* in the file: "tokenizer.chat_template", "/chat_template/0", or "" for all */
    const char *format; /* of the file: "json", "gguf", ... */
    uint64_t offset;    /* of the template in the file, or ERR_NO_OFFSET */
};

/* One template. False when it could not be read as one: `e` says why, and the fact says so too. */
MUST_CHECK bool jinja_tell(const struct format_input *in, struct slice text,
                           const struct jinja_place *at, struct err *e);

/* Does a text look as if it held a template? */
bool jinja_plausible(struct slice text);
#endif
