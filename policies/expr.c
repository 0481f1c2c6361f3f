#include "policies/expr.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "policies/expr_token.h"
#include "policies/host.h"

static const char *const env_names[] = {"resource", "view", "variables", "params",
                                        "subject",  "now",  NULL};
static const char *const global_names[] = {"subjects", "params", "now", NULL};
static const char *const macros[] = {
    "all",           "exists",       "exists_one",        "existsOne", "map", "filter",
    "transformList", "transformMap", "transformMapEntry", "sortBy",    NULL};

static bool is_one_of(struct slice text, struct expr_token t, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (expr_token_is(text, t, words[i]))
            return true;
    return false;
}

bool expr_may_hold(const char *written)
{
    static const char *const heavy[] = {
        "resources", "resources_of", "resources_at", "resources_below",
        "related",   "dataset_for",  "policy",       NULL};
    static const char *const typed[] = {"now",      "timestamp", "duration", "bytes",      "uint",
                                        "optional", "type",      "optMap",   "optFlatMap", "dyn",
                                        "ip",       "cidr",      NULL};
    struct slice text = slice_str(written);
    struct expr_token t = expr_token_next(text, 0), last = {0};
    bool worth = false;

    for (; t.kind != EXPR_END; last = t, t = expr_token_next(text, t.at + t.len)) {
        bool call = expr_token_is(text, expr_token_next(text, t.at + t.len), "(");
        bool mark_u = t.kind == EXPR_NUMBER && (text.data[t.at + t.len - 1] | 0x20) == 'u';

        if (t.kind == EXPR_BYTES || mark_u || (t.kind == EXPR_NAME && is_one_of(text, t, typed)))
            return false;
        /* ".?x", "[?x]" and "{?k: v}" give or take optionals */
        if (expr_token_is(text, t, "?") && last.len == 1 &&
            strchr(".[{,", text.data[last.at]) != NULL)
            return false;
        worth = worth || (call && (is_one_of(text, t, heavy) || is_one_of(text, t, macros)));
    }
    return worth;
}

/* What is being written out. */
struct expander {
    const struct expr_source *src;
    struct slice text;
    struct buf out;
    size_t copied; /* bytes of `text` that are in `out` or replaced */
    struct rule_expr *expr;
};

static bool refuse(const struct expander *x, struct err *e, const char *what)
{
    return schema_fail(x->src->doc, x->src->node, e, "%s: %s", x->src->what, what);
}

static bool find_variable(const struct expander *x, struct expr_token name, size_t *out,
                          struct err *e)
{
    const struct rule *r = x->src->rule;
    struct slice word = {x->text.data + name.at, name.len};

    for (size_t i = 0; i < r->nvariables; i++)
        if (slice_is(word, r->variables[i].name)) {
            *out = i;
            return true;
        }
    return schema_fail(x->src->doc, x->src->node, e, "%s: variables.%.*s is not declared%s",
                       x->src->what, (int)(word.len < 64 ? word.len : 64), (const char *)word.data,
                       r->nvariables == 0 ? "" : " before it is used");
}

/* `variables` stands at `t`: writes the variable out, or notes that it is held. `*next` is
 * behind the name. */
static bool put_variable(struct expander *x, struct expr_token t, size_t *next, struct err *e)
{
    struct expr_token dot = expr_token_next(x->text, t.at + t.len);
    struct expr_token name = expr_token_next(x->text, dot.at + dot.len);
    const struct rule_variable *v;
    size_t i = 0;

    if (!expr_token_is(x->text, dot, ".") || name.kind != EXPR_NAME)
        return refuse(x, e, "variables must be used as variables.NAME");
    if (!find_variable(x, name, &i, e))
        return false;
    v = &x->src->rule->variables[i];
    x->expr->uses |= v->expr.uses;
    x->expr->sees_resource = x->expr->sees_resource || v->expr.sees_resource;
    *next = name.at + name.len;
    if (v->held) {
        x->expr->uses |= UINT64_C(1) << i;
        return true;
    }
    buf_put(&x->out, (struct slice){x->text.data + x->copied, t.at - x->copied});
    /* the line break ends a comment in the variable's text */
    buf_printf(&x->out, strstr(v->expr.text, "//") == NULL ? "(%s)" : "(%s\n)", v->expr.text);
    x->copied = *next;
    return true;
}

/* A loop variable that hides a name of ours would change what a written-out variable means. */
static bool check_macro(const struct expander *x, struct expr_token t, struct err *e)
{
    struct expr_token open = expr_token_next(x->text, t.at + t.len);
    struct expr_token name = expr_token_next(x->text, open.at + open.len);
    struct expr_token comma = expr_token_next(x->text, name.at + name.len);

    if (!expr_token_is(x->text, open, "("))
        return true;
    for (int i = 0; i < 2 && name.kind == EXPR_NAME && expr_token_is(x->text, comma, ","); i++) {
        if (is_one_of(x->text, name, env_names))
            return refuse(x, e,
                          "a loop variable must not have the name of resource, view, variables, "
                          "params, subject or now");
        name = expr_token_next(x->text, comma.at + 1);
        comma = expr_token_next(x->text, name.at + name.len);
    }
    return true;
}

static bool expand(struct expander *x, struct err *e)
{
    struct expr_token t = expr_token_next(x->text, 0), last = {0}, before = {0};
    bool selected;
    size_t next;

    for (; t.kind != EXPR_END; before = last, last = t, t = expr_token_next(x->text, next)) {
        next = t.at + t.len;
        selected = expr_token_is(x->text, last, ".");
        if (selected && is_one_of(x->text, t, macros) && !check_macro(x, t, e))
            return false;
        if (selected || t.kind != EXPR_NAME)
            continue;
        if (expr_token_is(x->text, t, "resource"))
            x->expr->sees_resource = true;
        if (!expr_token_is(x->text, t, "variables"))
            continue;
        if (!put_variable(x, t, &next, e))
            return false;
        if (expr_token_is(x->text, last, "(") && expr_token_is(x->text, before, "has") &&
            expr_token_is(x->text, expr_token_next(x->text, next), ")"))
            return refuse(x, e, "has() of a variable: a variable is always there");
    }
    buf_put(&x->out, slice_from(x->text, x->copied));
    return true;
}

static bool text_of(const struct expr_source *src, struct slice *out, struct err *e)
{
    if (value_is(src->node, VALUE_BOOL)) {
        *out = slice_str(src->node->as.boolean ? "true" : "false");
        return true;
    }
    if (!value_is(src->node, VALUE_STRING))
        return schema_fail(src->doc, src->node, e, "%s: expected an expression, found %s",
                           src->what, value_kind_name((enum value_kind)src->node->kind));
    *out = slice_trim(value_text(src->node), " \n");
    if (out->len == 0)
        return schema_fail(src->doc, src->node, e, "%s: the expression is empty", src->what);
    if (memchr(out->data, 0, out->len) != NULL)
        return schema_fail(src->doc, src->node, e, "%s: the expression holds a NUL character",
                           src->what);
    return true;
}

static bool compile(const struct expr_source *src, struct rule_expr *out, struct err *e)
{
    struct cel_env env = {.variables = src->global ? global_names : env_names,
                          .view_fields = src->global ? NULL : src->rule->view_names,
                          .functions = host_functions};
    struct err why = {0};

    if (cel_compile(slice_str(out->text), &env, src->doc->arena, &out->program, &why))
        return true;
    if (why.offset == ERR_NO_OFFSET || strcmp(out->written, out->text) != 0)
        return schema_fail(src->doc, src->node, e, "%s: %s", src->what, why.text);
    return schema_fail(src->doc, src->node, e, "%s: %s (byte %" PRIu64 " of the expression)",
                       src->what, why.text, why.offset);
}

bool expr_compile(const struct expr_source *src, struct rule_expr *out, struct err *e)
{
    struct rule_expr expr = {.line = src->node->line};
    struct expander x = {.src = src, .expr = &expr};
    bool done;

    if (!text_of(src, &x.text, e))
        return false;
    buf_init(&x.out, LIMIT_CEL_BYTES);
    done = src->global ? (buf_put(&x.out, x.text), true) : expand(&x, e);
    if (done && !buf_finish(&x.out, NULL))
        done =
            schema_fail(src->doc, src->node, e,
                        "%s: more than %u bytes with its variables written out (LIMIT_CEL_BYTES)",
                        src->what, LIMIT_CEL_BYTES);
    if (done) {
        expr.written = arena_strndup(src->doc->arena, x.text);
        expr.text = arena_strndup(src->doc->arena, buf_slice(&x.out));
        done = compile(src, &expr, e);
    }
    buf_release(&x.out);
    if (done)
        *out = expr;
    return done;
}
