#include "scanner/formats/pickle_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle_array.h"

/* ---- imports ---- */
static bool push_import(struct pickle_vm *v, const struct pickle_import *key, struct err *e)
{
    const size_t before = v->table->n;
    uint32_t at;

    if (!pickle_table_put(v->table, key, &at, e))
        return false;
    if (v->table->n > before)
        v->table->items[at].divergent = v->divergent;
    return pickle_stack_push(&v->stack, (struct pickle_slot){.kind = PICKLE_GLOBAL, .ref = at}, e);
}

/* Names that a person would misread: blanks, controls, attribute paths. */
static void odd_name(struct pickle_vm *v, struct slice s, bool path)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] <= ' ' || s.data[i] == 0x7f)
            pickle_vm_note(v, PICKLE_ODD_NAME);
    if (path && s.len > 0 && memchr(s.data, '.', s.len) != NULL)
        pickle_vm_note(v, PICKLE_DOTTED_NAME);
}

bool pickle_call_import(struct pickle_vm *v, struct slice module, struct slice name, struct err *e)
{
    const struct pickle_import key = {
        .module = module,
        .name = name,
        .stream = v->stream,
        .resolved = true,
        .mapped = v->proto < 3,
        .opcode = v->op,
        .offset = v->op_at,
    };

    odd_name(v, module, false);
    odd_name(v, name, true);
    if (!push_import(v, &key, e))
        return false;
    if (module.len == 0 || memchr(module.data, 0, module.len) == NULL)
        return true;
    return err_pos(e, ERR_FORMAT, v->op_at,
                   "a module name with a NUL byte, which every import refuses");
}

bool pickle_call_lost(struct pickle_vm *v, enum pickle_anomaly why, struct err *e)
{
    const struct pickle_import key = {
        .module = SLICE_LIT("unknown"),
        .name = SLICE_LIT("unknown"),
        .stream = v->stream,
        .opcode = v->op,
        .offset = v->op_at,
    };

    pickle_vm_note(v, why);
    return push_import(v, &key, e);
}

bool pickle_call_stack_global(struct pickle_vm *v, struct err *e)
{
    const struct pickle_slot module_slot = *pickle_stack_top(&v->stack, 1);
    const struct pickle_slot name_slot = *pickle_stack_top(&v->stack, 0);
    struct slice module, name;

    v->stack.n -= 2;
    if ((module_slot.kind != PICKLE_TEXT && module_slot.kind != PICKLE_TEXT_AT) ||
        (name_slot.kind != PICKLE_TEXT && name_slot.kind != PICKLE_TEXT_AT))
        return pickle_call_lost(v, PICKLE_COMPUTED_IMPORT, e);
    if (!pickle_vm_text(v, module_slot, &module))
        return pickle_call_lost(v, PICKLE_TEXT_LOST, e);
    if (!pickle_vm_text(v, name_slot, &name))
        return pickle_call_lost(v, PICKLE_TEXT_LOST, e);
    return pickle_call_import(v, module, name, e);
}

bool pickle_call_ext(struct pickle_vm *v, uint64_t code, struct err *e)
{
    char name[32];
    const int n = snprintf(name, sizeof(name), "%" PRIu64, code);
    const struct pickle_import key = {
        .module = SLICE_LIT("extension"),
        .name = {(const uint8_t *)name, (size_t)n},
        .stream = v->stream,
        .opcode = v->op,
        .offset = v->op_at,
    };

    pickle_vm_note(v, PICKLE_EXT_CODE);
    return push_import(v, &key, e);
}

/* ---- arguments, for people ---- */
struct preview {
    char *text;
    size_t n;
};

static void add(struct preview *p, const char *s)
{
    while (*s != '\0' && p->n < PICKLE_PREVIEW)
        p->text[p->n++] = *s++;
    p->text[p->n] = '\0';
}

/* At most 40 bytes of a text, escaped; what is longer may hold secrets and is cut. */
static void add_text(struct preview *p, struct slice s)
{
    const size_t most = s.len < 40 ? s.len : 40;
    char one[8];

    add(p, "'");
    for (size_t i = 0; i < most; i++) {
        if (s.data[i] >= ' ' && s.data[i] < 0x7f && s.data[i] != '\\' && s.data[i] != '\'')
            snprintf(one, sizeof(one), "%c", s.data[i]);
        else
            snprintf(one, sizeof(one), "\\x%02x", s.data[i]);
        add(p, one);
    }
    add(p, most < s.len ? "'..." : "'");
}

static void add_slot(struct pickle_vm *v, struct preview *p, struct pickle_slot s)
{
    static const char *const names[] = {
        [PICKLE_UNKNOWN] = "?",       [PICKLE_NONE] = "None",       [PICKLE_BOOL] = "<bool>",
        [PICKLE_FLOAT] = "<float>",   [PICKLE_TEXT_AT] = "<str>",   [PICKLE_BYTES] = "<bytes>",
        [PICKLE_TUPLE] = "<tuple>",   [PICKLE_LIST] = "<list>",     [PICKLE_DICT] = "<dict>",
        [PICKLE_SET] = "<set>",       [PICKLE_RESULT] = "<result>", [PICKLE_INSTANCE] = "<object>",
        [PICKLE_PERSID] = "<persid>", [PICKLE_EXT] = "<extension>", [PICKLE_DTYPE] = "<dtype>",
        [PICKLE_BUFFER] = "<buffer>",
    };
    char number[32];

    if (s.kind == PICKLE_TEXT) {
        add_text(p, pickle_stack_text(&v->stack, s.ref));
    } else if (s.kind == PICKLE_INT) {
        snprintf(number, sizeof(number), "%" PRId64, pickle_stack_int(s));
        add(p, number);
    } else if (s.kind == PICKLE_GLOBAL) {
        add(p, "<import ");
        add_text(p, v->table->items[s.ref].name);
        add(p, ">");
    } else {
        add(p, names[s.kind]);
    }
}

static void preview(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    struct preview p = {x->preview, 0};

    if (t == NULL) {
        add_slot(v, &p, args);
        return;
    }
    add(&p, "(");
    for (size_t i = 0; i < t->len && i < PICKLE_CHILDREN; i++) {
        add(&p, i > 0 ? ", " : "");
        add_slot(v, &p, t->child[i]);
    }
    add(&p, t->len > PICKLE_CHILDREN ? ", ...)" : ")");
}

/* ---- calls ---- */
static void mark_called(struct pickle_vm *v, struct pickle_slot global, struct pickle_slot args)
{
    struct pickle_import *x = &v->table->items[global.ref];

    v->calls++;
    if (x->called)
        return;
    x->called = true;
    x->call_offset = v->op_at;
    x->via = v->op;
    preview(v, x, args);
}

bool pickle_call_is(const struct pickle_vm *v, struct pickle_slot s, const char *module,
                    const char *name)
{
    const struct pickle_import *x;

    if (s.kind != PICKLE_GLOBAL && s.kind != PICKLE_RESULT && s.kind != PICKLE_INSTANCE)
        return false;
    if (s.ref >= v->table->n)
        return false;
    x = &v->table->items[s.ref];
    return x->resolved && slice_is(x->name, name) && slice_is(x->module, module);
}

/* Constructors that take the class as their first argument: NEWOBJ in disguise. */
static void disguised(struct pickle_vm *v, struct pickle_slot callee, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (!pickle_call_is(v, callee, "copyreg", "_reconstructor") &&
        !pickle_call_is(v, callee, "copy_reg", "_reconstructor") &&
        !pickle_call_is(v, callee, "copyreg", "__newobj__") &&
        !pickle_call_is(v, callee, "copy_reg", "__newobj__") &&
        !pickle_call_is(v, callee, "copyreg", "__newobj_ex__"))
        return;
    if (t == NULL || t->len == 0 || t->child[0].kind != PICKLE_GLOBAL) {
        pickle_vm_note(v, PICKLE_COMPUTED_CLASS);
        return;
    }
    mark_called(v, t->child[0], args);
}

struct pickle_slot pickle_call_call(struct pickle_vm *v, struct pickle_slot callee,
                                    struct pickle_slot args, unsigned makes)
{
    struct pickle_slot made = {.kind = (uint8_t)makes, .ref = PICKLE_REF_NONE};
    uint64_t dtype;

    if (callee.kind != PICKLE_GLOBAL) {
        v->calls++;
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
        return made;
    }
    mark_called(v, callee, args);
    disguised(v, callee, args);
    if (pickle_array_dtype(v, callee, args, &dtype))
        return (struct pickle_slot){.kind = PICKLE_DTYPE, .ref = dtype & PICKLE_REF_NONE};
    made.ref = callee.ref;
    return made;
}

void pickle_call_write(struct pickle_vm *v, struct pickle_slot into)
{
    switch ((enum pickle_kind)into.kind) {
    case PICKLE_GLOBAL:
        pickle_vm_note(v, PICKLE_WRITE_TO_GLOBAL);
        break;
    case PICKLE_RESULT:
    case PICKLE_INSTANCE:
        break; /* its class is an import that is judged, and was called */
    default:
        pickle_vm_note(v, PICKLE_WRITE_TO_DATA);
        break;
    }
}

/* ---- persistent ids ---- */
void pickle_call_persid(struct pickle_vm *v, struct pickle_slot id)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, id);
    struct pickle_storage *s;
    struct slice kind, key;

    if (t == NULL || (t->len != 5 && t->len != 6) || t->child[1].kind != PICKLE_GLOBAL ||
        t->child[4].kind != PICKLE_INT || !pickle_vm_text(v, t->child[0], &kind) ||
        !slice_is(kind, "storage") || !pickle_vm_text(v, t->child[2], &key) || key.len > 256 ||
        v->nstorages >= LIMIT_TENSORS) {
        v->foreign_persids++;
        return;
    }
    s = ARENA_PUSH(v->arena, &v->storages, &v->nstorages);
    s->key = arena_slice(v->arena, key);
    s->type = (uint32_t)t->child[1].ref;
    s->numel = (uint64_t)pickle_stack_int(t->child[4]);
}
