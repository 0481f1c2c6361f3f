#include "policies/iam/text/iam_glob.h"

#include <string.h>

uint8_t iam_glob_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool iam_glob_same(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.data[i] != b.data[i] && iam_glob_lower(a.data[i]) != iam_glob_lower(b.data[i]))
            return false;
    return true;
}

static bool same_byte(uint8_t a, uint8_t b, bool ignore_case)
{
    return a == b || (ignore_case && iam_glob_lower(a) == iam_glob_lower(b));
}

/* Bytes of the character at `i`; a stray continuation byte is a character of its own. */
static size_t character(struct slice text, size_t i)
{
    size_t n = 1;

    if (text.data[i] < 0xc0)
        return 1;
    while (n < 4 && i + n < text.len && (text.data[i + n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* One element of a pattern. */
enum kind { END, STAR, ONE, CHAR };

struct element {
    enum kind kind;
    struct slice bytes; /* of a CHAR */
    size_t len;         /* bytes of the pattern */
};

static struct element at(struct slice p, size_t i)
{
    size_t n;

    if (i >= p.len)
        return (struct element){END, {NULL, 0}, 0};
    if (p.data[i] == '*')
        return (struct element){STAR, {NULL, 0}, 1};
    if (p.data[i] == '?')
        return (struct element){ONE, {NULL, 0}, 1};
    if (p.data[i] == '\\' && i + 1 < p.len) {
        n = character(p, i + 1);
        return (struct element){CHAR, {p.data + i + 1, n}, n + 1};
    }
    n = character(p, i);
    return (struct element){CHAR, {p.data + i, n}, n};
}

/* Byte by byte: literal letters of UTF-8 need no other care, only wildcards count letters. */
bool iam_glob_match(struct slice pattern, struct slice text, bool ignore_case)
{
    size_t i = 0, t = 0, star = SIZE_MAX, resume = 0;

    for (;;) {
        const uint8_t p = i < pattern.len ? pattern.data[i] : 0;
        const size_t escape = p == '\\' && i + 1 < pattern.len;

        if (i == pattern.len && t == text.len)
            return true;
        if (p == '*') {
            star = ++i;
            resume = t;
            continue;
        }
        if (p == '?' && t < text.len) {
            t += character(text, t);
            i++;
            continue;
        }
        if (i < pattern.len && t < text.len &&
            same_byte(pattern.data[i + escape], text.data[t], ignore_case)) {
            t++;
            i += escape + 1;
            continue;
        }
        if (star == SIZE_MAX || resume >= text.len)
            return false;
        resume += character(text, resume);
        t = resume;
        i = star;
    }
}

static bool wildcard(uint8_t c)
{
    return c == '*' || c == '?' || c == '\\';
}

static bool special(uint8_t c)
{
    return wildcard(c) || c == ':';
}

/* Elements as numbers: wildcards, or the bytes of a character. */
#define CODE_STAR UINT32_MAX
#define CODE_ONE (UINT32_MAX - 1)

struct codes {
    uint32_t items[IAM_GLOB_BYTES];
    size_t from, to; /* those that are left */
};

static void encode(struct slice p, struct codes *out)
{
    out->from = out->to = 0;
    for (size_t i = 0; i < p.len;) {
        const struct element e = at(p, i);
        uint32_t code = e.kind == STAR ? CODE_STAR : CODE_ONE;

        for (size_t k = 0; k < e.bytes.len; k++)
            code = (k == 0 ? 0 : code << 8) | e.bytes.data[k];
        out->items[out->to++] = code;
        i += e.len;
    }
}

static bool plain(uint32_t code)
{
    return code < CODE_ONE;
}

/* Takes away characters in which both begin and end; false: they begin or end with others. */
static bool strip(struct codes *a, struct codes *b)
{
    while (a->from < a->to && b->from < b->to && plain(a->items[a->from]) &&
           plain(b->items[b->from]))
        if (a->items[a->from++] != b->items[b->from++])
            return false;
    while (a->from < a->to && b->from < b->to && plain(a->items[a->to - 1]) &&
           plain(b->items[b->to - 1]))
        if (a->items[--a->to] != b->items[--b->to])
            return false;
    return true;
}

static bool is_star(const struct codes *c)
{
    return c->to == c->from + 1 && c->items[c->from] == CODE_STAR;
}

static bool common(uint32_t x, uint32_t y)
{
    return x == y || x == CODE_ONE || y == CODE_ONE;
}

/* May the elements that are left stand for the same text? Row by row: row[j] says that what is
 * before in `a` may be what is before place j in `b`. */
static bool overlap(const struct codes *a, const struct codes *b)
{
    const uint32_t *y = b->items + b->from;
    const size_t n = b->to - b->from;
    bool row[IAM_GLOB_BYTES + 1] = {true}, next[IAM_GLOB_BYTES + 1];

    for (size_t i = a->from;; i++) {
        const uint32_t x = i < a->to ? a->items[i] : 0;
        const bool star = i < a->to && x == CODE_STAR;

        for (size_t j = 0; j < n;
             j++) /* a star may be empty; that of `a` takes an element of `b` */
            row[j + 1] = row[j + 1] || (row[j] && (star || y[j] == CODE_STAR));
        if (i >= a->to)
            return row[n];
        if (star)
            continue;
        next[0] = false;
        for (size_t j = 0; j < n; j++) {
            next[j] = (j > 0 && next[j]) || (row[j] && y[j] == CODE_STAR);
            next[j + 1] = row[j] && y[j] != CODE_STAR && common(x, y[j]);
        }
        memcpy(row, next, (n + 1) * sizeof(*row));
    }
}

static bool inside_character(struct slice s, size_t i)
{
    return i < s.len && (s.data[i] & 0xc0) == 0x80;
}

/* Bytes in which both begin, up to a wildcard or an escape; false: they begin with others. */
static bool alike(struct slice a, struct slice b, size_t *n)
{
    size_t i = 0;

    for (; i < a.len && i < b.len && !wildcard(a.data[i]) && !wildcard(b.data[i]); i++)
        if (a.data[i] != b.data[i])
            return false;
    while (i > 0 && (inside_character(a, i) || inside_character(b, i)))
        i--;
    *n = i;
    return true;
}

bool iam_glob_overlap(struct slice a, struct slice b)
{
    struct codes x, y;
    size_t n;

    if (!alike(a, b, &n))
        return false;
    a = slice_from(a, n);
    b = slice_from(b, n);
    if (a.len > IAM_GLOB_BYTES || b.len > IAM_GLOB_BYTES)
        return true;
    encode(a, &x);
    encode(b, &y);
    if (!strip(&x, &y))
        return false;
    return is_star(&x) || is_star(&y) || overlap(&x, &y);
}

/* As iam_glob_match with the elements of `b` for characters: its star is taken by stars alone. */
bool iam_glob_covers(struct slice a, struct slice b)
{
    size_t i = 0, t = 0, star = SIZE_MAX, resume = 0;

    for (;;) {
        const struct element x = at(a, i), y = at(b, t);

        if (x.kind == STAR) {
            star = i += x.len;
            resume = t;
            continue;
        }
        if (x.kind == END && y.kind == END)
            return true;
        if ((x.kind == ONE && (y.kind == ONE || y.kind == CHAR)) ||
            (x.kind == CHAR && y.kind == CHAR && slice_eq(x.bytes, y.bytes))) {
            i += x.len;
            t += y.len;
            continue;
        }
        if (star == SIZE_MAX || at(b, resume).kind == END)
            return false;
        resume += at(b, resume).len;
        t = resume;
        i = star;
    }
}

bool iam_glob_wild(struct slice pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '*' || pattern.data[i] == '?')
            return true;
        if (pattern.data[i] == '\\')
            i++;
    }
    return false;
}

bool iam_glob_any(struct slice pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.data[i] != '*')
            return false;
    return pattern.len > 0;
}

static bool backslash(uint8_t c)
{
    return c == '\\';
}

static struct slice escape(struct slice text, bool (*which)(uint8_t), struct arena *a)
{
    size_t n = 0;
    uint8_t *out;

    for (size_t i = 0; i < text.len; i++)
        n += which(text.data[i]);
    if (n == 0)
        return text;
    out = arena_alloc(a, text.len + n);
    n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (which(text.data[i]))
            out[n++] = '\\';
        out[n++] = text.data[i];
    }
    return (struct slice){out, n};
}

struct slice iam_glob_literal(struct slice text, struct arena *a)
{
    return escape(text, special, a);
}

struct slice iam_glob_pattern(struct slice text, struct arena *a)
{
    if (text.len == 0 || memchr(text.data, '\\', text.len) == NULL)
        return text;
    return escape(text, backslash, a);
}

struct slice iam_glob_text(struct slice pattern, struct arena *a)
{
    uint8_t *out;
    size_t n = 0;

    if (pattern.len == 0 || memchr(pattern.data, '\\', pattern.len) == NULL)
        return pattern;
    out = arena_alloc(a, pattern.len);
    for (size_t i = 0; i < pattern.len;) {
        const struct element e = at(pattern, i);
        const struct slice plain = e.kind == CHAR ? e.bytes : (struct slice){pattern.data + i, 1};

        memcpy(out + n, plain.data, plain.len);
        n += plain.len;
        i += e.len;
    }
    return (struct slice){out, n};
}
