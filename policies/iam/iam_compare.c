#include "policies/iam/iam_compare.h"

#include <string.h>

#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_classes.h"
#include "policies/iam/iam_match.h"
#include "policies/iam/iam_side.h"
#include "policies/iam/iam_theory.h"

/* A statement of either side. */
struct entry {
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    bool newer;
};

struct search {
    const struct iam_docs *old, *new_docs;
    struct arena *arena;
    struct iam_budget budget;
    struct iam_comparison *out;
    struct entry *entries;
    size_t n;
    struct iam_theory theory;
    const struct iam_class *class;
    const struct entry *allowing; /* the statement of the new policies that is tried */
    const struct entry **failing; /* those that must not match */
    size_t nfailing;
};

static void gather(struct search *s, const struct iam_docs *docs, bool newer)
{
    for (size_t d = 0; d < docs->n; d++)
        for (size_t i = 0; i < docs->items[d].n; i++)
            *(struct entry *)ARENA_PUSH(s->arena, &s->entries, &s->n) =
                (struct entry){&docs->items[d], &docs->items[d].statements[i], newer};
}

static bool names_principals(const struct search *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->entries[i].statement->has_principal)
            return true;
    return false;
}

static bool unknown_statement(const struct iam_statement *s)
{
    if (s->effect == IAM_EFFECT_UNKNOWN || s->actions.unknown || s->resources.unknown ||
        s->principals_unknown || s->tests_unknown)
        return true;
    for (size_t i = 0; i < s->ntests; i++)
        if (s->tests[i].values.unknown)
            return true;
    return false;
}

/* What is not known of the policies: then "not wider" cannot be said. */
static const char *unknowns(const struct search *s)
{
    const struct iam_docs *const sides[] = {s->old, s->new_docs};

    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        if (sides[i]->unknown)
            return "there may be policies that are not known yet";
        for (size_t d = 0; d < sides[i]->n; d++)
            if (sides[i]->items[d].unknown)
                return "a policy is not known yet";
    }
    for (size_t i = 0; i < s->n; i++)
        if (unknown_statement(s->entries[i].statement))
            return "a part of a statement is not known yet";
    return NULL;
}

/* ---- same statements ---- */

static bool same_principals(const struct iam_statement *a, const struct iam_statement *b)
{
    if (a->has_principal != b->has_principal || a->not_principal != b->not_principal ||
        a->nprincipals != b->nprincipals || a->principals_unknown || b->principals_unknown)
        return false;
    for (size_t i = 0; i < a->nprincipals; i++)
        if (a->principals[i].type != b->principals[i].type ||
            !slice_eq(a->principals[i].name, b->principals[i].name))
            return false;
    return true;
}

static bool has_test(const struct entry *e, const struct iam_doc *d, const struct iam_test *t)
{
    for (size_t i = 0; i < e->statement->ntests; i++)
        if (iam_theory_same_test(e->doc, &e->statement->tests[i], d, t))
            return true;
    return false;
}

/* Does `a` match whatever `b` matches, actions aside, and that plain to see: the same resources
 * and principals, and no test that `b` has not? */
static bool includes(const struct entry *a, const struct entry *b)
{
    const struct iam_statement *x = a->statement, *y = b->statement;
    const bool all = x->resources.n == 1 && !x->not_resource && iam_glob_any(x->resources.items[0]);

    if (unknown_statement(x) || unknown_statement(y) || !same_principals(x, y))
        return false;
    if (!all && (x->not_resource != y->not_resource || x->has_resource != y->has_resource ||
                 a->doc->variables != b->doc->variables ||
                 !iam_theory_same_texts(&x->resources, &y->resources)))
        return false;
    for (size_t i = 0; i < x->ntests; i++)
        if (!has_test(b, a->doc, &x->tests[i]))
            return false;
    return true;
}

static bool relevant(const struct search *s, size_t i, bool newer, enum iam_effect effect)
{
    return s->class->matches[i] && s->entries[i].newer == newer &&
           s->entries[i].statement->effect == effect;
}

/* Is there a statement of that side that plainly includes this one? */
static bool included(const struct search *s, const struct entry *e, bool newer,
                     enum iam_effect effect)
{
    for (size_t i = 0; i < s->n; i++)
        if (relevant(s, i, newer, effect) && includes(&s->entries[i], e))
            return true;
    return false;
}

/* Each old deny is a new deny: then an old allow that holds where the new one does is enough. */
static bool denies_kept(const struct search *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (relevant(s, i, false, IAM_DENY) && !included(s, &s->entries[i], true, IAM_DENY))
            return false;
    return true;
}

/* ---- literals of a statement ---- */

static size_t parts(const struct entry *e, struct iam_fact_of *out, bool holds)
{
    const struct iam_statement *s = e->statement;
    size_t n = 0;

    if (s->has_resource)
        out[n++] = (struct iam_fact_of){IAM_PART_RESOURCE, e->doc, s, NULL, holds};
    if (s->has_principal)
        out[n++] = (struct iam_fact_of){IAM_PART_PRINCIPAL, e->doc, s, NULL, holds};
    for (size_t i = 0; i < s->ntests; i++)
        out[n++] = (struct iam_fact_of){IAM_PART_TEST, e->doc, s, &s->tests[i], holds};
    return n;
}

/* Is it a resource's policy? Then a statement that names no principal matches nobody. A document
 * that names none at all is an identity's, and applies to whoever has it. */
static bool of_resource(const struct iam_doc *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->statements[i].has_principal)
            return true;
    return false;
}

static bool matches_nobody(const struct entry *e)
{
    return !e->statement->has_principal && of_resource(e->doc);
}

static struct iam_fact_of *facts_of(struct search *s, const struct entry *e, bool holds, size_t *n)
{
    struct iam_fact_of *f = ARENA_ARRAY(s->arena, struct iam_fact_of, e->statement->ntests + 2);

    *n = parts(e, f, holds);
    return f;
}

/* All parts must hold. NO: they cannot. */
static enum iam_answer hold(struct search *s, const struct entry *e)
{
    size_t n;
    struct iam_fact_of *f = facts_of(s, e, true, &n);

    if (matches_nobody(e))
        return IAM_NO;
    for (size_t i = 0; i < n; i++)
        if (iam_theory_push(&s->theory, &f[i]) == IAM_NO)
            return IAM_NO;
    return IAM_YES;
}

/* Can it match at all, with what must hold so far? */
static bool can_match(struct search *s, const struct entry *e)
{
    const size_t mark = s->theory.n;
    size_t n;
    struct iam_fact_of *f = facts_of(s, e, true, &n);
    bool can = !matches_nobody(e);

    for (size_t i = 0; i < n && can; i++) {
        can = iam_theory_push(&s->theory, &f[i]) != IAM_NO;
        iam_theory_pop(&s->theory, mark); /* each for itself: cheaper, and enough to leave it out */
    }
    return can;
}

/* ---- a request that is found ---- */

static void hear(struct iam_hearing *h, const struct iam_docs *docs, struct iam_tally *t)
{
    for (size_t i = 0; i < docs->n; i++)
        iam_side_doc(h, of_resource(&docs->items[i]) ? IAM_SIDE_RESOURCE : IAM_SIDE_IDENTITY,
                     &docs->items[i], t);
    if (docs->unknown)
        iam_side_unknown(t);
}

static enum iam_answer allows(const struct search *s, const struct iam_docs *docs,
                              const struct iam_request *r)
{
    const struct iam_question q = {.request = *r};
    struct iam_hearing h = {.q = &q, .arena = s->arena};
    struct iam_tally t = {0};

    hear(&h, docs, &t);
    if (t.deny == IAM_YES || t.allow == IAM_NO)
        return IAM_NO;
    return t.deny == IAM_NO ? t.allow : IAM_MAYBE;
}

/* Keys that make no difference are left out. */
static void minimise(const struct search *s, struct iam_request *r)
{
    for (size_t i = r->context.n; i > 0; i--) {
        struct iam_key *keys = ARENA_ARRAY(s->arena, struct iam_key, r->context.n);
        struct iam_request less = *r;
        size_t n = 0;

        for (size_t k = 0; k < r->context.n; k++)
            if (k != i - 1)
                keys[n++] = r->context.keys[k];
        less.context = (struct iam_context){keys, n, false};
        if (allows(s, s->new_docs, &less) == IAM_YES && allows(s, s->old, &less) == IAM_NO)
            *r = less;
    }
}

/* Why the old policies do not allow it: the statement that comes nearest. */
static const char *why_not(const struct search *s, const struct iam_request *r)
{
    const struct iam_question q = {.request = *r};
    struct iam_hearing h = {.q = &q, .arena = s->arena, .explain = true};
    const struct iam_reason *near = NULL;
    struct iam_tally t = {0};

    hear(&h, s->old, &t);
    for (size_t i = 0; i < h.nreasons; i++) {
        const struct iam_reason *x = &h.reasons[i];

        if (x->statement->effect == IAM_DENY && x->matched == IAM_YES)
            return arena_printf(s->arena, "statement %zu of %s denies it", x->statement->index + 1,
                                x->doc->name[0] != '\0' ? x->doc->name : "the old policy");
        if (x->statement->effect == IAM_ALLOW && x->matched == IAM_NO && near == NULL)
            near = x;
    }
    if (near == NULL)
        return "no statement speaks of this action";
    return arena_printf(s->arena, "statement %zu of %s allows the action, but its %s",
                        near->statement->index + 1,
                        near->doc->name[0] != '\0' ? near->doc->name : "the old policy", near->why);
}

/* The statement of the new policies that allows it. */
static void credit(const struct search *s, const struct iam_request *r,
                   struct iam_counterexample *x)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entries[i];

        if (!e->newer || e->statement->effect != IAM_ALLOW ||
            iam_evaluate_statement(e->doc, e->statement, r, s->arena) != IAM_YES)
            continue;
        x->doc = e->doc;
        x->statement = e->statement;
        return;
    }
}

/* Do the statements say the same of this action as of the class at hand? */
static bool in_class(const struct search *s, struct slice action)
{
    for (size_t i = 0; i < s->n; i++)
        if ((iam_match_action(s->entries[i].statement, action) == IAM_YES) != s->class->matches[i])
            return false;
    return true;
}

static bool asked_on(size_t action, struct slice resource, struct arena *a)
{
    const struct iam_texts arns = iam_actions_resources(action, a);

    for (size_t i = 0; i < arns.n; i++) {
        const struct iam_arn arn = iam_arn_split(arns.items[i], IAM_ARN_RESOURCE);

        if (iam_arn_match(&arn, resource))
            return true;
    }
    return arns.n == 0 && slice_is(resource, "*");
}

/* A name to come reads worse than an action of AWS that is asked on such a resource. */
static void better_name(const struct search *s, struct iam_request *r)
{
    size_t first, n;

    if (s->class->known || !iam_actions_service(iam_request_field(r->resource, 2), &first, &n))
        return;
    for (size_t i = first; i < first + n; i++) {
        const struct slice action = iam_actions_text(i, s->arena);

        if (asked_on(i, r->resource, s->arena) && in_class(s, action)) {
            r->action = action;
            return;
        }
    }
}

/* All statements are as they should be: make a request of it, and ask the evaluator. */
static enum iam_answer leaf(struct search *s)
{
    struct iam_request r = {.action = s->class->action};
    enum iam_answer made;

    made = iam_theory_request(&s->theory, &r);
    if (r.resource.len == 0)
        return made == IAM_NO ? IAM_NO : IAM_MAYBE;
    if (allows(s, s->new_docs, &r) != IAM_YES || allows(s, s->old, &r) != IAM_NO)
        return IAM_MAYBE;
    better_name(s, &r);
    minimise(s, &r);
    s->out->example = (struct iam_counterexample){
        .action = r.action,
        .resource = r.resource,
        .principal = s->theory.principals ? r.principal : (struct slice){NULL, 0},
        .keys = r.context.keys,
        .nkeys = r.context.n,
        .why_not = why_not(s, &r),
    };
    credit(s, &r, &s->out->example);
    return IAM_YES;
}

/* Every statement from `i` on must fail by one of its parts. */
static enum iam_answer fail_all(struct search *s, size_t i)
{
    const size_t mark = s->theory.n;
    enum iam_answer best = IAM_NO;
    struct iam_fact_of *f;
    size_t n;

    if (i == s->nfailing)
        return leaf(s);
    f = facts_of(s, s->failing[i], false, &n);
    for (size_t k = 0; k < n && best != IAM_YES; k++) {
        enum iam_answer m;

        if (s->budget.left == 0)
            return IAM_MAYBE;
        if (iam_theory_push(&s->theory, &f[k]) == IAM_NO)
            continue;
        m = fail_all(s, i + 1);
        best = iam_side_either(best, m);
        iam_theory_pop(&s->theory, mark);
    }
    return best;
}

/* Those that could match, the ones with fewest ways to fail first. */
static void order(struct search *s, bool old_allows)
{
    s->failing = ARENA_ARRAY(s->arena, const struct entry *, s->n);
    s->nfailing = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entries[i];
        size_t at;

        if (!relevant(s, i, true, IAM_DENY) && !(old_allows && relevant(s, i, false, IAM_ALLOW)))
            continue;
        if (!can_match(s, e))
            continue;
        for (at = s->nfailing++;
             at > 0 && s->failing[at - 1]->statement->ntests > e->statement->ntests; at--)
            s->failing[at] = s->failing[at - 1];
        s->failing[at] = e;
    }
}

/* The new statement holds, new denies fail, and no old statement allows it. */
static enum iam_answer try_unallowed(struct search *s)
{
    order(s, true);
    return fail_all(s, 0);
}

/* ... or an old deny holds that is no new one. */
static enum iam_answer try_denied(struct search *s)
{
    const size_t mark = s->theory.n;
    enum iam_answer best = IAM_NO;

    for (size_t i = 0; i < s->n && best != IAM_YES; i++) {
        if (!relevant(s, i, false, IAM_DENY) || included(s, &s->entries[i], true, IAM_DENY))
            continue;
        if (hold(s, &s->entries[i]) != IAM_NO) {
            order(s, false);
            best = iam_side_either(best, fail_all(s, 0));
        }
        iam_theory_pop(&s->theory, mark);
    }
    return best;
}

static enum iam_answer try_allow(struct search *s, const struct entry *e, bool kept)
{
    enum iam_answer best = IAM_NO;

    s->allowing = e;
    iam_theory_pop(&s->theory, 0);
    if (included(s, e, true, IAM_DENY) || (kept && included(s, e, false, IAM_ALLOW)))
        return IAM_NO;
    if (hold(s, e) == IAM_NO)
        return IAM_NO;
    if (!included(s, e, false, IAM_ALLOW))
        best = try_unallowed(s);
    if (best != IAM_YES)
        best = iam_side_either(best, try_denied(s));
    return best;
}

static enum iam_answer try_class(struct search *s, const struct iam_class *c)
{
    enum iam_answer best = IAM_NO;
    bool kept;

    s->class = c;
    s->theory.shape = c->star ? IAM_SHAPE_STAR : c->known ? IAM_SHAPE_TYPED : IAM_SHAPE_ANY;
    s->theory.types = c->arns;
    kept = denies_kept(s);
    for (size_t i = 0; i < s->n && best != IAM_YES; i++)
        if (relevant(s, i, true, IAM_ALLOW))
            best = iam_side_either(best, try_allow(s, &s->entries[i], kept));
    return best;
}

static enum iam_answer run(struct search *s, const struct iam_compare_options *opt)
{
    const struct iam_statement **statements =
        ARENA_ARRAY(s->arena, const struct iam_statement *, s->n);
    const struct iam_classes_options wanted = {opt->known_actions, opt->typed_resources};
    enum iam_answer best = IAM_NO;
    struct iam_classes classes;

    for (size_t i = 0; i < s->n; i++)
        statements[i] = s->entries[i].statement;
    iam_classes_make(statements, s->n, &wanted, &s->budget, s->arena, &classes);
    for (size_t i = 0; i < classes.n && best != IAM_YES; i++)
        best = iam_side_either(best, try_class(s, &classes.items[i]));
    return classes.complete ? best : iam_side_either(best, IAM_MAYBE);
}

void iam_compare(const struct iam_docs *old, const struct iam_docs *new_docs,
                 const struct iam_compare_options *opt, struct arena *a, struct iam_comparison *out)
{
    const uint64_t budget = opt->budget > 0 ? opt->budget : IAM_COMPARE_BUDGET;
    const struct iam_docs *const sides[] = {old, new_docs};
    struct search s = {.old = old, .new_docs = new_docs, .arena = a, .out = out};
    struct iam_texts who;

    *out = (struct iam_comparison){.wider = IAM_NO};
    s.budget.left = budget;
    gather(&s, old, false);
    gather(&s, new_docs, true);
    who = iam_theory_principals(sides, 2, a);
    s.theory = (struct iam_theory){.arena = a,
                                   .budget = &s.budget,
                                   .principals = names_principals(&s),
                                   .who = who.items,
                                   .nwho = who.n,
                                   .shape = IAM_SHAPE_ANY};
    out->wider = run(&s, opt);
    out->unknown = unknowns(&s);
    if (out->wider == IAM_NO && out->unknown != NULL)
        out->wider = IAM_MAYBE;
    if (out->wider == IAM_MAYBE && out->unknown == NULL)
        out->unknown = s.budget.left == 0 ? "the search was larger than its budget"
                                          : "a policy variable decides";
    if (out->wider != IAM_MAYBE)
        out->unknown = NULL;
    out->states = budget - s.budget.left;
}
