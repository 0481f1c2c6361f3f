#include "scanner/formats/pickle/pickle_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_args.h"
#include "scanner/formats/pickle/pickle_array.h"
#include "scanner/formats/pickle/pickle_op.h"
#include "scanner/formats/pickle/pickle_trace.h"

/* ---- imports ---- */
static bool push_import(struct pickle_vm *v, const struct pickle_import *key, struct err *e)
{
    const size_t before = v->table->n;
    uint32_t at;

    if (!pickle_table_put(v->table, key, &at, e))
        return false;
    if (v->table->n > before) {
        v->table->items[at].reading = v->reading;
        pickle_trace_begin(v, &v->table->items[at], PICKLE_IMPORTED);
    }
    v->getattrs = v->getattrs || v->table->items[at].special == PICKLE_GETATTR ||
                  v->table->items[at].special == PICKLE_LOAD_BYTES;
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
    pickle_trace_end(v, module_slot, PICKLE_NAMES, PICKLE_NOBODY);
    pickle_trace_end(v, name_slot, PICKLE_NAMES, PICKLE_NOBODY);
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

/* ---- calls ---- */
static struct pickle_import *import_of(const struct pickle_vm *v, struct pickle_slot s)
{
    if ((s.kind != PICKLE_GLOBAL && s.kind != PICKLE_RESULT && s.kind != PICKLE_INSTANCE) ||
        s.ref >= v->table->n)
        return NULL;
    return &v->table->items[s.ref];
}

static void mark_called(struct pickle_vm *v, struct pickle_slot global, struct pickle_slot args,
                        enum pickle_use use)
{
    struct pickle_import *x = &v->table->items[global.ref];

    v->calls++;
    x->uses |= (uint8_t)use;
    pickle_args_note(v, x, args);
    pickle_trace_given(v, args, PICKLE_ARGUMENT, (uint32_t)global.ref);
    if (x->called)
        return;
    pickle_trace_begin(v, x, PICKLE_CALLED);
    x->called = true;
    x->call_offset = v->op_at;
    x->via = v->op;
    pickle_args_preview(v, x, args);
}

bool pickle_call_is(const struct pickle_vm *v, struct pickle_slot s, enum pickle_special special)
{
    const struct pickle_import *x = import_of(v, s);

    return x != NULL && x->special == special;
}

static bool is_object(const struct pickle_vm *v, struct pickle_slot s)
{
    const struct pickle_import *x = import_of(v, s);

    return x != NULL && slice_is(x->name, "object") &&
           (slice_is(x->module, "builtins") || slice_is(x->module, "__builtin__"));
}

/* Constructors that take the class as their first argument: NEWOBJ in disguise. _reconstructor
 * also calls __new__ and __init__ of the base that follows, unless it is object. */
static bool disguised(struct pickle_vm *v, struct pickle_slot args, size_t classes,
                      struct pickle_slot *made)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    for (size_t i = 0; i < classes; i++) {
        if (t == NULL || t->len <= i || t->child[i].kind != PICKLE_GLOBAL) {
            pickle_vm_note(v, PICKLE_COMPUTED_CLASS);
            return false;
        }
        if (i == 0)
            mark_called(v, t->child[i], args, PICKLE_USE_CONSTRUCT);
        else if (!is_object(v, t->child[i]))
            mark_called(v, t->child[i], args, PICKLE_USE_CALL);
    }
    *made = (struct pickle_slot){.kind = PICKLE_INSTANCE, .ref = t->child[0].ref};
    return true;
}

/* getattr(class, 'name') of literals: how picklers write members of enumerations, classes within
 * classes and methods. It is an import of class.name. Of an object it is one, too, but what it
 * gives is nothing that may be called: the object's state may have put anything there. False when
 * it is anything else. */
static bool attribute(struct pickle_vm *v, struct pickle_slot args, struct pickle_slot *made)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    uint8_t path[2 * PICKLE_KEEP];
    struct pickle_import key = {.stream = v->stream, .resolved = true, .opcode = v->op};
    const struct pickle_import *class;
    struct err ignored = {0};
    struct slice name;
    uint32_t at;

    if (t == NULL || t->len != 2 ||
        (t->child[0].kind != PICKLE_GLOBAL && t->child[0].kind != PICKLE_INSTANCE) ||
        t->child[0].ref >= v->table->n || !pickle_vm_text(v, t->child[1], &name))
        return false;
    class = &v->table->items[t->child[0].ref];
    if (!class->resolved || class->name.len + name.len >= sizeof(path))
        return false;
    memcpy(path, class->name.data, class->name.len);
    path[class->name.len] = '.';
    if (name.len > 0)
        memcpy(path + class->name.len + 1, name.data, name.len);
    key.module = class->module;
    key.name = (struct slice){path, class->name.len + 1 + name.len};
    key.mapped = class->mapped;
    key.offset = v->op_at;
    if (!pickle_table_put(v->table, &key, &at, &ignored))
        return false;
    v->table->items[at].attribute = true;
    pickle_trace_begin(v, &v->table->items[at], PICKLE_IMPORTED);
    made->kind = t->child[0].kind == PICKLE_GLOBAL ? PICKLE_GLOBAL : PICKLE_RESULT;
    made->ref = at;
    return true;
}

/* torch._tensor._rebuild_from_type_v2(function, class, arguments, state): a call in disguise. */
static void rebuilt(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t != NULL && t->len == 4 && t->child[0].kind == PICKLE_GLOBAL)
        mark_called(v, t->child[0], t->child[2], PICKLE_USE_CALL);
    else
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
}

/* torch.storage._load_from_bytes(bytes): how a storage is pickled outside of torch.save. */
static bool nested(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    uint64_t *at;

    if (t == NULL || t->len != 1 || t->child[0].kind != PICKLE_BYTES ||
        v->nnested >= LIMIT_PICKLE_NESTED)
        return false;
    at = ARENA_PUSH(v->arena, &v->nested, &v->nnested);
    *at = t->child[0].ref;
    return true;
}

/* functools.partial(function, ...), or the state (function, arguments, ...) of one: the function
 * counts as called, for what holds it may call it at any time. */
void pickle_call_partial(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t != NULL && t->len > 0 && t->child[0].kind == PICKLE_GLOBAL)
        mark_called(v, t->child[0], args, PICKLE_USE_CALL);
    else
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
}

static void keep_encoded(struct pickle_vm *v, struct slice text)
{
    struct pickle_encoded *x;

    if (v->nencoded >= LIMIT_PICKLE_NESTED || pickle_payload_of(text) == PICKLE_PAYLOAD_NONE)
        return;
    x = ARENA_PUSH(v->arena, &v->encoded, &v->nencoded);
    *x = (struct pickle_encoded){v->op_at & PICKLE_REF_NONE, arena_slice(v->arena, text)};
}

/* _codecs.encode(text, 'latin1'): bytes, as protocols below 3 write them. */
static bool encoded(struct pickle_vm *v, struct pickle_slot args, struct pickle_slot *made)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    struct slice codec;

    if (t == NULL || t->len != 2 ||
        (t->child[0].kind != PICKLE_TEXT && t->child[0].kind != PICKLE_TEXT_AT) ||
        t->child[1].kind != PICKLE_TEXT)
        return false;
    codec = pickle_stack_text(&v->stack, t->child[1].ref);
    if (!slice_is(codec, "latin1") && !slice_is(codec, "latin-1"))
        return false;
    made->kind = PICKLE_BYTES;
    made->ref = t->child[0].kind == PICKLE_TEXT_AT ? t->child[0].ref : v->op_at & PICKLE_REF_NONE;
    if (t->child[0].kind == PICKLE_TEXT)
        keep_encoded(v, pickle_stack_text(&v->stack, t->child[0].ref));
    return true;
}

/* What a call makes when we know better than "a result". */
static bool special(struct pickle_vm *v, struct pickle_slot callee, struct pickle_slot args,
                    struct pickle_slot *made)
{
    struct pickle_import *x = &v->table->items[callee.ref];
    uint64_t dtype;

    switch ((enum pickle_special)x->special) {
    case PICKLE_RECONSTRUCTOR:
        return disguised(v, args, 2, made);
    case PICKLE_NEWOBJ:
        return disguised(v, args, 1, made);
    case PICKLE_GETATTR:
        if (attribute(v, args, made))
            return true;
        v->table->items[callee.ref].loose = true;
        return false;
    case PICKLE_REBUILD:
        rebuilt(v, args);
        return false;
    case PICKLE_LOAD_BYTES:
        x->loose = !nested(v, args) || x->loose;
        return false;
    case PICKLE_PARTIAL:
        pickle_call_partial(v, args);
        return false;
    case PICKLE_ENCODE:
        return encoded(v, args, made);
    case PICKLE_NUMPY_DTYPE:
        if (!pickle_array_dtype(v, args, &dtype))
            return false;
        *made = (struct pickle_slot){.kind = PICKLE_DTYPE, .ref = dtype & PICKLE_REF_NONE};
        return true;
    default:
        return false;
    }
}

struct pickle_slot pickle_call_call(struct pickle_vm *v, struct pickle_slot callee,
                                    struct pickle_slot args, unsigned makes)
{
    struct pickle_slot made = {.kind = (uint8_t)makes, .ref = PICKLE_REF_NONE};
    const enum pickle_payload p = pickle_args_payload(v, args);

    if (callee.kind != PICKLE_GLOBAL) {
        v->calls++;
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
        pickle_trace_end(v, callee, PICKLE_CALLEE, PICKLE_NOBODY);
        return made;
    }
    made.ref = callee.ref;
    mark_called(v, callee, args, v->op[0] == 'N' ? PICKLE_USE_CONSTRUCT : PICKLE_USE_CALL);
    if (special(v, callee, args, &made))
        pickle_trace_stop(v, &v->table->items[callee.ref]);
    if (p != PICKLE_PAYLOAD_NONE)
        pickle_payload_loaded_add(&v->loaded, made, p);
    return made;
}

void pickle_call_stored(struct pickle_vm *v, const struct pickle_slot *values, size_t n,
                        struct pickle_slot into)
{
    const enum pickle_payload p = pickle_payload_loaded_any(&v->loaded, values, n);

    if (p != PICKLE_PAYLOAD_NONE)
        pickle_payload_loaded_add(&v->loaded, into, p);
    if (v->share.on)
        pickle_share_fill(&v->share, into, values, n);
    pickle_trace_stored(v, values, n, into);
}

/* What makes a text that stands nowhere in the pickle. */
static bool makes_text(const struct pickle_import *x)
{
    return x != NULL && (slice_is(x->name, "str") || slice_is(x->name, "unicode") ||
                         slice_is(x->name, "str_") || slice_is(x->name, "UserString"));
}

void pickle_call_pair(struct pickle_vm *v, struct pickle_slot key, struct pickle_slot value)
{
    struct slice text;

    if (key.kind == PICKLE_TEXT || key.kind == PICKLE_TEXT_AT) {
        if (pickle_vm_text(v, key, &text) && slice_is(text, "__setstate__"))
            pickle_vm_note(v, PICKLE_STATE_METHOD);
    } else if (value.kind == PICKLE_GLOBAL && key.kind == PICKLE_RESULT &&
               makes_text(import_of(v, key))) {
        pickle_vm_note(v, PICKLE_STATE_METHOD);
    }
}

void pickle_call_write(struct pickle_vm *v, struct pickle_slot into, enum pickle_use use)
{
    struct pickle_import *x = import_of(v, into);

    if (x == NULL) {
        pickle_vm_note(v, PICKLE_WRITE_TO_DATA);
        return;
    }
    pickle_trace_step(v, into, use == PICKLE_USE_BUILD ? PICKLE_BUILT : PICKLE_FILLED,
                      PICKLE_NOBODY);
    if (into.kind == PICKLE_GLOBAL || x->attribute)
        pickle_vm_note(v, PICKLE_WRITE_TO_GLOBAL);
    else
        x->uses |= (uint8_t)use; /* its class is an import that is judged, and was called */
}

/* ---- persistent ids ---- */
/* The key of a storage: a text, or a number in torch.package. */
static bool storage_key(struct pickle_vm *v, struct pickle_slot s, struct slice *out)
{
    if (s.kind != PICKLE_INT)
        return pickle_vm_text(v, s, out) && out->len <= 256;
    *out = slice_str(arena_printf(v->arena, "%" PRId64, pickle_stack_int(s)));
    return true;
}

/* ('storage', type, key, location, numel), and in files before 1.6 sometimes a view behind it */
static bool storage(struct pickle_vm *v, const struct pickle_tuple *t)
{
    struct pickle_storage *s;
    struct slice key;

    if ((t->len != 5 && t->len != 6) || t->child[1].kind != PICKLE_GLOBAL ||
        t->child[4].kind != PICKLE_INT || v->nstorages >= LIMIT_TENSORS ||
        !storage_key(v, t->child[2], &key))
        return false;
    s = ARENA_PUSH(v->arena, &v->storages, &v->nstorages);
    s->key = arena_slice(v->arena, key);
    s->type = (uint32_t)t->child[1].ref;
    s->numel = (uint64_t)pickle_stack_int(t->child[4]);
    return true;
}

/* SPEC: PyTorch 2.5, torch/serialization.py, _legacy_load: ('module', class, file, source) is the
 * class; the first files have no word in front. */
struct pickle_slot pickle_call_persid(struct pickle_vm *v, struct pickle_slot id)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, id);
    struct pickle_slot made = {.kind = PICKLE_PERSID, .ref = v->persids++ & PICKLE_REF_NONE};
    struct slice kind = SLICE_LIT("");
    bool known = false;

    pickle_trace_given(v, id, PICKLE_TYPE, PICKLE_NOBODY);
    if (t != NULL && t->len > 0 && pickle_vm_text(v, t->child[0], &kind)) {
        if (slice_is(kind, "storage")) {
            known = storage(v, t);
        } else if (slice_is(kind, "module") && t->len == 4 && t->child[1].kind == PICKLE_GLOBAL) {
            made = t->child[1];
            known = true;
        }
    } else if (t != NULL && t->len == 3 && t->child[0].kind == PICKLE_GLOBAL) {
        made = t->child[0];
    }
    v->foreign_persids += !known;
    return made;
}
