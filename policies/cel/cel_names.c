#include "policies/cel/cel_names.h"

#include <string.h>

#include "policies/cel/cel_exec.h"

/* The names to try for `name`: "a.b.name", "a.name", "name". `*len` is the length of the
 * container's part; starts as its whole. */
static struct slice candidate(const struct cel_build *b, struct slice name, size_t len)
{
    if (len == 0)
        return name;
    return slice_str(arena_printf(b->arena, "%.*s.%.*s", (int)len, b->env->container, (int)name.len,
                                  (const char *)name.data));
}

static size_t container_len(const struct cel_build *b, bool root)
{
    return root || b->env->container == NULL ? 0 : strlen(b->env->container);
}

static size_t shorter(const struct cel_build *b, size_t len)
{
    while (len > 0 && b->env->container[--len] != '.')
        continue;
    return len;
}

static const struct cel_node *variable_node(struct cel_build *b, const struct cel_ast *ast,
                                            const char *name)
{
    struct cel_node *n = cel_build_new(b, ast, cel_exec_var);
    size_t slot = 0;

    while (slot < b->nvars && strcmp(b->vars[slot], name) != 0)
        slot++;
    if (slot == b->nvars)
        *(const char **)ARENA_PUSH(b->arena, &b->vars, &b->nvars) = name;
    n->kind = CEL_NODE_VAR;
    n->slot = (uint16_t)slot;
    n->value = cel_value_str(name);
    return n;
}

static const struct cel_node *find_name(struct cel_build *b, const struct cel_ast *ast,
                                        struct slice name)
{
    struct cel_value type;
    struct cel_node *n;

    for (const char *const *v = b->env->variables; v != NULL && *v != NULL; v++)
        if (slice_is(name, *v))
            return variable_node(b, ast, *v);
    if (!cel_lib_type(name, &type))
        return NULL;
    n = cel_build_new(b, ast, cel_exec_const);
    n->kind = CEL_NODE_CONST;
    n->value = type;
    return n;
}

const struct cel_node *cel_names_local(struct cel_build *b, const struct cel_ast *ast,
                                       struct slice name)
{
    struct cel_node *n;

    for (const struct cel_scope *s = b->scope; s != NULL; s = s->up) {
        if (!slice_eq(s->name, name))
            continue;
        n = cel_build_new(b, ast, cel_exec_local);
        n->kind = CEL_NODE_LOCAL;
        n->slot = s->slot;
        return n;
    }
    return NULL;
}

static bool written_from_root(const struct cel_ast *ast)
{
    while (ast->kind == CEL_AST_SELECT)
        ast = ast->args[0];
    return ast->root;
}

const struct cel_node *cel_names_resolve(struct cel_build *b, const struct cel_ast *ast)
{
    const bool root = written_from_root(ast);
    const struct cel_node *n;
    struct slice name, head;

    if (!cel_build_dotted(ast, b->arena, &name, &head))
        return NULL;
    if (!root && cel_build_is_local(b, head))
        return ast->kind == CEL_AST_IDENT ? cel_names_local(b, ast, head) : NULL;
    for (size_t len = container_len(b, root);; len = shorter(b, len)) {
        n = find_name(b, ast, candidate(b, name, len));
        if (n != NULL || len == 0)
            return n;
    }
}

#define LISTED 200 /* bytes of known names in an error */

static const char *known_names(struct arena *a, const char *const *names)
{
    const char *text = "";

    for (; names != NULL && *names != NULL && strlen(text) < LISTED; names++)
        text = arena_printf(a, "%s%s%s", text, text[0] != '\0' ? ", " : "", *names);
    return text[0] != '\0' ? arena_printf(a, "%s%s", text, *names != NULL ? ", ..." : "") : "none";
}

const struct cel_node *cel_names_unknown(struct cel_build *b, const struct cel_ast *ast)
{
    const int len = (int)(ast->text.len < 80 ? ast->text.len : 80);
    struct cel_fault *f = ARENA_NEW(b->arena, struct cel_fault);
    struct cel_node *n = cel_build_new(b, ast, cel_exec_const);

    if (!b->env->unchecked) {
        if (ast->kind == CEL_AST_CALL)
            err_set(b->err, ERR_USAGE, ast->op_at, "unknown function '%.*s'", len,
                    (const char *)ast->text.data);
        else
            err_set(b->err, ERR_USAGE, ast->op_at, "unknown name '%.*s'; known are %s", len,
                    (const char *)ast->text.data, known_names(b->arena, b->env->variables));
        return NULL;
    }
    f->class = CEL_FAULT_VALUE;
    f->at = ast->op_at;
    f->text = arena_printf(b->arena, "unknown name '%.*s'", len, (const char *)ast->text.data);
    n->kind = CEL_NODE_CONST;
    n->value = (struct cel_value){.kind = CEL_FAULT, .as.fault = f};
    return n;
}

bool cel_names_view(struct cel_build *b, const struct cel_node *target, struct slice field,
                    uint32_t at)
{
    const char *const *f = b->env->view_fields;

    if (f == NULL || target->kind != CEL_NODE_VAR ||
        !slice_is(cel_value_text(target->value), "view"))
        return true;
    while (*f != NULL && !slice_is(field, *f))
        f++;
    if (*f != NULL)
        return true;
    return err_pos(b->err, ERR_USAGE, at, "the view has no field '%.*s'; it declares %s",
                   (int)(field.len < 80 ? field.len : 80), (const char *)field.data,
                   known_names(b->arena, b->env->view_fields));
}

static const struct cel_function *find_host(const struct cel_build *b, struct slice name)
{
    const struct cel_function *f = b->env->functions;

    while (f != NULL && f->name != NULL && !slice_is(name, f->name))
        f++;
    return f != NULL && f->name != NULL ? f : NULL;
}

struct cel_names_function cel_names_function(const struct cel_build *b, struct slice name,
                                             unsigned style, bool root)
{
    struct cel_names_function out = {NULL, NULL, false};

    for (size_t len = container_len(b, root || style == CEL_LIB_METHOD);; len = shorter(b, len)) {
        out.host = find_host(b, candidate(b, name, len));
        if (out.host != NULL || len == 0)
            break;
    }
    if (out.host == NULL)
        out.lib = cel_lib_find(name, style, &out.known);
    return out;
}
