#include "policies/iam/iam_compare.h"

#include "policies/iam/iam_difference.h"
#include "policies/iam/iam_outsider.h"

void iam_compare(const struct iam_docs *old, const struct iam_docs *new_docs,
                 const struct iam_compare_options *opt, struct arena *a, struct iam_comparison *out)
{
    const struct iam_difference d = {.old = old, .fresh = new_docs, .opt = opt};

    iam_difference_find(&d, a, out);
}

static bool asks(const void *self, const struct iam_caller *c)
{
    return iam_outsider_is(self, c);
}

static const char *who(const void *self, const struct iam_caller *c)
{
    return iam_outsider_who(self, c);
}

/* Against policies that allow nothing, by the requests of outsiders alone. */
void iam_compare_access(const struct iam_doc *policy, enum iam_access kind,
                        const struct iam_texts *accounts, struct arena *a,
                        struct iam_comparison *out)
{
    const struct iam_outsider o = {kind, accounts, a};
    const struct iam_compare_options opt = {0};
    const struct iam_docs nothing = {NULL, 0, false}, docs = {policy, 1, false};
    struct iam_difference d = {
        .old = &nothing, .fresh = &docs, .opt = &opt, .asks = asks, .who = who, .self = &o};

    d.nfences = iam_outsider_fences(&o, policy, &d.fences);
    iam_difference_find(&d, a, out);
}
