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
            memcpy(out + n, "${?}", 4);
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

    for (size_t i = 0; i < s->nhints; i++)
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
