#include "scanner/formats/pickle_vm.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle_array.h"
#include "scanner/formats/pickle_call.h"
#include "scanner/formats/pickle_text.h"

#define KEEP                                                                                       \
    1024 /* bytes of a string that is kept for a name; longer ones are read again when they are needed */

#define AGAIN 65536 /* bytes of a string that is read again */

struct op;
typedef bool op_fn(struct pickle_vm *v, const struct op *op, struct err *e);

struct op {
    const char *name;
    op_fn *run;
    uint8_t n;    /* bytes of the argument or of its length; objects for TUPLE1-3 and the like */
    uint8_t kind; /* enum pickle_kind of what is pushed */
};

static const char *const anomaly_names[PICKLE_ANOMALIES] = {
    [PICKLE_FRAME_DIVERGENCE] = "frame-divergence",
    [PICKLE_FRAME_NESTED] = "frame-nested",
    [PICKLE_STOP_IN_FRAME] = "stop-in-frame",
    [PICKLE_MEMO_MISS] = "memo-miss",
    [PICKLE_MEMO_REDEFINED] = "memo-redefined",
    [PICKLE_MEMO_DIVERGENCE] = "memo-divergence",
    [PICKLE_COMPUTED_IMPORT] = "computed-import",
    [PICKLE_COMPUTED_CLASS] = "computed-class",
    [PICKLE_SECOND_ORDER_CALL] = "second-order-call",
    [PICKLE_WRITE_TO_GLOBAL] = "write-to-global",
    [PICKLE_WRITE_TO_DATA] = "write-to-data",
    [PICKLE_EXT_CODE] = "extension-code",
    [PICKLE_ODD_NAME] = "odd-name",
    [PICKLE_DOTTED_NAME] = "dotted-name",
    [PICKLE_BROKEN_AFTER_CALL] = "broken-after-call",
    [PICKLE_TRAILING_BYTES] = "trailing-bytes",
    [PICKLE_NESTED_PICKLE] = "nested-pickle",
    [PICKLE_NESTED_ARCHIVE] = "nested-archive",
    [PICKLE_NESTED_PROGRAM] = "nested-program",
    [PICKLE_OPAQUE_TEXT] = "opaque-text",
    [PICKLE_TEXT_LOST] = "text-lost",
    [PICKLE_OUT_OF_BAND] = "out-of-band-buffer",
    [PICKLE_ARRAY_DIVERGENCE] = "array-divergence",
};

const char *pickle_vm_anomaly(enum pickle_anomaly a)
{
    return anomaly_names[a];
}

void pickle_vm_note(struct pickle_vm *v, enum pickle_anomaly a)
{
    if ((v->anomalies >> a & 1) == 0)
        v->anomaly_at[a] = v->op_at;
    v->anomalies |= 1u << a;
}

bool pickle_vm_has(const struct pickle_vm *v, enum pickle_anomaly a)
{
    return (v->anomalies >> a & 1) != 0;
}

static bool push(struct pickle_vm *v, enum pickle_kind kind, uint64_t ref, struct err *e)
{
    return pickle_stack_push(
        &v->stack, (struct pickle_slot){.kind = (uint8_t)kind, .ref = ref & PICKLE_REF_NONE}, e);
}

/* The argument of fixed width, little-endian. */
static bool number(struct pickle_vm *v, size_t n, uint64_t *out, struct err *e)
{
    struct slice s;

    if (!pickle_read_bytes(&v->in, n, &s, e))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out |= (uint64_t)s.data[i] << (8 * i);
    return true;
}

/* ---- constants ---- */
static bool op_push(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t ref = 0;

    if (op->kind == PICKLE_DICT)
        ref = v->stack.ndicts++;
    if (op->kind == PICKLE_TUPLE) {
        struct pickle_slot none = pickle_stack_tuple(&v->stack, 0);

        return pickle_stack_push(&v->stack, none, e);
    }
    return push(v, op->kind, ref, e);
}

static bool op_int(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t n;

    if (!number(v, op->n, &n, e))
        return false;
    if (op->n == 4)
        n = (uint64_t)(int64_t)(int32_t)(uint32_t)n;
    return push(v, PICKLE_INT, n, e);
}

static bool op_float(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct slice s;

    return pickle_read_bytes(&v->in, op->n, &s, e) && push(v, PICKLE_FLOAT, 0, e);
}

/* What a string or bytes value begins with. */
static void sniff(struct pickle_vm *v, struct slice s)
{
    if (s.len < 4)
        return;
    if (s.data[0] == 0x80 && s.data[1] >= 2 && s.data[1] <= 5 &&
        (s.data[1] < 4 || s.data[2] == 0x95 || s.data[2] == 0x8c || s.data[2] == 'c'))
        pickle_vm_note(v, PICKLE_NESTED_PICKLE);
    else if (memcmp(s.data, "PK\3\4", 4) == 0 || memcmp(s.data, "\x1f\x8b\x08\0", 4) == 0)
        pickle_vm_note(v, PICKLE_NESTED_ARCHIVE);
    else if (memcmp(s.data,
                    "\x7f"
                    "ELF",
                    4) == 0 ||
             memcmp(s.data, "MZ\x90\0", 4) == 0)
        pickle_vm_note(v, PICKLE_NESTED_PROGRAM);
}

/* Passes over a long argument. */
static bool pass(struct pickle_vm *v, uint64_t n, bool direct, struct err *e)
{
    struct slice head;

    if (!pickle_read_skip(&v->in, n, direct, &head, e))
        return false;
    sniff(v, head);
    if (n > LIMIT_PICKLE_TEXT) {
        pickle_vm_note(v, PICKLE_OPAQUE_TEXT);
        v->opaque += n;
    }
    return true;
}

/* Pushes a text that may be needed for a name. */
static bool push_text(struct pickle_vm *v, struct slice text, struct err *e)
{
    const uint64_t ref = pickle_stack_keep(&v->stack, text);

    if (ref == PICKLE_REF_NONE)
        return push(v, PICKLE_TEXT_AT, v->op_at, e);
    return push(v, PICKLE_TEXT, ref, e);
}

static bool op_text(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct slice s;
    uint64_t n;

    if (!number(v, op->n, &n, e))
        return false;
    if (op->name[0] == 'B' && op->name[3] == 'S' &&
        n > INT32_MAX) /* BINSTRING alone has a signed length */
        return err_pos(e, ERR_FORMAT, v->op_at, "a string of negative length");
    if (n > KEEP)
        return pass(v, n, false, e) && push(v, PICKLE_TEXT_AT, v->op_at, e);
    if (!pickle_read_bytes(&v->in, (size_t)n, &s, e))
        return false;
    sniff(v, s);
    return push_text(v, s, e);
}

static bool op_bytes(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t n;

    if (!number(v, op->n, &n, e))
        return false;
    return pass(v, n, op->name[4] == 'A', e) && push(v, PICKLE_BYTES, v->op_at, e);
}

static bool op_long(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct slice s;
    uint64_t n, value = 0;

    if (!number(v, op->n, &n, e))
        return false;
    if (op->n == 4 && n > INT32_MAX)
        return err_pos(e, ERR_FORMAT, v->op_at, "an integer of negative length");
    if (n > 7)
        return pass(v, n, false, e) && push(v, PICKLE_UNKNOWN, 0, e);
    if (!pickle_read_bytes(&v->in, (size_t)n, &s, e))
        return false;
    for (size_t i = 0; i < s.len; i++)
        value |= (uint64_t)s.data[i] << (8 * i);
    if (s.len > 0 && s.len < 7 && (s.data[s.len - 1] & 0x80) != 0)
        value |= ~UINT64_C(0) << (8 * s.len);
    return push(v, PICKLE_INT, value, e);
}

/* ---- lines ---- */
static bool op_line(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct slice s;
    uint64_t longer;
    int64_t n;

    if (!pickle_read_line(&v->in, &s, &longer, e))
        return false;
    if (longer == 0 && s.len == 0)
        return err_pos(e, ERR_FORMAT, v->op_at, "%s without a number", op->name);
    if (op->kind != PICKLE_INT)
        return push(v, op->kind, 0, e);
    if (s.len > 0 && op->name[0] == 'L' && s.data[s.len - 1] == 'L')
        s.len--;
    if (longer != 0 || !pickle_text_int(s, &n) || n > INT32_MAX || n < -INT32_MAX)
        return push(v, PICKLE_UNKNOWN, 0, e);
    return push(v, PICKLE_INT, (uint64_t)n, e);
}

static bool op_text_line(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint8_t text[2 * KEEP];
    struct slice s;
    uint64_t longer;
    size_t n;
    bool ok;

    if (!pickle_read_line(&v->in, &s, &longer, e))
        return false;
    if (longer > LIMIT_PICKLE_TEXT) {
        pickle_vm_note(v, PICKLE_OPAQUE_TEXT);
        v->opaque += longer;
    }
    if (longer != 0 || s.len > KEEP)
        return push(v, PICKLE_TEXT_AT, v->op_at, e);
    if (op->name[0] == 'U')
        ok = pickle_text_unicode(s, text, &n);
    else
        ok = pickle_text_string(s, text, &n);
    if (!ok)
        return err_pos(e, ERR_FORMAT, v->op_at, "%s with a broken literal", op->name);
    return push_text(v, (struct slice){text, n}, e);
}

static bool op_persid_line(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct slice s;
    uint64_t longer;

    (void)op;
    v->foreign_persids++;
    return pickle_read_line(&v->in, &s, &longer, e) && push(v, PICKLE_PERSID, v->persids++, e);
}

/* ---- the memo ---- */
static bool get(struct pickle_vm *v, uint64_t key, struct err *e)
{
    bool missing;
    const struct pickle_slot s = pickle_stack_get(&v->stack, key, &missing);

    if (missing)
        pickle_vm_note(v, PICKLE_MEMO_MISS);
    return pickle_stack_push(&v->stack, s, e);
}

static bool put(struct pickle_vm *v, uint64_t key, struct err *e)
{
    bool again;

    if (!pickle_stack_has(&v->stack, 1, e) ||
        !pickle_stack_put(&v->stack, key, *pickle_stack_top(&v->stack, 0), &again, e))
        return false;
    if (again)
        pickle_vm_note(v, PICKLE_MEMO_REDEFINED);
    return true;
}

static bool op_get(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t key;

    return number(v, op->n, &key, e) && get(v, key, e);
}

static bool op_put(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t key;

    return number(v, op->n, &key, e) && put(v, key, e);
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

static bool op_get_line(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t key;

    (void)op;
    return memo_line(v, &key, e) && get(v, key, e);
}

static bool op_put_line(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t key;

    (void)op;
    return memo_line(v, &key, e) && put(v, key, e);
}

static bool op_memoize(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    return put(v, v->stack.memo_len, e);
}

/* ---- the stack and containers ---- */
static bool op_mark(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    return pickle_stack_mark(&v->stack, e);
}

static bool op_pop(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    return pickle_stack_pop(&v->stack, e);
}

static bool op_pop_mark(struct pickle_vm *v, const struct op *op, struct err *e)
{
    size_t n;

    (void)op;
    if (!pickle_stack_unmark(&v->stack, &n, e))
        return false;
    v->stack.n -= n;
    return true;
}

static bool op_dup(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    return pickle_stack_has(&v->stack, 1, e) &&
           pickle_stack_push(&v->stack, *pickle_stack_top(&v->stack, 0), e);
}

/* Takes n objects and pushes one of the op's kind. */
static bool gather(struct pickle_vm *v, const struct op *op, size_t n, struct err *e)
{
    struct pickle_slot made = {.kind = op->kind};

    if (op->kind == PICKLE_TUPLE)
        made = pickle_stack_tuple(&v->stack, n);
    if (op->kind == PICKLE_DICT) {
        made.ref = v->stack.ndicts++ & PICKLE_REF_NONE;
        if (n % 2 != 0)
            return err_pos(e, ERR_FORMAT, v->op_at, "DICT of an odd number of objects");
    }
    v->stack.n -= n;
    return pickle_stack_push(&v->stack, made, e);
}

static bool op_gather_mark(struct pickle_vm *v, const struct op *op, struct err *e)
{
    size_t n;

    return pickle_stack_unmark(&v->stack, &n, e) && gather(v, op, n, e);
}

static bool op_gather(struct pickle_vm *v, const struct op *op, struct err *e)
{
    return pickle_stack_has(&v->stack, op->n, e) && gather(v, op, op->n, e);
}

/* Something is written into the object below the top n. */
static bool fill(struct pickle_vm *v, const struct op *op, size_t n, struct err *e)
{
    struct pickle_slot *into;

    if (!pickle_stack_has(&v->stack, n + 1, e))
        return false;
    if (op->kind == PICKLE_DICT && n % 2 != 0)
        return err_pos(e, ERR_FORMAT, v->op_at, "%s of an odd number of objects", op->name);
    if (n == 0)
        return true;
    into = pickle_stack_top(&v->stack, n);
    if (into->kind == PICKLE_DICT && n <= PICKLE_DICT_KEPT) {
        memcpy(v->pairs, into + 1, n * sizeof(*into));
        v->npairs = n;
        v->pairs_of = into->ref;
    }
    if (into->kind != op->kind)
        pickle_call_write(v, *into);
    v->stack.n -= n;
    return true;
}

static bool op_fill(struct pickle_vm *v, const struct op *op, struct err *e)
{
    return fill(v, op, op->n, e);
}

static bool op_fill_mark(struct pickle_vm *v, const struct op *op, struct err *e)
{
    size_t n;

    return pickle_stack_unmark(&v->stack, &n, e) && fill(v, op, n, e);
}

/* ---- imports and calls ---- */
/* The last line of a file may lack its '\n'. The loader in C stops there; the one in Python takes the last byte for it and imports. */
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

static bool op_global(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct slice line, name = SLICE_LIT("");
    uint8_t kept[KEEP];
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
    if (!ended && !line_or_rest(v, &name, &longer_name, e)) {
        ended = true;
        if (!v->in.starved)
            return false;
    }
    if (longer != 0 || longer_name != 0 || line.len > sizeof(kept) || name.len > AGAIN)
        return pickle_call_lost(v, PICKLE_TEXT_LOST, e) && !ended;
    return pickle_call_import(v, (struct slice){kept, n}, name, e) && !ended;
}

/* The loader in Python imports before it looks for the mark. */
static bool op_inst(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct pickle_slot class, args;
    size_t n;

    if (!op_global(v, op, e))
        return false;
    class = *pickle_stack_top(&v->stack, 0);
    v->stack.n--;
    if (!pickle_stack_unmark(&v->stack, &n, e))
        return false;
    args = pickle_stack_tuple(&v->stack, n);
    v->stack.n -= n;
    return pickle_stack_push(&v->stack, pickle_call_call(v, class, args, PICKLE_INSTANCE), e);
}

static bool op_stack_global(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    return pickle_stack_has(&v->stack, 2, e) && pickle_call_stack_global(v, e);
}

static bool op_obj(struct pickle_vm *v, const struct op *op, struct err *e)
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
    v->stack.n -= n;
    return pickle_stack_push(&v->stack, pickle_call_call(v, class, args, PICKLE_INSTANCE), e);
}

/* REDUCE, NEWOBJ, NEWOBJ_EX: the callee lies below n arguments. */
static bool op_call(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct pickle_slot callee, args;

    if (!pickle_stack_has(&v->stack, op->n + 1u, e))
        return false;
    args = *pickle_stack_top(&v->stack, op->n - 1u);
    callee = *pickle_stack_top(&v->stack, op->n);
    v->stack.n -= op->n + 1u;
    return pickle_stack_push(&v->stack, pickle_call_call(v, callee, args, op->kind), e);
}

static bool op_build(struct pickle_vm *v, const struct op *op, struct err *e)
{
    struct pickle_slot state, *object;

    (void)op;
    if (!pickle_stack_has(&v->stack, 2, e))
        return false;
    state = *pickle_stack_top(&v->stack, 0);
    object = pickle_stack_top(&v->stack, 1);
    v->stack.n--;
    if (object->kind == PICKLE_DTYPE)
        pickle_array_dtype_state(v, *object, state);
    else
        pickle_call_write(v, *object);
    return pickle_array_skip(v, *object, state, e);
}

static bool op_ext(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t code;

    if (!number(v, op->n, &code, e))
        return false;
    if (code == 0 || (op->n == 4 && code > INT32_MAX))
        return err_pos(e, ERR_FORMAT, v->op_at, "extension code %" PRId64 " is not positive",
                       (int64_t)(int32_t)(uint32_t)code);
    v->exts++;
    return pickle_call_ext(v, code, e);
}

static bool op_binpersid(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    if (!pickle_stack_has(&v->stack, 1, e))
        return false;
    pickle_call_persid(v, *pickle_stack_top(&v->stack, 0));
    *pickle_stack_top(&v->stack, 0) =
        (struct pickle_slot){.kind = PICKLE_PERSID, .ref = v->persids++ & PICKLE_REF_NONE};
    return true;
}

/* ---- the rest ---- */
static bool op_proto(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t n;

    if (!number(v, op->n, &n, e))
        return false;
    if (n > 5)
        return err_pos(e, ERR_UNSUPPORTED, v->op_at,
                       "pickle protocol %" PRIu64 ", at most 5 is known", n);
    v->proto = (uint8_t)n;
    if (v->proto > v->proto_max)
        v->proto_max = v->proto;
    return true;
}

static bool op_frame(struct pickle_vm *v, const struct op *op, struct err *e)
{
    uint64_t n;

    if (!number(v, op->n, &n, e) || !pickle_read_frame(&v->in, n, e))
        return false;
    if (v->in.nested)
        pickle_vm_note(v, PICKLE_FRAME_NESTED);
    return true;
}

static bool op_stop(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    if (!pickle_stack_has(&v->stack, 1, e))
        return false;
    v->stopped = true;
    if (pickle_read_stop(&v->in, v->reuse))
        pickle_vm_note(v, PICKLE_STOP_IN_FRAME);
    return true;
}

static bool op_next_buffer(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    pickle_vm_note(v, PICKLE_OUT_OF_BAND);
    return push(v, PICKLE_BUFFER, 0, e);
}

static bool op_readonly_buffer(struct pickle_vm *v, const struct op *op, struct err *e)
{
    (void)op;
    return pickle_stack_has(&v->stack, 1, e);
}

static const struct op ops[256] = {
    ['('] = {"MARK", op_mark, 0, 0},
    ['.'] = {"STOP", op_stop, 0, 0},
    ['0'] = {"POP", op_pop, 0, 0},
    ['1'] = {"POP_MARK", op_pop_mark, 0, 0},
    ['2'] = {"DUP", op_dup, 0, 0},
    ['F'] = {"FLOAT", op_line, 0, PICKLE_FLOAT},
    ['I'] = {"INT", op_line, 0, PICKLE_INT},
    ['J'] = {"BININT", op_int, 4, 0},
    ['K'] = {"BININT1", op_int, 1, 0},
    ['L'] = {"LONG", op_line, 0, PICKLE_INT},
    ['M'] = {"BININT2", op_int, 2, 0},
    ['N'] = {"NONE", op_push, 0, PICKLE_NONE},
    ['P'] = {"PERSID", op_persid_line, 0, 0},
    ['Q'] = {"BINPERSID", op_binpersid, 0, 0},
    ['R'] = {"REDUCE", op_call, 1, PICKLE_RESULT},
    ['S'] = {"STRING", op_text_line, 0, 0},
    ['T'] = {"BINSTRING", op_text, 4, 0},
    ['U'] = {"SHORT_BINSTRING", op_text, 1, 0},
    ['V'] = {"UNICODE", op_text_line, 0, 0},
    ['X'] = {"BINUNICODE", op_text, 4, 0},
    ['a'] = {"APPEND", op_fill, 1, PICKLE_LIST},
    ['b'] = {"BUILD", op_build, 0, 0},
    ['c'] = {"GLOBAL", op_global, 0, 0},
    ['d'] = {"DICT", op_gather_mark, 0, PICKLE_DICT},
    ['}'] = {"EMPTY_DICT", op_push, 0, PICKLE_DICT},
    ['e'] = {"APPENDS", op_fill_mark, 0, PICKLE_LIST},
    ['g'] = {"GET", op_get_line, 0, 0},
    ['h'] = {"BINGET", op_get, 1, 0},
    ['i'] = {"INST", op_inst, 0, 0},
    ['j'] = {"LONG_BINGET", op_get, 4, 0},
    ['l'] = {"LIST", op_gather_mark, 0, PICKLE_LIST},
    [']'] = {"EMPTY_LIST", op_push, 0, PICKLE_LIST},
    ['o'] = {"OBJ", op_obj, 0, 0},
    ['p'] = {"PUT", op_put_line, 0, 0},
    ['q'] = {"BINPUT", op_put, 1, 0},
    ['r'] = {"LONG_BINPUT", op_put, 4, 0},
    ['s'] = {"SETITEM", op_fill, 2, PICKLE_DICT},
    ['t'] = {"TUPLE", op_gather_mark, 0, PICKLE_TUPLE},
    [')'] = {"EMPTY_TUPLE", op_push, 0, PICKLE_TUPLE},
    ['u'] = {"SETITEMS", op_fill_mark, 0, PICKLE_DICT},
    ['G'] = {"BINFLOAT", op_float, 8, 0},
    ['B'] = {"BINBYTES", op_bytes, 4, 0},
    ['C'] = {"SHORT_BINBYTES", op_bytes, 1, 0},
    [0x80] = {"PROTO", op_proto, 1, 0},
    [0x81] = {"NEWOBJ", op_call, 1, PICKLE_INSTANCE},
    [0x82] = {"EXT1", op_ext, 1, 0},
    [0x83] = {"EXT2", op_ext, 2, 0},
    [0x84] = {"EXT4", op_ext, 4, 0},
    [0x85] = {"TUPLE1", op_gather, 1, PICKLE_TUPLE},
    [0x86] = {"TUPLE2", op_gather, 2, PICKLE_TUPLE},
    [0x87] = {"TUPLE3", op_gather, 3, PICKLE_TUPLE},
    [0x88] = {"NEWTRUE", op_push, 0, PICKLE_BOOL},
    [0x89] = {"NEWFALSE", op_push, 0, PICKLE_BOOL},
    [0x8a] = {"LONG1", op_long, 1, 0},
    [0x8b] = {"LONG4", op_long, 4, 0},
    [0x8c] = {"SHORT_BINUNICODE", op_text, 1, 0},
    [0x8d] = {"BINUNICODE8", op_text, 8, 0},
    [0x8e] = {"BINBYTES8", op_bytes, 8, 0},
    [0x8f] = {"EMPTY_SET", op_push, 0, PICKLE_SET},
    [0x90] = {"ADDITEMS", op_fill_mark, 0, PICKLE_SET},
    [0x91] = {"FROZENSET", op_gather_mark, 0, PICKLE_SET},
    [0x92] = {"NEWOBJ_EX", op_call, 2, PICKLE_INSTANCE},
    [0x93] = {"STACK_GLOBAL", op_stack_global, 0, 0},
    [0x94] = {"MEMOIZE", op_memoize, 0, 0},
    [0x95] = {"FRAME", op_frame, 8, 0},
    [0x96] = {"BYTEARRAY8", op_bytes, 8, 0},
    [0x97] = {"NEXT_BUFFER", op_next_buffer, 0, 0},
    [0x98] = {"READONLY_BUFFER", op_readonly_buffer, 0, 0},
};

void pickle_vm_init(struct pickle_vm *v, struct feed *f, uint64_t at, enum pickle_reading how)
{
    *v = (struct pickle_vm){.op = ""};
    pickle_read_init(&v->in, f, at, how);
    pickle_stack_init(&v->stack);
}

void pickle_vm_release(struct pickle_vm *v)
{
    pickle_stack_release(&v->stack);
    free(v->again);
    v->again = NULL;
}

/* One opcode. */
static bool step(struct pickle_vm *v, struct err *e)
{
    const struct op *op;
    struct slice code;

    v->op_at = v->in.r.offset;
    if (!pickle_read_bytes(&v->in, 1, &code, e))
        return false;
    op = &ops[code.data[0]];
    if (op->run == NULL)
        return err_pos(e, ERR_FORMAT, v->op_at, "byte 0x%02x is not a pickle opcode", code.data[0]);
    v->op = op->name;
    v->opcodes++;
    return op->run(v, op, e);
}

bool pickle_vm_run(struct pickle_vm *v, bool keep_memo, struct err *e)
{
    pickle_stack_reset(&v->stack, keep_memo);
    v->proto = 0;
    v->stopped = false;
    v->npairs = 0;
    while (!v->stopped)
        if (!step(v, e)) {
            if (e->offset == ERR_NO_OFFSET)
                e->offset = v->op_at;
            if (v->in.diverged)
                pickle_vm_note(v, PICKLE_FRAME_DIVERGENCE);
            return false;
        }
    if (v->in.diverged)
        pickle_vm_note(v, PICKLE_FRAME_DIVERGENCE);
    return true;
}

/* A text that was not kept, from its opcode. */
static bool text_again(struct pickle_vm *v, uint64_t at, struct slice *out)
{
    uint8_t h[9] = {0};
    struct err ignored = {0};
    uint64_t n = 0;
    size_t got;
    const struct op *op;

    if (v->in.how != PICKLE_PLAIN || v->rereads >= (v->costly ? 64u : 1000000u))
        return false;
    v->rereads++;
    if (!source_some(v->in.feed->source, at, h, sizeof(h), &got, &ignored) || got < 2)
        return false;
    op = &ops[h[0]];
    if (op->run != op_text)
        return false;
    for (size_t i = 0; i < op->n; i++)
        n |= (uint64_t)h[1 + i] << (8 * i);
    if (n > AGAIN)
        return false;
    if (v->again == NULL)
        v->again = malloc(AGAIN);
    if (v->again == NULL)
        abort();
    if (!source_read(v->in.feed->source, at + 1 + op->n, v->again, (size_t)n, &ignored))
        return false;
    *out = (struct slice){v->again, (size_t)n};
    return true;
}

bool pickle_vm_text(struct pickle_vm *v, struct pickle_slot s, struct slice *out)
{
    if (s.kind == PICKLE_TEXT) {
        *out = pickle_stack_text(&v->stack, s.ref);
        return true;
    }
    return s.kind == PICKLE_TEXT_AT && text_again(v, s.ref, out);
}

enum pickle_guess pickle_vm_guess(struct slice head, bool whole, uint64_t *ops_seen)
{
    struct source *s = source_memory(head);
    struct pickle_table table;
    struct arena scratch;
    struct pickle_vm v;
    struct feed feed;
    struct err e = {0};
    enum pickle_guess answer = PICKLE_NO;

    arena_init(&scratch);
    pickle_table_init(&table, &scratch);
    feed_init(&feed, s, false);
    pickle_vm_init(&v, &feed, 0, PICKLE_PLAIN);
    v.table = &table;
    v.arena = &scratch;
    if (pickle_vm_run(&v, false, &e))
        answer = PICKLE_WHOLE;
    else if (v.calls > 0)
        answer = PICKLE_CALLS;
    else if (!whole && v.in.starved)
        answer = PICKLE_SO_FAR;
    else if (table.n > 0)
        answer = PICKLE_IMPORTS;
    *ops_seen = v.opcodes;
    pickle_vm_release(&v);
    feed_release(&feed);
    pickle_table_release(&table);
    arena_release(&scratch);
    source_free(s);
    return answer;
}
