#include "scanner/config/plan_document.h"

#include <string.h>

/* principals or conditions of one statement; a whole document has 10,240 characters in AWS. More
 * are not told. */
#define BLOCKS_MAX 100

struct build {
    struct arena *arena;
    const struct value *block; /* of the statement */
};

static bool absent(const struct value *v)
{
    return v == NULL || v->kind == VALUE_NULL || (v->kind == VALUE_LIST && value_len(v) == 0) ||
           (v->kind == VALUE_STRING && v->len == 0);
}

/* "&{...}" is how the provider lets one write "${...}". */
static const struct value *text(const struct build *b, const struct value *v)
{
    const struct slice s = value_text(v);
    const struct value_at at = {.offset = v->offset, .line = v->line};
    uint8_t *out;

    if (!value_is(v, VALUE_STRING) || s.len == 0 || memchr(s.data, '&', s.len) == NULL)
        return v;
    out = arena_alloc(b->arena, s.len);
    memcpy(out, s.data, s.len);
    for (size_t i = 0; i + 1 < s.len; i++)
        if (out[i] == '&' && out[i + 1] == '{')
            out[i] = '$';
    return value_string(b->arena, (struct slice){out, s.len}, &at);
}

static void add_texts(const struct build *b, const struct value *v, struct value_builder *list)
{
    if (!value_is(v, VALUE_LIST)) {
        value_list_add(list, text(b, v));
        return;
    }
    for (size_t i = 0; i < value_len(v); i++)
        value_list_add(list, text(b, value_item(v, i)));
}

/* An attribute of the block under the name that it has in a document. */
static void put_list(const struct build *b, struct value_builder *to, const char *from,
                     const char *name)
{
    const struct value *v = value_get(b->block, from);
    struct value_builder list;

    if (absent(v))
        return;
    if (value_is(v, VALUE_UNKNOWN)) {
        value_map_add(to, name, v);
        return;
    }
    value_list_begin(&list, b->arena);
    add_texts(b, v, &list);
    value_map_add(to, name, value_list_end(&list, NULL));
}

/* Is `key` of block `i` that of an earlier block, too? */
static bool seen(const struct value *blocks, size_t i, const char *key)
{
    const struct slice name = value_text(value_get(value_item(blocks, i), key));

    for (size_t k = 0; k < i; k++)
        if (slice_eq(value_text(value_get(value_item(blocks, k), key)), name))
            return true;
    return false;
}

/* Are there few blocks, each with a known text under `key`? */
static bool known(const struct value *blocks, const char *key)
{
    if (!value_is(blocks, VALUE_LIST) || value_len(blocks) > BLOCKS_MAX)
        return false;
    for (size_t i = 0; i < value_len(blocks); i++)
        if (!value_is(value_get(value_item(blocks, i), key), VALUE_STRING))
            return false;
    return true;
}

/* Those blocks whose `key` is that of block `i`. */
static const struct value *like(const struct build *b, const struct value *blocks, size_t i,
                                const char *key)
{
    const struct slice name = value_text(value_get(value_item(blocks, i), key));
    struct value_builder list;

    value_list_begin(&list, b->arena);
    for (size_t k = i; k < value_len(blocks); k++)
        if (slice_eq(value_text(value_get(value_item(blocks, k), key)), name))
            value_list_add(&list, value_item(blocks, k));
    return value_list_end(&list, NULL);
}

/* {key of each block: what all blocks of that key have under `values`}. */
static const struct value *grouped(const struct build *b, const struct value *blocks,
                                   const char *key, const char *values)
{
    struct value_builder map, list;

    value_map_begin(&map, b->arena);
    for (size_t i = 0; i < value_len(blocks); i++) {
        const struct slice name = value_text(value_get(value_item(blocks, i), key));
        const struct value *same = like(b, blocks, i, key), *unknown = NULL;

        if (seen(blocks, i, key))
            continue;
        value_list_begin(&list, b->arena);
        for (size_t k = 0; k < value_len(same); k++) {
            const struct value *v = value_get(value_item(same, k), values);

            if (value_is(v, VALUE_UNKNOWN))
                unknown = v;
            else if (!absent(v))
                add_texts(b, v, &list);
        }
        value_map_put(&map, name, unknown != NULL ? unknown : value_list_end(&list, NULL));
    }
    return value_map_end(&map, NULL);
}

static const struct value *not_told(const struct build *b, const struct value *blocks,
                                    const char *why)
{
    return value_is(blocks, VALUE_UNKNOWN) ? blocks : value_unknown(b->arena, why, NULL, 0, NULL);
}

static bool is_star(const struct value *blocks)
{
    const struct value *only = value_item(blocks, 0);
    const struct value *names = value_get(only, "identifiers");

    return value_len(blocks) == 1 && slice_is(value_text(value_get(only, "type")), "*") &&
           value_len(names) == 1 && slice_is(value_text(value_item(names, 0)), "*");
}

/* principals {type, identifiers}, not_principals likewise. */
static void put_principals(const struct build *b, struct value_builder *to, const char *from,
                           const char *name)
{
    const struct value *blocks = value_get(b->block, from);

    if (absent(blocks))
        return;
    if (!known(blocks, "type"))
        value_map_add(to, name, not_told(b, blocks, "a type of principal is not known"));
    else if (is_star(blocks))
        value_map_add(to, name, value_str(b->arena, "*"));
    else
        value_map_add(to, name, grouped(b, blocks, "type", "identifiers"));
}

/* condition {test, variable, values} */
static void put_conditions(const struct build *b, struct value_builder *to)
{
    const struct value *blocks = value_get(b->block, "condition");
    struct value_builder map;

    if (absent(blocks))
        return;
    if (!known(blocks, "test") || !known(blocks, "variable")) {
        value_map_add(to, "Condition", not_told(b, blocks, "a condition is not known"));
        return;
    }
    value_map_begin(&map, b->arena);
    for (size_t i = 0; i < value_len(blocks); i++)
        if (!seen(blocks, i, "test"))
            value_map_put(&map, value_text(value_get(value_item(blocks, i), "test")),
                          grouped(b, like(b, blocks, i, "test"), "variable", "values"));
    value_map_add(to, "Condition", value_map_end(&map, NULL));
}

static const struct value *statement(struct build *b, const struct value *block)
{
    const struct value_at at = {.offset = block->offset, .line = block->line};
    const struct value *sid, *effect;
    struct value_builder to;

    if (!value_is(block, VALUE_MAP))
        return value_is(block, VALUE_UNKNOWN)
                   ? block
                   : value_unknown(b->arena, "a statement is not known", NULL, 0, &at);
    b->block = block;
    sid = value_get(block, "sid");
    effect = value_get(block, "effect");
    value_map_begin(&to, b->arena);
    if (!absent(sid))
        value_map_add(&to, "Sid", sid);
    value_map_add(&to, "Effect", absent(effect) ? value_str(b->arena, "Allow") : effect);
    put_principals(b, &to, "principals", "Principal");
    put_principals(b, &to, "not_principals", "NotPrincipal");
    put_list(b, &to, "actions", "Action");
    put_list(b, &to, "not_actions", "NotAction");
    put_list(b, &to, "resources", "Resource");
    put_list(b, &to, "not_resources", "NotResource");
    put_conditions(b, &to);
    return value_map_end(&to, &at);
}

static const struct value *statements(struct build *b, const struct value *blocks)
{
    struct value_builder list;

    if (value_is(blocks, VALUE_UNKNOWN))
        return blocks;
    value_list_begin(&list, b->arena);
    for (size_t i = 0; i < value_len(blocks); i++)
        value_list_add(&list, statement(b, value_item(blocks, i)));
    return value_list_end(&list, NULL);
}

const struct value *plan_document_build(const struct value *attributes, struct arena *a)
{
    static const char *const merged[] = {"source_policy_documents", "override_policy_documents",
                                         "source_json", "override_json"};
    const struct value *version = value_get(attributes, "version");
    const struct value *blocks = value_get(attributes, "statement");
    struct build b = {.arena = a};
    struct value_builder doc;

    for (size_t i = 0; i < ARRAY_LEN(merged); i++)
        if (!absent(value_get(attributes, merged[i])))
            return NULL;
    if (!value_is(attributes, VALUE_MAP) || absent(blocks) ||
        (!value_is(blocks, VALUE_LIST) && !value_is(blocks, VALUE_UNKNOWN)))
        return NULL;
    value_map_begin(&doc, a);
    value_map_add(&doc, "Version", absent(version) ? value_str(a, "2012-10-17") : version);
    value_map_add(&doc, "Statement", statements(&b, blocks));
    return value_map_end(&doc, NULL);
}

bool plan_document_named(struct slice ref, struct slice *address)
{
    static const char *const attributes[] = {".json", ".minified_json"};

    for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
        if (slice_ends(ref, attributes[i])) {
            *address = (struct slice){ref.data, ref.len - strlen(attributes[i])};
            return true;
        }
    return false;
}
