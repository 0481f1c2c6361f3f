/* Names, and the attributes, subscripts and calls behind them. */
#include "scanner/formats/jinja/jinja_chain.h"

#include <string.h>

#include "scanner/formats/jinja/jinja_fold.h"
#include "scanner/formats/jinja/jinja_expr.h"

static const struct slice nameless = {NULL, 0};

/* ---- what names are ---- */
struct jinja_value jinja_chain_load(struct jinja_walk *w, const struct jinja_token *t)
{
    const struct jinja_item how = {.via = "name", .line = t->line, .offset = t->offset};
    struct jinja_binding *b = jinja_walk_find(w, t->text, nameless);

    if (b == NULL && w->first) {
        /* bound further down, or never */
        if (!jinja_walk_bind(w, t->text, nameless, JINJA_NOTHING))
            return JINJA_OUTSIDE;
        b = jinja_walk_find(w, t->text, nameless);
        b->early = true;
    }
    if (b != NULL && !b->early)
        return b->value;
    jinja_walk_note(w, &w->found->names, t->text, &how);
    if (slice_starts(t->text, "__"))
        jinja_walk_note(w, &w->found->dunders, t->text, &how);
    return b != NULL ? jinja_value_join(&w->fold, b->value, JINJA_OUTSIDE) : JINJA_OUTSIDE;
}

/* ---- calls ---- */
bool jinja_chain_args(struct jinja_walk *w, struct jinja_args *args)
{
    size_t n = 0, names = 0;

    *args = (struct jinja_args){0};
    while (!jinja_walk_take(w, ')')) {
        struct slice name = nameless;
        struct jinja_value v;

        if (n > 0 && !jinja_walk_take(w, ','))
            return jinja_walk_fault(w, "a comma or a bracket");
        if (n > 0 && jinja_walk_take(w, ')'))
            return true;
        if (jinja_walk_take(w, '*') || jinja_walk_take(w, JINJA_OP('*', '*')))
            args->open = true;
        if (jinja_walk_now(w)->kind == JINJA_NAME && jinja_walk_next(w)->kind == JINJA_OPERATOR &&
            jinja_walk_next(w)->op == '=') {
            name = jinja_walk_now(w)->text;
            w->at += 2;
        }
        if (!jinja_expr(w, &v))
            return false;
        n = args->n;
        *(struct jinja_value *)ARENA_PUSH(w->fold.arena, &args->at, &n) = v;
        *(struct slice *)ARENA_PUSH(w->fold.arena, &args->names, &names) = name;
        args->n = n;
    }
    return true;
}

/* What the macro's parameters may be. */
static bool call_macro(struct jinja_walk *w, const struct jinja_macro *m,
                       const struct jinja_args *args)
{
    size_t at = 0;

    for (size_t i = 0; i < args->n; i++) {
        struct slice name = args->names[i];
        const bool keyword = name.data != NULL;
        bool known = false;

        if (!keyword && at < m->n)
            name = m->params[at++];
        for (size_t k = 0; k < m->n; k++)
            known = known || slice_eq(name, m->params[k]);
        if (known && !jinja_walk_bind(w, name, nameless, args->at[i]))
            return false;
        if (!known && jinja_value_has_text(args->at[i]) &&
            !jinja_walk_bind(w, keyword ? SLICE_LIT("kwargs") : SLICE_LIT("varargs"), nameless,
                             JINJA_BUILT))
            return false;
        if (args->open && !jinja_walk_bind(w, name.data != NULL ? name : SLICE_LIT("varargs"),
                                           nameless, JINJA_BUILT))
            return false;
    }
    return true;
}

void jinja_chain_count(struct jinja_walk *w, const struct jinja_args *args,
                       const struct jinja_token *t)
{
    int64_t most = 0;

    for (size_t i = 0; i < args->n; i++)
        for (size_t k = 0; k < args->at[i].n; k++) {
            const struct jinja_const *c = args->at[i].alts[k];

            if (c->type == JINJA_NUMBER && c->number > most)
                most = c->number;
        }
    jinja_walk_expand(w, "range", most, t);
    w->counted = most;
}

/* A function by its name. */
static bool call(struct jinja_walk *w, const struct jinja_token *t, const struct jinja_args *args,
                 struct jinja_value *v)
{
    static const char *const texts[] = {"cycler", "joiner", "lipsum", "caller", "super", "self"};
    const struct jinja_item how = {.line = t->line, .offset = t->offset};
    const struct jinja_binding *b = jinja_walk_find(w, t->text, nameless);

    jinja_walk_note(w, &w->found->calls, t->text, &how);
    *v = slice_among(t->text, texts, ARRAY_LEN(texts)) ? JINJA_BUILT : JINJA_OUTSIDE;
    if (slice_is(t->text, "range") || slice_is(t->text, "lipsum"))
        jinja_chain_count(w, args, t);
    if (slice_is(t->text, "dict") || slice_is(t->text, "namespace"))
        *v = jinja_value_dict(&w->fold, args);
    if (b == NULL || b->macro == NULL)
        return true;
    *v = JINJA_BUILT;
    return call_macro(w, b->macro, args);
}

/* {0.__class__} and {0[__class__]} of a format reach attributes. */
static void format_fields(struct jinja_walk *w, struct jinja_value v, const struct jinja_token *t)
{
    for (size_t i = 0; i < v.n; i++) {
        const struct slice s = v.alts[i]->text;
        bool field = false;

        for (size_t k = 0; k < s.len; k++) {
            size_t n = 0;

            field = s.data[k] == '{' || (field && s.data[k] != '}');
            if (!field || (s.data[k] != '.' && s.data[k] != '['))
                continue;
            while (k + 1 + n < s.len && strchr(".[]:!{}", s.data[k + 1 + n]) == NULL)
                n++;
            if (n > 0)
                jinja_walk_reach(w, (struct slice){s.data + k + 1, n}, "format", t);
        }
    }
}

/* Adding to a list or a dict that a name holds. */
static bool grows(struct slice method)
{
    static const char *const names[] = {"append", "extend", "insert", "update", "setdefault"};

    return slice_among(method, names, ARRAY_LEN(names));
}

/* Only what the template has made itself can be told apart from what it was given. */
static bool grow(struct jinja_walk *w, const struct jinja_chain *c, bool text)
{
    const struct jinja_value v = text ? JINJA_BUILT : JINJA_OUTSIDE;
    const struct jinja_binding *b =
        c->root != NULL ? jinja_walk_find(w, c->root->text, nameless) : NULL;

    if (b == NULL || c->links == 0)
        return true;
    if (c->links == 1)
        return jinja_walk_bind(w, c->root->text, nameless, v);
    if (c->first.data != NULL)
        return jinja_walk_bind(w, c->root->text, c->first, v);
    return b->early || jinja_walk_bind(w, c->root->text, nameless, v);
}

static bool call_method(struct jinja_walk *w, struct jinja_chain *c, const struct jinja_args *args)
{
    const struct slice name = c->last->text;
    const struct jinja_item how = {.line = c->last->line, .offset = c->last->offset};
    bool text = false;

    jinja_walk_note(w, &w->found->calls,
                    w->record ? slice_str(arena_printf(w->fold.arena, ".%.*s", (int)name.len,
                                                       (const char *)name.data))
                              : name,
                    &how);
    if (slice_is(name, "format") || slice_is(name, "format_map"))
        format_fields(w, c->owner, c->last);
    for (size_t i = 0; i < args->n; i++)
        text = text || jinja_value_has_text(args->at[i]);
    if (grows(name) && !grow(w, c, text))
        return false;
    /* __getitem__, get, __getattribute__, pop: their argument is a key */
    if (slice_is(name, "get") || slice_is(name, "pop") || slice_starts(name, "__get"))
        for (size_t i = 0; i < args->n; i++)
            jinja_walk_access(w, args->at[i], "subscript", c->last);
    c->v = jinja_fold_method(&w->fold, c->owner, name, args);
    return true;
}

bool jinja_chain_call(struct jinja_walk *w, struct jinja_chain *c)
{
    const struct jinja_token *t = jinja_walk_now(w);
    struct jinja_args args;

    w->at++;
    if (!jinja_chain_args(w, &args))
        return false;
    if (c->last != NULL) {
        if (!call_method(w, c, &args))
            return false;
    } else if (c->root != NULL && c->links == 0) {
        if (!call(w, c->root, &args, &c->v))
            return false;
    } else {
        c->v = (struct jinja_value){.data = true, .built = c->v.built};
    }
    jinja_walk_texts(w, c->v, t);
    c->last = NULL;
    c->links++;
    return true;
}

static bool after_dot(struct jinja_walk *w, struct jinja_chain *c)
{
    const struct jinja_token *t;
    struct jinja_binding *b;

    w->at++;
    t = jinja_walk_now(w);
    if (t->kind != JINJA_NAME && t->kind != JINJA_INT)
        return jinja_walk_fault(w, "the name of an attribute");
    w->at++;
    c->owner = c->v;
    c->last = NULL;
    if (t->kind == JINJA_INT) {
        c->v = jinja_value_at(&w->fold, c->v, jinja_value_number(&w->fold, t->number));
        c->links++;
        return true;
    }
    jinja_walk_reach(w, t->text, "attribute", t);
    c->last = t;
    c->v = jinja_value_at(&w->fold, c->v, jinja_value_text(&w->fold, t->text));
    if (c->root != NULL && c->links == 0) {
        c->first = t->text;
        b = jinja_walk_find(w, c->root->text, t->text);
        if (b != NULL)
            c->v = jinja_value_join(&w->fold, c->v, b->value);
    }
    c->links++;
    return true;
}

static bool is_slice_part(struct jinja_walk *w, struct jinja_value *v, bool *given)
{
    *given = false;
    if (jinja_walk_is(w, ':') || jinja_walk_is(w, ']') || jinja_walk_is(w, ','))
        return true;
    *given = true;
    return jinja_expr(w, v);
}

/* from:to:step up to a bracket or comma; without a colon `*sliced` stays false. */
static bool subscript(struct jinja_walk *w, struct jinja_value part[3], bool given[3], bool *sliced)
{
    *sliced = false;
    for (size_t i = 0; i < 3; i++) {
        if (!is_slice_part(w, &part[i], &given[i]))
            return false;
        if (!jinja_walk_take(w, ':'))
            return true;
        *sliced = true;
    }
    return jinja_walk_fault(w, "the end of a slice");
}

static bool after_bracket(struct jinja_walk *w, struct jinja_chain *c)
{
    const struct jinja_token *t = jinja_walk_now(w);
    const struct jinja_value *parts[3];
    struct jinja_value part[3] = {{0}};
    bool given[3] = {false}, sliced;

    w->at++;
    if (!subscript(w, part, given, &sliced))
        return false;
    if (!given[0] && !sliced && !jinja_walk_is(w, ']'))
        return jinja_walk_fault(w, "a subscript");
    if (jinja_walk_is(w, ',') || (!given[0] && !sliced)) { /* x[a, b], x[]: no attribute's name */
        c->v = (struct jinja_value){.data = true, .built = c->v.built};
        while (jinja_walk_take(w, ','))
            if (!subscript(w, part, given, &sliced))
                return false;
    } else if (sliced) {
        for (size_t i = 0; i < 3; i++)
            parts[i] = given[i] ? &part[i] : NULL;
        c->v = jinja_value_slice(&w->fold, c->v, parts);
        jinja_walk_texts(w, c->v, t);
    } else {
        const struct jinja_const *key = jinja_value_only(part[0]);
        const struct jinja_binding *b =
            key != NULL && key->type == JINJA_TEXT && c->root != NULL && c->links == 0
                ? jinja_walk_find(w, c->root->text, key->text)
                : NULL;

        jinja_walk_access(w, part[0], "subscript", t);
        c->v = jinja_value_at(&w->fold, c->v, part[0]);
        if (b != NULL)
            c->v = jinja_value_join(&w->fold, c->v, b->value);
    }
    c->last = NULL;
    c->links++;
    return jinja_walk_take(w, ']') || jinja_walk_fault(w, "a bracket");
}

bool jinja_chain_follow(struct jinja_walk *w, struct jinja_chain *c)
{
    for (;;) {
        bool ok;

        if (jinja_walk_is(w, '.'))
            ok = after_dot(w, c);
        else if (jinja_walk_is(w, '['))
            ok = after_bracket(w, c);
        else if (jinja_walk_is(w, '('))
            ok = jinja_chain_call(w, c);
        else
            return true;
        if (!ok)
            return false;
    }
}
