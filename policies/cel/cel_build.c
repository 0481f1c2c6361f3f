#include "policies/cel/cel_build.h"

#include <string.h>

#include "base/limits.h"
#include "policies/cel/cel_compare.h"
#include "policies/cel/cel_exec.h"
#include "policies/cel/cel_fold.h"
#include "policies/cel/cel_logic.h"
#include "policies/cel/cel_macro.h"
#include "policies/cel/cel_names.h"
#include "policies/cel/cel_ops.h"
#include "policies/cel/cel_select.h"
#include "policies/cel/regex.h"

struct cel_node *cel_build_new(struct cel_build *b, const struct cel_ast *ast, cel_node_fn *run)
{
    struct cel_node *n = ARENA_NEW(b->arena, struct cel_node);

    n->run = run;
    n->kind = CEL_NODE_OTHER;
    n->at = ast->at;
    n->end = ast->end;
    return n;
}

void cel_build_take(struct cel_node *n, const struct cel_node **args, size_t nargs)
{
    n->args = args;
    n->nargs = (uint32_t)nargs;
}

const struct cel_node **cel_build_args(struct cel_build *b, const struct cel_ast *ast, size_t from)
{
    const struct cel_node **args = ARENA_ARRAY(b->arena, const struct cel_node *, ast->nargs + 1);

    for (size_t i = from; i < ast->nargs; i++) {
        args[i - from] = cel_build_node(b, ast->args[i]);
        if (args[i - from] == NULL)
            return NULL;
    }
    return args;
}

bool cel_build_local(struct cel_build *b, struct slice name, struct cel_scope *scope)
{
    if (b->depth >= LIMIT_CEL_LOCALS)
        return err_fail(b->err, ERR_LIMIT,
                        "the macros declare more than %d variables at a place "
                        "(LIMIT_CEL_LOCALS)",
                        LIMIT_CEL_LOCALS);
    *scope = (struct cel_scope){.up = b->scope, .name = name, .slot = b->depth++};
    if (b->depth > b->nlocals)
        b->nlocals = b->depth;
    b->scope = scope;
    return true;
}

void cel_build_close(struct cel_build *b, const struct cel_scope *scope)
{
    b->scope = scope->up;
    b->depth = scope->slot;
}

bool cel_build_is_local(const struct cel_build *b, struct slice name)
{
    const struct cel_scope *s = b->scope;

    while (s != NULL && !slice_eq(s->name, name))
        s = s->up;
    return s != NULL;
}

bool cel_build_dotted(const struct cel_ast *ast, struct arena *a, struct slice *out,
                      struct slice *head)
{
    size_t len = 0, at;
    const struct cel_ast *n = ast;
    char *text;

    for (; n->kind == CEL_AST_SELECT && !n->optional && !n->quoted && !n->paren; n = n->args[0])
        len += n->text.len + 1;
    if (n->kind != CEL_AST_IDENT || n->paren)
        return false;
    *head = n->text;
    at = len + n->text.len;
    text = arena_alloc(a, at + 1);
    *out = (struct slice){(const uint8_t *)text, at};
    for (n = ast; n->kind == CEL_AST_SELECT; n = n->args[0]) {
        at -= n->text.len;
        memcpy(text + at, n->text.data, n->text.len);
        text[--at] = '.';
    }
    memcpy(text, n->text.data, n->text.len);
    return true;
}

static const struct cel_node *build_const(struct cel_build *b, const struct cel_ast *ast)
{
    struct cel_node *n = cel_build_new(b, ast, cel_exec_const);

    n->kind = CEL_NODE_CONST;
    n->value = ast->value;
    return n;
}

static const struct cel_node *build_name(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node *n = cel_names_resolve(b, ast);

    return n != NULL ? n : cel_names_unknown(b, ast);
}

static const struct cel_node *build_select(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node *name = cel_names_resolve(b, ast);
    const struct cel_node **args;
    struct cel_node *n;

    if (name != NULL)
        return name;
    args = cel_build_args(b, ast, 0);
    if (args == NULL || !cel_names_view(b, args[0], ast->text, ast->op_at))
        return NULL;
    n = cel_build_new(b, ast, cel_select_field);
    n->kind = CEL_NODE_SELECT;
    n->value = cel_value_string(ast->text);
    n->optional = ast->optional;
    cel_build_take(n, args, 1);
    return cel_fold_node(b, n);
}

static const struct cel_node *build_index(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node **args = cel_build_args(b, ast, 0);
    struct cel_node *n;

    if (args == NULL)
        return NULL;
    if (args[1]->kind == CEL_NODE_CONST && args[1]->value.kind == CEL_STRING &&
        !cel_names_view(b, args[0], cel_value_text(args[1]->value), ast->op_at))
        return NULL;
    n = cel_build_new(b, ast, cel_select_index);
    n->optional = ast->optional;
    cel_build_take(n, args, 2);
    return cel_fold_node(b, n);
}

static const struct cel_node *build_literal(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node **args = cel_build_args(b, ast, 0);
    struct cel_node *n;

    if (args == NULL)
        return NULL;
    n = cel_build_new(b, ast, ast->kind == CEL_AST_LIST ? cel_exec_list : cel_exec_map);
    n->as.optional_args = ast->optional_args;
    cel_build_take(n, args, ast->nargs);
    return cel_fold_node(b, n);
}

static const struct cel_node *build_unary(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node **args = cel_build_args(b, ast, 0);
    struct cel_node *n;

    if (args == NULL)
        return NULL;
    n = cel_build_new(b, ast, cel_exec_unary);
    n->as.unary = ast->op == CEL_OP_NOT ? cel_logic_not : cel_ops_negate;
    cel_build_take(n, args, 1);
    return cel_fold_node(b, n);
}

static const struct cel_node *build_binary(struct cel_build *b, const struct cel_ast *ast)
{
    static cel_binary_fn *const table[] = {
        [CEL_OP_ADD] = cel_ops_add,
        [CEL_OP_SUB] = cel_ops_subtract,
        [CEL_OP_MUL] = cel_ops_multiply,
        [CEL_OP_DIV] = cel_ops_divide,
        [CEL_OP_MOD] = cel_ops_modulo,
        [CEL_OP_EQ] = cel_compare_equal,
        [CEL_OP_NE] = cel_compare_differ,
        [CEL_OP_LT] = cel_compare_less,
        [CEL_OP_LE] = cel_compare_less_equal,
        [CEL_OP_GT] = cel_compare_greater,
        [CEL_OP_GE] = cel_compare_greater_equal,
        [CEL_OP_IN] = cel_compare_in,
    };
    const struct cel_node **args = cel_build_args(b, ast, 0);
    struct cel_node *n;

    if (args == NULL)
        return NULL;
    n = cel_build_new(b, ast, ast->op == CEL_OP_EQ ? cel_exec_equal : cel_exec_binary);
    n->as.binary = table[ast->op];
    cel_build_take(n, args, 2);
    return cel_fold_node(b, n);
}

/* A condition that is a constant of another type can only be an error. */
static bool check_bool(struct cel_build *b, const struct cel_node *n)
{
    if (n->kind != CEL_NODE_CONST || n->value.kind == CEL_BOOL || n->value.kind == CEL_FAULT ||
        n->dynamic || b->env->unchecked)
        return true;
    return err_pos(b->err, ERR_USAGE, n->at, "a condition must be a bool; this is a constant %s",
                   cel_value_type_name(n->value.kind));
}

static const struct cel_node *build_chain(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node **args = cel_build_args(b, ast, 0);
    struct cel_node *n;

    if (args == NULL)
        return NULL;
    for (size_t i = 0; i < ast->nargs; i++)
        if (!check_bool(b, args[i]))
            return NULL;
    n = cel_build_new(b, ast, ast->kind == CEL_AST_AND ? cel_logic_and : cel_logic_or);
    n->kind = ast->kind == CEL_AST_AND ? CEL_NODE_AND : CEL_NODE_OR;
    cel_build_take(n, args, ast->nargs);
    return n;
}

static const struct cel_node *build_cond(struct cel_build *b, const struct cel_ast *ast)
{
    const struct cel_node **args = cel_build_args(b, ast, 0);
    struct cel_node *n;

    if (args == NULL || !check_bool(b, args[0]))
        return NULL;
    if (args[0]->kind == CEL_NODE_CONST && args[0]->value.kind == CEL_BOOL)
        return args[args[0]->value.as.boolean ? 1 : 2];
    n = cel_build_new(b, ast, cel_logic_cond);
    cel_build_take(n, args, 3);
    return n;
}

/* matches() with a constant pattern: compiled once, and refused now when it is wrong. */
static bool prepare_regex(struct cel_build *b, struct cel_node *n)
{
    const struct cel_node *pattern = n->args[1];
    const struct regex *re;
    struct err e = {0};

    if (pattern->kind != CEL_NODE_CONST || pattern->value.kind != CEL_STRING)
        return true;
    if (regex_compile(cel_value_text(pattern->value), b->arena, &re, &e)) {
        n->run = cel_exec_regex;
        n->nargs = 1;
        n->as.regex = re;
        return true;
    }
    if (pattern->dynamic || b->env->unchecked)
        return true;
    return err_pos(b->err, e.code == ERR_LIMIT ? ERR_LIMIT : ERR_USAGE, pattern->at,
                   "%s (byte %llu of the pattern)", e.text, (unsigned long long)e.offset);
}

static const struct cel_node *arity(struct cel_build *b, const struct cel_ast *ast, size_t found,
                                    const char *wanted)
{
    if (b->env->unchecked)
        return cel_names_unknown(b, ast);
    err_set(b->err, ERR_USAGE, ast->op_at, "'%.*s' takes %s here, found %zu", (int)ast->text.len,
            (const char *)ast->text.data, wanted, found);
    return NULL;
}

static const struct cel_node *finish_call(struct cel_build *b, const struct cel_ast *ast,
                                          size_t from, struct cel_names_function f)
{
    const size_t min = f.host != NULL ? f.host->min_args : f.lib->min_args;
    const size_t max = f.host != NULL ? f.host->max_args : f.lib->max_args;
    const size_t nargs = ast->nargs - from, self = ast->method && from == 0;
    const struct cel_node **args;
    struct cel_node *n;

    if (nargs < min || (nargs > max && !(f.host == NULL && max == UINT8_MAX)))
        return arity(b, ast, nargs - self,
                     min == max
                         ? arena_printf(b->arena, "%zu arguments", min - self)
                         : arena_printf(b->arena, "%zu to %zu arguments", min - self, max - self));
    args = cel_build_args(b, ast, from);
    if (args == NULL)
        return NULL;
    n = cel_build_new(b, ast, f.host != NULL ? cel_exec_host : cel_exec_lib);
    cel_build_take(n, args, nargs);
    if (f.host != NULL) {
        n->as.host = f.host;
        return n;
    }
    n->as.lib = f.lib->call;
    n->dynamic = strcmp(f.lib->name, "dyn") == 0;
    if (strcmp(f.lib->name, "matches") == 0 && !prepare_regex(b, n))
        return NULL;
    return cel_fold_node(b, n);
}

/* a.b.f(x) may be the function a.b.f, or the method f of a.b. */
static const struct cel_node *build_call(struct cel_build *b, const struct cel_ast *ast)
{
    struct cel_names_function f = {NULL, NULL, false};
    const struct cel_node *macro;
    struct slice name, head;

    if (cel_macro_build(b, ast, &macro))
        return macro;
    if (ast->method && cel_build_dotted(ast->args[0], b->arena, &name, &head) &&
        !cel_build_is_local(b, head)) {
        name = slice_str(arena_printf(b->arena, "%s.%.*s", (const char *)name.data,
                                      (int)ast->text.len, (const char *)ast->text.data));
        f = cel_names_function(b, name, CEL_LIB_GLOBAL, false);
        if (f.host != NULL || f.lib != NULL)
            return finish_call(b, ast, 1, f);
    }
    f = cel_names_function(b, ast->text, ast->method ? CEL_LIB_METHOD : CEL_LIB_GLOBAL, ast->root);
    if (f.host != NULL || f.lib != NULL)
        return finish_call(b, ast, 0, f);
    if (f.known && !b->env->unchecked) {
        err_set(b->err, ERR_USAGE, ast->op_at,
                ast->method ? "'%.*s' is a function: write it as f(x)"
                            : "'%.*s' is a method: write it as x.f()",
                (int)ast->text.len, (const char *)ast->text.data);
        return NULL;
    }
    return cel_names_unknown(b, ast);
}

const struct cel_node *cel_build_node(struct cel_build *b, const struct cel_ast *ast)
{
    switch ((enum cel_ast_kind)ast->kind) {
    case CEL_AST_CONST:
        return build_const(b, ast);
    case CEL_AST_IDENT:
        return build_name(b, ast);
    case CEL_AST_SELECT:
        return build_select(b, ast);
    case CEL_AST_INDEX:
        return build_index(b, ast);
    case CEL_AST_CALL:
        return build_call(b, ast);
    case CEL_AST_LIST:
    case CEL_AST_MAP:
        return build_literal(b, ast);
    case CEL_AST_UNARY:
        return build_unary(b, ast);
    case CEL_AST_BINARY:
        return build_binary(b, ast);
    case CEL_AST_AND:
    case CEL_AST_OR:
        return build_chain(b, ast);
    case CEL_AST_COND:
        return build_cond(b, ast);
    }
    return NULL;
}
