#ifndef BASE_YAML_MERGE_H
#define BASE_YAML_MERGE_H
/* Merge keys; for yaml.c. SPEC: YAML 1.1 "Merge Key Language-Independent Type" */
#include "base/value.h"

/* yaml_merge_map(map, at, a) takes the merge key out of a map that is not shared yet, and appends
 * what its value brings: the members of a map, or of a list of maps, whose keys are not there
 * already; the first of a key stays. False, and no change, when that value is something else. */
MUST_CHECK bool yaml_merge_map(struct value *map, size_t at, struct arena *a);
#endif
