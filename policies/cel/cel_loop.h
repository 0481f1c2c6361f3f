#ifndef POLICIES_CEL_CEL_LOOP_H
#define POLICIES_CEL_CEL_LOOP_H
/*
 * The macros that iterate. args[0] is a list or a map. With one variable (`slot`) it is the
 * item of a list or the key of a map; with two
 * (`slot`, `slot2`) they are index and item, or key and value. SPEC: langdef "Macros".
 */
#include "policies/cel/cel_run.h"

#define CEL_LOOP_ONE_VAR UINT16_MAX /* slot2 of the form with one variable */

cel_node_fn cel_loop_all;           /* args: range, predicate */
cel_node_fn cel_loop_exists;        /* args: range, predicate */
cel_node_fn cel_loop_exists_one;    /* args: range, predicate */
cel_node_fn cel_loop_filter;        /* args: range, predicate */
cel_node_fn cel_loop_map;           /* args: range, transform[, predicate] */
cel_node_fn cel_loop_transform_map; /* args: range, transform[, predicate] */
cel_node_fn cel_loop_map_entry;     /* args: range, transform to a map[, predicate] */
cel_node_fn cel_loop_sort_by;       /* args: range, key */
cel_node_fn cel_loop_bind;          /* args: values for the slots from `slot` on, then the body */
#endif
