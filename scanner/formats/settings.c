#include "scanner/formats/settings.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/settings_pbtxt.h"

/* ---- shared ---- */
static struct slice trimmed(struct slice s)
{
    while (s.len > 0 && s.data[0] <= ' ')
        s = slice_from(s, 1);
    while (s.len > 0 && s.data[s.len - 1] <= ' ')
        s.len--;
    return s;
}

static void put(struct value_builder *list, struct slice key, const struct value *v)
{
    struct value_builder b;

    value_map_begin(&b, list->arena);
    value_map_put(&b, value_text(value_bytes(list->arena, key, NULL)), v);
    value_list_add(list, value_map_end(&b, NULL));
}

/* ---- Java properties ---- */
/* SPEC: Java 17, java.util.Properties.load: escapes of letters and of blanks in keys and values */
static struct slice unescaped(struct slice s, struct arena *a)
{
    uint8_t *out = arena_alloc(a, s.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned code = 0;

        if (s.data[i] != '\\' || i + 1 == s.len) {
            out[n++] = s.data[i];
            continue;
        }
        i++;
        if (s.data[i] != 'u' || s.len - i < 5) {
            out[n++] = s.data[i] == 't' || s.data[i] == 'n' || s.data[i] == 'r' ? ' ' : s.data[i];
            continue;
        }
        for (size_t k = 1; k <= 4; k++) {
            const uint8_t c = s.data[i + k];

            code = code * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        out[n++] = code < 128 ? (uint8_t)code : '?';
        i += 4;
    }
    return (struct slice){out, n};
}

/* The length of the key: up to a blank, '=' or ':' that no backslash stands before. */
static size_t key_length(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\\')
            i++;
        else if (s.data[i] <= ' ' || s.data[i] == '=' || s.data[i] == ':')
            return i;
    }
    return s.len;
}

static void property(struct value_builder *list, struct slice line)
{
    const struct slice s = trimmed(line);
    const size_t n = key_length(s);
    struct slice value = trimmed(slice_from(s, n));

    if (s.len == 0 || s.data[0] == '#' || s.data[0] == '!')
        return;
    if (value.len > 0 && (value.data[0] == '=' || value.data[0] == ':'))
        value = trimmed(slice_from(value, 1));
    put(list, unescaped((struct slice){s.data, n}, list->arena),
        value_bytes(list->arena, unescaped(value, list->arena), NULL));
}

static bool odd_backslashes(struct slice s)
{
    size_t n = 0;

    while (n < s.len && s.data[s.len - 1 - n] == '\\')
        n++;
    return n % 2 == 1;
}

static void properties(struct value_builder *list, struct slice text)
{
    struct reader r = reader_over(text);
    struct slice line;
    struct buf joined;

    buf_init(&joined, LIMIT_SETTINGS);
    while (reader_line(&r, &line)) {
        while (line.len > 0 && line.data[line.len - 1] == '\r')
            line.len--;
        if (buf_slice(&joined).len > 0)
            line = trimmed(line);
        buf_put(&joined, line);
        if (odd_backslashes(buf_slice(&joined))) {
            joined.len--; /* goes on in the next line */
            continue;
        }
        property(list, buf_slice(&joined));
        buf_clear(&joined);
    }
    property(list, buf_slice(&joined));
    buf_release(&joined);
}

/* ---- sections of keys ---- */
/* Values of Thinc's configurations are JSON; what is none stays the text that it is. */
static const struct value *cfg_value(struct slice s, struct arena *a)
{
    const struct value *v;
    struct err e = {0};

    if (s.len > 0 && strchr("{[\"", s.data[0]) != NULL && json_read(s, a, &v, &e))
        return v;
    return value_bytes(a, s, NULL);
}

static void sections(struct value_builder *list, struct slice text)
{
    struct reader r = reader_over(text);
    struct slice line, section = {0};

    while (reader_line(&r, &line)) {
        const struct slice s = trimmed(line);
        size_t at;

        if (s.len == 0 || s.data[0] == '#' || s.data[0] == ';')
            continue;
        if (s.data[0] == '[' && slice_find(s, SLICE_LIT("]"), &at)) {
            section = (struct slice){s.data + 1, at - 1};
            put(list, SLICE_LIT("section"), value_bytes(list->arena, section, NULL));
            continue;
        }
        at = key_length(s);
        if (slice_find(s, SLICE_LIT("="), &at))
            put(list, trimmed((struct slice){s.data, at}),
                cfg_value(trimmed(slice_from(s, at + 1)), list->arena));
    }
}

/* ---- lines of an instruction ---- */
static void instructions(struct value_builder *list, struct slice text)
{
    struct reader r = reader_over(text);
    struct slice line;

    while (reader_line(&r, &line)) {
        const struct slice s = trimmed(line);
        const size_t n = key_length(s);

        if (s.len > 0 && s.data[0] != '#')
            put(list, (struct slice){s.data, n},
                value_bytes(list->arena, trimmed(slice_from(s, n)), NULL));
    }
}

/* One word. */
static void word(struct value_builder *list, struct slice text)
{
    put(list, SLICE_LIT("word"), value_bytes(list->arena, trimmed(text), NULL));
}

static const struct kind {
    const char *end; /* of a lower-case name */
    void (*read)(struct value_builder *list, struct slice text);
} kinds[] = {
    {".properties", properties},      {".cfg", sections},
    {"modelfile", instructions},      {".modelfile", instructions},
    {"pickle_module_info.txt", word}, {"keras_module.txt", word},
};

static const struct kind *kind_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (slice_ends(slice_str(name), kinds[i].end))
            return &kinds[i];
    return NULL;
}

/* Of Triton, and of TensorFlow Serving. */
static bool is_pbtxt(const char *name)
{
    return strcmp(name, "config.pbtxt") == 0 || strcmp(name, "models.config") == 0;
}

bool settings_file(const char *name)
{
    return kind_of(name) != NULL || is_pbtxt(name);
}

bool settings_read(const char *name, struct slice text, struct arena *a, const struct value **out,
                   struct err *e)
{
    struct value_builder list;

    if (slice_starts(text, "\xef\xbb\xbf"))
        text = slice_from(text, 3);
    if (is_pbtxt(name))
        return settings_pbtxt_read(text, a, out, e);
    value_list_begin(&list, a);
    kind_of(name)->read(&list, text);
    *out = value_list_end(&list, NULL);
    return true;
}
