/*
 * Expressions over a small document with unknowns: nothing crashes, errors and results agree,
 * and two evaluations give the same.
 * An input that starts with '/' is a regular expression, a newline and a text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "policies/cel/cel.h"
#include "policies/cel/regex.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static const char document[] = "{\"a\": \"x\", \"b\": 5, \"list\": [1, \"two\", 3.5, null],"
                               " \"map\": {\"k\": [true]}, \"ip\": \"10.0.0.1\"}";

static const struct value *facts(struct arena *a)
{
    const struct value *plain;
    struct value_builder b;
    struct err e = {0};

    MUST(json_read(SLICE_LIT(document), a, &plain, &e));
    value_map_begin(&b, a);
    value_map_add(&b, "plain", plain);
    value_map_add(&b, "gap", value_unknown(a, "known after apply", NULL, 0, NULL));
    return value_map_end(&b, NULL);
}

static void check_result(const struct cel_result *r)
{
    MUST((r->status == CEL_VALUE) == (r->value != NULL));
    MUST((r->status == CEL_VALUE) == (r->why == NULL));
}

static void evaluate(const struct cel_program *p, struct arena *a)
{
    const struct cel_binding bindings[] = {{"view", facts(a)}, {"x", facts(a)}};
    const struct cel_activation act = {.bindings = bindings, .nbindings = 2, .now = 1700000000};
    struct cel_result first, second;

    cel_eval(p, &act, a, &first);
    cel_eval(p, &act, a, &second);
    check_result(&first);
    MUST(first.status == second.status);
    if (first.status != CEL_VALUE)
        MUST(strcmp(first.why, second.why) == 0);
    (void)cel_blame(p, &act, a);
}

static void expression(struct slice text, bool unchecked)
{
    static const char *const variables[] = {"view", "x", "now", "unbound", NULL};
    const struct cel_env env = {.variables = variables, .unchecked = unchecked};
    const struct cel_program *p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    if (cel_compile(text, &env, &a, &p, &e)) {
        MUST(e.code == ERR_NONE && e.text[0] == '\0');
        evaluate(p, &a);
    } else {
        MUST(e.code != ERR_NONE && e.text[0] != '\0');
        MUST(e.offset == ERR_NO_OFFSET || e.offset <= text.len);
    }
    arena_release(&a);
}

static void regex(struct slice pattern, struct slice text)
{
    const struct regex *re;
    struct err e = {0};
    struct arena a;
    size_t at, end, bad;

    arena_init(&a);
    if (!regex_compile(pattern, &a, &re, &e)) {
        MUST(e.code != ERR_NONE && e.offset <= pattern.len);
    } else if (slice_utf8(text, &bad)) {
        const bool found = regex_find(re, text, 0, &at, &end);

        MUST(e.code == ERR_NONE);
        MUST(found == regex_match(re, text));
        MUST(!found || (at <= end && end <= text.len));
    }
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice all = {data, size};
    size_t line;

    if (size > 4096)
        return 0;
    if (size > 0 && data[0] == '/' && slice_find(all, SLICE_LIT("\n"), &line)) {
        regex((struct slice){data + 1, line - 1}, slice_from(all, line + 1));
        return 0;
    }
    expression(all, false);
    expression(all, true);
    return 0;
}
