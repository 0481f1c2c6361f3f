/*
 * Any JSON as a verdict document: a statement is made or refused, and what is made is JSON with
 * the right answer. Seeds: fixtures/statement.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "signing/signing.h"

static const struct statement_options options = {"https://gate.example/v1", NULL, NULL};

static void demand(bool held)
{
    if (!held)
        abort();
}

/* PASSED and WARNED only for an allow that was meant. */
static void check(const struct value *verdict, struct slice text, const char *path, struct arena *a)
{
    const struct value *statement, *result;
    struct err e = {0};

    demand(json_read(text, a, &statement, &e));
    result = value_path(statement, path);
    demand(value_is(result, VALUE_STRING));
    if (slice_is(value_text(result), "FAILED"))
        return;
    demand(slice_is(value_text(value_get(verdict, "decision")), "allow"));
    demand(!value_true(value_get(verdict, "report_only")));
}

static void run(const struct value *verdict, struct arena *a)
{
    const size_t n = value_len(value_get(verdict, "subjects"));
    const struct value_doc doc = value_doc_of(verdict);
    struct err e = {0};
    struct buf b;

    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    for (size_t i = 0; i < (n < 3 ? n : 3); i++) {
        e = (struct err){0};
        buf_clear(&b);
        if (statement_vsa(&doc, i, &options, &b, &e))
            check(verdict, buf_slice(&b), "predicate.verificationResult", a);
        else
            demand(e.text[0] != '\0');
    }
    e = (struct err){0};
    buf_clear(&b);
    if (statement_test_result(&doc, &options, &b, &e))
        check(verdict, buf_slice(&b), "predicate.result", a);
    else
        demand(e.text[0] != '\0');
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value *verdict;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    if (json_read((struct slice){data, size}, &a, &verdict, &e))
        run(verdict, &a);
    arena_release(&a);
    return 0;
}
