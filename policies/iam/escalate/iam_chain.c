#include "policies/iam/escalate/iam_chain.h"

/* Somebody who is reached, and how. */
struct node {
    const struct iam_party *party;
    size_t before; /* node that it was reached from; itself: the first */
    const struct iam_path *path;
    unsigned hops;
};

struct walk {
    const struct iam_chain_source *s;
    struct arena *arena;
    struct node *nodes;
    size_t n;
    struct iam_chain *chains;
    size_t nchains;
    unsigned least; /* hops to the nearest administrator; 0: none so far */
    bool unknown;
};

static bool seen(const struct walk *w, const struct iam_party *p)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->nodes[i].party == p)
            return true;
    return false;
}

/* From the first to node `at`, and one hop further when `last` is given. */
static void keep(struct walk *w, size_t at, const struct iam_hop *last, bool admin)
{
    const unsigned n = w->nodes[at].hops + (last != NULL);
    struct iam_hop *hops = ARENA_ARRAY(w->arena, struct iam_hop, n);
    unsigned i = n;

    if (n < 2)
        return;
    if (last != NULL)
        hops[--i] = *last;
    for (; i > 0; at = w->nodes[at].before) {
        const struct node *to = &w->nodes[at];

        hops[--i] = (struct iam_hop){w->nodes[to->before].party, to->party, to->path};
    }
    if (w->nchains < IAM_ESCALATE_CHAINS)
        *(struct iam_chain *)ARENA_PUSH(w->arena, &w->chains, &w->nchains) =
            (struct iam_chain){hops, n, admin};
}

static void reach(struct walk *w, size_t from, const struct iam_ways_found *by,
                  const struct iam_party *p)
{
    const struct iam_holder *h;
    struct node *node;

    if (p->kind == IAM_ENTITY_GROUP || p->kind == IAM_ENTITY_FILE || seen(w, p))
        return;
    if (w->n == IAM_ESCALATE_PARTIES) {
        w->unknown = true;
        return;
    }
    node = ARENA_PUSH(w->arena, &w->nodes, &w->n);
    *node = (struct node){p, from, by->path, w->nodes[from].hops + 1};
    h = w->s->holder(w->s->ctx, p);
    if (h->admin) {
        w->least = w->least == 0 ? node->hops : w->least;
        keep(w, w->n - 1, NULL, true);
    }
}

/* Gives the principal at `from` itself everything? */
static void crown(struct walk *w, size_t from, const struct iam_ways_found *by,
                  const struct iam_party *to)
{
    const struct iam_hop last = {w->nodes[from].party, to, by->path};

    if (w->least != 0 && w->nodes[from].hops + 1 > w->least)
        return;
    w->least = w->nodes[from].hops + 1;
    keep(w, from, &last, true);
}

static void expand(struct walk *w, size_t from)
{
    const struct iam_ways_all *all = w->s->ways(w->s->ctx, w->nodes[from].party);
    bool crowned = false;

    w->unknown = w->unknown || all->unknown;
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < all->items[i].n; k++) {
            const struct iam_ways_catch *c = &all->items[i].items[k];

            if (!c->sure || c->party == NULL || c->allowed != IAM_YES)
                continue;
            if (!all->items[i].path->everything) {
                reach(w, from, &all->items[i], c->party);
            } else if (!crowned) {
                crown(w, from, &all->items[i], c->party);
                crowned = true;
            }
        }
}

/* No administrator is reached: then those who hold more. */
static void keep_others(struct walk *w)
{
    for (size_t i = 1; i < w->n && w->nchains < IAM_ESCALATE_CHAINS; i++)
        if (w->nodes[i].hops > 1 && w->s->more(w->s->ctx, w->nodes[i].party) != IAM_NO)
            keep(w, i, NULL, false);
}

void iam_chain_find(const struct iam_chain_source *s, const struct iam_party *who, struct arena *a,
                    struct iam_chains *out)
{
    struct walk w = {.s = s, .arena = a};

    *(struct node *)ARENA_PUSH(a, &w.nodes, &w.n) = (struct node){.party = who};
    for (size_t i = 0; i < w.n && (w.least == 0 || w.nodes[i].hops < w.least); i++)
        if (i == 0 || !s->holder(s->ctx, w.nodes[i].party)->admin)
            expand(&w, i);
    if (w.least == 0)
        keep_others(&w);
    *out = (struct iam_chains){w.chains, w.nchains, w.unknown};
}
