#include "scanner/formats/pickle/pickle_vm.h"

#include <string.h>

#include "scanner/formats/pickle/pickle_hot.h"
#include "scanner/formats/pickle/pickle_op.h"

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
    [PICKLE_STATE_METHOD] = "state-method",
    [PICKLE_EXT_CODE] = "extension-code",
    [PICKLE_ODD_NAME] = "odd-name",
    [PICKLE_DOTTED_NAME] = "dotted-name",
    [PICKLE_BROKEN_AFTER_CALL] = "broken-after-call",
    [PICKLE_TRAILING_BYTES] = "trailing-bytes",
    [PICKLE_NESTED_PICKLE] = "nested-pickle",
    [PICKLE_NESTED_ARCHIVE] = "nested-archive",
    [PICKLE_NESTED_PROGRAM] = "nested-program",
    [PICKLE_NESTED_CODE] = "nested-code",
    [PICKLE_OPAQUE_TEXT] = "opaque-text",
    [PICKLE_TEXT_LOST] = "text-lost",
    [PICKLE_OUT_OF_BAND] = "out-of-band-buffer",
    [PICKLE_ARRAY_DIVERGENCE] = "array-divergence",
    [PICKLE_ODD_STRIDES] = "odd-strides",
    [PICKLE_ODD_DTYPE] = "odd-dtype",
    [PICKLE_ODD_CODEC] = "odd-codec",
    [PICKLE_DEEP_TUPLE] = "deep-tuple",
    [PICKLE_ODD_ARRAY] = "odd-array",
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

void pickle_vm_init(struct pickle_vm *v, struct feed *f, uint64_t at, enum pickle_reading how)
{
    *v = (struct pickle_vm){.op = ""};
    pickle_read_init(&v->in, f, at, how);
    pickle_stack_init(&v->stack);
}

void pickle_vm_release(struct pickle_vm *v)
{
    pickle_stack_release(&v->stack);
    pickle_payload_loaded_release(&v->loaded);
    pickle_share_release(&v->share);
    free(v->again);
    v->again = NULL;
}

/* One opcode. */
static bool step(struct pickle_vm *v, struct err *e)
{
    const struct pickle_op *op;
    struct slice code;

    v->op_at = v->in.r.offset;
    if (!pickle_read_bytes(&v->in, 1, &code, e))
        return false;
    op = &pickle_op_table[code.data[0]];
    if (op->run == NULL)
        return err_pos(e, ERR_FORMAT, v->op_at, "byte 0x%02x is not a pickle opcode", code.data[0]);
    v->op = op->name;
    v->opcodes++;
    return op->run(v, op, e);
}

/* CPython hashes tuples within tuples on the stack of C. */
#define DEEPEST 20000

static void ended(struct pickle_vm *v)
{
    if (v->in.diverged)
        pickle_vm_note(v, PICKLE_FRAME_DIVERGENCE);
    if (v->stack.depth > DEEPEST)
        pickle_vm_note(v, PICKLE_DEEP_TUPLE);
}

bool pickle_vm_run(struct pickle_vm *v, bool keep_memo, struct err *e)
{
    pickle_stack_reset(&v->stack, keep_memo);
    if (v->loaded.n > 0 && !keep_memo)
        pickle_payload_loaded_release(&v->loaded);
    v->run = ++v->table->runs;
    v->tracing = 0;
    v->proto = 0;
    v->stopped = false;
    v->pairs_of = PICKLE_REF_NONE;
    v->method_in = PICKLE_REF_NONE;
    v->nmethods = 0;
    v->nitems = 0;
    v->array_op = 0;
    while (!v->stopped) {
        pickle_hot_run(v);
        if (!step(v, e)) {
            if (e->offset == ERR_NO_OFFSET)
                e->offset = v->op_at;
            ended(v);
            return false;
        }
    }
    ended(v);
    return true;
}

/* A text that was not kept, from its opcode. */
static bool text_again(struct pickle_vm *v, uint64_t at, struct slice *out)
{
    uint8_t h[9] = {0}, *text;
    struct err ignored = {0};
    uint64_t n = 0;
    size_t got;
    const struct pickle_op *op;

    if (v->in.how != PICKLE_PLAIN || v->rereads >= (v->costly ? 64u : 1000000u))
        return false;
    v->rereads++;
    if (!source_some(v->in.feed->source, at, h, sizeof(h), &got, &ignored) || got < 2)
        return false;
    op = &pickle_op_table[h[0]];
    if (op->run == NULL || op->kind != PICKLE_TEXT)
        return false;
    for (size_t i = 0; i < op->n; i++)
        n |= (uint64_t)h[1 + i] << (8 * i);
    if (n > PICKLE_AGAIN)
        return false;
    if (v->again == NULL)
        v->again = malloc(2 * (size_t)PICKLE_AGAIN);
    if (v->again == NULL)
        abort();
    text = v->again + (v->rereads % 2) * (size_t)PICKLE_AGAIN;
    if (!source_read(v->in.feed->source, at + 1 + op->n, text, (size_t)n, &ignored))
        return false;
    *out = (struct slice){text, (size_t)n};
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

/* What a run over bytes alone has seen. */
struct seen {
    bool whole, starved; /* up to a STOP; up to the end of the bytes */
    uint64_t opcodes, calls;
    size_t imports;
};

static void try_run(struct slice bytes, struct seen *out)
{
    struct source *s = source_memory(bytes);
    struct pickle_table table;
    struct arena scratch;
    struct pickle_vm v;
    struct feed feed;
    struct err e = {0};

    arena_init(&scratch);
    pickle_table_init(&table, &scratch);
    feed_init(&feed, s, false);
    pickle_vm_init(&v, &feed, 0, PICKLE_PLAIN);
    v.table = &table;
    v.arena = &scratch;
    out->whole = pickle_vm_run(&v, false, &e);
    out->starved = v.in.starved;
    out->opcodes = v.opcodes;
    out->calls = v.calls;
    out->imports = table.n;
    pickle_vm_release(&v);
    feed_release(&feed);
    pickle_table_release(&table);
    arena_release(&scratch);
    source_free(s);
}

enum pickle_guess pickle_vm_guess(struct slice head, bool whole, uint64_t *ops_seen)
{
    struct seen seen;

    try_run(head, &seen);
    *ops_seen = seen.opcodes;
    if (seen.whole)
        return PICKLE_WHOLE;
    if (seen.calls > 0)
        return PICKLE_CALLS;
    if (!whole && seen.starved)
        return PICKLE_SO_FAR;
    return seen.imports > 0 ? PICKLE_IMPORTS : PICKLE_NO;
}

bool pickle_vm_calls(struct slice bytes)
{
    struct seen seen;

    /* an import needs two lines, or an opcode that no text has */
    if (bytes.len < 4 || (memchr(bytes.data, '\n', bytes.len) == NULL &&
                          memchr(bytes.data, 0x93, bytes.len) == NULL))
        return false;
    try_run(bytes, &seen);
    return seen.calls > 0;
}
