#include "policies/iam/document/iam_template.h"

#include <string.h>

#include "policies/iam/document/iam_variables.h"

/* "aws:username", with one ':', is a key; ${*}, ${?} and ${$} are characters. */
static bool is_key(struct slice name)
{
    size_t colons = 0;

    for (size_t i = 0; i < name.len; i++)
        colons += name.data[i] == ':';
    return colons == 1 || name.len <= 1;
}

bool iam_template_in(struct slice text)
{
    struct slice name;
    size_t at = 0;

    while (iam_variables_next(text, &at, &name))
        if (!is_key(name))
            return true;
    return false;
}

/* The list without them; true: there were some. */
static bool forget(struct iam_texts *list, struct arena *a)
{
    struct slice *kept = ARENA_ARRAY(a, struct slice, list->n);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        if (!iam_template_in(list->items[i]))
            kept[n++] = list->items[i];
    if (n == list->n)
        return false;
    *list = (struct iam_texts){kept, n, true};
    return true;
}

/* "arn:aws:iam::${?}:role/r" of "arn:aws:iam::${var.account}:role/r". */
static struct slice shape(struct slice text, struct arena *a)
{
    char *out = arena_alloc(a, 2 * text.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t *end = memchr(text.data + i, '}', text.len - i);

        if (text.data[i] == '$' && end != NULL && i + 1 < text.len && text.data[i + 1] == '{') {
            memcpy(out + n, (char[]){'$', '{', '?', '}'}, 4);
            n += 4;
            i = (size_t)(end - text.data);
        } else {
            out[n++] = (char)text.data[i];
        }
    }
    return (struct slice){(const uint8_t *)out, n};
}

/* Of whom a part is told it is known that they are somebody in particular. */
static bool forget_principals(struct iam_statement *s, struct arena *a)
{
    struct iam_principal *kept = ARENA_ARRAY(a, struct iam_principal, s->nprincipals);
    struct iam_principal *hints = ARENA_ARRAY(a, struct iam_principal, s->nprincipals + s->nhints);
    bool lost = s->principals_unknown && s->hints == NULL;
    size_t n = 0, nhints = 0;

    for (size_t i = 0; s->hints != NULL && i < s->nhints; i++)
        hints[nhints++] = s->hints[i];
    for (size_t i = 0; i < s->nprincipals; i++) {
        const struct iam_principal p = s->principals[i];

        if (!iam_template_in(p.name)) {
            kept[n++] = p;
            continue;
        }
        lost = lost || slice_starts(p.name, "${");
        hints[nhints++] = (struct iam_principal){p.type, shape(p.name, a)};
    }
    if (n == s->nprincipals)
        return false;
    s->principals = kept;
    s->nprincipals = n;
    s->principals_unknown = true;
    s->hints = lost ? NULL : hints;
    s->nhints = lost ? 0 : nhints;
    return true;
}

static bool forget_tests(struct iam_statement *s, struct arena *a)
{
    struct iam_test *tests = ARENA_ARRAY(a, struct iam_test, s->ntests);
    bool some = false;

    for (size_t i = 0; i < s->ntests; i++) {
        tests[i] = s->tests[i];
        some = forget(&tests[i].values, a) || some;
    }
    s->tests = tests;
    return some;
}

struct iam_doc iam_template_unknown(const struct iam_doc *d, struct arena *a)
{
    struct iam_statement *items = ARENA_ARRAY(a, struct iam_statement, d->n);
    struct iam_doc out = *d;
    bool some = false;

    for (size_t i = 0; i < d->n; i++) {
        items[i] = d->statements[i];
        some = forget(&items[i].actions, a) || some;
        some = forget(&items[i].resources, a) || some;
        some = forget_principals(&items[i], a) || some;
        some = forget_tests(&items[i], a) || some;
    }
    if (some)
        out.statements = items;
    return out;
}

/* ---- as names of something ---- */

/* Twelve digits, the same for the same text: an account, or part of any other name. */
static const char *number_of(struct slice name, struct arena *a)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ name.data[i]) * 1099511628211u;
    return arena_printf(a, "%012llu", (unsigned long long)(h % 1000000000000u));
}

/* "arn:aws:s3:::${var.bucket}/x" with a number for the variable; `prefix` stands before it when it
 * is all there is. */
static struct slice named(struct slice text, const char *prefix, struct arena *a)
{
    const char *out = arena_printf(a, "%s", "");
    struct slice name;
    size_t from = 0, at = 0;

    while (iam_variables_next(text, &at, &name)) {
        const size_t begin = (size_t)(name.data - text.data);
        size_t open = begin - 1;

        if (is_key(name))
            continue;
        while (open > from && text.data[open] != '$')
            open--;
        if (open == 0 && at == text.len)
            return slice_str(arena_printf(a, "%s%s", prefix, number_of(name, a)));
        out = arena_printf(a, "%s%.*s%s", out, (int)(open - from), (const char *)text.data + from,
                           number_of(name, a));
        from = at;
    }
    return from == 0 ? text
                     : slice_str(arena_printf(a, "%s%.*s", out, (int)(text.len - from),
                                              (const char *)text.data + from));
}

static struct iam_texts all_named(const struct iam_texts *list, const char *prefix, struct arena *a)
{
    struct slice *items = ARENA_ARRAY(a, struct slice, list->n);

    for (size_t i = 0; i < list->n; i++)
        items[i] = named(list->items[i], prefix, a);
    return (struct iam_texts){items, list->n, list->unknown};
}

static void name_statement(struct iam_statement *s, struct arena *a)
{
    struct iam_principal *principals = ARENA_ARRAY(a, struct iam_principal, s->nprincipals);
    struct iam_test *tests = ARENA_ARRAY(a, struct iam_test, s->ntests);

    s->actions = all_named(&s->actions, "template:", a);
    s->resources = all_named(&s->resources, "arn:aws:template:::", a);
    for (size_t i = 0; i < s->nprincipals; i++) {
        principals[i] = s->principals[i];
        principals[i].name = named(principals[i].name, "", a);
    }
    for (size_t i = 0; i < s->ntests; i++) {
        tests[i] = s->tests[i];
        tests[i].values = all_named(&tests[i].values, "", a);
    }
    s->principals = principals;
    s->tests = tests;
}

struct iam_doc iam_template_named(const struct iam_doc *d, struct arena *a)
{
    struct iam_statement *items = ARENA_ARRAY(a, struct iam_statement, d->n);
    struct iam_doc out = *d;

    for (size_t i = 0; i < d->n; i++) {
        items[i] = d->statements[i];
        name_statement(&items[i], a);
    }
    out.statements = items;
    return out;
}
