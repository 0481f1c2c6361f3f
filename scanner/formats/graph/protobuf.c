#include "scanner/formats/graph/protobuf.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/formats/graph/pbtxt.h"

#define VARINT_MAX 10 /* bytes of 64 bits */

void protobuf_init(struct protobuf *p, struct feed *feed)
{
    memset(p, 0, sizeof(*p));
    p->feed = feed;
    p->end[0] = UINT64_MAX;
}

uint64_t protobuf_offset(const struct protobuf *p)
{
    return p->text != NULL ? pbtxt_offset(p->text) : p->r.offset;
}

/* Bytes left in the message; the outermost has as many as the stream. */
static uint64_t left(const struct protobuf *p)
{
    return p->end[p->depth] - p->r.offset;
}

/* Makes the reader hold n <= FEED_NEED bytes. */
static bool need(struct protobuf *p, size_t n, struct err *e)
{
    if (p->r.left < n && !feed_more(p->feed, &p->r, n, e))
        return false;
    if (p->r.left < n)
        return err_pos(e, ERR_FORMAT, p->r.offset + p->r.left, "a message is cut short");
    return true;
}

/* SPEC: Encoding, "Base 128 Varints": at most ten bytes; no writer uses more than a number takes,
 * and readers differ over those that do. */
static bool varint(struct protobuf *p, uint64_t *out, struct err *e)
{
    const uint64_t room = left(p);
    size_t n = room < VARINT_MAX ? (size_t)room : VARINT_MAX;
    struct reader ahead;

    if (p->r.left < n && !feed_more(p->feed, &p->r, n, e))
        return false;
    n = n < p->r.left ? n : p->r.left;
    ahead = reader_at((struct slice){p->r.data, n}, p->r.offset);
    if (!reader_varint(&ahead, out)) {
        if (n == VARINT_MAX)
            return err_at(e, ERR_FORMAT, &p->r, "a varint of more than 64 bits");
        return err_at(e, ERR_FORMAT, &p->r, "a varint is cut short");
    }
    n -= ahead.left;
    if (n > 1 && p->r.data[n - 1] == 0)
        return err_at(e, ERR_FORMAT, &p->r, "a varint of %zu bytes, fewer would do", n);
    return reader_skip(&p->r, n);
}

static bool fixed(struct protobuf *p, size_t n, uint64_t *out, struct err *e)
{
    uint32_t narrow;

    if (left(p) < n)
        return err_at(e, ERR_FORMAT, &p->r, "a number reaches past the end of its message");
    if (!need(p, n, e))
        return false;
    if (n == 8)
        return reader_u64le(&p->r, out);
    if (!reader_u32le(&p->r, &narrow))
        return false;
    *out = narrow;
    return true;
}

static bool pass(struct protobuf *p, uint64_t n, struct err *e)
{
    return feed_skip(p->feed, &p->r, n, e);
}

/* Is the message at its end? */
static bool ended(struct protobuf *p, bool *end, struct err *e)
{
    *end = left(p) == 0;
    if (*end || p->depth > 0 || p->r.left > 0)
        return true;
    if (!feed_more(p->feed, &p->r, 1, e))
        return false;
    *end = p->r.left == 0;
    return true;
}

static bool value(struct protobuf *p, struct protobuf_field *f, struct err *e)
{
    switch (f->wire) {
    case PROTOBUF_VARINT:
        return varint(p, &f->value, e);
    case PROTOBUF_FIXED64:
        return fixed(p, 8, &f->value, e);
    case PROTOBUF_FIXED32:
        return fixed(p, 4, &f->value, e);
    case PROTOBUF_BYTES:
        break;
    }
    if (!varint(p, &f->value, e))
        return false;
    if (f->value > left(p))
        return err_pos(e, ERR_FORMAT, f->at,
                       "field %" PRIu32 " of %" PRIu64 " bytes, its message has %" PRIu64,
                       f->number, f->value, left(p));
    p->pending = true;
    p->todo = f->value;
    return true;
}

static bool tag_ok(uint64_t tag, struct protobuf_field *f)
{
    const unsigned wire = tag & 7;

    f->number = tag >> 3 <= PROTOBUF_NUMBER_MAX ? (uint32_t)(tag >> 3) : 0;
    f->wire = (enum protobuf_wire)wire;
    return f->number != 0 && (wire <= PROTOBUF_BYTES || wire == PROTOBUF_FIXED32);
}

bool protobuf_next(struct protobuf *p, struct protobuf_field *f, struct err *e)
{
    uint64_t tag;
    bool end;

    if (p->text != NULL)
        return pbtxt_next(p->text, f, e);
    if (p->pending && !pass(p, p->todo, e))
        return false;
    p->pending = false;
    *f = (struct protobuf_field){.at = p->r.offset};
    if (!ended(p, &end, e))
        return false;
    if (end) {
        p->depth -= p->depth > 0;
        return true;
    }
    f->at = p->r.offset;
    if (!varint(p, &tag, e))
        return false;
    if (!tag_ok(tag, f))
        return err_pos(e, ERR_FORMAT, f->at, "field %" PRIu64 " of wire type %u", tag >> 3,
                       (unsigned)(tag & 7));
    return value(p, f, e);
}

/* The last field has a payload that nobody took yet. */
static bool payload(const struct protobuf *p, struct err *e)
{
    return p->pending || err_at(e, ERR_FORMAT, &p->r, "a message or a text was expected");
}

bool protobuf_enter(struct protobuf *p, const struct protobuf_name *names, struct err *e)
{
    if (p->text != NULL)
        return pbtxt_enter(p->text, names, e);
    if (!payload(p, e))
        return false;
    if (p->depth == PROTOBUF_DEPTH)
        return err_at(e, ERR_LIMIT, &p->r,
                      "more than %d messages within each other "
                      "(PROTOBUF_DEPTH)",
                      PROTOBUF_DEPTH);
    p->end[++p->depth] = p->r.offset + p->todo;
    p->pending = false;
    return true;
}

bool protobuf_lend(struct protobuf *p, struct slice *out, struct err *e)
{
    const size_t n = p->todo < PROTOBUF_LEND ? (size_t)p->todo : PROTOBUF_LEND;

    if (p->text != NULL)
        return pbtxt_lend(p->text, out, e);
    if (!payload(p, e))
        return false;
    p->pending = false;
    if (!need(p, n, e) || !reader_bytes(&p->r, n, out))
        return false;
    if (n == p->todo)
        return true;
    memcpy(p->kept, out->data, n);
    *out = (struct slice){p->kept, n};
    return pass(p, p->todo - n, e);
}

bool protobuf_copy(struct protobuf *p, size_t max, struct arena *a, struct slice *out,
                   struct err *e)
{
    uint8_t *to;

    if (p->text != NULL) {
        if (!pbtxt_lend(p->text, out, e))
            return false;
        *out = arena_slice(a, *out);
        return out->len <= max ||
               err_fail(e, ERR_LIMIT, "a value of %zu bytes, at most %zu", out->len, max);
    }
    if (!payload(p, e))
        return false;
    if (p->todo > max)
        return err_at(e, ERR_LIMIT, &p->r, "a value of %" PRIu64 " bytes, at most %zu", p->todo,
                      max);
    to = arena_alloc(a, (size_t)p->todo);
    *out = (struct slice){to, (size_t)p->todo};
    p->pending = false;
    for (size_t done = 0; done < out->len;) {
        const size_t n = out->len - done < FEED_NEED ? out->len - done : FEED_NEED;
        struct slice part;

        if (!need(p, n, e) || !reader_bytes(&p->r, n, &part))
            return false;
        memcpy(to + done, part.data, n);
        done += n;
    }
    return true;
}

bool protobuf_opaque(struct protobuf *p, struct err *e)
{
    if (p->text != NULL)
        return true; /* the next call passes over it */
    if (!payload(p, e))
        return false;
    p->pending = false;
    if (!pass(p, p->todo, e))
        return false;
    p->opaque += p->todo;
    return true;
}

bool protobuf_count(struct protobuf *p, uint64_t *n, struct err *e)
{
    uint64_t rest = p->todo;
    bool open = false;

    *n = 0;
    if (p->text != NULL)
        return true;
    if (!payload(p, e))
        return false;
    p->pending = false;
    p->opaque += rest;
    while (rest > 0) {
        const size_t want = rest < FEED_NEED ? (size_t)rest : FEED_NEED;
        struct slice part;

        if (!need(p, want, e) || !reader_bytes(&p->r, want, &part))
            return false;
        for (size_t i = 0; i < part.len; i++)
            *n += part.data[i] < 0x80;
        open = part.data[part.len - 1] >= 0x80;
        rest -= want;
    }
    return !open || err_at(e, ERR_FORMAT, &p->r, "a packed list ends within a varint");
}

bool protobuf_packed(struct protobuf *p, uint64_t *v, bool *more, struct err *e)
{
    const uint64_t before = p->r.offset;

    *more = p->text == NULL && p->pending && p->todo > 0;
    if (!*more)
        return true;
    if (!varint(p, v, e))
        return false;
    if (p->r.offset - before > p->todo)
        return err_pos(e, ERR_FORMAT, before, "a packed list ends within a varint");
    p->todo -= p->r.offset - before;
    p->pending = p->todo > 0;
    return true;
}

bool protobuf_head(struct reader *r, struct protobuf_field *f)
{
    uint64_t tag;
    uint32_t narrow;

    f->at = r->offset;
    if (!reader_varint(r, &tag) || !tag_ok(tag, f))
        return false;
    switch (f->wire) {
    case PROTOBUF_FIXED64:
        return reader_u64le(r, &f->value);
    case PROTOBUF_FIXED32:
        f->value = 0;
        return reader_u32le(r, &narrow);
    case PROTOBUF_VARINT:
    case PROTOBUF_BYTES:
        break;
    }
    return reader_varint(r, &f->value);
}
