#include "policies/iam/iam_classes.h"

#include <string.h>

#include "policies/iam/iam_match.h"

/* A name that is listed for the service at hand, and by which statements. */
struct listed {
    struct slice name; /* a pattern; "*" for all */
    bool *by;          /* one for each statement */
    bool wild;
    unsigned group; /* those that the same statements list */
};

struct making {
    const struct iam_statement *const *statements;
    size_t n;
    struct arena *arena;
    struct slice service; /* at hand */
    struct listed *listed;
    size_t nlisted;
    struct iam_class *items;
    size_t nitems;
    struct iam_budget *budget;
    bool complete;
};

static bool split(struct slice action, struct slice *service, struct slice *name)
{
    const uint8_t *colon = action.len > 0 ? memchr(action.data, ':', action.len) : NULL;

    *service = *name = action;
    if (colon == NULL)
        return slice_is(action, "*");
    service->len = (size_t)(colon - action.data);
    *name = slice_from(action, service->len + 1);
    return true;
}

static bool noted(const struct slice *services, size_t n, struct slice s)
{
    for (size_t i = 0; i < n; i++)
        if (iam_glob_same(services[i], s))
            return true;
    return false;
}

/* All services that are named, and one that is not. */
static struct slice *services(const struct making *m, size_t *n)
{
    static const char *const others[] = {"ec2", "s3", "iam", "lambda", "sqs", "another-service"};
    struct slice *out = NULL, service, name;

    *n = 0;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->statements[i]->actions.n; k++) {
            if (!split(m->statements[i]->actions.items[k], &service, &name) ||
                slice_is(service, "*") || noted(out, *n, service))
                continue;
            *(struct slice *)ARENA_PUSH(m->arena, &out, n) = service;
        }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (!noted(out, *n, slice_str(others[i]))) {
            *(struct slice *)ARENA_PUSH(m->arena, &out, n) = slice_str(others[i]);
            break;
        }
    return out;
}

static struct listed *listing(struct making *m, struct slice name)
{
    struct listed *l;

    for (size_t i = 0; i < m->nlisted; i++)
        if (iam_glob_same(m->listed[i].name, name))
            return &m->listed[i];
    l = ARENA_PUSH(m->arena, &m->listed, &m->nlisted);
    *l = (struct listed){
        .name = name, .by = ARENA_ARRAY(m->arena, bool, m->n), .wild = iam_glob_wild(name)};
    return l;
}

static void group(struct making *m)
{
    unsigned groups = 1; /* the first is "any name" */

    for (size_t i = 0; i < m->nlisted; i++) {
        struct listed *l = &m->listed[i];

        for (size_t k = 0; k < i && l->wild && l->group == 0; k++)
            if (m->listed[k].wild && memcmp(m->listed[k].by, l->by, m->n) == 0)
                l->group = m->listed[k].group;
        if (l->wild && l->group == 0)
            l->group = ++groups;
    }
}

/* Each name once; those that the same statements list are a group. */
static void list(struct making *m)
{
    struct slice service, name;

    m->listed = NULL;
    m->nlisted = 0;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->statements[i]->actions.n; k++)
            if (split(m->statements[i]->actions.items[k], &service, &name) &&
                (slice_is(service, "*") || iam_glob_same(service, m->service)))
                listing(m, name)->by[i] = true;
    group(m);
}

/* A class for this row of matching statements, unless there is one. */
static struct iam_class *class_of(struct making *m, const bool *row)
{
    struct iam_class *c;

    for (size_t i = 0; i < m->nitems; i++)
        if (memcmp(m->items[i].matches, row, m->n) == 0)
            return &m->items[i];
    c = ARENA_PUSH(m->arena, &m->items, &m->nitems);
    c->matches = row;
    return c;
}

/* Which statements speak of an action of this name? */
static bool *row_of(const struct making *m, struct slice name)
{
    bool *row = ARENA_ARRAY(m->arena, bool, m->n + 1);

    for (size_t i = 0; i < m->nlisted; i++) {
        const struct listed *l = &m->listed[i];

        if (l->wild ? iam_glob_match(l->name, name, true) : iam_glob_same(l->name, name))
            for (size_t k = 0; k < m->n; k++)
                row[k] |= l->by[k];
    }
    for (size_t i = 0; i < m->n; i++)
        row[i] = row[i] != m->statements[i]->not_action;
    return row;
}

static void add(struct making *m, struct slice name)
{
    struct iam_class *c = class_of(m, row_of(m, name));

    if (c->action.len == 0)
        c->action = slice_str(arena_printf(m->arena, "%.*s:%.*s", (int)m->service.len,
                                           (const char *)m->service.data, (int)name.len,
                                           (const char *)name.data));
}

static bool literal(const struct making *m, struct slice name)
{
    for (size_t i = 0; i < m->nlisted; i++)
        if (!m->listed[i].wild && iam_glob_same(m->listed[i].name, name))
            return true;
    return false;
}

/* Another name that meets the same patterns and is none of those that are listed in full. */
static bool another(struct making *m, const bool *met, struct slice *name)
{
    struct iam_pattern *p = ARENA_ARRAY(m->arena, struct iam_pattern, m->nlisted + 1);
    size_t n = 0;
    enum iam_answer got;

    p[n++] = (struct iam_pattern){.text = SLICE_LIT("?*"), .matches = true};
    for (size_t i = 0; i < m->nlisted; i++) {
        const struct listed *l = &m->listed[i];

        if (l->wild && met[l->group - 1] && l->group >= 64)
            return m->complete = false;
        p[n++] = (struct iam_pattern){.text = iam_glob_pattern(l->name, m->arena),
                                      .mode = IAM_MODE_NOCASE,
                                      .matches = l->wild && met[l->group - 1],
                                      .group = l->wild && met[l->group - 1] ? l->group : 0};
    }
    got = iam_automaton_find(p, n, m->budget, m->arena, name);
    m->complete = m->complete && got != IAM_MAYBE;
    return got == IAM_YES;
}

static bool found(void *ctx, const bool *met, struct slice name)
{
    struct making *m = ctx;

    if (!met[0] || (literal(m, name) && !another(m, met, &name)))
        return true;
    add(m, name);
    return true;
}

/* The names of one service: those that are listed in full, and by automata all others, of today
 * and of any day. */
static void every_name(struct making *m)
{
    struct iam_pattern *p = ARENA_ARRAY(m->arena, struct iam_pattern, m->nlisted + 1);
    size_t n = 0;

    p[n++] = (struct iam_pattern){.text = SLICE_LIT("?*"), .matches = true, .group = 1};
    for (size_t i = 0; i < m->nlisted; i++) {
        const struct listed *l = &m->listed[i];

        if (!l->wild)
            add(m, l->name);
        else
            p[n++] = (struct iam_pattern){.text = iam_glob_pattern(l->name, m->arena),
                                          .mode = IAM_MODE_NOCASE,
                                          .matches = true,
                                          .group = l->group};
    }
    if (iam_automaton_classes(p, n, m->budget, m->arena, found, m) != IAM_YES)
        m->complete = false;
}

void iam_classes_make(const struct iam_statement *const *statements, size_t n,
                      const struct iam_classes_options *opt, struct iam_budget *b, struct arena *a,
                      struct iam_classes *out)
{
    struct making m = {.statements = statements, .n = n, .arena = a, .budget = b, .complete = true};
    struct slice *all;
    size_t nall;

    (void)opt;
    all = services(&m, &nall);
    for (size_t i = 0; i < nall; i++) {
        m.service = all[i];
        list(&m);
        every_name(&m);
    }
    *out = (struct iam_classes){m.items, m.nitems, m.complete};
}
