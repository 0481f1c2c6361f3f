#include "scanner/formats/xml.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

#define END UINT32_MAX /* behind the last character */
#define TAG_TEXT ((size_t)(XML_ATTRIBUTES + 2) * (LIMIT_XML_NAME + LIMIT_XML_TEXT + 8))
#define NAMES_BYTES ((size_t)1 << 20) /* of the open elements' names together */

/* ---- characters ---- */
static bool bad(const struct xml *x, struct err *e, const char *what)
{
    return err_at(e, ERR_FORMAT, &x->r, "line %" PRIu64 ": %s", x->line, what);
}

/* SPEC: section 2.2, Char */
static bool allowed(uint32_t c)
{
    return c >= 0x20 ? (c < 0xd800 || c > 0xdfff) && c != 0xfffe && c != 0xffff && c <= 0x10ffff
                     : c == '\t' || c == '\n' || c == '\r';
}

/* One UTF-8 sequence of more than one byte. */
static bool wide(const struct xml *x, uint32_t *c, size_t *n)
{
    const uint8_t *p = x->r.data;
    size_t unused;

    *n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (x->r.left < *n || !slice_utf8((struct slice){p, *n}, &unused))
        return false;
    *c = p[0] & (0x3fu >> (*n - 1));
    for (size_t i = 1; i < *n; i++)
        *c = *c << 6 | (p[i] & 0x3fu);
    return true;
}

static uint32_t unit(const struct xml *x, size_t i)
{
    const uint8_t *p = x->r.data + 2 * i;

    return x->encoding == XML_UTF16LE ? p[0] | (uint32_t)p[1] << 8 : p[1] | (uint32_t)p[0] << 8;
}

static bool utf16(const struct xml *x, uint32_t *c, size_t *n)
{
    if (x->r.left < 2)
        return false;
    *n = 2;
    *c = unit(x, 0);
    if (*c < 0xd800 || *c > 0xdbff)
        return true;
    if (x->r.left < 4 || (unit(x, 1) & 0xfc00) != 0xdc00)
        return false;
    *n = 4;
    *c = 0x10000 + ((*c - 0xd800) << 10) + (unit(x, 1) - 0xdc00);
    return true;
}

/* The next character, which stays where it is; `*n`: its bytes. */
static bool peek(struct xml *x, uint32_t *c, size_t *n, struct err *e)
{
    bool ok = true;

    if (x->r.left < 4 && !feed_more(x->feed, &x->r, FEED_NEED, e))
        return false;
    *n = 0;
    *c = END;
    if (x->r.left == 0)
        return true;
    *n = 1;
    *c = x->r.data[0];
    if (x->encoding == XML_UTF16LE || x->encoding == XML_UTF16BE)
        ok = utf16(x, c, n);
    else if (x->encoding == XML_UTF8 && *c >= 0x80)
        ok = wide(x, c, n);
    if (!ok)
        return bad(x, e, "bytes that are not of the declared encoding");
    return allowed(*c) || bad(x, e, "a character that XML does not allow");
}

static bool next(struct xml *x, uint32_t *c, struct err *e)
{
    size_t n;

    if (!peek(x, c, &n, e))
        return false;
    x->line += *c == '\n';
    return n == 0 || reader_skip(&x->r, n);
}

static bool blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool skip_blanks(struct xml *x, struct err *e)
{
    uint32_t c;
    size_t n;

    for (;;) {
        if (!peek(x, &c, &n, e))
            return false;
        if (!blank(c))
            return true;
        if (!next(x, &c, e))
            return false;
    }
}

/* Passes over exactly `text`, which is ASCII. */
static bool expect(struct xml *x, const char *text, struct err *e)
{
    uint32_t c;

    for (; *text != '\0'; text++) {
        if (!next(x, &c, e))
            return false;
        if (c != (uint8_t)*text)
            return bad(x, e, c == END ? "cut short" : "markup that XML does not know");
    }
    return true;
}

/* ---- kept text ---- */
static void keep(struct xml *x, struct slice *s, uint32_t c)
{
    if (s->data == NULL)
        s->data = x->text + x->used;
    if (TAG_TEXT - x->used < 4)
        return;
    s->len += slice_utf8_put(x->text + x->used, c);
    x->used = (size_t)(s->data - x->text) + s->len;
}

/* SPEC: section 2.3, NameStartChar and NameChar; all that is not ASCII passes. */
static bool name_char(uint32_t c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
        (c >= 0x80 && c != END))
        return true;
    return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
}

static bool read_name(struct xml *x, struct slice *out, struct err *e)
{
    uint32_t c;
    size_t n;

    *out = (struct slice){NULL, 0};
    for (;;) {
        if (!peek(x, &c, &n, e))
            return false;
        if (!name_char(c, out->len == 0))
            break;
        if (out->len > LIMIT_XML_NAME - 4)
            return err_at(e, ERR_LIMIT, &x->r, "a name of more than %d bytes (LIMIT_XML_NAME)",
                          LIMIT_XML_NAME);
        keep(x, out, c);
        if (!next(x, &c, e))
            return false;
    }
    return out->len > 0 || bad(x, e, c == END ? "cut short" : "a name was expected");
}

/* SPEC: section 4.1: "&name;" or "&#number;" behind the ampersand. */
static bool read_reference(struct xml *x, struct err *e)
{
    static const char *const own[] = {"amp", "lt", "gt", "quot", "apos"};
    const size_t used = x->used;
    struct slice name;
    bool known = false;
    uint32_t c;
    size_t n, digits = 0;

    if (!peek(x, &c, &n, e))
        return false;
    if (c == '#') {
        do {
            if (!next(x, &c, e))
                return false;
        } while (c != ';' && c < 0x80 && digits++ < 10);
        return c == ';' || bad(x, e, "a character reference that does not end");
    }
    if (!read_name(x, &name, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        known = known || slice_is(name, own[i]);
    x->references += !known;
    x->used = used;
    return expect(x, ";", e);
}

static bool read_value(struct xml *x, struct slice *out, struct err *e)
{
    uint32_t quote, c;

    *out = (struct slice){NULL, 0};
    if (!next(x, &quote, e))
        return false;
    if (quote != '"' && quote != '\'')
        return bad(x, e, "an attribute without a quoted value");
    for (;;) {
        if (!next(x, &c, e))
            return false;
        if (c == quote)
            return true;
        if (c == END || c == '<')
            return bad(x, e, "an attribute that does not end");
        if (out->len <= LIMIT_XML_TEXT - 4)
            keep(x, out, c);
        if (c == '&' && !read_reference(x, e))
            return false;
    }
}

/* ---- markup ---- */
/* Passes over everything up to and with `end`, which has two or three characters. */
static bool pass_until(struct xml *x, const char *end, const char *what, struct err *e)
{
    const size_t n = strlen(end);
    uint32_t last[3] = {0, 0, 0}, c;

    for (;;) {
        size_t same = 0;

        if (!next(x, &c, e))
            return false;
        if (c == END)
            return bad(x, e, what);
        last[0] = last[1];
        last[1] = last[2];
        last[2] = c;
        while (same < n && last[3 - n + same] == (uint8_t)end[same])
            same++;
        if (same == n)
            return true;
    }
}

/* Behind "<?": the target and its data. SPEC: section 2.6 */
static bool read_instruction(struct xml *x, xml_told *told, void *to, struct err *e)
{
    struct slice data = {NULL, 0};
    uint32_t c, before = 0;

    x->nattributes = 0;
    if (!read_name(x, &x->tag, e))
        return false;
    for (;;) {
        if (!next(x, &c, e))
            return false;
        if (c == END)
            return bad(x, e, "a processing instruction that does not end");
        if (before == '?' && c == '>')
            break;
        if (data.len <= LIMIT_XML_TEXT - 4 && (data.len > 0 || !blank(c)))
            keep(x, &data, c);
        before = c;
    }
    x->attributes[0].name = SLICE_LIT("");
    x->attributes[0].value = data;
    x->nattributes = 1;
    told(to, x, true);
    return true;
}

/* One attribute in front of '>' or "/>"; `*more` false: there was none. */
static bool read_attribute(struct xml *x, bool *more, struct err *e)
{
    struct xml_attribute a;
    const size_t used = x->used;
    uint32_t c;
    size_t n;

    if (!skip_blanks(x, e) || !peek(x, &c, &n, e))
        return false;
    *more = c != '>' && c != '/' && c != '?';
    if (!*more)
        return true;
    if (!read_name(x, &a.name, e) || !skip_blanks(x, e) || !expect(x, "=", e) ||
        !skip_blanks(x, e) || !read_value(x, &a.value, e))
        return false;
    for (size_t i = 0; i < x->nattributes; i++)
        if (slice_eq(x->attributes[i].name, a.name))
            return bad(x, e, "an attribute that is there twice");
    if (x->nattributes < XML_ATTRIBUTES)
        x->attributes[x->nattributes++] = a;
    else
        x->used = used;
    return true;
}

static bool open_element(struct xml *x, struct err *e)
{
    if (x->depth == LIMIT_XML_DEPTH)
        return err_at(e, ERR_LIMIT, &x->r,
                      "more than %d elements within each other "
                      "(LIMIT_XML_DEPTH)",
                      LIMIT_XML_DEPTH);
    if (x->tag.len > NAMES_BYTES - x->names_used)
        return err_at(e, ERR_LIMIT, &x->r, "the names of open elements pass 1 MiB (NAMES_BYTES)");
    memcpy(x->names + x->names_used, x->tag.data, x->tag.len);
    x->names_used += x->tag.len;
    x->lengths[x->depth++] = (uint16_t)x->tag.len;
    if (x->depth > x->deepest)
        x->deepest = x->depth;
    return true;
}

static bool close_element(struct xml *x, struct slice name, struct err *e)
{
    struct slice open;

    if (x->depth == 0)
        return bad(x, e, "an end tag without its start");
    open.len = x->lengths[x->depth - 1];
    open.data = x->names + x->names_used - open.len;
    if (!slice_eq(open, name))
        return bad(x, e, "an end tag of another name than its start");
    x->names_used -= open.len;
    x->depth--;
    return true;
}

static bool read_start(struct xml *x, xml_told *told, void *to, struct err *e)
{
    bool more = true;
    uint32_t c;
    size_t n;

    if (x->depth == 0 && x->elements > 0)
        return bad(x, e, "a second root element");
    x->nattributes = 0;
    if (!read_name(x, &x->tag, e))
        return false;
    while (more)
        if (!read_attribute(x, &more, e))
            return false;
    x->elements++;
    if (!open_element(x, e) || !peek(x, &c, &n, e))
        return false;
    told(to, x, false);
    if (c == '/')
        return expect(x, "/>", e) && close_element(x, x->tag, e);
    return expect(x, ">", e);
}

/* SPEC: section 2.8, doctypedecl: quotes, comments and an internal subset may hold '>'. */
static bool read_doctype(struct xml *x, struct err *e)
{
    static const char word[] = "<!ENTITY";
    unsigned subset = 0;
    uint32_t c, quote = 0;
    size_t seen = 0;

    x->doctype = true;
    for (;;) {
        if (!next(x, &c, e))
            return false;
        if (c == END)
            return bad(x, e, "a document type that does not end");
        seen = c == (uint8_t)word[seen] ? seen + 1 : c == '<';
        if (seen == sizeof(word) - 1) {
            x->entities++;
            seen = 0;
        }
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == ']')
            subset = c == '[';
        else if (c == '>' && subset == 0)
            return true;
    }
}

/* Behind "<!". */
static bool read_declaration(struct xml *x, struct err *e)
{
    uint32_t c;
    size_t n;

    if (!peek(x, &c, &n, e))
        return false;
    if (c == '-')
        return expect(x, "--", e) && pass_until(x, "-->", "a comment that does not end", e);
    if (c == '[' && x->depth > 0)
        return expect(x, "[CDATA[", e) &&
               pass_until(x, "]]>", "a CDATA section that does not end", e);
    if (x->elements > 0 || x->doctype)
        return bad(x, e, "a declaration behind the prolog");
    return expect(x, "DOCTYPE", e) && read_doctype(x, e);
}

static bool read_markup(struct xml *x, xml_told *told, void *to, struct err *e)
{
    struct slice name;
    uint32_t c;
    size_t n;

    x->at = x->r.offset;
    x->used = 0;
    if (!expect(x, "<", e) || !peek(x, &c, &n, e))
        return false;
    if (c == '?')
        return next(x, &c, e) && read_instruction(x, told, to, e);
    if (c == '!')
        return next(x, &c, e) && read_declaration(x, e);
    if (c != '/')
        return read_start(x, told, to, e);
    return next(x, &c, e) && read_name(x, &name, e) && skip_blanks(x, e) && expect(x, ">", e) &&
           close_element(x, name, e);
}

/* ---- the prolog ---- */
static bool starts(const struct xml *x, const char *bytes, size_t n)
{
    return x->r.left >= n && memcmp(x->r.data, bytes, n) == 0;
}

/* SPEC: appendix F.1: the byte order mark, or what "<?" looks like. */
static bool find_encoding(struct xml *x, struct err *e)
{
    size_t mark = 0;

    if (!feed_more(x->feed, &x->r, FEED_NEED, e))
        return false;
    if (starts(x, "\0\0\xfe\xff", 4) || starts(x, "\xff\xfe\0\0", 4) || starts(x, "\0\0\0<", 4) ||
        starts(x, "<\0\0\0", 4))
        return err_at(e, ERR_UNSUPPORTED, &x->r, "XML in UTF-32 is not read");
    if (starts(x, "\x4c\x6f\xa7\x94", 4))
        return err_at(e, ERR_UNSUPPORTED, &x->r, "XML in EBCDIC is not read");
    x->encoding = XML_UTF8;
    if (starts(x, "\xef\xbb\xbf", 3)) {
        mark = 3;
    } else if (starts(x, "\xff\xfe", 2) || starts(x, "<\0", 2)) {
        x->encoding = XML_UTF16LE;
        mark = x->r.data[0] == 0xff ? 2 : 0;
    } else if (starts(x, "\xfe\xff", 2) || starts(x, "\0<", 2)) {
        x->encoding = XML_UTF16BE;
        mark = x->r.data[0] == 0xfe ? 2 : 0;
    }
    return reader_skip(&x->r, mark);
}

static bool same(struct slice s, const char *word)
{
    size_t i = 0;

    for (; i < s.len && word[i] != '\0'; i++)
        if ((s.data[i] >= 'A' && s.data[i] <= 'Z' ? s.data[i] + 32 : s.data[i]) != (uint8_t)word[i])
            return false;
    return i == s.len && word[i] == '\0';
}

/* What a parser that follows the declaration would read otherwise is not read at all. */
static bool use_declared(struct xml *x, struct err *e)
{
    static const char *const supersets[] = {"iso-8859-1",   "iso-8859-15", "latin1",
                                            "windows-1252", "us-ascii",    "ascii"};
    const bool units = x->encoding == XML_UTF16LE || x->encoding == XML_UTF16BE;

    if (x->declared.len == 0)
        return true;
    if (units) {
        if (same(x->declared, "utf-16") || same(x->declared, "utf-16le") ||
            same(x->declared, "utf-16be"))
            return true;
        return bad(x, e, "UTF-16 that declares another encoding");
    }
    if (same(x->declared, "utf-8") || same(x->declared, "utf8"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(supersets); i++)
        if (same(x->declared, supersets[i])) {
            x->encoding = XML_BYTES;
            return true;
        }
    return err_at(e, ERR_UNSUPPORTED, &x->r, "XML in the encoding %.*s is not read",
                  (int)(x->declared.len < 40 ? x->declared.len : 40),
                  (const char *)x->declared.data);
}

/* SPEC: section 2.8, XMLDecl. Anything else that begins with "<?xml" is an instruction. */
static bool read_declared(struct xml *x, struct err *e)
{
    bool more = true;
    uint32_t c = 0;
    size_t n;

    x->used = 0;
    for (const char *p = "<?xml"; *p != '\0'; p++)
        if (!next(x, &c, e))
            return false;
    while (more)
        if (!read_attribute(x, &more, e))
            return false;
    if (!peek(x, &c, &n, e) || !expect(x, "?>", e))
        return false;
    x->declared = arena_slice(x->arena, xml_attribute(x, "encoding"));
    return use_declared(x, e);
}

static bool is_declared(const struct xml *x)
{
    static const char word[] = "<?xml";
    const bool units = x->encoding == XML_UTF16LE || x->encoding == XML_UTF16BE;
    const size_t width = units ? 2 : 1;

    if (x->r.left < sizeof(word) * width)
        return false;
    for (size_t i = 0; i < sizeof(word); i++) {
        const uint32_t c = units ? unit(x, i) : x->r.data[i];

        if (i + 1 == sizeof(word) ? !blank(c) : c != (uint8_t)word[i])
            return false;
    }
    return true;
}

static bool read_content(struct xml *x, xml_told *told, void *to, struct err *e)
{
    uint32_t c;
    size_t n;

    for (;;) {
        if (!peek(x, &c, &n, e))
            return false;
        if (c == END)
            break;
        if (c == '<') {
            if (!read_markup(x, told, to, e))
                return false;
            continue;
        }
        if (x->depth == 0 && !blank(c))
            return bad(x, e, "text outside of the root element");
        x->used = 0;
        if (!next(x, &c, e) || (c == '&' && !read_reference(x, e)))
            return false;
    }
    if (x->depth > 0)
        return bad(x, e, "elements that do not end");
    return x->elements > 0 || bad(x, e, "no root element");
}

bool xml_scan(struct xml *x, xml_told *told, void *to, struct err *e)
{
    x->line = 1;
    x->text = arena_alloc(x->arena, TAG_TEXT);
    x->names = arena_alloc(x->arena, NAMES_BYTES);
    x->lengths = ARENA_ARRAY(x->arena, uint16_t, LIMIT_XML_DEPTH);
    return find_encoding(x, e) && (!is_declared(x) || read_declared(x, e)) &&
           read_content(x, told, to, e);
}

struct slice xml_attribute(const struct xml *x, const char *name)
{
    for (size_t i = 0; i < x->nattributes; i++)
        if (slice_is(x->attributes[i].name, name))
            return x->attributes[i].value;
    return (struct slice){NULL, 0};
}

struct slice xml_local(struct slice name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.data[i - 1] == ':')
            return slice_from(name, i);
    return name;
}
