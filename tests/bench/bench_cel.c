/* bench_cel [SECONDS]: nanoseconds for one evaluation of expressions as rules write them. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/json.h"
#include "policies/cel/cel.h"

static const char document[] =
    "{\"a\": \"x\", \"b\": 5, \"arn\": \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd\","
    " \"subnets\": [\"subnet-1\", \"subnet-2\", \"subnet-3\"], \"tags\": {\"team\": \"ml\", "
    "\"env\": \"prod\"},"
    " \"encryption\": {\"kms\": {\"key\": \"k\"}}}";

static const char *const expressions[] = {
    "view.a == 'x' && view.b > 3",
    "view.a == 'y'",
    "view.arn.startsWith('arn:aws:kms:')",
    "view.arn.matches('^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/')",
    "view.?encryption.?kms.?key.orValue('') != ''",
    "has(view.tags.team) && view.tags.team in ['ml', 'data']",
    "view.subnets.all(s, s.startsWith('subnet-'))",
    "'%s: direct internet access is %s'.format([view.arn, view.a])",
};

/* CPU time: other work on the machine does not count. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Evaluates in batches, each with an arena of its own, as the rules do with the resources. */
static double measure(const struct cel_program *p, const struct cel_activation *act, double seconds)
{
    const double start = now();
    unsigned long n = 0;

    do {
        struct arena a;

        arena_init(&a);
        for (int i = 0; i < 1000; i++, n++) {
            struct cel_result r;

            cel_eval(p, act, &a, &r);
            if (r.status != CEL_VALUE)
                abort();
        }
        arena_release(&a);
    } while (now() - start < seconds);
    return (now() - start) / (double)n * 1e9;
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.5;
    const char *const variables[] = {"resource", "view", "params", "now", NULL};
    const struct cel_env env = {.variables = variables};
    struct cel_binding bindings[] = {{"resource", NULL}, {"view", NULL}, {"params", NULL}};
    const struct cel_activation act = {.bindings = bindings, .nbindings = 3};
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    if (!json_read(SLICE_LIT(document), &a, &bindings[1].value, &e))
        return fprintf(stderr, "bench_cel: %s\n", e.text), 1;
    bindings[0].value = bindings[2].value = bindings[1].value;
    for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
        const struct cel_program *p;

        if (!cel_compile(slice_str(expressions[i]), &env, &a, &p, &e))
            return fprintf(stderr, "bench_cel: %s\n", e.text), 1;
        printf("%8.1f ns  %s\n", measure(p, &act, seconds), expressions[i]);
    }
    arena_release(&a);
    return 0;
}
