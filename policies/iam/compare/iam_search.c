#include "policies/iam/compare/iam_search.h"

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
    s->t->trail[s->t->ntrail++] = term->atom;
}

/* Takes back what was set since. */
static void undo(struct search *s, size_t mark)
{
    while (s->t->ntrail > mark)
        s->t->values[s->t->trail[--s->t->ntrail]] = 0;
}

/* Can what was set since be so, beside all that was before? Each slot is asked once. */
static bool possible(struct search *s, size_t mark)
{
    bool ok = true;

    for (size_t i = mark; i < s->t->ntrail && ok; i++) {
        const size_t slot = s->t->atoms->items[s->t->trail[i]].slot;

        ok = s->t->asked[slot] || iam_solver_check(s->t, slot) != IAM_NO;
        s->t->asked[slot] = true;
    }
    for (size_t i = mark; i < s->t->ntrail; i++)
        s->t->asked[s->t->atoms->items[s->t->trail[i]].slot] = false;
    return ok;
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
    const size_t mark = s->t->ntrail;
    enum iam_answer out = IAM_NO;
    bool ok = true;

    for (size_t i = 0; i < c->n && ok && out != IAM_YES; i++) {
        const struct iam_term *term = &c->terms[i];
        const size_t here = s->t->ntrail;

        if (value(s, term) != 0)
            continue;
        set(s, term, -1);
        s->depth++;
        if (possible(s, here))
            out = go(s);
        s->depth--;
        if (out == IAM_YES)
            break;
        undo(s, here);
        set(s, term, 1);
        ok = possible(s, here);
    }
    if (out != IAM_YES)
        undo(s, mark);
    return out;
}

/* Statements with one open term left fail by that, all of them at once. Gives the one with the
 * fewest terms of the others (NULL: all fail); false: one cannot fail any more. */
static bool settle(struct search *s, const struct iam_claim **best)
{
    size_t fewest, mark;

    do {
        fewest = SIZE_MAX;
        mark = s->t->ntrail;
        *best = NULL;
        for (size_t i = 0; i < s->nfail; i++) {
            const size_t n = open(s, s->fail[i]);

            if (n == 0)
                return false;
            for (size_t k = 0; n == 1 && k < s->fail[i]->n; k++)
                if (value(s, &s->fail[i]->terms[k]) == 0)
                    set(s, &s->fail[i]->terms[k], -1);
            if (n > 1 && n < fewest) {
                fewest = n;
                *best = s->fail[i];
            }
        }
        if (!spend(s, STEP_STATES + s->nfail * CLAIM_STATES) || !possible(s, mark))
            return false;
    } while (s->t->ntrail > mark);
    return true;
}

static enum iam_answer go(struct search *s)
{
    const struct iam_claim *best = NULL;
    const size_t mark = s->t->ntrail;
    enum iam_answer out = IAM_NO;

    if (settle(s, &best)) {
        if (best != NULL) {
            out = branch(s, best);
        } else if (spend(s, LEAF_STATES)) {
            out = s->leaf->look(s->leaf->self);
            s->maybe = s->maybe || out == IAM_MAYBE;
        }
    }
    if (out == IAM_YES)
        return IAM_YES;
    undo(s, mark);
    return IAM_NO;
}

/* Could the statement match beside those that must? What cannot needs no care. */
static bool relevant(struct search *s, const struct iam_claim *c)
{
    const size_t mark = s->t->ntrail;
    bool ok = true;

    for (size_t i = 0; i < c->n && ok; i++) {
        ok = value(s, &c->terms[i]) >= 0;
        if (!ok || value(s, &c->terms[i]) > 0)
            continue;
        set(s, &c->terms[i], 1);
        ok = possible(s, mark);
        undo(s, mark);
    }
    return ok;
}

/* Sets the terms of what must match; false: they contradict each other. */
static bool assume(struct search *s, const struct iam_goal *g)
{
    for (size_t i = 0; i < g->nhold; i++)
        for (size_t k = 0; k < g->hold[i]->n; k++) {
            const int v = value(s, &g->hold[i]->terms[k]);

            if (v < 0)
                return false;
            if (v == 0)
                set(s, &g->hold[i]->terms[k], 1);
        }
    for (size_t i = 0; i < g->nfail; i++)
        if (open(s, g->fail[i]) == 0)
            return false;
    return possible(s, 0);
}

enum iam_answer iam_search_run(struct iam_solver *t, const struct iam_goal *g,
                               const struct iam_leaf_test *leaf)
{
    struct search s = {.t = t, .fail = g->room, .leaf = leaf};
    enum iam_answer out = IAM_NO;

    undo(&s, 0);
    if (!spend(&s, STEP_STATES + g->nfail * CLAIM_STATES))
        return IAM_MAYBE;
    if (assume(&s, g)) {
        for (size_t i = 0; i < g->nfail; i++) {
            if (!spend(&s, CLAIM_STATES))
                return IAM_MAYBE;
            if (relevant(&s, g->fail[i]))
                s.fail[s.nfail++] = g->fail[i];
        }
        out = go(&s);
    }
    return out == IAM_NO && s.maybe ? IAM_MAYBE : out;
}
