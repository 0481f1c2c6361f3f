#include "scanner/formats/pickle.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/pickle_compat.h"

#define NAME_MAX_TOLD 512 /* bytes of a name in a fact */

/* One way of reading. */
struct reading {
    enum pickle_reading how;
    bool keep_memo, arrays, first;
};

/* What a stream that turns out to be none must give back. */
struct before {
    size_t imports;
    uint64_t calls, persids, exts, opaque, opcodes, skipped;
    uint32_t anomalies;
};

static struct before remember(const struct pickle_vm *v)
{
    return (struct before){v->table->n, v->calls,   v->persids,        v->exts,
                           v->opaque,   v->opcodes, v->skipped_arrays, v->anomalies};
}

/* Bytes behind a pickle that imported nothing and broke: not a pickle. */
static bool forget(struct pickle_vm *v, const struct before *b)
{
    if (v->table->n != b->imports || v->calls != b->calls || v->persids != b->persids ||
        v->exts != b->exts)
        return false;
    v->opaque = b->opaque;
    v->opcodes = b->opcodes;
    v->skipped_arrays = b->skipped;
    v->anomalies = b->anomalies;
    return true;
}

/* Stream after stream, until the end, the limit or an error. */
static bool streams(struct pickle *p, struct pickle_vm *v, const struct pickle_span *span,
                    const struct reading *how, struct err *e)
{
    for (unsigned n = 0; span->max_streams == 0 || n < span->max_streams; n++) {
        const struct before b = remember(v);
        struct err failed = {0};
        bool left, pickled;

        if (!pickle_read_left(&v->in, &left, e))
            return false;
        if (!left && n > 0)
            return true;
        pickled = left && v->in.r.left > 0 && v->in.r.data[0] == 0x80;
        v->stream = n;
        if (pickle_vm_run(v, how->keep_memo && n > 0, &failed)) {
            if (how->first) {
                p->streams++;
                p->end = v->in.r.offset;
            }
            continue;
        }
        if (failed.code == ERR_IO || failed.code == ERR_TRANSIENT) {
            *e = failed;
            return false;
        }
        if (!how->first || (n > 0 && !pickled && forget(v, &b)))
            return true;
        p->broken = true;
        p->error = failed;
        p->end = v->op_at;
        if (v->calls > 0)
            pickle_vm_note(v, PICKLE_BROKEN_AFTER_CALL);
        return true;
    }
    return true;
}

/* Another reading of the same bytes, for the imports that only it reaches. */
static bool read_again(const struct format_input *in, const struct pickle_span *span,
                       struct pickle *p, const struct reading *how, struct err *e)
{
    struct pickle_vm v;
    struct feed feed;
    bool ok;

    feed_init(&feed, in->bytes, false);
    pickle_vm_init(&v, &feed, span->start, how->how);
    v.table = &p->table;
    v.arena = in->scratch;
    v.divergent = true;
    v.arrays = how->arrays;
    v.reuse = how->keep_memo;
    v.costly = in->costly;
    ok = streams(p, &v, span, how, e);
    pickle_vm_release(&v);
    feed_release(&feed);
    return ok;
}

static bool other_readings(const struct format_input *in, const struct pickle_span *span,
                           struct pickle *p, struct err *e)
{
    static const struct reading dropping = {PICKLE_DROPPING, false, true, false};
    static const struct reading both = {PICKLE_DROPPING, true, true, false};
    static const struct reading keeping = {PICKLE_PLAIN, true, true, false};
    static const struct reading plain = {PICKLE_PLAIN, false, false, false};
    struct pickle_vm *v = &p->vm;
    size_t n = p->table.n;

    if (pickle_vm_has(v, PICKLE_FRAME_DIVERGENCE) || pickle_vm_has(v, PICKLE_FRAME_NESTED) ||
        pickle_vm_has(v, PICKLE_STOP_IN_FRAME)) {
        if (!read_again(in, span, p, &dropping, e) || !read_again(in, span, p, &both, e))
            return false;
        if (p->table.n > n)
            pickle_vm_note(v, PICKLE_FRAME_DIVERGENCE);
    }
    n = p->table.n;
    if (p->streams + p->broken > 1) {
        if (!read_again(in, span, p, &keeping, e))
            return false;
        if (p->table.n > n)
            pickle_vm_note(v, PICKLE_MEMO_DIVERGENCE);
    }
    n = p->table.n;
    if (v->skipped_arrays > 0) {
        if (!read_again(in, span, p, &plain, e))
            return false;
        if (p->table.n > n)
            pickle_vm_note(v, PICKLE_ARRAY_DIVERGENCE);
    }
    return true;
}

bool pickle_scan(const struct format_input *in, const struct pickle_span *span, struct pickle *p,
                 struct err *e)
{
    static const struct reading first = {PICKLE_PLAIN, false, true, true};
    bool left = false, ok;

    *p = (struct pickle){.start = span->start, .end = span->start};
    pickle_table_init(&p->table, in->scratch);
    pickle_vm_init(&p->vm, in->feed, span->start, PICKLE_PLAIN);
    p->vm.table = &p->table;
    p->vm.arena = in->scratch;
    p->vm.arrays = true;
    p->vm.costly = in->costly;
    ok = streams(p, &p->vm, span, &first, e);
    if (ok && !p->broken && span->max_streams == 0) {
        struct reader r = {.offset = p->end};
        uint64_t len;

        ok = feed_more(in->feed, &r, 1, e);
        left = r.left > 0;
        if (ok && left) {
            ok = feed_drain(in->feed, &len, e);
            p->trailing = ok ? len - p->end : 0;
            p->vm.op_at = p->end;
            pickle_vm_note(&p->vm, PICKLE_TRAILING_BYTES);
        }
    }
    ok = ok && other_readings(in, span, p, e);
    pickle_vm_release(&p->vm);
    return ok;
}

void pickle_release(struct pickle *p)
{
    pickle_table_release(&p->table);
}

/* ---- facts ---- */
static const struct value *full_name(struct arena *a, struct slice module, struct slice name)
{
    struct buf b;
    const struct value *v;

    buf_init(&b, 2 * NAME_MAX_TOLD + 1);
    buf_put(&b,
            (struct slice){module.data, module.len < NAME_MAX_TOLD ? module.len : NAME_MAX_TOLD});
    buf_u8(&b, '.');
    buf_put(&b, (struct slice){name.data, name.len < NAME_MAX_TOLD ? name.len : NAME_MAX_TOLD});
    v = value_bytes(a, buf_slice(&b), NULL);
    buf_release(&b);
    return v;
}

/* Denied under either name is denied; allowed is what the loader finds. */
static enum imports_risk risk_of(const struct format_input *in, const struct pickle_import *x,
                                 struct slice module, struct slice name, struct slice *why)
{
    const struct imports *t = in->run != NULL ? in->run->imports : NULL;
    enum imports_risk risk;

    *why = SLICE_LIT("");
    if (!x->resolved)
        return IMPORTS_UNKNOWN;
    risk = imports_risk(t, x->module, x->name, why);
    if (risk == IMPORTS_DENY || !x->mapped)
        return risk;
    return imports_risk(t, module, name, why);
}

static void tell_import(const struct format_input *in, const struct pickle_import *x)
{
    struct slice module = x->module, name = x->name, why;
    struct arena *a = in->scratch;
    struct value_builder b;
    const struct value *full = full_name(a, x->module, x->name), *mapped = full;
    enum imports_risk risk;

    if (x->resolved && x->mapped && pickle_compat_map(&module, &name))
        mapped = full_name(a, module, name);
    risk = risk_of(in, x, module, name, &why);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "stream", value_int(a, x->stream, NULL));
    value_map_add(&b, "module", format_string(a, x->module, NAME_MAX_TOLD));
    value_map_add(&b, "name", format_string(a, x->name, NAME_MAX_TOLD));
    value_map_add(&b, "full", full);
    value_map_add(&b, "mapped_full", mapped);
    value_map_add(&b, "offset", value_int(a, (int64_t)x->offset, NULL));
    value_map_add(&b, "opcode", value_str(a, x->opcode));
    value_map_add(&b, "resolved", value_bool(a, x->resolved, NULL));
    value_map_add(&b, "divergent", value_bool(a, x->divergent, NULL));
    value_map_add(&b, "count", value_int(a, (int64_t)x->count, NULL));
    value_map_add(&b, "called", value_bool(a, x->called, NULL));
    if (x->called) {
        value_map_add(&b, "call_offset", value_int(a, (int64_t)x->call_offset, NULL));
        value_map_add(&b, "via", value_str(a, x->via));
        value_map_add(&b, "args_preview", value_str(a, x->preview));
    }
    value_map_add(&b, "risk", value_str(a, imports_risk_name(risk)));
    value_map_add(&b, "risk_reason", value_bytes(a, why, NULL));
    format_tell(in, "model.import",
                arena_printf(a, "%s#%" PRIu32 ":%s%s", in->path, x->stream,
                             member_name(a, value_text(full)), x->resolved ? "" : ":unresolved"),
                x->offset, value_map_end(&b, NULL));
}

static void tell_anomalies(struct value_builder *b, struct arena *a, const struct pickle_vm *v)
{
    struct value_builder list, offsets;

    value_list_begin(&list, a);
    value_map_begin(&offsets, a);
    for (unsigned i = 0; i < PICKLE_ANOMALIES; i++)
        if (pickle_vm_has(v, (enum pickle_anomaly)i)) {
            value_list_add(&list, value_str(a, pickle_vm_anomaly((enum pickle_anomaly)i)));
            value_map_add(&offsets, pickle_vm_anomaly((enum pickle_anomaly)i),
                          value_int(a, (int64_t)v->anomaly_at[i], NULL));
        }
    value_map_add(b, "anomalies", value_list_end(&list, NULL));
    value_map_add(b, "anomaly_offsets", value_map_end(&offsets, NULL));
}

void pickle_tell(const struct format_input *in, const struct pickle *p)
{
    struct arena *a = in->scratch;
    struct value_builder b;

    for (size_t i = 0; i < p->table.n; i++)
        tell_import(in, &p->table.items[i]);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "protocol", value_int(a, p->vm.proto_max, NULL));
    value_map_add(&b, "streams", value_int(a, (int64_t)p->streams, NULL));
    value_map_add(&b, "complete", value_bool(a, !p->broken, NULL));
    value_map_add(&b, "opcodes", value_int(a, (int64_t)p->vm.opcodes, NULL));
    value_map_add(&b, "imports", value_int(a, (int64_t)p->table.n, NULL));
    value_map_add(&b, "calls", value_int(a, (int64_t)p->vm.calls, NULL));
    value_map_add(&b, "persistent_ids", value_int(a, (int64_t)p->vm.persids, NULL));
    value_map_add(&b, "foreign_persistent_ids", value_int(a, (int64_t)p->vm.foreign_persids, NULL));
    value_map_add(&b, "ext_codes", value_int(a, (int64_t)p->vm.exts, NULL));
    value_map_add(&b, "arrays", value_int(a, (int64_t)p->vm.skipped_arrays, NULL));
    value_map_add(&b, "max_stack", value_int(a, (int64_t)p->vm.stack.peak, NULL));
    value_map_add(&b, "trailing_bytes", value_int(a, (int64_t)p->trailing, NULL));
    tell_anomalies(&b, a, &p->vm);
    format_tell(in, "model.pickle", NULL, p->start, value_map_end(&b, NULL));
}
