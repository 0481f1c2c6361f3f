#include "policies/iam/document/iam_gap.h"

#include <string.h>

/* "reference to Topic" of a template; in a plan, what mentions one ARN and nothing else: that,
 * maybe with a text behind it. */
static bool refers_to_one(const struct value_gap *gap)
{
    return gap->nrefs == 1 &&
           (slice_starts(gap->why, "reference to ") || slice_ends(gap->refs[0], ".arn") ||
            slice_ends(gap->refs[0], "_arn"));
}

struct slice iam_gap_shape(const struct value_gap *gap)
{
    const struct slice rest = slice_starts(gap->why, "text '")
                                  ? slice_from(gap->why, sizeof("text '") - 1)
                                  : (struct slice){0};
    const uint8_t *end = rest.len > 0 ? memchr(rest.data, '\'', rest.len) : NULL;

    return (struct slice){rest.data, end != NULL ? (size_t)(end - rest.data) : 0};
}

bool iam_gap_principal(const struct value_gap *gap, enum iam_principal_type type,
                       struct slice *name)
{
    const struct slice shape = iam_gap_shape(gap);
    const bool one = shape.len > 0 && memchr(shape.data, ':', shape.len) != NULL &&
                     memchr(shape.data, '*', shape.len) == NULL;

    *name = one ? shape : SLICE_LIT("${?}");
    switch (type) {
    case IAM_PRINCIPAL_SERVICE:
    case IAM_PRINCIPAL_CANONICAL:
        return true; /* there are none for everybody */
    case IAM_PRINCIPAL_AWS:
        return one || refers_to_one(gap) || slice_is(gap->why, "pseudo parameter AWS::AccountId");
    default:
        return one && slice_starts(shape, "arn:"); /* a provider: its host stands at the end */
    }
}

bool iam_gap_refers(const struct value *v)
{
    const size_t n = value_is(v, VALUE_LIST) ? value_len(v) : 1;
    bool some = false;

    for (size_t i = 0; i < n; i++) {
        const struct value *item = value_is(v, VALUE_LIST) ? value_item(v, i) : v;

        if (!value_is(item, VALUE_UNKNOWN))
            continue;
        if (!refers_to_one(item->as.gap))
            return false;
        some = true;
    }
    return some;
}
