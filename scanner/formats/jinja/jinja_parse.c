/* The statements of a template. SPEC: Jinja 3.1, "List of Control Structures"; the extensions "do",
 * "loopcontrols", "i18n", "debug", and the "generation" tag of transformers. */
#include "scanner/formats/jinja/jinja_parse.h"

#include <string.h>

#include "scanner/formats/jinja/jinja_expr.h"
#include "scanner/formats/jinja/jinja_filter.h"

#define PASSES 4 /* the last one tells */

struct tag {
    const char *name, *end;
    bool (*read)(struct jinja_walk *w, const struct jinja_token *t, bool *opens);
};

/* The tags that are open. */
struct nest {
    const struct tag *at[LIMIT_TEMPLATE_DEPTH];
    int64_t rounds[LIMIT_TEMPLATE_DEPTH]; /* of the loops around, multiplied */
    size_t n;
    size_t loops;
};

static const struct slice nameless = {NULL, 0};

static bool at_end(const struct jinja_walk *w)
{
    return jinja_walk_now(w)->kind == JINJA_END;
}

static bool read_name(struct jinja_walk *w, struct slice *out)
{
    if (jinja_walk_now(w)->kind != JINJA_NAME)
        return jinja_walk_fault(w, "a name");
    *out = jinja_walk_now(w)->text;
    w->at++;
    return true;
}

/* a, (b, c), ns.d: what is assigned to; each takes its part of v. */
static bool targets(struct jinja_walk *w, struct jinja_value v, unsigned depth)
{
    struct jinja_value part = v;
    struct slice name = nameless, member = nameless;
    size_t n = 0;

    if (depth > 8)
        return jinja_walk_fault(w, "fewer brackets");
    for (;; n++) {
        const struct jinja_token *t = jinja_walk_next(w);
        const bool many =
            n > 0 || (t->kind == JINJA_OPERATOR && t->op == ',') || jinja_walk_is(w, '(');

        if (many)
            part = jinja_value_at(&w->fold, v, jinja_value_number(&w->fold, (int64_t)n));
        if (jinja_walk_take(w, '(')) {
            if (!targets(w, part, depth + 1))
                return false;
            if (!jinja_walk_take(w, ')'))
                return jinja_walk_fault(w, "a bracket");
        } else {
            member = nameless;
            if (!read_name(w, &name) || (jinja_walk_take(w, '.') && !read_name(w, &member)) ||
                !jinja_walk_bind(w, name, member, part))
                return false;
        }
        if (!jinja_walk_take(w, ',') || jinja_walk_is(w, '=') || jinja_walk_is(w, ')') ||
            jinja_walk_word(w, "in"))
            return true;
    }
}

/* Passes over targets; they are bound when the value is known. */
static size_t past_targets(struct jinja_walk *w)
{
    const size_t from = w->at;

    while (!at_end(w) && !jinja_walk_is(w, '=') && !jinja_walk_word(w, "in") &&
           !jinja_walk_is(w, '|') && jinja_walk_now(w)->kind != JINJA_EOF)
        w->at++;
    return from;
}

static bool assign(struct jinja_walk *w, size_t from, struct jinja_value v)
{
    const size_t to = w->at;
    bool ok;

    w->at = from;
    ok = targets(w, v, 0);
    w->at = to;
    return ok;
}

/* ---- tags ---- */
static bool read_for(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    const size_t from = past_targets(w);
    struct jinja_value v = JINJA_NOTHING;

    *opens = true;
    if (!jinja_walk_take_word(w, "in"))
        return jinja_walk_fault(w, "\"in\"");
    w->counted = -1;
    if (!jinja_expr_tuple(w, true, &v) ||
        !jinja_walk_bind(w, SLICE_LIT("loop"), nameless, JINJA_OUTSIDE) ||
        !assign(w, from, jinja_value_each(&w->fold, v)))
        return false;
    if (v.n == 1 && w->counted < 0)
        w->counted = (int64_t)v.alts[0]->n;
    if (jinja_walk_take_word(w, "if") && !jinja_expr(w, &v))
        return false;
    (void)t;
    if (w->record)
        w->found->loops++;
    jinja_walk_take_word(w, "recursive");
    return true;
}

static bool read_condition(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_value v = JINJA_NOTHING;

    (void)t;
    *opens = true;
    return jinja_expr_tuple(w, false, &v);
}

/* {% set x %}text{% endset %}: what stands between is the value when nothing computes it. */
static bool set_block(struct jinja_walk *w, size_t from)
{
    const struct jinja_token *t = jinja_walk_now(w);
    struct jinja_value v = JINJA_BUILT, none = JINJA_NOTHING;
    const bool plain = at_end(w) && w->tokens.n - w->at > 3 && t[1].kind == JINJA_DATA &&
                       t[2].kind == JINJA_TAG && slice_is(t[3].text, "endset");

    if (plain)
        v = jinja_value_text(&w->fold, t[1].text);
    jinja_walk_texts(w, v, t);
    return assign(w, from, v) && jinja_filter_all(w, &none);
}

static bool read_set(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    const size_t from = past_targets(w);
    struct jinja_value v = JINJA_NOTHING;

    (void)t;
    *opens = !jinja_walk_is(w, '=');
    if (*opens)
        return set_block(w, from);
    w->at++;
    return jinja_expr_tuple(w, false, &v) && assign(w, from, v);
}

/* Names and defaults between brackets. */
static bool parameters(struct jinja_walk *w, struct jinja_macro *m)
{
    struct slice name = nameless;
    struct jinja_value v = JINJA_NOTHING;

    while (!jinja_walk_take(w, ')')) {
        if (m->n > 0 && !jinja_walk_take(w, ','))
            return jinja_walk_fault(w, "a comma or a bracket");
        if (jinja_walk_take(w, ')'))
            break;
        if (!read_name(w, &name) || !jinja_walk_bind(w, name, nameless, JINJA_OUTSIDE))
            return false;
        *(struct slice *)ARENA_PUSH(w->fold.arena, &m->params, &m->n) = name;
        if (jinja_walk_take(w, '=') &&
            (!jinja_expr(w, &v) || !jinja_walk_bind(w, name, nameless, v)))
            return false;
    }
    return true;
}

static bool read_macro(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_macro *m = ARENA_NEW(w->fold.arena, struct jinja_macro);
    struct slice name = nameless;

    (void)t;
    *opens = true;
    if (!read_name(w, &name) || !jinja_walk_bind(w, name, nameless, JINJA_OUTSIDE) ||
        !jinja_walk_bind(w, SLICE_LIT("caller"), nameless, JINJA_OUTSIDE) ||
        !jinja_walk_bind(w, SLICE_LIT("varargs"), nameless, JINJA_OUTSIDE) ||
        !jinja_walk_bind(w, SLICE_LIT("kwargs"), nameless, JINJA_OUTSIDE))
        return false;
    if (!jinja_walk_take(w, '('))
        return jinja_walk_fault(w, "a bracket");
    if (!parameters(w, m))
        return false;
    jinja_walk_find(w, name, nameless)->macro = m;
    return true;
}

static bool read_call(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_macro m = {0};
    struct jinja_value v = JINJA_NOTHING;

    (void)t;
    *opens = true;
    return (!jinja_walk_take(w, '(') || parameters(w, &m)) && jinja_expr(w, &v);
}

static bool read_filter(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_value v = JINJA_BUILT;

    (void)t;
    *opens = true;
    return jinja_filter_one(w, &v) && jinja_filter_all(w, &v);
}

static bool read_with(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_value v = JINJA_NOTHING;
    size_t from;

    (void)t;
    *opens = true;
    while (!at_end(w)) {
        from = past_targets(w);
        if (!jinja_walk_take(w, '='))
            return jinja_walk_fault(w, "\"=\"");
        if (!jinja_expr(w, &v) || !assign(w, from, v))
            return false;
        if (!jinja_walk_take(w, ','))
            break;
    }
    return true;
}

static bool read_block(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct slice name = nameless;

    (void)t;
    *opens = true;
    if (!read_name(w, &name))
        return false;
    jinja_walk_take_word(w, "scoped");
    jinja_walk_take_word(w, "required");
    return true;
}

/* "as name", "a as b, c", "with context", "ignore missing": names come from another file. */
static bool read_imported(struct jinja_walk *w)
{
    static const char *const words[] = {"as",     "with",    "without", "context",
                                        "ignore", "missing", "import"};

    while (!at_end(w)) {
        const struct jinja_token *t = jinja_walk_now(w);
        bool word = false;

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            word = word || jinja_walk_word(w, words[i]);
        if (t->kind == JINJA_NAME && !word && !jinja_walk_bind(w, t->text, nameless, JINJA_BUILT))
            return false;
        if (t->kind != JINJA_NAME && !jinja_walk_is(w, ','))
            return jinja_walk_fault(w, "a name");
        w->at++;
    }
    return true;
}

/* include, import, extends, from: loads another template. */
static bool read_load(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_value v = JINJA_NOTHING;
    const struct jinja_item how = {
        .via = slice_is(t->text, "include")   ? "include"
               : slice_is(t->text, "import")  ? "import"
               : slice_is(t->text, "extends") ? "extends"
                                              : "from",
        .line = t->line,
        .offset = t->offset,
    };

    *opens = false;
    if (!jinja_expr(w, &v))
        return false;
    for (size_t i = 0; i < v.n; i++)
        jinja_walk_note(w, &w->found->statements, v.alts[i]->text, &how);
    if (v.n == 0)
        jinja_walk_note(w, &w->found->statements, SLICE_LIT("(computed)"), &how);
    return read_imported(w);
}

static bool read_do(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    const bool ok = read_condition(w, t, opens);

    *opens = false;
    return ok;
}

static bool read_trans(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    struct jinja_value v = JINJA_NOTHING;

    (void)t;
    *opens = true;
    while (!at_end(w)) {
        if (!jinja_expr(w, &v))
            return false;
        if (jinja_walk_take(w, '=') && !jinja_expr(w, &v))
            return false;
        jinja_walk_take(w, ',');
    }
    return true;
}

static bool read_bare(struct jinja_walk *w, const struct jinja_token *t, bool *opens)
{
    (void)w;
    *opens = slice_is(t->text, "generation");
    return true;
}

static const struct tag tags[] = {
    {"for", "endfor", read_for},
    {"if", "endif", read_condition},
    {"set", "endset", read_set},
    {"macro", "endmacro", read_macro},
    {"call", "endcall", read_call},
    {"filter", "endfilter", read_filter},
    {"with", "endwith", read_with},
    {"block", "endblock", read_block},
    {"autoescape", "endautoescape", read_condition},
    {"generation", "endgeneration", read_bare},
    {"trans", "endtrans", read_trans},
    {"include", "", read_load},
    {"import", "", read_load},
    {"from", "", read_load},
    {"extends", "", read_load},
    {"do", "", read_do},
    {"break", "", read_bare},
    {"continue", "", read_bare},
    {"debug", "", read_bare},
};

/* ---- the whole ---- */
static void enter(struct jinja_walk *w, struct nest *nest, const struct tag *tag,
                  const struct jinja_token *t)
{
    int64_t rounds = nest->n > 0 ? nest->rounds[nest->n - 1] : 1;

    nest->at[nest->n] = tag;
    if (strcmp(tag->name, "for") == 0) {
        nest->loops++;
        if (w->counted > 0 && __builtin_mul_overflow(rounds, w->counted, &rounds))
            rounds = INT64_MAX;
        jinja_walk_expand(w, "loops", rounds, t);
        if (w->record && nest->loops > w->found->loop_depth)
            w->found->loop_depth = nest->loops;
    }
    nest->rounds[nest->n++] = rounds;
}

/* else, elif, pluralize, and the ends. */
static bool inner_tag(struct jinja_walk *w, struct nest *nest, const struct jinja_token *t)
{
    const struct tag *open = nest->n > 0 ? nest->at[nest->n - 1] : NULL;
    struct jinja_value v = JINJA_NOTHING;

    if (open != NULL && slice_is(t->text, open->end)) {
        nest->n--;
        nest->loops -= strcmp(open->name, "for") == 0;
        if (strcmp(open->name, "block") == 0 && jinja_walk_now(w)->kind == JINJA_NAME)
            w->at++;
        return true;
    }
    if (open != NULL && strcmp(open->name, "if") == 0 && slice_is(t->text, "elif"))
        return jinja_expr_tuple(w, false, &v);
    if (open != NULL && slice_is(t->text, "else") &&
        (strcmp(open->name, "if") == 0 || strcmp(open->name, "for") == 0))
        return true;
    if (open != NULL && slice_is(t->text, "pluralize") && strcmp(open->name, "trans") == 0)
        return at_end(w) || jinja_expr(w, &v);
    w->at--;
    return jinja_walk_fault(w, "another tag");
}

static bool read_tag(struct jinja_walk *w, struct nest *nest)
{
    const struct jinja_token *t = jinja_walk_now(w);
    bool opens;

    if (t->kind != JINJA_NAME)
        return jinja_walk_fault(w, "the name of a tag");
    w->at++;
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (!slice_is(t->text, tags[i].name))
            continue;
        jinja_walk_note(w, &w->found->tags, t->text,
                        &(struct jinja_item){.line = t->line, .offset = t->offset});
        if (!tags[i].read(w, t, &opens))
            return false;
        if (!opens)
            return true;
        if (nest->n == LIMIT_TEMPLATE_DEPTH)
            return err_pos(w->e, ERR_LIMIT, t->offset,
                           "more than %d tags within each other (LIMIT_TEMPLATE_DEPTH)",
                           LIMIT_TEMPLATE_DEPTH);
        enter(w, nest, &tags[i], t);
        return true;
    }
    return inner_tag(w, nest, t);
}

static bool walk(struct jinja_walk *w)
{
    struct nest nest = {.n = 0};
    struct jinja_value v = JINJA_NOTHING;

    for (w->at = 0; jinja_walk_now(w)->kind != JINJA_EOF;) {
        const enum jinja_kind kind = jinja_walk_now(w)->kind;

        w->depth = 0;
        w->at++;
        if (kind == JINJA_DATA)
            continue;
        if (kind == JINJA_PRINT ? !jinja_expr_tuple(w, false, &v) : !read_tag(w, &nest))
            return false;
        if (!at_end(w))
            return jinja_walk_fault(w, "the end of the tag");
        w->at++;
    }
    return nest.n == 0 || jinja_walk_fault(w, nest.at[nest.n - 1]->end);
}

/* A template that broke: what its tokens alone show. */
static void sweep(struct jinja_walk *w)
{
    for (size_t i = 0; i < w->tokens.n; i++) {
        const struct jinja_token *t = &w->tokens.at[i];

        if (t->kind == JINJA_NAME && slice_starts(t->text, "_"))
            jinja_walk_reach(w, t->text, "attribute", t);
        if (t->kind == JINJA_STRING)
            jinja_walk_texts(w, jinja_value_text(&w->fold, t->text), t);
    }
}

bool jinja_parse(struct slice text, struct arena *a, struct jinja_found *found, struct err *e)
{
    struct jinja_walk *w = ARENA_NEW(a, struct jinja_walk);
    bool ok;

    *found = (struct jinja_found){0};
    w->fold.arena = a;
    w->found = found;
    w->e = e;
    ok = jinja_lex(text, a, &w->tokens, e);
    found->tokens = w->tokens.n;
    for (unsigned pass = 1; pass <= PASSES; pass++) {
        w->first = pass == 1;
        w->record = pass == PASSES;
        ok = walk(w) && ok;
        for (size_t i = 0; i < w->nbound; i++) {
            /* grows with each round: nobody knows what it becomes */
            if (pass == PASSES - 1 && w->bound[i].changed) {
                w->bound[i].value.built = jinja_value_has_text(w->bound[i].value);
                w->bound[i].value.data = true;
            }
            w->bound[i].changed = false;
        }
    }
    if (!ok)
        sweep(w);
    return ok;
}
