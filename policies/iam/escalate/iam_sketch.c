#include "policies/iam/escalate/iam_sketch.h"

#include "policies/iam/evaluate/iam_condition.h"
#include "policies/iam/evaluate/iam_match.h"
#include "policies/iam/document/iam_variables.h"

/* ---- resource ---- */

/* Does "*", the resource of actions that have none, fit all wants? */
static bool star(const struct iam_sketch *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct iam_statement *st = s->wants[i].statement;
        bool any = false;

        if (s->wants[i].test != NULL)
            continue;
        for (size_t k = 0; k < st->resources.n; k++)
            any = any || iam_glob_any(st->resources.items[k]);
        if ((any != st->not_resource) != s->wants[i].holds)
            return false;
    }
    return true;
}

static enum iam_answer arn(struct iam_sketch *s, const struct iam_context *bound, struct slice *out)
{
    static const struct iam_doc plain = {.name = ""};
    const struct iam_region_texts arns = {&plain, &s->arns, IAM_REGION_PATTERN,
                                          IAM_MODE_ARN_RESOURCE};
    struct iam_region r;

    iam_region_init(&r, bound, s->arena);
    iam_region_add(&r, &arns, IAM_REGION_SOME);
    for (size_t i = 0; i < s->n; i++) {
        const struct iam_statement *st = s->wants[i].statement;
        struct iam_region_texts part = {.doc = s->wants[i].doc, .kind = IAM_REGION_RESOURCE};

        if (s->wants[i].test != NULL)
            continue;
        part.texts = &st->resources;
        part.mode =
            iam_match_rule(st) == IAM_ARN_RESOURCE ? IAM_MODE_ARN_RESOURCE : IAM_MODE_ARN_IDENTITY;
        iam_region_add(&r, &part,
                       s->wants[i].holds != st->not_resource ? IAM_REGION_SOME : IAM_REGION_NONE);
    }
    return iam_region_find(&r, s->budget, out);
}

static enum iam_answer resource(struct iam_sketch *s, const struct iam_context *bound,
                                struct slice *out)
{
    *out = (struct slice){NULL, 0};
    if (s->star && star(s)) {
        *out = SLICE_LIT("*");
        return IAM_YES;
    }
    return s->arns.n > 0 ? arn(s, bound, out) : IAM_NO;
}

/* ---- keys ---- */

static bool about(const struct iam_want *w, struct slice key)
{
    return w->test != NULL && iam_glob_same(w->test->key, key);
}

/* Solves one key under the wants about it. */
static enum iam_answer solve(struct iam_sketch *s, struct slice key,
                             const struct iam_context *bound, bool may_absent, struct iam_key *out)
{
    struct iam_literal *literals = ARENA_ARRAY(s->arena, struct iam_literal, s->n);
    struct iam_domain d = {
        .key = key, .literals = literals, .bound = bound, .may_absent = may_absent};

    for (size_t i = 0; i < s->n; i++)
        if (about(&s->wants[i], key))
            literals[d.n++] =
                (struct iam_literal){s->wants[i].doc, s->wants[i].test, s->wants[i].holds};
    return iam_domain_solve(&d, s->budget, s->arena, out);
}

/* A key whose value is given needs no solving: the test is true or it is not. */
static enum iam_answer given(const struct iam_sketch *s, const struct iam_want *w)
{
    const struct iam_context c = {.keys = s->fixed, .n = s->nfixed, .open = true};
    enum iam_answer m;

    if (s->nfixed == 0 || iam_request_key(&c, w->test->key) == NULL)
        return IAM_MAYBE;
    m = iam_condition_test(w->doc, w->test, &c, s->arena);
    return m == IAM_MAYBE ? m : (m == IAM_YES) == w->holds ? IAM_YES : IAM_NO;
}

/* Said already, or the contrary of what was said. */
static enum iam_answer repeated(const struct iam_sketch *s, const struct iam_want *w)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct iam_want *x = &s->wants[i];

        if (x->test == w->test && (x->test != NULL || x->statement == w->statement))
            return x->holds == w->holds ? IAM_YES : IAM_NO;
    }
    return IAM_MAYBE;
}

enum iam_answer iam_sketch_push(struct iam_sketch *s, const struct iam_want *w)
{
    const struct iam_context open = {.keys = s->fixed, .n = s->nfixed, .open = true};
    enum iam_answer m = repeated(s, w);
    struct slice text;
    struct iam_key key;

    if (m == IAM_MAYBE && w->test != NULL)
        m = given(s, w);
    if (m != IAM_MAYBE)
        return m;
    if (s->budget->left > 0)
        s->budget->left--;
    *(struct iam_want *)ARENA_PUSH(s->arena, &s->wants, &s->n) = *w;
    m = w->test == NULL ? resource(s, &open, &text) : solve(s, w->test->key, &open, true, &key);
    if (m == IAM_NO)
        s->n--;
    return m;
}

void iam_sketch_pop(struct iam_sketch *s, size_t n)
{
    s->n = n;
}

/* ---- a request ---- */

struct making {
    struct iam_sketch *s;
    struct iam_key *keys;
    size_t nkeys;
    enum iam_answer sure;
};

static bool decided(const struct making *m, struct slice key)
{
    for (size_t i = 0; i < m->nkeys; i++)
        if (iam_glob_same(m->keys[i].name, key))
            return true;
    return false;
}

static void decide(struct making *m, struct slice key, bool variable)
{
    const struct iam_context bound = {.keys = m->keys, .n = m->nkeys, .open = variable};
    struct iam_key k;
    enum iam_answer got;

    if (decided(m, key))
        return;
    got = solve(m->s, key, &bound, !variable, &k);
    if (got == IAM_NO && variable)
        return; /* its key cannot be there */
    m->sure = got < m->sure ? got : m->sure;
    *(struct iam_key *)ARENA_PUSH(m->s->arena, &m->keys, &m->nkeys) = k;
}

/* Keys that stand in variables come first: others hang on them. */
static void variables(struct making *m, const struct iam_doc *d, const struct iam_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        struct slice key;
        size_t at = 0;

        if (!iam_variables_in(d, texts->items[i]))
            continue;
        while (iam_variables_next(texts->items[i], &at, &key))
            if (key.len > 1) /* ${*} and the like are no keys */
                decide(m, key, true);
    }
}

enum iam_answer iam_sketch_request(struct iam_sketch *s, struct iam_request *out)
{
    struct making m = {.s = s, .sure = IAM_YES};
    size_t kept = 0;
    enum iam_answer got;

    for (size_t i = 0; i < s->nfixed; i++)
        *(struct iam_key *)ARENA_PUSH(s->arena, &m.keys, &m.nkeys) = s->fixed[i];
    for (size_t i = 0; i < s->n; i++)
        variables(&m, s->wants[i].doc,
                  s->wants[i].test != NULL ? &s->wants[i].test->values
                                           : &s->wants[i].statement->resources);
    for (size_t i = 0; i < s->n; i++)
        if (s->wants[i].test != NULL)
            decide(&m, s->wants[i].test->key, false);
    for (size_t i = 0; i < m.nkeys; i++)
        if (!iam_domain_absent(&m.keys[i]))
            m.keys[kept++] = m.keys[i];
    out->context = (struct iam_context){.keys = m.keys, .n = kept};
    got = resource(s, &out->context, &out->resource);
    out->wildcard_only = slice_is(out->resource, "*");
    return got < m.sure ? got : m.sure;
}
