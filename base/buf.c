/* A growing byte buffer that never passes its cap. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP ((size_t)256)

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_init_drain(struct buf *b, size_t max, buf_drain_fn *drain, void *ctx)
{
    *b = (struct buf){.max = max, .drain = drain, .ctx = ctx};
}

void buf_release(struct buf *b)
{
    free(b->data);
    *b = (struct buf){.max = b->max, .drain = b->drain, .ctx = b->ctx};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->full = false;
}

void buf_flush(struct buf *b)
{
    if (b->drain == NULL || b->len == 0 || b->full)
        return;
    if (!b->drain(b->ctx, buf_slice(b)))
        b->full = true;
    b->drained += b->len;
    b->len = 0;
}

/* Room for n more bytes, or `full` for good. */
static bool room(struct buf *b, size_t n)
{
    size_t cap;
    uint8_t *grown;

    if (b->full || n > b->max - b->drained - b->len) {
        b->full = true;
        return false;
    }
    if (b->drain != NULL && n > BUF_KEPT - (b->len < BUF_KEPT ? b->len : BUF_KEPT)) {
        buf_flush(b);
        if (b->full)
            return false;
    }
    if (n <= b->cap - b->len)
        return true;
    cap = b->cap > b->max / 2 ? b->max : b->cap * 2;
    if (cap < b->len + n)
        cap = b->len + n;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP < b->max ? FIRST_CAP : b->max;
    grown = realloc(b->data, cap);
    if (grown == NULL)
        abort();
    b->data = grown;
    b->cap = cap;
    return true;
}

void buf_put(struct buf *b, struct slice s)
{
    if (s.len == 0 || !room(b, s.len))
        return;
    memcpy(b->data + b->len, s.data, s.len);
    b->len += s.len;
}

void buf_str(struct buf *b, const char *s)
{
    buf_put(b, slice_str(s));
}

void buf_u8(struct buf *b, uint8_t v)
{
    if (!room(b, 1))
        return;
    b->data[b->len++] = v;
}

static void put_le(struct buf *b, uint64_t v, size_t bytes)
{
    uint8_t out[8];

    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(v >> (8 * i));
    buf_put(b, (struct slice){out, bytes});
}

void buf_u32le(struct buf *b, uint32_t v)
{
    put_le(b, v, 4);
}

void buf_u64le(struct buf *b, uint64_t v)
{
    put_le(b, v, 8);
}

void buf_varint(struct buf *b, uint64_t v)
{
    uint8_t out[10];
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    buf_put(b, (struct slice){out, n});
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    char local[256];
    char *large = NULL;
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(local, sizeof(local), fmt, ap);
    if (n >= (int)sizeof(local)) {
        large = malloc((size_t)n + 1);
        if (large == NULL)
            abort();
        vsnprintf(large, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    if (n < 0)
        abort();
    buf_put(b, (struct slice){(const uint8_t *)(large != NULL ? large : local), (size_t)n});
    free(large);
}

void buf_count(struct buf *b, size_t n, const char *thing)
{
    buf_printf(b, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

bool buf_finish(const struct buf *b, struct err *e)
{
    if (b->full)
        return err_fail(e, ERR_LIMIT, "the output is larger than its cap of %zu bytes", b->max);
    return true;
}

struct slice buf_slice(const struct buf *b)
{
    return (struct slice){b->data, b->len};
}
