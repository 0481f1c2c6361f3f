#include "gate/iam_context.h"

#include <string.h>

#include "gate/iam_verb.h"
#include "policies/iam/evaluate/iam_match.h"

/* Keys while they come together; there is room for all of them. */
struct keys {
    struct iam_key *items;
    size_t n;
};

/* The key of that name, added where it is not there. */
static struct iam_key *key(struct keys *k, struct slice name)
{
    const struct iam_context so_far = {.keys = k->items, .n = k->n};
    const struct iam_key *known = iam_request_key(&so_far, name);

    if (known != NULL)
        return &k->items[known - k->items];
    k->items[k->n] = (struct iam_key){.name = name};
    return &k->items[k->n++];
}

static bool option(struct keys *k, const char *text, struct arena *a, struct err *e)
{
    const char *eq = strchr(text, '=');
    struct iam_key *to;
    struct slice *values;

    if (eq == NULL || eq == text)
        return err_fail(e, ERR_USAGE, "--context %s: expected KEY=VALUE", text);
    to = key(k, (struct slice){(const uint8_t *)text, (size_t)(eq - text)});
    values = ARENA_ARRAY(a, struct slice, to->n + 1);
    for (size_t i = 0; i < to->n; i++)
        values[i] = to->values[i];
    values[to->n] = slice_str(eq + 1);
    to->values = values;
    to->many = ++to->n > 1;
    return true;
}

static bool file(const char *path, struct arena *a, struct iam_context *out, struct err *e)
{
    const struct value *v;

    *out = (struct iam_context){.n = 0};
    if (path == NULL)
        return true;
    if (!iam_verb_value(path, a, &v, e))
        return false;
    return iam_request_read_context(v, a, out, e) || err_in(e, "%s", path);
}

bool iam_context_read(const struct options *o, struct arena *a, struct iam_context *out,
                      struct err *e)
{
    const char *const *given = options_all(o, "context", a);
    struct iam_context more;
    struct keys k = {NULL, 0};
    size_t n = 0;

    if (!file(options_get(o, "context-file"), a, &more, e))
        return false;
    while (given != NULL && given[n] != NULL)
        n++;
    k.items = ARENA_ARRAY(a, struct iam_key, n + more.n);
    for (size_t i = 0; i < n; i++)
        if (!option(&k, given[i], a, e))
            return false;
    *out = (struct iam_context){.keys = k.items, .n = k.n, .open = options_has(o, "open-context")};
    for (size_t i = 0; i < more.n; i++)
        if (iam_request_key(out, more.keys[i].name) == NULL)
            k.items[k.n++] = more.keys[i];
    out->n = k.n;
    return true;
}

/* ---- what a principal says of itself ---- */

struct said {
    struct arena *arena;
    struct iam_key *items;
    size_t n;
    const struct iam_context *given;
};

/* A value that is not known yet leaves the key so. */
static void say_key(struct said *s, const char *name, const struct value *v)
{
    struct slice *value = ARENA_NEW(s->arena, struct slice);
    struct iam_key k = {.name = slice_str(name), .values = value, .n = 1};

    if (iam_request_key(s->given, k.name) != NULL)
        return;
    if (value_is(v, VALUE_UNKNOWN))
        k = (struct iam_key){.name = k.name, .unknown = true};
    else if (!value_scalar(v, s->arena, value))
        return;
    *(struct iam_key *)ARENA_PUSH(s->arena, &s->items, &s->n) = k;
}

static void tag(struct said *s, struct slice key, const struct value *v)
{
    say_key(s,
            arena_printf(s->arena, "aws:PrincipalTag/%.*s", (int)key.len, (const char *)key.data),
            v);
}

/* A map in plans; a list of Key and Value in templates and snapshots. */
static void tags(struct said *s, const struct value *v)
{
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_len(v); i++)
        tag(s, v->as.members[i].key, v->as.members[i].value);
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++) {
        const struct value *key = value_get(value_item(v, i), "Key");

        if (value_is(key, VALUE_STRING))
            tag(s, value_text(key), value_get(value_item(v, i), "Value"));
    }
}

void iam_context_party(const struct iam_party *p, struct slice principal, struct arena *a,
                       struct iam_context *c)
{
    struct said s = {.arena = a, .given = c};
    const struct value *all = value_get(p->fact->attributes, "tags_all");
    struct iam_key *keys;

    tags(&s, value_is(all, VALUE_MAP) ? all : value_get(p->fact->attributes, "tags"));
    tags(&s, value_get(p->fact->attributes, "Tags"));
    if (p->kind == IAM_ENTITY_ROLE && p->arn.len > 0 && !slice_eq(p->arn, principal) &&
        iam_match_role_of(p->arn, principal))
        say_key(&s, "aws:PrincipalArn", value_string(a, p->arn, NULL));
    keys = ARENA_ARRAY(a, struct iam_key, c->n + s.n);
    for (size_t i = 0; i < c->n; i++)
        keys[i] = c->keys[i];
    for (size_t i = 0; i < s.n; i++)
        keys[c->n + i] = s.items[i];
    c->keys = keys;
    c->n += s.n;
}
