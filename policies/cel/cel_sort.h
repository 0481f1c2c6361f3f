#ifndef POLICIES_CEL_CEL_SORT_H
#define POLICIES_CEL_CEL_SORT_H
#include "policies/cel/cel_run.h"

/* cel_sort_by(r, list, keys): the items of `list` (a map: its keys) in the order of `keys`, a list
 * of the same length: stable; the keys
 * must be of one orderable type, or numbers. */
struct cel_value cel_sort_by(struct cel_run *r, struct cel_value list, struct cel_value keys);
#endif
