/*
 * iam_each FILE...: what the room of IAM does with each policy, and how long that takes: parse,
 * lint, expand, compare with itself. A file holds a policy, or a map that has one as "document".
 * FINDINGS=1 tells what lint finds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/lint/iam_lint.h"

enum step { PARSE, LINT, EXPAND, COMPARE, ALL, STEPS };

static const char *const step_names[] = {"parse", "lint", "expand", "compare", "all four"};

struct tally {
    size_t parsed, errors, warnings, notes, expanded, same, wider, unsure;
    double *ms[STEPS]; /* one for each that was parsed */
    const char **names;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_number(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;

    return a < b ? -1 : a > b;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static void count(struct tally *t, const struct iam_lint *l, const struct iam_comparison *c,
                  const char *path)
{
    t->errors += l->errors;
    t->warnings += l->warnings;
    t->notes += l->n - l->errors - l->warnings;
    t->same += c->wider == IAM_NO;
    t->wider += c->wider == IAM_YES;
    t->unsure += c->wider == IAM_MAYBE;
    for (size_t i = 0; i < l->n; i++)
        if (getenv("FINDINGS") != NULL || l->items[i].level == IAM_LINT_ERROR)
            printf("  %s:%u: %s %s: statement %zu: %s\n", name_of(path), l->items[i].line,
                   iam_lint_level_name(l->items[i].level), l->items[i].code, l->items[i].number,
                   l->items[i].text);
}

static bool one(const char *path, struct arena *a, struct tally *t)
{
    static const struct iam_lint_options identity = {.kind = IAM_LINT_IDENTITY};
    const struct iam_compare_options opt = {0};
    const struct value *v, *doc;
    struct iam_comparison c;
    struct iam_expansion x;
    struct iam_docs docs;
    struct iam_doc d;
    struct iam_lint l;
    struct slice text;
    struct err e = {0};
    double at[STEPS];

    if (!file_read(path, LIMIT_CONFIG_BYTES, a, &text, &e))
        return fprintf(stderr, "%s: %s\n", path, e.text), false;
    at[PARSE] = now();
    if (!json_read(text, a, &v, &e))
        return fprintf(stderr, "%s: %s\n", path, e.text), false;
    doc = value_get(v, "document");
    doc = doc != NULL ? doc : v;
    if (!iam_doc_read(doc, path, a, &d, &e))
        return fprintf(stderr, "%s: %s\n", path, e.text), false;
    docs = (struct iam_docs){&d, 1, false};
    at[LINT] = now();
    iam_lint(doc, &identity, a, &l);
    at[EXPAND] = now();
    iam_expand(&docs, a, &x);
    at[COMPARE] = now();
    iam_compare(&docs, &docs, &opt, a, &c);
    at[ALL] = now();
    for (int s = PARSE; s < ALL; s++)
        t->ms[s][t->parsed] = at[s + 1] - at[s];
    t->ms[ALL][t->parsed] = at[ALL] - at[PARSE];
    t->names[t->parsed++] = path;
    t->expanded += x.n;
    count(t, &l, &c, path);
    return true;
}

/* Sorts the times. */
static void times(struct tally *t, enum step s)
{
    double *ms = t->ms[s];
    size_t worst = 0;

    for (size_t i = 0; i < t->parsed; i++)
        worst = ms[i] > ms[worst] ? i : worst;
    qsort(ms, t->parsed, sizeof(*ms), by_number);
    printf("  %-8s median %.2f ms, 99 %% %.2f ms, worst %.2f ms (%s)\n", step_names[s],
           ms[t->parsed / 2], ms[t->parsed * 99 / 100], ms[t->parsed - 1],
           name_of(t->names[worst]));
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    struct arena a, kept;

    arena_init(&a);
    arena_init(&kept);
    for (int s = 0; s < STEPS; s++)
        t.ms[s] = ARENA_ARRAY(&kept, double, (size_t)argc);
    t.names = ARENA_ARRAY(&kept, const char *, (size_t)argc);
    for (int i = 1; i < argc; i++) {
        (void)one(argv[i], &a, &t);
        arena_clear(&a);
    }
    arena_release(&a);
    if (t.parsed == 0)
        return 2;
    printf("  parsed %zu of %d; lint: %zu errors, %zu warnings, %zu notes; %zu actions; compared "
           "with itself: %zu not wider, %zu wider, %zu not told\n",
           t.parsed, argc - 1, t.errors, t.warnings, t.notes, t.expanded, t.same, t.wider,
           t.unsure);
    for (int s = 0; s < STEPS; s++)
        times(&t, (enum step)s);
    arena_release(&kept);
    return t.parsed == (size_t)argc - 1 && t.errors == 0 && t.same == t.parsed ? 0 : 1;
}
