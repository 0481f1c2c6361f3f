#include "scanner/formats/graph/pbtxt.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"

#define MARK "\xef\xbb\xbf" /* of UTF-8. SPEC: google/protobuf/io/tokenizer.cc, Next */

static size_t start(struct slice text)
{
    return slice_starts(text, MARK) ? sizeof(MARK) - 1 : 0;
}

void pbtxt_init(struct pbtxt *t, struct slice text, const struct protobuf_name *names)
{
    memset(t, 0, sizeof(*t));
    t->text = text;
    t->at = start(text);
    t->level[0].names = names;
    buf_init(&t->token, PBTXT_STRING);
}

void pbtxt_release(struct pbtxt *t)
{
    buf_release(&t->token);
}

uint64_t pbtxt_offset(const struct pbtxt *t)
{
    return t->at;
}

static bool fail(const struct pbtxt *t, struct err *e, const char *what)
{
    return err_pos(e, ERR_FORMAT, t->at, "%s", what);
}

static int peek(const struct pbtxt *t)
{
    return t->at < t->text.len ? t->text.data[t->at] : -1;
}

/* SPEC: "Whitespace and Comments" */
static void blanks(struct pbtxt *t)
{
    for (; t->at < t->text.len; t->at++) {
        const uint8_t c = t->text.data[t->at];

        if (c == '#') {
            while (t->at + 1 < t->text.len && t->text.data[t->at] != '\n')
                t->at++;
        } else if (c != ' ' && (c < '\t' || c > '\r')) {
            return;
        }
    }
}

static bool take(struct pbtxt *t, char c)
{
    blanks(t);
    if (peek(t) != c)
        return false;
    t->at++;
    return true;
}

static bool word_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct slice word(struct pbtxt *t)
{
    const size_t from = t->at;

    while (word_byte(peek(t)))
        t->at++;
    return (struct slice){t->text.data + from, t->at - from};
}

/* ---- strings. SPEC: "String Literals" ---- */
static int digit(int c, int base)
{
    int v = 99;

    if (c >= '0' && c <= '9')
        v = c - '0';
    else if (c >= 'a' && c <= 'f')
        v = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
        v = c - 'A' + 10;
    return v < base ? v : -1;
}

/* At most n digits; false when there is none. */
static bool digits(struct pbtxt *t, int base, unsigned n, uint32_t *out)
{
    unsigned got = 0;

    *out = 0;
    for (; got < n && digit(peek(t), base) >= 0; got++, t->at++)
        *out = *out * (uint32_t)base + (uint32_t)digit(peek(t), base);
    return got > 0;
}

static bool put_unicode(struct pbtxt *t, unsigned n, struct err *e)
{
    uint8_t out[4];
    uint32_t cp;

    if (!digits(t, 16, n, &cp) || cp > 0x10ffff)
        return fail(t, e, "an escape is no character");
    buf_put(&t->token, (struct slice){out, slice_utf8_put(out, cp)});
    return true;
}

static bool escape(struct pbtxt *t, struct err *e)
{
    static const char names[] = "abfnrtv\\'\"?", means[] = "\a\b\f\n\r\t\v\\'\"?";
    const int c = peek(t);
    const char *simple = c > 0 ? strchr(names, c) : NULL;
    uint32_t v;

    if (simple != NULL) {
        buf_u8(&t->token, (uint8_t)means[simple - names]);
        t->at++;
        return true;
    }
    if (digit(c, 8) >= 0) {
        (void)digits(t, 8, 3, &v);
        buf_u8(&t->token, (uint8_t)v);
        return true;
    }
    t->at += c >= 0;
    if (c == 'u' || c == 'U')
        return put_unicode(t, c == 'u' ? 4 : 8, e);
    if ((c != 'x' && c != 'X') || !digits(t, 16, 2, &v))
        return fail(t, e, "an escape that is not known");
    buf_u8(&t->token, (uint8_t)v);
    return true;
}

static bool quoted(struct pbtxt *t, struct err *e)
{
    const int quote = peek(t);

    t->at++;
    while (peek(t) != quote) {
        size_t from = t->at;

        if (peek(t) < 0 || peek(t) == '\n')
            return fail(t, e, "a string does not end");
        if (peek(t) == '\\') {
            t->at++;
            if (!escape(t, e))
                return false;
            continue;
        }
        while (peek(t) != quote && peek(t) != '\\' && peek(t) != '\n' && peek(t) >= 0)
            t->at++;
        buf_put(&t->token, (struct slice){t->text.data + from, t->at - from});
    }
    t->at++;
    if (t->token.full)
        return err_pos(e, ERR_LIMIT, t->at, "a string of more than 16 MiB (PBTXT_STRING)");
    return true;
}

/* Strings that stand one behind the other are one. */
static bool strings(struct pbtxt *t, struct protobuf_field *f, struct err *e)
{
    while (peek(t) == '"' || peek(t) == '\'') {
        if (!quoted(t, e))
            return false;
        blanks(t);
    }
    f->wire = PROTOBUF_BYTES;
    f->value = t->token.len;
    t->string = true;
    return true;
}

/* ---- numbers and identifiers. SPEC: "Numeric Literals" ---- */
static bool number(struct slice w, uint64_t *out)
{
    const int base = w.len > 1 && w.data[0] == '0' ? (w.data[1] | 0x20) == 'x' ? 16 : 8 : 10;
    uint64_t v = 0;

    for (size_t i = base == 16 ? 2 : 0; i < w.len; i++) {
        const int d = digit(w.data[i], base);

        if (d < 0 || !checked_mul(v, (uint64_t)base, &v) || !checked_add(v, (uint64_t)d, &v))
            return false;
    }
    *out = v;
    return w.len > 0;
}

/* What follows the digits of a fraction: "5e+10". */
static bool fraction(struct pbtxt *t, struct err *e)
{
    bool any = false;

    for (int last = 0; word_byte(peek(t)) || peek(t) == '.' ||
                       ((peek(t) == '-' || peek(t) == '+') && (last | 0x20) == 'e');
         t->at++) {
        last = peek(t);
        any = any || digit(last, 10) >= 0;
    }
    return any || fail(t, e, "a value is missing");
}

static bool scalar(struct pbtxt *t, struct protobuf_field *f, struct err *e)
{
    const bool minus = take(t, '-');
    struct slice w;
    size_t from;

    blanks(t);
    from = t->at;
    w = word(t);
    if (w.len > 0 && digit(w.data[0], 10) < 0) {
        if (slice_is(w, "true") || slice_is(w, "false")) {
            f->value = w.len == 4;
            return true;
        }
        buf_put(&t->token, w);
        f->wire = minus ? PROTOBUF_FIXED64 : PROTOBUF_BYTES; /* -inf */
        f->value = t->token.len;
        t->string = true;
        return true;
    }
    if (number(w, &f->value) && peek(t) != '.') {
        f->value = minus ? 0 - f->value : f->value;
        return true;
    }
    t->at = from;
    f->wire = PROTOBUF_FIXED64;
    f->value = 0;
    return fraction(t, e);
}

/* ---- fields ---- */
static uint32_t lookup(struct pbtxt *t, struct slice name)
{
    const struct protobuf_name *n = t->level[t->depth].names;

    for (; n != NULL && n->name != NULL; n++)
        if (slice_is(name, n->name))
            return n->number;
    t->unknown++;
    return PROTOBUF_OTHER;
}

static bool field_name(struct pbtxt *t, uint32_t *out, struct err *e)
{
    struct slice w;

    if (peek(t) == '[') { /* an extension, or the type of an Any */
        while (peek(t) >= 0 && peek(t) != ']' && peek(t) != '\n')
            t->at++;
        *out = PROTOBUF_OTHER;
        t->unknown++;
        t->level[t->depth].name = SLICE_LIT("");
        return take(t, ']') || fail(t, e, "a name does not end");
    }
    w = word(t);
    if (w.len == 0 || digit(w.data[0], 10) >= 0)
        return fail(t, e, "a name of a field was expected");
    t->level[t->depth].name = w;
    *out = lookup(t, w);
    return true;
}

static bool read_value(struct pbtxt *t, struct protobuf_field *f, struct err *e)
{
    int c;

    buf_clear(&t->token);
    t->string = false;
    blanks(t);
    c = peek(t);
    f->wire = PROTOBUF_VARINT;
    if (c == '{' || c == '<') {
        f->wire = PROTOBUF_BYTES;
        f->value = 0;
        t->pending = true;
        return true;
    }
    if (c == '"' || c == '\'')
        return strings(t, f, e);
    return scalar(t, f, e);
}

static bool opens(struct pbtxt *t)
{
    blanks(t);
    return peek(t) == '{' || peek(t) == '<' || peek(t) == '[';
}

/* The next value of a list, or the end of it. */
static bool in_list(struct pbtxt *t, struct protobuf_field *f, bool *got, struct err *e)
{
    struct pbtxt_level *l = &t->level[t->depth];

    *got = false;
    (void)take(t, ',');
    if (take(t, ']')) {
        l->list = false;
        return true;
    }
    *got = true;
    f->number = l->number;
    return read_value(t, f, e);
}

static bool pass_message(struct pbtxt *t, struct err *e);

bool pbtxt_next(struct pbtxt *t, struct protobuf_field *f, struct err *e)
{
    struct pbtxt_level *l = &t->level[t->depth];
    bool got = false;

    if (t->pending && !pass_message(t, e))
        return false;
    *f = (struct protobuf_field){.at = t->at};
    if (l->list && !in_list(t, f, &got, e))
        return false;
    if (got)
        return true;
    while (take(t, ',') || take(t, ';'))
        ;
    blanks(t);
    f->at = t->at;
    if (l->close != '\0' ? take(t, l->close) : t->at == t->text.len) {
        t->depth -= t->depth > 0;
        return true;
    }
    if (!field_name(t, &f->number, e))
        return false;
    if (!take(t, ':') && !opens(t))
        return fail(t, e, "a colon or a message was expected");
    if (!take(t, '['))
        return read_value(t, f, e);
    l->list = true;
    l->number = f->number;
    if (!in_list(t, f, &got, e))
        return false;
    if (!got) { /* an empty list: a field without a value */
        f->wire = PROTOBUF_BYTES;
        f->number = PROTOBUF_OTHER;
        t->string = true;
    }
    return true;
}

bool pbtxt_enter(struct pbtxt *t, const struct protobuf_name *names, struct err *e)
{
    if (!t->pending)
        return fail(t, e, "a message was expected");
    if (t->depth == PROTOBUF_DEPTH)
        return err_pos(e, ERR_LIMIT, t->at,
                       "more than %d messages within each other (PROTOBUF_DEPTH)", PROTOBUF_DEPTH);
    t->pending = false;
    t->level[++t->depth] =
        (struct pbtxt_level){.names = names, .close = peek(t) == '{' ? '}' : '>'};
    t->at++;
    return true;
}

bool pbtxt_lend(struct pbtxt *t, struct slice *out, struct err *e)
{
    if (!t->string)
        return fail(t, e, "a string was expected");
    *out = buf_slice(&t->token);
    return true;
}

/* Walks through a message that nobody entered. */
static bool pass_message(struct pbtxt *t, struct err *e)
{
    const unsigned depth = t->depth;
    const uint64_t unknown = t->unknown;
    struct protobuf_field f;

    if (!pbtxt_enter(t, NULL, e))
        return false;
    while (t->depth > depth) {
        if (t->pending && !pbtxt_enter(t, NULL, e))
            return false;
        if (!pbtxt_next(t, &f, e)) /* goes no deeper: nothing is pending */
            return false;
    }
    t->unknown = unknown;
    return true;
}

bool pbtxt_clean(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.data[i];

        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return false;
    }
    return true;
}

bool pbtxt_plausible(struct slice head, struct slice *first)
{
    struct pbtxt t = {.text = head, .at = start(head)};

    blanks(&t);
    *first = word(&t);
    if (first->len == 0 || digit(first->data[0], 10) >= 0)
        return false;
    return opens(&t) || peek(&t) == ':';
}

bool pbtxt_goes_on(struct slice head, size_t room)
{
    struct pbtxt t = {.text = head, .at = start(head)};

    blanks(&t);
    (void)word(&t);
    blanks(&t);
    return head.len >= room && t.at == head.len;
}
