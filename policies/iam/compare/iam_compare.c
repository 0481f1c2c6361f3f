#include "policies/iam/compare/iam_compare.h"

#include "policies/iam/compare/iam_clock.h"
#include "policies/iam/compare/iam_difference.h"
#include "policies/iam/compare/iam_outsider.h"

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

/* Fences, and what time it is. */
static size_t known(const struct iam_doc *policy, const struct iam_outsider *o, int64_t since,
                    const struct iam_literal **out)
{
    const struct iam_literal *fences, *clock;
    const size_t nfences = iam_outsider_fences(o, policy, &fences);
    const size_t nclock = iam_clock_literals(since, o->arena, &clock);
    struct iam_literal *all = ARENA_ARRAY(o->arena, struct iam_literal, nfences + nclock);

    for (size_t i = 0; i < nfences; i++)
        all[i] = fences[i];
    for (size_t i = 0; i < nclock; i++)
        all[nfences + i] = clock[i];
    *out = all;
    return nfences + nclock;
}

/* Against policies that allow nothing, by the requests of outsiders alone. */
static void access_of(const struct iam_doc *policy, const struct iam_outsider *o, int64_t since,
                      struct iam_comparison *out)
{
    const struct iam_compare_options opt = {.exempt_too = true};
    const struct iam_docs nothing = {NULL, 0, false}, docs = {policy, 1, false};
    struct iam_difference d = {
        .old = &nothing, .fresh = &docs, .opt = &opt, .asks = asks, .who = who, .self = o};

    d.nfences = known(policy, o, since, &d.fences);
    iam_difference_find(&d, o->arena, out);
}

/* The policy as it speaks of the resource that it belongs to, when an Allow does not tell that yet:
 * the Allow is about it, since AWS takes no other, and each Deny may be. false: none does so. */
static bool about_itself(const struct iam_doc *policy, struct arena *a, struct iam_doc *out)
{
    static const struct slice any = {(const uint8_t *)"*", 1};
    struct iam_statement *items = ARENA_ARRAY(a, struct iam_statement, policy->n);
    bool some = false;

    for (size_t i = 0; i < policy->n; i++) {
        struct iam_statement *s = &items[i];

        *s = policy->statements[i];
        if (s->effect != IAM_ALLOW)
            s->has_resource = false;
        else if (s->has_resource && s->resources.unknown && !s->not_resource)
            s->resources = (struct iam_texts){&any, 1, false};
        else
            continue;
        some = some || s->effect == IAM_ALLOW;
    }
    *out = *policy;
    out->statements = items;
    return some;
}

void iam_compare_access(const struct iam_doc *policy, const struct iam_access_question *q,
                        struct arena *a, struct iam_comparison *out)
{
    const struct iam_outsider o = {q->kind, q->accounts, a};
    struct iam_comparison itself;
    struct iam_doc *plain = ARENA_NEW(a, struct iam_doc), *doc = ARENA_NEW(a, struct iam_doc);

    iam_outsider_known(&o, policy, plain);
    access_of(plain, &o, q->since, out);
    if (out->wider != IAM_MAYBE || !about_itself(plain, a, doc))
        return;
    access_of(doc, &o, q->since, &itself);
    if (itself.wider != IAM_YES)
        return;
    itself.example.resource = SLICE_LIT("(not known yet)");
    *out = itself;
}
