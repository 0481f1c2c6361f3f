#include "policies/iam/iam_leaf.h"

#include <string.h>

#include "policies/iam/iam_ask.h"
#include "policies/iam/iam_variables.h"

/* A request in the making. */
struct leaf {
    struct iam_solver *t;
    const struct iam_caller *caller; /* NULL: nobody is named anywhere */
    bool absent;                     /* try without the keys that variables stand for */
    struct slice *variables;         /* their keys */
    size_t nvariables;
    struct iam_key *keys;
    size_t nkeys;
    struct iam_context bound;
};

static void learn(struct leaf *l, const struct iam_doc *d, const struct iam_texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct slice key;
        size_t at = 0;

        if (!iam_variables_in(d, list->items[i]))
            continue;
        while (iam_variables_next(list->items[i], &at, &key)) {
            bool known = key.len == 1; /* ${*} and the like */

            for (size_t k = 0; k < l->nvariables && !known; k++)
                known = iam_glob_same(l->variables[k], key);
            if (!known)
                *(struct slice *)ARENA_PUSH(l->t->work, &l->variables, &l->nvariables) = key;
        }
    }
}

/* The keys that the texts of the atoms that are set hang on. */
static void find_variables(struct leaf *l)
{
    for (size_t i = 0; i < l->t->atoms->n; i++) {
        const struct iam_atom *a = &l->t->atoms->items[i];

        if (l->t->values[i] == 0)
            continue;
        if (a->slot == IAM_SLOT_RESOURCE)
            learn(l, a->doc, &a->statement->resources);
        if (a->test != NULL)
            learn(l, a->doc, &a->test->values);
    }
}

static bool tested(const struct iam_solver *t, size_t slot)
{
    for (size_t i = 0; i < t->nmembers[slot]; i++)
        if (t->values[t->members[slot][i]] != 0)
            return true;
    return false;
}

static void put(struct leaf *l, const struct iam_key *key)
{
    if (!iam_domain_absent(key))
        *(struct iam_key *)ARENA_PUSH(l->t->work, &l->keys, &l->nkeys) = *key;
}

/* A value for a variable that nothing else is known about. */
static struct slice example(const struct leaf *l, struct slice key)
{
    static const char account[] = "account";
    const size_t n = sizeof(account) - 1;

    if (key.len > n && iam_glob_same((struct slice){key.data + key.len - n, n}, slice_str(account)))
        return l->caller != NULL && l->caller->account.len > 0 ? l->caller->account
                                                               : SLICE_LIT("123456789012");
    return SLICE_LIT("someone");
}

static enum iam_answer worse(enum iam_answer a, enum iam_answer b)
{
    return a < b ? a : b;
}

static size_t slot_of(const struct iam_solver *t, struct slice key)
{
    for (size_t i = 0; i < t->atoms->nkeys; i++)
        if (iam_glob_same(t->atoms->keys[i], key))
            return IAM_SLOT_KEYS + i;
    return 0;
}

/* Is the key there, or is it not? A test that says so, for the variables. */
static struct iam_literal presence(const struct leaf *l, struct slice key)
{
    static const struct iam_doc nobody = {.name = ""};
    struct iam_test *t = ARENA_NEW(l->t->work, struct iam_test);
    struct slice *text = ARENA_NEW(l->t->work, struct slice);

    *text = slice_str(l->absent ? "true" : "false");
    *t = (struct iam_test){.op = IAM_NULL, .key = key, .values = {text, 1, false}};
    return (struct iam_literal){&nobody, t, true};
}

/* Gives the variables values: those that their own conditions ask for, else examples. */
static enum iam_answer bind(struct leaf *l)
{
    const struct iam_literal *fences = l->t->fences;
    const size_t nfences = l->t->nfences;
    struct iam_literal *more = ARENA_ARRAY(l->t->work, struct iam_literal, nfences + 1);
    enum iam_answer out = IAM_YES;

    if (nfences > 0)
        memcpy(more, fences, nfences * sizeof(*more));
    l->t->fences = more;
    l->t->nfences = nfences + 1;
    for (size_t i = 0; i < l->nvariables && out != IAM_NO; i++) {
        const size_t slot = slot_of(l->t, l->variables[i]);
        struct iam_key key = {.name = l->variables[i], .n = 1};
        struct slice *value = ARENA_NEW(l->t->work, struct slice);

        *value = example(l, l->variables[i]);
        key.values = value;
        more[nfences] = presence(l, l->variables[i]);
        if (slot != 0 && tested(l->t, slot))
            out = worse(out, iam_solver_key(l->t, slot, l->caller, &l->bound, &key));
        else if (l->absent)
            continue;
        put(l, &key);
    }
    l->t->fences = fences;
    l->t->nfences = nfences;
    l->bound = (struct iam_context){l->keys, l->nkeys, false};
    return out;
}

/* The other keys that are tested. */
static enum iam_answer fill(struct leaf *l)
{
    const struct iam_context bound = l->bound;
    enum iam_answer out = IAM_YES;

    for (size_t slot = IAM_SLOT_KEYS; slot < l->t->nslots && out != IAM_NO; slot++) {
        const struct slice name = iam_atom_key(l->t->atoms, slot);
        struct iam_key key;
        bool variable = false;

        for (size_t i = 0; i < l->nvariables; i++)
            variable = variable || iam_glob_same(l->variables[i], name);
        if (variable || !tested(l->t, slot))
            continue;
        out = worse(out, iam_solver_key(l->t, slot, l->caller, &bound, &key));
        if (out != IAM_NO)
            put(l, &key);
    }
    return out;
}

/* One caller, one way to have the variables. */
static enum iam_answer try(struct leaf *l, struct iam_request *out)
{
    enum iam_answer m;

    l->nkeys = 0;
    l->keys = NULL;
    l->bound = (struct iam_context){.open = true};
    m = bind(l);
    if (m != IAM_NO)
        m = worse(m, fill(l));
    if (m == IAM_NO)
        return IAM_NO;
    out->context = (struct iam_context){l->keys, l->nkeys, false};
    out->principal = l->caller != NULL ? l->caller->name : (struct slice){0};
    return worse(m, iam_ask_about(l->t, &l->bound, out));
}

/* With variables a "no" is right for the values tried alone. */
static enum iam_answer either_way(struct leaf *l, struct iam_request *out)
{
    struct iam_request second = {0};
    enum iam_answer m, m2;

    l->absent = false;
    m = try(l, out);
    if (m == IAM_YES || l->nvariables == 0)
        return m;
    l->absent = true;
    m2 = try(l, &second);
    if (m2 == IAM_YES || (m2 == IAM_MAYBE && m == IAM_NO))
        *out = second;
    return m2 == IAM_YES ? IAM_YES : IAM_MAYBE;
}

static enum iam_answer by_anyone(struct leaf *l, struct iam_request *out)
{
    const struct iam_solver *t = l->t;
    enum iam_answer best = IAM_NO;

    if (t->nmembers[IAM_SLOT_PRINCIPAL] == 0)
        return either_way(l, out);
    for (size_t i = 0; i < t->callers->n && best != IAM_YES; i++) {
        struct iam_request r = {0};
        enum iam_answer m;

        l->caller = &t->callers->items[i];
        if (iam_solver_caller(t, l->caller) != IAM_YES)
            continue;
        m = either_way(l, &r);
        if (m > best) {
            best = m;
            *out = r;
        }
    }
    return best;
}

const struct iam_caller *iam_leaf_caller(const struct iam_solver *t, const struct iam_request *r)
{
    for (size_t i = 0; i < t->callers->n; i++)
        if (r->principal.len > 0 && slice_eq(t->callers->items[i].name, r->principal))
            return &t->callers->items[i];
    return NULL;
}

/* All of a request, in `a`. */
static struct iam_request copied(const struct iam_request *r, struct arena *a)
{
    struct iam_key *keys = ARENA_ARRAY(a, struct iam_key, r->context.n);
    struct iam_request out = *r;

    out.action = arena_slice(a, r->action);
    out.resource = arena_slice(a, r->resource);
    out.principal = arena_slice(a, r->principal);
    out.context.keys = keys;
    for (size_t i = 0; i < r->context.n; i++) {
        struct slice *values = ARENA_ARRAY(a, struct slice, r->context.keys[i].n);

        keys[i] = r->context.keys[i];
        for (size_t k = 0; k < keys[i].n; k++)
            values[k] = arena_slice(a, keys[i].values[k]);
        keys[i].values = values;
    }
    return out;
}

enum iam_answer iam_leaf_request(struct iam_solver *t, struct iam_request *out)
{
    struct leaf l = {.t = t};
    struct iam_request found = {0};
    enum iam_answer m;

    t->work = &t->scratch;
    find_variables(&l);
    m = by_anyone(&l, &found);
    t->work = t->arena;
    if (m != IAM_NO)
        *out = copied(&found, t->arena);
    arena_clear(&t->scratch);
    return m;
}
