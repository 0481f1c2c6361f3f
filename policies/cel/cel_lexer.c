#include "policies/cel/cel_lexer.h"

#include <string.h>

#include "policies/cel/cel_text.h"

static int peek(const struct cel_lexer *l, size_t ahead)
{
    return ahead < l->text.len - l->pos ? l->text.data[l->pos + ahead] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_blanks(struct cel_lexer *l)
{
    for (;; l->pos++) {
        const int c = peek(l, 0);

        if (c == '/' && peek(l, 1) == '/') {
            while (peek(l, 0) != '\n' && peek(l, 0) != -1)
                l->pos++;
        } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            return;
        }
        if (peek(l, 0) == -1)
            return;
    }
}

/* Ends the token behind `len` more bytes. */
static void take(struct cel_lexer *l, struct cel_token *t, enum cel_token_kind kind, size_t len)
{
    t->kind = kind;
    t->at = (uint32_t)l->pos;
    t->end = (uint32_t)(l->pos + len);
    t->text = (struct slice){l->text.data + l->pos, len};
    l->pos += len;
}

static size_t digits(const struct cel_lexer *l, size_t n)
{
    while (is_digit(peek(l, n)))
        n++;
    return n;
}

/* The exponent at `n`, if one is there. */
static size_t exponent(const struct cel_lexer *l, size_t n)
{
    size_t sign;

    if (peek(l, n) != 'e' && peek(l, n) != 'E')
        return n;
    sign = peek(l, n + 1) == '+' || peek(l, n + 1) == '-';
    return is_digit(peek(l, n + 1 + sign)) ? digits(l, n + 1 + sign) : n;
}

static bool number(struct cel_lexer *l, struct cel_token *t, struct err *e)
{
    enum cel_token_kind kind = CEL_TOKEN_INT;
    size_t n = digits(l, 0), before;

    if (n == 1 && peek(l, 0) == '0' && (peek(l, 1) == 'x' || peek(l, 1) == 'X')) {
        for (n = 2; is_hex(peek(l, n));)
            n++;
        if (n == 2)
            return err_pos(e, ERR_USAGE, l->pos, "0x without a hexadecimal digit");
    } else {
        before = n;
        if (peek(l, n) == '.' && is_digit(peek(l, n + 1)))
            n = digits(l, n + 1);
        n = exponent(l, n);
        if (n != before)
            kind = CEL_TOKEN_DOUBLE;
    }
    if (kind == CEL_TOKEN_INT && (peek(l, n) == 'u' || peek(l, n) == 'U')) {
        take(l, t, CEL_TOKEN_UINT, n + 1);
        t->text.len--;
    } else {
        take(l, t, kind, n);
    }
    if (is_letter(peek(l, 0)) || is_digit(peek(l, 0)))
        return err_pos(e, ERR_USAGE, l->pos, "a number runs into '%c'", (char)peek(l, 0));
    return true;
}

/* Letters in front of a quote: r, b, rb, br in either case. Gives their count, or SIZE_MAX when
 * no literal starts here. */
static size_t literal_prefix(const struct cel_lexer *l)
{
    bool raw = false, bytes = false;

    for (size_t n = 0; n < 3; n++) {
        const int c = peek(l, n);

        if (c == '"' || c == '\'')
            return n;
        if ((c == 'r' || c == 'R') && !raw)
            raw = true;
        else if ((c == 'b' || c == 'B') && !bytes)
            bytes = true;
        else
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

static bool literal(struct cel_lexer *l, struct cel_token *t, size_t prefix, struct err *e)
{
    const int quote = peek(l, prefix);
    const bool triple = peek(l, prefix + 1) == quote && peek(l, prefix + 2) == quote;
    bool raw = false, bytes = false;
    size_t n = prefix + (triple ? 3 : 1);

    for (size_t i = 0; i < prefix; i++) {
        raw = raw || (peek(l, i) | 0x20) == 'r';
        bytes = bytes || (peek(l, i) | 0x20) == 'b';
    }
    for (;; n++) {
        const int c = peek(l, n);

        if (c == -1 || (!triple && (c == '\n' || c == '\r')))
            return err_pos(e, ERR_USAGE, l->pos, "the string is not closed");
        if (c == '\\' && !raw && peek(l, n + 1) != -1)
            n++;
        else if (c == quote && (!triple || (peek(l, n + 1) == quote && peek(l, n + 2) == quote)))
            break;
    }
    take(l, t, bytes ? CEL_TOKEN_BYTES : CEL_TOKEN_STRING, n + (triple ? 3 : 1));
    return true;
}

/* SPEC: langdef, quoted selectors: letters, digits and _ . - / and blank. We allow what has no
 * backtick and no control. */
static bool quoted(struct cel_lexer *l, struct cel_token *t, struct err *e)
{
    size_t n = 1;

    while (peek(l, n) != '`' && peek(l, n) >= 0x20)
        n++;
    if (peek(l, n) != '`')
        return err_pos(e, ERR_USAGE, l->pos, "the quoted name is not closed");
    if (n == 1)
        return err_pos(e, ERR_USAGE, l->pos, "the quoted name is empty");
    take(l, t, CEL_TOKEN_QUOTED, n + 1);
    t->text = (struct slice){t->text.data + 1, n - 1};
    return true;
}

static bool punct(struct cel_lexer *l, struct cel_token *t, struct err *e)
{
    static const char *const two[] = {"&&", "||", "==", "!=", "<=", ">="};
    const int c = peek(l, 0), next = peek(l, 1);

    for (size_t i = 0; i < ARRAY_LEN(two); i++) {
        if (c == two[i][0] && next == two[i][1]) {
            take(l, t, CEL_TOKEN_PUNCT, 2);
            return true;
        }
    }
    if (c > 0 && strchr("()[]{}.,:?+-*/%!<>", c) != NULL) {
        take(l, t, CEL_TOKEN_PUNCT, 1);
        return true;
    }
    if (c == '=' || c == '&' || c == '|')
        return err_pos(e, ERR_USAGE, l->pos, "'%c' is no operator; '%c%c' is", c, c, c);
    if (c > 0x20 && c < 0x7f)
        return err_pos(e, ERR_USAGE, l->pos, "'%c' is no part of the language", c);
    return err_pos(e, ERR_USAGE, l->pos, "the byte 0x%02x is no part of the language here",
                   (unsigned)c);
}

bool cel_lexer_next(struct cel_lexer *l, struct cel_token *t, struct err *e)
{
    size_t n = 0;

    skip_blanks(l);
    if (peek(l, 0) == -1) {
        take(l, t, CEL_TOKEN_END, 0);
        return true;
    }
    if (is_digit(peek(l, 0)) || (peek(l, 0) == '.' && is_digit(peek(l, 1))))
        return number(l, t, e);
    n = literal_prefix(l);
    if (n != SIZE_MAX)
        return literal(l, t, n, e);
    if (peek(l, 0) == '`')
        return quoted(l, t, e);
    if (!is_letter(peek(l, 0)))
        return punct(l, t, e);
    for (n = 1; is_letter(peek(l, n)) || is_digit(peek(l, n));)
        n++;
    take(l, t, CEL_TOKEN_IDENT, n);
    return true;
}

/* ---- escapes ---- */
struct unescape {
    struct slice in;
    size_t pos;
    uint32_t base; /* offset of in.data in the source */
    bool bytes;
    uint8_t *out;
    size_t n;
};

static int simple_escape(int c)
{
    static const char from[] = "abfnrtv\\?\"'`";
    static const char to[] = "\a\b\f\n\r\t\v\\?\"'`";
    const char *at = c > 0 ? strchr(from, c) : NULL;

    return at != NULL ? to[at - from] : -1;
}

/* Reads `n` digits of `base` at u->pos; false when there are fewer. */
static bool escape_digits(struct unescape *u, size_t n, unsigned base, uint32_t *out)
{
    uint32_t v = 0;

    if (n > u->in.len - u->pos)
        return false;
    for (size_t i = 0; i < n; i++) {
        const int c = u->in.data[u->pos + i];
        uint32_t d;

        if (!is_hex(c))
            return false;
        d = (uint32_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        if (d >= base)
            return false;
        v = v * base + d;
    }
    u->pos += n;
    *out = v;
    return true;
}

static bool numeric_escape(struct unescape *u, int c, uint32_t *cp)
{
    if (c == 'x' || c == 'X')
        return escape_digits(u, 2, 16, cp);
    if (c == 'u' && !u->bytes)
        return escape_digits(u, 4, 16, cp);
    if (c == 'U' && !u->bytes)
        return escape_digits(u, 8, 16, cp);
    if (c < '0' || c > '3')
        return false;
    u->pos--;
    return escape_digits(u, 3, 8, cp);
}

/* One escape; u->pos stands behind the backslash. */
static bool unescape_one(struct unescape *u, struct err *e)
{
    const size_t start = u->pos - 1;
    const int c = u->pos < u->in.len ? u->in.data[u->pos++] : -1;
    const int plain = simple_escape(c);
    uint32_t cp = 0;

    if (plain >= 0) {
        u->out[u->n++] = (uint8_t)plain;
        return true;
    }
    if (!numeric_escape(u, c, &cp))
        return err_pos(e, ERR_USAGE, u->base + start,
                       "this is no escape of a %s: allowed are %s and \\ ? \" ' ` a b f n r t v",
                       u->bytes ? "bytes literal" : "string",
                       u->bytes ? "\\xHH, \\OOO" : "\\xHH, \\OOO, \\uHHHH, \\UHHHHHHHH");
    if (u->bytes) {
        u->out[u->n++] = (uint8_t)cp;
        return true;
    }
    if (!cel_text_valid(cp))
        return err_pos(e, ERR_USAGE, u->base + start, "the escape names no Unicode character");
    u->n += slice_utf8_put(u->out + u->n, cp);
    return true;
}

bool cel_lexer_string(const struct cel_token *t, struct arena *a, struct slice *out, struct err *e)
{
    struct unescape u = {.bytes = t->kind == CEL_TOKEN_BYTES};
    size_t quotes = 1, skip = 0;
    bool raw = false;

    for (; t->text.data[skip] != '"' && t->text.data[skip] != '\''; skip++)
        raw = raw || (t->text.data[skip] | 0x20) == 'r';
    if (t->text.len - skip >= 6 && t->text.data[skip + 1] == t->text.data[skip] &&
        t->text.data[skip + 2] == t->text.data[skip])
        quotes = 3;
    u.base = t->at + (uint32_t)(skip + quotes);
    u.in = (struct slice){t->text.data + skip + quotes, t->text.len - skip - 2 * quotes};
    u.out = arena_alloc(a, u.in.len + 1); /* an escape is never shorter than what it stands for */
    while (u.pos < u.in.len) {
        const uint8_t c = u.in.data[u.pos++];

        if (c != '\\' || raw)
            u.out[u.n++] = c;
        else if (!unescape_one(&u, e))
            return false;
    }
    *out = (struct slice){u.out, u.n};
    return true;
}
