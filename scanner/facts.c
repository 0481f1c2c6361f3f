#include "scanner/facts.h"

#include <assert.h>
#include <string.h>

#include "base/value_pool.h"

void facts_init(struct facts *f, struct arena *a)
{
    *f = (struct facts){.arena = a};
}

static const char *keep(struct facts *f, const char *s)
{
    if (s == NULL)
        return NULL;
    if (f->pool == NULL)
        f->pool = value_pool_new(f->arena);
    return (const char *)value_pool_text(f->pool, slice_str(s)).data;
}

static struct fact_location keep_location(struct facts *f, const struct fact_location *at)
{
    return (struct fact_location){keep(f, at->input), keep(f, at->path), at->line, at->offset};
}

void facts_add(struct facts *f, const struct fact *fact)
{
    struct fact *to = ARENA_PUSH(f->arena, &f->facts, &f->nfacts);

    to->source = keep(f, fact->source);
    to->type = keep(f, fact->type);
    to->address = keep(f, fact->address);
    to->name = keep(f, fact->name != NULL ? fact->name : fact->address);
    to->subject = keep(f, fact->subject);
    to->at = keep_location(f, &fact->at);
    to->attributes = f->pool != NULL ? value_pool_copy(f->pool, fact->attributes)
                                     : value_copy(fact->attributes, f->arena);
}

void facts_cover(struct facts *f, const struct coverage *c)
{
    struct coverage *to = ARENA_PUSH(f->arena, &f->coverage, &f->ncoverage);

    *to = *c;
    to->subject = keep(f, c->subject);
    to->input = keep(f, c->input);
    to->path = keep(f, c->path);
    to->format = keep(f, c->format);
    to->digest = keep(f, c->digest);
    to->code = keep(f, c->code);
    to->reason = keep(f, c->reason);
}

void facts_note(struct facts *f, const struct notice *n)
{
    struct notice *to = ARENA_PUSH(f->arena, &f->notices, &f->nnotices);

    to->subject = keep(f, n->subject);
    to->at = keep_location(f, &n->at);
    to->text = keep(f, n->text);
}

void facts_subject(struct facts *f, const struct subject *s)
{
    struct subject *to = ARENA_PUSH(f->arena, &f->subjects, &f->nsubjects);

    to->name = keep(f, s->name);
    to->kind = keep(f, s->kind);
    to->uri = keep(f, s->uri);
    to->digest = keep(f, s->digest);
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

/* Brings to each place the item that order[] says, going around each cycle with one in hand. */
static void permute(uint8_t *items, size_t n, size_t size, const uint8_t **order)
{
    uint8_t hand[sizeof(struct coverage) + sizeof(struct fact)];

    assert(size <= sizeof(hand));
    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        if (order[i] == items + i * size)
            continue;
        memcpy(hand, items + i * size, size);
        while (order[at] != items + i * size) {
            const size_t from = (size_t)(order[at] - items) / size;

            memcpy(items + at * size, items + from * size, size);
            order[at] = items + at * size;
            at = from;
        }
        memcpy(items + at * size, hand, size);
        order[at] = items + at * size;
    }
}

/* Sorts n items of `size` bytes in place through an array of pointers to them. */
static void sort(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
    struct arena scratch;
    const uint8_t **order;

    if (n < 2)
        return;
    arena_init(&scratch);
    order = ARENA_ARRAY(&scratch, const uint8_t *, n);
    for (size_t i = 0; i < n; i++)
        order[i] = (const uint8_t *)items + i * size;
    qsort(order, n, sizeof(*order), cmp);
    permute(items, n, size, order);
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
    value_map_lend(b, key, text == NULL ? value_null(b->arena, NULL) : value_lent(b->arena, text));
}

/* An offset or a size: as an integer, or null when there is none. */
static void add_number(struct value_builder *b, const char *key, uint64_t v, bool none)
{
    const int64_t n = v > INT64_MAX ? INT64_MAX : (int64_t)v;

    value_map_lend(b, key, none ? value_null(b->arena, NULL) : value_int(b->arena, n, NULL));
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
    value_map_lend(&b, "attributes", fact->attributes);
    value_map_lend(&b, "tags", make_tags(fact->attributes, a));
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
