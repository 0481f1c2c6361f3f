#ifndef POLICIES_CEL_CEL_SELECT_H
#define POLICIES_CEL_CEL_SELECT_H
/* Fields and items. SPEC: langdef "Field Selection"; optionals: selecting from an optional gives
 * an optional. */
#include "policies/cel/cel_run.h"

cel_node_fn cel_select_field; /* args[0].value, or args[0].?value */
cel_node_fn cel_select_index; /* args[0][args[1]], or args[0][?args[1]] */
cel_node_fn cel_select_has;   /* has(args[0].value) */
#endif
