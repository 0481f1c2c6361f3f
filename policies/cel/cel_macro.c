#include "policies/cel/cel_macro.h"

#include "policies/cel/cel_exec.h"
#include "policies/cel/cel_loop.h"
#include "policies/cel/cel_names.h"
#include "policies/cel/cel_optional.h"
#include "policies/cel/cel_select.h"

struct loop {
    const char *name;
    uint8_t nvars;
    uint8_t nargs; /* expressions behind the variables */
    bool filter;   /* the first expression of two is a predicate */
    cel_node_fn *run;
};

static const struct loop loops[] = {
    {"all", 1, 1, false, cel_loop_all},
    {"all", 2, 1, false, cel_loop_all},
    {"exists", 1, 1, false, cel_loop_exists},
    {"exists", 2, 1, false, cel_loop_exists},
    {"exists_one", 1, 1, false, cel_loop_exists_one},
    {"exists_one", 2, 1, false, cel_loop_exists_one},
    {"existsOne", 1, 1, false, cel_loop_exists_one},
    {"existsOne", 2, 1, false, cel_loop_exists_one},
    {"filter", 1, 1, false, cel_loop_filter},
    {"map", 1, 1, false, cel_loop_map},
    {"map", 1, 2, true, cel_loop_map},
    {"transformList", 2, 1, false, cel_loop_map},
    {"transformList", 2, 2, true, cel_loop_map},
    {"transformMap", 2, 1, false, cel_loop_transform_map},
    {"transformMap", 2, 2, true, cel_loop_transform_map},
    {"transformMapEntry", 2, 1, false, cel_loop_map_entry},
    {"transformMapEntry", 2, 2, true, cel_loop_map_entry},
    {"sortBy", 1, 1, false, cel_loop_sort_by},
    {"optMap", 1, 1, false, cel_optional_map},
    {"optFlatMap", 1, 1, false, cel_optional_flat_map},
};

/* cel.index(2), cel.iterVar(0, 1): names that a program optimizer writes; false when `ast` is
 * none. */
static bool generated_name(struct cel_build *b, const struct cel_ast *ast, struct slice *out)
{
    int64_t n[2] = {0, 0};
    const char *text;

    if (ast->kind != CEL_AST_CALL || !ast->method || ast->nargs < 2 || ast->nargs > 3 ||
        ast->args[0]->kind != CEL_AST_IDENT || !slice_is(ast->args[0]->text, "cel"))
        return false;
    if (!slice_is(ast->text, "index") && !slice_is(ast->text, "iterVar") &&
        !slice_is(ast->text, "accuVar"))
        return false;
    for (size_t i = 1; i < ast->nargs; i++) {
        if (ast->args[i]->kind != CEL_AST_CONST || ast->args[i]->value.kind != CEL_INT)
            return false;
        n[i - 1] = ast->args[i]->value.as.integer;
    }
    text = arena_printf(b->arena, "@%.*s:%lld:%lld", (int)ast->text.len,
                        (const char *)ast->text.data, (long long)n[0], (long long)n[1]);
    *out = slice_str(text);
    return true;
}

/* The variable that a macro declares: a plain name. */
static bool variable(struct cel_build *b, const struct cel_ast *ast, struct slice *out)
{
    if (ast->kind == CEL_AST_IDENT && !ast->root && !ast->paren) {
        *out = ast->text;
        return true;
    }
    if (generated_name(b, ast, out))
        return true;
    return err_pos(b->err, ERR_USAGE, ast->at, "the variable of a macro must be a plain name");
}

static const struct loop *find_loop(const struct cel_ast *call)
{
    for (size_t i = 0; call->method && i < ARRAY_LEN(loops); i++)
        if (slice_is(call->text, loops[i].name) &&
            call->nargs == 1u /* the range */ + loops[i].nvars + loops[i].nargs)
            return &loops[i];
    return NULL;
}

static const struct cel_node *build_loop(struct cel_build *b, const struct cel_ast *call,
                                         const struct loop *l)
{
    const struct cel_node **args = ARENA_ARRAY(b->arena, const struct cel_node *, 3);
    struct cel_node *n = cel_build_new(b, call, l->run);
    struct cel_scope first = {0}, second = {0};
    struct slice name, name2 = {NULL, 0};
    const size_t body = 1u + l->nvars;

    args[0] = cel_build_node(b, call->args[0]);
    if (args[0] == NULL || !variable(b, call->args[1], &name) ||
        (l->nvars == 2 && !variable(b, call->args[2], &name2)))
        return NULL;
    if (l->nvars == 2 && slice_eq(name, name2))
        return err_set(b->err, ERR_USAGE, call->args[2]->at, "both variables have the same name"),
               NULL;
    if (!cel_build_local(b, name, &first) || (l->nvars == 2 && !cel_build_local(b, name2, &second)))
        return NULL;
    n->slot = first.slot;
    n->slot2 = l->nvars == 2 ? second.slot : CEL_LOOP_ONE_VAR;
    args[1] = cel_build_node(b, call->args[body + l->nargs - 1]);
    args[2] = l->filter ? cel_build_node(b, call->args[body]) : NULL;
    cel_build_close(b, &first);
    if (args[1] == NULL || (l->filter && args[2] == NULL))
        return NULL;
    cel_build_take(n, args, l->filter ? 3 : 2);
    return n;
}

static const struct cel_node *build_has(struct cel_build *b, const struct cel_ast *call)
{
    const struct cel_ast *field = call->args[0];
    const struct cel_node **args = ARENA_ARRAY(b->arena, const struct cel_node *, 1);
    struct cel_node *n;

    if (field->kind != CEL_AST_SELECT || field->optional)
        return err_set(b->err, ERR_USAGE, field->at, "has() needs a field: has(a.b)"), NULL;
    args[0] = cel_build_node(b, field->args[0]);
    if (args[0] == NULL || !cel_names_view(b, args[0], field->text, field->op_at))
        return NULL;
    n = cel_build_new(b, call, cel_select_has);
    n->at = field->at; /* what an unknown is named after */
    n->end = field->end;
    n->value = cel_value_string(field->text);
    cel_build_take(n, args, 1);
    return n;
}

/* cel.bind(x, value, body) */
static const struct cel_node *build_bind(struct cel_build *b, const struct cel_ast *call)
{
    const struct cel_node **args = ARENA_ARRAY(b->arena, const struct cel_node *, 2);
    struct cel_node *n = cel_build_new(b, call, cel_loop_bind);
    struct cel_scope scope = {0};
    struct slice name;

    args[0] = cel_build_node(b, call->args[2]);
    if (args[0] == NULL || !variable(b, call->args[1], &name) || !cel_build_local(b, name, &scope))
        return NULL;
    n->slot = scope.slot;
    args[1] = cel_build_node(b, call->args[3]);
    cel_build_close(b, &scope);
    if (args[1] == NULL)
        return NULL;
    cel_build_take(n, args, 2);
    return n;
}

/* cel.block([e0, e1, ...], body): cel.index(i) is e_i, in the body and in the elements behind
 * it. */
static const struct cel_node *build_block(struct cel_build *b, const struct cel_ast *call)
{
    const struct cel_ast *list = call->args[1];
    const struct cel_node **args;
    struct cel_node *n = cel_build_new(b, call, cel_loop_bind);
    struct cel_scope *scopes;

    if (list->kind != CEL_AST_LIST || list->optional_args != NULL)
        return err_set(b->err, ERR_USAGE, list->at, "cel.block needs a list literal"), NULL;
    args = ARENA_ARRAY(b->arena, const struct cel_node *, list->nargs + 1);
    scopes = ARENA_ARRAY(b->arena, struct cel_scope, list->nargs + 1);
    n->slot = b->depth;
    for (size_t i = 0; i < list->nargs; i++) {
        const char *name = arena_printf(b->arena, "@index:%zu:0", i);

        args[i] = cel_build_node(b, list->args[i]);
        if (args[i] == NULL || !cel_build_local(b, slice_str(name), &scopes[i]))
            return NULL;
    }
    args[list->nargs] = cel_build_node(b, call->args[2]);
    if (list->nargs > 0)
        cel_build_close(b, &scopes[0]);
    if (args[list->nargs] == NULL)
        return NULL;
    cel_build_take(n, args, list->nargs + 1);
    return n;
}

/* x.or(y), x.orValue(y): y is evaluated only when x is none. */
static const struct cel_node *build_or(struct cel_build *b, const struct cel_ast *call)
{
    const struct cel_node **args = cel_build_args(b, call, 0);
    struct cel_node *n;

    if (args == NULL)
        return NULL;
    n = cel_build_new(b, call,
                      slice_is(call->text, "or") ? cel_optional_or : cel_optional_or_value);
    cel_build_take(n, args, 2);
    return n;
}

static bool is_cel(const struct cel_ast *call, const char *name, size_t nargs)
{
    return call->method && call->nargs == nargs && slice_is(call->text, name) &&
           call->args[0]->kind == CEL_AST_IDENT && slice_is(call->args[0]->text, "cel");
}

bool cel_macro_build(struct cel_build *b, const struct cel_ast *call, const struct cel_node **out)
{
    const struct loop *l = find_loop(call);
    struct slice name;

    if (!call->method && !call->root && call->nargs == 1 && slice_is(call->text, "has"))
        *out = build_has(b, call);
    else if (is_cel(call, "bind", 4))
        *out = build_bind(b, call);
    else if (is_cel(call, "block", 3))
        *out = build_block(b, call);
    else if (generated_name(b, call, &name) && cel_build_is_local(b, name))
        *out = cel_names_local(b, call, name);
    else if (l != NULL)
        *out = build_loop(b, call, l);
    else if (call->method && call->nargs == 2 &&
             (slice_is(call->text, "or") || slice_is(call->text, "orValue")))
        *out = build_or(b, call);
    else
        return false;
    return true;
}
