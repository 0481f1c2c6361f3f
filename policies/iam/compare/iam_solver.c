#include "policies/iam/compare/iam_solver.h"

#include <string.h>

#include "policies/iam/evaluate/iam_asked.h"
#include "policies/iam/evaluate/iam_match.h"
#include "policies/iam/solve/iam_region.h"

/* What a question costs that no automaton is asked for. */
#define ASK_STEPS 4u

/* An answer that was found: for these atoms of one slot, this. */
struct iam_solver_link {
    struct iam_solver_link *next;
    const uint32_t *set; /* atom * 2 + is, after the slot */
    size_t n;
    enum iam_answer answer;
};

/* sts:GetCallerIdentity and the like: all are of STS. */
static void leave_out(struct iam_solver *t)
{
    size_t first, n;

    if (t->exempt_too || !iam_actions_service(SLICE_LIT("sts"), &first, &n))
        return;
    for (size_t i = first; i < first + n; i++)
        if (iam_asked_exempt(iam_actions_text(i, t->arena)))
            *(size_t *)ARENA_PUSH(t->arena, &t->exempt, &t->nexempt) = i;
}

void iam_solver_init(struct iam_solver *t)
{
    t->work = t->arena;
    arena_init(&t->scratch);
    leave_out(t);
    t->nslots = IAM_SLOT_KEYS + t->atoms->nkeys;
    t->values = ARENA_ARRAY(t->arena, int, t->atoms->n);
    t->trail = ARENA_ARRAY(t->arena, size_t, t->atoms->n);
    t->asked = ARENA_ARRAY(t->arena, bool, t->nslots);
    t->members = ARENA_ARRAY(t->arena, size_t *, t->nslots);
    t->nmembers = ARENA_ARRAY(t->arena, size_t, t->nslots);
    t->sets = ARENA_ARRAY(t->arena, struct iam_action_set, t->atoms->n);
    t->names = ARENA_ARRAY(t->arena, struct iam_name_list, t->atoms->n);
    for (size_t i = 0; i < t->atoms->n; i++) {
        const size_t slot = t->atoms->items[i].slot;

        *(size_t *)ARENA_PUSH(t->arena, &t->members[slot], &t->nmembers[slot]) = i;
    }
}

void iam_solver_release(struct iam_solver *t)
{
    arena_release(&t->scratch);
}

void iam_solver_switch(struct iam_solver *t, enum iam_solver_actions actions, bool hopeful)
{
    if (hopeful != t->hopeful) {
        memset(t->cache, 0, sizeof(t->cache));
    } else if (actions != t->actions) {
        for (size_t i = 0; i < ARRAY_LEN(t->cache); i++)
            for (struct iam_solver_link **at = &t->cache[i]; *at != NULL;) {
                if ((*at)->set[0] == IAM_SLOT_ACTION)
                    *at = (*at)->next;
                else
                    at = &(*at)->next;
            }
    }
    t->actions = actions;
    t->hopeful = hopeful;
}

/* How an atom with unknown values counts: by its known ones, not at all, or as a contradiction. */
enum unknown { KNOWN_ONES, FREE, NEVER };

/* A list with unknown items: that something is in it cannot be ruled out; that nothing is, never
 * be sure. Of a negated operator the reverse. */
static enum unknown reading(const struct iam_solver *t, size_t atom)
{
    const struct iam_atom *a = &t->atoms->items[atom];
    bool in = t->values[atom] > 0;

    if (!a->unknown)
        return KNOWN_ONES;
    if (a->slot == IAM_SLOT_HIDDEN || (a->test != NULL && a->test->op == IAM_NULL))
        return t->hopeful ? FREE : NEVER;
    if (a->test != NULL && iam_doc_operator_negated(a->test->op))
        in = !in;
    if (t->hopeful)
        return in ? FREE : KNOWN_ONES;
    return in ? KNOWN_ONES : NEVER;
}

static const struct iam_action_set *set_of(struct iam_solver *t, size_t atom)
{
    struct iam_action_set *s = &t->sets[atom];
    const struct iam_texts *list = &t->atoms->items[atom].statement->actions;

    if (s->bits == NULL) {
        *s = iam_actions_none(t->arena);
        for (size_t i = 0; i < list->n; i++)
            (void)iam_actions_match(list->items[i], s);
    }
    return s;
}

/* Is the atom's list of actions asked for? */
static bool counts(const struct iam_solver *t, size_t atom)
{
    return t->values[atom] != 0 && reading(t, atom) != FREE;
}

/* The words in which all lists that must match have actions. */
static void narrow(struct iam_solver *t, struct iam_action_set *out)
{
    out->from = 0;
    out->to = out->nwords;
    for (size_t i = 0; i < t->nmembers[IAM_SLOT_ACTION]; i++) {
        const size_t atom = t->members[IAM_SLOT_ACTION][i];
        const struct iam_action_set *s;

        if (!counts(t, atom))
            continue;
        if (reading(t, atom) == NEVER)
            out->to = out->from;
        if (t->values[atom] < 0)
            continue;
        s = set_of(t, atom);
        out->from = s->from > out->from ? s->from : out->from;
        out->to = s->to < out->to ? s->to : out->to;
    }
}

static void remove_s3(struct iam_action_set *s)
{
    size_t first, n;

    if (!iam_actions_service(SLICE_LIT("s3"), &first, &n))
        return;
    for (size_t i = first; i < first + n; i++)
        if (iam_actions_has(s, i) && iam_actions_key_own(i, SLICE_LIT("s3:ResourceAccount")))
            iam_actions_remove(s, i);
}

struct iam_action_set iam_solver_set(struct iam_solver *t)
{
    struct iam_action_set out = iam_actions_none(t->work);
    const size_t count = iam_actions_count();

    narrow(t, &out);
    if (out.from >= out.to)
        return iam_actions_none(t->work);
    memset(out.bits + out.from, 0xff, (out.to - out.from) * sizeof(*out.bits));
    for (size_t i = count; i < out.to * 64; i++)
        iam_actions_remove(&out, i); /* behind the last action there are none */
    for (size_t i = 0; i < t->nmembers[IAM_SLOT_ACTION]; i++) {
        const size_t atom = t->members[IAM_SLOT_ACTION][i];
        const struct iam_action_set *s;

        if (!counts(t, atom))
            continue;
        s = set_of(t, atom);
        for (size_t k = out.from; k < out.to; k++)
            out.bits[k] &= t->values[atom] > 0 ? s->bits[k] : ~s->bits[k];
    }
    for (size_t i = 0; i < t->nexempt; i++)
        iam_actions_remove(&out, t->exempt[i]);
    if (t->beside_s3)
        remove_s3(&out);
    return out;
}

static enum iam_answer some(struct iam_solver *t)
{
    const struct iam_action_set s = iam_solver_set(t);

    return iam_actions_next(&s, 0) < iam_actions_count() ? IAM_YES : IAM_NO;
}

static const struct iam_name_list *names_of(struct iam_solver *t, size_t atom)
{
    struct iam_name_list *l = &t->names[atom];

    if (l->entries == NULL)
        iam_name_prepare(&t->atoms->items[atom].statement->actions, t->arena, l);
    return l;
}

enum iam_answer iam_solver_name(struct iam_solver *t, struct slice *out)
{
    const size_t n = t->nmembers[IAM_SLOT_ACTION];
    const struct iam_name_list **in = ARENA_ARRAY(t->work, const struct iam_name_list *, n);
    const struct iam_name_list **outs = ARENA_ARRAY(t->work, const struct iam_name_list *, n + 1);
    static const struct slice s3[] = {SLICE_INIT("s3:*")};
    const struct iam_texts all_s3 = {s3, 1, false};
    struct iam_name_list of_s3;
    struct iam_name_lists l = {.kind = t->actions == IAM_SOLVER_NEW      ? IAM_NAME_NEW
                                       : t->actions == IAM_SOLVER_SPOKEN ? IAM_NAME_SPOKEN
                                                                         : IAM_NAME_ANY,
                               .in = in,
                               .out = outs};

    for (size_t i = 0; i < n; i++) {
        const size_t atom = t->members[IAM_SLOT_ACTION][i];
        const enum unknown how = reading(t, atom);

        if (t->values[atom] == 0 || how == FREE)
            continue;
        if (how == NEVER)
            return IAM_NO;
        if (t->values[atom] > 0)
            in[l.nin++] = names_of(t, atom);
        else
            outs[l.nout++] = names_of(t, atom);
    }
    if (t->beside_s3) {
        iam_name_prepare(&all_s3, t->work, &of_s3);
        outs[l.nout++] = &of_s3;
    }
    return iam_name_find(&l, t->budget, t->work, out);
}

/* Adds the atom's list to what an ARN must be. */
static bool demand(struct iam_solver *t, struct iam_region *r, size_t atom)
{
    const struct iam_atom *a = &t->atoms->items[atom];
    const enum unknown how = reading(t, atom);
    struct iam_texts *texts = ARENA_NEW(t->work, struct iam_texts);
    const struct iam_region_texts part = {a->doc, texts, IAM_REGION_RESOURCE,
                                          iam_match_rule(a->statement) == IAM_ARN_IDENTITY
                                              ? IAM_MODE_ARN_IDENTITY
                                              : IAM_MODE_ARN_RESOURCE};

    *texts = (struct iam_texts){a->statement->resources.items, a->statement->resources.n, false};
    if (how == KNOWN_ONES)
        iam_region_add(r, &part, t->values[atom] > 0 ? IAM_REGION_SOME : IAM_REGION_NONE);
    return how != NEVER;
}

/* An ARN of the owner's account, or of those that have none. */
static void owned(struct iam_solver *t, struct iam_region *r)
{
    static const struct iam_doc nobody = {.name = ""};
    struct iam_texts *texts = ARENA_NEW(t->work, struct iam_texts);
    struct slice *items = ARENA_ARRAY(t->work, struct slice, t->bare.n + 1);
    const struct iam_region_texts part = {&nobody, texts, IAM_REGION_PATTERN,
                                          IAM_MODE_ARN_RESOURCE};

    if (t->bare.n > 0)
        memcpy(items, t->bare.items, t->bare.n * sizeof(*items));
    items[t->bare.n] = slice_str(
        arena_printf(t->work, "arn:*:*:*:%.*s:*", (int)t->owner.len, (const char *)t->owner.data));
    *texts = (struct iam_texts){items, t->bare.n + 1, false};
    iam_region_add(r, &part, IAM_REGION_SOME);
}

enum iam_answer iam_solver_arn(struct iam_solver *t, const struct iam_solver_shape *shape,
                               const struct iam_context *bound, struct slice *out)
{
    struct iam_region r;

    iam_region_init(&r, bound, t->work);
    for (size_t i = 0; i < t->nmembers[IAM_SLOT_RESOURCE]; i++) {
        const size_t atom = t->members[IAM_SLOT_RESOURCE][i];

        if (t->values[atom] != 0 && !demand(t, &r, atom))
            return IAM_NO;
    }
    if (t->owner.len > 0)
        owned(t, &r);
    iam_region_pattern(&r, shape->like, IAM_MODE_ARN_RESOURCE, true);
    if (shape->unlike != NULL)
        iam_region_pattern(&r, shape->unlike, IAM_MODE_ARN_RESOURCE, false);
    return iam_region_find(&r, t->budget, out);
}

enum iam_answer iam_solver_none(const struct iam_solver *t)
{
    for (size_t i = 0; i < t->nmembers[IAM_SLOT_RESOURCE]; i++) {
        const size_t atom = t->members[IAM_SLOT_RESOURCE][i];
        const struct iam_texts *list = &t->atoms->items[atom].statement->resources;
        const enum unknown how = reading(t, atom);
        bool any = false;

        if (t->values[atom] == 0 || how == FREE)
            continue;
        for (size_t k = 0; k < list->n; k++)
            any = any || iam_glob_any(list->items[k]);
        if (how == NEVER || any != (t->values[atom] > 0))
            return IAM_NO;
    }
    return IAM_YES;
}

static const struct iam_context unbound = {.open = true};

static enum iam_answer resource(struct iam_solver *t)
{
    const struct iam_solver_shape any = {IAM_SOLVER_ARN, NULL};
    struct slice witness;

    if (iam_solver_none(t) == IAM_YES)
        return IAM_YES;
    return iam_solver_arn(t, &any, &unbound, &witness);
}

enum iam_answer iam_solver_caller(const struct iam_solver *t, const struct iam_caller *c)
{
    for (size_t i = 0; i < t->nmembers[IAM_SLOT_PRINCIPAL]; i++) {
        const size_t atom = t->members[IAM_SLOT_PRINCIPAL][i];
        const int value = t->values[atom];
        enum iam_answer in;

        if (value == 0)
            continue;
        in = iam_caller_in(&t->atoms->items[atom], c);
        if (in == IAM_MAYBE ? !t->hopeful : (in == IAM_YES) != (value > 0))
            return IAM_NO;
    }
    return IAM_YES;
}

static enum iam_answer principal(const struct iam_solver *t)
{
    for (size_t i = 0; i < t->callers->n; i++)
        if (iam_solver_caller(t, &t->callers->items[i]) == IAM_YES)
            return IAM_YES;
    return IAM_NO;
}

/* Keys of every request, each with a value that one may have. SPEC: IAM User Guide, "AWS global
 * condition context keys", "Availability" */
static const struct always {
    const char *key, *value;
    bool by_identity; /* of who signs */
} always[] = {{"aws:CurrentTime", "2026-01-01T00:00:00Z", false},
              {"aws:EpochTime", "1767225600", false},
              {"aws:SecureTransport", "true", false},
              {"aws:RequestedRegion", "us-east-1", false},
              {"aws:UserAgent", "aws-cli", false},
              {"aws:PrincipalType", "User", false},
              {"aws:userid", "AIDASOMEONE", false},
              {"aws:PrincipalArn", "arn:aws:iam::123456789012:user/someone", true},
              {"aws:PrincipalAccount", "123456789012", true}};

static const struct always *always_of(const struct iam_solver *t, struct slice key)
{
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        if (iam_glob_same(key, slice_str(always[i].key)) &&
            (!always[i].by_identity || t->nmembers[IAM_SLOT_PRINCIPAL] == 0))
            return &always[i];
    return NULL;
}

bool iam_solver_always(const struct iam_solver *t, struct slice key)
{
    return always_of(t, key) != NULL;
}

/* Adds an atom of a key; false: it cannot be so. */
static bool test(struct iam_solver *t, size_t atom, struct iam_literal *literals, size_t *n)
{
    const struct iam_atom *a = &t->atoms->items[atom];
    const enum unknown how = reading(t, atom);
    struct iam_test *known = ARENA_NEW(t->work, struct iam_test);

    if (how == KNOWN_ONES) {
        *known = *a->test;
        known->values.unknown = false;
        literals[(*n)++] = (struct iam_literal){a->doc, known, t->values[atom] > 0};
    }
    return how != NEVER;
}

enum iam_answer iam_solver_key(struct iam_solver *t, size_t slot, const struct iam_caller *c,
                               const struct iam_context *bound, struct iam_key *out)
{
    const struct slice key = iam_atom_key(t->atoms, slot);
    const struct iam_literal *implied = NULL;
    const size_t nimplied = c == NULL ? 0 : iam_caller_implies(c, key, t->work, &implied);
    struct iam_literal *literals =
        ARENA_ARRAY(t->work, struct iam_literal, t->nmembers[slot] + t->nfences + nimplied);
    struct iam_domain d = {key, literals, 0, bound, !iam_solver_always(t, key)};

    *out = (struct iam_key){.name = key};
    for (size_t i = 0; i < t->nmembers[slot]; i++)
        if (t->values[t->members[slot][i]] != 0 && !test(t, t->members[slot][i], literals, &d.n))
            return IAM_NO;
    if (d.n == 0 && (d.may_absent || !t->whole))
        return IAM_YES; /* nobody asks */
    for (size_t i = 0; i < t->nfences; i++)
        if (iam_glob_same(t->fences[i].test->key, key))
            literals[d.n++] = t->fences[i];
    for (size_t i = 0; i < nimplied; i++)
        literals[d.n++] = implied[i];
    if (d.n == 0) {
        const struct always *usual = always_of(t, key);

        *out = iam_request_single(usual->key, slice_str(usual->value), t->work);
        return IAM_YES;
    }
    return iam_domain_solve(&d, t->budget, t->work, out);
}

static enum iam_answer hidden(const struct iam_solver *t)
{
    for (size_t i = 0; i < t->nmembers[IAM_SLOT_HIDDEN]; i++)
        if (t->values[t->members[IAM_SLOT_HIDDEN][i]] != 0 && !t->hopeful)
            return IAM_NO;
    return IAM_YES;
}

static enum iam_answer ask(struct iam_solver *t, size_t slot)
{
    struct slice name;
    struct iam_key key;

    switch (slot) {
    case IAM_SLOT_ACTION:
        return t->actions == IAM_SOLVER_TABLE || t->actions == IAM_SOLVER_TYPED
                   ? some(t)
                   : iam_solver_name(t, &name);
    case IAM_SLOT_RESOURCE:
        return resource(t);
    case IAM_SLOT_PRINCIPAL:
        return principal(t);
    case IAM_SLOT_HIDDEN:
        return hidden(t);
    default:
        return iam_solver_key(t, slot, NULL, &unbound, &key);
    }
}

/* The atoms of the slot that are set, as one number each. */
static size_t settled(const struct iam_solver *t, size_t slot, uint32_t *set)
{
    size_t n = 0;

    set[n++] = (uint32_t)slot;
    for (size_t i = 0; i < t->nmembers[slot]; i++) {
        const size_t atom = t->members[slot][i];

        if (t->values[atom] != 0)
            set[n++] = (uint32_t)(atom * 2 + (t->values[atom] > 0));
    }
    return n;
}

enum iam_answer iam_solver_check(struct iam_solver *t, size_t slot)
{
    uint32_t *set = ARENA_ARRAY(&t->scratch, uint32_t, t->nmembers[slot] + 1);
    const size_t n = settled(t, slot, set);
    struct iam_solver_link *link;
    enum iam_answer answer;
    uint32_t h = 2166136261u, *kept;

    for (size_t i = 0; i < n; i++)
        h = (h ^ set[i]) * 16777619u;
    h = (h ^ h >> 15) % ARRAY_LEN(t->cache);
    for (link = t->cache[h]; link != NULL; link = link->next)
        if (link->n == n && memcmp(link->set, set, n * sizeof(*set)) == 0)
            break;
    if (link == NULL) {
        t->budget->left -= t->budget->left < ASK_STEPS ? t->budget->left : ASK_STEPS;
        t->work = &t->scratch;
        answer = ask(t, slot);
        t->work = t->arena;
        kept = ARENA_ARRAY(t->arena, uint32_t, n);
        memcpy(kept, set, n * sizeof(*set));
        link = ARENA_NEW(t->arena, struct iam_solver_link);
        *link = (struct iam_solver_link){t->cache[h], kept, n, answer};
        t->cache[h] = link;
    }
    arena_clear(&t->scratch);
    return link->answer;
}
