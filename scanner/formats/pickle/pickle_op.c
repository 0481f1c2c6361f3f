#include "scanner/formats/pickle/pickle_op.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/formats/pickle/pickle_array.h"
#include "scanner/formats/pickle/pickle_call.h"
#include "scanner/formats/pickle/pickle_dtype.h"
#include "scanner/formats/pickle/pickle_ndarray.h"
#include "scanner/formats/pickle/pickle_range.h"
#include "scanner/formats/pickle/pickle_special.h"
#include "scanner/formats/pickle/pickle_text.h"
#include "scanner/formats/pickle/pickle_trace.h"
#include "scanner/formats/pickle/pickle_value.h"

static bool push(struct pickle_vm *v, enum pickle_kind kind, uint64_t ref, struct err *e)
{
    return pickle_stack_push(
        &v->stack, (struct pickle_slot){.kind = (uint8_t)kind, .ref = ref & PICKLE_REF_NONE}, e);
}

/* ---- the memo ---- */
/* Another slot of the same object comes to be. */
static bool again(struct pickle_vm *v, struct pickle_slot s, struct err *e)
{
    v->share.on = v->share.on || pickle_share_kind(s);
    if (s.kind == PICKLE_DTYPE)
        pickle_dtype_shared(v, s);
    return !pickle_array_again(v, s) ||
           err_pos(e, ERR_UNSUPPORTED, v->op_at, "an array wrapper that is used again");
}

static bool get(struct pickle_vm *v, uint64_t key, struct err *e)
{
    bool missing;
    const struct pickle_slot s = pickle_stack_get(&v->stack, key, &missing);

    if (missing && v->strict)
        return err_pos(e, ERR_FORMAT, v->op_at, "memo key %" PRIu64 " was never written", key);
    if (missing)
        pickle_vm_note(v, PICKLE_MEMO_MISS);
    return again(v, s, e) && pickle_stack_push(&v->stack, s, e);
}

static bool put(struct pickle_vm *v, uint64_t key, struct err *e)
{
    bool taken;

    if (!pickle_stack_has(&v->stack, 1, e) ||
        !pickle_stack_put(&v->stack, key, *pickle_stack_top(&v->stack, 0), &taken, e))
        return false;
    if (taken)
        pickle_vm_note(v, PICKLE_MEMO_REDEFINED);
    return true;
}

static bool op_get(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t key;

    return pickle_value_number(v, op->n, &key, e) && get(v, key, e);
}

static bool op_put(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t key;

    return pickle_value_number(v, op->n, &key, e) && put(v, key, e);
}

static bool memo_line(struct pickle_vm *v, uint64_t *key, struct err *e)
{
    struct slice s;
    uint64_t longer;
    int64_t n = -1;

    if (!pickle_read_line(&v->in, &s, &longer, e))
        return false;
    if (longer != 0 || !pickle_text_int(s, &n) || n < 0)
        return err_pos(e, ERR_FORMAT, v->op_at, "a memo key that is not a number");
    *key = (uint64_t)n;
    return true;
}

static bool op_get_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t key;

    (void)op;
    return memo_line(v, &key, e) && get(v, key, e);
}

static bool op_put_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t key;

    (void)op;
    return memo_line(v, &key, e) && put(v, key, e);
}

static bool op_memoize(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    return put(v, v->stack.memo_len, e);
}

/* ---- the stack and containers ---- */
static bool op_mark(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    return pickle_stack_mark(&v->stack, e);
}

static bool op_pop(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    if (pickle_trace_on(v) && v->stack.n > v->stack.fence)
        pickle_trace_end(v, *pickle_stack_top(&v->stack, 0), PICKLE_DROPPED, PICKLE_NOBODY);
    return pickle_stack_pop(&v->stack, e);
}

static bool op_pop_mark(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    size_t n;

    (void)op;
    if (!pickle_stack_unmark(&v->stack, &n, e))
        return false;
    for (size_t i = 0; pickle_trace_on(v) && i < n; i++)
        pickle_trace_end(v, *pickle_stack_top(&v->stack, i), PICKLE_DROPPED, PICKLE_NOBODY);
    v->stack.n -= n;
    return true;
}

static bool op_dup(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    if (!pickle_stack_has(&v->stack, 1, e) || !again(v, *pickle_stack_top(&v->stack, 0), e))
        return false;
    return pickle_stack_push(&v->stack, *pickle_stack_top(&v->stack, 0), e);
}

/* Keys and values go into a dict that is one. */
static void filled(struct pickle_vm *v, struct pickle_slot dict, const struct pickle_slot *pairs,
                   size_t n)
{
    pickle_array_fill(v, dict, pairs, n);
    if (v->nfields > 0)
        pickle_dtype_fields(v, dict, pairs, n);
}

/* Takes n objects and pushes one of the op's kind. */
static bool gather(struct pickle_vm *v, const struct pickle_op *op, size_t n, struct err *e)
{
    struct pickle_slot made = {.kind = op->kind};

    if (op->kind == PICKLE_TUPLE)
        made = pickle_stack_tuple(&v->stack, n);
    else
        made.ref = v->stack.nobjects++ & PICKLE_REF_NONE;
    if (op->kind == PICKLE_DICT && n % 2 != 0)
        return err_pos(e, ERR_FORMAT, v->op_at, "DICT of an odd number of objects");
    if (n > 0 && (op->kind == PICKLE_DICT || n == 2))
        pickle_call_pairs(v, v->stack.slots + v->stack.n - n, n);
    if (n > 0 && op->kind == PICKLE_DICT)
        pickle_call_keys(v, made, v->stack.slots + v->stack.n - n, n);
    if (op->kind == PICKLE_LIST)
        pickle_ndarray_list(v, v->stack.n - n, made, n);
    if (n == 1 && op->kind == PICKLE_LIST)
        pickle_call_single(v, made, *pickle_stack_top(&v->stack, 0));
    if (op->kind == PICKLE_DICT) {
        pickle_value_dict(v, v->stack.n - n, made);
        /* without objects there may be no stack yet */
        filled(v, made, n > 0 ? v->stack.slots + v->stack.n - n : NULL, n);
    }
    if (n > 0 && op->kind == PICKLE_DICT && v->ranged)
        pickle_range_fill(v, v->stack.slots + v->stack.n - n, n);
    if (n > 0 && pickle_call_watched(v))
        pickle_call_stored(v, v->stack.slots + v->stack.n - n, n, made);
    v->stack.n -= n;
    return pickle_stack_push(&v->stack, made, e);
}

static bool op_gather_mark(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    size_t n;

    return pickle_stack_unmark(&v->stack, &n, e) && gather(v, op, n, e);
}

static bool op_gather(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    return pickle_stack_has(&v->stack, op->n, e) && gather(v, op, op->n, e);
}

/* Something is written into the object below the top n. */
static bool fill(struct pickle_vm *v, const struct pickle_op *op, size_t n, struct err *e)
{
    struct pickle_slot *into;

    if (!pickle_stack_has(&v->stack, n + 1, e))
        return false;
    into = pickle_stack_top(&v->stack, n);
    if (op->kind == PICKLE_DICT && n % 2 != 0) {
        if (n > 1 && into->kind != op->kind) /* the loader in Python writes pair by pair */
            pickle_call_write(v, *into, PICKLE_USE_SETITEM);
        return err_pos(e, ERR_FORMAT, v->op_at, "%s of an odd number of objects", op->name);
    }
    if (n == 0)
        return true;
    if (into->kind == PICKLE_DICT && op->kind == PICKLE_DICT)
        filled(v, *into, into + 1, n);
    if (into->kind == PICKLE_LIST)
        pickle_ndarray_filled(v, *into, n);
    if (into->kind != op->kind)
        pickle_call_write(v, *into,
                          op->kind == PICKLE_LIST   ? PICKLE_USE_APPEND
                          : op->kind == PICKLE_DICT ? PICKLE_USE_SETITEM
                                                    : PICKLE_USE_ADDITEMS);
    if (op->kind == PICKLE_DICT || n == 2)
        pickle_call_pairs(v, into + 1, n);
    if (op->kind == PICKLE_DICT)
        pickle_call_keys(v, *into, into + 1, n);
    else if (n == 1)
        pickle_call_single(v, *into, into[1]);
    if (op->kind == PICKLE_DICT && v->ranged)
        pickle_range_fill(v, into + 1, n);
    if (pickle_call_watched(v))
        pickle_call_stored(v, into + 1, n, *into);
    v->stack.n -= n;
    return true;
}

static bool op_fill(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    return fill(v, op, op->n, e);
}

static bool op_fill_mark(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    size_t n;

    return pickle_stack_unmark(&v->stack, &n, e) && fill(v, op, n, e);
}

/* ---- imports and calls ---- */
/* The last line of a file may lack its '\n'. The loader in C stops there; the one in Python
 * takes the last byte for it and imports. */
static bool line_or_rest(struct pickle_vm *v, struct slice *out, uint64_t *longer, struct err *e)
{
    if (pickle_read_line(&v->in, out, longer, e))
        return true;
    *longer = 0;
    *out = v->in.rest;
    if (out->len > 0)
        out->len--;
    return false;
}

static bool op_global(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    struct slice line, name = SLICE_LIT("");
    uint8_t kept[PICKLE_KEEP];
    uint64_t longer, longer_name = 0;
    size_t n;
    bool ended;

    (void)op;
    ended = !line_or_rest(v, &line, &longer, e);
    if (ended && !v->in.starved)
        return false;
    n = line.len < sizeof(kept) ? line.len : sizeof(kept);
    if (n > 0)
        memcpy(kept, line.data, n);
    if (n < line.len && memchr(line.data, 0, line.len) != NULL) /* a shorter one is told */
        return ended ? false
                     : err_pos(e, ERR_FORMAT, v->op_at,
                               "a module name with a NUL byte, which every import refuses");
    if (!ended && !line_or_rest(v, &name, &longer_name, e)) {
        ended = true;
        if (!v->in.starved)
            return false;
    }
    if (longer != 0 || longer_name != 0 || line.len > sizeof(kept) || name.len > PICKLE_AGAIN)
        return pickle_call_lost(v, PICKLE_TEXT_LOST, e) && !ended;
    return pickle_call_import(v, (struct slice){kept, n}, name, e) && !ended;
}

/* The loader in Python imports before it looks for the mark, and calls what the end of the file cut
 * short. */
static bool op_inst(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    const size_t before = v->stack.n;
    const bool whole = op_global(v, op, e);
    struct pickle_slot class, args;
    size_t n;

    if (!whole && (v->stack.n == before || v->stack.nmarks == 0))
        return false;
    class = *pickle_stack_top(&v->stack, 0);
    v->stack.n--;
    if (!pickle_stack_unmark(&v->stack, &n, e))
        return false;
    args = pickle_stack_tuple(&v->stack, n);
    if (pickle_call_watched(v))
        pickle_call_stored(v, v->stack.slots + v->stack.n - n, n, args);
    v->stack.n -= n;
    return pickle_stack_push(&v->stack, pickle_call_call(v, class, args, PICKLE_INSTANCE), e) &&
           whole;
}

static bool op_stack_global(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    return pickle_stack_has(&v->stack, 2, e) && pickle_call_stack_global(v, e);
}

static bool op_obj(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    struct pickle_slot args, class;
    size_t n;

    (void)op;
    if (!pickle_stack_unmark(&v->stack, &n, e))
        return false;
    if (n == 0)
        return err_pos(e, ERR_FORMAT, v->op_at, "OBJ without a class");
    args = pickle_stack_tuple(&v->stack, n - 1);
    class = *pickle_stack_top(&v->stack, n - 1);
    if (pickle_call_watched(v))
        pickle_call_stored(v, v->stack.slots + v->stack.n - (n - 1), n - 1, args);
    v->stack.n -= n;
    return pickle_stack_push(&v->stack, pickle_call_call(v, class, args, PICKLE_INSTANCE), e);
}

/* REDUCE, NEWOBJ, NEWOBJ_EX: the callee lies below n arguments. */
static bool op_call(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    struct pickle_slot callee, args;

    if (!pickle_stack_has(&v->stack, op->n + 1u, e))
        return false;
    args = *pickle_stack_top(&v->stack, op->n - 1u);
    callee = *pickle_stack_top(&v->stack, op->n);
    if (op->n == 2 && pickle_call_watched(v)) /* the keywords are arguments, too */
        pickle_call_stored(v, pickle_stack_top(&v->stack, 0), 1, args);
    v->stack.n -= op->n + 1u;
    return pickle_stack_push(&v->stack, pickle_call_call(v, callee, args, op->kind), e);
}

static bool op_build(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    struct pickle_slot state, *object;

    (void)op;
    if (!pickle_stack_has(&v->stack, 2, e))
        return false;
    state = *pickle_stack_top(&v->stack, 0);
    object = pickle_stack_top(&v->stack, 1);
    v->stack.n--;
    if (object->kind == PICKLE_DTYPE)
        pickle_dtype_state(v, *object, state);
    else
        pickle_call_write(v, *object, PICKLE_USE_BUILD);
    pickle_state_given(v, state);
    pickle_ndarray_state(v, *object, state);
    pickle_special_tensor(v, *object, state);
    if (v->ranged)
        pickle_range_state(v, *object, state);
    if (pickle_call_is(v, *object, PICKLE_PARTIAL))
        pickle_special_partial(v, state);
    if (pickle_call_watched(v)) {
        const bool named = object->kind == PICKLE_RESULT || object->kind == PICKLE_INSTANCE;

        pickle_trace_given(v, state, PICKLE_STATE,
                           named && object->ref < v->table->n ? (uint32_t)object->ref
                                                              : PICKLE_NOBODY);
        pickle_call_stored(v, &state, 1, *object);
    }
    return pickle_array_skip(v, *object, state, e);
}

static bool op_ext(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t code;

    if (!pickle_value_number(v, op->n, &code, e))
        return false;
    if (code == 0 || (op->n == 4 && code > INT32_MAX))
        return err_pos(e, ERR_FORMAT, v->op_at, "extension code %" PRId64 " is not positive",
                       (int64_t)(int32_t)(uint32_t)code);
    v->exts++;
    return pickle_call_ext(v, code, e);
}

static bool op_binpersid(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    if (!pickle_stack_has(&v->stack, 1, e))
        return false;
    *pickle_stack_top(&v->stack, 0) = pickle_call_persid(v, *pickle_stack_top(&v->stack, 0));
    return true;
}

/* ---- the rest ---- */
static bool op_proto(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t n;

    if (!pickle_value_number(v, op->n, &n, e))
        return false;
    if (n > 5)
        return err_pos(e, ERR_UNSUPPORTED, v->op_at,
                       "pickle protocol %" PRIu64 ", at most 5 is known", n);
    v->proto = (uint8_t)n;
    if (v->proto > v->proto_max)
        v->proto_max = v->proto;
    return true;
}

static bool op_frame(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t n;

    if (!pickle_value_number(v, op->n, &n, e) || !pickle_read_frame(&v->in, n, e))
        return false;
    if (v->in.nested)
        pickle_vm_note(v, PICKLE_FRAME_NESTED);
    return true;
}

static bool op_stop(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    if (!pickle_stack_has(&v->stack, 1, e))
        return false;
    v->stopped = true;
    if (pickle_trace_on(v))
        pickle_trace_end(v, *pickle_stack_top(&v->stack, 0), PICKLE_GIVEN, PICKLE_NOBODY);
    if (pickle_read_stop(&v->in, v->reuse))
        pickle_vm_note(v, PICKLE_STOP_IN_FRAME);
    return true;
}

static bool op_next_buffer(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    pickle_vm_note(v, PICKLE_OUT_OF_BAND);
    return push(v, PICKLE_BUFFER, 0, e);
}

static bool op_readonly_buffer(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    (void)op;
    return pickle_stack_has(&v->stack, 1, e);
}

const struct pickle_op pickle_op_table[256] = {
    ['('] = {"MARK", op_mark, 0, 0},
    ['.'] = {"STOP", op_stop, 0, 0},
    ['0'] = {"POP", op_pop, 0, 0},
    ['1'] = {"POP_MARK", op_pop_mark, 0, 0},
    ['2'] = {"DUP", op_dup, 0, 0},
    ['F'] = {"FLOAT", pickle_value_line, 0, PICKLE_FLOAT},
    ['I'] = {"INT", pickle_value_line, 0, PICKLE_INT},
    ['J'] = {"BININT", pickle_value_int, 4, 0},
    ['K'] = {"BININT1", pickle_value_int, 1, 0},
    ['L'] = {"LONG", pickle_value_line, 0, PICKLE_INT},
    ['M'] = {"BININT2", pickle_value_int, 2, 0},
    ['N'] = {"NONE", pickle_value_push, 0, PICKLE_NONE},
    ['P'] = {"PERSID", pickle_value_persid_line, 0, 0},
    ['Q'] = {"BINPERSID", op_binpersid, 0, 0},
    ['R'] = {"REDUCE", op_call, 1, PICKLE_RESULT},
    ['S'] = {"STRING", pickle_value_text_line, 0, 0},
    ['T'] = {"BINSTRING", pickle_value_text, 4, PICKLE_TEXT},
    ['U'] = {"SHORT_BINSTRING", pickle_value_text, 1, PICKLE_TEXT},
    ['V'] = {"UNICODE", pickle_value_text_line, 0, 0},
    ['X'] = {"BINUNICODE", pickle_value_text, 4, PICKLE_TEXT},
    ['a'] = {"APPEND", op_fill, 1, PICKLE_LIST},
    ['b'] = {"BUILD", op_build, 0, 0},
    ['c'] = {"GLOBAL", op_global, 0, 0},
    ['d'] = {"DICT", op_gather_mark, 0, PICKLE_DICT},
    ['}'] = {"EMPTY_DICT", pickle_value_push, 0, PICKLE_DICT},
    ['e'] = {"APPENDS", op_fill_mark, 0, PICKLE_LIST},
    ['g'] = {"GET", op_get_line, 0, 0},
    ['h'] = {"BINGET", op_get, 1, 0},
    ['i'] = {"INST", op_inst, 0, 0},
    ['j'] = {"LONG_BINGET", op_get, 4, 0},
    ['l'] = {"LIST", op_gather_mark, 0, PICKLE_LIST},
    [']'] = {"EMPTY_LIST", pickle_value_push, 0, PICKLE_LIST},
    ['o'] = {"OBJ", op_obj, 0, 0},
    ['p'] = {"PUT", op_put_line, 0, 0},
    ['q'] = {"BINPUT", op_put, 1, 0},
    ['r'] = {"LONG_BINPUT", op_put, 4, 0},
    ['s'] = {"SETITEM", op_fill, 2, PICKLE_DICT},
    ['t'] = {"TUPLE", op_gather_mark, 0, PICKLE_TUPLE},
    [')'] = {"EMPTY_TUPLE", pickle_value_push, 0, PICKLE_TUPLE},
    ['u'] = {"SETITEMS", op_fill_mark, 0, PICKLE_DICT},
    ['G'] = {"BINFLOAT", pickle_value_float, 8, 0},
    ['B'] = {"BINBYTES", pickle_value_bytes, 4, 0},
    ['C'] = {"SHORT_BINBYTES", pickle_value_bytes, 1, 0},
    [0x80] = {"PROTO", op_proto, 1, 0},
    [0x81] = {"NEWOBJ", op_call, 1, PICKLE_INSTANCE},
    [0x82] = {"EXT1", op_ext, 1, 0},
    [0x83] = {"EXT2", op_ext, 2, 0},
    [0x84] = {"EXT4", op_ext, 4, 0},
    [0x85] = {"TUPLE1", op_gather, 1, PICKLE_TUPLE},
    [0x86] = {"TUPLE2", op_gather, 2, PICKLE_TUPLE},
    [0x87] = {"TUPLE3", op_gather, 3, PICKLE_TUPLE},
    [0x88] = {"NEWTRUE", pickle_value_push, 0, PICKLE_BOOL},
    [0x89] = {"NEWFALSE", pickle_value_push, 0, PICKLE_BOOL},
    [0x8a] = {"LONG1", pickle_value_long, 1, 0},
    [0x8b] = {"LONG4", pickle_value_long, 4, 0},
    [0x8c] = {"SHORT_BINUNICODE", pickle_value_text, 1, PICKLE_TEXT},
    [0x8d] = {"BINUNICODE8", pickle_value_text, 8, PICKLE_TEXT},
    [0x8e] = {"BINBYTES8", pickle_value_bytes, 8, 0},
    [0x8f] = {"EMPTY_SET", pickle_value_push, 0, PICKLE_SET},
    [0x90] = {"ADDITEMS", op_fill_mark, 0, PICKLE_SET},
    [0x91] = {"FROZENSET", op_gather_mark, 0, PICKLE_SET},
    [0x92] = {"NEWOBJ_EX", op_call, 2, PICKLE_INSTANCE},
    [0x93] = {"STACK_GLOBAL", op_stack_global, 0, 0},
    [0x94] = {"MEMOIZE", op_memoize, 0, 0},
    [0x95] = {"FRAME", op_frame, 8, 0},
    [0x96] = {"BYTEARRAY8", pickle_value_bytes, 8, 0},
    [0x97] = {"NEXT_BUFFER", op_next_buffer, 0, 0},
    [0x98] = {"READONLY_BUFFER", op_readonly_buffer, 0, 0},
};
