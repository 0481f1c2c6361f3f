/* RFC 4648 base64. */
#include "base/base64.h"

static const uint8_t alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct buf *b, struct slice s)
{
    uint8_t out[4];

    for (size_t i = 0; i < s.len; i += 3) {
        const size_t n = s.len - i < 3 ? s.len - i : 3;
        const uint32_t v = (uint32_t)s.data[i] << 16 | (n > 1 ? (uint32_t)s.data[i + 1] << 8 : 0) |
                           (n > 2 ? (uint32_t)s.data[i + 2] : 0);

        out[0] = alphabet[v >> 18];
        out[1] = alphabet[v >> 12 & 63];
        out[2] = n > 1 ? alphabet[v >> 6 & 63] : '=';
        out[3] = n > 2 ? alphabet[v & 63] : '=';
        buf_put(b, (struct slice){out, sizeof(out)});
    }
}

int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

/* Cuts the padding off; the whole text must then be a multiple of four, when there was any. */
static bool strip(struct slice *text, struct err *e)
{
    const size_t whole = text->len;
    size_t n = 0;

    while (n < 2 && text->len > 0 && text->data[text->len - 1] == '=') {
        text->len--;
        n++;
    }
    if (n > 0 && whole % 4 != 0)
        return err_pos(e, ERR_FORMAT, text->len, "base64 padding does not fit");
    if (text->len % 4 == 1)
        return err_pos(e, ERR_FORMAT, text->len, "base64 text is cut short");
    return true;
}

/* One alphabet only, nothing else. */
static bool check_digits(struct slice text, struct err *e)
{
    bool standard = false, url = false;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.data[i];

        if (base64_digit(c) < 0)
            return err_pos(e, ERR_FORMAT, i, "byte 0x%02x is not base64", c);
        standard |= c == '+' || c == '/';
        url |= c == '-' || c == '_';
        if (standard && url)
            return err_pos(e, ERR_FORMAT, i, "both base64 alphabets in one text");
    }
    return true;
}

bool base64_get(struct slice text, struct arena *a, struct slice *out, struct err *e)
{
    uint8_t *bytes;
    uint32_t v = 0;
    size_t n = 0;

    if (!strip(&text, e) || !check_digits(text, e))
        return false;
    bytes = arena_alloc(a, text.len / 4 * 3 + 3); /* a NUL follows */
    for (size_t i = 0; i < text.len; i++) {
        v = v << 6 | (uint32_t)base64_digit(text.data[i]);
        if (i % 4 == 0)
            continue;
        bytes[n++] = (uint8_t)(v >> (6 - 2 * (i % 4)));
    }
    /* SPEC: RFC 4648 section 3.5: pad bits must be zero */
    if ((text.len % 4 == 2 && (v & 15) != 0) || (text.len % 4 == 3 && (v & 3) != 0))
        return err_pos(e, ERR_FORMAT, text.len - 1, "base64 text ends in bits that are not zero");
    *out = (struct slice){bytes, n};
    return true;
}
