#ifndef POLICIES_BUILTIN_H
#define POLICIES_BUILTIN_H
/* The files under rules/ as they were when the program was built. The table is generated
 * (policies/tool/rules_build.c), sorted by name, ends with a NULL name. */
#include "base/arena.h"
#include "base/value.h"

struct builtin_file {
    const char *name; /* "rules/image/hardening.yaml" */
    const uint8_t *data;
    size_t len;
    const char *digest;  /* "sha256:..." of the data */
    const uint8_t *wire; /* its documents, read when the program was built, without rules' tests */
    size_t wire_len;
};

extern const struct builtin_file builtin_files[];

/* The documents of a built-in file as one list, the same that its text gives, but for the tests of
 * rules. In `a`. */
MUST_CHECK bool builtin_documents(const struct builtin_file *f, struct arena *a,
                                  const struct value **out, struct err *e);
#endif
