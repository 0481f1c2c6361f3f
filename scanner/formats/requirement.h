#ifndef SCANNER_FORMATS_REQUIREMENT_H
#define SCANNER_FORMATS_REQUIREMENT_H
/* What a model makes a package manager install, as `model.requirement` facts of the odd lines.
 * SPEC: pip 25, "Requirements File Format"; PEP 508 */
#include "scanner/formats/format.h"

struct requirement_teller {
    const struct format_input *in;
    size_t told;
};

/* "requirements.txt", "constraints.txt", "pyproject.toml", ...; `name` is in lower case. */
bool requirement_file(const char *name);

/* A whole file of that kind. */
void requirement_read(const struct format_input *in, const char *name, struct slice text);

/* One line of a requirements file, without its end. */
void requirement_line(struct requirement_teller *t, struct slice line, uint32_t number);

/* One fact. */
void requirement_tell(struct requirement_teller *t, const char *kind, struct slice text,
                      uint32_t line);
#endif
