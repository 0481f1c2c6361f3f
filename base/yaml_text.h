#ifndef BASE_YAML_TEXT_H
#define BASE_YAML_TEXT_H
/* Which characters YAML may hold; for yaml.c. Tested before libyaml, which tells no line for these.
 * SPEC: YAML 1.2.2 section 5.1 */
#include "base/value.h"

/* yaml_text_check(text, bad, why): strict UTF-8 and printable. When false, where the first other
 * byte stands, and what it is. */
MUST_CHECK bool yaml_text_check(struct slice text, struct value_at *bad, const char **why);
#endif
