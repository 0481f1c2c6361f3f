#ifndef POLICIES_CEL_CEL_NUMBER_H
#define POLICIES_CEL_CEL_NUMBER_H
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

#define CEL_NUMBER_TEXT_MAX 64

/* cel_number_text(d, out): the shortest decimal text that reads back as `d`; plain notation from
 * 1e-6 to 1e21; "NaN", "Infinity". */
void cel_number_text(double d, char out[CEL_NUMBER_TEXT_MAX]);

/* cel_number_read(s, out): all of `s` as a decimal number, or NaN, Inf, Infinity with a sign in
 * any case. False when it does not fit. */
MUST_CHECK bool cel_number_read(struct slice s, double *out);
#endif
