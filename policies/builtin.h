#ifndef POLICIES_BUILTIN_H
#define POLICIES_BUILTIN_H
/* The files under rules/ as they were when the program was built. The table is generated
 * (policies/embed.sh), sorted by name, ends with a NULL name. */
#include <stddef.h>
#include <stdint.h>

struct builtin_file {
    const char *name; /* "rules/image/hardening.yaml" */
    const uint8_t *data;
    size_t len;
};

extern const struct builtin_file builtin_files[];
#endif
