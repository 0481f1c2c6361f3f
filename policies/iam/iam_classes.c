#include "policies/iam/iam_classes.h"

#include <string.h>

#include "policies/iam/iam_match.h"

/* A name that a statement lists for the service at hand. */
struct listed {
    size_t statement;
    struct slice name; /* a pattern; "*" for all */
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

static void list(struct making *m)
{
    struct slice service, name;

    m->listed = NULL;
    m->nlisted = 0;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->statements[i]->actions.n; k++)
            if (split(m->statements[i]->actions.items[k], &service, &name) &&
                (slice_is(service, "*") || iam_glob_same(service, m->service)))
                *(struct listed *)ARENA_PUSH(m->arena, &m->listed, &m->nlisted) =
                    (struct listed){i, name};
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

static void row_of(const struct making *m, const bool *met, bool *row)
{
    for (size_t i = 0; i < m->n; i++)
        row[i] = false;
    for (size_t i = 0; i < m->nlisted; i++)
        row[m->listed[i].statement] |= met[i];
    for (size_t i = 0; i < m->n; i++)
        row[i] = row[i] != m->statements[i]->not_action;
}

static bool found(void *ctx, const bool *met, struct slice name)
{
    struct making *m = ctx;
    bool *row = ARENA_ARRAY(m->arena, bool, m->n + 1);
    struct iam_class *c;

    if (!met[m->nlisted])
        return true;
    row_of(m, met, row);
    c = class_of(m, row);
    if (c->action.len == 0)
        c->action = slice_str(arena_printf(m->arena, "%.*s:%.*s", (int)m->service.len,
                                           (const char *)m->service.data, (int)name.len,
                                           (const char *)name.data));
    return true;
}

/* The names of one service by automata: those of today and of any day. */
static bool every_name(struct making *m, struct iam_budget *b)
{
    struct iam_pattern *p = ARENA_ARRAY(m->arena, struct iam_pattern, m->nlisted + 1);

    p[m->nlisted] = (struct iam_pattern){.text = SLICE_LIT("?*"), .matches = true}; /* a name */
    for (size_t i = 0; i < m->nlisted; i++)
        p[i] = (struct iam_pattern){.text = iam_glob_pattern(m->listed[i].name, m->arena),
                                    .mode = IAM_MODE_NOCASE,
                                    .matches = true};
    return iam_automaton_classes(p, m->nlisted + 1, b, m->arena, found, m) == IAM_YES;
}

void iam_classes_make(const struct iam_statement *const *statements, size_t n,
                      const struct iam_classes_options *opt, struct iam_budget *b, struct arena *a,
                      struct iam_classes *out)
{
    struct making m = {.statements = statements, .n = n, .arena = a};
    bool complete = true;
    struct slice *all;
    size_t nall;

    (void)opt;
    all = services(&m, &nall);
    for (size_t i = 0; i < nall; i++) {
        m.service = all[i];
        list(&m);
        complete = every_name(&m, b) && complete;
    }
    *out = (struct iam_classes){m.items, m.nitems, complete};
}
