#include "policies/iam/iam_classes.h"

#include <string.h>

#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_arn.h"
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
    const struct iam_classes_options *opt;
    struct iam_budget *budget;
    bool complete;
    struct slice *shapes; /* services of ARNs that were met, by number */
    size_t nshapes;
};

#define NO_RESOURCES 0xfffffffeu /* shape of actions that are asked on "*" */
#define UNKNOWN 0xffffffffu      /* ... of names that nobody has given yet */

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

/* All services of AWS. */
static struct slice *every_service(const struct making *m, size_t *n)
{
    struct slice *out = NULL;

    *n = 0;
    for (size_t i = 0; i < iam_actions_count(); i++) {
        const struct slice service = iam_actions_at(i).service;

        if (*n == 0 || !slice_eq(out[*n - 1], service))
            *(struct slice *)ARENA_PUSH(m->arena, &out, n) = service;
    }
    return out;
}

/* All services that are named, and one that is not. */
static struct slice *named_services(const struct making *m, size_t *n)
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

/* A class for this row of matching statements and this shape, unless there is one. */
static struct iam_class *class_of(struct making *m, const bool *row, unsigned shape)
{
    struct iam_class *c;

    for (size_t i = 0; i < m->nitems; i++)
        if (m->items[i].shape == shape && memcmp(m->items[i].matches, row, m->n) == 0)
            return &m->items[i];
    c = ARENA_PUSH(m->arena, &m->items, &m->nitems);
    c->matches = row;
    c->shape = shape;
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

/* A name to come. */
static void add(struct making *m, struct slice name)
{
    struct iam_class *c = class_of(m, row_of(m, name), UNKNOWN);

    if (c->action.len == 0)
        c->action = slice_str(arena_printf(m->arena, "%.*s:%.*s", (int)m->service.len,
                                           (const char *)m->service.data, (int)name.len,
                                           (const char *)name.data));
}

/* Number of the service that the ARNs of an action are of; of several, the first. */
static unsigned shape_of(struct making *m, const struct iam_texts *arns)
{
    const struct slice service = iam_arn_split(arns->items[0], IAM_ARN_RESOURCE).field[2];

    for (size_t i = 0; i < m->nshapes; i++)
        if (slice_eq(m->shapes[i], service))
            return (unsigned)i;
    *(struct slice *)ARENA_PUSH(m->arena, &m->shapes, &m->nshapes) = service;
    return (unsigned)(m->nshapes - 1);
}

/* All ARNs of the services that these are of. */
static void widen(struct making *m, struct iam_class *c, const struct iam_texts *arns)
{
    struct slice *items = ARENA_ARRAY(m->arena, struct slice, c->arns.n + arns->n);
    size_t n = 0;

    for (; n < c->arns.n; n++)
        items[n] = c->arns.items[n];
    for (size_t i = 0; i < arns->n; i++) {
        const struct slice service = iam_arn_split(arns->items[i], IAM_ARN_RESOURCE).field[2];
        const struct slice pattern = slice_str(arena_printf(
            m->arena, "arn:aws*:%.*s:*:*:?*", (int)service.len, (const char *)service.data));
        size_t k = 0;

        while (k < n && !slice_eq(items[k], pattern))
            k++;
        if (k == n)
            items[n++] = pattern;
    }
    c->arns = (struct iam_texts){items, n, false};
}

/* An action of AWS. */
static void add_known(struct making *m, size_t number)
{
    const struct iam_action x = iam_actions_at(number);
    const struct iam_texts arns = iam_actions_resources(number, m->arena);
    unsigned shape = NO_RESOURCES;
    struct iam_class *c;

    if (arns.n > 0)
        shape = m->opt->typed ? iam_actions_shape(number) : shape_of(m, &arns);
    c = class_of(m, row_of(m, x.name), shape);
    if (!c->known || (unsigned)x.level > c->level) {
        c->action = iam_actions_text(number, m->arena);
        c->level = (unsigned)x.level;
    }
    c->known = true;
    c->star = arns.n == 0;
    if (arns.n > 0 && m->opt->typed)
        c->arns = arns;
    else if (arns.n > 0)
        widen(m, c, &arns);
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

        p[n++] = (struct iam_pattern){.text = iam_glob_pattern(l->name, m->arena),
                                      .mode = IAM_MODE_NOCASE,
                                      .matches = l->wild && met[l->group - 1],
                                      .group = l->wild && met[l->group - 1] ? l->group : 0};
    }
    got = iam_automaton_find(p, n, m->budget, m->arena, name);
    m->complete = m->complete && got != IAM_MAYBE;
    return got == IAM_YES;
}

static void found(void *ctx, const bool *met, struct slice name)
{
    struct making *m = ctx;

    if (met[0] && (!literal(m, name) || another(m, met, &name)))
        add(m, name);
}

static bool known(const struct making *m, struct slice name)
{
    size_t number;

    return iam_actions_find(slice_str(arena_printf(m->arena, "%.*s:%.*s", (int)m->service.len,
                                                   (const char *)m->service.data, (int)name.len,
                                                   (const char *)name.data)),
                            &number);
}

/* The actions of AWS that the service has. */
static void known_names(struct making *m)
{
    size_t first, n;

    if (!iam_actions_service(m->service, &first, &n))
        return;
    for (size_t i = 0; i < n; i++)
        add_known(m, first + i);
}

/* The names of one service: those that are listed in full, and by automata all others, of today
 * and of any day. */
static void every_name(struct making *m)
{
    struct iam_pattern *p = ARENA_ARRAY(m->arena, struct iam_pattern, m->nlisted + 1);
    const struct iam_automaton_sink sink = {found, m};
    size_t n = 0;

    p[n++] = (struct iam_pattern){.text = SLICE_LIT("?*"), .matches = true, .group = 1};
    for (size_t i = 0; i < m->nlisted; i++) {
        const struct listed *l = &m->listed[i];

        if (!l->wild && !known(m, l->name))
            add(m, l->name);
        if (l->wild)
            p[n++] = (struct iam_pattern){.text = iam_glob_pattern(l->name, m->arena),
                                          .mode = IAM_MODE_NOCASE,
                                          .matches = true,
                                          .group = l->group};
    }
    if (iam_automaton_classes(p, n, m->budget, m->arena, &sink) != IAM_YES)
        m->complete = false;
}

void iam_classes_make(const struct iam_statement *const *statements, size_t n,
                      const struct iam_classes_options *opt, struct iam_budget *b, struct arena *a,
                      struct iam_classes *out)
{
    struct making m = {
        .statements = statements, .n = n, .arena = a, .opt = opt, .budget = b, .complete = true};
    struct slice *all;
    size_t nall;

    all = opt->known_only ? every_service(&m, &nall) : named_services(&m, &nall);
    for (size_t i = 0; i < nall; i++) {
        m.service = all[i];
        list(&m);
        known_names(&m);
    }
    for (size_t i = 0; i < nall && !opt->known_only; i++) {
        m.service = all[i];
        list(&m);
        every_name(&m);
    }
    *out = (struct iam_classes){m.items, m.nitems, m.complete};
}
