/* Documents with lists that are made item by item. */
#include "base/value_doc.h"

#include <string.h>

struct value_doc value_doc_of(const struct value *map)
{
    return (struct value_doc){.map = map};
}

static const struct value_rows *rows_of(const struct value_doc *d, struct slice key)
{
    for (size_t i = 0; i < d->nrows; i++)
        if (slice_is(key, d->rows[i].key))
            return &d->rows[i];
    return NULL;
}

const struct value *value_doc_get(const struct value_doc *d, const char *key)
{
    return value_get(d->map, key);
}

const struct value *value_doc_path(const struct value_doc *d, const char *path)
{
    return value_path(d->map, path);
}

size_t value_doc_len(const struct value_doc *d, const char *key)
{
    const struct value_rows *rows = rows_of(d, slice_str(key));
    const struct value *list = value_get(d->map, key);

    if (rows != NULL)
        return rows->n;
    return value_is(list, VALUE_LIST) ? value_len(list) : 0;
}

const struct value *value_doc_item(const struct value_doc *d, const char *key, size_t i,
                                   struct arena *a)
{
    const struct value_rows *rows = rows_of(d, slice_str(key));

    if (rows == NULL)
        return value_item(value_get(d->map, key), i);
    return i < rows->n ? rows->make(rows->ctx, i, a) : NULL;
}

static void put_rows(const struct value_rows *rows, struct json_out *o)
{
    struct arena scratch;

    arena_init(&scratch);
    json_out_array(o);
    for (size_t i = 0; i < rows->n && !o->buf->full; i++) {
        json_out_value(o, rows->make(rows->ctx, i, &scratch));
        arena_clear(&scratch);
    }
    json_out_end_array(o);
    arena_release(&scratch);
}

void value_doc_json_member(const struct value_doc *d, const char *key, struct json_out *o)
{
    const struct value_rows *rows = rows_of(d, slice_str(key));

    if (rows != NULL)
        put_rows(rows, o);
    else
        json_out_value(o, value_get(d->map, key));
}

void value_doc_json(const struct value_doc *d, struct json_out *o)
{
    if (d->nrows == 0 || !value_is(d->map, VALUE_MAP)) {
        json_out_value(o, d->map);
        return;
    }
    json_out_object(o);
    for (uint32_t i = 0; i < d->map->len; i++) {
        const struct value_member *m = &d->map->as.members[i];
        const struct value_rows *rows = rows_of(d, m->key);

        json_out_key_slice(o, m->key);
        if (rows != NULL)
            put_rows(rows, o);
        else
            json_out_value(o, m->value);
    }
    json_out_end_object(o);
}
