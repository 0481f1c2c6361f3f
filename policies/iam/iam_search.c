#include "policies/iam/iam_search.h"

/* What a step, a look at a statement and one at a whole request cost, in states of the budget. */
#define STEP_STATES 16u
#define CLAIM_STATES 1u
#define LEAF_STATES 128u
/* Statements that may be made to fail one below the other: bounds the recursion. */
#define DEPTH_MAX 4096u

struct search {
    struct iam_solver *t;
    const struct iam_claim **fail; /* those that could match at all */
    size_t nfail;
    const struct iam_leaf_test *leaf;
    size_t depth;
    bool maybe;
};

static bool spend(struct search *s, uint64_t states)
{
    struct iam_budget *b = s->t->budget;

    if (b->left < states || s->depth > DEPTH_MAX) {
        b->left = 0;
        s->maybe = true;
        return false;
    }
    b->left -= states;
    return true;
}

static int value(const struct search *s, const struct iam_term *term)
{
    const int v = s->t->values[term->atom];

    return term->is ? v : -v;
}

static void set(struct search *s, const struct iam_term *term, int to)
{
    s->t->values[term->atom] = term->is ? to : -to;
}

static bool possible(struct search *s, const struct iam_term *term)
{
    return iam_solver_check(s->t, s->t->atoms->items[term->atom].slot) != IAM_NO;
}

/* Terms that are open, when the statement may still match; SIZE_MAX: it fails already. */
static size_t open(const struct search *s, const struct iam_claim *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++) {
        const int v = value(s, &c->terms[i]);

        if (v < 0)
            return SIZE_MAX;
        n += v == 0;
    }
    return n;
}

static enum iam_answer go(struct search *s);

/* Makes the statement fail by each of its open terms in turn; the ones before it hold then, so that
 * no way is gone twice. */
static enum iam_answer branch(struct search *s, const struct iam_claim *c)
{
    enum iam_answer out = IAM_NO;
    size_t i, set_here = 0;
    struct iam_term *done = ARENA_ARRAY(s->t->arena, struct iam_term, c->n);

    for (i = 0; i < c->n && out != IAM_YES; i++) {
        const struct iam_term *term = &c->terms[i];

        if (value(s, term) != 0)
            continue;
        set(s, term, -1);
        s->depth++;
        if (possible(s, term))
            out = go(s);
        s->depth--;
        set(s, term, 1);
        done[set_here++] = *term;
        if (out != IAM_YES && !possible(s, term))
            break;
    }
    while (out != IAM_YES && set_here > 0)
        set(s, &done[--set_here], 0);
    return out == IAM_YES ? IAM_YES : IAM_NO;
}

static enum iam_answer go(struct search *s)
{
    const struct iam_claim *best = NULL;
    size_t fewest = SIZE_MAX;
    enum iam_answer out;

    if (!spend(s, STEP_STATES + s->nfail * CLAIM_STATES))
        return IAM_NO;
    for (size_t i = 0; i < s->nfail && fewest > 0; i++) {
        const size_t n = open(s, s->fail[i]);

        if (n < fewest) {
            fewest = n;
            best = s->fail[i];
        }
    }
    if (fewest == 0)
        return IAM_NO; /* it matches, whatever else */
    if (best != NULL)
        return branch(s, best);
    if (!spend(s, LEAF_STATES))
        return IAM_NO;
    out = s->leaf->look(s->leaf->self);
    s->maybe = s->maybe || out == IAM_MAYBE;
    return out == IAM_YES ? IAM_YES : IAM_NO;
}

/* Could the statement match beside those that must? What cannot needs no care. */
static bool relevant(struct search *s, const struct iam_claim *c)
{
    for (size_t i = 0; i < c->n; i++) {
        bool ok;

        if (value(s, &c->terms[i]) < 0)
            return false;
        if (value(s, &c->terms[i]) > 0)
            continue;
        set(s, &c->terms[i], 1);
        ok = possible(s, &c->terms[i]);
        set(s, &c->terms[i], 0);
        if (!ok)
            return false;
    }
    return true;
}

/* Sets the terms of what must match; false: they contradict each other. */
static bool assume(struct search *s, const struct iam_goal *g)
{
    for (size_t i = 0; i < g->nhold; i++)
        for (size_t k = 0; k < g->hold[i]->n; k++) {
            if (value(s, &g->hold[i]->terms[k]) < 0)
                return false;
            set(s, &g->hold[i]->terms[k], 1);
        }
    for (size_t i = 0; i < g->nfail; i++)
        if (open(s, g->fail[i]) == 0)
            return false;
    for (size_t i = 0; i < g->nhold; i++)
        for (size_t k = 0; k < g->hold[i]->n; k++)
            if (!possible(s, &g->hold[i]->terms[k]))
                return false;
    return true;
}

enum iam_answer iam_search_run(struct iam_solver *t, const struct iam_goal *g,
                               const struct iam_leaf_test *leaf)
{
    struct search s = {.t = t, .leaf = leaf};
    enum iam_answer out = IAM_NO;

    s.fail = ARENA_ARRAY(t->arena, const struct iam_claim *, g->nfail);
    for (size_t i = 0; i < t->atoms->n; i++)
        t->values[i] = 0;
    if (!spend(&s, STEP_STATES + g->nfail * CLAIM_STATES))
        return IAM_MAYBE;
    if (assume(&s, g)) {
        for (size_t i = 0; i < g->nfail; i++)
            if (relevant(&s, g->fail[i]))
                s.fail[s.nfail++] = g->fail[i];
        out = go(&s);
    }
    return out == IAM_NO && s.maybe ? IAM_MAYBE : out;
}
