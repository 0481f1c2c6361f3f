/*
 * iam_decide [-b] [-s] FILE [POOL]: decisions for a list of requests (tests/lib/iam_case.h), one
 * line each: "Allowed", "ImplicitlyDenied", "ExplicitlyDenied" or "Undecided"; with -b, behind it
 * the sides that stand in the way of what is denied; with -s, in the reading of iam-simulate. For
 * public corpora and for comparing with other simulators. Policies may be indexes into the list of
 * POOL.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "tests/lib/iam_case.h"

static bool load(const char *path, struct arena *a, const struct value **out)
{
    struct slice text;
    struct err e = {0};

    if (file_read(path, LIMIT_JSON_BYTES, a, &text, &e) && json_read(text, a, out, &e))
        return true;
    fprintf(stderr, "iam_decide: %s: %s\n", path, e.text);
    return false;
}

static void answer(const struct iam_question *q, bool blockers, struct arena *a)
{
    static const char *const words[] = {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied",
                                        "Undecided"};
    struct iam_verdict v;

    if (!blockers) {
        puts(words[iam_evaluate_decide(q, a)]);
        return;
    }
    iam_evaluate(q, a, &v);
    fputs(words[v.decision], stdout);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (v.blocks[i])
            printf(" %s", iam_evaluate_side_name((enum iam_side)i));
    putchar('\n');
}

int main(int argc, char **argv)
{
    enum iam_reading reading = IAM_READING_AWS;
    bool blockers = false;
    const struct value *cases, *pool = NULL;
    struct iam_pool known = {NULL, 0};
    struct iam_doc *docs;
    struct timespec from, to;
    struct arena a, one;

    for (int o; (o = getopt(argc, argv, "bs")) != -1;) {
        blockers = blockers || o == 'b';
        reading = o == 's' ? IAM_READING_SIMULATE : reading;
    }
    argc -= optind;
    argv += optind;
    arena_init(&a);
    arena_init(&one);
    if (argc < 1 || !load(argv[0], &a, &cases) || (argc > 1 && !load(argv[1], &a, &pool)))
        return 2;
    docs = ARENA_ARRAY(&a, struct iam_doc, value_len(pool));
    for (size_t i = 0; i < value_len(pool); i++)
        docs[i] = iam_case_doc(value_item(pool, i), &known, &a);
    known = (struct iam_pool){docs, value_len(pool)};
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < value_len(cases); i++) {
        struct iam_question q;
        struct err e = {0};

        if (iam_case_read(value_item(cases, i), &known, &one, &q, &e)) {
            q.request.context.reading = reading;
            answer(&q, blockers, &one);
        } else {
            printf("error %s\n", e.text);
        }
        arena_clear(&one);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    fprintf(stderr, "%zu requests, %.2f us each\n", value_len(cases),
            ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) /
                (double)(value_len(cases) > 0 ? value_len(cases) : 1));
    arena_release(&one);
    arena_release(&a);
    return 0;
}
