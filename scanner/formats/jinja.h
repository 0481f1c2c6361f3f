#ifndef SCANNER_FORMATS_JINJA_H
#define SCANNER_FORMATS_JINJA_H
/* Jinja templates of a model, as `model.template` facts. SPEC: docs/facts-model.md */
#include "scanner/formats/format.h"

/* One template: `key` says where in the file it stands ("chat_template", "/chat_template/0"), or is
 * empty for the whole file; `offset` is that of the template in the file, or ERR_NO_OFFSET. False
 * when it could not be read as a template: `e` says why, and the fact says so too. */
MUST_CHECK bool jinja_tell(const struct format_input *in, struct slice text, const char *key,
                           uint64_t offset, struct err *e);

/* Does a text look as if it held a template? */
bool jinja_plausible(struct slice text);
#endif
