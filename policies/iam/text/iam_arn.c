#include "policies/iam/text/iam_arn.h"

/* Does it end in a `*` that is a wildcard? */
static bool runs_on(struct slice pattern)
{
    size_t escapes = 0;

    if (!slice_ends(pattern, "*"))
        return false;
    while (escapes + 1 < pattern.len && pattern.data[pattern.len - 2 - escapes] == '\\')
        escapes++;
    return escapes % 2 == 0;
}

struct iam_arn iam_arn_split(struct slice pattern, enum iam_arn_rule rule)
{
    struct iam_arn out = {.any = iam_glob_any(pattern)};
    size_t from = 0;

    for (size_t i = 0; i < pattern.len && out.n < 5; i++) {
        if (pattern.data[i] == '\\' && i + 1 < pattern.len) {
            i++;
            continue;
        }
        if (pattern.data[i] != ':')
            continue;
        out.field[out.n++] = (struct slice){pattern.data + from, i - from};
        from = i + 1;
    }
    out.field[out.n++] = slice_from(pattern, from);
    if (out.any)
        out.open = true;
    else if (out.n >= 2 && out.n < 6)
        out.open = rule == IAM_ARN_IDENTITY || runs_on(pattern);
    return out;
}

bool iam_arn_match(const struct iam_arn *pattern, struct slice arn)
{
    struct slice part;
    unsigned n = 0;

    if (pattern->any)
        return true;
    for (size_t i = 0, from = 0; n < pattern->n; i = from) {
        while (n < 5 && i < arn.len && arn.data[i] != ':')
            i++;
        if (n == 5)
            i = arn.len;
        part = slice_from(arn, from);
        part.len = i - from;
        if (!iam_glob_match(pattern->field[n], part, false))
            return false;
        n++;
        if (i >= arn.len)
            return n == pattern->n; /* an ARN of as many fields */
        from = i + 1;
    }
    return pattern->open;
}

bool iam_arn_overlap(const struct iam_arn *a, const struct iam_arn *b)
{
    if (a->any || b->any)
        return true;
    if ((a->n < b->n && !a->open) || (b->n < a->n && !b->open))
        return false;
    for (unsigned i = 0; i < a->n && i < b->n; i++)
        if (!iam_glob_overlap(a->field[i], b->field[i]))
            return false;
    return true;
}

bool iam_arn_covers(const struct iam_arn *a, const struct iam_arn *b)
{
    if (a->any)
        return true;
    if (b->any || a->n > b->n || (!a->open && (a->n != b->n || b->open)))
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (!iam_glob_covers(a->field[i], b->field[i]))
            return false;
    return true;
}
