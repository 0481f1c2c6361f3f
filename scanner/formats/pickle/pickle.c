#include "scanner/formats/pickle/pickle.h"

#include "scanner/formats/torch/torch_metadata.h"

#define BLANK_MAX 2 /* bytes: an end of line that an editor or a transfer put behind a pickle */

/* One way of reading. */
struct reading {
    const char *name; /* told of the imports that only it reaches */
    enum pickle_reading how;
    bool keep_memo, arrays, strict, first;
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
                if (v->stack.memo_len > p->memo_keys)
                    p->memo_keys = v->stack.memo_len;
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
        if (v->calls > 0 && failed.code == ERR_FORMAT) /* what we do not read is no break */
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
    v.reading = how->name;
    v.arrays = how->arrays;
    v.strict = how->strict;
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
    static const struct reading dropping = {"frames", PICKLE_DROPPING, false, true, false, false};
    static const struct reading both = {"frames", PICKLE_DROPPING, true, true, false, false};
    static const struct reading keeping = {"memo", PICKLE_PLAIN, true, true, false, false};
    static const struct reading fresh = {"fresh", PICKLE_PLAIN, false, true, true, false};
    static const struct reading plain = {"plain", PICKLE_PLAIN, false, false, true, false};
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
        if (!read_again(in, span, p, p->kept_memo ? &fresh : &keeping, e))
            return false;
        if (p->table.n > n)
            pickle_vm_note(v, PICKLE_MEMO_DIVERGENCE);
    }
    n = p->table.n;
    if (v->skipped_arrays > 0) {
        /* One load a stream: an array of objects is a pickle, at whose end a plain loader stops. */
        const struct pickle_span same = {span->start, (unsigned)(p->streams + p->broken)};

        if (!read_again(in, &same, p, &plain, e))
            return false;
        /* From the first array of objects on such a loader goes astray in any file. */
        for (; n < p->table.n; n++)
            if (v->objects_at == 0 || p->table.items[n].offset < v->objects_at)
                pickle_vm_note(v, PICKLE_ARRAY_DIVERGENCE);
    }
    return true;
}

/* What is there behind the last stream? */
static bool look_behind(const struct format_input *in, struct pickle *p, struct err *e)
{
    struct reader r = {.offset = p->end};
    enum pickle_payload what;
    uint64_t len;
    bool zeros = true, blank = true;

    if (!feed_more(in->feed, &r, 64, e))
        return false;
    if (r.left == 0)
        return true;
    what = pickle_payload_of((struct slice){r.data, r.left});
    for (size_t i = 0; i < r.left && i < 64; i++) {
        zeros = zeros && r.data[i] == 0;
        blank = blank && (r.data[i] == '\n' || r.data[i] == '\r');
    }
    p->behind = what != PICKLE_PAYLOAD_NONE ? pickle_payload_name(what) : zeros ? "zeros" : "data";
    if (!feed_drain(in->feed, &len, e))
        return false;
    if (blank && len - p->end <= BLANK_MAX) {
        p->end = len;
        return true;
    }
    p->trailing = len - p->end;
    p->vm.op_at = p->end;
    pickle_vm_note(&p->vm, PICKLE_TRAILING_BYTES);
    return true;
}

/* The reading that counts. */
static bool usual(const struct format_input *in, const struct pickle_span *span, struct pickle *p,
                  struct feed *feed, struct err *e)
{
    const struct reading how = {"usual", PICKLE_PLAIN, p->kept_memo, true, false, true};

    p->end = span->start;
    p->streams = 0;
    p->broken = false;
    pickle_table_init(&p->table, in->scratch);
    pickle_vm_init(&p->vm, feed, span->start, PICKLE_PLAIN);
    p->vm.table = &p->table;
    p->vm.arena = in->scratch;
    p->vm.arrays = true;
    p->vm.ranged = in->path != NULL && torch_metadata_named(in->path);
    p->vm.reuse = p->kept_memo;
    p->vm.costly = in->costly;
    return streams(p, &p->vm, span, &how, e);
}

/* A stream that asks for memo keys of the one before was written by a pickler, and is read by a
 * loader, that keeps its memo. */
static bool usual_kept(const struct format_input *in, const struct pickle_span *span,
                       struct pickle *p, struct err *e)
{
    struct feed feed;
    bool ok;

    if (!pickle_vm_has(&p->vm, PICKLE_MEMO_MISS) || p->streams == 0 || p->streams + p->broken < 2)
        return true;
    pickle_vm_release(&p->vm);
    pickle_table_release(&p->table);
    p->kept_memo = true;
    feed_init(&feed, in->bytes, false);
    ok = usual(in, span, p, &feed, e);
    feed_release(&feed);
    return ok;
}

bool pickle_scan(const struct format_input *in, const struct pickle_span *span, struct pickle *p,
                 struct err *e)
{
    bool ok;

    *p = (struct pickle){.start = span->start, .several = span->max_streams > 0};
    ok = usual(in, span, p, in->feed, e) && usual_kept(in, span, p, e);
    if (ok && !p->broken && span->max_streams == 0)
        ok = look_behind(in, p, e);
    ok = ok && other_readings(in, span, p, e);
    pickle_vm_release(&p->vm);
    return ok;
}

void pickle_release(struct pickle *p)
{
    pickle_table_release(&p->table);
}
