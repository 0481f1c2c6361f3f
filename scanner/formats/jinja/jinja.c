#include "scanner/formats/jinja/jinja.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/jinja/jinja_parse.h"

#define TOLD_NAME 256 /* bytes of one name */

static const struct value *count(struct arena *a, uint64_t n)
{
    return value_int(a, n > INT64_MAX ? INT64_MAX : (int64_t)n, NULL);
}

/* The names alone. */
static const struct value *names(struct arena *a, const struct jinja_set *s)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < s->n; i++)
        value_list_add(&b, format_string(a, s->at[i].name, TOLD_NAME));
    return value_list_end(&b, NULL);
}

/* With how they are reached and where. */
static const struct value *places(struct arena *a, const struct jinja_set *s)
{
    struct value_builder b, item;

    value_list_begin(&b, a);
    for (size_t i = 0; i < s->n; i++) {
        const struct jinja_item *at = &s->at[i];

        value_map_begin(&item, a);
        value_map_add(&item, "name", format_string(a, at->name, TOLD_NAME));
        value_map_add(&item, "via", at->via != NULL ? value_str(a, at->via) : value_null(a, NULL));
        value_map_add(&item, "line", count(a, at->line));
        value_map_add(&item, "offset", count(a, at->offset));
        value_map_add(&item, "count", count(a, at->count));
        value_list_add(&b, value_map_end(&item, NULL));
    }
    return value_list_end(&b, NULL);
}

static bool capped(const struct jinja_found *f)
{
    return f->names.more || f->attributes.more || f->dunders.more || f->hidden.more ||
           f->texts.more || f->calls.more || f->filters.more || f->tests.more ||
           f->statements.more || f->computed.more || f->expansions.more;
}

static void tell(const struct format_input *in, const struct jinja_found *f,
                 struct value_builder *b)
{
    struct arena *a = in->scratch;

    value_map_add(b, "names", names(a, &f->names));
    value_map_add(b, "attributes", names(a, &f->attributes));
    value_map_add(b, "dunders", places(a, &f->dunders));
    value_map_add(b, "hidden", places(a, &f->hidden));
    value_map_add(b, "texts", names(a, &f->texts));
    value_map_add(b, "calls", names(a, &f->calls));
    value_map_add(b, "filters", names(a, &f->filters));
    value_map_add(b, "tests", names(a, &f->tests));
    value_map_add(b, "tags", names(a, &f->tags));
    value_map_add(b, "statements", places(a, &f->statements));
    value_map_add(b, "computed", places(a, &f->computed));
    value_map_add(b, "expansions", places(a, &f->expansions));
    value_map_add(b, "data_keys", count(a, f->data_keys));
    value_map_add(b, "loops", count(a, f->loops));
    value_map_add(b, "loop_depth", count(a, f->loop_depth));
    value_map_add(b, "tokens", count(a, f->tokens));
    value_map_add(b, "capped", value_bool(a, capped(f), NULL));
}

bool jinja_tell(const struct format_input *in, struct slice text, const struct jinja_place *at,
                struct err *e)
{
    struct arena *a = in->scratch, own;
    struct jinja_found *found = arena_alloc(a, sizeof(*found));
    struct value_builder b;
    struct err why = {0};
    bool ok;

    arena_init(&own);
    ok = jinja_parse(text, &own, found, &why);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "key", format_string(a, slice_str(at->key), TOLD_NAME));
    value_map_add(&b, "format", value_str(a, at->format));
    value_map_add(&b, "bytes", count(a, text.len));
    value_map_add(&b, "status",
                  value_str(a, ok                      ? "parsed"
                               : why.code == ERR_LIMIT ? "truncated"
                                                       : "malformed"));
    value_map_add(&b, "error", ok ? value_null(a, NULL) : value_str(a, why.text));
    value_map_add(&b, "error_line", ok ? value_null(a, NULL) : count(a, why.line));
    tell(in, found, &b);
    format_tell(in, "model.template",
                at->key[0] != '\0' ? arena_printf(a, "%s#%s", in->path, at->key) : NULL, at->offset,
                value_map_end(&b, NULL));
    arena_release(&own);
    if (ok)
        return true;
    if (e->code == ERR_NONE) {
        *e = why;
        if (at->key[0] != '\0') { /* the fault is told by its line within the template */
            e->offset = at->offset;
            e->line = 0;
            err_prefix(e, "template %s, line %u", at->key, why.line);
        }
    }
    return false;
}

bool jinja_plausible(struct slice text)
{
    size_t at;

    return slice_find(text, SLICE_LIT("{%"), &at) || slice_find(text, SLICE_LIT("{{"), &at);
}
