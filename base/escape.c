/* Untrusted text on its way to a sink. */
#include "base/escape.h"

#include <string.h>

struct range {
    uint32_t first, last;
};

/*
 * What does not show, or changes how its neighbours show: controls, line separators, the
 * bidirectional controls, and what else is to be ignored in display. SPEC: Unicode
 * DerivedCoreProperties.txt, Default_Ignorable_Code_Point
 */
static const struct range invisible[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool hidden(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7f)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(invisible); i++)
        if (cp <= invisible[i].last)
            return cp >= invisible[i].first;
    return (cp & 0xfffe) == 0xfffe; /* the last two of each plane are not characters */
}

void escape_next(struct slice s, size_t *at, uint32_t *cp)
{
    const struct slice rest = slice_from(s, *at);
    const size_t left = rest.len;
    const uint8_t *p = rest.data;
    size_t n = 1, bad;

    if (left == 0) {
        *cp = UINT32_MAX;
        return;
    }
    if (p[0] >= 0xc2)
        n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (n > left || !slice_utf8((struct slice){p, n}, &bad)) {
        *cp = UINT32_MAX;
        *at += 1;
        return;
    }
    *cp = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        *cp = *cp << 6 | (p[i] & 0x3f);
    *at += n;
}

/* What a sink makes of one code point; `raw` are its bytes. */
typedef void put_fn(struct buf *b, uint32_t cp, struct slice raw);

/* Hands runs of plain ASCII to the buffer at once, everything else to `put`. `special` are the
 * ASCII bytes that it wants. */
static void each(struct buf *b, struct slice s, const char *special, put_fn *put)
{
    bool wanted[128] = {false};
    size_t at = 0;

    for (; *special != '\0'; special++)
        wanted[(uint8_t)*special & 127] = true;
    while (at < s.len) {
        const size_t from = at;
        uint32_t cp;

        while (at < s.len && s.data[at] >= 0x20 && s.data[at] < 0x7f && !wanted[s.data[at]])
            at++;
        if (at > from)
            buf_put(b, (struct slice){s.data + from, at - from});
        if (at < s.len) {
            const size_t start = at;

            escape_next(s, &at, &cp);
            put(b, cp, (struct slice){s.data + start, at - start});
        }
    }
}

static void put_terminal(struct buf *b, uint32_t cp, struct slice raw)
{
    if (cp == UINT32_MAX || cp < 0x80)
        buf_printf(b, "\\x%02x", raw.data[0]);
    else if (hidden(cp))
        buf_printf(b, "\\u{%04x}", cp);
    else
        buf_put(b, raw);
}

void escape_terminal(struct buf *b, struct slice s)
{
    each(b, s, "", put_terminal);
}

static void put_json(struct buf *b, uint32_t cp, struct slice raw)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *short_form = cp != 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;

    if (short_form != NULL)
        buf_printf(b, "\\%c", to[short_form - from]);
    else if (cp == UINT32_MAX)
        buf_str(b, "\xef\xbf\xbd");
    else if (!hidden(cp))
        buf_put(b, raw);
    else if (cp < 0x10000)
        buf_printf(b, "\\u%04x", cp);
    else
        buf_printf(b, "\\u%04x\\u%04x", 0xd7c0 + (cp >> 10), 0xdc00 + (cp & 0x3ff));
}

void escape_json(struct buf *b, struct slice s)
{
    each(b, s, "\"\\", put_json);
}

static void put_html(struct buf *b, uint32_t cp, struct slice raw)
{
    if (cp == '&')
        buf_str(b, "&amp;");
    else if (cp == '<')
        buf_str(b, "&lt;");
    else if (cp == '>')
        buf_str(b, "&gt;");
    else if (cp == '"')
        buf_str(b, "&quot;");
    else if (cp == '\'')
        buf_str(b, "&#39;");
    else if (cp == '\n' || cp == '\t')
        buf_printf(b, "&#%u;", cp); /* as a reference: an attribute would lose it */
    else if (cp == UINT32_MAX || hidden(cp))
        buf_str(b, "\xef\xbf\xbd");
    else
        buf_put(b, raw);
}

void escape_html(struct buf *b, struct slice s)
{
    each(b, s, "&<>\"'", put_html);
}

void escape_markdown(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '|' || s.data[i] == '<' || s.data[i] == '*' || s.data[i] == '_')
            buf_u8(b, '\\');
        buf_u8(b, s.data[i] == '\n' ? ' ' : s.data[i]);
    }
}
