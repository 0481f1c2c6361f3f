#include "policies/iam/escalate/iam_targets.h"

#include <stdlib.h>

/* Whose ARN is known. */
struct iam_targets_arn {
    struct slice arn;
    size_t party;
};

static int by_arn(const void *x, const void *y)
{
    const struct iam_targets_arn *a = x, *b = y;
    const int c = slice_cmp(a->arn, b->arn);

    return c != 0 ? c : (a->party > b->party) - (a->party < b->party);
}

static int by_place(const void *x, const void *y)
{
    const size_t *a = x, *b = y;

    return (*a > *b) - (*a < *b);
}

static void add(struct iam_targets_list *l, size_t party, struct arena *a)
{
    *(size_t *)ARENA_PUSH(a, &l->items, &l->n) = party;
}

/* Does the trust name anybody but services? Most roles are for a service, and everybody who asks
 * asks about all of them. */
static bool names_principals(const struct iam_doc *trust)
{
    for (size_t i = 0; trust != NULL && i < trust->n; i++) {
        const struct iam_statement *s = &trust->statements[i];

        if (s->not_principal || s->principals_unknown)
            return true;
        for (size_t k = 0; k < s->nprincipals; k++)
            if (s->principals[k].type != IAM_PRINCIPAL_SERVICE)
                return true;
    }
    return trust == NULL || trust->unknown;
}

static void make(struct iam_targets *t)
{
    t->made = true;
    for (size_t i = 0; t->account != NULL && i < t->account->n; i++) {
        const struct iam_party *p = &t->account->parties[i];

        if (p->kind == IAM_ENTITY_FILE)
            continue;
        add(&t->kinds[p->kind], i, t->arena);
        if (p->kind == IAM_ENTITY_ROLE && names_principals(p->trust))
            add(&t->taken, i, t->arena);
        if (p->arn.len > 0)
            *(struct iam_targets_arn *)ARENA_PUSH(t->arena, &t->arns, &t->narns) =
                (struct iam_targets_arn){p->arn, i};
    }
    if (t->narns > 1)
        qsort(t->arns, t->narns, sizeof(t->arns[0]), by_arn);
}

const struct iam_targets_list *iam_targets_of(struct iam_targets *t, enum iam_entity kind)
{
    if (!t->made)
        make(t);
    return &t->kinds[kind];
}

const struct iam_targets_list *iam_targets_taken(struct iam_targets *t)
{
    if (!t->made)
        make(t);
    return &t->taken;
}

/* Those of the kind whose ARN is `arn`. */
static void find(const struct iam_targets *t, struct slice arn, enum iam_entity kind,
                 struct iam_targets_list *out, struct arena *a)
{
    const struct iam_targets_arn key = {.arn = arn};
    size_t low = 0, high = t->narns;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (by_arn(&t->arns[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < t->narns && slice_eq(t->arns[low].arn, arn); low++)
        if (t->account->parties[t->arns[low].party].kind == kind)
            add(out, t->arns[low].party, a);
}

struct iam_texts iam_targets_named(struct iam_targets *t, const struct iam_docs *docs,
                                   enum iam_entity kind, struct arena *a)
{
    struct iam_targets_list found = {.n = 0};
    struct slice *arns;
    size_t n = 0;

    if (!t->made)
        make(t);
    for (size_t d = 0; d < docs->n; d++)
        for (size_t i = 0; i < docs->items[d].n; i++) {
            const struct iam_texts *texts = &docs->items[d].statements[i].resources;

            for (size_t k = 0; k < texts->n; k++)
                find(t, texts->items[k], kind, &found, a);
        }
    if (found.n > 1)
        qsort(found.items, found.n, sizeof(found.items[0]), by_place);
    arns = ARENA_ARRAY(a, struct slice, found.n);
    for (size_t i = 0; i < found.n; i++)
        if (i == 0 || found.items[i] != found.items[i - 1])
            arns[n++] = t->account->parties[found.items[i]].arn;
    return (struct iam_texts){arns, n, false};
}
