/*
 * YAML from libyaml's events, without recursion. Members and items of open containers lie on one
 * stack. An anchor keeps its finished value, which every alias shares: the tree is immutable. What
 * an alias would cost as a copy is counted, in nodes and in levels: readers walk it like a copy.
 */
#include "base/yaml.h"

#include <inttypes.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/value_index.h"
#include "base/yaml_merge.h"
#include "base/yaml_scalar.h"
#include "base/yaml_text.h"

#define CORE "tag:yaml.org,2002:"
#define NO_ANCHOR SIZE_MAX
#define STACK_FIRST ((size_t)64)

struct entry {
    struct value_member m; /* of an item, the value only */
    uint32_t line;         /* of the key */
    bool merge;            /* the key was a plain << */
};

struct anchor {
    struct slice name;
    const struct value *value; /* NULL while the node is open */
    uint64_t nodes;
    unsigned height;
};

struct frame {
    struct value_at at;
    const char *tag; /* may be NULL */
    size_t anchor;   /* or NO_ANCHOR */
    size_t base;     /* entries that belong to the frames below */
    uint64_t nodes;  /* counted before this one */
    unsigned height; /* levels of the highest child */
    bool map, has_key;
};

/* A finished node on its way to its parent. */
struct done {
    const struct value *value;
    unsigned height; /* levels of containers */
};

struct yaml {
    struct slice text; /* without a byte order mark */
    size_t bom;        /* bytes of it */
    const struct yaml_options *opt;
    struct arena *arena;
    struct err *e;
    yaml_parser_t parser;
    size_t cursor, cursor_index; /* byte offset of a code point, and its number */
    uint64_t nodes;
    struct value_builder documents;
    const struct value *root;
    struct anchor *anchors; /* of this document */
    size_t nanchors, naliases;
    struct entry *entries;
    size_t nentries, entries_cap;
    struct frame frames[LIMIT_YAML_DEPTH];
    unsigned depth;
};

static size_t next_point(struct slice text, size_t at)
{
    do
        at++;
    while (at < text.len && (text.data[at] & 0xc0) == 0x80);
    return at;
}

static size_t previous_point(struct slice text, size_t at)
{
    do
        at--;
    while (at > 0 && (text.data[at] & 0xc0) == 0x80);
    return at;
}

/* libyaml counts code points; marks hardly ever go back, so the way from the last one is short. */
static struct value_at place(struct yaml *y, const yaml_mark_t *mark)
{
    while (y->cursor_index < mark->index && y->cursor < y->text.len) {
        y->cursor = next_point(y->text, y->cursor);
        y->cursor_index++;
    }
    while (y->cursor_index > mark->index && y->cursor > 0) {
        y->cursor = previous_point(y->text, y->cursor);
        y->cursor_index--;
    }
    return (struct value_at){.offset = y->bom + y->cursor, .line = (uint32_t)mark->line + 1};
}

/* The value false, as err_fail. */
#define fail(y, at, code, ...) err_place((y)->e, (code), (at).line, (at).offset, __VA_ARGS__)

static int shown(struct slice s)
{
    return s.len < 64 ? (int)s.len : 64;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool count_nodes(struct yaml *y, uint64_t n, struct value_at at)
{
    if (n > LIMIT_YAML_NODES - y->nodes)
        return fail(y, at, ERR_LIMIT, "more than LIMIT_YAML_NODES (%d) nodes", LIMIT_YAML_NODES);
    y->nodes += n;
    return true;
}

static struct entry *push(struct yaml *y)
{
    if (y->nentries == y->entries_cap) {
        y->entries_cap *= 2;
        y->entries = reallocarray(y->entries, y->entries_cap, sizeof(*y->entries));
        if (y->entries == NULL)
            abort();
    }
    y->entries[y->nentries] = (struct entry){.line = 0};
    return &y->entries[y->nentries++];
}

static struct frame *top(struct yaml *y)
{
    return y->depth > 0 ? &y->frames[y->depth - 1] : NULL;
}

static bool wants_key(struct yaml *y)
{
    const struct frame *f = top(y);

    return f != NULL && f->map && !f->has_key;
}

static struct slice text_of(const yaml_event_t *ev)
{
    return (struct slice){ev->data.scalar.value, ev->data.scalar.length};
}

/* ---- anchors --------------------------------------------------------------------------------- */

static bool add_anchor(struct yaml *y, const yaml_char_t *name, struct value_at at, size_t *index)
{
    struct anchor *anchor;

    *index = NO_ANCHOR;
    if (name == NULL)
        return true;
    if (y->nanchors == LIMIT_YAML_ANCHORS)
        return fail(y, at, ERR_LIMIT, "more than LIMIT_YAML_ANCHORS (%d) anchors",
                    LIMIT_YAML_ANCHORS);
    *index = y->nanchors;
    anchor = ARENA_PUSH(y->arena, &y->anchors, &y->nanchors);
    anchor->name = arena_slice(y->arena, slice_str((const char *)name));
    return true;
}

/* The last one of a name counts. SPEC: YAML 1.2.2 section 3.2.2.2 */
static const struct anchor *find_anchor(const struct yaml *y, struct slice name)
{
    for (size_t i = y->nanchors; i > 0; i--)
        if (slice_eq(y->anchors[i - 1].name, name))
            return &y->anchors[i - 1];
    return NULL;
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* !unknown, with a reason or a list of references. */
static bool make_unknown(struct yaml *y, const struct value *v, struct value_at at,
                         const struct value **out)
{
    struct slice *refs = NULL;
    size_t nrefs = 0;

    for (size_t i = 0; value_is(v, VALUE_LIST) && i < v->len; i++) {
        if (!value_is(value_item(v, i), VALUE_STRING))
            return fail(y, at, ERR_FORMAT, "a reference of !unknown that is not a string");
        *(struct slice *)ARENA_PUSH(y->arena, &refs, &nrefs) = value_text(value_item(v, i));
    }
    if (!value_is(v, VALUE_LIST) && !value_is(v, VALUE_STRING) && !value_is(v, VALUE_NULL))
        return fail(y, at, ERR_FORMAT, "!unknown takes a reason or a list of references");
    *out = value_unknown(y->arena, value_cstr(v, "unknown"), refs, nrefs, &at);
    return true;
}

static bool local_tag(struct yaml *y, const char *tag, struct value_at at, struct done *d)
{
    if (y->opt->on_tag != NULL) {
        struct err e = {.code = ERR_NONE};

        d->value = y->opt->on_tag(y->opt->ctx, y->arena, tag, d->value, &e);
        d->height++; /* it may have been wrapped */
        if (d->value != NULL)
            return true;
        return fail(y, at, e.code == ERR_NONE ? ERR_FORMAT : e.code, "%s",
                    e.code == ERR_NONE ? "a tag that is not understood" : e.text);
    }
    if (strcmp(tag, "!unknown") == 0)
        return make_unknown(y, d->value, at, &d->value);
    return fail(y, at, ERR_UNSUPPORTED, "the tag '%.64s' has no meaning here", tag);
}

/* Of a list or a map, or of a scalar that has no other tag of the core schema. */
static bool apply_tag(struct yaml *y, const char *tag, struct value_at at, struct done *d)
{
    const bool map = value_is(d->value, VALUE_MAP);

    if (tag == NULL || strcmp(tag, "!") == 0)
        return true;
    if (tag[0] == '!')
        return local_tag(y, tag, at, d);
    if ((map && strcmp(tag, CORE "map") == 0) ||
        (value_is(d->value, VALUE_LIST) && strcmp(tag, CORE "seq") == 0))
        return true;
    return fail(y, at, ERR_UNSUPPORTED, "the tag '%.64s' has no meaning here", tag);
}

/* !!int "1" and the like: the text must be what the tag says. */
static bool core_scalar(struct yaml *y, const yaml_event_t *ev, struct value_at at,
                        const struct value **out)
{
    const char *tag = (const char *)ev->data.scalar.tag;

    if (strncmp(tag, CORE, sizeof(CORE) - 1) != 0 || !yaml_scalar_has_tag(tag + sizeof(CORE) - 1))
        return fail(y, at, ERR_UNSUPPORTED, "the tag '%.64s' has no meaning here", tag);
    if (!yaml_scalar_tagged(tag + sizeof(CORE) - 1, text_of(ev), y->arena, &at, out))
        return fail(y, at, ERR_FORMAT, "'%.*s' is not of its tag '%.64s'", shown(text_of(ev)),
                    (const char *)text_of(ev).data, tag);
    return true;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Hands a finished node to its parent. */
static void give(struct yaml *y, struct done d)
{
    struct frame *f = top(y);

    if (f == NULL) {
        y->root = d.value;
        return;
    }
    if (f->map)
        y->entries[y->nentries - 1].m.value = d.value;
    else
        push(y)->m.value = d.value;
    f->has_key = false;
    if (d.height > f->height)
        f->height = d.height;
}

static void add_key(struct yaml *y, struct slice text, struct value_at at, bool merge)
{
    struct entry *entry = push(y);

    entry->m.key = arena_slice(y->arena, text);
    entry->m.key_offset = at.offset;
    entry->line = at.line;
    entry->merge = merge;
    top(y)->has_key = true;
}

static bool on_key(struct yaml *y, const yaml_event_t *ev, struct value_at at)
{
    const char *tag = (const char *)ev->data.scalar.tag;
    const bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    size_t anchor;

    if (tag != NULL && strcmp(tag, "!") != 0 && strncmp(tag, CORE, sizeof(CORE) - 1) != 0)
        return fail(y, at, ERR_UNSUPPORTED, "a key with the tag '%.64s'", tag);
    if (!add_anchor(y, ev->data.scalar.anchor, at, &anchor))
        return false;
    if (anchor != NO_ANCHOR) {
        y->anchors[anchor].value = value_string(y->arena, text_of(ev), &at);
        y->anchors[anchor].nodes = 1;
    }
    add_key(y, text_of(ev), at, plain && tag == NULL && slice_is(text_of(ev), "<<"));
    return true;
}

static bool on_scalar(struct yaml *y, const yaml_event_t *ev)
{
    const struct value_at at = place(y, &ev->start_mark);
    const char *tag = (const char *)ev->data.scalar.tag;
    const bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const bool local = tag != NULL && tag[0] == '!' && tag[1] != '\0';
    struct done d = {.height = 0};
    size_t anchor;

    if (wants_key(y))
        return on_key(y, ev, at);
    if (!count_nodes(y, 1, at) || !add_anchor(y, ev->data.scalar.anchor, at, &anchor))
        return false;
    if (plain && (tag == NULL || local)) {
        if (!yaml_scalar_plain(text_of(ev), y->arena, &at, &d.value))
            return fail(y, at, ERR_FORMAT, "the number '%.*s' is too large", shown(text_of(ev)),
                        (const char *)text_of(ev).data);
    } else if (tag == NULL || tag[0] == '!' || strcmp(tag, CORE "str") == 0) {
        d.value = value_string(y->arena, text_of(ev), &at);
    } else if (!core_scalar(y, ev, at, &d.value)) {
        return false;
    }
    if (local && !local_tag(y, tag, at, &d))
        return false;
    if (anchor != NO_ANCHOR) {
        y->anchors[anchor].value = d.value;
        y->anchors[anchor].nodes = 1;
        y->anchors[anchor].height = d.height;
    }
    give(y, d);
    return true;
}

static bool on_alias(struct yaml *y, const yaml_event_t *ev)
{
    const struct value_at at = place(y, &ev->start_mark);
    const struct slice name = slice_str((const char *)ev->data.alias.anchor);
    const struct anchor *anchor = find_anchor(y, name);

    if (anchor == NULL)
        return fail(y, at, ERR_FORMAT, "no anchor '%.*s' stands before its alias", shown(name),
                    (const char *)name.data);
    if (anchor->value == NULL)
        return fail(y, at, ERR_FORMAT, "the alias '%.*s' stands within its own anchor", shown(name),
                    (const char *)name.data);
    if (++y->naliases > LIMIT_YAML_ALIASES)
        return fail(y, at, ERR_LIMIT, "more than LIMIT_YAML_ALIASES (%d) aliases",
                    LIMIT_YAML_ALIASES);
    if (wants_key(y)) {
        if (!value_is(anchor->value, VALUE_STRING))
            return fail(y, at, ERR_FORMAT, "a key that is not a string");
        add_key(y, value_text(anchor->value), at, false);
        return true;
    }
    if (anchor->height > LIMIT_YAML_DEPTH - y->depth)
        return fail(y, at, ERR_LIMIT, "deeper than LIMIT_YAML_DEPTH (%d levels)", LIMIT_YAML_DEPTH);
    if (!count_nodes(y, anchor->nodes, at))
        return false;
    give(y, (struct done){.value = anchor->value, .height = anchor->height});
    return true;
}

struct opening {
    const yaml_char_t *tag, *anchor;
    bool map;
};

static bool on_open(struct yaml *y, const yaml_event_t *ev, struct opening o)
{
    const struct value_at at = place(y, &ev->start_mark);
    struct frame f = {.at = at, .base = y->nentries, .nodes = y->nodes, .map = o.map};

    if (wants_key(y))
        return fail(y, at, ERR_FORMAT, "a key that is not a scalar");
    if (y->depth == LIMIT_YAML_DEPTH)
        return fail(y, at, ERR_LIMIT, "deeper than LIMIT_YAML_DEPTH (%d levels)", LIMIT_YAML_DEPTH);
    if (!count_nodes(y, 1, at) || !add_anchor(y, o.anchor, at, &f.anchor))
        return false;
    if (o.tag != NULL)
        f.tag = arena_strdup(y->arena, (const char *)o.tag);
    y->frames[y->depth++] = f;
    return true;
}

static struct value *container(struct yaml *y, const struct frame *f, size_t n)
{
    struct value *v = ARENA_NEW(y->arena, struct value);

    v->offset = f->at.offset;
    v->line = f->at.line & 0xfffffffu;
    v->kind = f->map ? VALUE_MAP : VALUE_LIST;
    v->len = (uint32_t)n;
    return v;
}

static const struct value *make_list(struct yaml *y, const struct frame *f)
{
    const size_t n = y->nentries - f->base;
    const struct value **items = ARENA_ARRAY(y->arena, const struct value *, n);
    struct value *v = container(y, f, n);

    for (size_t i = 0; i < n; i++)
        items[i] = y->entries[f->base + i].m.value;
    v->as.items = items;
    return v;
}

static bool duplicate(struct yaml *y, const struct entry *entries, size_t second)
{
    const struct entry *later = &entries[second];
    size_t first = 0;

    while (!slice_eq(entries[first].m.key, later->m.key))
        first++;
    return fail(y, ((struct value_at){later->m.key_offset, later->line}), ERR_FORMAT,
                "duplicate key '%.*s' on lines %" PRIu32 " and %" PRIu32, shown(later->m.key),
                (const char *)later->m.key.data, entries[first].line, later->line);
}

/* Copies the members of the frame, looks for duplicate keys, and honours a merge key. */
static bool make_map(struct yaml *y, const struct frame *f, const struct value **out)
{
    const size_t n = y->nentries - f->base;
    struct value_member *m = arena_alloc(y->arena, n * sizeof(*m) + value_index_bytes(n));
    struct value *map = container(y, f, n);
    const struct entry *entries = y->entries + f->base;
    size_t second, merge = n;

    for (size_t i = 0; i < n; i++) {
        m[i] = entries[i].m;
        if (entries[i].merge)
            merge = i;
    }
    if (!value_index_build(m, n, &second))
        return duplicate(y, entries, second);
    map->as.members = m;
    if (merge < n && !yaml_merge_map(map, merge, y->arena))
        return fail(y, ((struct value_at){m[merge].key_offset, entries[merge].line}), ERR_FORMAT,
                    "the value of a merge key is not a map");
    *out = map;
    return true;
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool on_close(struct yaml *y)
{
    const struct frame f = *top(y);
    struct done d = {.height = f.height + 1};

    if (!f.map)
        d.value = make_list(y, &f);
    else if (!make_map(y, &f, &d.value))
        return false;
    y->nentries = f.base;
    y->depth--;
    if (!apply_tag(y, f.tag, f.at, &d))
        return false;
    if (f.anchor != NO_ANCHOR) {
        y->anchors[f.anchor].value = d.value;
        y->anchors[f.anchor].nodes = y->nodes - f.nodes;
        y->anchors[f.anchor].height = d.height;
    }
    give(y, d);
    return true;
}

static bool on_document(struct yaml *y, const yaml_event_t *ev)
{
    const struct value_at at = place(y, &ev->start_mark);

    if (!y->opt->many && y->documents.n > 0)
        return fail(y, at, ERR_FORMAT, "a second document, one was expected");
    if (!count_nodes(y, y->opt->many, at))
        return false;
    y->nanchors = y->naliases = 0;
    y->root = NULL;
    return true;
}

static bool on_event(struct yaml *y, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(y, ev);
    case YAML_DOCUMENT_END_EVENT:
        value_list_add(&y->documents, y->root);
        return true;
    case YAML_SCALAR_EVENT:
        return on_scalar(y, ev);
    case YAML_ALIAS_EVENT:
        return on_alias(y, ev);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(
            y, ev,
            (struct opening){ev->data.sequence_start.tag, ev->data.sequence_start.anchor, false});
    case YAML_MAPPING_START_EVENT:
        return on_open(
            y, ev,
            (struct opening){ev->data.mapping_start.tag, ev->data.mapping_start.anchor, true});
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(y);
    default:
        return true; /* the stream begins, or ends */
    }
}

/* What libyaml has against the text. */
static bool parser_error(struct yaml *y)
{
    const yaml_parser_t *p = &y->parser;
    const struct value_at at = place(y, &p->problem_mark);

    if (p->error == YAML_MEMORY_ERROR)
        abort();
    if (p->context != NULL)
        return fail(y, at, ERR_FORMAT, "%s, %s", p->context, p->problem);
    return fail(y, at, ERR_FORMAT, "%s", p->problem != NULL ? p->problem : "not yaml");
}

static bool read_events(struct yaml *y)
{
    bool ended = false, done = true;

    while (done && !ended) {
        yaml_event_t ev;

        if (!yaml_parser_parse(&y->parser, &ev))
            return parser_error(y);
        ended = ev.type == YAML_STREAM_END_EVENT;
        done = on_event(y, &ev);
        yaml_event_delete(&ev);
    }
    return done;
}

static bool read_stream(struct yaml *y, const struct value **out)
{
    const struct value_at start = {.offset = 0, .line = 1};
    struct value_at bad;
    const char *why;

    if (!yaml_text_check(y->text, &bad, &why))
        return fail(y, ((struct value_at){y->bom + bad.offset, bad.line}), ERR_FORMAT, "%s", why);
    if (!read_events(y))
        return false;
    if (y->opt->many)
        *out = value_list_end(&y->documents, &start);
    else if (y->documents.n == 1)
        *out = y->root;
    else
        return fail(y, start, ERR_FORMAT, "no document");
    return true;
}

static struct yaml *new_reader(struct slice text, const struct yaml_options *opt, struct arena *a,
                               struct err *e)
{
    static const struct yaml_options plain = {.many = false};
    struct yaml *y = calloc(1, sizeof(*y));
    struct entry *entries = reallocarray(NULL, STACK_FIRST, sizeof(*entries));

    if (y == NULL || entries == NULL || !yaml_parser_initialize(&y->parser))
        abort();
    y->entries = entries;
    y->entries_cap = STACK_FIRST;
    y->bom = slice_starts(text, "\xef\xbb\xbf") ? 3 : 0; /* SPEC: YAML 1.2.2 section 5.2 */
    y->text = text.len > y->bom ? slice_from(text, y->bom) : SLICE_LIT("");
    y->opt = opt != NULL ? opt : &plain;
    y->arena = a;
    y->e = e;
    value_list_begin(&y->documents, a);
    yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y->parser, y->text.data, y->text.len);
    return y;
}

bool yaml_read(struct slice text, const struct yaml_options *opt, struct arena *a,
               const struct value **out, struct err *e)
{
    struct yaml *y;
    bool done;

    if (text.len > LIMIT_CONFIG_BYTES)
        return err_fail(e, ERR_LIMIT, "a text longer than LIMIT_CONFIG_BYTES (%u bytes)",
                        LIMIT_CONFIG_BYTES);
    y = new_reader(text, opt, a, e);
    done = read_stream(y, out);
    yaml_parser_delete(&y->parser);
    free(y->entries);
    free(y);
    return done;
}
