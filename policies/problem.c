#include "policies/problem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void problem_add(struct problem_list *l, const struct problem *p)
{
    *(struct problem *)ARENA_PUSH(l->arena, &l->items, &l->n) = *p;
}

void problem_take(struct problem_list *l, const char *file, struct err *e)
{
    struct problem p = {PROBLEM_ERROR, file, e->line, e->text};
    const char *place = e->line == 0 ? arena_printf(l->arena, "%s: ", file)
                                     : arena_printf(l->arena, "%s:%" PRIu32 ": ", file, e->line);

    if (strncmp(p.text, place, strlen(place)) == 0)
        p.text += strlen(place);
    p.text = arena_strdup(l->arena, p.text);
    problem_add(l, &p);
    err_clear(e);
}

static int text_cmp(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int by_place(const void *x, const void *y)
{
    const struct problem *a = x, *b = y;
    int c = text_cmp(a->file, b->file);

    if (c == 0)
        c = (a->line > b->line) - (a->line < b->line);
    return c != 0 ? c : text_cmp(a->text, b->text);
}

void problem_sort(struct problem_list *l)
{
    if (l->n > 1)
        qsort(l->items, l->n, sizeof(l->items[0]), by_place);
}

const char *problem_level_name(enum problem_level level)
{
    return level == PROBLEM_ERROR ? "error" : "warning";
}
