#include "scanner/formats/metadata.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/jinja/jinja.h"

#define SLOTS ((size_t)4096) /* a power of two, more than LIMIT_DOCUMENT_ITEMS */
#define NAME_MAX_BYTES 128

/* Different names, in the order in which they come. */
struct names {
    struct slice slots[SLOTS];
    struct value_builder list;
    bool more;
};

static void names_add(struct names *n, struct arena *a, struct slice name)
{
    uint32_t hash = 2166136261u;
    size_t at;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.data[i]) * 16777619u;
    for (at = hash & (SLOTS - 1); n->slots[at].data != NULL; at = (at + 1) & (SLOTS - 1))
        if (slice_eq(n->slots[at], name))
            return;
    if (n->list.n >= LIMIT_DOCUMENT_ITEMS) {
        n->more = true;
        return;
    }
    n->slots[at] = name;
    value_list_add(&n->list, format_string(a, name, NAME_MAX_BYTES));
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.';
}

/* The name before each bracket. One that ends in a low line is a caption's. */
static void find_calls(struct names *n, struct arena *a, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        size_t from, to = i;

        if (s.data[i] != '(')
            continue;
        while (to > 0 && s.data[to - 1] == ' ' && i - to < 4)
            to--;
        for (from = to; from > 0 && is_word(s.data[from - 1]) && to - from < NAME_MAX_BYTES;)
            from--;
        while (from < to && s.data[from] == '.')
            from++;
        if (from < to && (s.data[to - 1] != '_' || (to - from > 4 && s.data[to - 2] == '_')))
            names_add(n, a, (struct slice){s.data + from, to - from});
    }
}

/* _target_: "package.Class", in JSON or YAML. */
static void find_targets(struct names *n, struct arena *a, struct slice s)
{
    static const char word[] = "_target_";
    size_t at;

    while (slice_find(s, slice_str(word), &at)) {
        size_t len = 0;

        s = slice_from(s, at + sizeof(word) - 1);
        while (s.len > 0 && strchr("\"'\\: =\t", s.data[0]) != NULL)
            s = slice_from(s, 1);
        while (len < s.len && len < NAME_MAX_BYTES && is_word(s.data[len]))
            len++;
        names_add(n, a, len > 0 ? (struct slice){s.data, len} : SLICE_LIT("(unreadable)"));
    }
}

static void tell(const struct format_input *in, struct slice key, struct slice text,
                 uint64_t offset)
{
    struct arena *a = in->scratch;
    struct names *calls = ARENA_NEW(a, struct names), *targets = ARENA_NEW(a, struct names);
    struct value_builder b;

    value_list_begin(&calls->list, a);
    value_list_begin(&targets->list, a);
    find_calls(calls, a, text);
    find_targets(targets, a, text);
    if (calls->list.n == 0 && targets->list.n == 0)
        return;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "key", format_string(a, key, NAME_MAX_BYTES));
    value_map_add(&b, "calls", value_list_end(&calls->list, NULL));
    value_map_add(&b, "targets", value_list_end(&targets->list, NULL));
    value_map_add(&b, "capped", value_bool(a, calls->more || targets->more, NULL));
    format_tell(in, "model.metadata_text",
                arena_printf(a, "%s#%.*s", in->path,
                             (int)(key.len < NAME_MAX_BYTES ? key.len : NAME_MAX_BYTES),
                             (const char *)key.data),
                offset, value_map_end(&b, NULL));
}

void metadata_text(const struct format_input *in, struct slice key, struct slice text,
                   uint64_t offset)
{
    struct format_input inner = *in;
    const struct value *json;
    struct err e = {0};
    size_t at;

    if (text.len < 2)
        return;
    if (memchr(text.data, '(', text.len) != NULL || slice_find(text, SLICE_LIT("_target_"), &at))
        tell(in, key, text, offset);
    if (slice_find(key, SLICE_LIT("template"), &at) && jinja_plausible(text)) {
        struct jinja_place place = {arena_strndup(in->scratch, key), "safetensors", offset};

        /* what is broken is told by its fact */
        (void)!jinja_tell(in, text, &place, &e);
    }
    if (text.data[0] != '{' && text.data[0] != '[')
        return;
    inner.path = arena_printf(in->scratch, "%s#%.*s", in->path,
                              (int)(key.len < NAME_MAX_BYTES ? key.len : NAME_MAX_BYTES),
                              (const char *)key.data);
    if (json_read(text, in->scratch, &json, &e))
        (void)document_tell(&inner, json);
}
