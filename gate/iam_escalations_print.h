#ifndef GATE_IAM_ESCALATIONS_PRINT_H
#define GATE_IAM_ESCALATIONS_PRINT_H
/* Escalations of one principal, for a terminal and as JSON. For `iam escalations`. */
#include "gate/iam_print.h"
#include "policies/iam/escalate/iam_escalate.h"

struct iam_escalations_style {
    bool color;
    bool all;       /* tell each possible way in full, and every target and chain */
    unsigned width; /* columns; below 40: 100 */
};

void iam_escalations_print(struct buf *b, const struct iam_party *who,
                           const struct iam_escalations *e,
                           const struct iam_escalations_style *style);

/* {"kind", "name", "arn", "address", "administrator", "unknown", "escalations", "chains"} */
void iam_escalations_print_json(struct json_out *o, const struct iam_party *who,
                                const struct iam_escalations *e);

/* How many of them are allowed for certain; of `certainty`. */
size_t iam_escalations_print_count(const struct iam_escalations *e, enum iam_certainty certainty,
                                   enum iam_answer allowed);
#endif
