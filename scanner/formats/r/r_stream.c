#include "scanner/formats/r/r_stream.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"

#define WORD 127 /* bytes of a word of text; R's own reader takes no more */
#define ESCAPE 4 /* bytes of the longest escape */

static bool cut(const struct r_stream *s, struct err *e)
{
    return err_at(e, ERR_FORMAT, &s->r, "an object of R is cut short");
}

/* At least `n` bytes in the reader. */
static bool need(struct r_stream *s, size_t n, struct err *e)
{
    if (s->r.left < n && !feed_more(s->feed, &s->r, FEED_NEED, e))
        return false;
    return s->r.left >= n || cut(s, e);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---- text ---- */
static bool skip_blanks(struct r_stream *s, struct err *e)
{
    for (;;) {
        if (!need(s, 1, e))
            return false;
        if (!is_blank(s->r.data[0]))
            return true;
        if (!reader_skip(&s->r, 1))
            return cut(s, e);
    }
}

/* The next word; lent until the next read. */
static bool word(struct r_stream *s, struct slice *out, struct err *e)
{
    size_t n = 0;

    if (!skip_blanks(s, e))
        return false;
    if (s->r.left <= WORD && !feed_more(s->feed, &s->r, FEED_NEED, e))
        return false;
    while (n < s->r.left && n <= WORD && !is_blank(s->r.data[n]))
        n++;
    if (n > WORD)
        return err_at(e, ERR_FORMAT, &s->r, "a word of more than %d bytes", WORD);
    if (n == s->r.left) /* R asks for the blank behind it, too */
        return cut(s, e);
    return reader_bytes(&s->r, n, out) || cut(s, e);
}

static bool word_int(struct r_stream *s, int32_t *out, struct err *e)
{
    struct slice w;
    int64_t v;

    if (!word(s, &w, e))
        return false;
    if (slice_is(w, "NA")) {
        *out = R_NA;
        return true;
    }
    if (!checked_i64(w, &v) || v < INT32_MIN || v > INT32_MAX)
        return err_at(e, ERR_FORMAT, &s->r, "a word that is no number");
    *out = (int32_t)v;
    return true;
}

/* One byte of a string of text, which may be escaped. */
static bool escaped(struct r_stream *s, uint8_t *out, struct err *e)
{
    static const char letters[] = "ntvbrfa", bytes[] = "\n\t\v\b\r\f\a";
    const char *at;
    size_t n = 1;
    unsigned v = 0;

    if (!need(s, 1, e) || (s->r.left < ESCAPE && !feed_more(s->feed, &s->r, FEED_NEED, e)))
        return false;
    *out = s->r.data[0];
    if (*out == '\\') {
        if (s->r.left < 2)
            return cut(s, e);
        *out = s->r.data[1];
        n = 2;
        at = *out != '\0' ? strchr(letters, *out) : NULL;
        if (at != NULL) {
            *out = (uint8_t)bytes[at - letters];
        } else if (*out >= '0' && *out <= '7') {
            for (n = 1; n < ESCAPE && n < s->r.left && s->r.data[n] >= '0' && s->r.data[n] <= '7';
                 n++)
                v = v * 8 + (s->r.data[n] - (unsigned)'0');
            *out = (uint8_t)v;
        }
    }
    return reader_skip(&s->r, n) || cut(s, e);
}

/* ---- all forms ---- */
bool r_stream_int(struct r_stream *s, int32_t *out, struct err *e)
{
    uint32_t v = 0;

    if (s->form == R_ASCII)
        return word_int(s, out, e);
    if (!need(s, sizeof(v), e))
        return false;
    if (!(s->form == R_XDR ? reader_u32be(&s->r, &v) : reader_u32le(&s->r, &v)))
        return cut(s, e);
    *out = (int32_t)v;
    return true;
}

bool r_stream_length(struct r_stream *s, uint64_t *out, struct err *e)
{
    int32_t len, high, low;

    if (!r_stream_int(s, &len, e))
        return false;
    if (len >= 0) {
        *out = (uint64_t)len;
        return true;
    }
    if (len != -1)
        return err_at(e, ERR_FORMAT, &s->r, "a vector of %" PRId32 " items", len);
    if (!r_stream_int(s, &high, e) || !r_stream_int(s, &low, e))
        return false;
    if (high < 0 || high > 65536)
        return err_at(e, ERR_FORMAT, &s->r, "a vector of more than 2^48 items");
    *out = (uint64_t)high << 32 | (uint32_t)low;
    return true;
}

bool r_stream_skip(struct r_stream *s, uint64_t n, unsigned size, struct err *e)
{
    struct slice unused;
    uint64_t bytes;

    if (s->form == R_ASCII) {
        for (uint64_t i = 0; i < n; i++)
            if (!word(s, &unused, e))
                return false;
        return true;
    }
    return (checked_mul(n, size, &bytes) ||
            err_at(e, ERR_FORMAT, &s->r, "a vector of more than 2^64 bytes")) &&
           feed_skip(s->feed, &s->r, bytes, e);
}

bool r_stream_text(struct r_stream *s, uint64_t len, size_t keep, struct slice *out, struct err *e)
{
    const size_t kept = len < keep ? (size_t)len : keep;
    uint8_t *copy = keep > 0 ? arena_alloc(s->a, kept + 1) : NULL;

    if (keep > 0)
        *out = (struct slice){copy, kept};
    if (s->form == R_ASCII) {
        if (len > 0 && !skip_blanks(s, e))
            return false;
        for (uint64_t i = 0; i < len; i++) {
            uint8_t byte;

            if (!escaped(s, &byte, e))
                return false;
            if (i < kept)
                copy[i] = byte;
        }
        return true;
    }
    if (kept > 0) {
        if (!need(s, kept, e))
            return false;
        memcpy(copy, s->r.data, kept);
    }
    return r_stream_skip(s, len, 1, e);
}

bool r_stream_end(struct r_stream *s, struct err *e)
{
    for (;;) {
        if (s->r.left == 0 && !feed_more(s->feed, &s->r, 1, e))
            return false;
        if (s->r.left == 0 || !is_blank(s->r.data[0]))
            return true;
        if (!reader_skip(&s->r, 1))
            return cut(s, e);
    }
}
