#include "policies/iam/document/iam_variables.h"

#include <string.h>

#include "base/buf.h"

/* One ${...}. */
struct variable {
    size_t from, to; /* of the text, with the signs around it */
    struct slice key;
    struct slice fallback;
    bool has_fallback;
};

/* "key, 'default'" */
static void parts(struct slice inside, struct variable *v)
{
    const uint8_t *comma = inside.len > 0 ? memchr(inside.data, ',', inside.len) : NULL;
    struct slice rest;

    v->has_fallback = false;
    v->key = slice_trim(inside, " ");
    if (comma == NULL)
        return;
    rest = slice_trim(slice_from(inside, (size_t)(comma - inside.data) + 1), " ");
    if (rest.len < 2 || rest.data[0] != '\'' || rest.data[rest.len - 1] != '\'')
        return;
    v->key = slice_trim((struct slice){inside.data, (size_t)(comma - inside.data)}, " ");
    v->fallback = (struct slice){rest.data + 1, rest.len - 2};
    v->has_fallback = true;
}

/* The first variable at or behind `at`. */
static bool next(struct slice text, size_t at, struct variable *v)
{
    for (size_t i = at; i + 3 <= text.len; i++) {
        const uint8_t *dollar = memchr(text.data + i, '$', text.len - i), *end;

        if (dollar == NULL)
            return false;
        i = (size_t)(dollar - text.data);
        if (i + 3 > text.len || text.data[i + 1] != '{')
            continue;
        end = memchr(text.data + i + 2, '}', text.len - i - 2);
        if (end == NULL)
            return false;
        v->from = i;
        v->to = (size_t)(end - text.data) + 1;
        parts((struct slice){text.data + i + 2, v->to - i - 3}, v);
        return true;
    }
    return false;
}

/* ${*}, ${?}, ${$}: the sign itself. */
static bool sign(struct slice key)
{
    return slice_is(key, "*") || slice_is(key, "?") || slice_is(key, "$");
}

bool iam_variables_next(struct slice text, size_t *at, struct slice *key)
{
    struct variable v;

    while (next(text, *at, &v)) {
        *at = v.to;
        if (sign(v.key))
            continue;
        *key = v.key;
        return true;
    }
    return false;
}

bool iam_variables_in(const struct iam_doc *d, struct slice text)
{
    struct slice key;
    size_t at = 0;

    return d->variables && iam_variables_next(text, &at, &key);
}

static enum iam_answer value(const struct variable *v, const struct iam_context *c,
                             struct slice *out)
{
    const struct iam_key *k;

    if (sign(v->key)) {
        *out = v->key;
        return IAM_YES;
    }
    k = iam_request_key(c, v->key);
    if (k == NULL ? c->open : k->unknown)
        return IAM_MAYBE;
    if (k != NULL && !k->many && k->n == 1) {
        *out = k->values[0];
        return out->len > 0 ? IAM_YES : IAM_MAYBE;
    }
    *out = v->fallback;
    return v->has_fallback ? IAM_YES : IAM_NO;
}

enum iam_answer iam_variables_replace(const struct iam_doc *d, struct slice text,
                                      const struct iam_context *c, struct arena *a,
                                      struct slice *out)
{
    enum iam_answer known = IAM_YES;
    struct variable v = {0};
    struct err e = {0};
    struct buf b;
    size_t at = 0;

    if (!d->variables || !next(text, 0, &v)) {
        *out = iam_glob_pattern(text, a);
        return IAM_YES;
    }
    buf_init(&b, IAM_VARIABLES_BYTES);
    for (; next(text, at, &v); at = v.to) {
        struct slice replaced = {NULL, 0};
        const enum iam_answer got = value(&v, c, &replaced);

        if (got != IAM_YES && (known == IAM_YES || got == IAM_NO))
            known = got;
        buf_put(&b, iam_glob_pattern((struct slice){text.data + at, v.from - at}, a));
        buf_put(&b, iam_glob_literal(replaced, a));
    }
    buf_put(&b, iam_glob_pattern(slice_from(text, at), a));
    if (!buf_finish(&b, &e))
        known = IAM_MAYBE; /* longer than any text that is compared */
    *out = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return known;
}

/* Writes what stands for a variable. */
typedef void stand_in_fn(struct buf *b, struct slice inside);

static struct slice rewrite(struct slice text, bool literal, stand_in_fn *stand_in, struct arena *a)
{
    struct slice (*escape)(struct slice, struct arena *) =
        literal ? iam_glob_literal : iam_glob_pattern;
    struct variable v = {0};
    struct slice out;
    struct buf b;
    size_t at = 0;

    buf_init(&b, IAM_VARIABLES_BYTES);
    for (; next(text, at, &v); at = v.to) {
        buf_put(&b, escape((struct slice){text.data + at, v.from - at}, a));
        if (sign(v.key))
            buf_put(&b, iam_glob_literal(v.key, a));
        else
            stand_in(&b, (struct slice){text.data + v.from, v.to - v.from});
    }
    buf_put(&b, escape(slice_from(text, at), a));
    out = b.full ? SLICE_LIT("*") : arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return out;
}

static void star(struct buf *b, struct slice inside)
{
    (void)inside;
    buf_u8(b, '*');
}

struct slice iam_variables_widen(struct slice text, bool literal, struct arena *a)
{
    return rewrite(text, literal, star, a);
}

/* Each byte as a character of a private plane, which no policy has. */
static void symbol(struct buf *b, struct slice inside)
{
    for (size_t i = 0; i < inside.len; i++) {
        uint8_t utf8[4];
        const size_t n = slice_utf8_put(utf8, IAM_VARIABLES_PLANE + iam_glob_lower(inside.data[i]));

        buf_put(b, (struct slice){utf8, n});
    }
}

struct slice iam_variables_symbols(struct slice text, bool literal, struct arena *a)
{
    return rewrite(text, literal, symbol, a);
}

struct slice iam_variables_bare(struct slice text, struct arena *a)
{
    struct variable v = {0};
    bool defaults = false;
    struct slice out;
    struct buf b;
    size_t at = 0;

    buf_init(&b, IAM_VARIABLES_BYTES);
    for (; next(text, at, &v); at = v.to) {
        buf_put(&b, (struct slice){text.data + at, v.from - at});
        buf_str(&b, "${");
        buf_put(&b, v.key);
        buf_str(&b, "}");
        defaults = defaults || v.has_fallback;
    }
    buf_put(&b, slice_from(text, at));
    out = b.full || !defaults ? text : arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return out;
}
