/*
 * iam_each FILE...: what the room of IAM does with each policy, and how long that takes: parse,
 * lint, expand, compare with itself. A file holds a policy, or a map that has one as "document".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "policies/iam/iam_compare.h"
#include "policies/iam/iam_expand.h"
#include "policies/iam/iam_lint.h"

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

struct tally {
    size_t parsed, errors, expanded, same, wider, unsure;
};

static bool one(const char *path, struct arena *a, struct tally *t, double *ms)
{
    const struct iam_compare_options opt = {0};
    const struct value *v, *doc;
    struct iam_comparison c;
    struct iam_expansion x;
    struct iam_docs docs;
    struct iam_doc d;
    struct iam_lint l;
    struct slice text;
    struct err e = {0};
    double from;

    if (!file_read(path, LIMIT_CONFIG_BYTES, a, &text, &e))
        return fprintf(stderr, "%s: %s\n", path, e.text), false;
    from = now();
    if (!json_read(text, a, &v, &e))
        return fprintf(stderr, "%s: %s\n", path, e.text), false;
    doc = value_get(v, "document");
    doc = doc != NULL ? doc : v;
    if (!iam_doc_read(doc, path, a, &d, &e))
        return fprintf(stderr, "%s: %s\n", path, e.text), false;
    docs = (struct iam_docs){&d, 1, false};
    iam_lint(doc, a, &l);
    iam_expand(&docs, a, &x);
    iam_compare(&docs, &docs, &opt, a, &c);
    *ms = now() - from;
    t->parsed++;
    t->errors += l.errors;
    t->expanded += x.n;
    t->same += c.wider == IAM_NO;
    t->wider += c.wider == IAM_YES;
    t->unsure += c.wider == IAM_MAYBE;
    return true;
}

int main(int argc, char **argv)
{
    double *ms = calloc((size_t)argc, sizeof(*ms));
    struct tally t = {0};
    struct arena a;
    size_t n = 0;

    arena_init(&a);
    for (int i = 1; i < argc && ms != NULL; i++) {
        n += one(argv[i], &a, &t, &ms[n]);
        arena_clear(&a);
    }
    arena_release(&a);
    if (n == 0)
        return 2;
    qsort(ms, n, sizeof(*ms), by_number);
    printf(
        "  parsed %zu of %d, %zu errors of lint, %zu actions; compared with itself: %zu not wider, "
        "%zu wider, %zu not told\n",
        t.parsed, argc - 1, t.errors, t.expanded, t.same, t.wider, t.unsure);
    printf("  parse + lint + expand + compare: median %.2f ms, 99 %% %.2f ms, worst %.2f ms\n",
           ms[n / 2], ms[n * 99 / 100], ms[n - 1]);
    free(ms);
    return t.parsed == (size_t)argc - 1 && t.errors == 0 && t.same == n ? 0 : 1;
}
