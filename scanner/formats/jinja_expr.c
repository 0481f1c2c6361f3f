/* The expressions of a template. SPEC: Jinja 3.1, "Expressions"; jinja2/parser.py for precedence. */
#include <string.h>

#include "scanner/formats/jinja_walk.h"

static bool unary(struct jinja_walk *w, bool filters, struct jinja_value *v);

static const struct slice nameless = {NULL, 0};

/* ---- what names are ---- */
static struct jinja_value load(struct jinja_walk *w, const struct jinja_token *t)
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
bool jinja_walk_args(struct jinja_walk *w, struct jinja_args *args)
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
        if (!jinja_walk_expr(w, &v))
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

        if (name.data == NULL && at < m->n)
            name = m->params[at++];
        if (name.data != NULL && !jinja_walk_bind(w, name, nameless, args->at[i]))
            return false;
        if (args->open && !jinja_walk_bind(w, name.data != NULL ? name : SLICE_LIT("varargs"),
                                           nameless, JINJA_BUILT))
            return false;
    }
    return true;
}

static void count_range(struct jinja_walk *w, const struct jinja_args *args,
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
    *v = JINJA_OUTSIDE;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (slice_is(t->text, texts[i]))
            *v = JINJA_BUILT;
    if (slice_is(t->text, "range") || slice_is(t->text, "lipsum"))
        count_range(w, args, t);
    if (slice_is(t->text, "dict") || slice_is(t->text, "namespace"))
        *v = jinja_value_dict(&w->fold, args);
    if (b == NULL || b->macro == NULL)
        return true;
    *v = JINJA_BUILT;
    return call_macro(w, b->macro, args);
}

/* One chain of attributes, subscripts and calls. */
struct chain {
    const struct jinja_token *root; /* the name it begins with, or NULL */
    const struct jinja_token *last; /* the attribute that comes last, or NULL */
    struct jinja_value owner;       /* of the attribute */
    size_t links;
    struct jinja_value v;
};

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

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (slice_is(method, names[i]))
            return true;
    return false;
}

static bool call_method(struct jinja_walk *w, struct chain *c, const struct jinja_args *args)
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
    if (grows(name) && c->root != NULL && c->links == 1 &&
        !jinja_walk_bind(w, c->root->text, nameless,
                         text ? JINJA_BUILT : JINJA_OUTSIDE))
        return false;
    /* __getitem__, get, __getattribute__, pop: their argument is a key */
    if (slice_is(name, "get") || slice_is(name, "pop") || slice_starts(name, "__get"))
        for (size_t i = 0; i < args->n; i++)
            jinja_walk_access(w, args->at[i], "subscript", c->last);
    c->v = jinja_value_method(&w->fold, c->owner, name, args);
    return true;
}

static bool after_call(struct jinja_walk *w, struct chain *c)
{
    const struct jinja_token *t = jinja_walk_now(w);
    struct jinja_args args;

    w->at++;
    if (!jinja_walk_args(w, &args))
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

static bool after_dot(struct jinja_walk *w, struct chain *c)
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
    return jinja_walk_expr(w, v);
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

static bool after_bracket(struct jinja_walk *w, struct chain *c)
{
    const struct jinja_token *t = jinja_walk_now(w);
    const struct jinja_value *parts[3];
    struct jinja_value part[3] = {{0}};
    bool given[3] = {false}, sliced;

    w->at++;
    if (!subscript(w, part, given, &sliced))
        return false;
    if (!given[0] && !sliced)
        return jinja_walk_fault(w, "a subscript");
    if (jinja_walk_is(w, ',')) { /* x[a, b]: no attribute has such a name */
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

static bool chain(struct jinja_walk *w, struct chain *c)
{
    for (;;) {
        bool ok;

        if (jinja_walk_is(w, '.'))
            ok = after_dot(w, c);
        else if (jinja_walk_is(w, '['))
            ok = after_bracket(w, c);
        else if (jinja_walk_is(w, '('))
            ok = after_call(w, c);
        else
            return true;
        if (!ok)
            return false;
    }
}

/* ---- the smallest expressions ---- */
static bool list(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value *items = NULL, item;
    size_t n = 0;

    w->at++;
    while (!jinja_walk_take(w, ']')) {
        if (n > 0 && !jinja_walk_take(w, ','))
            return jinja_walk_fault(w, "a comma or a bracket");
        if (n > 0 && jinja_walk_take(w, ']'))
            break;
        if (!jinja_walk_expr(w, &item))
            return false;
        *(struct jinja_value *)ARENA_PUSH(w->fold.arena, &items, &n) = item;
    }
    *v = jinja_value_list(&w->fold, items, n);
    return true;
}

static bool dict(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_args members = {0};
    size_t names = 0;

    w->at++;
    while (!jinja_walk_take(w, '}')) {
        struct jinja_value key, value;
        const struct jinja_const *c;

        if (names > 0 && !jinja_walk_take(w, ','))
            return jinja_walk_fault(w, "a comma or a brace");
        if (names > 0 && jinja_walk_take(w, '}'))
            break;
        if (!jinja_walk_expr(w, &key))
            return false;
        if (!jinja_walk_take(w, ':'))
            return jinja_walk_fault(w, "a colon");
        if (!jinja_walk_expr(w, &value))
            return false;
        c = jinja_value_only(key);
        members.open = members.open || jinja_value_has_text(key) != (c != NULL);
        *(struct jinja_value *)ARENA_PUSH(w->fold.arena, &members.at, &members.n) = value;
        *(struct slice *)ARENA_PUSH(w->fold.arena, &members.names, &names) =
            c != NULL && c->type == JINJA_TEXT && c->text.data != NULL ? c->text : nameless;
    }
    *v = jinja_value_dict(&w->fold, &members);
    return true;
}

static bool strings(struct jinja_walk *w, struct jinja_value *v)
{
    const struct jinja_token *t = jinja_walk_now(w);
    bool lossy = false;

    *v = jinja_value_text(&w->fold, t->text);
    for (;; w->at++) {
        lossy = lossy || jinja_walk_now(w)->lossy;
        if (jinja_walk_next(w)->kind != JINJA_STRING)
            break;
        *v = jinja_value_add(&w->fold, *v, jinja_value_text(&w->fold, jinja_walk_next(w)->text),
                             true);
    }
    w->at++;
    v->built = v->built || lossy;
    jinja_walk_texts(w, *v, t);
    return true;
}

static bool name(struct jinja_walk *w, struct chain *c)
{
    static const char *const words[] = {"true", "false", "none", "True", "False", "None"};
    static const char *const printed[] = {"True", "False", "None"};
    const struct jinja_token *t = jinja_walk_now(w);

    w->at++;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_is(t->text, words[i])) {
            c->v = jinja_value_word(&w->fold, slice_str(printed[i % 3]));
            return true;
        }
    c->root = t;
    c->v = load(w, t);
    return true;
}

static bool primary(struct jinja_walk *w, struct chain *c)
{
    const struct jinja_token *t = jinja_walk_now(w);

    switch (t->kind) {
    case JINJA_NAME:
        return name(w, c);
    case JINJA_STRING:
        return strings(w, &c->v);
    case JINJA_INT:
        w->at++;
        c->v = jinja_value_number(&w->fold, t->number);
        return true;
    case JINJA_FLOAT:
        w->at++;
        c->v = JINJA_OUTSIDE;
        return true;
    default:
        break;
    }
    if (jinja_walk_is(w, '['))
        return list(w, &c->v);
    if (jinja_walk_is(w, '{'))
        return dict(w, &c->v);
    if (!jinja_walk_take(w, '('))
        return jinja_walk_fault(w, "an expression");
    if (jinja_walk_take(w, ')')) {
        c->v = jinja_value_list(&w->fold, NULL, 0);
        return true;
    }
    return jinja_walk_tuple(w, false, &c->v) &&
           (jinja_walk_take(w, ')') || jinja_walk_fault(w, "a bracket"));
}

/* ---- filters and tests ---- */
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

bool jinja_walk_filter(struct jinja_walk *w, struct jinja_value *v)
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
    if (jinja_walk_take(w, '(') && !jinja_walk_args(w, &args))
        return false;
    filter_reaches(w, t, &args);
    if (slice_is(t->text, "center") || slice_is(t->text, "indent") || slice_is(t->text, "batch"))
        count_range(w, &args, t);
    if (slice_is(t->text, "attr"))
        *v = (struct jinja_value){.data = true, .built = v->built};
    else
        *v = jinja_value_filter(&w->fold, *v, t->text, &args);
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
    struct chain c = {0};

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
        return jinja_walk_args(w, &args);
    return !begins_argument(w) || (primary(w, &c) && chain(w, &c));
}

bool jinja_walk_filters(struct jinja_walk *w, struct jinja_value *v)
{
    for (;;) {
        struct chain c = {.v = *v};

        if (jinja_walk_take(w, '|')) {
            if (!jinja_walk_filter(w, v))
                return false;
        } else if (jinja_walk_take_word(w, "is")) {
            if (!test(w, v))
                return false;
        } else if (jinja_walk_is(w, '(')) {
            if (!after_call(w, &c))
                return false;
            *v = c.v;
        } else {
            return true;
        }
    }
}

/* ---- operators, the tightest first ---- */
static bool unary(struct jinja_walk *w, bool filters, struct jinja_value *v)
{
    struct chain c = {0};

    if (++w->depth > LIMIT_TEMPLATE_DEPTH)
        return err_pos(w->e, ERR_LIMIT, jinja_walk_now(w)->offset,
                       "more than %d expressions within each other (LIMIT_TEMPLATE_DEPTH)",
                       LIMIT_TEMPLATE_DEPTH);
    if (jinja_walk_is(w, '-') || jinja_walk_is(w, '+')) {
        const bool minus = jinja_walk_is(w, '-');
        const struct jinja_const *only;

        w->at++;
        if (!unary(w, false, &c.v))
            return false;
        only = jinja_value_only(c.v);
        if (only != NULL && only->type == JINJA_NUMBER && minus)
            c.v = jinja_value_number(&w->fold, -only->number);
    } else if (!primary(w, &c)) {
        return false;
    }
    if (!chain(w, &c))
        return false;
    *v = c.v;
    w->depth--;
    return !filters || jinja_walk_filters(w, v);
}

static uint16_t math_op(const struct jinja_walk *w)
{
    const struct jinja_token *t = jinja_walk_now(w);

    if (t->kind == JINJA_OPERATOR && (t->op == '*' || t->op == '/' || t->op == '%' ||
                                      t->op == JINJA_OP('/', '/')))
        return t->op;
    return 0;
}

static bool power(struct jinja_walk *w, struct jinja_value *v)
{
    const struct jinja_token *t;
    struct jinja_value right;

    if (!unary(w, true, v))
        return false;
    while (jinja_walk_is(w, JINJA_OP('*', '*'))) {
        t = jinja_walk_now(w);
        w->at++;
        if (!unary(w, true, &right))
            return false;
        *v = jinja_value_math(&w->fold, JINJA_OP('*', '*'), *v, right);
        if (right.n > 0 && right.alts[0]->type == JINJA_NUMBER && right.alts[0]->number > 1000)
            jinja_walk_expand(w, "**", INT64_MAX, t);
    }
    return true;
}

/* 'x' * 10**9 */
static void repeats(struct jinja_walk *w, struct jinja_value a, struct jinja_value b,
                    const struct jinja_token *t)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.alts[i]->type == JINJA_NUMBER && (a.n == 0 || a.alts[0]->type != JINJA_NUMBER))
            jinja_walk_expand(w, "*", b.alts[i]->number, t);
}

static bool product(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value right;
    const struct jinja_token *t;
    uint16_t op;

    if (!power(w, v))
        return false;
    while ((op = math_op(w)) != 0) {
        t = jinja_walk_now(w);
        w->at++;
        if (!power(w, &right))
            return false;
        if (op == '*') {
            repeats(w, *v, right, t);
            repeats(w, right, *v, t);
        }
        *v = jinja_value_math(&w->fold, op, *v, right);
        jinja_walk_texts(w, *v, t);
    }
    return true;
}

static bool concat(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value right;
    const struct jinja_token *t;

    if (!product(w, v))
        return false;
    while (jinja_walk_is(w, '~')) {
        t = jinja_walk_now(w);
        w->at++;
        if (!product(w, &right))
            return false;
        *v = jinja_value_add(&w->fold, *v, right, true);
        jinja_walk_texts(w, *v, t);
    }
    return true;
}

static bool sum(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value right;
    const struct jinja_token *t;

    if (!concat(w, v))
        return false;
    while (jinja_walk_is(w, '+') || jinja_walk_is(w, '-')) {
        t = jinja_walk_now(w);
        w->at++;
        if (!concat(w, &right))
            return false;
        *v = jinja_value_math(&w->fold, t->op, *v, right);
        jinja_walk_texts(w, *v, t);
    }
    return true;
}

static bool compares(struct jinja_walk *w)
{
    static const uint16_t ops[] = {JINJA_OP('=', '='), JINJA_OP('!', '='), '<', '>',
                                   JINJA_OP('<', '='), JINJA_OP('>', '=')};

    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (jinja_walk_take(w, ops[i]))
            return true;
    if (jinja_walk_take_word(w, "in"))
        return true;
    if (jinja_walk_word(w, "not") && jinja_walk_next(w)->kind == JINJA_NAME &&
        slice_is(jinja_walk_next(w)->text, "in")) {
        w->at += 2;
        return true;
    }
    return false;
}

static bool comparison(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value right;

    if (!sum(w, v))
        return false;
    while (compares(w)) {
        if (!sum(w, &right))
            return false;
        *v = JINJA_OUTSIDE;
    }
    return true;
}

static bool negation(struct jinja_walk *w, struct jinja_value *v)
{
    bool negated = false;

    while (jinja_walk_take_word(w, "not"))
        negated = true;
    if (!comparison(w, v))
        return false;
    if (negated)
        *v = JINJA_OUTSIDE;
    return true;
}

static bool choice(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value right;

    if (!negation(w, v))
        return false;
    while (jinja_walk_take_word(w, "or") || jinja_walk_take_word(w, "and")) {
        if (!negation(w, &right))
            return false;
        *v = jinja_value_join(&w->fold, *v, right);
    }
    return true;
}

bool jinja_walk_expr(struct jinja_walk *w, struct jinja_value *v)
{
    struct jinja_value other;

    if (++w->depth > LIMIT_TEMPLATE_DEPTH)
        return err_pos(w->e, ERR_LIMIT, jinja_walk_now(w)->offset,
                       "more than %d expressions within each other (LIMIT_TEMPLATE_DEPTH)",
                       LIMIT_TEMPLATE_DEPTH);
    if (!choice(w, v))
        return false;
    while (jinja_walk_take_word(w, "if")) {
        if (!choice(w, &other))
            return false;
        if (!jinja_walk_take_word(w, "else"))
            continue;
        if (!jinja_walk_expr(w, &other))
            return false;
        *v = jinja_value_join(&w->fold, *v, other);
    }
    w->depth--;
    return true;
}

static bool ends_tuple(const struct jinja_walk *w)
{
    const enum jinja_kind kind = jinja_walk_now(w)->kind;

    return kind == JINJA_END || kind == JINJA_EOF || jinja_walk_is(w, ')') || jinja_walk_is(w, ']');
}

bool jinja_walk_tuple(struct jinja_walk *w, bool bare, struct jinja_value *v)
{
    struct jinja_value *items = NULL, item;
    size_t n = 0;
    bool comma = false;

    for (;;) {
        if (!(bare ? choice(w, &item) : jinja_walk_expr(w, &item)))
            return false;
        *(struct jinja_value *)ARENA_PUSH(w->fold.arena, &items, &n) = item;
        if (!jinja_walk_take(w, ','))
            break;
        comma = true;
        if (ends_tuple(w))
            break;
    }
    *v = comma ? jinja_value_list(&w->fold, items, n) : items[0];
    return true;
}
