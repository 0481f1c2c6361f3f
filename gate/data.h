#ifndef GATE_DATA_H
#define GATE_DATA_H
/* The data files that jobs need, from the built-in rules or from --rules DIR: read by the
 * parent, told to workers as parameters. */
#include "base/value.h"
#include "policies/iam/escalate/iam_paths.h"

struct data {
    const struct value *imports;  /* rules/detectors/imports.yaml: the whole document */
    const struct value *paths;    /* rules/detectors/paths.yaml */
    const struct value *taxonomy; /* list of data category ids, from rules/taxonomy */
};

/* The paths of privilege escalation: rules/iam/escalations.yaml, in the same way. */
MUST_CHECK bool data_escalations(const char *rules_dir, struct arena *a, struct iam_paths *out,
                                 struct err *e);

MUST_CHECK bool data_read(const char *rules_dir, struct arena *a, struct data *out, struct err *e);
#endif
