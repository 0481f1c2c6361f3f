#ifndef GATE_IAM_LINT_PRINT_H
#define GATE_IAM_LINT_PRINT_H
/* What is wrong with one policy, for a terminal and as JSON. For `iam lint`. */
#include "gate/iam_print.h"
#include "policies/iam/lint/iam_lint.h"
#include "scanner/facts.h"

/* A policy, and where it stands. */
struct iam_lint_place {
    const char *file;
    const struct fact *fact; /* NULL: it is the file */
    uint32_t line;           /* of what has none of its own */
    bool text;               /* places inside it are not places of the file */
};

/* One line a finding, and one when there may be more. */
void iam_lint_print(struct buf *b, const struct iam_lint_place *at, const struct iam_lint *l,
                    bool color);
/* {"policy", of a fact also "file", "line", "resource", then "type", "complete", "findings"} */
void iam_lint_print_json(struct json_out *o, const struct iam_lint_place *at,
                         const struct iam_lint *l);
#endif
