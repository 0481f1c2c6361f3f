#include "scanner/formats/gguf_read.h"

#include <inttypes.h>

#include "base/checked.h"

/* bytes before the tensor data: the largest vocabularies take about 30 MB */
#define GGUF_HEADER ((size_t)256 << 20)
/* arrays within arrays: the specification allows them, no model has any */
#define GGUF_DEPTH 8

const uint8_t gguf_read_bytes[GGUF_VALUE_TYPES] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

bool gguf_read_need(struct gguf_read *g, size_t n, const char *what, struct err *e)
{
    if (n > GGUF_HEADER - g->r.offset)
        return err_at(e, ERR_LIMIT, &g->r, "a header of more than 256 MiB (GGUF_HEADER)");
    if (g->r.left < n && !feed_more(g->in->feed, &g->r, n, e))
        return false;
    if (g->r.left < n)
        return err_at(e, ERR_FORMAT, &g->r, "%s is cut short", what);
    return true;
}

bool gguf_read_u32(struct gguf_read *g, const char *what, uint32_t *out, struct err *e)
{
    return gguf_read_need(g, 4, what, e) &&
           (g->big ? reader_u32be(&g->r, out) : reader_u32le(&g->r, out));
}

bool gguf_read_u64(struct gguf_read *g, const char *what, uint64_t *out, struct err *e)
{
    return gguf_read_need(g, 8, what, e) &&
           (g->big ? reader_u64be(&g->r, out) : reader_u64le(&g->r, out));
}

bool gguf_read_type(struct gguf_read *g, uint32_t *out, struct err *e)
{
    if (!gguf_read_u32(g, "a value", out, e))
        return false;
    return *out < GGUF_VALUE_TYPES ||
           err_pos(e, ERR_FORMAT, g->r.offset - 4, "unknown value type %" PRIu32, *out);
}

bool gguf_read_skip(struct gguf_read *g, uint64_t n, uint8_t max, const char *what, struct err *e)
{
    while (n > 0) {
        const size_t want = n < FEED_NEED ? (size_t)n : FEED_NEED;

        if (!gguf_read_need(g, want, what, e))
            return false;
        for (size_t i = 0; max < UINT8_MAX && i < want; i++)
            if (g->r.data[i] > max)
                return err_pos(e, ERR_FORMAT, g->r.offset + i, "%s holds a byte %u, at most %u",
                               what, g->r.data[i], max);
        if (!reader_skip(&g->r, want))
            return false;
        n -= want;
    }
    return true;
}

bool gguf_read_text(struct gguf_read *g, uint64_t n, struct err *e)
{
    while (n > 0) {
        const size_t want = n < FEED_NEED ? (size_t)n : FEED_NEED;
        size_t good = want;

        if (!gguf_read_need(g, want, "a string", e))
            return false;
        /* the last character may go on behind the window */
        if (!slice_utf8((struct slice){g->r.data, want}, &good) && (n == want || want - good > 3))
            return err_pos(e, ERR_FORMAT, g->r.offset + good, "a string is not UTF-8");
        if (!reader_skip(&g->r, good))
            return false;
        n -= good;
    }
    return true;
}

/* Passes over n values that are no arrays. */
static bool skip_values(struct gguf_read *g, const struct gguf_array *a, struct err *e)
{
    uint64_t bytes;

    if (a->type == GGUF_STRING) {
        for (uint64_t i = 0; i < a->n; i++)
            if (!gguf_read_u64(g, "an array of strings", &bytes, e) || !gguf_read_text(g, bytes, e))
                return false;
        return true;
    }
    if (!checked_mul(a->n, gguf_read_bytes[a->type], &bytes))
        return err_at(e, ERR_FORMAT, &g->r, "an array of more than 2^64 bytes");
    if (a->type == GGUF_BOOL)
        return gguf_read_skip(g, bytes, 1, "an array of booleans", e);
    return gguf_read_skip(g, bytes, UINT8_MAX, "an array", e);
}

bool gguf_read_array(struct gguf_read *g, const struct gguf_array *outer, struct err *e)
{
    struct gguf_array level[GGUF_DEPTH] = {*outer};
    size_t depth = 1;

    while (depth > 0) {
        struct gguf_array *top = &level[depth - 1];

        if (top->n == 0) {
            depth--;
        } else if (top->type != GGUF_ARRAY) {
            if (!skip_values(g, top, e))
                return false;
            depth--;
        } else if (depth == GGUF_DEPTH) {
            return err_at(e, ERR_LIMIT, &g->r, "more than %d arrays within each other (GGUF_DEPTH)",
                          GGUF_DEPTH);
        } else {
            top->n--;
            top = &level[depth++];
            if (!gguf_read_type(g, &top->type, e) || !gguf_read_u64(g, "an array", &top->n, e))
                return false;
        }
    }
    return true;
}
