/* The expressions of a template. SPEC: Jinja 3.1, "Expressions"; jinja2/parser.py for the order */
#include "scanner/formats/jinja/jinja_expr.h"

#include "scanner/formats/jinja/jinja_filter.h"

static const struct slice nameless = {NULL, 0};

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
        if (!jinja_expr(w, &item))
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
        if (!jinja_expr(w, &key))
            return false;
        if (!jinja_walk_take(w, ':'))
            return jinja_walk_fault(w, "a colon");
        if (!jinja_expr(w, &value))
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

static bool name(struct jinja_walk *w, struct jinja_chain *c)
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
    c->v = jinja_chain_load(w, t);
    return true;
}

bool jinja_expr_primary(struct jinja_walk *w, struct jinja_chain *c)
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
    return jinja_expr_tuple(w, false, &c->v) &&
           (jinja_walk_take(w, ')') || jinja_walk_fault(w, "a bracket"));
}

/* ---- operators, the tightest first ---- */
static bool unary(struct jinja_walk *w, bool filters, struct jinja_value *v)
{
    struct jinja_chain c = {0};

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
    } else if (!jinja_expr_primary(w, &c)) {
        return false;
    }
    if (!jinja_chain_follow(w, &c))
        return false;
    *v = c.v;
    w->depth--;
    return !filters || jinja_filter_all(w, v);
}

static uint16_t math_op(const struct jinja_walk *w)
{
    const struct jinja_token *t = jinja_walk_now(w);

    if (t->kind == JINJA_OPERATOR &&
        (t->op == '*' || t->op == '/' || t->op == '%' || t->op == JINJA_OP('/', '/')))
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

bool jinja_expr(struct jinja_walk *w, struct jinja_value *v)
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
        if (!jinja_expr(w, &other))
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

bool jinja_expr_tuple(struct jinja_walk *w, bool bare, struct jinja_value *v)
{
    struct jinja_value *items = NULL, item;
    size_t n = 0;
    bool comma = false;

    for (;;) {
        if (!(bare ? choice(w, &item) : jinja_expr(w, &item)))
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
