#include "scanner/formats/pickle/pickle_value.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_array.h"
#include "scanner/formats/pickle/pickle_call.h"
#include "scanner/formats/pickle/pickle_dtype.h"
#include "scanner/formats/pickle/pickle_ndarray.h"
#include "scanner/formats/pickle/pickle_text.h"

static bool push(struct pickle_vm *v, enum pickle_kind kind, uint64_t ref, struct err *e)
{
    return pickle_stack_push(
        &v->stack, (struct pickle_slot){.kind = (uint8_t)kind, .ref = ref & PICKLE_REF_NONE}, e);
}

/* The argument of fixed width, little-endian. */
bool pickle_value_number(struct pickle_vm *v, size_t n, uint64_t *out, struct err *e)
{
    struct slice s;

    if (!pickle_read_bytes(&v->in, n, &s, e))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out |= (uint64_t)s.data[i] << (8 * i);
    return true;
}

void pickle_value_dict(struct pickle_vm *v, size_t n, struct pickle_slot dict)
{
    if (v->wrappers)
        pickle_array_dict(v, n > v->stack.fence ? &v->stack.slots[n - 1] : NULL, dict);
    if (v->ndtypes > 0)
        pickle_dtype_dict(v, n, dict);
}

bool pickle_value_push(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t ref = 0;

    if (op->kind == PICKLE_DICT || op->kind == PICKLE_LIST || op->kind == PICKLE_SET)
        ref = v->stack.nobjects++;
    if (op->kind == PICKLE_TUPLE) {
        struct pickle_slot none = pickle_stack_tuple(&v->stack, 0);

        return pickle_stack_push(&v->stack, none, e);
    }
    if (op->kind == PICKLE_DICT)
        pickle_value_dict(v, v->stack.n,
                          (struct pickle_slot){.kind = PICKLE_DICT, .ref = ref & PICKLE_REF_NONE});
    if (op->kind == PICKLE_LIST)
        pickle_ndarray_list(v, v->stack.n,
                            (struct pickle_slot){.kind = PICKLE_LIST, .ref = ref & PICKLE_REF_NONE},
                            0);
    return push(v, op->kind, ref, e);
}

bool pickle_value_int(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint64_t n;

    if (!pickle_value_number(v, op->n, &n, e))
        return false;
    if (op->n == 4)
        n = (uint64_t)(int64_t)(int32_t)(uint32_t)n;
    return push(v, PICKLE_INT, n, e);
}

bool pickle_value_float(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    struct slice s;

    return pickle_read_bytes(&v->in, op->n, &s, e) && push(v, PICKLE_FLOAT, 0, e);
}

/* What a string or bytes value begins with. */
static enum pickle_payload sniff(struct pickle_vm *v, struct slice s)
{
    static const enum pickle_anomaly names[PICKLE_PAYLOADS] = {
        [PICKLE_PAYLOAD_PICKLE] = PICKLE_NESTED_PICKLE,
        [PICKLE_PAYLOAD_ARCHIVE] = PICKLE_NESTED_ARCHIVE,
        [PICKLE_PAYLOAD_PROGRAM] = PICKLE_NESTED_PROGRAM,
        [PICKLE_PAYLOAD_CODE] = PICKLE_NESTED_CODE,
    };
    const enum pickle_payload p = pickle_payload_of(s);

    if (p != PICKLE_PAYLOAD_NONE)
        pickle_vm_note(v, names[p]);
    return p;
}

/* Pushes a value that may be a payload. */
static bool push_loaded(struct pickle_vm *v, struct pickle_slot s, enum pickle_payload p,
                        struct err *e)
{
    if (p != PICKLE_PAYLOAD_NONE)
        pickle_payload_loaded_add(&v->loaded, s, p);
    return pickle_stack_push(&v->stack, s, e);
}

/* Passes over a long argument. */
static bool pass(struct pickle_vm *v, uint64_t n, bool direct, enum pickle_payload *p,
                 struct err *e)
{
    struct slice head;

    if (!pickle_read_skip(&v->in, n, direct, &head, e))
        return false;
    *p = sniff(v, head);
    pickle_call_wide(v, head);
    if (n > LIMIT_PICKLE_TEXT) {
        pickle_vm_note(v, PICKLE_OPAQUE_TEXT);
        v->opaque += n;
    }
    return true;
}

static struct pickle_slot far_text(const struct pickle_vm *v)
{
    return (struct pickle_slot){.kind = PICKLE_TEXT_AT, .ref = v->op_at & PICKLE_REF_NONE};
}

/* Pushes a text that may be needed for a name. */
static bool push_text(struct pickle_vm *v, struct slice text, struct err *e)
{
    const uint64_t ref = pickle_stack_keep(&v->stack, text);
    const struct pickle_slot near = {.kind = PICKLE_TEXT, .ref = ref & PICKLE_REF_NONE};

    return push_loaded(v, ref == PICKLE_REF_NONE ? far_text(v) : near, sniff(v, text), e);
}

bool pickle_value_text(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    enum pickle_payload p;
    struct slice s;
    uint64_t n;

    if (!pickle_value_number(v, op->n, &n, e))
        return false;
    if (op->name[0] == 'B' && op->name[3] == 'S' &&
        n > INT32_MAX) /* BINSTRING alone has a signed length */
        return err_pos(e, ERR_FORMAT, v->op_at, "a string of negative length");
    if (n > PICKLE_KEEP)
        return pass(v, n, false, &p, e) && push_loaded(v, far_text(v), p, e);
    return pickle_read_bytes(&v->in, (size_t)n, &s, e) && push_text(v, s, e);
}

bool pickle_value_bytes(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    const struct pickle_slot bytes = {.kind = PICKLE_BYTES, .ref = v->op_at & PICKLE_REF_NONE};
    enum pickle_payload p;
    uint64_t n;

    if (!pickle_value_number(v, op->n, &n, e))
        return false;
    return pass(v, n, op->name[4] == 'A', &p, e) && push_loaded(v, bytes, p, e);
}

bool pickle_value_long(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    enum pickle_payload ignored;
    struct slice s;
    uint64_t n, value = 0;

    if (!pickle_value_number(v, op->n, &n, e))
        return false;
    if (op->n == 4 && n > INT32_MAX)
        return err_pos(e, ERR_FORMAT, v->op_at, "an integer of negative length");
    if (n > 7)
        return pass(v, n, false, &ignored, e) && push(v, PICKLE_UNKNOWN, 0, e);
    if (!pickle_read_bytes(&v->in, (size_t)n, &s, e))
        return false;
    for (size_t i = 0; i < s.len; i++)
        value |= (uint64_t)s.data[i] << (8 * i);
    if (s.len > 0 && s.len < 7 && (s.data[s.len - 1] & 0x80) != 0)
        value |= ~UINT64_C(0) << (8 * s.len);
    return push(v, PICKLE_INT, value, e);
}

/* ---- lines ---- */
bool pickle_value_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
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

bool pickle_value_text_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    uint8_t text[2 * PICKLE_KEEP];
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
    if (longer != 0 || s.len > PICKLE_KEEP)
        return push(v, PICKLE_TEXT_AT, v->op_at, e);
    if (op->name[0] == 'U')
        ok = pickle_text_unicode(s, text, &n);
    else
        ok = pickle_text_string(s, text, &n);
    if (!ok)
        return err_pos(e, ERR_FORMAT, v->op_at, "%s with a broken literal", op->name);
    return push_text(v, (struct slice){text, n}, e);
}

bool pickle_value_persid_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e)
{
    struct slice s;
    uint64_t longer;

    (void)op;
    v->foreign_persids++;
    return pickle_read_line(&v->in, &s, &longer, e) && push(v, PICKLE_PERSID, v->persids++, e);
}
