#include "scanner/formats/requirement.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

#define TOLD_TEXT 512

static bool contains(struct slice s, const char *what)
{
    size_t at;

    return slice_find(s, slice_str(what), &at);
}

static struct slice trimmed(struct slice s)
{
    while (s.len > 0 && (s.data[0] <= ' '))
        s = slice_from(s, 1);
    while (s.len > 0 && s.data[s.len - 1] <= ' ')
        s.len--;
    return s;
}

void requirement_tell(struct requirement_teller *t, const char *kind, struct slice text,
                      uint32_t line)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    if (t->told > LIMIT_DOCUMENT_ITEMS)
        return;
    if (t->told++ == LIMIT_DOCUMENT_ITEMS) {
        kind = "more";
        text = SLICE_LIT("more than LIMIT_DOCUMENT_ITEMS");
    }
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "line", value_int(a, line, NULL));
    value_map_add(&b, "kind", value_str(a, kind));
    value_map_add(&b, "text", format_string(a, text, TOLD_TEXT));
    format_tell(t->in, "model.requirement",
                arena_printf(a, "%s:%" PRIu32 ":%s", t->in->path, line, kind), ERR_NO_OFFSET,
                value_map_end(&b, NULL));
}

/* ---- options ---- */
static const struct option {
    const char *name, *kind;
} options[] = {
    {"--index-url", "index-url"},
    {"-i", "index-url"},
    {"--pypi-url", "index-url"},
    {"--extra-index-url", "extra-index-url"},
    {"--trusted-host", "trusted-host"},
    {"--find-links", "find-links"},
    {"-f", "find-links"},
    {"--editable", "editable"},
    {"-e", "editable"},
    {"--requirement", "include"},
    {"-r", "include"},
    {"--constraint", "include"},
    {"-c", "include"},
    {"--pre", "pre"},
};

/* "--name", "--name=x", "--name x", "-iX" */
static const char *option_kind(struct slice s)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const size_t n = strlen(options[i].name);

        if (s.len < n || memcmp(s.data, options[i].name, n) != 0)
            continue;
        if (s.len == n || n == 2 || s.data[n] == '=' || s.data[n] <= ' ')
            return options[i].kind;
    }
    return "option";
}

/* ---- requirements ---- */
static const char *source_kind(struct slice s)
{
    static const char *const vcs[] = {"git+", "hg+", "svn+", "bzr+", "git://", "ssh://"};

    for (size_t i = 0; i < ARRAY_LEN(vcs); i++)
        if (contains(s, vcs[i]))
            return "vcs";
    if (contains(s, "http:"))
        return "http";
    if (contains(s, "file:"))
        return "file";
    if (contains(s, "://"))
        return "url";
    if (s.data[0] == '.' || s.data[0] == '/' || s.data[0] == '~' || contains(s, "\\"))
        return "file";
    if (contains(s, "@ ") || contains(s, " @"))
        return "url";
    return NULL;
}

/* Of the requirement without its marker. */
static bool pinned(struct slice s)
{
    const uint8_t *semicolon = memchr(s.data, ';', s.len);
    const struct slice spec = {s.data, semicolon != NULL ? (size_t)(semicolon - s.data) : s.len};

    return contains(spec, "==") && !contains(spec, "*");
}

void requirement_line(struct requirement_teller *t, struct slice line, uint32_t number)
{
    const char *kind;

    /* a comment begins a line or follows a blank */
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] == '#' && (i == 0 || line.data[i - 1] <= ' '))
            line.len = i;
    line = trimmed(line);
    if (line.len == 0)
        return;
    if (line.data[0] == '-') {
        kind = option_kind(line);
        if (strcmp(kind, "include") == 0 && contains(line, "://"))
            kind = "url"; /* what it lists is decided there */
        requirement_tell(t, kind, line, number);
        return;
    }
    kind = source_kind(line);
    if (kind == NULL && !pinned(line))
        kind = "unpinned";
    if (kind != NULL)
        requirement_tell(t, kind, line, number);
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (options[i].name[1] == '-' && contains(line, options[i].name))
            requirement_tell(t, options[i].kind, line, number);
}

/* ---- files ---- */
bool requirement_file(const char *name)
{
    const struct slice s = slice_str(name);

    if (slice_is(s, "pyproject.toml") || slice_is(s, "pipfile") || slice_is(s, "setup.cfg") ||
        slice_is(s, "environment.txt") || slice_is(s, "pip.conf") || slice_is(s, ".pypirc"))
        return true;
    return (slice_ends(s, ".txt") || slice_ends(s, ".in")) &&
           (contains(s, "requirements") || slice_starts(s, "constraints"));
}

/* Lines of a project file: only where something comes from is looked for. */
static void project_line(struct requirement_teller *t, struct slice line, uint32_t number)
{
    static const char *const words[] = {"index", "find-links", "trusted-host", "url"};
    const char *kind;

    line = trimmed(line);
    if (line.len == 0 || line.data[0] == '#')
        return;
    kind = source_kind(line);
    if (kind == NULL || strcmp(kind, "url") != 0) {
        if (kind != NULL && strcmp(kind, "file") != 0)
            requirement_tell(t, kind, line, number);
        return;
    }
    if (contains(line, "\"https://") == false && contains(line, " @ ")) {
        requirement_tell(t, "url", line, number);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_starts(line, words[i]) || contains(line, "-index")) {
            requirement_tell(t, "index-url", line, number);
            return;
        }
}

/* Python splits lines at more than line feeds: the length up to the first end of a line, and the
 * length of that. SPEC: Python library reference, str.splitlines */
static size_t line_length(struct slice s, size_t *ending)
{
    static const char *const ends[] = {"\r\n", "\n",       "\r",           "\v",
                                       "\f",   "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};

    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] > '\r' && s.data[i] < 0x80)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(ends); k++)
            if (slice_starts(slice_from(s, i), ends[k])) {
                *ending = strlen(ends[k]);
                return i;
            }
    }
    *ending = 0;
    return s.len;
}

/* A line of nothing but a comment is not carried on by its backslash. */
static bool is_comment(struct slice line)
{
    const struct slice s = trimmed(line);

    return s.len > 0 && s.data[0] == '#';
}

void requirement_read(const struct format_input *in, const char *name, struct slice text)
{
    struct requirement_teller t = {.in = in};
    const bool lines = slice_ends(slice_str(name), ".txt") || slice_ends(slice_str(name), ".in");
    uint8_t *joined = arena_alloc(in->scratch, text.len + 1);
    uint32_t number = 0, first = 1;
    size_t n = 0, ending;

    if (slice_starts(text, "\xef\xbb\xbf"))
        text = slice_from(text, 3);
    while (text.len > 0) {
        const size_t len = line_length(text, &ending);
        const bool comment = is_comment((struct slice){text.data, len});

        number++;
        if (n == 0)
            first = number;
        memcpy(joined + n, text.data, len);
        n += len;
        text = slice_from(text, len + ending);
        if (n > 0 && joined[n - 1] == '\\' && !comment && text.len > 0) {
            n--; /* goes on in the next line */
            continue;
        }
        if (lines)
            requirement_line(&t, (struct slice){joined, n}, first);
        else
            project_line(&t, (struct slice){joined, n}, first);
        n = 0;
    }
}
