#include "policies/view.h"

#include <string.h>

#include "base/checked.h"
#include "base/limits.h"

enum step_kind { STEP_NAME, STEP_INDEX, STEP_EACH };

struct view_path {
    size_t n;
    struct step {
        enum step_kind kind;
        struct slice name; /* of an index too: a map may have a key of digits */
        size_t index;
    } steps[];
};

/* One step, up to the next dot; `at` moves behind it. */
static bool read_step(struct slice text, size_t *at, struct step *out, struct err *e)
{
    size_t from = *at, n = 0;
    uint64_t index;

    if (text.data[from] == '"') {
        const uint8_t *end = memchr(text.data + from + 1, '"', text.len - from - 1);

        if (end == NULL)
            return err_pos(e, ERR_USAGE, from, "the quoted name has no end");
        n = (size_t)(end - (text.data + from + 1));
        *out = (struct step){.kind = STEP_NAME, .name = {text.data + from + 1, n}};
        *at = from + n + 2;
    } else {
        while (from + n < text.len && text.data[from + n] != '.')
            n++;
        *out = (struct step){.kind = STEP_NAME, .name = {text.data + from, n}};
        if (slice_is(out->name, "*"))
            out->kind = STEP_EACH;
        if (checked_u64(out->name, UINT32_MAX, &index)) {
            out->kind = STEP_INDEX;
            out->index = (size_t)index;
        }
        *at = from + n;
    }
    if (n == 0)
        return err_pos(e, ERR_USAGE, from, "an empty name");
    if (*at < text.len && text.data[*at] != '.')
        return err_pos(e, ERR_USAGE, *at, "expected a dot or the end");
    return true;
}

bool view_compile(struct slice text, struct arena *a, const struct view_path **out, struct err *e)
{
    struct step steps[LIMIT_VIEW_STEPS];
    struct view_path *p;
    size_t n = 0, at = 0;

    text = arena_slice(a, text);
    do {
        if (n == LIMIT_VIEW_STEPS)
            return err_pos(e, ERR_LIMIT, at, "more than %d steps (LIMIT_VIEW_STEPS)",
                           LIMIT_VIEW_STEPS);
        if (at >= text.len)
            return err_pos(e, ERR_USAGE, at, "an empty name");
        if (!read_step(text, &at, &steps[n++], e))
            return false;
    } while (at++ < text.len);
    p = arena_alloc(a, sizeof(*p) + n * sizeof(steps[0]));
    p->n = n;
    memcpy(p->steps, steps, n * sizeof(steps[0]));
    *out = p;
    return true;
}

static const struct value *one_step(const struct step *s, const struct value *v)
{
    if (value_is(v, VALUE_MAP))
        return value_get_slice(v, s->name);
    if (s->kind == STEP_INDEX && value_is(v, VALUE_LIST))
        return value_item(v, s->index);
    return NULL;
}

static const struct value *walk(const struct step *s, size_t n, const struct value *v,
                                struct arena *a);

static bool has_each(const struct step *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i].kind == STEP_EACH)
            return true;
    return false;
}

/* Adds what the rest of the path leads to; further '*' give one flat list. */
static void add_found(struct value_builder *b, const struct step *s, size_t n,
                      const struct value *item)
{
    const struct value *found = walk(s, n, item, b->arena);

    if (found == NULL)
        return;
    if (found->kind != VALUE_LIST || !has_each(s, n)) {
        value_list_add(b, found);
        return;
    }
    for (size_t i = 0; i < found->len; i++)
        value_list_add(b, found->as.items[i]);
}

/* Every item of a list or value of a map; anything else is a list of one. At most
 * LIMIT_VIEW_STEPS calls deep, the length of the path. */
static const struct value *each(const struct step *s, size_t n, const struct value *v,
                                struct arena *a)
{
    struct value_builder b;
    struct value_at at = {v->offset, v->line};

    if (v->kind == VALUE_NULL)
        return NULL;
    value_list_begin(&b, a);
    if (v->kind == VALUE_LIST)
        for (size_t i = 0; i < v->len; i++)
            add_found(&b, s, n, v->as.items[i]);
    else if (v->kind == VALUE_MAP)
        for (size_t i = 0; i < v->len; i++)
            add_found(&b, s, n, v->as.members[i].value);
    else
        add_found(&b, s, n, v);
    return value_list_end(&b, &at);
}

static const struct value *walk(const struct step *s, size_t n, const struct value *v,
                                struct arena *a)
{
    for (size_t i = 0; i < n; i++) {
        if (v == NULL || v->kind == VALUE_UNKNOWN)
            return v;
        if (s[i].kind == STEP_EACH)
            return each(s + i + 1, n - i - 1, v, a);
        v = one_step(&s[i], v);
    }
    return value_is(v, VALUE_NULL) ? NULL : v;
}

const struct value *view_walk(const struct view_path *p, const struct value *attributes,
                              struct arena *a)
{
    return walk(p->steps, p->n, attributes, a);
}

bool view_computed(const struct value *attributes, struct slice name)
{
    const struct value *names = value_get(attributes, "_computed");

    for (size_t i = 0; i < value_len(names); i++)
        if (slice_eq(value_text(value_item(names, i)), name))
            return true;
    return false;
}

/* Unknown because the provider chooses it, and the rule takes that for absent. */
static bool unset(const struct rule_view *v, const struct view_path *p,
                  const struct value *attributes, const struct value *found)
{
    return v->unset_absent && value_is(found, VALUE_UNKNOWN) &&
           view_computed(attributes, p->steps[0].name);
}

const struct value *view_field(const struct rule_view *v, const char *source,
                               const struct value *attributes, struct arena *a)
{
    for (size_t i = 0; i < v->npaths; i++) {
        const struct value *found;

        if (v->paths[i].source != NULL && strcmp(v->paths[i].source, source) != 0)
            continue;
        found = view_walk(v->paths[i].compiled, attributes, a);
        if (found != NULL && !unset(v, v->paths[i].compiled, attributes, found))
            return found;
    }
    return NULL;
}

/* CloudFormation takes text for a number and for a truth value; what an attribute is, its default
 * tells. SPEC: CloudFormation User Guide, "Parameters": all values are text. */
static const struct value *typed(const struct value *found, const struct value *fallback,
                                 struct arena *a)
{
    const struct value_at at = {found->offset, found->line};
    const struct slice text = value_text(found);
    uint64_t number;

    if (!value_is(found, VALUE_STRING) || fallback == NULL)
        return found;
    if (fallback->kind == VALUE_BOOL && slice_among(text, (const char *const[]){"true", "True"}, 2))
        return value_bool(a, true, &at);
    if (fallback->kind == VALUE_BOOL &&
        slice_among(text, (const char *const[]){"false", "False"}, 2))
        return value_bool(a, false, &at);
    if (fallback->kind == VALUE_INT && checked_u64(text, INT32_MAX, &number))
        return value_int(a, (int64_t)number, &at);
    return found;
}

const struct value *view_make(const struct rule *r, const char *source,
                              const struct value *attributes, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < r->nviews; i++) {
        const struct value *found = view_field(&r->views[i], source, attributes, a);

        if (found == NULL)
            found = r->views[i].fallback;
        else if (strcmp(source, "cloudformation") == 0)
            found = typed(found, r->views[i].fallback, a);
        if (found != NULL)
            value_map_add(&b, r->views[i].name, found);
    }
    return value_map_end(&b, NULL);
}
