#include "policies/iam/escalate/iam_escalate.h"

#include <stdlib.h>

#include "policies/iam/escalate/iam_chain.h"
#include "policies/iam/compare/iam_compare.h"

/* What was found of one principal. */
struct memory {
    const struct iam_party *party;
    struct iam_holder *holder;
    struct iam_ways_all *ways;
};

/* What is found out of a party of the account for one who asks. */
struct weighed {
    size_t round; /* for whom: the how-manieth; else nothing of it holds */
    bool asked;
    enum iam_answer more;
    const struct iam_path *taken; /* the last that leads there */
};

struct iam_escalate {
    struct iam_escalate_input in;
    struct arena *arena;
    struct iam_ways ways;
    struct memory *known;  /* of the account, by place */
    struct memory *others; /* not of the account */
    size_t nothers;
    struct weighed *weighed; /* of the account, by place */
    size_t rounds;           /* who asked so far */
};

struct iam_escalate *iam_escalate_new(const struct iam_escalate_input *in, struct arena *a)
{
    struct iam_escalate *x = ARENA_NEW(a, struct iam_escalate);

    x->in = *in;
    x->arena = a;
    x->ways =
        (struct iam_ways){.paths = in->paths, .account = in->account, .now = in->now, .arena = a};
    x->ways.most = in->most > 0 ? in->most : IAM_WAYS_KEPT;
    x->ways.enough = in->one ? IAM_WAYS_ENOUGH : 0;
    iam_ways_init(&x->ways);
    if (in->account != NULL) {
        x->known = ARENA_ARRAY(a, struct memory, in->account->n);
        x->weighed = ARENA_ARRAY(a, struct weighed, in->account->n);
    }
    return x;
}

struct iam_escalate_input iam_escalate_input_of(const struct iam_escalate *x)
{
    return x->in;
}

/* ---- what is remembered ---- */

static struct memory *memory_of(struct iam_escalate *x, const struct iam_party *p)
{
    const struct iam_account *acc = x->in.account;
    struct memory *m;

    if (acc != NULL && p >= acc->parties && p < acc->parties + acc->n)
        return &x->known[p - acc->parties];
    for (size_t i = 0; i < x->nothers; i++)
        if (x->others[i].party == p)
            return &x->others[i];
    m = ARENA_PUSH(x->arena, &x->others, &x->nothers);
    m->party = p;
    return m;
}

static struct iam_texts accounts_of(struct iam_escalate *x, const struct iam_party *p)
{
    const struct slice known =
        x->in.account != NULL ? x->in.account->number : (struct slice){NULL, 0};

    return iam_holder_accounts(p, known, x->arena);
}

static const struct iam_holder *holder_of(struct iam_escalate *x, const struct iam_party *p)
{
    struct memory *m = memory_of(x, p);

    if (m->holder == NULL) {
        m->holder = ARENA_NEW(x->arena, struct iam_holder);
        iam_holder_init(m->holder, p, accounts_of(x, p).items[0], x->in.now, x->arena);
    }
    return m->holder;
}

static bool among(const struct iam_ways_found *items, size_t n, const struct iam_path *path)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].path == path)
            return true;
    return false;
}

/* Adds the paths that are not found yet. */
static void merge(struct iam_escalate *x, struct iam_ways_all *to, const struct iam_ways_all *from)
{
    struct iam_ways_found *items = ARENA_ARRAY(x->arena, struct iam_ways_found, to->n + from->n);
    size_t n = 0, i = 0;

    for (size_t k = 0; k < from->n; k++) {
        while (i < to->n && to->items[i].path <= from->items[k].path)
            items[n++] = to->items[i++];
        if (!among(items, n, from->items[k].path))
            items[n++] = from->items[k];
    }
    while (i < to->n)
        items[n++] = to->items[i++];
    *to = (struct iam_ways_all){items, n, to->unknown || from->unknown};
}

static const struct iam_ways_all *ways_of(struct iam_escalate *x, const struct iam_party *p)
{
    const struct iam_holder *h = holder_of(x, p);
    const struct iam_texts accounts = accounts_of(x, p);
    struct memory *m = memory_of(x, p);

    if (m->ways != NULL)
        return m->ways;
    m->ways = ARENA_NEW(x->arena, struct iam_ways_all);
    iam_ways_find(&x->ways, h, m->ways);
    for (size_t i = 1; i < accounts.n; i++) {
        struct iam_holder other;
        struct iam_ways_all more;

        iam_holder_init(&other, p, accounts.items[i], x->in.now, x->arena);
        iam_ways_find(&x->ways, &other, &more);
        merge(x, m->ways, &more);
    }
    m->ways->unknown = m->ways->unknown || accounts.unknown;
    return m->ways;
}

/* ---- who holds more ---- */

/* One who asks, while the answer is put together. */
struct asking {
    struct iam_escalate *x;
    const struct iam_party *who;
    size_t ncompared;
    bool won; /* the path at hand leads to more already */
    struct iam_chains chains;
    struct iam_escalations *out;
};

static struct iam_limits limits_of(const struct iam_party *p)
{
    const bool bounded = p->boundary != NULL && (p->boundary->n > 0 || p->boundary->unknown);

    return (struct iam_limits){p->boundary, bounded};
}

/* Does the holder hold more than who asks? */
static enum iam_answer compare(struct asking *s, const struct iam_holder *h)
{
    const struct iam_party *p = h->party;
    const struct iam_compare_options opt = {.budget = IAM_COMPARE_BUDGET / 10,
                                            .known_actions = true,
                                            .typed_resources = true,
                                            .old_limits = limits_of(s->who),
                                            .new_limits = limits_of(p)};
    struct iam_comparison c;
    struct arena scratch;

    arena_init(&scratch);
    if (iam_holder_more(h, holder_of(s->x, s->who), &scratch)) {
        c.wider = IAM_YES;
    } else if (s->ncompared == IAM_ESCALATE_COMPARED) {
        c.wider = IAM_MAYBE;
    } else {
        s->ncompared++;
        iam_compare(&s->who->attached, &p->attached, &opt, &scratch, &c);
    }
    arena_release(&scratch);
    return c.wider;
}

/* `p` is of the account. */
static struct weighed *weighed(const struct asking *s, const struct iam_party *p)
{
    struct weighed *w = &s->x->weighed[p - s->x->in.account->parties];

    if (w->round != s->x->rounds)
        *w = (struct weighed){.round = s->x->rounds};
    return w;
}

static enum iam_answer more_than(struct asking *s, const struct iam_party *p)
{
    struct weighed *w = weighed(s, p);

    if (!w->asked) {
        w->more = holder_of(s->x, p)->admin ? IAM_YES : compare(s, holder_of(s->x, p));
        w->asked = true;
    }
    return w->more;
}

/* Who asks, as a member of the group: its own policies, denies too, and its boundary still hold. */
static const struct iam_holder *joined(struct asking *s, const struct iam_party *group)
{
    struct arena *a = s->x->arena;
    const struct iam_docs *own = &s->who->attached, *more = &group->attached;
    struct iam_doc *docs = ARENA_ARRAY(a, struct iam_doc, own->n + more->n);
    struct iam_party *p = ARENA_NEW(a, struct iam_party);
    struct iam_holder *h = ARENA_NEW(a, struct iam_holder);

    for (size_t i = 0; i < own->n; i++)
        docs[i] = own->items[i];
    for (size_t i = 0; i < more->n; i++)
        docs[own->n + i] = more->items[i];
    *p = *s->who;
    p->attached = (struct iam_docs){docs, own->n + more->n, own->unknown || more->unknown};
    iam_holder_init(h, p, slice_str(holder_of(s->x, s->who)->account), s->x->in.now, a);
    return h;
}

/* Does some chain begin there? */
static bool leads_on(const struct asking *s, const struct iam_party *p)
{
    for (size_t i = 0; i < s->chains.n; i++)
        if (s->chains.items[i].hops[0].to == p)
            return true;
    return false;
}

/* ---- one path ---- */

/* Is there such a thing, for all that is known? */
static bool is_known(const struct iam_ways_catch *c, size_t step)
{
    const enum iam_path_on on = c->route->way->steps[step].on;

    return c->sure && c->party != NULL && c->party->arn.len > 0 &&
           (iam_paths_target(on) || on == IAM_ON_ROLE_POLICY || iam_paths_own(on));
}

/* What the step may be done to: one that is known, else what the statement says, as it says it. */
static struct slice shown(struct arena *a, const struct iam_permit *p, size_t part, bool known)
{
    const struct iam_statement *st = p->parts[part].statement;
    const struct iam_statement one = {.effect = st->effect, .has_resource = true};

    for (size_t i = 0; i < st->resources.n && !known && !st->not_resource; i++) {
        struct iam_statement only = one;
        const struct iam_request r = {
            .resource = p->resource,
            .context = {.keys = p->parts[part].keys, .n = p->parts[part].nkeys, .open = true}};

        only.resources = (struct iam_texts){&st->resources.items[i], 1, false};
        if (iam_match_resource(p->parts[part].doc, &only, &r, a) != IAM_NO)
            return st->resources.items[i];
    }
    return p->resource;
}

static const struct iam_step *steps_of(struct arena *a, const struct iam_ways_catch *c)
{
    const struct iam_path_way *way = c->route->way;
    struct iam_step *steps = ARENA_ARRAY(a, struct iam_step, way->n);

    for (size_t i = 0; i < way->n; i++) {
        size_t k;
        const struct iam_permit *p = iam_ways_permit(c, i, &k);

        steps[i] = (struct iam_step){.action = way->steps[i].action,
                                     .resource = shown(a, p, k, is_known(c, i)),
                                     .doc = p->parts[k].doc,
                                     .statement = p->parts[k].statement,
                                     .allowed = p->parts[k].allowed,
                                     .keys = p->parts[k].keys,
                                     .nkeys = p->parts[k].nkeys};
    }
    return steps;
}

/* A catch that counts, with what its target is worth. */
struct weighty {
    const struct iam_ways_catch *c;
    struct iam_target target;
    unsigned rank; /* the higher the better */
    size_t at;     /* among the catches */
};

/* Sure before not, allowed before perhaps, administrators before more before perhaps more. */
static unsigned rank_of(const struct weighty *w)
{
    return (w->c->sure ? 16u : 0) + (w->c->allowed == IAM_YES ? 8u : 0) +
           (w->target.admin ? 4u : 0) + (unsigned)w->target.more;
}

/* Is there anything to win? Whoever acts on itself without winning everything wins what nobody
 * here can weigh: an older version of a policy. `enough`: an administrator is reached, and others
 * make no difference. */
static bool weigh(struct asking *s, const struct iam_path *path, bool enough, struct weighty *w)
{
    const struct iam_party *p = w->c->party;
    const bool other = p != NULL && p != s->who;
    const bool group = other && p->kind == IAM_ENTITY_GROUP;
    const struct iam_holder *then = group ? joined(s, p) : other ? holder_of(s->x, p) : NULL;

    w->target = (struct iam_target){.party = p, .more = IAM_MAYBE};
    if (path->everything || (other && then->admin))
        w->target = (struct iam_target){.party = p, .admin = true, .more = IAM_YES};
    else if (other && !(s->x->in.one && (s->won || !w->c->sure)))
        w->target.more = enough ? IAM_NO : group ? compare(s, then) : more_than(s, p);
    s->won = s->won || (w->c->sure && w->c->allowed == IAM_YES && w->target.more == IAM_YES);
    w->target.by = w->c->by;
    w->rank = rank_of(w);
    return w->target.more != IAM_NO || (p != NULL && !enough && leads_on(s, p));
}

static bool reaches_admin(struct asking *s, const struct iam_ways_found *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].sure && f->items[i].party != NULL && f->items[i].allowed == IAM_YES &&
            f->items[i].party != s->who && f->items[i].party->kind != IAM_ENTITY_GROUP &&
            holder_of(s->x, f->items[i].party)->admin)
            return true;
    return false;
}

static int by_rank(const void *x, const void *y)
{
    const struct weighty *a = x, *b = y;

    return a->rank != b->rank ? (a->rank < b->rank ? 1 : -1) : (a->at > b->at) - (a->at < b->at);
}

/* Those that count, best first; the number of them. */
static size_t sift(struct asking *s, const struct iam_ways_found *f, struct weighty *out)
{
    const bool enough = reaches_admin(s, f);
    size_t n = 0;

    s->won = false;
    for (size_t i = 0; i < f->n; i++) {
        out[n] = (struct weighty){.c = &f->items[i], .at = i};
        if (weigh(s, f->path, enough, &out[n]))
            n++;
    }
    if (n > 1)
        qsort(out, n, sizeof(out[0]), by_rank);
    return n;
}

/* Was the party told of this path? */
static bool told(struct asking *s, const struct iam_path *path, const struct iam_party *p)
{
    struct weighed *w = p != s->who ? weighed(s, p) : NULL;
    const bool again = w != NULL && w->taken == path;

    if (w != NULL)
        w->taken = path;
    return again;
}

static void take(struct asking *s, const struct iam_ways_found *f, struct iam_escalation *out)
{
    struct weighty *w = ARENA_ARRAY(s->x->arena, struct weighty, f->n);
    const size_t n = sift(s, f, w);
    struct iam_target *targets = ARENA_ARRAY(s->x->arena, struct iam_target, n);

    *out = (struct iam_escalation){.path = NULL};
    s->out->unknown = s->out->unknown || (f->cut && !s->won);
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        if (w[i].c->party != NULL && w[i].c->sure == w[0].c->sure &&
            w[i].c->allowed == w[0].c->allowed && !told(s, f->path, w[i].c->party))
            targets[out->ntargets++] = w[i].target;
    out->path = f->path;
    out->certainty = w[0].c->sure ? IAM_CONFIRMED : IAM_POSSIBLE;
    out->allowed = w[0].c->allowed;
    out->targets = targets;
    out->cut = f->cut;
    out->steps = steps_of(s->x->arena, w[0].c);
    out->nsteps = w[0].c->route->way->n;
}

/* ---- all ---- */

static const struct iam_holder *chain_holder(void *ctx, const struct iam_party *p)
{
    const struct asking *s = ctx;

    return holder_of(s->x, p);
}

static const struct iam_ways_all *chain_ways(void *ctx, const struct iam_party *p)
{
    const struct asking *s = ctx;

    return ways_of(s->x, p);
}

static enum iam_answer chain_more(void *ctx, const struct iam_party *p)
{
    const struct asking *s = ctx;

    return s->x->in.one ? IAM_NO : more_than(ctx, p); /* chains to administrators will do */
}

static void put_items(struct asking *s, const struct iam_ways_all *all)
{
    struct iam_escalation *found = ARENA_ARRAY(s->x->arena, struct iam_escalation, all->n);
    struct iam_escalation *items = ARENA_ARRAY(s->x->arena, struct iam_escalation, all->n);

    for (size_t i = 0; i < all->n; i++)
        take(s, &all->items[i], &found[i]);
    for (int certainty = IAM_CONFIRMED; certainty >= IAM_POSSIBLE; certainty--)
        for (size_t i = 0; i < all->n; i++)
            if (found[i].path != NULL && found[i].certainty == (enum iam_certainty)certainty)
                items[s->out->n++] = found[i];
    s->out->items = items;
}

void iam_escalate_ask(struct iam_escalate *x, const struct iam_party *who,
                      struct iam_escalations *out)
{
    struct asking s = {.x = x, .who = who, .out = out};
    const struct iam_chain_source source = {&s, chain_holder, chain_ways, chain_more};
    const struct iam_ways_all *all;

    *out = (struct iam_escalations){.admin = holder_of(x, who)->admin};
    if (out->admin)
        return;
    x->rounds++;
    all = ways_of(x, who);
    iam_chain_find(&source, who, x->arena, &s.chains);
    put_items(&s, all);
    out->chains = s.chains.items;
    out->nchains = s.chains.n;
    out->unknown = out->unknown || all->unknown || s.chains.unknown;
    for (size_t i = 0; i < out->n; i++)
        out->unknown = out->unknown || out->items[i].allowed != IAM_YES;
}
