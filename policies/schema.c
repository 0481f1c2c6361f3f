#include "policies/schema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/nearest.h"

#define WORD_MAX 64 /* bytes of a key in an error */

bool schema_fail_line(const struct schema_doc *d, uint32_t line, struct err *e, const char *fmt,
                      ...)
{
    char text[ERR_TEXT_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (line == 0)
        return err_fail(e, ERR_USAGE, "%s: %s", d->file, text);
    return err_line(e, ERR_USAGE, line, "%s:%" PRIu32 ": %s", d->file, line, text);
}

bool schema_fail(const struct schema_doc *d, const struct value *at, struct err *e, const char *fmt,
                 ...)
{
    char text[ERR_TEXT_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return schema_fail_line(d, at == NULL ? 0 : at->line, e, "%s", text);
}

uint32_t schema_key_line(const struct schema_doc *d, const struct value_member *m)
{
    uint32_t line = 1;

    if (m->key_offset > d->text.len)
        return m->value->line;
    for (uint64_t i = 0; i < m->key_offset; i++)
        if (d->text.data[i] == '\n')
            line++;
    return line;
}

static bool listed(struct slice word, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (slice_is(word, names[i]))
            return true;
    return false;
}

bool schema_map(const struct schema_doc *d, const struct value *v, const char *what,
                const char *const *keys, struct err *e)
{
    if (!value_is(v, VALUE_MAP))
        return schema_fail(d, v, e, "%s: expected a map, found %s", what,
                           v == NULL ? "nothing" : value_kind_name((enum value_kind)v->kind));
    for (size_t i = 0; keys != NULL && i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];
        char hint[NEAREST_HINT_MAX];

        if (!listed(m->key, keys))
            return schema_fail_line(d, schema_key_line(d, m), e, "%s: unknown key '%.*s'%s", what,
                                    (int)(m->key.len < WORD_MAX ? m->key.len : WORD_MAX),
                                    (const char *)m->key.data, nearest_hint(m->key, keys, hint));
    }
    return true;
}

bool schema_need(const struct schema_doc *d, const struct schema_member *m,
                 const struct value **out, struct err *e)
{
    const struct value *v = value_get(m->map, m->key);

    if (v == NULL)
        return schema_fail(d, m->map, e, "%s: '%s' is missing", m->what, m->key);
    *out = v;
    return true;
}

static bool wrong_kind(const struct schema_doc *d, const struct schema_member *m, const char *want,
                       struct err *e)
{
    const struct value *v = value_get(m->map, m->key);

    return schema_fail(d, v, e, "%s: '%s': expected %s, found %s", m->what, m->key, want,
                       value_kind_name((enum value_kind)v->kind));
}

/* Text that prints and compares as C strings do. */
static bool plain_text(const struct schema_doc *d, const struct schema_member *m,
                       const struct value *v, const char **out, struct err *e)
{
    if (memchr(v->as.text, 0, v->len) != NULL)
        return schema_fail(d, v, e, "%s: '%s': a NUL character is not allowed", m->what, m->key);
    *out = (const char *)v->as.text;
    return true;
}

bool schema_opt_str(const struct schema_doc *d, const struct schema_member *m, const char **out,
                    struct err *e)
{
    const struct value *v = value_get(m->map, m->key);

    if (v == NULL) {
        *out = NULL;
        return true;
    }
    if (!value_is(v, VALUE_STRING))
        return wrong_kind(d, m, "a string", e);
    if (v->len == 0)
        return schema_fail(d, v, e, "%s: '%s' is empty", m->what, m->key);
    return plain_text(d, m, v, out, e);
}

bool schema_str(const struct schema_doc *d, const struct schema_member *m, const char **out,
                struct err *e)
{
    const struct value *v;

    return schema_need(d, m, &v, e) && schema_opt_str(d, m, out, e);
}

bool schema_opt_bool(const struct schema_doc *d, const struct schema_member *m, bool *out,
                     struct err *e)
{
    const struct value *v = value_get(m->map, m->key);

    if (v == NULL)
        return true;
    if (!value_is(v, VALUE_BOOL))
        return wrong_kind(d, m, "true or false", e);
    *out = v->as.boolean;
    return true;
}

bool schema_opt_strs(const struct schema_doc *d, const struct schema_member *m,
                     const char *const **out, struct err *e)
{
    const struct value *v = value_get(m->map, m->key);
    const char **list;

    if (v != NULL && !value_is(v, VALUE_LIST))
        return wrong_kind(d, m, "a list of strings", e);
    list = ARENA_ARRAY(d->arena, const char *, value_len(v) + 1);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value *item = value_item(v, i);

        if (!value_is(item, VALUE_STRING) || item->len == 0)
            return schema_fail(d, item, e, "%s: '%s': item %zu: expected a string, found %s",
                               m->what, m->key, i + 1,
                               value_is(item, VALUE_STRING)
                                   ? "an empty one"
                                   : value_kind_name((enum value_kind)item->kind));
        if (!plain_text(d, m, item, &list[i], e))
            return false;
    }
    *out = (const char *const *)list;
    return true;
}

bool schema_opt_kind(const struct schema_doc *d, const struct schema_member *m,
                     enum value_kind kind, const struct value **out, struct err *e)
{
    const struct value *v = value_get(m->map, m->key);

    if (v != NULL && !value_is(v, kind))
        return wrong_kind(d, m, kind == VALUE_MAP ? "a map" : "a list", e);
    *out = v;
    return true;
}

static bool id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool schema_is_id(const char *s, bool dots)
{
    size_t n = strlen(s);

    if (n == 0 || n > 128 || !id_char(s[0]) || !id_char(s[n - 1]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!id_char(s[i]) && !(s[i] == '-' && s[i + 1] != '-') && !(dots && s[i] == '.'))
            return false;
    return true;
}

bool schema_is_code(const char *s)
{
    size_t n = strlen(s);

    if (n == 0 || n > 32 || s[0] == '-' || s[n - 1] == '-')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!(s[i] >= 'A' && s[i] <= 'Z') && !(s[i] >= '0' && s[i] <= '9') &&
            !(s[i] == '-' && s[i + 1] != '-'))
            return false;
    return true;
}

bool schema_is_name(struct slice s)
{
    /* SPEC: cel-spec langdef.md, "Syntax": RESERVED, and the literals and operators that are
     * words */
    static const char *const reserved[] = {
        "as",     "break",  "const", "continue", "else",  "false",     "for",  "function",
        "if",     "import", "in",    "let",      "loop",  "namespace", "null", "package",
        "return", "true",   "var",   "void",     "while", NULL};

    if (s.len == 0 || s.len > 64 || listed(s, reserved))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return true;
}
