#include "policies/iam/account/iam_account.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policies/iam/account/iam_runner.h"
#include "policies/iam/account/iam_tie.h"

struct account {
    struct arena *arena;
    struct iam_attached *attached;
    struct iam_parties parties;
    struct iam_tie_result tied;
    size_t ndocs; /* put so far */
};

static int cmp(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int by_doc(const void *x, const void *y)
{
    const struct iam_attached_item *a = x, *b = y;

    return iam_attached_cmp(a->doc, b->doc);
}

static int by_fact(const void *x, const void *y)
{
    const struct fact *const *a = x, *const *b = y;

    return (*a > *b) - (*a < *b);
}

/* Sorted, each once. */
static void tidy_docs(struct iam_attached_list *l)
{
    size_t n = 0;

    if (l->n > 1)
        qsort(l->items, l->n, sizeof(l->items[0]), by_doc);
    for (size_t i = 0; i < l->n; i++)
        if (i == 0 || by_doc(&l->items[i], &l->items[n - 1]) != 0)
            l->items[n++] = l->items[i];
    l->n = n;
}

static int by_draft(const void *x, const void *y)
{
    const struct iam_party_group *a = x, *b = y;

    return (a->draft > b->draft) - (a->draft < b->draft);
}

static void tidy_groups(struct iam_party_draft *d)
{
    size_t n = 0;

    if (d->ngroups > 1)
        qsort(d->groups, d->ngroups, sizeof(d->groups[0]), by_draft);
    for (size_t i = 0; i < d->ngroups; i++)
        if (i == 0 || d->groups[i].draft != d->groups[n - 1].draft)
            d->groups[n++] = d->groups[i];
    d->ngroups = n;
}

/* Room for what one party has. */
struct room {
    struct iam_doc *docs;
    struct slice *managed;
    const struct fact **policies;
    struct iam_party *to;
};

static void put_policy(const struct iam_attached_doc *d, const struct room *room)
{
    if (d->fact != NULL)
        room->policies[room->to->npolicies++] = d->fact;
}

static void put_managed(struct account *acc, const struct iam_attached_doc *d,
                        const struct room *room)
{
    const struct slice arn = iam_attached_arn(d, acc->arena);

    if (arn.len > 0)
        room->managed[room->to->managed.n++] = arn;
}

/* What does not fit is unknown. */
static void put_docs(struct account *acc, const struct iam_party_draft *d, const struct room *room)
{
    struct iam_docs *out = &room->to->attached;

    for (size_t i = 0; i < d->docs.n; i++) {
        if (out->n == LIMIT_IAM_ATTACHED || acc->ndocs == LIMIT_IAM_ATTACHED_ALL) {
            out->unknown = true;
            return;
        }
        room->docs[out->n++] = d->docs.items[i].doc->doc;
        acc->ndocs++;
        put_managed(acc, d->docs.items[i].doc, room);
        put_policy(d->docs.items[i].doc, room);
    }
    out->unknown = out->unknown || d->unknown;
}

static void put_boundary(struct account *acc, struct iam_party_draft *d)
{
    struct iam_docs *boundary = ARENA_NEW(acc->arena, struct iam_docs);

    boundary->unknown = d->boundary == NULL;
    boundary->items = d->boundary != NULL ? &d->boundary->doc : NULL;
    boundary->n = d->boundary != NULL;
    d->party.boundary = boundary;
}

/* A group's policy may be attached to its member, too. */
static void tidy_policies(const struct room *room)
{
    size_t n = 0;

    if (room->to->npolicies > 1)
        qsort(room->policies, room->to->npolicies, sizeof(void *), by_fact);
    for (size_t i = 0; i < room->to->npolicies; i++)
        if (i == 0 || room->policies[i] != room->policies[n - 1])
            room->policies[n++] = room->policies[i];
    room->to->npolicies = n;
    room->to->policies = room->policies;
}

static void finish(struct account *acc, struct iam_party_draft *d)
{
    struct room room = {.to = &d->party};
    size_t n = d->docs.n;

    for (size_t i = 0; i < d->ngroups && n < LIMIT_IAM_ATTACHED; i++)
        n += d->groups[i].draft->docs.n;
    n = n < LIMIT_IAM_ATTACHED ? n : LIMIT_IAM_ATTACHED;
    room.docs = ARENA_ARRAY(acc->arena, struct iam_doc, n);
    room.managed = ARENA_ARRAY(acc->arena, struct slice, n);
    room.policies = ARENA_ARRAY(acc->arena, const struct fact *, n + 2);
    d->party.attached = (struct iam_docs){.items = room.docs};
    d->party.managed = (struct iam_texts){.items = room.managed};
    put_docs(acc, d, &room);
    for (size_t i = 0; i < d->ngroups; i++)
        put_docs(acc, d->groups[i].draft, &room);
    d->party.managed.unknown = d->party.attached.unknown;
    if (d->bounded)
        put_boundary(acc, d);
    if (d->boundary != NULL)
        put_policy(d->boundary, &room);
    if (d->trust != NULL) {
        d->party.trust = &d->trust->doc;
        put_policy(d->trust, &room);
    }
    tidy_policies(&room);
}

static int by_from(const void *x, const void *y)
{
    const struct iam_tie_loose *a = x, *b = y;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return iam_attached_cmp(a->doc, b->doc);
}

/* Documents that no principal of the run holds. */
static void add_loose(struct account *acc)
{
    const struct iam_attached_docs all = iam_attached_all(acc->attached);

    for (size_t i = 0; i < all.n; i++)
        if (!all.items[i].held && cmp(iam_attached_kind(&all.items[i]), "identity") == 0)
            *(struct iam_tie_loose *)ARENA_PUSH(acc->arena, &acc->tied.loose, &acc->tied.nloose) =
                (struct iam_tie_loose){all.items[i].fact, &all.items[i]};
    if (acc->tied.nloose > 1)
        qsort(acc->tied.loose, acc->tied.nloose, sizeof(acc->tied.loose[0]), by_from);
}

/* One party for each fact that brings such documents. */
static size_t put_loose(struct account *acc, struct iam_party *items)
{
    struct iam_doc *docs = ARENA_ARRAY(acc->arena, struct iam_doc, acc->tied.nloose);
    const struct fact **policies = ARENA_ARRAY(acc->arena, const struct fact *, acc->tied.nloose);
    size_t n = 0, npolicies = 0;

    for (size_t i = 0; i < acc->tied.nloose; i++) {
        const struct iam_tie_loose *l = &acc->tied.loose[i];

        docs[i] = l->doc->doc;
        if (i == 0 || l->from != acc->tied.loose[i - 1].from)
            items[n++] = (struct iam_party){.kind = IAM_ENTITY_FILE,
                                            .fact = l->from,
                                            .address = l->from->address,
                                            .attached = {.items = &docs[i]},
                                            .managed = {.unknown = true},
                                            .policies = &policies[npolicies]};
        items[n - 1].attached.n++;
        if (l->doc->fact == NULL)
            continue;
        policies[npolicies++] = l->doc->fact;
        items[n - 1].npolicies++;
    }
    return n;
}

static int by_party(const void *x, const void *y)
{
    const struct iam_party *a = x, *b = y;

    return (a->fact > b->fact) - (a->fact < b->fact);
}

static void put_groups(const struct account *acc, const struct iam_account *out,
                       struct iam_party *party)
{
    const struct iam_party_draft *d = iam_party_of(&acc->parties, party->fact);
    const struct iam_party **groups;

    if (d == NULL || d->ngroups == 0 || party->kind == IAM_ENTITY_FILE)
        return;
    groups = ARENA_ARRAY(acc->arena, const struct iam_party *, d->ngroups);
    for (size_t k = 0; k < d->ngroups; k++)
        groups[k] = iam_account_find(out, d->groups[k].draft->party.fact);
    party->groups = groups;
    party->ngroups = d->ngroups;
}

static void put_parties(struct account *acc, struct iam_account *out)
{
    struct iam_party *items =
        ARENA_ARRAY(acc->arena, struct iam_party, acc->parties.n + acc->tied.nloose);
    size_t n = acc->parties.n;

    for (size_t i = 0; i < acc->parties.n; i++)
        items[i] = acc->parties.drafts[i].party;
    n += put_loose(acc, items + n);
    if (n > 1)
        qsort(items, n, sizeof(items[0]), by_party);
    out->parties = items;
    out->n = n;
    for (size_t i = 0; i < n; i++)
        put_groups(acc, out, &items[i]);
}

/* The account of all that say one; empty when they differ. */
static struct slice number_of(const struct iam_account *acc)
{
    struct slice number = {0};

    for (size_t i = 0; i < acc->n; i++) {
        const struct slice n = iam_request_account(acc->parties[i].arn);

        if (n.len == 0)
            continue;
        if (number.len > 0 && !slice_eq(n, number))
            return (struct slice){0};
        number = n;
    }
    return number;
}

void iam_account_read_index(const struct host_index *ix, struct arena *a, struct iam_account *out)
{
    struct account acc = {.arena = a, .attached = iam_attached_new(ix, a)};

    *out = (struct iam_account){.n = 0};
    iam_party_collect(ix, a, &acc.parties);
    iam_tie_all(ix, acc.attached, &acc.parties, &acc.tied);
    add_loose(&acc);
    for (size_t i = 0; i < acc.parties.n; i++) {
        tidy_docs(&acc.parties.drafts[i].docs);
        tidy_groups(&acc.parties.drafts[i]);
    }
    for (size_t i = 0; i < acc.parties.n; i++)
        finish(&acc, &acc.parties.drafts[i]);
    put_parties(&acc, out);
    out->number = number_of(out);
    iam_runner_collect(&acc.parties, out);
}

void iam_account_read(const struct facts *f, struct arena *a, struct iam_account *out)
{
    iam_account_read_index(host_index_new(f, a), a, out);
}

static bool shown(const struct iam_party *p)
{
    return p->fact != NULL && cmp(p->fact->source, "aws-api") == 0;
}

bool iam_account_same(const struct iam_party *a, const struct iam_party *b)
{
    if (a == b || a->kind != b->kind || a->kind == IAM_ENTITY_FILE)
        return a == b;
    if (a->arn.len > 0 && b->arn.len > 0)
        return slice_eq(a->arn, b->arn);
    return shown(a) != shown(b) && a->name.len > 0 && slice_eq(a->name, b->name);
}

const struct iam_party *iam_account_find(const struct iam_account *acc, const struct fact *f)
{
    size_t low = 0, high = acc->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (acc->parties[mid].fact < f)
            low = mid + 1;
        else
            high = mid;
    }
    return low < acc->n && acc->parties[low].fact == f ? &acc->parties[low] : NULL;
}
