#ifndef BASE_YAML_SCALAR_H
#define BASE_YAML_SCALAR_H
/* What a plain scalar means; for yaml.c. SPEC: YAML 1.2.2 section 10.3.2 "Tag Resolution" of the
 * core schema */
#include "base/value.h"

/* yaml_scalar_plain(text, a, at, out): null, a bool, a number or else a string. An integer with
 * leading zeros stays a string, because it is a name. False for a number that fits neither int64
 * nor a double; the caller knows the line. */
MUST_CHECK bool yaml_scalar_plain(struct slice text, struct arena *a, const struct value_at *at,
                                  const struct value **out);

/* yaml_scalar_has_tag(tag): "null", "bool", "int" or "float", the tags of the core schema that
 * yaml_scalar_tagged reads. */
bool yaml_scalar_has_tag(const char *tag);

/* yaml_scalar_tagged(tag, ...): the same for a scalar with such a tag. False when the text is
 * something else; an integer is a float too. */
MUST_CHECK bool yaml_scalar_tagged(const char *tag, struct slice text, struct arena *a,
                                   const struct value_at *at, const struct value **out);
#endif
