/*
 * One pass over the text, without recursion. Members and items of the containers that are still
 * open lie on two stacks; a container that ends is copied into the arena once. Nodes and text come
 * from chunks of the arena, because most of them are small.
 */
#include "base/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/checked.h"
#include "base/json_scan.h"
#include "base/json_text.h"
#include "base/limits.h"
#include "base/value_index.h"

#define LINE_LAST ((UINT32_C(1) << 28) - 1)
#define NODES_FIRST ((size_t)64)
#define NODES_LAST ((size_t)32768)
#define TEXT_FIRST ((size_t)1 << 10)
#define TEXT_LAST ((size_t)1 << 20)
#define SEEN ((size_t)512) /* a power of two */
#define SEEN_TEXT ((size_t)32)
#define STACK_FIRST ((size_t)64)

struct frame {
    struct value *node; /* the open list or map */
    size_t base;        /* entries of the stack that belong to the frames below */
};

/* A short string that was seen, so that the next of the same bytes can share its copy: keys repeat
 * thousands of times. */
struct seen {
    uint64_t head, tail; /* all bytes up to 16, the outer ones of more */
    const uint8_t *text; /* NULL: free */
    size_t len;
};

struct json {
    const uint8_t *p, *end, *start;
    struct arena *arena;
    struct err *e;
    uint32_t line;
    unsigned depth;
    struct value *nodes; /* the rest of the chunk */
    size_t nodes_left, nodes_next, nodes_total;
    uint8_t *text; /* the rest of the chunk */
    size_t text_left, text_next;
    const struct value **items;
    size_t nitems, items_cap;
    struct value_member *members;
    size_t nmembers, members_cap;
    struct seen seen[SEEN];
    struct frame frames[LIMIT_JSON_DEPTH];
};

/* The line is counted again here: an error comes once. */
static void report(const struct json *j, const uint8_t *at, enum err_code code, const char *fmt,
                   ...) PRINTF_LIKE(4, 5);

static void report(const struct json *j, const uint8_t *at, enum err_code code, const char *fmt,
                   ...)
{
    char text[ERR_TEXT_MAX];
    uint32_t line = 1;
    va_list ap;

    if (j->e == NULL || j->e->code != ERR_NONE)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (const uint8_t *p = j->start; p < at; p++)
        line += *p == '\n' && line < LINE_LAST;
    err_set_place(j->e, code, line, (uint64_t)(at - j->start), "%s", text);
}

/* The value false, as err_fail. */
#define fail(j, ...) (report((j), __VA_ARGS__), false)

static bool unexpected(const struct json *j, const uint8_t *at, const char *wanted)
{
    if (at == j->end)
        return fail(j, at, ERR_FORMAT, "the text ends where %s was expected", wanted);
    if (*at > 0x20 && *at < 0x7f)
        return fail(j, at, ERR_FORMAT, "found '%c' where %s was expected", *at, wanted);
    return fail(j, at, ERR_FORMAT, "found byte 0x%02x where %s was expected", *at, wanted);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool more_nodes(struct json *j)
{
    size_t n = j->nodes_next;

    if (n > LIMIT_JSON_NODES - j->nodes_total)
        n = LIMIT_JSON_NODES - j->nodes_total;
    if (n == 0)
        return fail(j, j->p, ERR_LIMIT, "more than LIMIT_JSON_NODES (%d) nodes", LIMIT_JSON_NODES);
    j->nodes = ARENA_ARRAY(j->arena, struct value, n);
    j->nodes_left = n;
    j->nodes_total += n;
    if (j->nodes_next < NODES_LAST)
        j->nodes_next *= 2;
    return true;
}

/* A node that begins at `at`, or NULL at the cap. */
static inline struct value *new_node(struct json *j, enum value_kind kind, const uint8_t *at)
{
    struct value *v;

    if (j->nodes_left == 0 && !more_nodes(j))
        return NULL;
    v = j->nodes++;
    j->nodes_left--;
    v->offset = (uint64_t)(at - j->start);
    v->line = j->line & LINE_LAST;
    v->kind = (uint32_t)kind & 15;
    return v;
}

/* Room for n bytes of text, and 16 behind them that may be scribbled over. */
static inline uint8_t *text_room(struct json *j, size_t n)
{
    if (n + 16 > j->text_left) {
        const size_t want = n + 16 > j->text_next ? n + 16 : j->text_next;

        if (n > j->text_next / 4) /* large: the open chunk stays in use */
            return arena_alloc(j->arena, n + 16);
        j->text = arena_alloc(j->arena, want);
        j->text_left = want;
        if (j->text_next < TEXT_LAST)
            j->text_next *= 2;
    }
    return j->text;
}

/* Keeps n bytes and a NUL at `at`, which text_room gave. */
static inline void text_keep(struct json *j, uint8_t *at, size_t n)
{
    at[n] = '\0';
    if (at == j->text) {
        j->text += n + 1;
        j->text_left -= n + 1;
    }
}

static void *grow(void *old, size_t *cap, size_t size)
{
    void *grown;
    size_t bytes;

    *cap = *cap == 0 ? STACK_FIRST : *cap * 2;
    if (__builtin_mul_overflow(*cap, size, &bytes))
        abort();
    grown = realloc(old, bytes);
    if (grown == NULL)
        abort();
    return grown;
}

/* ---- white space ----------------------------------------------------------------------------- */

static void skip_space_slow(struct json *j)
{
    const uint8_t *p = j->p;

    while (p < j->end) {
        if (*p == '\n')
            j->line += j->line < LINE_LAST;
        else if (*p != ' ' && *p != '\t' && *p != '\r')
            break;
        p++;
        p = json_scan_blanks(p, j->end);
    }
    j->p = p;
}

/* A string cannot hold a line feed, so all lines are counted here. */
static inline void skip_space(struct json *j)
{
    if (j->p < j->end && *j->p <= ' ')
        skip_space_slow(j);
}

/* ---- strings --------------------------------------------------------------------------------- */

/* A string with more than plain ASCII; j->p is behind its opening quote, `stop` at the first other
 * byte. */
static bool read_text_slow(struct json *j, const uint8_t *stop, struct slice *out)
{
    struct json_text t = {.p = stop, .end = j->end};
    uint8_t *to;
    size_t n;

    if (!json_text_find(&t))
        return fail(j, t.p, ERR_FORMAT, "%s", t.why);
    n = (size_t)(t.p - j->p);
    to = text_room(j, n + 1);
    if (!t.escapes) {
        memcpy(to, j->p, n);
    } else {
        struct json_text raw = {.p = j->p, .end = t.p};

        if (!json_text_unescape(&raw, to, &n))
            return fail(j, raw.p, ERR_FORMAT, "%s", raw.why);
    }
    text_keep(j, to, n);
    *out = (struct slice){to, n};
    j->p = t.p + 1;
    return true;
}

static const uint8_t *long_text(struct json *j, const uint8_t *from, size_t n)
{
    uint8_t *to = text_room(j, n + 1);

    memcpy(to, from, n);
    text_keep(j, to, n);
    return to;
}

static inline uint64_t word_at(const uint8_t *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}

static inline uint32_t half_at(const uint8_t *p)
{
    uint32_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}

/* The copy of a string of at most SEEN_TEXT bytes. */
static inline const uint8_t *short_text(struct json *j, const uint8_t *from, size_t n)
{
    struct seen *s;
    uint64_t head, tail = 0;

    if (n >= 8) {
        head = word_at(from);
        tail = word_at(from + n - 8);
    } else if (n >= 4) {
        head = (uint64_t)half_at(from) << 32 | half_at(from + n - 4);
    } else {
        head = n == 0 ? 0 : (uint64_t)from[0] << 16 | (uint64_t)from[n / 2] << 8 | from[n - 1];
    }
    s = &j->seen[((head ^ (tail << 1 | tail >> 63)) + n) * UINT64_C(0x9e3779b97f4a7c15) >> 55 &
                 (SEEN - 1)];
    if (s->head == head && s->tail == tail && s->len == n && s->text != NULL &&
        (n <= 16 || memcmp(s->text + 8, from + 8, n - 16) == 0))
        return s->text;
    *s = (struct seen){head, tail, long_text(j, from, n), n};
    return s->text;
}

/* A string; j->p is at its opening quote. */
static inline bool read_text(struct json *j, struct slice *out)
{
    const uint8_t *from = ++j->p;
    const uint8_t *stop = json_scan_plain(from, j->end);
    const size_t n = (size_t)(stop - from);
    const uint8_t *to;

    if (stop == j->end || *stop != '"')
        return read_text_slow(j, stop, out);
    to = n <= SEEN_TEXT ? short_text(j, from, n) : long_text(j, from, n);
    *out = (struct slice){to, n};
    j->p = stop + 1;
    return true;
}

/* ---- scalars --------------------------------------------------------------------------------- */

static const struct value *read_string(struct json *j)
{
    struct value *v = new_node(j, VALUE_STRING, j->p);
    struct slice text;

    if (v == NULL || !read_text(j, &text))
        return NULL;
    v->len = (uint32_t)text.len;
    v->as.text = text.data;
    return v;
}

static const struct value *read_word(struct json *j)
{
    static const struct {
        struct slice text;
        enum value_kind kind;
    } words[] = {{SLICE_INIT("true"), VALUE_BOOL},
                 {SLICE_INIT("false"), VALUE_BOOL},
                 {SLICE_INIT("null"), VALUE_NULL}};
    const size_t left = (size_t)(j->end - j->p);
    struct value *v;

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const struct slice w = words[i].text;

        if (left < w.len || memcmp(j->p, w.data, w.len) != 0)
            continue;
        v = new_node(j, words[i].kind, j->p);
        if (v != NULL)
            v->as.boolean = i == 0;
        j->p += w.len;
        return v;
    }
    unexpected(j, j->p, "a value");
    return NULL;
}

static const struct value *read_real(struct json *j, struct slice token)
{
    struct value *v;
    double real;

    if (!checked_number(token)) {
        report(j, token.data, ERR_FORMAT, "not a number of json");
        return NULL;
    }
    if (!checked_double(token, &real)) {
        report(j, token.data, ERR_FORMAT, "a number too large for a double");
        return NULL;
    }
    v = new_node(j, VALUE_DOUBLE, token.data);
    if (v != NULL)
        v->as.real = real;
    return v;
}

static inline bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* All bytes that a number may have. */
static struct slice number_token(const struct json *j)
{
    const uint8_t *p = j->p;

    while (p < j->end &&
           (is_digit(*p) || *p == '.' || *p == 'e' || *p == 'E' || *p == '+' || *p == '-'))
        p++;
    return (struct slice){j->p, (size_t)(p - j->p)};
}

static const struct value *read_number_slow(struct json *j)
{
    const struct slice token = number_token(j);
    const bool negative = token.data[0] == '-';
    struct value *v;
    int64_t integer;

    j->p += token.len;
    if (token.len - negative > 1 && token.data[negative] == '0' &&
        is_digit(token.data[negative + 1])) {
        report(j, token.data, ERR_FORMAT, "a number with a leading zero");
        return NULL;
    }
    if (!checked_i64(token, &integer))
        return read_real(j, token);
    v = new_node(j, VALUE_INT, token.data);
    if (v != NULL)
        v->as.integer = integer;
    return v;
}

/* Up to 18 digits fit int64 whatever they are. SPEC: RFC 8259 section 6 */
static inline const struct value *read_number(struct json *j)
{
    const uint8_t *p = j->p;
    const bool negative = *p == '-';
    const uint8_t *from = p + negative;
    int64_t integer = 0;
    struct value *v;

    for (p = from; p < j->end && is_digit(*p) && p - from < 18; p++)
        integer = integer * 10 + (*p - '0');
    if (p == from || (*from == '0' && p - from > 1))
        return read_number_slow(j);
    if (p < j->end && (is_digit(*p) || *p == '.' || *p == 'e' || *p == 'E'))
        return read_number_slow(j);
    v = new_node(j, VALUE_INT, j->p);
    if (v != NULL)
        v->as.integer = negative ? -integer : integer;
    j->p = p;
    return v;
}

/* ---- containers ------------------------------------------------------------------------------ */

/* "key": of the open map; the value follows. */
static bool read_key(struct json *j)
{
    const uint8_t *at = j->p;
    struct value_member *m;

    if (at == j->end || *at != '"')
        return unexpected(j, at, "a key");
    if (j->nmembers == j->members_cap)
        j->members = grow(j->members, &j->members_cap, sizeof(*j->members));
    m = &j->members[j->nmembers++];
    m->key_offset = (uint64_t)(at - j->start);
    if (!read_text(j, &m->key))
        return false;
    skip_space(j);
    if (j->p == j->end || *j->p != ':')
        return unexpected(j, j->p, "':'");
    j->p++;
    skip_space(j);
    return true;
}

static bool open_container(struct json *j, enum value_kind kind)
{
    struct frame *f = &j->frames[j->depth];

    if (j->depth == LIMIT_JSON_DEPTH)
        return fail(j, j->p, ERR_LIMIT, "deeper than LIMIT_JSON_DEPTH (%d levels)",
                    LIMIT_JSON_DEPTH);
    f->node = new_node(j, kind, j->p);
    if (f->node == NULL)
        return false;
    f->base = kind == VALUE_LIST ? j->nitems : j->nmembers;
    j->depth++;
    j->p++;
    skip_space(j);
    return true;
}

static const struct value *close_list(struct json *j)
{
    const struct frame *f = &j->frames[--j->depth];
    const size_t n = j->nitems - f->base;
    const struct value **items;

    f->node->len = (uint32_t)n;
    if (n > 0) {
        items = ARENA_ARRAY(j->arena, const struct value *, n);
        memcpy(items, j->items + f->base, n * sizeof(void *));
        f->node->as.items = items;
    }
    j->nitems = f->base;
    return f->node;
}

static const struct value *close_map(struct json *j)
{
    const struct frame *f = &j->frames[--j->depth];
    const size_t n = j->nmembers - f->base;
    struct value_member *m;
    size_t second;

    f->node->len = (uint32_t)n;
    if (n > 0) {
        m = arena_alloc(j->arena, n * sizeof(*m) + value_index_bytes(n));
        memcpy(m, j->members + f->base, n * sizeof(*m));
        if (!value_index_build(m, n, &second)) {
            report(j, j->start + m[second].key_offset, ERR_FORMAT, "duplicate key '%.*s'",
                   m[second].key.len < 64 ? (int)m[second].key.len : 64,
                   (const char *)m[second].key.data);
            return NULL;
        }
        f->node->as.members = m;
    }
    j->nmembers = f->base;
    return f->node;
}

/* Puts a finished value where it belongs. */
static inline void attach(struct json *j, const struct value *v)
{
    if (j->frames[j->depth - 1].node->kind == VALUE_MAP) {
        j->members[j->nmembers - 1].value = v;
        return;
    }
    if (j->nitems == j->items_cap)
        j->items = grow(j->items, &j->items_cap, sizeof(void *));
    j->items[j->nitems++] = v;
}

/* Attaches v, and what ends with it; then j->p is at the next value, or depth is 0. NULL after an
 * error. */
static const struct value *advance(struct json *j, const struct value *v)
{
    while (v != NULL && j->depth > 0) {
        const bool map = j->frames[j->depth - 1].node->kind == VALUE_MAP;

        attach(j, v);
        skip_space(j);
        if (j->p < j->end && *j->p == ',') {
            j->p++;
            skip_space(j);
            if (j->p < j->end && *j->p == (map ? '}' : ']'))
                return unexpected(j, j->p, "more behind the comma") ? v : NULL;
            return !map || read_key(j) ? v : NULL;
        }
        if (j->p == j->end || *j->p != (map ? '}' : ']'))
            return unexpected(j, j->p, map ? "',' or '}'" : "',' or ']'") ? v : NULL;
        j->p++;
        v = map ? close_map(j) : close_list(j);
    }
    return v;
}

/* A scalar or an empty container: `*v`. Otherwise `*v` is NULL and j->p is at the first value in
 * the container. */
static bool begin(struct json *j, const struct value **v)
{
    const uint8_t c = j->p < j->end ? *j->p : 0;

    *v = NULL;
    if (c == '"')
        return (*v = read_string(j)) != NULL;
    if (c == '-' || is_digit(c))
        return (*v = read_number(j)) != NULL;
    if (c == '{') {
        if (!open_container(j, VALUE_MAP))
            return false;
        if (j->p == j->end || *j->p != '}')
            return read_key(j);
        j->p++;
        return (*v = close_map(j)) != NULL;
    }
    if (c == '[') {
        if (!open_container(j, VALUE_LIST))
            return false;
        if (j->p == j->end || *j->p != ']')
            return true;
        j->p++;
        return (*v = close_list(j)) != NULL;
    }
    return (*v = read_word(j)) != NULL;
}

static bool read_document(struct json *j, const struct value **out)
{
    const struct value *v;

    if (j->end - j->p >= 3 && memcmp(j->p, "\xef\xbb\xbf", 3) == 0)
        return fail(j, j->p, ERR_FORMAT, "the text begins with a byte order mark");
    skip_space(j);
    do {
        if (!begin(j, &v))
            return false;
        if (v == NULL)
            continue;
        v = advance(j, v);
        if (v == NULL)
            return false;
    } while (j->depth > 0);
    skip_space(j);
    if (j->p != j->end)
        return unexpected(j, j->p, "the end of the text");
    *out = v;
    return true;
}

static struct json *new_reader(struct slice text, struct arena *a, struct err *e)
{
    struct json *j = malloc(sizeof(*j));

    if (j == NULL)
        abort();
    memset(j, 0, offsetof(struct json, frames));
    j->p = j->start = text.len > 0 ? text.data : (const uint8_t *)"";
    j->end = j->start + text.len;
    j->arena = a;
    j->e = e;
    j->line = 1;
    j->nodes_next = NODES_FIRST;
    j->text_next = TEXT_FIRST;
    return j;
}

bool json_read(struct slice text, struct arena *a, const struct value **out, struct err *e)
{
    struct json *j;
    bool done;

    if (text.len > LIMIT_JSON_BYTES)
        return err_fail(e, ERR_LIMIT, "a text longer than LIMIT_JSON_BYTES (%u bytes)",
                        LIMIT_JSON_BYTES);
    j = new_reader(text, a, e);
    done = read_document(j, out);
    free(j->items);
    free(j->members);
    free(j);
    return done;
}
