#include "policies/iam/compare/iam_leaf.h"

#include <string.h>

#include "policies/iam/compare/iam_ask.h"
#include "policies/iam/compare/iam_owner.h"
#include "policies/iam/document/iam_variables.h"

/* A request in the making. */
struct leaf {
    struct iam_solver *t;
    const struct iam_caller *caller; /* NULL: nobody is named anywhere */
    bool nameless;                   /* the caller is a guess: policies of an identity */
    const struct iam_owner *owner;   /* of the resource; NULL: it makes no difference */
    uint64_t absent;                 /* try without these of the variables' keys, one bit each */
    bool distinct;                   /* try with values for them that are not the same */
    struct slice *variables;         /* their keys */
    size_t nvariables;
    struct iam_owners owners;
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

static bool of_owner(const struct leaf *l, struct slice key)
{
    return l->owner != NULL && iam_owner_key(key);
}

/* A value for the variable `i` that nothing else is known about. */
static struct slice example(const struct leaf *l, size_t i)
{
    static const char account[] = "account";
    const size_t n = sizeof(account) - 1;
    const struct slice key = l->variables[i];

    if (of_owner(l, key))
        return l->owner->account;
    if (key.len <= n ||
        !iam_glob_same((struct slice){key.data + key.len - n, n}, slice_str(account)))
        return l->distinct && i > 0 ? slice_str(arena_printf(l->t->work, "someone%zu", i + 1))
                                    : SLICE_LIT("someone");
    if (l->caller != NULL && l->caller->account.len > 0)
        return l->caller->account;
    if (l->owner == NULL || l->owner->account.len == 0)
        return SLICE_LIT("123456789012");
    if (!l->distinct)
        return l->owner->account;
    return slice_is(l->owner->account, "123456789012") ? SLICE_LIT("210987654321")
                                                       : SLICE_LIT("123456789012");
}

static bool lacks(const struct leaf *l, size_t i)
{
    if (of_owner(l, l->variables[i]))
        return l->owner->account.len == 0 ||
               (l->t->beside_s3 && iam_glob_same(l->variables[i], SLICE_LIT(IAM_OWNER_S3_KEY)));
    return (l->absent >> (i < 63 ? i : 63) & 1) != 0 && !iam_solver_always(l->t, l->variables[i]);
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
static struct iam_literal presence(const struct leaf *l, size_t i)
{
    static const struct iam_doc nobody = {.name = ""};
    struct iam_test *t = ARENA_NEW(l->t->work, struct iam_test);
    struct slice *text = ARENA_NEW(l->t->work, struct slice);

    *text = slice_str(lacks(l, i) ? "true" : "false");
    *t = (struct iam_test){.op = IAM_NULL, .key = l->variables[i], .values = {text, 1, false}};
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

        *value = example(l, i);
        key.values = value;
        more[nfences] = presence(l, i);
        if (slot != 0 && tested(l->t, slot))
            out = worse(out, iam_solver_key(l->t, slot, l->caller, &l->bound, &key));
        else if (lacks(l, i))
            continue;
        put(l, &key);
    }
    l->t->fences = fences;
    l->t->nfences = nfences;
    l->bound = (struct iam_context){.keys = l->keys, .n = l->nkeys};
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
        if (variable || (!tested(l->t, slot) && !(l->t->whole && iam_solver_always(l->t, name))))
            continue;
        out = worse(out, iam_solver_key(l->t, slot, l->caller, &bound, &key));
        if (out != IAM_NO)
            put(l, &key);
    }
    return out;
}

/* One caller, one owner, one way to have the variables. */
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
    out->context = (struct iam_context){.keys = l->keys, .n = l->nkeys};
    out->principal = l->caller != NULL && !l->nameless ? l->caller->name : (struct slice){0};
    return worse(m, iam_ask_about(l->t, &l->bound, out));
}

/* Keeps the better request of `m` and that of `best`. */
static bool better(enum iam_answer m, const struct iam_request *r, enum iam_answer *best,
                   struct iam_request *out)
{
    if (m > *best) {
        *best = m;
        *out = *r;
    }
    return *best == IAM_YES;
}

/* Variables of which each may be there or not, whatever the others; of more, all or none. */
#define SEPARATE 2u

/* Is there a caller of the owner's account, when callers are tried one by one? */
static bool met(const struct leaf *l)
{
    const struct iam_callers *c = l->t->callers;

    if (l->caller == NULL || l->owner->other || l->owner->account.len == 0)
        return true;
    for (size_t i = 0; i < c->naccounts; i++)
        if (slice_eq(c->accounts[i], l->owner->account))
            return true;
    return false;
}

/* Do texts hang on the owner alone, who is one of those that are tried? */
static bool owned(const struct leaf *l)
{
    bool all = l->owner != NULL && met(l);

    for (size_t i = 0; i < l->nvariables && all; i++)
        all = of_owner(l, l->variables[i]);
    return all;
}

/* With variables a "no" is right for the values tried alone. */
static enum iam_answer each_way(struct leaf *l, struct iam_request *out)
{
    const uint64_t all = UINT64_MAX;
    enum iam_answer best = IAM_NO;

    l->distinct = false;
    l->absent = 0;
    if (better(try(l, out), out, &best, out) || l->nvariables == 0 || owned(l))
        return best;
    for (uint64_t way = 1; way < (l->nvariables <= SEPARATE ? 1u << l->nvariables : 3u); way++) {
        struct iam_request r = {0};

        /* the last is all of them, and with many, the first is none, each of another value */
        l->distinct = l->nvariables > SEPARATE && way == 1;
        l->absent = l->nvariables <= SEPARATE ? way : way == 1 ? 0 : all;
        if (better(try(l, &r), &r, &best, out))
            return best;
    }
    l->absent = 0;
    l->distinct = true;
    if (l->nvariables == SEPARATE || (l->nvariables == 1 && l->owner != NULL)) {
        struct iam_request r = {0};

        (void)better(try(l, &r), &r, &best, out);
    }
    return best == IAM_YES ? IAM_YES : IAM_MAYBE;
}

/* Do the atoms that are set, or their variables, ask for the key? */
static bool asked(const struct leaf *l, const char *key)
{
    const size_t slot = slot_of(l->t, slice_str(key));

    for (size_t i = 0; i < l->nvariables; i++)
        if (iam_glob_same(l->variables[i], slice_str(key)))
            return true;
    return slot != 0 && tested(l->t, slot);
}

/* The resource is the owner's. Requests to S3 say so by a key of theirs; of others it may be
 * absent, which is looked at where policies ask for it. */
static enum iam_answer of_one(struct leaf *l, struct iam_literal *fences, struct iam_request *out)
{
    const struct slice account = l->owner->account, absent = {NULL, 0};
    struct iam_request r = {0};
    enum iam_answer best;

    l->t->owner = account;
    fences[0] = iam_owner_fence(l->t, IAM_OWNER_KEY, account);
    fences[1] = iam_owner_fence(l->t, IAM_OWNER_S3_KEY, account);
    best = each_way(l, out);
    if (best == IAM_YES || account.len == 0 || !asked(l, IAM_OWNER_S3_KEY))
        return best;
    fences[1] = iam_owner_fence(l->t, IAM_OWNER_S3_KEY, absent);
    l->t->beside_s3 = true;
    (void)better(each_way(l, &r), &r, &best, out);
    l->t->beside_s3 = false;
    return best;
}

/* The resource of each account that makes a difference. */
static enum iam_answer of_anyone(struct leaf *l, struct iam_request *out)
{
    const struct iam_literal *fences = l->t->fences;
    const size_t nfences = l->t->nfences;
    struct iam_literal *more = ARENA_ARRAY(l->t->work, struct iam_literal, nfences + 2);
    enum iam_answer best = IAM_NO;

    if (l->owners.n == 0)
        return each_way(l, out);
    if (nfences > 0)
        memcpy(more, fences, nfences * sizeof(*more));
    l->t->fences = more;
    l->t->nfences = nfences + 2;
    for (size_t i = 0; i < l->owners.n && best != IAM_YES; i++) {
        struct iam_request r = {0};

        l->owner = &l->owners.items[i];
        (void)better(of_one(l, &more[nfences], &r), &r, &best, out);
    }
    l->owner = NULL;
    l->t->owner = (struct slice){0};
    l->t->fences = fences;
    l->t->nfences = nfences;
    return best;
}

/* Must the caller be somebody, although no policy names one? Then his ARN is of his account. */
static bool nameless(const struct leaf *l)
{
    return !l->t->callers->families && asked(l, "aws:PrincipalArn") +
                                               asked(l, "aws:PrincipalAccount") +
                                               asked(l, "kms:CallerAccount") >
                                           1;
}

static enum iam_answer by_anyone(struct leaf *l, struct iam_request *out)
{
    const struct iam_solver *t = l->t;
    enum iam_answer best = IAM_NO;

    l->nameless = t->nmembers[IAM_SLOT_PRINCIPAL] == 0;
    if (l->nameless && !nameless(l))
        return of_anyone(l, out);
    for (size_t i = 0; i < t->callers->n && best != IAM_YES; i++) {
        struct iam_request r = {0};

        l->caller = &t->callers->items[i];
        if (l->nameless && l->caller->kind != IAM_CALLER_STRANGER &&
            l->caller->kind != IAM_CALLER_MEMBER)
            continue;
        if (iam_solver_caller(t, l->caller) == IAM_YES)
            (void)better(of_anyone(l, &r), &r, &best, out);
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
    iam_owner_collect(t, asked(&l, IAM_OWNER_KEY) || asked(&l, IAM_OWNER_S3_KEY), &l.owners);
    m = by_anyone(&l, &found);
    t->work = t->arena;
    if (m != IAM_NO)
        *out = copied(&found, t->arena);
    arena_clear(&t->scratch);
    return m;
}
