#ifndef POLICIES_CEL_CEL_OPTIONAL_H
#define POLICIES_CEL_CEL_OPTIONAL_H
#include "policies/cel/cel_run.h"

cel_node_fn cel_optional_or;       /* args[0].or(args[1]) */
cel_node_fn cel_optional_or_value; /* args[0].orValue(args[1]) */
cel_node_fn cel_optional_map;      /* args[0].optMap(slot, args[1]) */
cel_node_fn cel_optional_flat_map; /* args[0].optFlatMap(slot, args[1]) */
#endif
