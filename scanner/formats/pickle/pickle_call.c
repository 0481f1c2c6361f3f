#include "scanner/formats/pickle/pickle_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_args.h"
#include "scanner/formats/pickle/pickle_op.h"
#include "scanner/formats/pickle/pickle_special.h"
#include "scanner/formats/pickle/pickle_state.h"
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
    v->getattrs = v->getattrs || pickle_table_watched(&v->table->items[at]);
    v->wrappers = v->wrappers || v->table->items[at].special == PICKLE_ARRAY_WRAPPER ||
                  v->table->items[at].special == PICKLE_FILE_WRAPPER;
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
struct pickle_import *pickle_call_import_of(const struct pickle_vm *v, struct pickle_slot s)
{
    if ((s.kind != PICKLE_GLOBAL && s.kind != PICKLE_RESULT && s.kind != PICKLE_INSTANCE) ||
        s.ref >= v->table->n)
        return NULL;
    return &v->table->items[s.ref];
}

void pickle_call_mark(struct pickle_vm *v, struct pickle_slot global, struct pickle_slot args,
                      enum pickle_use use)
{
    struct pickle_import *x = &v->table->items[global.ref];

    v->calls++;
    x->uses |= (uint8_t)use;
    pickle_args_note(v, x, args);
    if (use == PICKLE_USE_CALL)
        pickle_state_called(v, x, args);
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
    const struct pickle_import *x = pickle_call_import_of(v, s);

    return x != NULL && x->special == special;
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
    pickle_call_mark(v, callee, args, v->op[0] == 'N' ? PICKLE_USE_CONSTRUCT : PICKLE_USE_CALL);
    if (pickle_special_call(v, callee, args, &made))
        pickle_trace_stop(v, &v->table->items[callee.ref]);
    /* the file in bytes that PyTorch loads is scanned on its own: a storage comes out */
    if (p != PICKLE_PAYLOAD_NONE && v->table->items[callee.ref].special != PICKLE_LOAD_BYTES)
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

/* What BUILD and harmless functions call of an object: NumPy's conversions, torch's wrappers,
 * _mareconstruct. */
static bool is_method(struct slice name)
{
    static const char *const methods[] = {"__setstate__", "__array__", "__new__", "as_subclass",
                                          "detach"};

    return slice_among(name, methods, ARRAY_LEN(methods));
}

/* What NumPy takes the place of an array in memory from. SPEC: NumPy 2.4, "The array interface
 * protocol". */
static bool is_interface(struct slice name)
{
    static const char *const names[] = {"__array_interface__", "__array_struct__",
                                        "__cuda_array_interface__"};

    return slice_among(name, names, ARRAY_LEN(names));
}

void pickle_call_wide(struct pickle_vm *v, struct slice bytes)
{
    static const uint8_t little[8] = {'_', 0, 0, 0, '_', 0, 0, 0};
    static const uint8_t big[8] = {0, 0, 0, '_', 0, 0, 0, '_'};
    uint8_t text[32];
    size_t n = 0, at;

    if (bytes.len < 32 || (memcmp(bytes.data, little, 8) != 0 && memcmp(bytes.data, big, 8) != 0))
        return;
    at = bytes.data[0] == '_' ? 0 : 3;
    while (n < sizeof(text) && 4 * n + 4 <= bytes.len && bytes.data[4 * n + at] != 0) {
        text[n] = bytes.data[4 * n + at];
        n++;
    }
    if (is_method((struct slice){text, n}) || is_interface((struct slice){text, n}))
        pickle_vm_note(v, PICKLE_STATE_METHOD);
}

void pickle_call_single(struct pickle_vm *v, struct pickle_slot into, struct pickle_slot value)
{
    struct slice text;

    if (value.kind == PICKLE_TEXT) {
        text = pickle_stack_text(&v->stack, value.ref);
        if (is_method(text) || is_interface(text))
            v->method_in = into.ref;
    } else if (pickle_call_telling(value) && into.ref == v->method_in) {
        pickle_vm_note(v, PICKLE_STATE_METHOD);
    }
}

void pickle_call_pair(struct pickle_vm *v, struct pickle_slot key, struct pickle_slot value)
{
    struct slice text;

    if (key.kind == PICKLE_TEXT || key.kind == PICKLE_TEXT_AT) {
        if (pickle_vm_text(v, key, &text) &&
            (is_interface(text) || (is_method(text) && value.kind != PICKLE_DICT)))
            pickle_vm_note(v, PICKLE_STATE_METHOD);
    } else if (pickle_state_makes_text(v, key)) {
        pickle_vm_note(v, PICKLE_STATE_METHOD);
    }
}

void pickle_call_write(struct pickle_vm *v, struct pickle_slot into, enum pickle_use use)
{
    struct pickle_import *x = pickle_call_import_of(v, into);

    if (x == NULL) {
        pickle_vm_note(v, PICKLE_WRITE_TO_DATA);
        return;
    }
    pickle_trace_step(v, into, use == PICKLE_USE_BUILD ? PICKLE_BUILT : PICKLE_FILLED,
                      PICKLE_NOBODY);
    if (into.kind != PICKLE_GLOBAL && x->special == PICKLE_NUMPY_DTYPE)
        pickle_vm_note(v, PICKLE_ODD_DTYPE); /* of what, nobody can tell */
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
