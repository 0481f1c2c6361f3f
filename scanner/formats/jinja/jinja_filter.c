/* Filters and tests. SPEC: Jinja 3.1, "Filters", "Tests" */
#include "scanner/formats/jinja/jinja_filter.h"

#include <string.h>

#include "scanner/formats/jinja/jinja_fold.h"
#include "scanner/formats/jinja/jinja_chain.h"
#include "scanner/formats/jinja/jinja_expr.h"

/* attribute="a.b" of filters: each part is one. */
static void dotted(struct jinja_walk *w, const struct jinja_value *v, const struct jinja_token *t)
{
    const struct jinja_value open = {.data = v->data, .built = v->built};

    for (size_t i = 0; i < v->n; i++) {
        struct slice rest = v->alts[i]->text;
        size_t at;

        if (v->alts[i]->type != JINJA_TEXT)
            continue;
        while (slice_find(rest, SLICE_LIT("."), &at)) {
            jinja_walk_reach(w, (struct slice){rest.data, at}, "filter", t);
            rest = slice_from(rest, at + 1);
        }
        jinja_walk_reach(w, rest, "filter", t);
    }
    jinja_walk_access(w, open, open.built ? "filter" : "subscript", t);
}

/* Filters whose arguments name attributes. SPEC: Jinja 3.1, map, selectattr, groupby, ... */
static void filter_reaches(struct jinja_walk *w, const struct jinja_token *t,
                           const struct jinja_args *args)
{
    static const char *const first[] = {"selectattr", "rejectattr", "groupby", "sum"};
    const struct jinja_value *v = jinja_value_arg(args, SIZE_MAX, "attribute");
    const struct jinja_value *arg = jinja_value_arg(args, 0, NULL);
    const struct jinja_const *c;

    if (slice_is(t->text, "attr") && arg == NULL && args->n > 0)
        arg = &args->at[0];
    if (slice_is(t->text, "attr")) {
        jinja_walk_access(w, arg != NULL && !args->open ? *arg : JINJA_BUILT, "attr", t);
        return;
    }
    if (v != NULL)
        dotted(w, v, t);
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        if (arg != NULL && slice_is(t->text, first[i]))
            dotted(w, arg, t);
    v = jinja_value_arg(args, slice_is(t->text, "join") ? 1 : 2, NULL);
    if (v != NULL && (slice_is(t->text, "join") || slice_is(t->text, "sort")))
        dotted(w, v, t);
    if (!slice_is(t->text, "map") || args->n == 0 || v == arg)
        return;
    c = arg != NULL ? jinja_value_only(*arg) : NULL;
    v = jinja_value_arg(args, 1, "name");
    if (args->open || (arg != NULL && c == NULL))
        jinja_walk_access(w, JINJA_BUILT, "filter", t);
    else if (c != NULL && slice_is(c->text, "attr"))
        jinja_walk_access(w, v != NULL ? *v : JINJA_BUILT, "attr", t);
}

bool jinja_filter_one(struct jinja_walk *w, struct jinja_value *v)
{
    const struct jinja_token *t = jinja_walk_now(w);
    const struct jinja_item how = {.line = t->line, .offset = t->offset};
    struct jinja_args args = {0};

    if (t->kind != JINJA_NAME)
        return jinja_walk_fault(w, "the name of a filter");
    jinja_walk_note(w, &w->found->filters, t->text, &how);
    for (w->at++; jinja_walk_take(w, '.'); w->at++)
        if (jinja_walk_now(w)->kind != JINJA_NAME)
            return jinja_walk_fault(w, "the name of a filter");
    if (jinja_walk_take(w, '(') && !jinja_chain_args(w, &args))
        return false;
    filter_reaches(w, t, &args);
    if (slice_is(t->text, "center") || slice_is(t->text, "indent") || slice_is(t->text, "batch"))
        jinja_chain_count(w, &args, t);
    if (slice_is(t->text, "attr"))
        *v = (struct jinja_value){.data = true, .built = v->built};
    else
        *v = jinja_fold_filter(&w->fold, *v, t->text, &args);
    jinja_walk_texts(w, *v, t);
    return true;
}

static bool begins_argument(const struct jinja_walk *w)
{
    static const char *const words[] = {"else", "or", "and", "if", "in", "not", "is", "recursive"};
    const struct jinja_token *t = jinja_walk_now(w);

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (jinja_walk_word(w, words[i]))
            return false;
    return t->kind == JINJA_NAME || t->kind == JINJA_STRING || t->kind == JINJA_INT ||
           t->kind == JINJA_FLOAT || jinja_walk_is(w, '[') || jinja_walk_is(w, '{');
}

static bool test(struct jinja_walk *w, struct jinja_value *v)
{
    const struct jinja_token *t;
    struct jinja_args args;
    struct jinja_chain c = {0};

    while (jinja_walk_take_word(w, "not"))
        continue;
    t = jinja_walk_now(w);
    if (t->kind != JINJA_NAME)
        return jinja_walk_fault(w, "the name of a test");
    jinja_walk_note(w, &w->found->tests, t->text,
                    &(struct jinja_item){.line = t->line, .offset = t->offset});
    for (w->at++; jinja_walk_take(w, '.'); w->at++)
        if (jinja_walk_now(w)->kind != JINJA_NAME)
            return jinja_walk_fault(w, "the name of a test");
    *v = JINJA_OUTSIDE;
    if (jinja_walk_take(w, '('))
        return jinja_chain_args(w, &args);
    return !begins_argument(w) || (jinja_expr_primary(w, &c) && jinja_chain_follow(w, &c));
}

bool jinja_filter_all(struct jinja_walk *w, struct jinja_value *v)
{
    for (;;) {
        struct jinja_chain c = {.v = *v};

        if (jinja_walk_take(w, '|')) {
            if (!jinja_filter_one(w, v))
                return false;
        } else if (jinja_walk_take_word(w, "is")) {
            if (!test(w, v))
                return false;
        } else if (jinja_walk_is(w, '(')) {
            if (!jinja_chain_call(w, &c))
                return false;
            *v = c.v;
        } else {
            return true;
        }
    }
}
