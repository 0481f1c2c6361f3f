#include "policies/iam/solve/iam_region.h"

#include <string.h>

#include "policies/iam/evaluate/iam_match.h"
#include "policies/iam/document/iam_variables.h"

void iam_region_init(struct iam_region *r, const struct iam_context *bound, struct arena *a)
{
    *r = (struct iam_region){.arena = a, .bound = bound};
}

static void put(struct iam_region *r, struct slice text, enum iam_mode mode, bool matches,
                unsigned group)
{
    *(struct iam_pattern *)ARENA_PUSH(r->arena, &r->patterns, &r->n) =
        (struct iam_pattern){text, mode, matches, group};
}

void iam_region_pattern(struct iam_region *r, const char *pattern, enum iam_mode mode, bool matches)
{
    put(r, slice_str(pattern), mode, matches, 0);
}

enum iam_answer iam_region_resolve(const struct iam_region *r, const struct iam_region_texts *t,
                                   struct slice text, struct slice *out)
{
    enum iam_answer known;

    if (t->kind == IAM_REGION_RESOURCE)
        return iam_match_pattern(t->doc, text, r->bound, r->arena, out);
    known = iam_variables_replace(t->doc, text, r->bound, r->arena, out);
    if (known == IAM_YES && t->kind == IAM_REGION_LITERAL)
        *out = iam_glob_literal(iam_glob_text(*out, r->arena), r->arena);
    return known;
}

/* Bytes of a text before those where variables may stand. */
static size_t fixed(const struct iam_region_texts *t, struct slice text)
{
    size_t colons = 0, i = 0;

    if (t->kind != IAM_REGION_RESOURCE)
        return 0;
    while (i < text.len && colons < 5)
        colons += text.data[i++] == ':';
    return colons == 5 ? i : 0;
}

typedef struct slice rewrite_fn(struct slice text, bool literal, struct arena *a);

/* A text with unbound variables as a pattern. */
static struct slice rewrite(const struct iam_region *r, const struct iam_region_texts *t,
                            struct slice text, rewrite_fn *fn)
{
    const size_t at = fixed(t, text);
    const struct slice tail = fn(slice_from(text, at), t->kind == IAM_REGION_LITERAL, r->arena);
    const struct slice head = iam_glob_pattern((struct slice){text.data, at}, r->arena);
    uint8_t *both;

    if (at == 0)
        return tail;
    both = arena_alloc(r->arena, head.len + tail.len);
    memcpy(both, head.data, head.len);
    memcpy(both + head.len, tail.data, tail.len);
    return (struct slice){both, head.len + tail.len};
}

static struct iam_pattern symbols(const struct iam_region *r, const struct iam_region_texts *t,
                                  struct slice text)
{
    return (struct iam_pattern){.text = rewrite(r, t, text, iam_variables_symbols),
                                .mode = t->mode};
}

/* Can it be spelled in symbols? No `?`, which takes one character where a variable may be more, and
 * no character of the plane in which variables are spelled. */
static bool plain(struct slice text)
{
    static const uint8_t plane = 0xf3; /* first byte of U+C0000 to U+FFFFF */

    return text.len <= IAM_VARIABLES_BYTES / 4 && memchr(text.data, '?', text.len) == NULL &&
           memchr(text.data, plane, text.len) == NULL;
}

/* What it takes with a default, it takes without, where the variable has a value. */
static void opaque(struct iam_region *r, const struct iam_region_texts *t, struct slice text)
{
    const struct slice bare = iam_variables_bare(text, r->arena);

    *(struct iam_pattern *)ARENA_PUSH(r->arena, &r->opaque, &r->nopaque) = symbols(r, t, text);
    if (!slice_eq(bare, text))
        *(struct iam_pattern *)ARENA_PUSH(r->arena, &r->opaque, &r->nopaque) = symbols(r, t, bare);
}

static void none(struct iam_region *r, const struct iam_region_texts *t)
{
    for (size_t i = 0; i < t->texts->n; i++) {
        const struct slice text = t->texts->items[i];
        struct slice pattern;
        const enum iam_answer known = iam_region_resolve(r, t, text, &pattern);

        if (known == IAM_YES)
            put(r, pattern, t->mode, false, 0);
        r->widened = r->widened || known == IAM_MAYBE;
        if (known == IAM_MAYBE && plain(text))
            opaque(r, t, text);
    }
    r->widened = r->widened || t->texts->unknown;
}

/* Does `q` match whatever `p` matches, for all values of the variables? */
static bool takes_all(const struct iam_pattern *q, const struct iam_pattern *p)
{
    const enum iam_arn_rule rule =
        p->mode == IAM_MODE_ARN_IDENTITY ? IAM_ARN_IDENTITY : IAM_ARN_RESOURCE;
    struct iam_arn x, y;

    if (q->mode != p->mode)
        return false;
    if (slice_eq(q->text, p->text))
        return true;
    if (p->mode == IAM_MODE_NOCASE)
        return false;
    if (p->mode == IAM_MODE_TEXT)
        return iam_glob_covers(q->text, p->text);
    x = iam_arn_split(q->text, rule);
    y = iam_arn_split(p->text, rule);
    return iam_arn_covers(&x, &y);
}

/* Must none of the texts match that this one matches? */
static bool excluded(const struct iam_region *r, const struct iam_region_texts *t,
                     struct slice text)
{
    const struct iam_pattern p = symbols(r, t, text);

    for (size_t i = 0; i < r->nopaque && plain(text); i++)
        if (takes_all(&r->opaque[i], &p))
            return true;
    return false;
}

/* At least one of the texts: a group. */
static void some(struct iam_region *r, const struct iam_region_texts *t)
{
    const size_t before = r->n;

    if (t->texts->unknown) {
        r->widened = true;
        return;
    }
    r->groups++;
    for (size_t i = 0; i < t->texts->n; i++) {
        const struct slice text = t->texts->items[i];
        struct slice pattern;
        const enum iam_answer known = iam_region_resolve(r, t, text, &pattern);

        if (known == IAM_NO || (known == IAM_MAYBE && excluded(r, t, text)))
            continue;
        if (known == IAM_MAYBE) {
            r->widened = true;
            pattern = rewrite(r, t, text, iam_variables_widen);
        }
        put(r, pattern, t->mode, true, r->groups);
    }
    if (r->n == before) /* of none at all, none matches */
        put(r, SLICE_LIT("*"), IAM_MODE_TEXT, false, 0);
    if (r->n == before + 1)
        r->patterns[before].group = 0;
}

void iam_region_add(struct iam_region *r, const struct iam_region_texts *t,
                    enum iam_region_want want)
{
    if (want == IAM_REGION_NONE)
        none(r, t);
    else
        *(struct iam_region_texts *)ARENA_PUSH(r->arena, &r->later, &r->nlater) = *t;
}

enum iam_answer iam_region_find(struct iam_region *r, struct iam_budget *b, struct slice *witness)
{
    enum iam_answer out;

    for (size_t i = 0; i < r->nlater; i++)
        some(r, &r->later[i]);
    out = iam_automaton_find(r->patterns, r->n, b, r->arena, witness);
    return out == IAM_YES && r->widened ? IAM_MAYBE : out;
}
