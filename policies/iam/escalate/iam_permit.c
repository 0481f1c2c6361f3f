#include "policies/iam/escalate/iam_permit.h"

#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/solve/iam_candidates.h"
#include "policies/iam/evaluate/iam_side.h"
#include "policies/iam/escalate/iam_sketch.h"

/* A deny that must fail. */
struct refusal {
    size_t ask;
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    bool perhaps; /* whether it speaks of who asks cannot be told */
};

struct search {
    const struct iam_permit_who *who;
    const struct iam_permit_ask *asks;
    size_t n;
    const struct iam_permit_on *on;
    struct arena scratch;
    struct iam_budget budget;
    /* One a request; the first holds what is said about the resource by all of them. */
    struct iam_sketch *sketches;
    struct iam_permit_part *chosen;
    struct refusal *refusals;
    size_t nrefusals;
    struct arena *keep;
    struct iam_permit *out;
};

static bool is_service(const struct search *s)
{
    return !slice_starts(s->who->principal, "arn:");
}

/* ---- literals ---- */

static const struct iam_doc plain = {.name = ""};

/* Does the test that holds anyway say something about values as this one compares them? */
static bool concerns(const struct iam_test *given, const struct iam_test *t)
{
    return iam_glob_same(given->key, t->key) &&
           (given->op == IAM_NULL ||
            iam_candidates_family(given->op) == iam_candidates_family(t->op));
}

/* Tests that hold in any case and are about the key that comes in. */
static void push_given(struct search *s, size_t ask, struct iam_sketch *t, const struct iam_want *f)
{
    const struct iam_permit_ask *x = &s->asks[ask];

    for (size_t i = 0; i < s->who->ngiven; i++)
        if (f->test != NULL && concerns(&s->who->given[i], f->test))
            (void)iam_sketch_push(t, &(struct iam_want){&plain, NULL, &s->who->given[i], true});
    for (size_t i = 0; i < x->ngiven; i++)
        if (f->test != NULL && concerns(&x->given[i], f->test))
            (void)iam_sketch_push(t, &(struct iam_want){&plain, NULL, &x->given[i], true});
}

static enum iam_answer push(struct search *s, size_t ask, const struct iam_want *f)
{
    struct iam_sketch *t = &s->sketches[f->test == NULL ? 0 : ask];

    push_given(s, ask, t, f);
    return iam_sketch_push(t, f);
}

static size_t parts(const struct iam_doc *d, const struct iam_statement *st, bool holds,
                    struct iam_want *out)
{
    size_t n = 0;

    if (st->has_resource)
        out[n++] = (struct iam_want){d, st, NULL, holds};
    for (size_t i = 0; i < st->ntests; i++)
        out[n++] = (struct iam_want){d, st, &st->tests[i], holds};
    return n;
}

/* Where all sketches stand, to come back to. */
static size_t *mark(struct search *s)
{
    size_t *at = ARENA_ARRAY(&s->scratch, size_t, s->n);

    for (size_t i = 0; i < s->n; i++)
        at[i] = s->sketches[i].n;
    return at;
}

static void back(struct search *s, const size_t *at)
{
    for (size_t i = 0; i < s->n; i++)
        iam_sketch_pop(&s->sketches[i], at[i]);
}

/* ---- a request that is found ---- */

static struct iam_question question(const struct search *s, size_t ask, const struct iam_request *r)
{
    return (struct iam_question){.request = *r,
                                 .identity = s->who->identity,
                                 .boundary = s->who->boundary,
                                 .resource = s->asks[ask].policy};
}

static enum iam_answer decide(struct search *s, size_t ask, const struct iam_request *r)
{
    const struct iam_question q = question(s, ask, r);

    switch (iam_evaluate_decide(&q, &s->scratch)) {
    case IAM_ALLOWED:
        return IAM_YES;
    case IAM_UNDECIDED:
        return IAM_MAYBE;
    default:
        return IAM_NO;
    }
}

static bool is_known(const struct search *s, struct slice key)
{
    for (size_t i = 0; i < s->who->nkeys; i++)
        if (iam_glob_same(s->who->keys[i].name, key))
            return true;
    return false;
}

static struct iam_key copy_key(const struct iam_key *k, struct arena *a)
{
    struct slice *values = ARENA_ARRAY(a, struct slice, k->n);
    struct iam_key out = *k;

    for (size_t i = 0; i < k->n; i++)
        values[i] = arena_slice(a, k->values[i]);
    out.name = arena_slice(a, k->name);
    out.values = values;
    return out;
}

/* Is it allowed as before, and by the same statement? */
static bool same(struct search *s, size_t ask, const struct iam_request *r, enum iam_answer before)
{
    const struct iam_permit_part *c = &s->chosen[ask];

    return decide(s, ask, r) == before &&
           (before != IAM_YES ||
            iam_evaluate_statement(c->doc, c->statement, r, &s->scratch) == IAM_YES);
}

/* The keys that make a difference, in `keep`. */
static void need(struct search *s, size_t ask, struct iam_request r, struct iam_permit_part *out)
{
    const enum iam_answer now = decide(s, ask, &r);
    struct iam_key *kept;

    for (size_t i = r.context.n; i > 0; i--) {
        struct iam_key *keys = ARENA_ARRAY(&s->scratch, struct iam_key, r.context.n);
        struct iam_request less = r;
        size_t n = 0;

        for (size_t k = 0; k < r.context.n; k++)
            if (k != i - 1)
                keys[n++] = r.context.keys[k];
        less.context = (struct iam_context){.keys = keys, .n = n};
        if (same(s, ask, &less, now))
            r = less;
    }
    kept = ARENA_ARRAY(s->keep, struct iam_key, r.context.n);
    for (size_t i = 0; i < r.context.n; i++)
        if (!is_known(s, r.context.keys[i].name))
            kept[out->nkeys++] = copy_key(&r.context.keys[i], s->keep);
    out->keys = kept;
}

/* All statements are as they should be: make the requests, and ask the evaluator. */
static enum iam_answer leaf(struct search *s)
{
    struct iam_request *made = ARENA_ARRAY(&s->scratch, struct iam_request, s->n);
    enum iam_answer all = IAM_YES;

    for (size_t i = 0; i < s->n; i++) {
        if (iam_sketch_request(&s->sketches[i], &made[i]) == IAM_NO || made[i].resource.len == 0)
            return IAM_NO;
        made[i].resource = made[0].resource;
        made[i].action = s->asks[i].action;
        made[i].principal = s->who->principal;
        made[i].wildcard_only = made[0].wildcard_only;
        s->chosen[i].allowed = decide(s, i, &made[i]);
        if (s->chosen[i].allowed == IAM_NO) /* the sketch says otherwise: a variable, most likely */
            s->chosen[i].allowed = IAM_MAYBE;
        all = iam_side_both(all, s->chosen[i].allowed);
    }
    if (all <= s->out->allowed)
        return all;
    s->out->allowed = all;
    s->out->resource = arena_slice(s->keep, made[0].resource);
    for (size_t i = 0; i < s->n; i++) {
        s->out->parts[i] = s->chosen[i];
        need(s, i, made[i], &s->out->parts[i]);
    }
    return all;
}

/* ---- statements ---- */

static bool tests_unknown(const struct iam_statement *st)
{
    bool unknown = st->tests_unknown;

    for (size_t i = 0; i < st->ntests; i++)
        unknown = unknown || st->tests[i].values.unknown;
    return unknown;
}

/* Some part may fail that nobody can see yet. */
static bool may_fail(const struct iam_statement *st)
{
    return st->actions.unknown || st->resources.unknown || st->principals_unknown ||
           tests_unknown(st);
}

/* Every deny from `i` on must fail by one of its parts. */
static enum iam_answer fail_all(struct search *s, size_t i)
{
    enum iam_answer best = IAM_NO;
    const struct refusal *f;
    struct iam_want *facts;
    const size_t *at;
    size_t n;

    if (i == s->nrefusals)
        return leaf(s);
    if (s->budget.left == 0)
        return IAM_MAYBE;
    f = &s->refusals[i];
    at = mark(s);
    facts = ARENA_ARRAY(&s->scratch, struct iam_want, f->statement->ntests + 1);
    n = parts(f->doc, f->statement, false, facts);
    for (size_t k = 0; k < n && best != IAM_YES; k++) {
        if (push(s, f->ask, &facts[k]) != IAM_NO)
            best = iam_side_either(best, fail_all(s, i + 1));
        back(s, at);
    }
    if (best != IAM_YES && (f->perhaps || may_fail(f->statement)))
        best = iam_side_either(best, iam_side_both(IAM_MAYBE, fail_all(s, i + 1)));
    return best;
}

/* Can it match with what must hold so far? Each part for itself: cheap, and enough to leave out
 * what cannot. */
static bool can_match(struct search *s, const struct refusal *f)
{
    struct iam_want *facts = ARENA_ARRAY(&s->scratch, struct iam_want, f->statement->ntests + 1);
    const size_t n = parts(f->doc, f->statement, true, facts);
    const size_t *at = mark(s);
    bool can = true;

    for (size_t k = 0; k < n && can; k++) {
        can = push(s, f->ask, &facts[k]) != IAM_NO;
        back(s, at);
    }
    return can;
}

/* Does a statement of the resource's policy speak of who asks? */
static enum iam_answer meets(const struct search *s, const struct iam_statement *st)
{
    const struct iam_request r = {.principal = s->who->principal};
    const enum iam_principal_match m = iam_match_principal(st, &r);

    if (s->who->guessed || m == IAM_MATCH_MAYBE)
        return IAM_MAYBE;
    return m == IAM_MATCH_NONE ? IAM_NO : IAM_YES;
}

static void add_refusals(struct search *s, size_t ask, const struct iam_doc *d)
{
    for (size_t i = 0; i < d->n; i++) {
        struct refusal f = {ask, d, &d->statements[i], false};
        const bool own = d == s->asks[ask].policy;
        const enum iam_answer met = own ? meets(s, f.statement) : IAM_YES;
        size_t at;

        f.perhaps = met == IAM_MAYBE;
        if (f.statement->effect != IAM_DENY || met == IAM_NO ||
            iam_match_action(f.statement, s->asks[ask].action) == IAM_NO || !can_match(s, &f))
            continue;
        (void)ARENA_PUSH(&s->scratch, &s->refusals, &s->nrefusals);
        for (at = s->nrefusals - 1;
             at > 0 && s->refusals[at - 1].statement->ntests > f.statement->ntests; at--)
            s->refusals[at] = s->refusals[at - 1];
        s->refusals[at] = f;
    }
}

/* The denies that could match, those with fewest ways to fail first. */
static enum iam_answer no_deny(struct search *s)
{
    s->refusals = NULL;
    s->nrefusals = 0;
    for (size_t k = 0; k < s->n; k++) {
        for (size_t i = 0; i < s->who->identity.n; i++)
            add_refusals(s, k, &s->who->identity.items[i]);
        for (size_t i = 0; s->who->boundary != NULL && i < s->who->boundary->n; i++)
            add_refusals(s, k, &s->who->boundary->items[i]);
        if (s->asks[k].policy != NULL)
            add_refusals(s, k, s->asks[k].policy);
    }
    return fail_all(s, 0);
}

/* ---- what is not known ---- */

static bool doc_hides(const struct iam_doc *d, struct slice action)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->statements[i].effect == IAM_EFFECT_UNKNOWN &&
            iam_match_action(&d->statements[i], action) != IAM_NO)
            return true;
    return d->unknown;
}

static bool docs_hide(const struct iam_docs *docs, struct slice action)
{
    for (size_t i = 0; docs != NULL && i < docs->n; i++)
        if (doc_hides(&docs->items[i], action))
            return true;
    return docs != NULL && docs->unknown;
}

/* ---- who must allow ---- */

/* In this order; a side that has no say is passed over. */
enum side { SIDE_POLICY, SIDE_IDENTITY, SIDE_BOUNDARY, SIDE_END };

static enum iam_answer choose(struct search *s, size_t ask, enum side side);

/* One statement allows; go on with the side `next`. */
static enum iam_answer try_allow(struct search *s, const struct refusal *f, enum side next)
{
    const bool bounds = next == SIDE_END && f->doc != s->asks[f->ask].policy;
    struct iam_want *facts = ARENA_ARRAY(&s->scratch, struct iam_want, f->statement->ntests + 1);
    const size_t n = parts(f->doc, f->statement, true, facts);
    const size_t *at = mark(s);
    enum iam_answer best = IAM_YES;

    if (!bounds)
        s->chosen[f->ask] = (struct iam_permit_part){.doc = f->doc, .statement = f->statement};
    for (size_t k = 0; k < n && best != IAM_NO; k++)
        best = push(s, f->ask, &facts[k]);
    if (best != IAM_NO)
        best = choose(s, f->ask, next);
    back(s, at);
    return best;
}

/* A statement of the resource's policy: does it speak of the principal, and is that enough? SPEC:
 * IAM User Guide, "Evaluating identity-based policies with resource-based policies" */
static enum iam_answer try_policy(struct search *s, const struct refusal *f)
{
    const struct iam_request r = {.principal = s->who->principal};
    const enum iam_principal_match m = iam_match_principal(f->statement, &r);
    enum iam_answer best = IAM_NO;

    if (m == IAM_MATCH_NONE && !s->who->guessed)
        return IAM_NO;
    if (m != IAM_MATCH_ACCOUNT && m != IAM_MATCH_NONE)
        best = try_allow(s, f, m == IAM_MATCH_ROLE ? SIDE_BOUNDARY : SIDE_END);
    if (best != IAM_YES && !is_service(s))
        best = iam_side_either(best, try_allow(s, f, SIDE_IDENTITY));
    return best;
}

static enum iam_answer try_doc(struct search *s, size_t ask, const struct iam_doc *d,
                               enum side side)
{
    enum iam_answer best = IAM_NO;

    for (size_t i = 0; i < d->n && best != IAM_YES; i++) {
        const struct refusal f = {ask, d, &d->statements[i], false};

        if (f.statement->effect != IAM_ALLOW ||
            iam_match_action(f.statement, s->asks[ask].action) == IAM_NO)
            continue;
        best = iam_side_either(best, side == SIDE_POLICY ? try_policy(s, &f)
                                                         : try_allow(s, &f, side + 1));
    }
    return best;
}

/* What follows when all sides of one request allow. */
static enum iam_answer next_ask(struct search *s, size_t ask)
{
    return ask + 1 == s->n ? no_deny(s) : choose(s, ask + 1, SIDE_POLICY);
}

static enum iam_answer choose(struct search *s, size_t ask, enum side side)
{
    const struct iam_docs *docs = side == SIDE_IDENTITY ? &s->who->identity : s->who->boundary;
    enum iam_answer best = IAM_NO;

    if (s->budget.left == 0)
        return IAM_MAYBE;
    if (side == SIDE_POLICY)
        return s->asks[ask].policy != NULL ? try_doc(s, ask, s->asks[ask].policy, SIDE_POLICY)
                                           : choose(s, ask, SIDE_IDENTITY);
    if (side == SIDE_END || (side == SIDE_BOUNDARY && (docs == NULL || docs->n == 0)))
        return next_ask(s, ask);
    for (size_t i = 0; i < docs->n && best != IAM_YES; i++)
        best = iam_side_either(best, try_doc(s, ask, &docs->items[i], side));
    if (best == IAM_NO && side == SIDE_BOUNDARY && docs_hide(docs, s->asks[ask].action))
        best = next_ask(s, ask); /* what is hidden may allow it; the evaluator says so */
    return best;
}

/* ---- was it found out? ---- */

/* May the resource's policy have a say for the principal? */
static bool speaks(const struct search *s, const struct iam_permit_ask *ask)
{
    const struct iam_request r = {.principal = s->who->principal};

    for (size_t i = 0; i < ask->policy->n; i++)
        if (iam_match_action(&ask->policy->statements[i], ask->action) != IAM_NO &&
            (s->who->guessed ||
             iam_match_principal(&ask->policy->statements[i], &r) != IAM_MATCH_NONE))
            return true;
    return doc_hides(ask->policy, ask->action);
}

/* Was "no" found because something cannot be seen? */
static bool hidden(const struct search *s)
{
    bool hides = false;

    for (size_t i = 0; i < s->n; i++) {
        const struct iam_permit_ask *ask = &s->asks[i];

        if (ask->policy != NULL && !speaks(s, ask))
            return false;
        hides = hides || (ask->policy != NULL && doc_hides(ask->policy, ask->action));
        hides = hides || (!is_service(s) && (docs_hide(&s->who->identity, ask->action) ||
                                             docs_hide(s->who->boundary, ask->action)));
    }
    return hides;
}

/* ---- */

static const struct iam_key *fixed(struct search *s, size_t ask, size_t *n)
{
    const struct iam_permit_ask *x = &s->asks[ask];
    struct iam_key *keys = ARENA_ARRAY(&s->scratch, struct iam_key, s->who->nkeys + x->nkeys);

    *n = 0;
    for (size_t i = 0; i < x->nkeys; i++)
        keys[(*n)++] = x->keys[i];
    for (size_t i = 0; i < s->who->nkeys; i++)
        keys[(*n)++] = s->who->keys[i];
    return keys;
}

/* What is asked about. An action that nobody knows is asked about anything. */
static void set_arns(struct search *s, struct iam_sketch *t)
{
    struct slice *anything = ARENA_NEW(&s->scratch, struct slice);
    size_t number;

    *anything = SLICE_LIT("arn:?*:?*:*:*:?*");
    t->arns = s->on->patterns;
    if (t->arns.n > 0)
        return;
    t->star = true;
    t->arns = (struct iam_texts){anything, 1, false};
    if (!iam_actions_find(s->asks[0].action, &number))
        return;
    t->arns = iam_actions_resources(number, &s->scratch);
    t->star = t->arns.n == 0;
}

static void begin(struct search *s)
{
    struct iam_statement *st = ARENA_NEW(&s->scratch, struct iam_statement);

    s->sketches = ARENA_ARRAY(&s->scratch, struct iam_sketch, s->n);
    s->chosen = ARENA_ARRAY(&s->scratch, struct iam_permit_part, s->n);
    for (size_t i = 0; i < s->n; i++) {
        struct iam_sketch *t = &s->sketches[i];

        *t = (struct iam_sketch){.arena = &s->scratch, .budget = &s->budget, .star = i > 0};
        t->fixed = fixed(s, i, &t->nfixed);
    }
    set_arns(s, &s->sketches[0]);
    if (s->on->except.n == 0)
        return;
    *st = (struct iam_statement){.has_resource = true, .resources = s->on->except};
    (void)iam_sketch_push(&s->sketches[0], &(struct iam_want){&plain, st, NULL, false});
}

void iam_permit_find(const struct iam_permit_question *q, struct arena *a, struct iam_permit *out)
{
    struct search s = {
        .who = q->who, .asks = q->asks, .n = q->n, .on = q->on, .keep = a, .out = out};
    enum iam_answer found;

    *out = (struct iam_permit){.allowed = IAM_NO,
                               .parts = ARENA_ARRAY(a, struct iam_permit_part, q->n)};
    arena_init(&s.scratch);
    s.budget.left = IAM_PERMIT_BUDGET;
    begin(&s);
    found = choose(&s, 0, SIDE_POLICY);
    if (out->allowed == IAM_NO) {
        out->parts = NULL;
        out->blind = found == IAM_MAYBE || hidden(&s);
        out->allowed = out->blind ? IAM_MAYBE : IAM_NO;
    }
    arena_release(&s.scratch);
}
