#include "policies/iam/iam_region.h"

#include "policies/iam/iam_match.h"
#include "policies/iam/iam_variables.h"

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

/* The pattern of a text, variables replaced. MAYBE: some are not bound. */
static enum iam_answer resolve(const struct iam_region *r, const struct iam_region_texts *t,
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

static void none(struct iam_region *r, const struct iam_region_texts *t)
{
    for (size_t i = 0; i < t->texts->n; i++) {
        const struct slice text = t->texts->items[i];
        struct slice pattern;
        const enum iam_answer known = resolve(r, t, text, &pattern);

        if (known == IAM_YES)
            put(r, pattern, t->mode, false, 0);
        if (known != IAM_MAYBE)
            continue;
        *(struct slice *)ARENA_PUSH(r->arena, &r->opaque, &r->nopaque) = text;
        r->widened = true;
    }
    r->widened = r->widened || t->texts->unknown;
}

static bool opaque(const struct iam_region *r, struct slice text)
{
    for (size_t i = 0; i < r->nopaque; i++)
        if (slice_eq(r->opaque[i], text))
            return true;
    return false;
}

/* Does a variable stand in one of the first five fields, where its value could bring a ':'? */
static bool early(struct slice text)
{
    size_t colons = 0;

    for (size_t i = 0; i + 1 < text.len && colons < 5; i++) {
        if (text.data[i] == '$' && text.data[i + 1] == '{')
            return true;
        colons += text.data[i] == ':';
    }
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
        const enum iam_answer known = resolve(r, t, text, &pattern);

        if (known == IAM_NO || (known == IAM_MAYBE && opaque(r, text)))
            continue;
        if (known == IAM_MAYBE) {
            r->widened = true;
            pattern = iam_variables_widen(text, t->kind == IAM_REGION_LITERAL, r->arena);
            if (t->kind != IAM_REGION_RESOURCE && t->mode >= IAM_MODE_ARN_IDENTITY && early(text))
                pattern = SLICE_LIT("*");
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

static bool same(const struct iam_pattern *a, const struct iam_pattern *b)
{
    return a->mode == b->mode && slice_eq(a->text, b->text);
}

/* A pattern that must match and the same that must not, or nothing that may match. */
static bool hopeless(const struct iam_region *r)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->patterns[i].matches || r->patterns[i].group != 0)
            continue;
        if (iam_glob_any(r->patterns[i].text))
            return true;
        for (size_t k = 0; k < r->n; k++)
            if (r->patterns[k].matches && r->patterns[k].group == 0 &&
                same(&r->patterns[i], &r->patterns[k]))
                return true;
    }
    return false;
}

/* May two patterns have a text in common? "true" when that is not easy to tell. */
static bool meet(const struct iam_pattern *a, const struct iam_pattern *b)
{
    struct iam_arn x, y;

    if (a->mode == IAM_MODE_NOCASE || b->mode == IAM_MODE_NOCASE)
        return true;
    if (a->mode == IAM_MODE_TEXT || b->mode == IAM_MODE_TEXT)
        return a->mode != b->mode || iam_glob_overlap(a->text, b->text);
    x = iam_arn_split(a->text,
                      a->mode == IAM_MODE_ARN_IDENTITY ? IAM_ARN_IDENTITY : IAM_ARN_RESOURCE);
    y = iam_arn_split(b->text,
                      b->mode == IAM_MODE_ARN_IDENTITY ? IAM_ARN_IDENTITY : IAM_ARN_RESOURCE);
    return iam_arn_overlap(&x, &y);
}

/* What must not match, and cannot where something else must, need not be asked. */
static void thin(struct iam_region *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++) {
        bool needed = true;

        for (size_t k = 0; k < r->n && !r->patterns[i].matches && needed; k++)
            if (r->patterns[k].matches && r->patterns[k].group == 0)
                needed = meet(&r->patterns[k], &r->patterns[i]);
        for (size_t k = 0; k < n && needed; k++)
            needed = r->patterns[i].group != 0 || r->patterns[k].group != 0 ||
                     r->patterns[k].matches != r->patterns[i].matches ||
                     !same(&r->patterns[k], &r->patterns[i]);
        if (needed)
            r->patterns[n++] = r->patterns[i];
    }
    r->n = n;
}

enum iam_answer iam_region_find(struct iam_region *r, struct iam_budget *b, struct slice *witness)
{
    enum iam_answer out;

    for (size_t i = 0; i < r->nlater; i++)
        some(r, &r->later[i]);
    if (hopeless(r))
        return IAM_NO;
    thin(r);
    out = iam_automaton_find(r->patterns, r->n, b, r->arena, witness);
    return out == IAM_YES && r->widened ? IAM_MAYBE : out;
}
