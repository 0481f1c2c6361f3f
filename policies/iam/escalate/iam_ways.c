#include "policies/iam/escalate/iam_ways.h"

#include <string.h>

#include "policies/iam/account/iam_runner.h"
#include "policies/iam/evaluate/iam_side.h"
#include "policies/iam/escalate/iam_step_group.h"
#include "policies/iam/escalate/iam_worth.h"

/* PassRole on a party for a service, asked once by one who asks. The room is that of whoever asked
 * before. */
struct iam_ways_passing {
    struct slice service;
    struct iam_ways_passed {
        size_t round; /* of who asks; another: not asked */
        const struct iam_permit *permit;
    } * parties;
};

/* How policies may name a party, as seen from an account and partition. */
struct iam_ways_name {
    const char *account, *partition; /* NULL: not asked yet */
    struct iam_texts texts;
};

/* Those of the account whom the policies of one who asks name. */
struct known {
    bool made;
    struct iam_texts arns;
};

struct find {
    struct iam_ways *w;
    const struct iam_holder *h;
    const struct iam_path *path;
    const struct iam_path_way *way;
    struct slice service;
    struct iam_ways_route *route;
    struct iam_ways_catch *catches;
    size_t ncatches, nsure; /* of them, sure and allowed */
    bool cut;               /* further targets of this path were not looked for */
    size_t trust;           /* place of the service among the trusts; NO_TRUST: not looked up */
    struct known known[IAM_ENTITY_FILE];
    size_t nasked; /* known targets */
    bool unknown;
};

static struct arena *arena_of(const struct find *f)
{
    return f->w->arena;
}

#define NO_TRUST SIZE_MAX

static void for_service(struct find *f, struct slice service)
{
    f->service = service;
    f->trust = NO_TRUST;
}

/* The `k`-th role that lets the service take it, or may do so. */
static bool trusting(struct find *f, size_t k, struct iam_trusts_role *out)
{
    if (f->w->account == NULL)
        return false;
    if (f->trust == NO_TRUST)
        f->trust = iam_trusts_service(&f->w->trusts, f->service);
    return iam_trusts_role(&f->w->trusts, f->h, f->trust, k, out);
}

/* ---- steps that share what they act on ---- */

/* Do the steps change who asks, who has no boundary? */
static bool unbounded(const struct find *f, const struct iam_step_group *g)
{
    return (g->on == IAM_ON_OWN_USER || g->on == IAM_ON_OWN_ROLE) && f->h->party->boundary == NULL;
}

/* The key without a value. */
static const struct iam_key no_boundary = {.name = SLICE_INIT("iam:PermissionsBoundary")};

/* Steps, on what, and the trust of that. */
struct question {
    const struct iam_step_group *g;
    const struct iam_permit_on *on;
    const struct iam_doc *trust;
};

static void ask(const struct find *f, const struct question *q, struct arena *a,
                struct iam_permit *out)
{
    const struct iam_step_group *g = q->g;
    struct iam_permit_ask asks[IAM_PATHS_STEPS_MAX];
    struct iam_key *passed = ARENA_NEW(a, struct iam_key);

    *passed = iam_request_single("iam:PassedToService", f->service, a);
    for (size_t i = 0; i < g->n; i++) {
        const struct slice action = f->way->steps[g->steps[i]].action;

        asks[i] = (struct iam_permit_ask){.action = action};
        asks[i].ngiven = iam_worth_tests(action, &asks[i].given);
        if (unbounded(f, g) && iam_worth_tells_boundary(action)) {
            asks[i].keys = &no_boundary;
            asks[i].nkeys = 1;
        }
        if (g->on == IAM_ON_ROLE && slice_is(action, "sts:AssumeRole"))
            asks[i].policy = q->trust;
        if (g->on != IAM_ON_PASSED_ROLE)
            continue;
        asks[i].keys = passed;
        asks[i].nkeys = 1;
    }
    iam_permit_find(&(struct iam_permit_question){&f->h->who, asks, g->n, q->on}, a, out);
}

/* What is not kept leaves nothing behind: every principal may be held against every other. */
static const struct iam_permit *permit(const struct find *f, const struct iam_step_group *g,
                                       const struct iam_permit_on *on, const struct iam_doc *trust)
{
    static const struct iam_permit closed = {.allowed = IAM_NO},
                                   blind = {.allowed = IAM_MAYBE, .blind = true};
    const struct question q = {g, on, trust};
    struct iam_permit first, *out;
    struct arena attempt;

    arena_init(&attempt);
    ask(f, &q, &attempt, &first);
    arena_release(&attempt);
    if (first.blind || first.allowed == IAM_NO)
        return first.blind ? &blind : &closed;
    out = ARENA_NEW(arena_of(f), struct iam_permit);
    ask(f, &q, arena_of(f), out);
    return out;
}

/* Everything that is no target. false: the way is closed. */
static bool open_route(struct find *f, const struct iam_step_group *groups, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct iam_step_group *g = &groups[i];
        const struct iam_path_step *s = &f->way->steps[g->steps[0]];
        const struct iam_permit *p;
        struct iam_permit_on on;

        if (iam_paths_target(g->on) || g->on == IAM_ON_ROLE_POLICY)
            continue;
        on = iam_holder_on(f->h, s, arena_of(f));
        f->unknown = f->unknown || on.patterns.unknown;
        if (on.patterns.n == 0 && g->on != IAM_ON_ANYTHING)
            return false;
        p = permit(f, g, &on, NULL);
        f->unknown = f->unknown || p->blind;
        if (p->allowed == IAM_NO || p->blind)
            return false;
        for (size_t k = 0; k < g->n; k++) {
            f->route->permits[g->steps[k]] = p;
            f->route->parts[g->steps[k]] = k;
        }
    }
    return true;
}

static enum iam_answer route_allowed(const struct find *f)
{
    enum iam_answer all = IAM_YES;

    for (size_t i = 0; i < f->way->n; i++)
        if (f->route->permits[i] != NULL)
            all = iam_side_both(all, f->route->permits[i]->allowed);
    return all;
}

static void put(struct find *f, const struct iam_ways_catch *c)
{
    struct iam_ways_catch *out = ARENA_PUSH(arena_of(f), &f->catches, &f->ncatches);

    *out = *c;
    out->route = f->route;
    out->allowed = iam_side_both(out->allowed, route_allowed(f));
    f->nsure += out->sure && out->allowed == IAM_YES;
}

/* ---- without a target ---- */

/* The policy is one that is known to be there. */
static bool named_policy(struct slice arn)
{
    return !slice_ends(arn, ":policy/*");
}

static void to_self(struct find *f)
{
    bool sure = f->h->party->kind != IAM_ENTITY_FILE;

    for (size_t i = 0; i < f->way->n && sure; i++)
        if (f->way->steps[i].on == IAM_ON_OWN_POLICY) {
            const struct iam_texts own = iam_holder_policies(f->h, f->h->party, arena_of(f));

            sure = own.n > 0 && named_policy(own.items[0]);
        }
    put(f, &(struct iam_ways_catch){
               .party = sure ? f->h->party : NULL, .sure = sure, .allowed = IAM_YES});
}

/* Are as many found as anybody wants? */
static bool enough(struct find *f)
{
    if (f->w->enough == 0 || f->nsure < f->w->enough)
        return false;
    f->cut = true;
    return true;
}

/* A thing of the run whose role is known: the steps on such things are steps on this one. */
static void to_this(struct find *f, const struct iam_step_group *g, const struct iam_runner *r)
{
    struct iam_ways_route *route = f->route, *own = ARENA_NEW(arena_of(f), struct iam_ways_route);
    struct slice *arn = ARENA_NEW(arena_of(f), struct slice);
    const struct iam_permit_on on = {.patterns = {arn, 1, false}};
    const struct iam_permit *p;

    if (f->nasked == IAM_WAYS_TARGETS) {
        f->unknown = true;
        return;
    }
    f->nasked++;
    *arn = iam_runner_arn(
        r, iam_holder_on(f->h, &f->way->steps[g->steps[0]], arena_of(f)).patterns.items[0],
        arena_of(f));
    p = permit(f, g, &on, NULL);
    f->unknown = f->unknown || p->blind;
    if (p->allowed == IAM_NO || p->blind)
        return;
    *own = *route;
    for (size_t k = 0; k < g->n; k++) {
        own->permits[g->steps[k]] = p;
        own->parts[g->steps[k]] = k;
    }
    f->route = own;
    put(f,
        &(struct iam_ways_catch){.party = r->role, .sure = true, .allowed = p->allowed, .by = r});
    f->route = route;
}

static void to_known(struct find *f, const struct iam_step_group *groups, size_t n)
{
    const struct iam_account *acc = f->w->account;

    for (size_t i = 0; acc != NULL && i < acc->nrunners && !enough(f); i++) {
        const struct iam_runner *r = &acc->runners[i];

        for (size_t k = 0; k < n; k++)
            if (groups[k].on == IAM_ON_OBJECT && strcmp(groups[k].object->name, r->object) == 0 &&
                !iam_account_same(r->role, f->h->party))
                to_this(f, &groups[k], r);
    }
}

/* Something that runs as a role: of what the run shows, it is known which; of others, only which it
 * may be. */
static void to_runner(struct find *f, const struct iam_step_group *groups, size_t n)
{
    struct iam_trusts_role role;

    to_known(f, groups, n);
    put(f, &(struct iam_ways_catch){.allowed = IAM_YES});
    if (f->w->enough > 0) /* of whom one will do, nobody is as good as any */
        return;
    for (size_t k = 0; f->service.len > 0 && trusting(f, k, &role); k++) {
        const struct iam_party *p = &f->w->account->parties[role.party];

        if (role.answer == IAM_YES && !iam_account_same(p, f->h->party))
            put(f, &(struct iam_ways_catch){.party = p, .allowed = IAM_YES});
    }
}

/* ---- with one ---- */

static bool assumes(const struct find *f, const struct iam_step_group *g)
{
    for (size_t i = 0; g->on == IAM_ON_ROLE && i < g->n; i++)
        if (slice_is(f->way->steps[g->steps[i]].action, "sts:AssumeRole"))
            return true;
    return false;
}

static enum iam_entity kind_of(enum iam_path_on on)
{
    return on == IAM_ON_USER    ? IAM_ENTITY_USER
           : on == IAM_ON_GROUP ? IAM_ENTITY_GROUP
                                : IAM_ENTITY_ROLE;
}

static struct iam_ways_passed *passed(struct find *f, size_t party)
{
    struct iam_ways *w = f->w;
    struct iam_ways_passing *p;

    for (size_t i = 0; i < w->npassings; i++)
        if (slice_eq(w->passings[i].service, f->service))
            return &w->passings[i].parties[party];
    p = ARENA_PUSH(w->arena, &w->passings, &w->npassings);
    p->service = f->service;
    p->parties = ARENA_ARRAY(w->arena, struct iam_ways_passed, w->account->n);
    return &p->parties[party];
}

/* PassRole alone is asked of many paths. */
static const struct iam_permit *pass(struct find *f, const struct iam_step_group *g, size_t party,
                                     const struct iam_permit_on *on)
{
    struct iam_ways_passed *p;

    if (g->n != 1)
        return permit(f, g, on, NULL);
    p = passed(f, party);
    if (p->round != f->w->round)
        *p = (struct iam_ways_passed){f->w->round, permit(f, g, on, NULL)};
    return p->permit;
}

/* Is who asks in the group already? */
static bool member(const struct find *f, const struct iam_party *group)
{
    for (size_t i = 0; i < f->h->party->ngroups; i++)
        if (f->h->party->groups[i] == group)
            return true;
    return false;
}

/* How policies may name a party. Those whose ARN is known are named alike by everybody. */
static struct iam_texts named(struct find *f, size_t i)
{
    struct iam_ways *w = f->w;
    const struct iam_party *p = &w->account->parties[i];
    struct iam_ways_name *name;

    if (w->names == NULL)
        w->names = ARENA_ARRAY(w->arena, struct iam_ways_name, w->account->n);
    name = &w->names[i];
    if (name->account == NULL ||
        (p->arn.len == 0 && (strcmp(name->account, f->h->account) != 0 ||
                             strcmp(name->partition, f->h->partition) != 0)))
        *name = (struct iam_ways_name){f->h->account, f->h->partition,
                                       iam_holder_of(f->h, p, w->arena)};
    return name->texts;
}

/* One party as the target. */
static void to_party(struct find *f, const struct iam_step_group *g,
                     const struct iam_step_group *policy, const struct iam_trusts_role *to)
{
    const struct iam_party *p = &f->w->account->parties[to->party];
    struct iam_ways_catch c = {.party = p, .sure = to->answer == IAM_YES, .allowed = IAM_YES};
    struct iam_permit_on on;

    if (iam_account_same(p, f->h->party) || member(f, p))
        return;
    if (f->nasked == IAM_WAYS_TARGETS) {
        f->unknown = true;
        return;
    }
    f->nasked++;
    on = (struct iam_permit_on){.patterns = named(f, to->party)};
    c.hit = g->on == IAM_ON_PASSED_ROLE ? pass(f, g, to->party, &on)
                                        : permit(f, g, &on, iam_trusts_of(p));
    f->unknown = f->unknown || c.hit->blind;
    if (c.hit->allowed == IAM_NO || c.hit->blind)
        return;
    c.allowed = c.hit->allowed;
    if (policy != NULL) {
        on.patterns = iam_holder_policies(f->h, p, arena_of(f));
        f->unknown = f->unknown || on.patterns.unknown;
        if (on.patterns.n == 0)
            return;
        c.policy = permit(f, policy, &on, NULL);
        if (c.policy->allowed == IAM_NO || c.policy->blind)
            return;
        c.allowed = iam_side_both(c.allowed, c.policy->allowed);
    }
    put(f, &c);
}

/* The trust of a role that nobody has seen: let it leave the decision to the account. */
static const struct iam_doc *any_trust(const struct find *f)
{
    struct iam_principal *p = ARENA_NEW(arena_of(f), struct iam_principal);
    struct iam_statement *st = ARENA_NEW(arena_of(f), struct iam_statement);
    struct iam_doc *d = ARENA_NEW(arena_of(f), struct iam_doc);
    struct slice *action = ARENA_NEW(arena_of(f), struct slice);

    *action = SLICE_LIT("sts:AssumeRole");
    *p = (struct iam_principal){IAM_PRINCIPAL_AWS, slice_str(f->h->account)};
    *st = (struct iam_statement){.effect = IAM_ALLOW,
                                 .has_principal = true,
                                 .actions = {action, 1, false},
                                 .principals = p,
                                 .nprincipals = 1};
    *d = (struct iam_doc){.name = "", .statements = st, .n = 1};
    return d;
}

static const struct iam_texts *known_of(struct find *f, enum iam_path_on on)
{
    struct known *k = &f->known[kind_of(on)];

    if (!k->made)
        k->arns =
            iam_targets_named(&f->w->targets, &f->h->party->attached, kind_of(on), arena_of(f));
    k->made = true;
    return &k->arns;
}

/* Somebody else than those who are known. Where a statement names somebody, nobody else is meant;
 * patterns always leave room for others. */
static void add_known(struct find *f, enum iam_path_on on, struct iam_permit_on *out)
{
    const struct iam_texts *k = known_of(f, on);
    struct slice *except = ARENA_ARRAY(arena_of(f), struct slice, out->except.n + k->n);
    size_t n = 0;

    for (size_t i = 0; i < out->except.n; i++)
        except[n++] = out->except.items[i];
    for (size_t i = 0; i < k->n; i++)
        except[n++] = k->items[i];
    out->except = (struct iam_texts){except, n, false};
}

static void to_others(struct find *f, const struct iam_step_group *g,
                      const struct iam_step_group *policy)
{
    struct iam_permit_on on = iam_holder_on(f->h, &f->way->steps[g->steps[0]], arena_of(f));
    struct iam_ways_catch c = {.allowed = IAM_YES};

    add_known(f, g->on, &on);
    c.hit = permit(f, g, &on, any_trust(f));
    f->unknown = f->unknown || c.hit->blind;
    if (c.hit->allowed == IAM_NO || c.hit->blind)
        return;
    c.allowed = c.hit->allowed;
    if (policy != NULL) {
        on = iam_holder_on(f->h, &f->way->steps[policy->steps[0]], arena_of(f));
        c.policy = permit(f, policy, &on, NULL);
        f->unknown = f->unknown || c.policy->blind;
        if (c.policy->allowed == IAM_NO || c.policy->blind)
            return;
        c.allowed = iam_side_both(c.allowed, c.policy->allowed);
    }
    put(f, &c);
}

/* ---- */

/* Could it be, by the actions alone? To assume a role takes no policy when the role's trust names
 * who asks. */
static bool worth_asking(const struct find *f)
{
    for (size_t i = 0; i < f->way->n; i++) {
        const struct iam_path_step *s = &f->way->steps[i];

        if (!iam_holder_fits(f->h, s->on) ||
            (!iam_holder_may(f->h, s->action) &&
             !(s->on == IAM_ON_ROLE && slice_is(s->action, "sts:AssumeRole"))))
            return false;
    }
    return true;
}

/* The `k`-th of those whom the steps may be done to, before they are asked about. */
static bool candidate(struct find *f, const struct iam_step_group *g, size_t k,
                      struct iam_trusts_role *out)
{
    const struct iam_targets_list *all;

    if (g->on == IAM_ON_PASSED_ROLE)
        return trusting(f, k, out);
    all = assumes(f, g) ? iam_targets_taken(&f->w->targets)
                        : iam_targets_of(&f->w->targets, kind_of(g->on));
    if (k >= all->n)
        return false;
    *out = (struct iam_trusts_role){all->items[k], IAM_YES};
    return true;
}

static void try_way(struct find *f)
{
    struct iam_step_group groups[IAM_PATHS_STEPS_MAX];
    struct iam_trusts_role to;
    const struct iam_step_group *target, *policy;
    size_t n;

    if (!worth_asking(f))
        return;
    f->route = ARENA_NEW(arena_of(f), struct iam_ways_route);
    *f->route = (struct iam_ways_route){.way = f->way, .service = f->service};
    n = iam_step_group_make(f->way, groups);
    if (!open_route(f, groups, n))
        return;
    target = iam_step_group_find(groups, n, true);
    policy = iam_step_group_find(groups, n, false);
    if (target == NULL && iam_step_group_self(f->way)) {
        to_self(f);
    } else if (target == NULL) {
        to_runner(f, groups, n);
    } else {
        for (size_t k = 0; candidate(f, target, k, &to) && !enough(f); k++)
            to_party(f, target, policy, &to);
        to_others(f, target, policy);
    }
}

static bool denies(const struct iam_docs *docs)
{
    for (size_t d = 0; d < docs->n; d++)
        for (size_t i = 0; i < docs->items[d].n; i++)
            if (docs->items[d].statements[i].effect != IAM_ALLOW)
                return true;
    return false;
}

static bool concerns(const struct iam_path *path, const struct iam_party *p)
{
    return path->when == IAM_WHEN_ALWAYS ||
           (path->when == IAM_WHEN_BOUNDARY ? p->boundary != NULL : denies(&p->attached));
}

static void try_path(struct find *f)
{
    const struct iam_texts *services = &f->path->services;

    f->catches = NULL;
    f->ncatches = 0;
    f->nsure = 0;
    f->cut = false;
    for (size_t i = 0; i < f->path->nways && concerns(f->path, f->h->party); i++) {
        f->way = &f->path->ways[i];
        for_service(f, (struct slice){NULL, 0});
        if (services->n == 0)
            try_way(f);
        for (size_t k = 0; k < services->n; k++) {
            for_service(f, services->items[k]);
            try_way(f);
        }
    }
}

void iam_ways_init(struct iam_ways *w)
{
    w->targets = (struct iam_targets){.account = w->account, .arena = w->arena};
    w->trusts =
        (struct iam_trusts){.account = w->account, .arena = w->arena, .targets = &w->targets};
}

void iam_ways_find(struct iam_ways *w, const struct iam_holder *h, struct iam_ways_all *out)
{
    struct find f = {.w = w, .h = h};
    struct iam_ways_found *items = NULL;

    *out = (struct iam_ways_all){.n = 0};
    w->round++;
    if (w->kept > w->most)
        w->enough = IAM_WAYS_ENOUGH;
    for (size_t i = 0; i < w->paths->n; i++) {
        f.path = &w->paths->items[i];
        try_path(&f);
        if (f.ncatches > 0)
            *(struct iam_ways_found *)ARENA_PUSH(w->arena, &items, &out->n) =
                (struct iam_ways_found){f.path, f.cut, f.catches, f.ncatches};
        w->kept += f.ncatches;
    }
    out->items = items;
    out->unknown = f.unknown;
}

const struct iam_permit *iam_ways_permit(const struct iam_ways_catch *c, size_t i, size_t *part)
{
    const struct iam_path_way *way = c->route->way;
    const enum iam_path_on on = way->steps[i].on;

    *part = c->route->parts[i];
    if (c->route->permits[i] != NULL)
        return c->route->permits[i];
    *part = 0;
    for (size_t k = 0; k < i; k++)
        *part += way->steps[k].on == on;
    return on == IAM_ON_ROLE_POLICY ? c->policy : c->hit;
}
