/*
 * fixtures/iam_lint_checks: what IAM Access Analyzer's validation of policies looks for, each with
 * a twin that is all right; and edges, whose twins may have other findings.
 */
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "policies/iam/lint/iam_lint.h"
#include "tests/lib/cases.h"

static const struct {
    const char *what;
    bool edges;
} files[] = {{"errors", false}, {"warnings", false}, {"suggestions", false}, {"edges", true}};

/* A document, or the statements of one. */
static const struct value *document(const struct value *v, struct arena *a)
{
    struct value_builder b;

    if (!value_is(v, VALUE_LIST))
        return v;
    value_map_begin(&b, a);
    value_map_put(&b, SLICE_LIT("Version"), value_string(a, SLICE_LIT("2012-10-17"), NULL));
    value_map_put(&b, SLICE_LIT("Statement"), v);
    return value_map_end(&b, NULL);
}

static bool finds(const struct iam_lint *l, const char *code)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->items[i].code, code) == 0)
            return true;
    return false;
}

static void check(const struct value *c, bool edges, struct arena *a)
{
    const char *code = value_cstr(value_get(c, "code"), "?");
    const char *about = value_cstr(value_get(c, "check"), code);
    const char *kind = value_cstr(value_get(c, "kind"), edges ? NULL : "identity");
    struct iam_lint_options opt = {.kind = IAM_LINT_GUESS};
    struct iam_lint l;

    cr_assert_not_null(iam_lint_code_of(code), "line %u: %s", c->line, code);
    cr_assert(kind == NULL || iam_lint_kind_named(kind, &opt.kind), "line %u: %s", c->line, kind);
    iam_lint(document(value_get(c, "bad"), a), &opt, a, &l);
    cr_expect(finds(&l, code), "line %u: %s: %s is not found", c->line, about, code);
    iam_lint(document(value_get(c, "good"), a), &opt, a, &l);
    cr_expect_not(finds(&l, code), "line %u: %s: %s is found in the twin", c->line, about, code);
    if (!edges)
        cr_expect_eq(l.errors + l.warnings, 0, "line %u: %s: %s", c->line, about,
                     l.n > 0 ? l.items[0].text : "");
}

CASES(policies_iam_lint_checks, is_told_and_nothing_where_it_is_not, files)
{
    const char *file = files[*case_index].what;
    const struct yaml_options plain = {0};
    const struct value *v = NULL;
    struct slice text;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(file_read(arena_printf(&a, "fixtures/iam_lint_checks/%s.yaml", file),
                        LIMIT_CONFIG_BYTES, &a, &text, &e),
              "%s: %s", file, e.text);
    cr_assert(yaml_read(text, &plain, &a, &v, &e), "%s:%u: %s", file, e.line, e.text);
    cr_assert_gt(value_len(v), 20);
    for (size_t i = 0; i < value_len(v); i++)
        check(value_item(v, i), files[*case_index].edges, &a);
    arena_release(&a);
}
