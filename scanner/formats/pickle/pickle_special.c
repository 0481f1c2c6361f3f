#include "scanner/formats/pickle/pickle_special.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_call.h"
#include "scanner/formats/pickle/pickle_dtype.h"
#include "scanner/formats/pickle/pickle_ndarray.h"
#include "scanner/formats/pickle/pickle_op.h"
#include "scanner/formats/pickle/pickle_trace.h"

static bool is_object(const struct pickle_vm *v, struct pickle_slot s)
{
    const struct pickle_import *x = pickle_call_import_of(v, s);

    return x != NULL && slice_is(x->name, "object") &&
           (slice_is(x->module, "builtins") || slice_is(x->module, "__builtin__"));
}

/* Classes that the machine knows, and that do nothing when an object is made of them. */
static bool made_bare(const struct pickle_import *x)
{
    return x->special == PICKLE_ARRAY_WRAPPER || x->special == PICKLE_FILE_WRAPPER;
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
        if (v->table->items[t->child[i].ref].special != PICKLE_ORDINARY &&
            !made_bare(&v->table->items[t->child[i].ref]))
            pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
        if (i == 0)
            pickle_call_mark(v, t->child[i], args, PICKLE_USE_CONSTRUCT);
        else if (!is_object(v, t->child[i]))
            pickle_call_mark(v, t->child[i], args, PICKLE_USE_CALL);
        if (i > 0 && !is_object(v, t->child[i])) /* its __init__ fills the object */
            v->table->items[t->child[0].ref].filled = true;
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

/* Negative, of more bits than are kept, or what nobody can tell. */
static bool is_odd(struct pickle_slot s)
{
    return s.kind == PICKLE_UNKNOWN || (s.kind == PICKLE_INT && pickle_stack_int(s) < 0) ||
           s.kind == PICKLE_RESULT || s.kind == PICKLE_INSTANCE;
}

/* A number, or a tuple of numbers: literals, but for the torch.Size of old versions. */
static bool is_place(const struct pickle_vm *v, struct pickle_slot s)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, s);
    const struct pickle_import *x = pickle_call_import_of(v, s);

    if (x != NULL && slice_is(x->module, "torch") && slice_is(x->name, "Size"))
        return true;
    if (s.kind == PICKLE_LIST || (s.kind == PICKLE_TUPLE && (t == NULL || t->odd)))
        return false;
    for (size_t i = 0; t != NULL && i < t->len && i < PICKLE_CHILDREN; i++)
        if (is_odd(t->child[i]))
            return false;
    return t != NULL || !is_odd(s);
}

/* (storage, offset, size, stride, ...): torch's strides are never negative, and not every version
 * of it asks whether they are. */
static void tensor(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL)
        pickle_vm_note(v, PICKLE_ODD_STRIDES);
    for (size_t i = 1; t != NULL && i < t->len && i < 4; i++)
        if (!is_place(v, t->child[i]))
            pickle_vm_note(v, PICKLE_ODD_STRIDES);
}

void pickle_special_tensor(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state)
{
    const struct pickle_import *x = pickle_call_import_of(v, object);
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, state);

    if (object.kind != PICKLE_GLOBAL && x != NULL && t != NULL && t->len == 4 &&
        slice_starts(x->module, "torch"))
        tensor(v, state);
}

/* A call that no opcode makes. What is called must be a plain import: of one that calls, makes or
 * gives on something itself nobody sees what becomes of that. */
static void handed_call(struct pickle_vm *v, struct pickle_slot callee, struct pickle_slot args)
{
    if (callee.kind != PICKLE_GLOBAL) {
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
        return;
    }
    pickle_call_mark(v, callee, args, PICKLE_USE_CALL);
    if (v->table->items[callee.ref].special == PICKLE_TENSOR)
        tensor(v, args);
    else if (v->table->items[callee.ref].special != PICKLE_ORDINARY)
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
}

/* torch._tensor._rebuild_from_type_v2(function, class, arguments, state) */
static void rebuilt(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL || t->len != 4) {
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
        return;
    }
    handed_call(v, t->child[0], t->child[2]);
    pickle_state_given(v, t->child[3]);
    /* of what is no tensor it calls __setstate__, and no BUILD tells */
    if (t->child[0].kind == PICKLE_GLOBAL &&
        slice_starts(v->table->items[t->child[0].ref].module, "numpy"))
        pickle_vm_note(v, PICKLE_ODD_ARRAY);
}

/* What a partial calls counts as called already. */
static bool is_partial(const struct pickle_vm *v, struct pickle_slot s)
{
    return s.kind == PICKLE_RESULT && pickle_call_is(v, s, PICKLE_PARTIAL);
}

/* collections.defaultdict(factory, ...) */
static void factory(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL)
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
    else if (t->len > 0 && t->child[0].kind != PICKLE_NONE && !is_partial(v, t->child[0]))
        handed_call(v, t->child[0], args);
}

/* numpy.random._pickle.__randomstate_ctor(name, maker): maker(name); a class in the place of the
 * name is called, too. */
static void generator(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL) {
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
        return;
    }
    if (t->len > 0 && t->child[0].kind == PICKLE_GLOBAL)
        handed_call(v, t->child[0], args);
    if (t->len > 1 && !pickle_call_is(v, t->child[1], PICKLE_GENERATOR))
        handed_call(v, t->child[1], args);
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
void pickle_special_partial(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t != NULL && t->len > 0)
        handed_call(v, t->child[0], args);
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

/* Text encodings; others make texts of texts, or take all of the time. */
static bool is_codec(const struct pickle_vm *v, struct pickle_slot s)
{
    static const char *const names[] = {"latin1", "latin-1", "iso-8859-1", "ascii",
                                        "utf-8",  "utf8",    "utf_8"};

    return s.kind == PICKLE_TEXT &&
           slice_among(pickle_stack_text(&v->stack, s.ref), names, ARRAY_LEN(names));
}

/* _codecs.encode(text, 'latin1'): bytes, as protocols below 3 write them. */
static bool encoded(struct pickle_vm *v, struct pickle_slot args, struct pickle_slot *made)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    struct slice codec;

    if (t == NULL || (t->len > 1 && !is_codec(v, t->child[1])))
        pickle_vm_note(v, PICKLE_ODD_CODEC);
    if (t == NULL || t->len != 2 ||
        (t->child[0].kind != PICKLE_TEXT && t->child[0].kind != PICKLE_TEXT_AT) ||
        t->child[1].kind != PICKLE_TEXT)
        return false;
    codec = pickle_stack_text(&v->stack, t->child[1].ref);
    if (!slice_is(codec, "latin1") && !slice_is(codec, "latin-1"))
        return false;
    made->kind = PICKLE_BYTES;
    made->ref = t->child[0].kind == PICKLE_TEXT_AT ? t->child[0].ref : v->op_at & PICKLE_REF_NONE;
    if (t->child[0].kind == PICKLE_TEXT) {
        pickle_call_wide(v, pickle_stack_text(&v->stack, t->child[0].ref));
        keep_encoded(v, pickle_stack_text(&v->stack, t->child[0].ref));
    }
    return true;
}

/* numpy.core.multiarray._reconstruct(class, shape, type) */
static void of_class(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL || t->len == 0 || t->child[0].kind != PICKLE_GLOBAL)
        pickle_vm_note(v, PICKLE_COMPUTED_CLASS);
}

/* pandas' _new_Index(class, arguments), scikit-learn's newObj(class): class.__new__. */
static void maker(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL || t->len == 0 || t->child[0].kind != PICKLE_GLOBAL) {
        pickle_vm_note(v, PICKLE_COMPUTED_CLASS);
        return;
    }
    if (v->table->items[t->child[0].ref].special != PICKLE_ORDINARY)
        pickle_vm_note(v, PICKLE_SECOND_ORDER_CALL);
    pickle_call_mark(v, t->child[0], args, PICKLE_USE_CONSTRUCT);
}

/* The first argument is the result. */
static bool same(const struct pickle_vm *v, struct pickle_slot args, struct pickle_slot *made)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL || t->len == 0)
        return false;
    *made = t->child[0];
    return true;
}

/* What a call makes when we know better than "a result". */
bool pickle_special_call(struct pickle_vm *v, struct pickle_slot callee, struct pickle_slot args,
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
        pickle_special_partial(v, args);
        return false;
    case PICKLE_FACTORY:
        factory(v, args);
        return false;
    case PICKLE_GENERATOR:
        generator(v, args);
        return false;
    case PICKLE_SAME:
        return same(v, args, made);
    case PICKLE_TENSOR:
        tensor(v, args);
        return false;
    case PICKLE_OF_CLASS:
        of_class(v, args);
        return false;
    case PICKLE_SCALAR:
        pickle_ndarray_scalar(v, args);
        return false;
    case PICKLE_MAKER:
        maker(v, args);
        return false;
    case PICKLE_ENCODE:
        return encoded(v, args, made);
    case PICKLE_NUMPY_DTYPE:
        if (!pickle_dtype_make(v, args, &dtype))
            return false;
        *made = (struct pickle_slot){.kind = PICKLE_DTYPE, .ref = dtype & PICKLE_REF_NONE};
        return true;
    default:
        return false;
    }
}
