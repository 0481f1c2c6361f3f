/*
 * Questions about IAM policies: decisions, single condition operators, and for every managed policy
 * of AWS (they are built in) reading, lint, expansion and comparison with itself. CPU time.
 * usage: bench_iam [SECONDS each]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/json.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/lint/iam_lint.h"
#include "policies/iam/aws/iam_managed.h"

/* CPU time: other work on the machine does not count. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct value *parse(const char *text, struct arena *a)
{
    const struct value *v;
    struct err e = {0};

    if (!json_read(slice_str(text), a, &v, &e))
        abort();
    return v;
}

static struct iam_doc managed(const char *name, struct arena *a)
{
    const struct value *v;
    struct iam_doc d;
    struct err e = {0};

    if (!iam_managed_find(slice_str(arena_printf(a, "arn:aws:iam::aws:policy/%s", name)), a, &v) ||
        !iam_doc_read(v, name, a, &d, &e))
        abort();
    return d;
}

/* ---- decisions ---- */

static const char context[] =
    "{\"aws:PrincipalArn\": \"arn:aws:iam::111122223333:role/ml\", \"aws:PrincipalAccount\": "
    "\"111122223333\", \"aws:SourceVpce\": \"vpce-1a2b3c4d\", \"aws:SecureTransport\": true, "
    "\"iam:PassedToService\": \"sagemaker.amazonaws.com\", \"aws:TagKeys\": [\"team\", \"env\"]}";

static const struct {
    const char *action, *resource;
} asked[] = {
    {"s3:GetObject", "arn:aws:s3:::sagemaker-data/train/part-0.parquet"},
    {"iam:PassRole", "arn:aws:iam::111122223333:role/AmazonSageMaker-ExecutionRole-1"},
    {"sagemaker:CreateTrainingJob", "arn:aws:sagemaker:eu-west-1:111122223333:training-job/t"},
    {"kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/k"},
    {"ec2:DescribeInstances", "*"},
};

static double decisions(struct iam_question *q, double seconds)
{
    const double start = now();
    unsigned long n = 0;
    struct arena a;

    arena_init(&a);
    do {
        for (size_t i = 0; i < 1000; i++, n++) {
            q->request.action = slice_str(asked[i % ARRAY_LEN(asked)].action);
            q->request.resource = slice_str(asked[i % ARRAY_LEN(asked)].resource);
            q->request.wildcard_only = slice_is(q->request.resource, "*");
            (void)iam_evaluate_decide(q, &a);
        }
        arena_clear(&a);
    } while (now() - start < seconds);
    arena_release(&a);
    return (now() - start) / (double)n * 1e6;
}

static void decide(double seconds)
{
    static const char *const names[] = {"AmazonSageMakerFullAccess", "AmazonS3FullAccess",
                                        "AmazonEC2FullAccess",       "IAMReadOnlyAccess",
                                        "AmazonSageMakerReadOnly",   "PowerUserAccess"};
    struct iam_doc docs[ARRAY_LEN(names)];
    const struct iam_docs boundary = {&docs[ARRAY_LEN(names) - 1], 1, false};
    struct iam_question q = {
        .request = {.principal = SLICE_LIT("arn:aws:iam::111122223333:role/ml")}};
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        docs[i] = managed(names[i], &a);
    if (!iam_request_read_context(parse(context, &a), &a, &q.request.context, &e))
        abort();
    q.identity = (struct iam_docs){docs, 1, false};
    printf("%10.2f us  a decision, %s\n", decisions(&q, seconds), names[0]);
    q.identity.n = ARRAY_LEN(names) - 1;
    q.boundary = &boundary;
    printf("%10.2f us  a decision, %zu managed policies and a boundary\n", decisions(&q, seconds),
           q.identity.n);
    arena_release(&a);
}

/* ---- operators ---- */

static const char *const conditions[] = {
    "{\"StringEquals\": {\"aws:SourceVpce\": [\"vpce-0\", \"vpce-1a2b3c4d\"]}}",
    "{\"StringLike\": {\"iam:PassedToService\": \"*.amazonaws.com\"}}",
    "{\"ArnLike\": {\"aws:PrincipalArn\": \"arn:aws:iam::${aws:PrincipalAccount}:role/*\"}}",
    "{\"ForAllValues:StringEquals\": {\"aws:TagKeys\": [\"team\", \"env\", \"cost\"]}}",
    "{\"Null\": {\"aws:SourceIp\": \"true\"}}",
};

static double one_condition(const struct iam_doc *d, const struct iam_context *c, double seconds)
{
    const double start = now();
    const struct iam_test *failed;
    unsigned long n = 0;
    struct arena a;

    arena_init(&a);
    do {
        for (size_t k = 0; k < 1000; k++, n++)
            if (iam_condition_all(d, &d->statements[0], c, &a, &failed) != IAM_YES)
                abort();
        arena_clear(&a);
    } while (now() - start < seconds);
    arena_release(&a);
    return (now() - start) / (double)n * 1e9;
}

static void operators(double seconds)
{
    struct iam_context c;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    if (!iam_request_read_context(parse(context, &a), &a, &c, &e))
        abort();
    for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
        const char *text = arena_printf(&a,
                                        "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": "
                                        "\"Allow\", \"Action\": \"*\", \"Condition\": %s}}",
                                        conditions[i]);
        struct iam_doc d;

        if (!iam_doc_read_lenient(parse(text, &a), "", &a, &d, &e))
            abort();
        printf("%10.0f ns  %s\n", one_condition(&d, &c, seconds), conditions[i]);
    }
    arena_release(&a);
}

/* ---- all managed policies ---- */

enum step { READ, LINT, EXPAND, COMPARE, ALL, STEPS };

struct timed {
    double ms;
    const char *arn;
};

static int by_time(const void *x, const void *y)
{
    const double a = ((const struct timed *)x)->ms, b = ((const struct timed *)y)->ms;

    return a < b ? -1 : a > b;
}

static void each(size_t i, struct arena *a, double ms[STEPS])
{
    const struct iam_compare_options opt = {0};
    const struct value *v;
    struct iam_comparison c;
    struct iam_expansion x;
    struct iam_docs docs;
    struct iam_lint l;
    struct iam_doc d;
    struct err e = {0};
    double at[STEPS];

    at[READ] = now();
    if (!iam_managed_find(slice_str(iam_managed_arn(i)), a, &v) || !iam_doc_read(v, "", a, &d, &e))
        abort();
    docs = (struct iam_docs){&d, 1, false};
    at[LINT] = now();
    iam_lint(v, NULL, a, &l);
    at[EXPAND] = now();
    iam_expand(&docs, a, &x);
    at[COMPARE] = now();
    iam_compare(&docs, &docs, &opt, a, &c);
    at[ALL] = now();
    if (c.wider == IAM_YES)
        abort();
    for (size_t s = READ; s < ALL; s++)
        ms[s] = (at[s + 1] - at[s]) * 1e3;
    ms[ALL] = (at[ALL] - at[READ]) * 1e3;
}

static void all_managed(void)
{
    static const char *const names[STEPS] = {"read", "lint", "expand", "compare with itself",
                                             "all four"};
    const size_t n = iam_managed_count();
    double *ms = calloc(n, STEPS * sizeof(*ms));
    struct timed *one = calloc(n, sizeof(*one));
    struct arena a;

    if (ms == NULL || one == NULL)
        abort();
    arena_init(&a);
    for (size_t i = 0; i < n; i++) {
        each(i, &a, &ms[i * STEPS]);
        arena_clear(&a);
    }
    printf("%zu managed policies:\n", n);
    for (size_t s = 0; s < STEPS; s++) {
        for (size_t i = 0; i < n; i++)
            one[i] = (struct timed){ms[i * STEPS + s], iam_managed_arn(i)};
        qsort(one, n, sizeof(*one), by_time);
        printf("%10.3f ms  median, worst %.3f ms (%s): %s\n", one[n / 2].ms, one[n - 1].ms,
               strrchr(one[n - 1].arn, '/') + 1, names[s]);
    }
    arena_release(&a);
    free(one);
    free(ms);
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.5;

    decide(seconds);
    operators(seconds);
    all_managed();
    return 0;
}
