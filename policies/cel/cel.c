#include "policies/cel/cel.h"

#include "base/limits.h"
#include "policies/cel/cel_build.h"
#include "policies/cel/cel_fold.h"
#include "policies/cel/cel_parser.h"

#define FOLD_STEPS 1000000     /* for the constants of one program */
#define FOLD_MEMORY (4u << 20) /* bytes for them */

static bool check_text(struct slice text, struct err *e)
{
    size_t bad;

    if (text.len > LIMIT_CEL_BYTES)
        return err_pos(e, ERR_LIMIT, LIMIT_CEL_BYTES,
                       "the expression has %zu bytes; %u are allowed (LIMIT_CEL_BYTES)", text.len,
                       LIMIT_CEL_BYTES);
    if (!slice_utf8(text, &bad))
        return err_pos(e, ERR_USAGE, bad, "the expression is no UTF-8");
    return true;
}

bool cel_compile(struct slice text, const struct cel_env *env, struct arena *a,
                 const struct cel_program **out, struct err *e)
{
    struct cel_program *p = ARENA_NEW(a, struct cel_program);
    struct cel_build b = {.env = env, .arena = a, .err = e, .fold_steps = FOLD_STEPS};
    const struct cel_ast *ast;

    if (!check_text(text, e))
        return false;
    p->text = arena_slice(a, text);
    if (!cel_parser_read(p->text, a, &ast, e))
        return false;
    b.fold_memory = a->used + FOLD_MEMORY;
    p->root = cel_build_node(&b, ast);
    if (p->root == NULL)
        return false;
    if (p->root->kind == CEL_NODE_CONST && p->root->value.kind == CEL_FAULT && !env->unchecked)
        return cel_fold_refuse(&b, p->root->value);
    p->vars = b.vars;
    p->nvars = b.nvars;
    p->nlocals = b.nlocals;
    *out = p;
    return true;
}

static void give_fault(struct cel_value fault, uint32_t at, struct cel_result *out)
{
    out->status = CEL_ERROR;
    out->why = fault.as.fault->text;
    out->error_at = fault.as.fault->class == CEL_FAULT_LIMIT ? at : fault.as.fault->at;
}

/* Plain results of the common kind need no memory. */
static const struct value *shared_bool(bool v)
{
    static const struct value yes = {.kind = VALUE_BOOL, .as.boolean = true};
    static const struct value no = {.kind = VALUE_BOOL, .as.boolean = false};

    return v ? &yes : &no;
}

void cel_eval(const struct cel_program *p, const struct cel_activation *act, struct arena *a,
              struct cel_result *out)
{
    struct cel_run r;
    struct cel_value v;
    struct err e;

    cel_run_init(&r, p, act, a);
    v = cel_run_node(&r, p->root);
    *out = (struct cel_result){.status = CEL_VALUE};
    if (v.kind == CEL_BOOL) {
        out->value = shared_bool(v.as.boolean);
    } else if (v.kind == CEL_FAULT) {
        give_fault(v, r.at, out);
    } else if (v.kind == CEL_GAP) {
        out->status = CEL_UNKNOWN;
        out->why = cel_run_why(&r, v);
    } else {
        e = (struct err){0};
        if (!cel_value_plain(v, a, &out->value, &e)) {
            out->status = CEL_ERROR;
            out->why = arena_strdup(a, e.text);
        }
    }
}
