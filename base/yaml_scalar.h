#ifndef BASE_YAML_SCALAR_H
#define BASE_YAML_SCALAR_H
/* What a plain scalar means; for yaml.c. SPEC: YAML 1.2.2 section 10.3.2 "Tag Resolution" of the core schema */
#include "base/value.h"

/* yaml_scalar_plain(text, a, at, out): null, a bool, a number or else a string. An integer with leading zeros stays a string, because it
 * is a name. False for a number that fits neither int64 nor a double; the caller knows the line. */
MUST_CHECK bool yaml_scalar_plain(struct slice text, struct arena *a, const struct value_at *at,
                                  const struct value **out);
#endif
