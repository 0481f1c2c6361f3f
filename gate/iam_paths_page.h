#ifndef GATE_IAM_PATHS_PAGE_H
#define GATE_IAM_PATHS_PAGE_H
/* The table of escalation paths as a page for people: docs/iam-escalations.md. */
#include "base/buf.h"
#include "policies/iam/escalate/iam_paths.h"

void iam_paths_page(const struct iam_paths *p, struct buf *out);
#endif
