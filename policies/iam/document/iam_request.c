#include "policies/iam/document/iam_request.h"

#include "policies/iam/text/iam_glob.h"

const struct iam_key *iam_request_key(const struct iam_context *c, struct slice name)
{
    for (size_t i = 0; i < c->n; i++)
        if (iam_glob_same(c->keys[i].name, name))
            return &c->keys[i];
    return NULL;
}

struct iam_key iam_request_single(const char *name, struct slice value, struct arena *a)
{
    struct slice *values = ARENA_NEW(a, struct slice);

    *values = value;
    return (struct iam_key){.name = slice_str(name), .values = values, .n = 1};
}

struct slice iam_request_field(struct slice arn, unsigned n)
{
    size_t from = 0;

    for (size_t i = 0; i < arn.len && n < 5; i++) {
        if (arn.data[i] != ':')
            continue;
        if (n == 0)
            return (struct slice){arn.data + from, i - from};
        n--;
        from = i + 1;
    }
    return (struct slice){arn.data, 0};
}

struct slice iam_request_account(struct slice arn)
{
    if (arn.len == 12 && slice_digits(arn))
        return arn;
    return slice_starts(arn, "arn:") ? iam_request_field(arn, 4) : (struct slice){arn.data, 0};
}

static bool read_key(const struct value_member *m, struct arena *a, struct iam_key *k,
                     struct err *e)
{
    const bool list = value_is(m->value, VALUE_LIST);
    const size_t n = list ? value_len(m->value) : 1;
    struct slice *values = ARENA_ARRAY(a, struct slice, n);

    *k = (struct iam_key){.name = m->key, .values = values, .n = n, .many = list};
    for (size_t i = 0; i < n; i++) {
        const struct value *v = list ? value_item(m->value, i) : m->value;

        if (value_is(v, VALUE_UNKNOWN))
            k->unknown = true;
        else if (!value_scalar(v, a, &values[i]))
            return err_fail(e, ERR_USAGE, "context key '%.*s': expected text or a list, found %s",
                            (int)(m->key.len < 60 ? m->key.len : 60), (const char *)m->key.data,
                            value_kind_name((enum value_kind)v->kind));
    }
    return true;
}

bool iam_request_read_context(const struct value *v, struct arena *a, struct iam_context *out,
                              struct err *e)
{
    struct iam_key *keys;

    if (v == NULL || value_is(v, VALUE_UNKNOWN)) {
        *out = (struct iam_context){.open = v != NULL};
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return err_fail(e, ERR_USAGE, "a context: expected a map, found %s",
                        value_kind_name((enum value_kind)v->kind));
    keys = ARENA_ARRAY(a, struct iam_key, value_len(v));
    for (size_t i = 0; i < value_len(v); i++) {
        const struct iam_context before = {.keys = keys, .n = i};
        const struct slice name = v->as.members[i].key;

        if (iam_request_key(&before, name) != NULL)
            return err_fail(e, ERR_USAGE, "context key '%.*s' stands there twice, in another case",
                            (int)(name.len < 60 ? name.len : 60), (const char *)name.data);
        if (!read_key(&v->as.members[i], a, &keys[i], e))
            return false;
    }
    *out = (struct iam_context){.keys = keys, .n = value_len(v)};
    return true;
}
