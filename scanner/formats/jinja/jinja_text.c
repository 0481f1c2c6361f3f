#include "scanner/formats/jinja/jinja_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

/* ---- literals ---- */
static int hex(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_char(struct buf *b, uint32_t cp)
{
    uint8_t bytes[4];

    buf_put(b, (struct slice){bytes, slice_utf8_put(bytes, cp)});
}

static bool same_word(struct slice a, const char *s)
{
    if (a.len != strlen(s))
        return false;
    for (size_t i = 0; i < a.len; i++)
        if ((a.data[i] >= 'a' && a.data[i] <= 'z' ? a.data[i] - 32 : a.data[i]) != s[i])
            return false;
    return true;
}

/* The characters that names of attributes are made of, by their name in Unicode; 0: another. */
static uint32_t named(struct slice name)
{
    static const char *const digits[] = {"DIGIT ZERO",  "DIGIT ONE",  "DIGIT TWO", "DIGIT THREE",
                                         "DIGIT FOUR",  "DIGIT FIVE", "DIGIT SIX", "DIGIT SEVEN",
                                         "DIGIT EIGHT", "DIGIT NINE"};
    static const char small[] = "LATIN SMALL LETTER ", large[] = "LATIN CAPITAL LETTER ";
    const size_t n = name.len;
    uint32_t last;

    if (n == 0)
        return 0;
    last = name.data[n - 1] & ~0x20u;
    if (same_word(name, "LOW LINE"))
        return '_';
    if (same_word(name, "FULL STOP"))
        return '.';
    for (uint32_t i = 0; i < ARRAY_LEN(digits); i++)
        if (same_word(name, digits[i]))
            return '0' + i;
    if (last < 'A' || last > 'Z')
        return 0;
    if (n == sizeof(small) && same_word((struct slice){name.data, n - 1}, small))
        return last + 32;
    if (n == sizeof(large) && same_word((struct slice){name.data, n - 1}, large))
        return last;
    return 0;
}

/* One escape behind its backslash: how many bytes it takes; 0 when it is broken. */
static size_t escape(struct slice s, struct buf *b, bool *lossy)
{
    static const char plain[] = "\\'\"abfnrtv", value[] = "\\'\"\a\b\f\n\r\t\v";
    const char *known = strchr(plain, s.data[0]);
    const size_t digits = s.data[0] == 'x' ? 2 : s.data[0] == 'u' ? 4 : s.data[0] == 'U' ? 8 : 0;
    uint32_t cp = 0;
    size_t n = 0;

    if (known != NULL && *known != '\0') {
        buf_u8(b, (uint8_t)value[known - plain]);
        return 1;
    }
    if (s.data[0] == '\n')
        return 1;
    for (; n < 3 && n < s.len && s.data[n] >= '0' && s.data[n] <= '7'; n++)
        cp = cp * 8 + (uint32_t)(s.data[n] - '0');
    if (n > 0) {
        put_char(b, cp);
        return n;
    }
    if (digits > 0) {
        for (n = 1; n <= digits; n++) {
            if (n >= s.len || hex(s.data[n]) < 0)
                return 0;
            cp = cp << 4 | (uint32_t)hex(s.data[n]);
        }
        put_char(b, cp > 0x10ffff ? 0xfffd : cp);
        return cp > 0x10ffff ? 0 : n;
    }
    if (s.data[0] == 'N') {
        const uint8_t *end = s.len > 2 ? memchr(s.data, '}', s.len) : NULL;

        if (end == NULL || s.data[1] != '{')
            return 0;
        cp = named((struct slice){s.data + 2, (size_t)(end - s.data) - 2});
        *lossy = *lossy || cp == 0;
        put_char(b, cp != 0 ? cp : 0xfffd);
        return (size_t)(end - s.data) + 1;
    }
    buf_u8(b, '\\'); /* Python keeps what it does not know */
    return SIZE_MAX;
}

static struct slice keep(struct buf *b, struct arena *a)
{
    const struct slice s = arena_slice(a, buf_slice(b));

    buf_release(b);
    return s;
}

bool jinja_text_unescape(struct slice raw, struct arena *a, struct slice *out, bool *lossy)
{
    struct buf b;
    size_t i = 0;

    *lossy = false;
    if (raw.len == 0 || memchr(raw.data, '\\', raw.len) == NULL) {
        *out = raw;
        return true;
    }
    buf_init(&b, raw.len * 2 + 4);
    while (i < raw.len) {
        size_t n;

        if (raw.data[i] != '\\') {
            buf_u8(&b, raw.data[i++]);
            continue;
        }
        n = i + 1 < raw.len ? escape(slice_from(raw, i + 1), &b, lossy) : 0;
        if (n == 0) {
            buf_release(&b);
            return false;
        }
        i += n == SIZE_MAX ? 1 : 1 + n;
    }
    *out = keep(&b, a);
    return true;
}

/* ---- formats ---- */
static const struct jinja_text_arg *named_arg(const struct jinja_text_args *args, struct slice name)
{
    for (size_t i = 0; i < args->n; i++)
        if (args->at[i].name.len > 0 && slice_eq(args->at[i].name, name))
            return &args->at[i];
    return NULL;
}

/* One value under one conversion. */
static bool convert(int c, const struct jinja_text_arg *arg, struct buf *b)
{
    if (c == 's' || c == 'r' || c == 'a' || c == 0) {
        if (arg->is_number)
            buf_printf(b, "%" PRId64, arg->number);
        else
            buf_put(b, arg->text);
        return c != 'r' || arg->is_number;
    }
    if (c == 'c' && arg->is_number && arg->number > 0 && arg->number <= 0x10ffff) {
        put_char(b, (uint32_t)arg->number);
        return true;
    }
    if (c == 'c' && !arg->is_number) {
        buf_put(b, arg->text);
        return true;
    }
    if (!arg->is_number)
        return false;
    if (c == 'd' || c == 'i' || c == 'u')
        buf_printf(b, "%" PRId64, arg->number);
    else if (c == 'x')
        buf_printf(b, "%" PRIx64, (uint64_t)arg->number);
    else if (c == 'X')
        buf_printf(b, "%" PRIX64, (uint64_t)arg->number);
    else if (c == 'o')
        buf_printf(b, "%" PRIo64, (uint64_t)arg->number);
    else
        return false;
    return true;
}

/* "%(name)s" from the '%': the value it asks for; how long it is. Padding is not followed. */
static bool percent_one(struct slice s, const struct jinja_text_args *args, size_t *next,
                        struct buf *b)
{
    const struct jinja_text_arg *arg = NULL;
    const uint8_t *end;
    size_t i = 1;

    if (s.len > 1 && s.data[1] == '(') {
        end = memchr(s.data, ')', s.len);
        if (end == NULL)
            return false;
        i = (size_t)(end - s.data) + 1;
        arg = named_arg(args, (struct slice){s.data + 2, i - 3});
    }
    if (i >= s.len)
        return false;
    next[1] = i + 1;
    if (s.data[i] == '%') {
        buf_u8(b, '%');
        return true;
    }
    if (s.data[1] != '(' && next[0] < args->n)
        arg = &args->at[next[0]++];
    return arg != NULL && convert(s.data[i], arg, b);
}

bool jinja_text_percent(struct slice format, const struct jinja_text_args *args, struct arena *a,
                        struct slice *out)
{
    size_t next[2] = {0, 0}; /* the next argument; bytes of the conversion */
    struct buf b;
    struct err e = {0};
    bool ok = true;

    buf_init(&b, LIMIT_TEMPLATE_TEXT);
    for (size_t i = 0; ok && i < format.len;) {
        if (format.data[i] != '%') {
            buf_u8(&b, format.data[i++]);
            continue;
        }
        ok = percent_one(slice_from(format, i), args, next, &b);
        i += next[1];
    }
    ok = buf_finish(&b, &e) && ok;
    *out = keep(&b, a);
    return ok;
}

static bool braces_one(struct slice field, const struct jinja_text_args *args, size_t *next,
                       struct buf *b)
{
    const uint8_t *colon = field.len > 0 ? memchr(field.data, ':', field.len) : NULL;
    const struct slice name = {field.data,
                               colon != NULL ? (size_t)(colon - field.data) : field.len};
    const int last =
        colon != NULL && colon + 1 < field.data + field.len ? field.data[field.len - 1] : 0;
    const struct jinja_text_arg *arg = NULL;
    size_t n = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (strchr(".[!{", name.data[i]) != NULL)
            return false;
        n = name.data[i] >= '0' && name.data[i] <= '9' && n < 10000
                ? n * 10 + (size_t)(name.data[i] - '0')
                : SIZE_MAX / 16;
    }
    if (name.len == 0)
        n = (*next)++;
    arg = n < args->n ? &args->at[n] : named_arg(args, name);
    if (arg == NULL || (last != 0 && colon + 2 != field.data + field.len))
        return false;
    return convert(last, arg, b);
}

bool jinja_text_braces(struct slice format, const struct jinja_text_args *args, struct arena *a,
                       struct slice *out)
{
    struct buf b;
    struct err e = {0};
    size_t next = 0;
    bool ok = true;

    buf_init(&b, LIMIT_TEMPLATE_TEXT);
    for (size_t i = 0; ok && i < format.len;) {
        const uint8_t c = format.data[i];
        const uint8_t *end;

        if (c != '{' && c != '}') {
            buf_u8(&b, c);
            i++;
            continue;
        }
        if (i + 1 < format.len && format.data[i + 1] == c) {
            buf_u8(&b, c);
            i += 2;
            continue;
        }
        end = c == '{' ? memchr(format.data + i, '}', format.len - i) : NULL;
        ok = end != NULL &&
             braces_one((struct slice){format.data + i + 1, (size_t)(end - format.data) - i - 1},
                        args, &next, &b);
        i = end != NULL ? (size_t)(end - format.data) + 1 : format.len;
    }
    ok = buf_finish(&b, &e) && ok;
    *out = keep(&b, a);
    return ok;
}
