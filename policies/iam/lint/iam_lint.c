#include "policies/iam/lint/iam_lint.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "policies/iam/lint/iam_lint_checks.h"

const struct iam_lint_code iam_lint_codes[] = {
#define IAM_LINT(id, code, level, title, fix) {code, IAM_LINT_##level, title, fix},
#include "policies/iam/lint/iam_lint.def"
#undef IAM_LINT
    {NULL, IAM_LINT_NOTE, NULL, NULL},
};

static const char *const kinds[] = {"guess", "identity", "resource", "trust", "scp", "rcp"};

const struct iam_lint_code *iam_lint_code_of(const char *code)
{
    for (const struct iam_lint_code *c = iam_lint_codes; c->code != NULL; c++)
        if (strcmp(c->code, code) == 0)
            return c;
    return NULL;
}

const char *iam_lint_level_name(enum iam_lint_level level)
{
    static const char *const names[] = {"error", "warning", "note"};

    return names[level];
}

const char *iam_lint_kind_name(enum iam_lint_kind kind)
{
    return kinds[kind];
}

bool iam_lint_kind_named(const char *name, enum iam_lint_kind *out)
{
    for (size_t i = IAM_LINT_IDENTITY; i < ARRAY_LEN(kinds); i++)
        if (strcmp(name, kinds[i]) == 0) {
            *out = (enum iam_lint_kind)i;
            return true;
        }
    return false;
}

static void statement(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    iam_lint_actions(r, x);
    iam_lint_arns(r, x);
    iam_lint_reach(r, x);
    iam_lint_tests(r, x);
    iam_lint_principals(r, x);
    iam_lint_trust(r, x);
    iam_lint_width(r, x);
}

/* By statement; what was found first stays first. */
static struct iam_lint_finding *sorted(const struct iam_lint_run *r)
{
    struct iam_lint_finding *out = ARENA_ARRAY(r->arena, struct iam_lint_finding, r->nitems);
    size_t last = 0, *at;

    for (size_t i = 0; i < r->nitems; i++)
        last = r->items[i].number > last ? r->items[i].number : last;
    at = ARENA_ARRAY(r->arena, size_t, last + 2);
    for (size_t i = 0; i < r->nitems; i++)
        at[r->items[i].number + 1]++;
    for (size_t i = 1; i < last + 2; i++)
        at[i] += at[i - 1];
    for (size_t i = 0; i < r->nitems; i++)
        out[at[r->items[i].number]++] = r->items[i];
    return out;
}

static bool partly_unknown(const struct iam_doc *d)
{
    bool unknown = d->unknown;

    for (size_t i = 0; i < d->n; i++) {
        const struct iam_statement *s = &d->statements[i];

        unknown = unknown || s->effect == IAM_EFFECT_UNKNOWN || s->actions.unknown ||
                  s->resources.unknown || s->principals_unknown || s->tests_unknown;
        for (size_t k = 0; k < s->ntests; k++)
            unknown = unknown || s->tests[k].values.unknown;
    }
    return unknown;
}

/* The room for findings keeps one place for this. */
static void cut(struct iam_lint_run *r)
{
    if (r->nitems == LIMIT_IAM_LINT_FINDINGS)
        r->nitems--;
    iam_lint_run_add(r, IAM_LINT_CUT, NULL, 0, "too large to be checked whole");
}

static void finish(const struct iam_lint_run *r, struct iam_lint *out)
{
    *out = (struct iam_lint){.items = sorted(r),
                             .n = r->nitems,
                             .kind = r->kind,
                             .unknown = r->cut || r->open || partly_unknown(&r->doc)};
    for (size_t i = 0; i < out->n; i++) {
        out->errors += out->items[i].level == IAM_LINT_ERROR;
        out->warnings += out->items[i].level == IAM_LINT_WARNING;
    }
}

void iam_lint(const struct value *document, const struct iam_lint_options *opt, struct arena *a,
              struct iam_lint *out)
{
    static const struct iam_lint_options none = {.kind = IAM_LINT_GUESS};
    struct iam_lint_run r = {.arena = a,
                             .opt = opt != NULL ? opt : &none,
                             .node = document,
                             .work = LIMIT_IAM_LINT_WORK};
    struct iam_faults faults = {NULL, 0};
    struct err e = {0};

    if (value_is(document, VALUE_STRING) && !json_read(value_text(document), a, &r.node, &e))
        iam_lint_run_add(&r, IAM_LINT_GRAMMAR, NULL, e.line, "%s", e.text);
    else
        (void)iam_doc_read_faults(r.node, "", a, &r.doc, &faults);
    r.kind = r.opt->kind != IAM_LINT_GUESS ? r.opt->kind : iam_lint_form_kind(r.node);
    iam_lint_form(&r, &faults);
    iam_lint_run_prepare(&r);
    for (size_t i = 0; i < r.n; i++)
        statement(&r, &r.statements[i]);
    iam_lint_roles(&r);
    iam_lint_pairs(&r);
    if (r.cut)
        cut(&r);
    finish(&r, out);
}

void iam_lint_unreadable(const struct err *e, struct arena *a, struct iam_lint *out)
{
    struct iam_lint_run r = {.arena = a, .kind = IAM_LINT_IDENTITY};

    iam_lint_run_add(&r, IAM_LINT_GRAMMAR, NULL, e->line, "%s", e->text);
    finish(&r, out);
}
