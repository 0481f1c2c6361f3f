#ifndef GATE_IAM_VERB_H
#define GATE_IAM_VERB_H
/* The questions of `sallyport iam`: rows of iam_verbs.def, each a command of its own. */
#include "gate/command.h"
#include "policies/iam/document/iam_doc.h"

extern const struct command iam_verb_table[]; /* ends with a NULL name */

/*
 * iam_verb_document(path, a, out, e) reads a policy document of the operator (JSON, or YAML when
 * the first byte is neither '{' nor '['; "-" is standard input). An answer about policies in
 * another document's resources goes through the scanner instead. ERR_USAGE names file and line.
 */
MUST_CHECK bool iam_verb_document(const char *path, struct arena *a, struct iam_doc *out,
                                  struct err *e);

/* The same before it is read as a policy; before it is parsed. */
MUST_CHECK bool iam_verb_value(const char *path, struct arena *a, const struct value **out,
                               struct err *e);
MUST_CHECK bool iam_verb_text(const char *path, struct arena *a, struct slice *out, struct err *e);

/* ERR_USAGE when `v` is a plan, a template, a snapshot or another document with policies in it. */
MUST_CHECK bool iam_verb_is_policy(const char *path, const struct value *v, struct err *e);

/* JSON or YAML, as above. */
MUST_CHECK bool iam_verb_parse(struct slice text, struct arena *a, const struct value **out,
                               struct err *e);
#endif
