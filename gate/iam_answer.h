#ifndef GATE_IAM_ANSWER_H
#define GATE_IAM_ANSWER_H
/* Whole answers of questions: as text for a terminal, or with --json as a document. */
#include "gate/call.h"
#include "gate/iam_print.h"
#include "policies/iam/evaluate/iam_evaluate.h"

/* About one request: sallyport/iam-can/v1. */
void iam_answer_verdict(struct call *c, const struct iam_question *q, const struct iam_verdict *v);

/* What a comparison found, and the status of it: a yes denies. JSON: `schema`, the answer under
 * `key`, the example or null, what is unknown. */
struct iam_answer_form {
    const char *schema, *key;
    struct iam_print_words words;
};
void iam_answer_comparison(struct call *c, const struct iam_answer_form *form,
                           const struct iam_comparison *got);
#endif
