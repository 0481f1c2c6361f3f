#include "scanner/formats/jinja/jinja_lex.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/jinja/jinja_text.h"

struct lex {
    struct slice text;
    size_t at;
    uint32_t line;
    size_t counted; /* bytes that `line` knows */
    struct arena *arena;
    struct jinja_tokens *out;
    struct err *e;
};

static int byte(const struct lex *l, size_t ahead)
{
    return ahead < l->text.len - l->at ? l->text.data[l->at + ahead] : -1;
}

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static struct jinja_token *push(struct lex *l, enum jinja_kind kind)
{
    struct jinja_token *t = ARENA_PUSH(l->arena, &l->out->at, &l->out->n);

    for (; l->counted < l->at; l->counted++)
        l->line += l->text.data[l->counted] == '\n';
    t->kind = kind;
    t->line = l->line;
    t->offset = (uint32_t)l->at;
    return t;
}

static bool fault(struct lex *l, const char *what)
{
    const struct jinja_token *t = push(l, JINJA_EOF);

    err_set(l->e, ERR_FORMAT, t->offset, "%s", what);
    l->e->line = t->line;
    return false;
}

/* ---- inside of a tag ---- */
static void number(struct lex *l)
{
    struct jinja_token *t = push(l, JINJA_INT);
    const bool dotted = l->at > 0 && l->text.data[l->at - 1] == '.';
    const int mark = byte(l, 1) | 0x20;
    int64_t base = 10;

    if (byte(l, 0) == '0' && (mark == 'x' || mark == 'o' || mark == 'b')) {
        base = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
        l->at += 2;
    }
    for (;; l->at++) {
        const int c = byte(l, 0);
        const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

        if (c == '_' && is_word(byte(l, 1)))
            continue;
        if (c < 0 || digit < 0 || digit >= base || (!is_digit(c) && base != 16))
            break;
        if (__builtin_mul_overflow(t->number, base, &t->number) ||
            __builtin_add_overflow(t->number, digit, &t->number))
            t->number = INT64_MAX;
    }
    if (base != 10 || dotted)
        return;
    if (byte(l, 0) == '.' && is_digit(byte(l, 1))) {
        t->kind = JINJA_FLOAT;
        for (l->at++; is_digit(byte(l, 0)) || byte(l, 0) == '_';)
            l->at++;
    }
    if ((byte(l, 0) | 0x20) == 'e' &&
        (is_digit(byte(l, 1)) ||
         ((byte(l, 1) == '-' || byte(l, 1) == '+') && is_digit(byte(l, 2))))) {
        t->kind = JINJA_FLOAT;
        for (l->at += 2; is_digit(byte(l, 0)) || byte(l, 0) == '_';)
            l->at++;
    }
}

static bool string(struct lex *l)
{
    const int quote = byte(l, 0);
    struct jinja_token *t;
    size_t n = 1;

    while (byte(l, n) >= 0 && byte(l, n) != quote)
        n += byte(l, n) == '\\' ? 2 : 1;
    if (byte(l, n) < 0)
        return fault(l, "a string without its end");
    t = push(l, JINJA_STRING);
    if (!jinja_text_unescape((struct slice){l->text.data + l->at + 1, n - 1}, l->arena, &t->text,
                             &t->lossy)) {
        t->kind = JINJA_EOF;
        err_set(l->e, ERR_FORMAT, t->offset, "a string with a broken escape");
        l->e->line = t->line;
        return false;
    }
    l->at += n + 1;
    return true;
}

static bool operator(struct lex *l)
{
    static const char *const two[] = {"//", "**", "==", "!=", ">=", "<="};
    struct jinja_token *t;
    const int c = byte(l, 0), next = byte(l, 1);

    if (strchr("+-/*%~[](){}><=.:|,;!", c) == NULL)
        return fault(l, "a character that no expression holds");
    t = push(l, JINJA_OPERATOR);
    t->op = (uint16_t)c;
    for (size_t i = 0; i < ARRAY_LEN(two); i++)
        if (c == two[i][0] && next == two[i][1])
            t->op = JINJA_OP(c, next);
    t->text = (struct slice){l->text.data + l->at, t->op > UINT8_MAX ? 2 : 1};
    l->at += t->text.len;
    return true;
}

/* Length of the end of the tag here: "%}", "-%}", "+%}"; 0 when there is none. */
static size_t tag_end(const struct lex *l, int close)
{
    const size_t skip = byte(l, 0) == '-' || (byte(l, 0) == '+' && close == '%') ? 1 : 0;

    return byte(l, skip) == close && byte(l, skip + 1) == '}' ? skip + 2 : 0;
}

/* To the end of the tag. A brace that was opened inside must be closed before. */
static bool inside(struct lex *l, int close)
{
    unsigned open = 0;

    while (l->at < l->text.len) {
        const int c = byte(l, 0);
        const size_t end = open == 0 ? tag_end(l, close) : 0;

        if (end > 0) {
            push(l, JINJA_END);
            l->at += end;
            return true;
        }
        if (is_space(c)) {
            l->at++;
        } else if (is_digit(c)) {
            number(l);
        } else if (is_word(c)) {
            struct jinja_token *t = push(l, JINJA_NAME);
            const size_t from = l->at;

            while (is_word(byte(l, 0)))
                l->at++;
            t->text = (struct slice){l->text.data + from, l->at - from};
        } else if (c == '\'' || c == '"') {
            if (!string(l))
                return false;
        } else {
            open += c == '(' || c == '[' || c == '{';
            if (c == ')' || c == ']' || c == '}') {
                if (open == 0)
                    return fault(l, "a bracket that nothing opened");
                open--;
            }
            if (!operator(l))
                return false;
        }
    }
    return fault(l, "a tag without its end");
}

/* ---- between the tags ---- */
static void data(struct lex *l, size_t from, size_t to)
{
    struct jinja_token *t;

    if (from == to)
        return;
    l->at = from;
    t = push(l, JINJA_DATA);
    t->text = (struct slice){l->text.data + from, to - from};
    l->at = to;
}

static bool past_comment(struct lex *l)
{
    const struct slice rest = slice_from(l->text, l->at + 2);
    size_t end;

    if (rest.len == 0 || (rest.len == 1 && (rest.data[0] == '-' || rest.data[0] == '+'))) {
        l->at = l->text.len; /* Jinja misses the end only where something stands before it */
        return true;
    }
    if (!slice_find(rest, SLICE_LIT("#}"), &end))
        return fault(l, "a comment without its end");
    l->at += 2 + end + 2;
    return true;
}

/* Length of "{% raw %}" or "{% endraw %}" at `at`; 0 when it is something else. */
static size_t raw_tag(struct slice text, size_t at, const char *word)
{
    const size_t n = strlen(word);
    struct lex l = {.text = text, .at = at};
    size_t end;

    if (byte(&l, 0) != '{' || byte(&l, 1) != '%')
        return 0;
    l.at += 2;
    if (byte(&l, 0) == '-' || byte(&l, 0) == '+')
        l.at++;
    while (is_space(byte(&l, 0)))
        l.at++;
    if (text.len - l.at < n || memcmp(text.data + l.at, word, n) != 0)
        return 0;
    for (l.at += n; is_space(byte(&l, 0));)
        l.at++;
    end = tag_end(&l, '%');
    return end > 0 ? l.at + end - at : 0;
}

static bool raw(struct lex *l, size_t begin)
{
    const size_t from = l->at + begin;

    if (from == l->text.len) { /* the same here */
        l->at = from;
        return true;
    }
    for (size_t i = from; i < l->text.len; i++) {
        const size_t end = l->text.data[i] == '{' ? raw_tag(l->text, i, "endraw") : 0;

        if (end == 0)
            continue;
        data(l, from, i);
        l->at = i + end;
        return true;
    }
    return fault(l, "a raw block without its end");
}

static bool tag(struct lex *l)
{
    const int mark = byte(l, 1);
    const size_t begin = mark == '%' ? raw_tag(l->text, l->at, "raw") : 0;

    if (mark == '#')
        return past_comment(l);
    if (begin > 0)
        return raw(l, begin);
    push(l, mark == '{' ? JINJA_PRINT : JINJA_TAG);
    l->at += 2;
    if (byte(l, 0) == '-' || byte(l, 0) == '+')
        l->at++;
    return inside(l, mark == '{' ? '}' : '%');
}

bool jinja_lex(struct slice text, struct arena *a, struct jinja_tokens *out, struct err *e)
{
    struct lex l = {.text = text, .line = 1, .arena = a, .out = out, .e = e};
    size_t from = 0;

    *out = (struct jinja_tokens){0};
    if (text.len > LIMIT_TEMPLATE_BYTES) {
        push(&l, JINJA_EOF);
        return err_fail(e, ERR_LIMIT, "a template of %zu bytes, at most %u (LIMIT_TEMPLATE_BYTES)",
                        text.len, LIMIT_TEMPLATE_BYTES);
    }
    while (l.at < text.len) {
        if (byte(&l, 0) != '{' ||
            (byte(&l, 1) != '{' && byte(&l, 1) != '%' && byte(&l, 1) != '#')) {
            l.at++;
            continue;
        }
        data(&l, from, l.at);
        if (!tag(&l))
            return false;
        from = l.at;
    }
    data(&l, from, l.at);
    push(&l, JINJA_EOF);
    return true;
}
