#ifndef POLICIES_PROBLEM_H
#define POLICIES_PROBLEM_H
/* What `policy lint` tells: all of it, not the first. */
#include "base/arena.h"
#include "base/err.h"

enum problem_level { PROBLEM_WARNING, PROBLEM_ERROR };

struct problem {
    enum problem_level level;
    const char *file; /* or NULL */
    uint32_t line;    /* or 0 */
    const char *text; /* without the place */
};

struct problem_list {
    struct arena *arena;
    struct problem *items;
    size_t n;
};

void problem_add(struct problem_list *l, const struct problem *p);
/* Takes the error of a loader over, "file:line: " cut off, and clears it. */
void problem_take(struct problem_list *l, const char *file, struct err *e);
void problem_sort(struct problem_list *l);
const char *problem_level_name(enum problem_level level);
#endif
