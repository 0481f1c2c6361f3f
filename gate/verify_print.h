#ifndef GATE_VERIFY_PRINT_H
#define GATE_VERIFY_PRINT_H
/* What `verify` answers for one file. `answer` has the attributes of an attestation.result. */
#include "base/json_out.h"
#include "base/value.h"

/* One object and a newline: file, accepted, reason, text, keyid, statement. */
void verify_print_json(struct json_out *o, const struct value *answer, const char *path);

/* The same of a file that could not be opened. */
void verify_print_unread(struct json_out *o, const struct err *e, const char *path);

/* One line, escaped for a terminal. */
void verify_print_text(struct buf *b, const struct value *answer, const char *path);
#endif
