#include "policies/iam/compare/iam_clock.h"

#include "base/when.h"

struct clock {
    struct arena *arena;
    struct iam_literal *literals;
    size_t n;
};

static void add(struct clock *k, enum iam_operator op, const char *key, const char *value)
{
    static const struct iam_doc nobody = {.name = ""};
    struct iam_test *t = ARENA_NEW(k->arena, struct iam_test);
    struct slice *values = ARENA_NEW(k->arena, struct slice);

    *values = slice_str(value);
    *t = (struct iam_test){.op = op, .key = slice_str(key), .values = {values, 1, false}};
    *(struct iam_literal *)ARENA_PUSH(k->arena, &k->literals, &k->n) =
        (struct iam_literal){&nobody, t, true};
}

size_t iam_clock_literals(int64_t since, struct arena *a, const struct iam_literal **out)
{
    struct clock k = {.arena = a};
    char text[WHEN_TEXT_MAX];

    *out = NULL;
    if (since <= 0)
        return 0;
    when_text(since, text);
    add(&k, IAM_DATE_GREATER_EQUALS, "aws:CurrentTime", arena_strdup(a, text));
    add(&k, IAM_NUMERIC_GREATER_EQUALS, "aws:EpochTime", arena_printf(a, "%lld", (long long)since));
    *out = k.literals;
    return k.n;
}
