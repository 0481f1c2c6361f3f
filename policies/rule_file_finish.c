/* Ids that are there twice; the order of the rules. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "policies/rule_file.h"

/* An id and where it stands. */
struct named {
    const char *id, *file;
    uint32_t line;
};

static int by_id(const void *x, const void *y)
{
    const struct named *a = x, *b = y;
    int c = strcmp(a->id, b->id);

    if (c == 0)
        c = strcmp(a->file, b->file);
    return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

static bool unique(struct rule_loader *l, struct named *items, size_t n, const char *what,
                   struct err *e)
{
    if (n > 1)
        qsort(items, n, sizeof(items[0]), by_id);
    for (size_t i = 1; i < n; i++) {
        struct schema_doc d = {.file = items[i].file, .arena = l->arena};

        if (strcmp(items[i - 1].id, items[i].id) != 0)
            continue;
        schema_fail_line(&d, items[i].line, e, "%s '%s' is already at %s:%" PRIu32, what,
                         items[i].id, items[i - 1].file, items[i - 1].line);
        if (l->problems == NULL)
            return false;
        problem_take(l->problems, items[i].file, e);
    }
    return true;
}

#define COLLECT(array, count)                                                                      \
    for (n = 0; n < (count); n++)                                                                  \
        items[n] = (struct named)                                                                  \
        {                                                                                          \
            (array)[n].id, (array)[n].file, (array)[n].line                                        \
        }

static bool all_unique(struct rule_loader *l, struct err *e)
{
    struct rules *r = l->rules;
    size_t n, most = r->n + r->npacks + r->nframeworks + r->nprofiles;
    struct named *items = ARENA_ARRAY(l->arena, struct named, most);

    COLLECT(r->packs, r->npacks);
    if (!unique(l, items, n, "pack", e))
        return false;
    COLLECT(r->frameworks, r->nframeworks);
    if (!unique(l, items, n, "framework", e))
        return false;
    COLLECT(r->profiles, r->nprofiles);
    if (!unique(l, items, n, "profile", e))
        return false;
    COLLECT(r->items, r->n);
    return unique(l, items, n, "rule", e);
}

static int rule_cmp(const void *x, const void *y)
{
    const struct rule *a = x, *b = y;
    int c = strcmp(a->id, b->id);

    if (c == 0)
        c = strcmp(a->file, b->file);
    return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

bool rule_file_finish(struct rule_loader *l, struct err *e)
{
    if (!all_unique(l, e))
        return false;
    if (l->rules->n > 1)
        qsort(l->rules->items, l->rules->n, sizeof(l->rules->items[0]), rule_cmp);
    return true;
}
