#include "scanner/facts.h"

#include <string.h>

void facts_init(struct facts *f, struct arena *a)
{
    *f = (struct facts){.arena = a};
}

static const char *keep(struct arena *a, const char *s)
{
    return s == NULL ? NULL : arena_strdup(a, s);
}

static struct fact_location keep_location(struct arena *a, const struct fact_location *at)
{
    return (struct fact_location){keep(a, at->input), keep(a, at->path), at->line, at->offset};
}

void facts_add(struct facts *f, const struct fact *fact)
{
    struct arena *a = f->arena;
    struct fact *to = ARENA_PUSH(a, &f->facts, &f->nfacts);

    to->source = keep(a, fact->source);
    to->type = keep(a, fact->type);
    to->address = keep(a, fact->address);
    to->name = keep(a, fact->name != NULL ? fact->name : fact->address);
    to->subject = keep(a, fact->subject);
    to->at = keep_location(a, &fact->at);
    to->attributes = value_copy(fact->attributes, a);
}

void facts_cover(struct facts *f, const struct coverage *c)
{
    struct arena *a = f->arena;
    struct coverage *to = ARENA_PUSH(a, &f->coverage, &f->ncoverage);

    *to = *c;
    to->subject = keep(a, c->subject);
    to->input = keep(a, c->input);
    to->path = keep(a, c->path);
    to->format = keep(a, c->format);
    to->digest = keep(a, c->digest);
    to->code = keep(a, c->code);
    to->reason = keep(a, c->reason);
}

void facts_note(struct facts *f, const struct notice *n)
{
    struct arena *a = f->arena;
    struct notice *to = ARENA_PUSH(a, &f->notices, &f->nnotices);

    to->subject = keep(a, n->subject);
    to->at = keep_location(a, &n->at);
    to->text = keep(a, n->text);
}

void facts_subject(struct facts *f, const struct subject *s)
{
    struct arena *a = f->arena;
    struct subject *to = ARENA_PUSH(a, &f->subjects, &f->nsubjects);

    to->name = keep(a, s->name);
    to->kind = keep(a, s->kind);
    to->uri = keep(a, s->uri);
    to->digest = keep(a, s->digest);
}

/* ---- order ---- */
/* NULL before any text. */
static int cmp_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int cmp_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int first(const int *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (order[i] != 0)
            return order[i];
    return 0;
}

static int cmp_place(const struct fact_location *a, const struct fact_location *b)
{
    const int order[] = {cmp_text(a->input, b->input), cmp_text(a->path, b->path),
                         cmp_u64(a->line, b->line), cmp_u64(a->offset, b->offset)};

    return first(order, ARRAY_LEN(order));
}

/* The last word: where they stood. Elements are pointers into one array,
 * so that qsort becomes stable. */
static int cmp_address(const void *a, const void *b)
{
    return cmp_u64((uintptr_t)a, (uintptr_t)b);
}

static int cmp_fact(const void *pa, const void *pb)
{
    const struct fact *a = *(const struct fact *const *)pa, *b = *(const struct fact *const *)pb;
    const int order[] = {cmp_text(a->subject, b->subject), cmp_text(a->source, b->source),
                         cmp_text(a->type, b->type),       cmp_text(a->address, b->address),
                         cmp_text(a->at.path, b->at.path), cmp_u64(a->at.offset, b->at.offset),
                         cmp_place(&a->at, &b->at),        cmp_address(a, b)};

    return first(order, ARRAY_LEN(order));
}

static int cmp_coverage(const void *pa, const void *pb)
{
    const struct coverage *a = *(const struct coverage *const *)pa,
                          *b = *(const struct coverage *const *)pb;
    const int order[] = {cmp_text(a->subject, b->subject), cmp_text(a->input, b->input),
                         cmp_text(a->path, b->path),       cmp_text(a->format, b->format),
                         cmp_u64(a->offset, b->offset),    cmp_address(a, b)};

    return first(order, ARRAY_LEN(order));
}

static int cmp_notice(const void *pa, const void *pb)
{
    const struct notice *a = *(const struct notice *const *)pa,
                        *b = *(const struct notice *const *)pb;
    const int order[] = {cmp_text(a->subject, b->subject), cmp_place(&a->at, &b->at),
                         cmp_text(a->text, b->text), cmp_address(a, b)};

    return first(order, ARRAY_LEN(order));
}

static int cmp_subject(const void *pa, const void *pb)
{
    const struct subject *a = *(const struct subject *const *)pa,
                         *b = *(const struct subject *const *)pb;
    const int order[] = {cmp_text(a->name, b->name), cmp_text(a->kind, b->kind),
                         cmp_text(a->uri, b->uri), cmp_text(a->digest, b->digest),
                         cmp_address(a, b)};

    return first(order, ARRAY_LEN(order));
}

/* Sorts n items of `size` bytes in place through an array of pointers to them. */
static void sort(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
    struct arena scratch;
    const uint8_t **order;
    uint8_t *sorted;

    if (n < 2)
        return;
    arena_init(&scratch);
    order = ARENA_ARRAY(&scratch, const uint8_t *, n);
    sorted = arena_array(&scratch, n, size);
    for (size_t i = 0; i < n; i++)
        order[i] = (const uint8_t *)items + i * size;
    qsort(order, n, sizeof(*order), cmp);
    for (size_t i = 0; i < n; i++)
        memcpy(sorted + i * size, order[i], size);
    memcpy(items, sorted, n * size);
    arena_release(&scratch);
}

void facts_sort(struct facts *f)
{
    sort(f->facts, f->nfacts, sizeof(*f->facts), cmp_fact);
    sort(f->coverage, f->ncoverage, sizeof(*f->coverage), cmp_coverage);
    sort(f->notices, f->nnotices, sizeof(*f->notices), cmp_notice);
    sort(f->subjects, f->nsubjects, sizeof(*f->subjects), cmp_subject);
}

/* ---- tags ---- */
/* The value of one tag: text, the text of a number or a bool, or unknown;
 * NULL for what cannot be a tag. */
static const struct value *tag_value(const struct value *v, struct arena *a)
{
    const struct value_at at = {v->offset, v->line};
    struct slice text;

    if (value_is(v, VALUE_STRING) || value_is(v, VALUE_UNKNOWN))
        return v;
    return value_scalar(v, a, &text) ? value_string(a, text, &at) : NULL;
}

static void put_tag(struct value_builder *b, struct slice key, const struct value *v)
{
    const struct value *text = v == NULL ? NULL : tag_value(v, b->arena);

    if (text != NULL)
        value_map_put(b, key, text);
}

/* Adds {Key, Value} items, in either case. False when one is unknown, so
 * that the set as a whole is. */
static bool add_list(struct value_builder *b, const struct value *list)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *item = value_item(list, i);
        const struct value *key = value_get(item, "Key"), *v = value_get(item, "Value");

        key = key != NULL ? key : value_get(item, "key");
        v = v != NULL ? v : value_get(item, "value");
        if (value_is(item, VALUE_UNKNOWN) || value_is(key, VALUE_UNKNOWN))
            return false;
        if (value_is(key, VALUE_STRING))
            put_tag(b, value_text(key), v);
    }
    return true;
}

static bool add_tags(struct value_builder *b, const struct value *v)
{
    if (value_is(v, VALUE_UNKNOWN))
        return false;
    if (value_is(v, VALUE_LIST))
        return add_list(b, v);
    if (!value_is(v, VALUE_MAP))
        return true;
    for (uint32_t i = 0; i < v->len; i++)
        put_tag(b, v->as.members[i].key, v->as.members[i].value);
    return true;
}

/* tags_all holds the provider's defaults, the resource's own come on top. A set that is not known
 * makes all of it unknown: a tag that is not there might still come. */
static const struct value *make_tags(const struct value *attributes, struct arena *a)
{
    static const char *const names[] = {"tags_all", "tags", "Tags", "TagSet"};
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!add_tags(&b, value_get(attributes, names[i])))
            return value_unknown(a, "the tags are not all known", NULL, 0, NULL);
    return value_map_end(&b, NULL);
}

/* ---- as values ---- */
/* Names may hold any bytes; a value may not. */
static void add_text(struct value_builder *b, const char *key, const char *text)
{
    value_map_add(b, key,
                  text == NULL ? value_null(b->arena, NULL)
                               : value_bytes(b->arena, slice_str(text), NULL));
}

/* An offset or a size: as an integer, or null when there is none. */
static void add_number(struct value_builder *b, const char *key, uint64_t v, bool none)
{
    const int64_t n = v > INT64_MAX ? INT64_MAX : (int64_t)v;

    value_map_add(b, key, none ? value_null(b->arena, NULL) : value_int(b->arena, n, NULL));
}

const struct value *facts_resource(const struct fact *fact, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    add_text(&b, "source", fact->source);
    add_text(&b, "type", fact->type);
    add_text(&b, "address", fact->address);
    add_text(&b, "name", fact->name);
    add_text(&b, "subject", fact->subject);
    add_text(&b, "file", fact->at.input);
    add_text(&b, "path", fact->at.path);
    add_number(&b, "line", fact->at.line, fact->at.line == 0);
    add_number(&b, "offset", fact->at.offset, fact->at.offset == ERR_NO_OFFSET);
    value_map_add(&b, "attributes", fact->attributes);
    value_map_add(&b, "tags", make_tags(fact->attributes, a));
    return value_map_end(&b, NULL);
}

const struct value *facts_coverage_value(const struct coverage *c, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    add_text(&b, "subject", c->subject);
    add_text(&b, "input", c->input);
    add_text(&b, "path", c->path);
    add_text(&b, "format", c->format);
    add_text(&b, "digest", c->digest);
    add_text(&b, "status", facts_coverage_status(c->status));
    add_number(&b, "bytes", c->bytes, false);
    add_number(&b, "parsed", c->parsed, false);
    add_number(&b, "scanned", c->scanned, false);
    add_number(&b, "opaque", c->opaque, false);
    add_number(&b, "unread", c->unread, false);
    add_text(&b, "code", c->code);
    add_text(&b, "reason", c->reason);
    add_number(&b, "line", c->line, c->line == 0);
    add_number(&b, "offset", c->offset, c->offset == ERR_NO_OFFSET);
    return value_map_end(&b, NULL);
}

const char *facts_coverage_status(enum coverage_status s)
{
    static const char *const names[] = {"read", "partial", "unreadable", "ignored"};

    return (size_t)s < ARRAY_LEN(names) ? names[s] : "unreadable";
}
