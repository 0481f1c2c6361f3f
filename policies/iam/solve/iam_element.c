#include "policies/iam/solve/iam_element.h"

#include "policies/iam/solve/iam_candidates.h"
#include "policies/iam/evaluate/iam_condition.h"
#include "policies/iam/document/iam_variables.h"

/* What is asked of a value. */
struct demands {
    const struct iam_demand *items;
    size_t n;
};

static enum iam_answer least(enum iam_answer a, enum iam_answer b)
{
    return a < b ? a : b;
}

static enum iam_operator op_of(const struct iam_demand *d)
{
    return d->literal->test->op;
}

static enum iam_family family_of(const struct iam_demand *d)
{
    return iam_candidates_family(op_of(d));
}

static bool about_arns(const struct iam_demand *d)
{
    return op_of(d) >= IAM_ARN_EQUALS && op_of(d) <= IAM_ARN_NOT_LIKE;
}

static bool without_case(const struct iam_demand *d)
{
    return op_of(d) == IAM_STRING_EQUALS_IGNORE_CASE ||
           op_of(d) == IAM_STRING_NOT_EQUALS_IGNORE_CASE;
}

/* What variables stand for: in a list they never stand for the key itself. */
static const struct iam_context *bound_of(const struct iam_element *e)
{
    return e->of_list ? e->domain->bound : &e->bound;
}

static bool negated(const struct iam_demand *d)
{
    return iam_doc_operator_negated(op_of(d));
}

/* ---- values that are tried ---- */

static enum iam_answer met(const struct iam_element *e, const struct iam_demand *d,
                           struct slice value)
{
    const struct iam_context *bound = e->domain->bound;
    struct iam_test t = *d->literal->test;
    struct iam_key *keys = ARENA_ARRAY(e->arena, struct iam_key, bound->n + 1);
    struct iam_context c = {.keys = keys, .n = 1, .open = bound->open};
    enum iam_answer m;

    keys[0] =
        (struct iam_key){.name = e->domain->key, .values = &value, .n = 1, .many = e->of_list};
    for (size_t i = 0; i < bound->n; i++)
        if (!iam_glob_same(bound->keys[i].name, e->domain->key))
            keys[c.n++] = bound->keys[i];
    t.quantifier = e->of_list ? IAM_FOR_ANY_VALUE : IAM_ONE;
    m = iam_condition_test(d->literal->doc, &t, &c, e->arena);
    if (m == IAM_MAYBE)
        return IAM_MAYBE;
    return (m == IAM_YES) == d->satisfied ? IAM_YES : IAM_NO;
}

static enum iam_answer all_met(const struct iam_element *e, struct demands d, struct slice value)
{
    enum iam_answer all = IAM_YES;

    for (size_t i = 0; i < d.n && all != IAM_NO; i++) {
        if (e->budget->left == 0)
            return IAM_MAYBE;
        e->budget->left--;
        all = least(all, met(e, &d.items[i], value));
    }
    return all;
}

/* The best of some values, the empty text last: set operators may take it for none. */
static enum iam_answer try_all(const struct iam_element *e, struct demands d,
                               const struct iam_texts *values, struct slice *out)
{
    enum iam_answer best = IAM_NO;

    for (size_t i = 0; i < 2 * values->n && best != IAM_YES; i++) {
        const bool last = i >= values->n;
        const struct slice value = values->items[last ? i - values->n : i];
        enum iam_answer m;

        if ((value.len == 0) != last)
            continue;
        m = all_met(e, d, value);
        if (m <= best)
            continue;
        best = m;
        *out = value;
    }
    return best;
}

/* ---- texts, by automata ---- */

/* Texts that are ARNs are looked for apart from others: ARN operators hold for none of those. The
 * empty text, which but tags have, comes last. */
enum shape { SOME_TEXT, AN_ARN, NO_ARN, NO_TEXT };

static struct iam_region_texts texts_of(const struct iam_demand *d, const struct iam_texts *texts)
{
    const bool like = op_of(d) == IAM_STRING_LIKE || op_of(d) == IAM_STRING_NOT_LIKE;

    return (struct iam_region_texts){
        d->literal->doc, texts, like || about_arns(d) ? IAM_REGION_PATTERN : IAM_REGION_LITERAL,
        about_arns(d)     ? IAM_MODE_ARN_RESOURCE
        : without_case(d) ? IAM_MODE_NOCASE
                          : IAM_MODE_TEXT};
}

/* One question for the automata. */
struct asking {
    const struct iam_element *e;
    struct demands demands;
    enum shape shape;
    struct iam_region region;
};

/* The values of a demand; one with a variable without value equals nothing and is left out. */
struct values {
    struct slice *sound; /* texts, ARNs of six fields */
    size_t nsound;
    struct slice *shorts; /* no ARNs, but AWS leaves open whether they match */
    size_t nshorts;
    bool invalid; /* one is no ARN: it matches nothing, and lets negated operators fail */
};

static void sort_value(const struct asking *k, const struct iam_region_texts *t, struct slice text,
                       struct values *v)
{
    struct slice pattern;
    const enum iam_answer known = iam_region_resolve(&k->region, t, text, &pattern);
    struct iam_arn arn = {.n = 6};

    if (known == IAM_NO)
        return;
    if (known == IAM_MAYBE)
        pattern = iam_variables_widen(text, false, k->e->arena);
    if (t->mode == IAM_MODE_ARN_RESOURCE)
        arn = iam_arn_split(pattern, IAM_ARN_RESOURCE);
    if (arn.n == 6)
        v->sound[v->nsound++] = text;
    else if (arn.open)
        v->shorts[v->nshorts++] = text;
    else
        v->invalid = true;
}

static struct values sort_values(const struct asking *k, const struct iam_region_texts *t)
{
    const size_t n = t->texts->n;
    struct values v = {.sound = ARENA_ARRAY(k->e->arena, struct slice, n),
                       .shorts = ARENA_ARRAY(k->e->arena, struct slice, n)};

    for (size_t i = 0; i < n; i++)
        sort_value(k, t, t->texts->items[i], &v);
    return v;
}

static void want(struct asking *k, struct iam_region_texts t, const struct iam_texts *texts,
                 enum iam_region_want what)
{
    struct iam_texts *kept = ARENA_NEW(k->e->arena, struct iam_texts);

    *kept = *texts; /* the region reads them later */
    t.texts = kept;
    iam_region_add(&k->region, &t, what);
}

/* Adds what a demand asks of a text; false: none can do. */
static bool require(struct asking *k, const struct iam_demand *d)
{
    const struct iam_texts *all = &d->literal->test->values;
    const struct iam_region_texts t = texts_of(d, all);
    const struct values v = sort_values(k, &t);
    const struct iam_texts sound = {v.sound, v.nsound, all->unknown};
    const struct iam_texts shorts = {v.shorts, v.nshorts, false};

    if (about_arns(d) && (k->shape == NO_ARN || k->shape == NO_TEXT))
        return !d->satisfied;
    if (negated(d) && d->satisfied && (v.invalid || v.nshorts > 0))
        return false;
    if (negated(d) && !d->satisfied && v.invalid)
        return true;
    if (negated(d) == d->satisfied) {
        want(k, t, &sound, IAM_REGION_NONE);
        want(k, t, &shorts, IAM_REGION_NONE);
    } else if (v.nshorts > 0 && negated(d)) {
        want(k, t, &shorts, IAM_REGION_NONE); /* such a value is no ARN then: it fails */
    } else {
        want(k, t, &sound, IAM_REGION_SOME);
    }
    return true;
}

static enum iam_answer ask(const struct iam_element *e, struct demands d, enum shape shape,
                           struct slice *out)
{
    struct asking k = {.e = e, .demands = d, .shape = shape};
    struct slice guess = {NULL, 0};
    enum iam_answer m;

    iam_region_init(&k.region, bound_of(e), e->arena);
    iam_region_pattern(&k.region, shape == NO_TEXT ? "" : "?*", IAM_MODE_TEXT, true);
    if (shape == AN_ARN || shape == NO_ARN)
        iam_region_pattern(&k.region, "arn:*:*:*:*:*", IAM_MODE_ARN_RESOURCE, shape == AN_ARN);
    for (size_t i = 0; i < d.n; i++)
        if (!require(&k, &d.items[i]))
            return IAM_NO;
    m = iam_region_find(&k.region, e->budget, &guess);
    if (m == IAM_NO || (guess.len == 0 && shape != NO_TEXT))
        return m;
    m = all_met(e, d, guess) == IAM_YES ? IAM_YES : IAM_MAYBE;
    if (m == IAM_YES || guess.len > 0)
        *out = guess;
    return m;
}

/* Hangs the answer on what AWS leaves open? */
static bool soft(const struct iam_element *e, const struct iam_demand *d)
{
    const struct iam_texts *all = &d->literal->test->values;
    const struct iam_region_texts t = texts_of(d, all);
    struct asking k = {.e = e};

    if (without_case(d))
        for (size_t i = 0; i < all->n; i++)
            for (size_t c = 0; c < all->items[i].len; c++)
                if (all->items[i].data[c] >= 0x80)
                    return true;
    if (!about_arns(d))
        return false;
    iam_region_init(&k.region, bound_of(e), e->arena);
    return sort_values(&k, &t).nshorts > 0;
}

static bool any_arns(struct demands d)
{
    for (size_t i = 0; i < d.n; i++)
        if (about_arns(&d.items[i]))
            return true;
    return false;
}

static enum iam_answer ask_shapes(const struct iam_element *e, struct demands d, struct slice *out)
{
    const bool arns = any_arns(d);
    enum iam_answer m;
    struct slice other;

    m = ask(e, d, arns ? AN_ARN : SOME_TEXT, out);
    if (m == IAM_YES || !arns || e->typed)
        return m;
    switch (ask(e, d, NO_ARN, &other)) {
    case IAM_YES:
        *out = other;
        return IAM_YES;
    case IAM_MAYBE:
        return IAM_MAYBE;
    default:
        return m;
    }
}

/* By automata: first with all demands, then without those whose answer AWS leaves open. */
static enum iam_answer by_automata(const struct iam_element *e, struct demands d, struct slice *out)
{
    struct iam_demand *firm = ARENA_ARRAY(e->arena, struct iam_demand, d.n);
    enum iam_answer m = ask_shapes(e, d, out);
    struct slice ignored;
    size_t n = 0;

    if (m != IAM_NO)
        return m;
    for (size_t i = 0; i < d.n; i++)
        if (!soft(e, &d.items[i]))
            firm[n++] = d.items[i];
    if (n < d.n && ask_shapes(e, (struct demands){firm, n}, &ignored) != IAM_NO)
        return IAM_MAYBE;
    return any_arns(d) && e->typed ? IAM_NO : ask(e, d, NO_TEXT, out);
}

/* ---- all together ---- */

static struct demands of_family(const struct iam_element *e, struct demands d, enum iam_family f)
{
    struct iam_demand *items = ARENA_ARRAY(e->arena, struct iam_demand, d.n);
    size_t n = 0;

    for (size_t i = 0; i < d.n; i++)
        if (family_of(&d.items[i]) == f)
            items[n++] = d.items[i];
    return (struct demands){items, n};
}

/* A demand that leaves only its values: those are all that can be. */
static bool pinned(const struct iam_element *e, struct demands d, struct iam_texts *out)
{
    struct iam_region r;

    iam_region_init(&r, bound_of(e), e->arena);
    for (size_t i = 0; i < d.n; i++) {
        const struct iam_texts *values = &d.items[i].literal->test->values;
        const struct iam_region_texts t = texts_of(&d.items[i], values);
        struct slice *items, pattern;
        bool bound = true;

        if (op_of(&d.items[i]) != IAM_STRING_EQUALS || !d.items[i].satisfied || values->unknown)
            continue;
        items = ARENA_ARRAY(e->arena, struct slice, values->n);
        *out = (struct iam_texts){items, 0, false};
        for (size_t v = 0; v < values->n && bound; v++) {
            const enum iam_answer known = iam_region_resolve(&r, &t, values->items[v], &pattern);

            bound = known != IAM_MAYBE;
            if (known == IAM_YES)
                items[out->n++] = iam_glob_text(pattern, e->arena);
        }
        if (bound)
            return true;
    }
    return false;
}

/* What the demands of one family leave. NO: nothing; else values that may do for the others too. */
static enum iam_answer alone(const struct iam_element *e, struct demands own, enum iam_family f,
                             struct iam_texts *values)
{
    static const struct slice other = {(const uint8_t *)"?", 1}; /* of no family but text */
    const struct iam_texts list = iam_candidates_list(e->domain, f, e->arena);
    struct slice *items = ARENA_ARRAY(e->arena, struct slice, list.n + 1);
    struct slice text = other;
    enum iam_answer m;

    m = f == IAM_FAMILY_TEXT ? by_automata(e, own, &text) : IAM_NO;
    for (size_t i = 0; i < list.n; i++)
        items[i] = list.items[i];
    items[list.n] = text;
    *values = (struct iam_texts){items, list.n + 1, false};
    return f == IAM_FAMILY_TEXT ? m : try_all(e, own, values, &text);
}

/* Values of several families. */
static enum iam_answer mixed(const struct iam_element *e, struct demands d, struct slice *out)
{
    enum iam_answer best = IAM_NO;

    for (int f = IAM_FAMILY_TEXT; f < IAM_FAMILY_COUNT; f++) {
        const struct demands own = of_family(e, d, (enum iam_family)f);
        struct iam_texts values;

        if (own.n == 0)
            continue;
        if (alone(e, own, (enum iam_family)f, &values) == IAM_NO)
            return IAM_NO;
        if (best != IAM_YES)
            best = try_all(e, d, &values, out);
    }
    return best == IAM_YES ? IAM_YES : IAM_MAYBE;
}

/* Does the key itself stand in a variable of the values? */
static bool names_itself(const struct iam_domain *d, const struct iam_literal *lit)
{
    for (size_t v = 0; lit->doc->variables && v < lit->test->values.n; v++) {
        struct slice key;
        size_t at = 0;

        while (iam_variables_next(lit->test->values.items[v], &at, &key))
            if (iam_glob_same(key, d->key))
                return true;
    }
    return false;
}

void iam_element_init(struct iam_element *e, const struct iam_domain *d, struct iam_budget *b,
                      struct arena *a)
{
    const struct iam_demand *first = NULL;

    *e = (struct iam_element){
        .domain = d, .budget = b, .arena = a, .bound = *d->bound, .typed = true};
    for (size_t i = 0; i < d->n; i++) {
        struct iam_demand *x = ARENA_NEW(a, struct iam_demand);

        x->literal = &d->literals[i];
        e->bound.open = e->bound.open || names_itself(d, x->literal);
        if (op_of(x) == IAM_NULL)
            continue;
        first = first == NULL ? x : first;
        e->typed =
            e->typed && family_of(first) == family_of(x) && about_arns(first) == about_arns(x);
    }
}

enum iam_answer iam_element_find(const struct iam_element *e, const struct iam_demand *demands,
                                 size_t n, struct slice *out)
{
    const struct demands d = {demands, n};
    struct iam_texts list;
    enum iam_family f;

    *out = SLICE_LIT("x");
    if (n == 0)
        return IAM_YES;
    if (pinned(e, d, &list))
        return try_all(e, d, &list, out);
    f = family_of(&demands[0]);
    if (f == IAM_FAMILY_TEXT && of_family(e, d, f).n == n)
        return by_automata(e, d, out);
    if (!e->typed)
        return mixed(e, d, out);
    list = iam_candidates_list(e->domain, f, e->arena);
    return try_all(e, d, &list, out);
}
