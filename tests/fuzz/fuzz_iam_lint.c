/*
 * Policies as lint and expansion see them: any JSON gives findings of known codes about statements
 * that there are, and errors of form exactly where the reader refuses.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/lint/iam_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1u << 14) /* bytes: all there is to find fits, and a run stays short */

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool is(const struct iam_lint_finding *f, const char *code)
{
    return strcmp(f->code, code) == 0;
}

static size_t statements(const struct value *v)
{
    const struct value *list = value_get(v, "Statement");

    return value_is(list, VALUE_LIST) ? value_len(list) : 1;
}

/* Findings that say what the reader says. */
static size_t refusals(const struct value *v, enum iam_lint_kind kind, struct arena *a)
{
    const struct iam_lint_options opt = {.kind = kind};
    struct iam_lint l;
    size_t n = 0, errors = 0, warnings = 0;

    iam_lint(v, &opt, a, &l);
    for (size_t i = 0; i < l.n; i++) {
        const struct iam_lint_finding *f = &l.items[i];

        must(iam_lint_code_of(f->code) != NULL && iam_lint_code_of(f->code)->level == f->level);
        must(f->number <= statements(v) && f->text[0] != '\0');
        must(i == 0 || l.items[i - 1].number <= f->number);
        errors += f->level == IAM_LINT_ERROR;
        warnings += f->level == IAM_LINT_WARNING;
        n += is(f, "grammar") || is(f, "duplicate-sid") || is(f, "unknown-operator");
    }
    must(errors == l.errors && warnings == l.warnings && l.kind != IAM_LINT_GUESS);
    return n;
}

static void expand(const struct iam_doc *d, struct arena *a)
{
    const struct iam_docs docs = {d, 1, false};
    struct iam_expansion x;

    iam_expand(&docs, a, &x);
    for (size_t i = 0; i < x.n; i++) {
        must(x.allowed[i].action < iam_actions_count() && x.allowed[i].ngrants > 0);
        must(i == 0 || x.allowed[i - 1].action < x.allowed[i].action);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value *v = NULL;
    struct iam_doc d;
    struct err e = {0};
    struct arena a;

    if (size > INPUT_MAX)
        return 0;
    arena_init(&a);
    if (json_read((struct slice){data, size}, &a, &v, &e) && !value_is(v, VALUE_STRING)) {
        const bool read = iam_doc_read(v, "", &a, &d, &e);

        must((refusals(v, IAM_LINT_GUESS, &a) == 0) == read);
        (void)refusals(v, IAM_LINT_RCP, &a);
        if (read)
            expand(&d, &a);
    }
    arena_release(&a);
    return 0;
}
