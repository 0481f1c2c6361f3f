#include "policies/iam/evaluate/iam_expand.h"

#include <string.h>

#include "base/limits.h"
#include "policies/iam/text/iam_glob.h"

/* ---- names ---- */

#define NAME_MAX 96 /* bytes of a name that distances are taken of */

/* Edit distance without case; more than `cap` is cap + 1. */
static unsigned distance(struct slice a, struct slice b, unsigned cap)
{
    unsigned row[NAME_MAX + 1];

    if (a.len > NAME_MAX || b.len > NAME_MAX || a.len > b.len + cap || b.len > a.len + cap)
        return cap + 1;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            const bool same = iam_glob_lower(a.data[i - 1]) == iam_glob_lower(b.data[j - 1]);
            unsigned best = diagonal + !same;

            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[b.len];
}

bool iam_expand_nearest(struct slice name, struct arena *a, struct slice *out)
{
    const uint8_t *colon = name.len > 0 ? memchr(name.data, ':', name.len) : NULL;
    unsigned best = 4;
    size_t first, n;
    struct slice rest;

    if (colon == NULL ||
        !iam_actions_service((struct slice){name.data, (size_t)(colon - name.data)}, &first, &n))
        return false;
    rest = slice_from(name, (size_t)(colon - name.data) + 1);
    for (size_t i = first; i < first + n; i++) {
        const unsigned d = distance(rest, iam_actions_at(i).name, best - 1);

        if (d >= best)
            continue;
        best = d;
        *out = iam_actions_text(i, a);
    }
    return best < 4;
}

/* A statement, and the actions that it speaks of. */
struct spoken {
    struct iam_grant by;
    struct iam_action_set set;
    bool whole; /* on every resource, under no condition */
};

struct spoken_list {
    struct spoken *items;
    size_t n;
};

struct expanding {
    struct arena *arena;
    struct spoken_list allows, denies;
    struct iam_listed *listed;
    size_t nlisted;
    struct arena names; /* sets of the names of one statement */
    size_t npairs;
    bool unknown;
};

/* The first other name of the list that matches all that `k` does; of two that match the same,
 * the earlier one stays. */
static size_t cover(const struct iam_action_set *sets, const struct iam_listed *l, size_t n,
                    size_t k)
{
    for (size_t i = 0; i < n; i++) {
        const bool may = i < k ? l[i].matches >= l[k].matches : l[i].matches > l[k].matches;

        if (may && sets[i].from <= sets[k].from && sets[i].to >= sets[k].to &&
            iam_actions_within(&sets[i], &sets[k]))
            return i;
    }
    return n;
}

/* Each name of a statement; gives the set of all that they match. */
static struct iam_action_set names(struct expanding *x, const struct iam_doc *d,
                                   const struct iam_statement *s)
{
    const size_t n = s->actions.n, from = x->nlisted;
    struct iam_action_set *sets = ARENA_ARRAY(&x->names, struct iam_action_set, n);
    struct iam_action_set all = iam_actions_none(x->arena);

    for (size_t i = 0; i < n; i++) {
        struct iam_listed *l = ARENA_PUSH(x->arena, &x->listed, &x->nlisted);

        sets[i] = iam_actions_none(&x->names);
        *l = (struct iam_listed){.doc = d, .statement = s, .name = s->actions.items[i]};
        l->matches = iam_actions_match(l->name, &sets[i]);
        iam_actions_join(&all, &sets[i]);
    }
    for (size_t i = 0; i < n; i++) {
        struct iam_listed *l = &x->listed[from + i];
        size_t by;

        if (l->matches == 0) {
            l->state = IAM_LISTED_UNKNOWN;
            (void)iam_expand_nearest(l->name, x->arena, &l->other);
            continue;
        }
        by = cover(sets, x->listed + from, n, i);
        if (by < n) {
            l->state = IAM_LISTED_REDUNDANT;
            l->other = x->listed[from + by].name;
        }
    }
    arena_clear(&x->names);
    return all;
}

/* ---- statements ---- */

static bool every_resource(const struct iam_statement *s)
{
    if (!s->has_resource)
        return true;
    for (size_t i = 0; i < s->resources.n && !s->not_resource; i++)
        if (iam_glob_any(s->resources.items[i]))
            return true;
    return false;
}

/* Under no condition, for everybody and everything. */
static bool plain(const struct iam_statement *s)
{
    return every_resource(s) && s->ntests == 0 && !s->tests_unknown && !s->not_principal &&
           !s->principals_unknown;
}

static void statement(struct expanding *x, const struct iam_doc *d, const struct iam_statement *s)
{
    struct spoken said = {.by = {d, s}, .set = names(x, d, s), .whole = plain(s)};

    if (s->not_action)
        iam_actions_invert(&said.set);
    x->unknown = x->unknown || s->actions.unknown || s->effect == IAM_EFFECT_UNKNOWN;
    if (s->actions.unknown && (s->not_action || s->effect == IAM_DENY))
        said.whole = false; /* what is not known yet may change that */
    if (s->effect == IAM_ALLOW)
        *(struct spoken *)ARENA_PUSH(x->arena, &x->allows.items, &x->allows.n) = said;
    if (s->effect == IAM_DENY) {
        said.whole = said.whole && !s->has_principal;
        *(struct spoken *)ARENA_PUSH(x->arena, &x->denies.items, &x->denies.n) = said;
    }
}

/* Those of the statements that speak of an action; whether one does so wholly. */
static bool speak(struct expanding *x, const struct spoken_list *all, size_t action,
                  const struct iam_grant **out, size_t *n)
{
    struct iam_grant *items = NULL;
    bool whole = false;

    *n = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (!iam_actions_has(&all->items[i].set, action))
            continue;
        whole = whole || all->items[i].whole;
        if (x->npairs++ < LIMIT_IAM_EXPAND_PAIRS)
            *(struct iam_grant *)ARENA_PUSH(x->arena, &items, n) = all->items[i].by;
    }
    *out = items;
    return whole;
}

static struct iam_action_set any(struct expanding *x)
{
    struct iam_action_set out = iam_actions_none(x->arena);

    for (size_t i = 0; i < x->allows.n; i++)
        iam_actions_join(&out, &x->allows.items[i].set);
    return out;
}

/* What the boundary says of an action is a limit: its Allows where they are not for everything. */
static void limit(struct iam_allowed *to, const struct iam_allowed *by, struct arena *a)
{
    const size_t n = to->nlimits + by->nlimits + by->ngrants;
    struct iam_grant *all;

    if (by->plain)
        return;
    all = ARENA_ARRAY(a, struct iam_grant, n);
    to->plain = false;
    if (to->nlimits > 0)
        memcpy(all, to->limits, to->nlimits * sizeof(*all));
    if (by->nlimits > 0)
        memcpy(all + to->nlimits, by->limits, by->nlimits * sizeof(*all));
    if (by->ngrants > 0)
        memcpy(all + to->nlimits + by->nlimits, by->grants, by->ngrants * sizeof(*all));
    to->limits = all;
    to->nlimits = n;
}

size_t iam_expand_within(struct iam_expansion *x, const struct iam_docs *boundary, struct arena *a)
{
    struct iam_allowed *kept = ARENA_ARRAY(a, struct iam_allowed, x->n);
    struct iam_expansion by;
    size_t n = 0, at = 0, all = x->n;

    iam_expand(boundary, a, &by);
    for (size_t i = 0; i < x->n; i++) {
        while (at < by.n && by.allowed[at].action < x->allowed[i].action)
            at++;
        kept[n] = x->allowed[i];
        if (at < by.n && by.allowed[at].action == kept[n].action)
            limit(&kept[n++], &by.allowed[at], a);
        else if (by.unknown)
            kept[n++].plain = false;
    }
    x->allowed = kept;
    x->n = n;
    x->unknown = x->unknown || by.unknown;
    return all - n;
}

void iam_expand(const struct iam_docs *docs, struct arena *a, struct iam_expansion *out)
{
    struct expanding x = {.arena = a, .unknown = docs->unknown};
    struct iam_allowed *items = NULL;
    struct iam_action_set all;
    size_t n = 0;

    arena_init(&x.names);
    for (size_t i = 0; i < docs->n; i++) {
        x.unknown = x.unknown || docs->items[i].unknown;
        for (size_t k = 0; k < docs->items[i].n; k++)
            statement(&x, &docs->items[i], &docs->items[i].statements[k]);
    }
    all = any(&x);
    for (size_t i = iam_actions_next(&all, 0); i < iam_actions_count();
         i = iam_actions_next(&all, i + 1)) {
        struct iam_allowed to = {.action = i};

        if (speak(&x, &x.denies, i, &to.limits, &to.nlimits))
            continue; /* denied altogether */
        to.plain = speak(&x, &x.allows, i, &to.grants, &to.ngrants) && to.nlimits == 0;
        *(struct iam_allowed *)ARENA_PUSH(a, &items, &n) = to;
    }
    arena_release(&x.names);
    *out = (struct iam_expansion){.allowed = items,
                                  .n = n,
                                  .listed = x.listed,
                                  .nlisted = x.nlisted,
                                  .unknown = x.unknown || x.npairs > LIMIT_IAM_EXPAND_PAIRS};
}
