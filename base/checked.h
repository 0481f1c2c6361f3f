#ifndef BASE_CHECKED_H
#define BASE_CHECKED_H
/* Arithmetic that says when it does not fit; `*out` is untouched then. Also the one place where
 * text becomes numbers. */
#include "base/attr.h"
#include "base/slice.h"

MUST_CHECK static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *out)
{
    uint64_t v;

    if (__builtin_add_overflow(a, b, &v))
        return false;
    *out = v;
    return true;
}

MUST_CHECK static inline bool checked_mul(uint64_t a, uint64_t b, uint64_t *out)
{
    uint64_t v;

    if (__builtin_mul_overflow(a, b, &v))
        return false;
    *out = v;
    return true;
}

MUST_CHECK static inline bool checked_sub(uint64_t a, uint64_t b, uint64_t *out)
{
    if (b > a)
        return false;
    *out = a - b;
    return true;
}

/* checked_u64(s, max, out) reads all of `s` as decimal digits, at least one, no sign, no blanks, <=
 * max. */
MUST_CHECK bool checked_u64(struct slice s, uint64_t max, uint64_t *out);

/* checked_i64(s, out) the same with an optional leading '-'. */
MUST_CHECK bool checked_i64(struct slice s, int64_t *out);

/* checked_number(s): is all of `s` a JSON number? SPEC: RFC 8259 section 6 */
MUST_CHECK bool checked_number(struct slice s);

/* checked_double(s, out) reads such a number, rounded to the nearest double, whatever the locale.
 * False when `s` is no such number or is too large for a double; what is too small becomes zero. */
MUST_CHECK bool checked_double(struct slice s, double *out);

/* checked_hex(s, out, n) reads exactly 2*n lower- or upper-case hex digits into n bytes. */
MUST_CHECK bool checked_hex(struct slice s, uint8_t *out, size_t n);
#endif
