#ifndef POLICIES_CEL_CEL_FORMAT_H
#define POLICIES_CEL_CEL_FORMAT_H
/* SPEC: cel-spec doc/extensions/strings.md, "Format" and "Quote". */
#include "policies/cel/cel_run.h"

/* cel_format_text(r, format, list): %s %d %f %.3f %e %b %x %X %o %% with the items of `list`. */
struct cel_value cel_format_text(struct cel_run *r, struct cel_value format, struct cel_value list);

struct cel_value cel_format_quote(struct cel_run *r, struct cel_value text);
#endif
