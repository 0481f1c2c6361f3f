#include "scanner/worker/frame.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/value_wire.h"

/* ---- writing ---- */
/* The head with a length still to come; frame_end fills it in. */
static size_t begin(struct buf *b, enum frame_type type)
{
    const size_t at = b->len;

    buf_u8(b, (uint8_t)type);
    buf_u32le(b, 0);
    return at;
}

static void end(struct buf *b, size_t at)
{
    size_t len;

    if (b->full)
        return;
    len = b->len - at - FRAME_HEAD;
    if (len > LIMIT_FRAME_BYTES)
        b->full = true;
    for (unsigned i = 0; i < 4; i++)
        b->data[at + 1 + i] = (uint8_t)(len >> (8 * i));
}

static void put_map(struct buf *b, enum frame_type type, struct value_builder *m)
{
    const size_t at = begin(b, type);

    value_wire_put(b, value_map_end(m, NULL));
    end(b, at);
}

/* Paths may hold any bytes; on the wire all text is UTF-8. No member at
 * all when there is no text. */
static void add_text(struct value_builder *m, const char *key, const char *text)
{
    if (text != NULL)
        value_map_add(m, key, value_bytes(m->arena, slice_str(text), NULL));
}

/* ERR_NO_OFFSET and its like become -1. */
static void add_count(struct value_builder *m, const char *key, uint64_t v)
{
    value_map_add(m, key, value_int(m->arena, v > INT64_MAX ? -1 : (int64_t)v, NULL));
}

static void add_place(struct value_builder *m, const char *path, uint32_t line, uint64_t offset)
{
    add_text(m, "path", path);
    add_count(m, "line", line);
    add_count(m, "offset", offset);
}

void frame_put_limits(struct buf *b, const struct frame_limits *l)
{
    const size_t at = begin(b, FRAME_LIMITS);

    buf_u8(b, (uint8_t)l->mode);
    buf_u64le(b, l->memory_bytes);
    buf_u32le(b, l->cpu_seconds);
    buf_u32le(b, l->parent);
    buf_u32le(b, l->nfiles);
    buf_u32le(b, l->threads);
    end(b, at);
}

static void add_error(struct value_builder *m, const struct err *why)
{
    add_count(m, "code", (uint64_t)why->code);
    add_text(m, "text", why->text);
    add_place(m, NULL, why->line, why->offset);
}

void frame_put_ready(struct buf *b, const struct frame_ready *r, struct arena *scratch)
{
    struct value_builder m;

    value_map_begin(&m, scratch);
    value_map_add(&m, "seccomp", value_bool(scratch, r->report.seccomp, NULL));
    value_map_add(&m, "no_new_privs", value_bool(scratch, r->report.no_new_privs, NULL));
    value_map_add(&m, "rlimits", value_bool(scratch, r->report.rlimits, NULL));
    value_map_add(&m, "empty_environment", value_bool(scratch, r->report.empty_environment, NULL));
    value_map_add(&m, "landlock_abi", value_int(scratch, r->report.landlock_abi, NULL));
    add_error(&m, &r->cause);
    put_map(b, FRAME_READY, &m);
}

void frame_put_job(struct buf *b, const struct worker_job *job, struct arena *scratch)
{
    const struct input *in = job->input;
    const size_t at = begin(b, FRAME_JOB), n = in == NULL ? 0 : in->nentries;
    struct value_builder m;

    value_map_begin(&m, scratch);
    add_text(&m, "name", job->name);
    add_text(&m, "subject", job->subject);
    add_text(&m, "scheme", in == NULL ? NULL : in->scheme);
    add_text(&m, "ref", in == NULL ? NULL : in->ref);
    if (job->params != NULL)
        value_map_add(&m, "params", job->params);
    value_wire_put(b, value_map_end(&m, NULL));
    buf_varint(b, n);
    for (size_t i = 0; i < n; i++) {
        const struct input_entry *entry = &in->entries[i];
        const struct slice name = slice_str(entry->name);

        buf_u8(b, (uint8_t)entry->kind);
        buf_u32le(b, entry->mode);
        buf_varint(b, entry->size);
        buf_varint(b, name.len);
        buf_put(b, name);
    }
    end(b, at);
}

void frame_put_want(struct buf *b, uint32_t index)
{
    const size_t at = begin(b, FRAME_WANT);

    buf_u32le(b, index);
    end(b, at);
}

void frame_put_here(struct buf *b)
{
    const size_t at = begin(b, FRAME_HERE);

    buf_u8(b, 0);
    end(b, at);
}

void frame_put_fact(struct buf *b, const struct fact *f, struct arena *scratch)
{
    struct value_builder m;

    value_map_begin(&m, scratch);
    add_text(&m, "source", f->source);
    add_text(&m, "type", f->type);
    add_text(&m, "address", f->address);
    add_text(&m, "name", f->name);
    add_place(&m, f->at.path, f->at.line, f->at.offset);
    value_map_add(&m, "attributes", f->attributes);
    put_map(b, FRAME_FACT, &m);
}

void frame_put_cover(struct buf *b, const struct coverage *c, struct arena *scratch)
{
    struct value_builder m;

    value_map_begin(&m, scratch);
    add_place(&m, c->path, c->line, c->offset);
    add_text(&m, "format", c->format);
    add_text(&m, "digest", c->digest);
    add_text(&m, "code", c->code);
    add_text(&m, "reason", c->reason);
    add_count(&m, "status", (uint64_t)c->status);
    add_count(&m, "bytes", c->bytes);
    add_count(&m, "parsed", c->parsed);
    add_count(&m, "scanned", c->scanned);
    add_count(&m, "opaque", c->opaque);
    add_count(&m, "unread", c->unread);
    put_map(b, FRAME_COVER, &m);
}

void frame_put_note(struct buf *b, const struct notice *n, struct arena *scratch)
{
    struct value_builder m;

    value_map_begin(&m, scratch);
    add_place(&m, n->at.path, n->at.line, n->at.offset);
    add_text(&m, "text", n->text);
    put_map(b, FRAME_NOTE, &m);
}

void frame_put_subject(struct buf *b, const struct subject *s, struct arena *scratch)
{
    struct value_builder m;

    value_map_begin(&m, scratch);
    add_text(&m, "kind", s->kind);
    add_text(&m, "uri", s->uri);
    add_text(&m, "digest", s->digest);
    put_map(b, FRAME_SUBJECT, &m);
}

void frame_put_progress(struct buf *b, uint64_t done)
{
    const size_t at = begin(b, FRAME_PROGRESS);

    buf_u64le(b, done);
    end(b, at);
}

void frame_put_error(struct buf *b, enum frame_type type, const struct err *why,
                     struct arena *scratch)
{
    struct value_builder m;

    value_map_begin(&m, scratch);
    add_error(&m, why);
    put_map(b, type, &m);
}

void frame_put_done(struct buf *b, const struct frame_counts *c)
{
    const size_t at = begin(b, FRAME_DONE);

    buf_u64le(b, c->facts);
    buf_u64le(b, c->coverage);
    buf_u64le(b, c->notices);
    buf_u64le(b, c->subjects);
    end(b, at);
}

/* ---- reading ---- */
bool frame_head(struct slice head, enum frame_type *type, uint32_t *len, struct err *e)
{
    struct reader r = reader_over(head);
    uint32_t n;
    uint8_t t;

    if (!reader_u8(&r, &t) || !reader_u32le(&r, &n))
        return err_fail(e, ERR_SANDBOX, "a frame is cut short");
    if (t < FRAME_LIMITS || t >= FRAME_TYPES)
        return err_fail(e, ERR_SANDBOX, "a frame of unknown type %u", t);
    if (n > LIMIT_FRAME_BYTES)
        return err_fail(e, ERR_LIMIT, "a frame of %" PRIu32 " bytes (LIMIT_FRAME_BYTES)", n);
    *type = (enum frame_type)t;
    *len = n;
    return true;
}

static bool bad(struct err *e, const char *what)
{
    return err_fail(e, ERR_SANDBOX, "a frame has a bad %s", what);
}

static bool whole(const struct reader *r, struct err *e)
{
    return r->left == 0 || bad(e, "length");
}

/* The value tree that a payload begins with: a map. */
static bool get_map(struct reader *r, struct arena *a, const struct value **out, struct err *e)
{
    struct err why = {0};
    const struct value *v;

    if (!value_wire_get(r, a, &v, &why))
        return err_fail(e, ERR_SANDBOX, "a frame cannot be read: %s", why.text);
    if (!value_is(v, VALUE_MAP))
        return bad(e, "payload");
    *out = v;
    return true;
}

static bool only_map(struct slice s, struct arena *a, const struct value **out, struct err *e)
{
    struct reader r = reader_over(s);

    return get_map(&r, a, out, e) && whole(&r, e);
}

/* Text without a NUL; NULL when it is not there. */
static bool text(const struct value *m, const char *key, const char **out, struct err *e)
{
    const struct value *v = value_get(m, key);
    const struct slice s = value_text(v);

    if (v != NULL &&
        (!value_is(v, VALUE_STRING) || (s.len > 0 && memchr(s.data, 0, s.len) != NULL)))
        return bad(e, key);
    *out = value_cstr(v, NULL);
    return true;
}

static bool must_text(const struct value *m, const char *key, const char **out, struct err *e)
{
    return text(m, key, out, e) && (*out != NULL || bad(e, key));
}

/* An integer from 0 to max; -1 stands for `none` when that is not 0. */
static bool count(const struct value *m, const char *key, uint64_t none, uint64_t *out,
                  struct err *e)
{
    const struct value *v = value_get(m, key);
    const int64_t n = value_int_or(v, -2);

    if (!value_is(v, VALUE_INT) || n < -1 || (n == -1 && none == 0))
        return bad(e, key);
    *out = n == -1 ? none : (uint64_t)n;
    return true;
}

static bool place(const struct value *m, const char **path, uint32_t *line, uint64_t *offset,
                  struct err *e)
{
    uint64_t n;

    if (!text(m, "path", path, e) || !count(m, "line", 0, &n, e) ||
        !count(m, "offset", ERR_NO_OFFSET, offset, e))
        return false;
    if (n > UINT32_MAX)
        return bad(e, "line");
    *line = (uint32_t)n;
    return true;
}

bool frame_get_limits(struct slice s, struct frame_limits *out, struct err *e)
{
    struct reader r = reader_over(s);
    struct frame_limits l;
    uint8_t mode;

    if (!reader_u8(&r, &mode) || mode > SANDBOX_OFF || !reader_u64le(&r, &l.memory_bytes) ||
        !reader_u32le(&r, &l.cpu_seconds) || !reader_u32le(&r, &l.parent) ||
        !reader_u32le(&r, &l.nfiles) || !reader_u32le(&r, &l.threads))
        return bad(e, "payload");
    l.mode = (enum sandbox_mode)mode;
    *out = l;
    return whole(&r, e);
}

static bool get_error(const struct value *m, struct err *out, struct err *e)
{
    const char *words, *path;
    struct err made = {0};
    uint64_t code;

    if (!count(m, "code", 0, &code, e) || !must_text(m, "text", &words, e) ||
        !place(m, &path, &made.line, &made.offset, e))
        return false;
    if (code > ERR_TRANSIENT || strlen(words) >= sizeof(made.text))
        return bad(e, "code");
    made.code = (enum err_code)code;
    memcpy(made.text, words, strlen(words));
    *out = made;
    return true;
}

static bool flag(const struct value *m, const char *key, bool *out, struct err *e)
{
    const struct value *v = value_get(m, key);

    *out = value_true(v);
    return value_is(v, VALUE_BOOL) || bad(e, key);
}

bool frame_get_ready(struct slice s, struct arena *a, struct frame_ready *out, struct err *e)
{
    const struct value *m;
    struct frame_ready r;
    uint64_t abi;

    if (!only_map(s, a, &m, e) || !flag(m, "seccomp", &r.report.seccomp, e) ||
        !flag(m, "no_new_privs", &r.report.no_new_privs, e) ||
        !flag(m, "rlimits", &r.report.rlimits, e) ||
        !flag(m, "empty_environment", &r.report.empty_environment, e) ||
        !count(m, "landlock_abi", 0, &abi, e) || !get_error(m, &r.cause, e))
        return false;
    if (abi > 1000)
        return bad(e, "landlock_abi");
    r.report.landlock_abi = (int)abi;
    *out = r;
    return true;
}

static bool get_entry(struct reader *r, struct arena *a, struct input_entry *out, struct err *e)
{
    struct slice name;
    uint64_t len;
    uint8_t kind;

    if (!reader_u8(r, &kind) || kind > ENTRY_OTHER || !reader_u32le(r, &out->mode) ||
        !reader_varint(r, &out->size) || !reader_varint(r, &len) || !reader_bytes(r, len, &name) ||
        (len > 0 && memchr(name.data, 0, name.len) != NULL))
        return bad(e, "entry");
    out->kind = (enum input_entry_kind)kind;
    out->name = arena_strndup(a, name);
    return true;
}

bool frame_get_job(struct slice s, struct arena *a, struct frame_job *out, struct err *e)
{
    struct reader r = reader_over(s);
    struct frame_job j = {0};
    const struct value *m;
    uint64_t n;

    if (!get_map(&r, a, &m, e) || !must_text(m, "name", &j.name, e) ||
        !must_text(m, "subject", &j.subject, e) || !text(m, "scheme", &j.scheme, e) ||
        !text(m, "ref", &j.ref, e))
        return false;
    j.params = value_get(m, "params");
    if (!reader_varint(&r, &n) || n > LIMIT_ENTRIES)
        return bad(e, "count");
    j.entries = ARENA_ARRAY(a, struct input_entry, (size_t)n);
    j.nentries = (size_t)n;
    for (size_t i = 0; i < j.nentries; i++)
        if (!get_entry(&r, a, &j.entries[i], e))
            return false;
    *out = j;
    return whole(&r, e);
}

bool frame_get_want(struct slice s, uint32_t *index, struct err *e)
{
    struct reader r = reader_over(s);

    return (reader_u32le(&r, index) || bad(e, "payload")) && whole(&r, e);
}

bool frame_get_fact(struct slice s, struct arena *a, struct fact *out, struct err *e)
{
    const struct value *m;
    struct fact f = {0};

    if (!only_map(s, a, &m, e) || !must_text(m, "source", &f.source, e) ||
        !must_text(m, "type", &f.type, e) || !must_text(m, "address", &f.address, e) ||
        !text(m, "name", &f.name, e) || !place(m, &f.at.path, &f.at.line, &f.at.offset, e))
        return false;
    f.attributes = value_get(m, "attributes");
    if (!value_is(f.attributes, VALUE_MAP))
        return bad(e, "attributes");
    *out = f;
    return true;
}

/* The parts must be the whole; what is called read must have no part unread. */
static bool check_cover(const struct coverage *c, struct err *e)
{
    struct err why = {0};
    struct digest digest;
    uint64_t sum;

    if (!checked_add(c->parsed, c->scanned, &sum) || !checked_add(sum, c->opaque, &sum) ||
        !checked_add(sum, c->unread, &sum) || sum != c->bytes)
        return err_fail(e, ERR_SANDBOX, "a ledger line whose parts are not its bytes");
    if (c->status == COVERAGE_READ && c->unread != 0)
        return err_fail(e, ERR_SANDBOX, "a ledger line called read with bytes unread");
    if (c->status != COVERAGE_READ && c->reason == NULL)
        return err_fail(e, ERR_SANDBOX, "a ledger line without a reason");
    if (c->digest != NULL && !digest_parse(slice_str(c->digest), &digest, &why))
        return bad(e, "digest");
    return true;
}

bool frame_get_cover(struct slice s, struct arena *a, struct coverage *out, struct err *e)
{
    struct coverage c = {0};
    const struct value *m;
    uint64_t status;

    if (!only_map(s, a, &m, e) || !place(m, &c.path, &c.line, &c.offset, e) ||
        !must_text(m, "format", &c.format, e) || !text(m, "digest", &c.digest, e) ||
        !text(m, "code", &c.code, e) || !text(m, "reason", &c.reason, e) ||
        !count(m, "status", 0, &status, e) || !count(m, "bytes", 0, &c.bytes, e) ||
        !count(m, "parsed", 0, &c.parsed, e) || !count(m, "scanned", 0, &c.scanned, e) ||
        !count(m, "opaque", 0, &c.opaque, e) || !count(m, "unread", 0, &c.unread, e))
        return false;
    if (status > COVERAGE_IGNORED)
        return bad(e, "status");
    c.status = (enum coverage_status)status;
    if (!check_cover(&c, e))
        return false;
    *out = c;
    return true;
}

bool frame_get_note(struct slice s, struct arena *a, struct notice *out, struct err *e)
{
    struct notice n = {0};
    const struct value *m;

    if (!only_map(s, a, &m, e) || !place(m, &n.at.path, &n.at.line, &n.at.offset, e) ||
        !must_text(m, "text", &n.text, e))
        return false;
    *out = n;
    return true;
}

bool frame_get_subject(struct slice s, struct arena *a, struct subject *out, struct err *e)
{
    struct subject made = {0};
    struct digest digest;
    struct err why = {0};
    const struct value *m;

    if (!only_map(s, a, &m, e) || !must_text(m, "kind", &made.kind, e) ||
        !text(m, "uri", &made.uri, e) || !text(m, "digest", &made.digest, e))
        return false;
    if (made.digest != NULL && !digest_parse(slice_str(made.digest), &digest, &why))
        return bad(e, "digest");
    *out = made;
    return true;
}

bool frame_get_progress(struct slice s, uint64_t *done, struct err *e)
{
    struct reader r = reader_over(s);

    return (reader_u64le(&r, done) || bad(e, "payload")) && whole(&r, e);
}

bool frame_get_error(struct slice s, struct arena *a, struct err *out, struct err *e)
{
    const struct value *m;

    return only_map(s, a, &m, e) && get_error(m, out, e);
}

bool frame_get_done(struct slice s, struct frame_counts *out, struct err *e)
{
    struct reader r = reader_over(s);

    return ((reader_u64le(&r, &out->facts) && reader_u64le(&r, &out->coverage) &&
             reader_u64le(&r, &out->notices) && reader_u64le(&r, &out->subjects)) ||
            bad(e, "payload")) &&
           whole(&r, e);
}
