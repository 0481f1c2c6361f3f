#include "scanner/formats/settings_pbtxt.h"

#include <string.h>

#include "base/buf.h"

#define DEPTH 32 /* levels: configurations of Triton have five */

struct text {
    struct slice s;
    size_t at;
    struct arena *arena;
    size_t depth;
};

static uint8_t peek(const struct text *t)
{
    return t->at < t->s.len ? t->s.data[t->at] : 0;
}

/* Blanks, comments, and what may stand between fields. */
static uint8_t skip(struct text *t, const char *between)
{
    while (t->at < t->s.len) {
        const uint8_t c = t->s.data[t->at];

        if (c == '#')
            while (t->at < t->s.len && t->s.data[t->at] != '\n')
                t->at++;
        else if (c <= ' ' || strchr(between, c) != NULL)
            t->at++;
        else
            break;
    }
    return peek(t);
}

static bool in_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '.' || c == '-' || c == '+';
}

/* A name or a number; in brackets an extension. */
static bool word(struct text *t, struct slice *out, struct err *e)
{
    const size_t from = t->at;

    while (in_word(peek(t)))
        t->at++;
    *out = (struct slice){t->s.data + from, t->at - from};
    return out->len > 0 || err_pos(e, ERR_FORMAT, from, "no name or number stands here");
}

static uint8_t digits(struct text *t, unsigned base, size_t most)
{
    unsigned n = 0;

    for (size_t i = 0; i < most; i++, t->at++) {
        const uint8_t c = peek(t), d = (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

        if (c < '0' || d >= base)
            break;
        n = n * base + d;
    }
    return (uint8_t)n;
}

static void escape(struct text *t, struct buf *b)
{
    static const char names[] = "abfnrtv", means[] = "\a\b\f\n\r\t\v";
    const uint8_t c = peek(t);
    const char *known = c != 0 ? strchr(names, c) : NULL;

    if (c >= '0' && c <= '7') {
        buf_u8(b, digits(t, 8, 3));
        return;
    }
    t->at += t->at < t->s.len;
    if (c == 'x' || c == 'X')
        buf_u8(b, digits(t, 16, 2));
    else
        buf_u8(b, known != NULL ? (uint8_t)means[known - names] : c);
}

/* Strings that stand one behind the other are one. */
static bool string(struct text *t, const struct value **out, struct err *e)
{
    const size_t from = t->at;
    struct buf b;
    bool ok = true;

    buf_init(&b, t->s.len + 1);
    while (ok && (peek(t) == '"' || peek(t) == '\'')) {
        const uint8_t quote = peek(t);

        for (t->at++; t->at < t->s.len && peek(t) != quote && peek(t) != '\n';) {
            const uint8_t c = t->s.data[t->at++];

            if (c == '\\')
                escape(t, &b);
            else
                buf_u8(&b, c);
        }
        ok = peek(t) == quote;
        t->at += ok;
        (void)skip(t, "");
    }
    *out = value_bytes(t->arena, buf_slice(&b), NULL);
    buf_release(&b);
    return ok || err_pos(e, ERR_FORMAT, from, "a string without an end");
}

static bool message(struct text *t, uint8_t close, const struct value **out, struct err *e);

static bool scalar_or_message(struct text *t, const struct value **out, struct err *e)
{
    const uint8_t c = peek(t);
    struct slice s;

    if (c == '{' || c == '<') {
        t->at++;
        return message(t, c == '{' ? '}' : '>', out, e);
    }
    if (c == '"' || c == '\'')
        return string(t, out, e);
    if (!word(t, &s, e))
        return false;
    *out = value_bytes(t->arena, s, NULL);
    return true;
}

/* A value, or several in brackets. */
static bool value(struct text *t, const struct value **out, struct err *e)
{
    struct value_builder list;

    if (peek(t) != '[')
        return scalar_or_message(t, out, e);
    t->at++;
    value_list_begin(&list, t->arena);
    while (skip(t, ",") != ']') {
        const struct value *v;

        if (!scalar_or_message(t, &v, e))
            return false;
        value_list_add(&list, v);
    }
    t->at++;
    *out = value_list_end(&list, NULL);
    return true;
}

static bool field(struct text *t, struct value_builder *list, struct err *e)
{
    struct value_builder b;
    const struct value *v;
    struct slice name;

    if (!word(t, &name, e))
        return false;
    (void)skip(t, ":");
    if (!value(t, &v, e))
        return false;
    value_map_begin(&b, t->arena);
    value_map_put(&b, name, v);
    value_list_add(list, value_map_end(&b, NULL));
    return true;
}

static bool message(struct text *t, uint8_t close, const struct value **out, struct err *e)
{
    struct value_builder list;

    if (t->depth == DEPTH)
        return err_pos(e, ERR_LIMIT, t->at, "more than %d levels", DEPTH);
    t->depth++;
    value_list_begin(&list, t->arena);
    while (skip(t, ",;") != close || (close == 0 && t->at < t->s.len)) {
        if (t->at == t->s.len)
            return err_pos(e, ERR_FORMAT, t->at, "a message without an end");
        if (!field(t, &list, e))
            return false;
    }
    t->at += close != 0;
    t->depth--;
    *out = value_list_end(&list, NULL);
    return true;
}

bool settings_pbtxt_read(struct slice text, struct arena *a, const struct value **out,
                         struct err *e)
{
    struct text t = {.s = text, .arena = a};

    return message(&t, 0, out, e);
}
