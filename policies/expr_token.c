#include "policies/expr_token.h"

#include <string.h>

static bool name_char(uint8_t c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_blank(struct slice s, size_t at)
{
    while (at < s.len) {
        uint8_t c = s.data[at];

        if (c == '/' && s.len - at > 1 && s.data[at + 1] == '/')
            while (at < s.len && s.data[at] != '\n')
                at++;
        else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')
            at++;
        else
            break;
    }
    return at;
}

/* Letters before a quote: r, b, rb, br in any case. Gives their number, or 0 when there is no
 * quote behind them. */
static size_t string_prefix(struct slice s, size_t at, bool *raw, bool *bytes)
{
    size_t n = 0;

    *raw = *bytes = false;
    for (; n < 2 && n < s.len - at; n++) {
        uint8_t c = s.data[at + n] | 0x20;

        if (c == 'r' && !*raw)
            *raw = true;
        else if (c == 'b' && !*bytes)
            *bytes = true;
        else
            break;
    }
    if (n < s.len - at && (s.data[at + n] == '\'' || s.data[at + n] == '"'))
        return n;
    *raw = *bytes = false;
    return 0;
}

static bool at_quotes(struct slice s, size_t at, uint8_t quote, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at + i >= s.len || s.data[at + i] != quote)
            return false;
    return true;
}

/* The offset behind the string whose first quote stands at `at`; the end of the text when it has
 * no end. */
static size_t string_end(struct slice s, size_t at, bool raw)
{
    uint8_t quote = s.data[at];
    size_t n = at_quotes(s, at, quote, 3) ? 3 : 1;

    for (at += n; at < s.len; at++) {
        if (s.data[at] == '\\' && !raw)
            at++;
        else if (at_quotes(s, at, quote, n))
            return at + n;
    }
    return s.len;
}

struct expr_token expr_token_next(struct slice s, size_t at)
{
    struct expr_token t = {.kind = EXPR_END, .at = skip_blank(s, at)};
    bool raw, bytes;
    size_t end;

    if (t.at >= s.len)
        return t;
    end = t.at + string_prefix(s, t.at, &raw, &bytes);
    if (s.data[end] == '\'' || s.data[end] == '"') {
        t.kind = bytes ? EXPR_BYTES : EXPR_STRING;
        end = string_end(s, end, raw);
    } else if (name_char(s.data[t.at], true)) {
        t.kind = EXPR_NAME;
        for (end = t.at; end < s.len && name_char(s.data[end], false); end++)
            continue;
    } else if (is_digit(s.data[t.at])) {
        t.kind = EXPR_NUMBER;
        for (end = t.at; end < s.len && name_char(s.data[end], false); end++)
            continue;
    } else {
        t.kind = EXPR_MARK;
        end = t.at + 1;
    }
    t.len = end - t.at;
    return t;
}

bool expr_token_is(struct slice text, struct expr_token t, const char *word)
{
    return t.kind != EXPR_END && t.kind != EXPR_STRING && t.kind != EXPR_BYTES &&
           slice_is((struct slice){text.data + t.at, t.len}, word);
}
