#ifndef TESTS_LIB_IAM_RANDOM_H
#define TESTS_LIB_IAM_RANDOM_H
/* Small policies made at random, from the words of a small world; the same from the same seed. */
#include <string.h>

#include "tests/lib/iam_text.h"

#define IAM_RANDOM_MANY 24

struct iam_dice {
    uint64_t state;
};

static inline unsigned iam_roll(struct iam_dice *d, unsigned n)
{
    d->state = d->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(d->state >> 33) % n;
}

/* NULL ends it. */
typedef const char *const iam_words[IAM_RANDOM_MANY];

/* A key of the world: tests of policies, and what requests have ("": absent, "a,b": a list). */
struct iam_random_key {
    const char *name;
    const char *operators[IAM_RANDOM_MANY];
    const char *values[IAM_RANDOM_MANY];
    const char *states[IAM_RANDOM_MANY];
};

/* What statements are made of. */
struct iam_vocabulary {
    const char *actions[IAM_RANDOM_MANY];
    const char *resources[IAM_RANDOM_MANY];  /* of a trust policy: none */
    const char *principals[IAM_RANDOM_MANY]; /* of an identity's policy: none */
    const struct iam_random_key *keys;
    size_t nkeys;
    bool two; /* conditions of up to two tests */
};

static inline unsigned iam_words_count(iam_words list)
{
    unsigned n = 0;

    while (n < IAM_RANDOM_MANY && list[n] != NULL)
        n++;
    return n;
}

static inline const char *iam_pick(struct iam_dice *d, iam_words list)
{
    return list[iam_roll(d, iam_words_count(list))];
}

/* "a", or ["a", "b"]. */
static inline const char *iam_pick_some(struct iam_dice *d, iam_words list, struct arena *a)
{
    const char *first = iam_pick(d, list);

    if (iam_roll(d, 3) > 0)
        return arena_printf(a, "\"%s\"", first);
    return arena_printf(a, "[\"%s\", \"%s\"]", first, iam_pick(d, list));
}

/* "key": values */
static inline const char *iam_random_test(struct iam_dice *d, const struct iam_random_key *k,
                                          const char *op, struct arena *a)
{
    const char *values = strcmp(op, "Null") == 0 ? (iam_roll(d, 2) ? "\"true\"" : "\"false\"")
                                                 : iam_pick_some(d, k->values, a);

    return arena_printf(a, "\"%s\": %s", k->name, values);
}

static inline const char *iam_random_condition(struct iam_dice *d, const struct iam_vocabulary *w,
                                               struct arena *a)
{
    const struct iam_random_key *k =
        w->nkeys > 0 ? &w->keys[iam_roll(d, (unsigned)w->nkeys)] : NULL;
    const struct iam_random_key *other;
    const char *op, *second, *first;

    if (k == NULL || iam_roll(d, 4) == 0)
        return "";
    op = iam_pick(d, k->operators);
    first = iam_random_test(d, k, op, a);
    if (!w->two || iam_roll(d, 3) > 0)
        return arena_printf(a, ", \"Condition\": {\"%s\": {%s}}", op, first);
    other = &w->keys[iam_roll(d, (unsigned)w->nkeys)];
    second = iam_pick(d, other->operators);
    if (strcmp(op, second) != 0)
        return arena_printf(a, ", \"Condition\": {\"%s\": {%s}, \"%s\": {%s}}", op, first, second,
                            iam_random_test(d, other, second, a));
    return arena_printf(a, ", \"Condition\": {\"%s\": {%s%s%s}}", op, first, other == k ? "" : ", ",
                        other == k ? "" : iam_random_test(d, other, second, a));
}

static inline const char *iam_random_statement(struct iam_dice *d, const struct iam_vocabulary *w,
                                               struct arena *a)
{
    const char *effect = iam_roll(d, 3) > 0 ? "Allow" : "Deny";
    const char *who = "", *what = "";

    if (w->principals[0] != NULL)
        who = arena_printf(a, "\"%sPrincipal\": %s, ", iam_roll(d, 5) == 0 ? "Not" : "",
                           iam_pick(d, w->principals));
    what = arena_printf(a, "\"%sAction\": %s", iam_roll(d, 5) == 0 ? "Not" : "",
                        iam_pick_some(d, w->actions, a));
    if (w->resources[0] != NULL)
        what = arena_printf(a, "%s, \"%sResource\": %s", what, iam_roll(d, 5) == 0 ? "Not" : "",
                            iam_pick_some(d, w->resources, a));
    return arena_printf(a, "{\"Effect\": \"%s\", %s%s%s}", effect, who, what,
                        iam_random_condition(d, w, a));
}

/* Statements, at most IAM_RANDOM_MANY. */
struct iam_draft {
    const char *statements[IAM_RANDOM_MANY];
    unsigned n;
};

static inline struct iam_draft iam_random_draft(struct iam_dice *d, const struct iam_vocabulary *w,
                                                struct arena *a)
{
    struct iam_draft out = {.n = 1 + iam_roll(d, 3)};

    for (unsigned i = 0; i < out.n; i++)
        out.statements[i] = iam_random_statement(d, w, a);
    return out;
}

static inline const char *iam_draft_text(const struct iam_draft *d, struct arena *a)
{
    const char *out = "";

    for (unsigned i = 0; i < d->n; i++)
        out = arena_printf(a, "%s%s%s", out, i > 0 ? ", " : "", d->statements[i]);
    return arena_printf(a, "{\"Version\": \"2012-10-17\", \"Statement\": [%s]}", out);
}

/* "a": one value; "a,b" and "a,": a list; "": absent, and false. */
static inline bool iam_random_state(const char *name, const char *text, struct arena *a,
                                    struct iam_key *out)
{
    struct slice *values = NULL;
    size_t n = 0;

    if (text[0] == '\0')
        return false;
    for (const char *from = text; *from != '\0';) {
        const size_t len = strcspn(from, ",");

        *(struct slice *)ARENA_PUSH(a, &values, &n) = (struct slice){(const uint8_t *)from, len};
        from += len + (from[len] == ',');
    }
    *out = (struct iam_key){
        .name = slice_str(name), .values = values, .n = n, .many = strchr(text, ',') != NULL};
    return true;
}

/* ---- policies of which a part is not known ---- */

static inline void iam_random_forget_last(struct iam_texts *list)
{
    list->n -= list->n > 0;
    list->unknown = true;
}

/* One part of a statement. */
static inline void iam_random_forget_part(struct iam_dice *d, struct iam_statement *s,
                                          struct arena *a)
{
    struct iam_test *tests = ARENA_ARRAY(a, struct iam_test, s->ntests);

    for (size_t i = 0; i < s->ntests; i++)
        tests[i] = s->tests[i];
    s->tests = tests;
    switch (iam_roll(d, 6)) {
    case 0:
        iam_random_forget_last(&s->actions);
        break;
    case 1:
        iam_random_forget_last(&s->resources);
        break;
    case 2:
        s->effect = IAM_EFFECT_UNKNOWN;
        break;
    case 3:
        s->ntests = 0;
        s->tests_unknown = true;
        break;
    case 4:
        s->nprincipals -= s->has_principal && s->nprincipals > 0;
        s->principals_unknown = s->has_principal;
        break;
    default:
        if (s->ntests > 0)
            iam_random_forget_last(&tests[0].values);
    }
}

/* The policy is one of those that the other may turn out to be. */
static inline struct iam_doc iam_random_forget(struct iam_dice *d, const struct iam_doc *doc,
                                               struct arena *a)
{
    struct iam_statement *statements = ARENA_ARRAY(a, struct iam_statement, doc->n);
    struct iam_doc out = *doc;

    for (size_t i = 0; i < doc->n; i++)
        statements[i] = doc->statements[i];
    out.statements = statements;
    if (doc->n == 0 || iam_roll(d, 5) == 0) {
        out.n -= doc->n > 0;
        out.unknown = true;
    } else if (iam_roll(d, 2) == 0) {
        iam_random_forget_part(d, &statements[iam_roll(d, (unsigned)doc->n)], a);
    }
    return out;
}

/* The request in one line. */
static inline const char *iam_request_told(const struct iam_request *r, struct arena *a)
{
    const char *out =
        arena_printf(a, "%.*s %.*s %.*s", (int)r->principal.len, (const char *)r->principal.data,
                     (int)r->action.len, (const char *)r->action.data, (int)r->resource.len,
                     (const char *)r->resource.data);

    for (size_t i = 0; i < r->context.n; i++) {
        const struct iam_key *k = &r->context.keys[i];

        out = arena_printf(a, "%s %.*s%s", out, (int)k->name.len, (const char *)k->name.data,
                           k->many ? "[]" : "");
        for (size_t v = 0; v < k->n; v++)
            out = arena_printf(a, "%s=%.*s", out, (int)k->values[v].len,
                               (const char *)k->values[v].data);
    }
    return out;
}
#endif
