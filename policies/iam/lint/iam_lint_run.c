#include "policies/iam/lint/iam_lint_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "policies/iam/evaluate/iam_match.h"
#include "policies/iam/document/iam_variables.h"

#define SHOWN_MAX 120    /* bytes of the document's text in one message */
#define MESSAGE_MAX 640  /* bytes of one message */
#define LONG_PATTERN 256 /* from here on wildcards cost as much as the lengths multiplied */
#define COUNTED_MAX 4096 /* a list in which the places of what is known are counted */

/* ---- findings ---- */

int iam_lint_run_shown(struct slice s)
{
    return s.len < SHOWN_MAX ? (int)s.len : SHOWN_MAX;
}

void iam_lint_run_add(struct iam_lint_run *r, enum iam_lint_id code, const struct iam_statement *s,
                      uint32_t line, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    struct iam_lint_finding *f;
    va_list ap;

    if (r->nitems >= LIMIT_IAM_LINT_FINDINGS) {
        r->cut = true;
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    f = ARENA_PUSH(r->arena, &r->items, &r->nitems);
    f->code = iam_lint_codes[code].code;
    f->level = iam_lint_codes[code].level;
    f->line = line;
    f->text = arena_strdup(r->arena, text);
    if (s == NULL)
        return;
    f->number = s->index + 1;
    f->sid = s->sid;
    if (line == 0)
        f->line = s->line;
}

bool iam_lint_run_work(struct iam_lint_run *r, size_t bytes)
{
    if (r->work < bytes) {
        r->cut = true;
        r->work = 0;
        return false;
    }
    r->work -= bytes;
    return true;
}

bool iam_lint_run_spent(const struct iam_lint_run *r)
{
    return r->work == 0;
}

bool iam_lint_run_compare(struct iam_lint_run *r, struct slice a, struct slice b)
{
    uint64_t work = a.len + b.len;

    if (a.len > LONG_PATTERN && b.len > LONG_PATTERN && !checked_mul(a.len, b.len / 4, &work))
        work = SIZE_MAX;
    return iam_lint_run_work(r, (size_t)work);
}

bool iam_lint_run_covers(struct iam_lint_run *r, const struct iam_lint_name *a,
                         const struct iam_lint_name *b)
{
    if (!a->wild)
        return iam_lint_run_work(r, 1) && slice_eq(a->pattern, b->pattern);
    return iam_lint_run_compare(r, a->pattern, b->pattern) &&
           iam_glob_covers(a->pattern, b->pattern);
}

bool iam_lint_run_arn_covers(struct iam_lint_run *r, const struct iam_lint_statement *x, size_t by,
                             const struct iam_lint_statement *y, size_t i)
{
    const struct slice a = x->s->resources.items[by], b = y->s->resources.items[i];
    size_t at;

    if (!iam_lint_run_compare(r, a, b))
        return false;
    if (r->doc.variables && slice_find(a, SLICE_LIT("${"), &at))
        return slice_eq(a, b);
    return iam_arn_covers(&x->arns[by], &y->arns[i]);
}

/* ---- places ---- */

/* Item `i` of those that are known; `gaps`: there are others among them. */
static const struct value *item(const struct value *v, size_t i, bool gaps)
{
    if (!value_is(v, VALUE_LIST))
        return v;
    if (!gaps || value_len(v) > COUNTED_MAX)
        return i < value_len(v) ? value_item(v, i) : v;
    for (size_t k = 0; k < value_len(v); k++) {
        if (value_is(value_item(v, k), VALUE_UNKNOWN))
            continue;
        if (i-- == 0)
            return value_item(v, k);
    }
    return v;
}

uint32_t iam_lint_run_line(const struct iam_statement *s, const char *element, size_t i)
{
    const bool gaps = s->actions.unknown || s->resources.unknown;
    const struct value *v = item(value_get(s->node, element), i, gaps);

    return v != NULL ? v->line : s->line;
}

const struct value *iam_lint_run_written(const struct iam_statement *s, const struct iam_test *t)
{
    return value_get_slice(value_get_slice(value_get(s->node, "Condition"), t->op_text), t->key);
}

uint32_t iam_lint_run_test_line(const struct iam_statement *s, const struct iam_test *t, size_t i)
{
    const struct value *v = iam_lint_run_written(s, t);

    if (i != SIZE_MAX)
        v = item(v, i, t->values.unknown);
    return v != NULL ? v->line : s->line;
}

/* ---- names ---- */

bool iam_lint_run_of_service(struct slice action, const char *service)
{
    const size_t n = strlen(service);

    return action.len > n && action.data[n] == ':' &&
           iam_glob_same((struct slice){action.data, n}, slice_str(service));
}

/* ---- condition keys ---- */

bool iam_lint_run_federated(struct slice key)
{
    const uint8_t *colon = key.len > 0 ? memchr(key.data, ':', key.len) : NULL;
    struct slice provider;

    if (colon == NULL)
        return false;
    provider = (struct slice){key.data, (size_t)(colon - key.data)};
    return iam_glob_same(provider, SLICE_LIT("saml")) || memchr(provider.data, '.', provider.len);
}

bool iam_lint_run_many(enum iam_key_type type)
{
    return type == IAM_KEY_STRINGS || type == IAM_KEY_ARNS || type == IAM_KEY_BOOLS;
}

/* A value that leaves nothing out. */
static bool anything(struct slice v)
{
    return iam_glob_any(v) || slice_is(v, "0.0.0.0/0") || slice_is(v, "::/0");
}

bool iam_lint_run_demands(const struct iam_test *t)
{
    if (t->if_exists || t->quantifier == IAM_FOR_ALL_VALUES || t->op == IAM_NULL ||
        t->op == IAM_OPERATOR_UNKNOWN || iam_doc_operator_negated(t->op))
        return false;
    for (size_t i = 0; i < t->values.n; i++)
        if (anything(t->values.items[i]))
            return false;
    return true;
}

static bool is_key(struct slice key, const char *name)
{
    const size_t n = strlen(name);

    if (n > 0 && name[n - 1] == '*')
        return key.len >= n && iam_glob_same((struct slice){key.data, n - 1},
                                             (struct slice){(const uint8_t *)name, n - 1});
    return iam_glob_same(key, slice_str(name));
}

bool iam_lint_run_limited(const struct iam_statement *s, const char *const *keys)
{
    for (size_t i = 0; i < s->ntests; i++)
        for (size_t k = 0; keys[k] != NULL; k++)
            if (is_key(s->tests[i].key, keys[k]) && iam_lint_run_demands(&s->tests[i]))
                return true;
    return s->tests_unknown;
}

/* ---- statements ---- */

static struct slice lowered(struct slice text, struct arena *a)
{
    uint8_t *out = arena_alloc(a, text.len);

    for (size_t i = 0; i < text.len; i++)
        out[i] = iam_glob_lower(text.data[i]);
    return iam_glob_pattern((struct slice){out, text.len}, a);
}

static void prepare_names(struct iam_lint_statement *x, struct arena *a)
{
    const struct iam_texts *names = &x->s->actions;

    x->set = iam_actions_none(a);
    x->names = ARENA_ARRAY(a, struct iam_lint_name, names->n);
    x->sure = !names->unknown;
    for (size_t i = 0; i < names->n; i++) {
        const struct slice name = names->items[i];

        x->names[i].pattern = lowered(name, a);
        x->names[i].wild = iam_glob_wild(x->names[i].pattern);
        x->whole = x->whole || slice_is(name, "*") || slice_is(name, "*:*");
        x->sure = iam_actions_match(name, &x->set) > 0 && x->sure;
    }
}

static void prepare_arns(const struct iam_lint_run *r, struct iam_lint_statement *x)
{
    const struct iam_texts *list = &x->s->resources;
    const enum iam_arn_rule rule = iam_match_rule(x->s);

    x->star = !x->s->has_resource;
    x->arns = ARENA_ARRAY(r->arena, struct iam_arn, list->n);
    x->wide = ARENA_ARRAY(r->arena, struct iam_arn, list->n);
    for (size_t i = 0; i < list->n; i++) {
        const struct slice pattern = iam_glob_pattern(list->items[i], r->arena);

        x->arns[i] = iam_arn_split(pattern, rule);
        x->wide[i] = r->doc.variables
                         ? iam_arn_split(iam_variables_widen(list->items[i], false, r->arena), rule)
                         : x->arns[i];
        x->star = x->star || (iam_glob_any(list->items[i]) && !x->s->not_resource);
    }
}

void iam_lint_run_prepare(struct iam_lint_run *r)
{
    r->n = r->doc.n;
    if (r->n > LIMIT_IAM_LINT_STATEMENTS) {
        r->n = LIMIT_IAM_LINT_STATEMENTS;
        r->cut = true;
    }
    r->statements = ARENA_ARRAY(r->arena, struct iam_lint_statement, r->n);
    for (size_t i = 0; i < r->n; i++) {
        r->statements[i].s = &r->doc.statements[i];
        prepare_names(&r->statements[i], r->arena);
        prepare_arns(r, &r->statements[i]);
    }
}
