#ifndef POLICIES_IAM_DOCUMENT_IAM_VARIABLES_H
#define POLICIES_IAM_DOCUMENT_IAM_VARIABLES_H
/* ${key} in policies. SPEC: IAM User Guide, "IAM policy elements: Variables and tags" */
#include "policies/iam/text/iam_glob.h"
#include "policies/iam/document/iam_request.h"

/*
 * iam_variables_replace(d, text, c, a, out): replaces ${key}, ${key, 'default'}, ${*}, ${?}, ${$}
 * by the context's single values, and gives a pattern (iam_glob.h) in which whatever
 * came from a value is literal, and no ':' of it divides the fields of an ARN. YES: done; NO: a key
 * is absent (or has several values) and has no default: what it stands in matches nothing; MAYBE: a
 * key is unknown, or its value is the empty text, which AWS may take for none. In documents without
 * variables the text stands for itself. `out` borrows from `text`, the context or `a`.
 */
enum iam_answer iam_variables_replace(const struct iam_doc *d, struct slice text,
                                      const struct iam_context *c, struct arena *a,
                                      struct slice *out);

/* Bytes of a text with its variables replaced; more is MAYBE. */
#define IAM_VARIABLES_BYTES (1u << 20)

/* Is there a variable in the text, other than ${*}, ${?} and ${$}? */
bool iam_variables_in(const struct iam_doc *d, struct slice text);

/* The text as a pattern with a `*` for each variable. `literal`: its own wildcards are letters.
 * Just "*" when it were longer than IAM_VARIABLES_BYTES. */
struct slice iam_variables_widen(struct slice text, bool literal, struct arena *a);

/* The same with each variable spelled in characters from U+F0000 on, so that it is equal to itself
 * and to nothing else: four bytes for one. For those who compare patterns whatever the variables
 * are. */
struct slice iam_variables_symbols(struct slice text, bool literal, struct arena *a);
#define IAM_VARIABLES_PLANE 0xf0000u

/* The text without the defaults of its variables; the text itself when there is none. Of two texts
 * that differ in this alone, the one without matches less. */
struct slice iam_variables_bare(struct slice text, struct arena *a);

/* The next variable at or behind `*at`: its key in `*key`, `*at` behind its '}'. For those who
 * want to know which keys a text hangs on. */
bool iam_variables_next(struct slice text, size_t *at, struct slice *key);
#endif
