#ifndef GATE_IAM_ANSWER_H
#define GATE_IAM_ANSWER_H
/* A verdict about one request, as text for a terminal and as JSON (sallyport/iam-can/v1). */
#include "base/buf.h"
#include "policies/iam/iam_evaluate.h"

void iam_answer_text(struct buf *out, const struct iam_verdict *v, bool color);
void iam_answer_json(struct buf *out, const struct iam_question *q, const struct iam_verdict *v);
#endif
