#ifndef POLICIES_CEL_CEL_COMPARE_H
#define POLICIES_CEL_CEL_COMPARE_H
/* SPEC: langdef "Equality", "Ordering". Numbers of all types stand on one line and are compared
 * without rounding. */
#include "policies/cel/cel_run.h"

/* cel_compare_equal(r, a, b): a bool; a gap when an unknown within decides; or r->stopped.
 * Different types are not equal. */
cel_binary_fn cel_compare_equal;
cel_binary_fn cel_compare_differ;
cel_binary_fn cel_compare_less;
cel_binary_fn cel_compare_less_equal;
cel_binary_fn cel_compare_greater;
cel_binary_fn cel_compare_greater_equal;
cel_binary_fn cel_compare_in; /* a in b */

/* cel_compare_order(a, b, out): < 0, 0, > 0 in `*out`; false when the types have no order or one
 * is NaN (then *nan). */
bool cel_compare_order(struct cel_value a, struct cel_value b, int *out, bool *nan);

static inline bool cel_compare_is_number(struct cel_value v)
{
    return v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_DOUBLE;
}
#endif
