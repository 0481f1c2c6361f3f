#include "scanner/image/osrelease.h"

#include <string.h>

static struct slice trim(struct slice s)
{
    return slice_trim_end(slice_trim_start(s, " \t"), " \t\r");
}

/* One shell word, quoted or not; false when it is none. */
static bool unquote(struct slice v, struct arena *a, struct slice *out)
{
    uint8_t *to = arena_alloc(a, v.len + 1);
    uint8_t quote = 0;
    size_t n = 0;

    for (size_t i = 0; i < v.len; i++) {
        const uint8_t c = v.data[i];

        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'' && i + 1 < v.len) {
            to[n++] = v.data[++i];
        } else if (quote == 0 && (c == ' ' || c == '\t')) {
            return false;
        } else {
            to[n++] = c;
        }
    }
    *out = (struct slice){to, n};
    return quote == 0;
}

static struct slice *slot(struct osrelease *o, struct slice name)
{
    if (slice_is(name, "ID"))
        return &o->id;
    if (slice_is(name, "VERSION_ID"))
        return &o->version_id;
    if (slice_is(name, "VERSION_CODENAME"))
        return &o->version_codename;
    if (slice_is(name, "PRETTY_NAME"))
        return &o->pretty_name;
    return slice_is(name, "NAME") ? &o->name : NULL;
}

static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
              (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return s.len > 0;
}

static bool assignment(struct osrelease *o, struct slice line, struct arena *a)
{
    struct slice name, value, *to;
    size_t eq;

    if (!slice_find(line, SLICE_LIT("="), &eq))
        return false;
    name = (struct slice){line.data, eq};
    if (!is_name(name) || !unquote(slice_from(line, eq + 1), a, &value))
        return false;
    to = slot(o, name);
    if (to != NULL)
        *to = value;
    return true;
}

void osrelease_parse(struct slice text, struct arena *a, struct osrelease *out)
{
    struct reader r = reader_over(text);
    struct slice line;

    memset(out, 0, sizeof(*out));
    for (uint32_t at = 1; reader_line(&r, &line); at++) {
        line = trim(line);
        if (line.len == 0 || line.data[0] == '#')
            continue;
        if (!assignment(out, line, a) && out->odd_line == 0)
            out->odd_line = at;
    }
}
