#include "policies/iam/escalate/iam_paths.h"

#include <string.h>

static const char *const on_names[IAM_ON_COUNT + 1] = {
    [IAM_ON_ANYTHING] = "anything",
    [IAM_ON_OBJECT] = "",
    [IAM_ON_OWN_USER] = "own user",
    [IAM_ON_OWN_ROLE] = "own role",
    [IAM_ON_OWN_GROUP] = "own group",
    [IAM_ON_OWN_POLICY] = "own policy",
    [IAM_ON_USER] = "another user",
    [IAM_ON_ROLE] = "another role",
    [IAM_ON_GROUP] = "another group",
    [IAM_ON_PASSED_ROLE] = "passed role",
    [IAM_ON_ROLE_POLICY] = "policy of the role",
};

bool iam_paths_own(enum iam_path_on on)
{
    return on >= IAM_ON_OWN_USER && on <= IAM_ON_OWN_POLICY;
}

bool iam_paths_target(enum iam_path_on on)
{
    return on == IAM_ON_USER || on == IAM_ON_ROLE || on == IAM_ON_GROUP || on == IAM_ON_PASSED_ROLE;
}

struct reading {
    const struct schema_doc *d;
    struct iam_paths *out;
    struct iam_path path; /* that is read */
};

static struct iam_texts texts_of(const char *const *list, struct arena *a)
{
    struct iam_texts out = {0};
    struct slice *items;

    while (list[out.n] != NULL)
        out.n++;
    items = ARENA_ARRAY(a, struct slice, out.n);
    for (size_t i = 0; i < out.n; i++)
        items[i] = slice_str(list[i]);
    out.items = items;
    return out;
}

/* A map of maps: its members' keys become names. */
static bool map_of(const struct schema_doc *d, const struct value *v, const char *key,
                   const struct value **out, struct err *e)
{
    const struct schema_member m = {v, "escalation paths", key};

    return schema_need(d, &m, out, e) && schema_opt_kind(d, &m, VALUE_MAP, out, e);
}

/* ---- categories and objects ---- */

static bool read_categories(struct reading *r, const struct value *v, struct err *e)
{
    static const char *const keys[] = {"title", "break", NULL};
    struct iam_path_category *items = NULL;

    for (size_t i = 0; i < value_len(v); i++) {
        struct iam_path_category *c = ARENA_PUSH(r->d->arena, &items, &r->out->ncategories);
        struct schema_member m = {v->as.members[i].value, "category", "title"};

        c->name = (const char *)v->as.members[i].key.data;
        if (!schema_map(r->d, m.map, m.what, keys, e) || !schema_str(r->d, &m, &c->title, e))
            return false;
        m.key = "break";
        if (!schema_str(r->d, &m, &c->cut, e))
            return false;
    }
    r->out->categories = items;
    return true;
}

static bool read_objects(struct reading *r, const struct value *v, struct err *e)
{
    static const char *const keys[] = {"is", "arn", NULL};
    struct iam_path_object *items = NULL;

    for (size_t i = 0; i < value_len(v); i++) {
        struct iam_path_object *o = ARENA_PUSH(r->d->arena, &items, &r->out->nobjects);
        struct schema_member m = {v->as.members[i].value, "object", "is"};
        const char *const *arns;

        o->name = (const char *)v->as.members[i].key.data;
        if (!schema_map(r->d, m.map, m.what, keys, e) || !schema_str(r->d, &m, &o->is, e))
            return false;
        m.key = "arn";
        if (!schema_opt_strs(r->d, &m, &arns, e))
            return false;
        o->arns = texts_of(arns, r->d->arena);
        if (o->arns.n == 0)
            return schema_fail(r->d, m.map, e, "object '%s': 'arn' is missing", o->name);
    }
    r->out->objects = items;
    return true;
}

/* ---- ways ---- */

static bool is_action(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const size_t service = strspn(s, letters);
    const size_t name = s[service] == ':' ? strspn(s + service + 1, letters) : 0;

    return service > 0 && name > 0 && s[service + 1 + name] == '\0';
}

static bool read_on(struct reading *r, const struct schema_member *m, struct iam_path_step *s,
                    struct err *e)
{
    const char *on;

    if (!schema_opt_str(r->d, m, &on, e))
        return false;
    s->on = IAM_ON_ANYTHING;
    if (on == NULL)
        return true;
    for (size_t i = 0; i < IAM_ON_COUNT; i++)
        if (i != IAM_ON_OBJECT && strcmp(on_names[i], on) == 0) {
            s->on = (enum iam_path_on)i;
            return true;
        }
    s->on = IAM_ON_OBJECT;
    for (size_t i = 0; i < r->out->nobjects; i++)
        if (strcmp(r->out->objects[i].name, on) == 0) {
            s->object = &r->out->objects[i];
            return true;
        }
    return schema_fail(r->d, value_get(m->map, "object"), e, "%s: no object '%s'", m->what, on);
}

static bool read_step(struct reading *r, const struct value *v, struct iam_path_step *s,
                      struct err *e)
{
    static const char *const keys[] = {"allow", "object", NULL};
    struct schema_member m = {v, r->path.id, "allow"};
    const char *action;

    if (!schema_map(r->d, v, m.what, keys, e) || !schema_str(r->d, &m, &action, e))
        return false;
    if (!is_action(action))
        return schema_fail(r->d, v, e, "%s: '%s' is not one action, SERVICE:NAME", m.what, action);
    s->action = slice_str(action);
    m.key = "object";
    return read_on(r, &m, s, e);
}

/* One target, a service for what is passed, a role for a policy of the role. */
static bool check_way(const struct reading *r, const struct value *v,
                      const struct iam_path_way *way, struct err *e)
{
    const struct iam_path_step *target = NULL;
    bool policy = false;

    for (size_t i = 0; i < way->n; i++) {
        const struct iam_path_step *s = &way->steps[i];

        policy = policy || s->on == IAM_ON_ROLE_POLICY;
        if (!iam_paths_target(s->on))
            continue;
        if (target != NULL && target->on != s->on)
            return schema_fail(r->d, v, e, "%s: '%s' and '%s' in one way: a way has one target",
                               r->path.id, on_names[target->on], on_names[s->on]);
        target = s;
        if (s->on == IAM_ON_PASSED_ROLE && r->path.services.n == 0)
            return schema_fail(r->d, v, e, "%s: a role is passed, and no 'service' takes it",
                               r->path.id);
    }
    if (policy && (target == NULL || target->on != IAM_ON_ROLE))
        return schema_fail(r->d, v, e, "%s: 'policy of the role' without 'another role'",
                           r->path.id);
    return true;
}

static bool read_way(struct reading *r, const struct value *v, struct iam_path_way *way,
                     struct err *e)
{
    struct iam_path_step *steps;

    if (!value_is(v, VALUE_LIST) || v->len == 0 || v->len > IAM_PATHS_STEPS_MAX)
        return schema_fail(r->d, v, e, "%s: a way is a list of 1 to %d steps", r->path.id,
                           IAM_PATHS_STEPS_MAX);
    steps = ARENA_ARRAY(r->d->arena, struct iam_path_step, v->len);
    for (size_t i = 0; i < v->len; i++)
        if (!read_step(r, value_item(v, i), &steps[i], e))
            return false;
    *way = (struct iam_path_way){steps, v->len};
    return check_way(r, v, way, e);
}

static bool read_ways(struct reading *r, const struct value *v, struct err *e)
{
    const struct value *list = value_get(v, "ways");
    struct iam_path_way *ways;

    if (!value_is(list, VALUE_LIST) || list->len == 0 || list->len > IAM_PATHS_WAYS_MAX)
        return schema_fail(r->d, list != NULL ? list : v, e,
                           "%s: 'ways' is a list of 1 to %d lists of steps", r->path.id,
                           IAM_PATHS_WAYS_MAX);
    ways = ARENA_ARRAY(r->d->arena, struct iam_path_way, list->len);
    for (size_t i = 0; i < list->len; i++)
        if (!read_way(r, value_item(list, i), &ways[i], e))
            return false;
    r->path.ways = ways;
    r->path.nways = list->len;
    return true;
}

/* ---- paths ---- */

static bool read_category(struct reading *r, const struct value *v, struct err *e)
{
    const struct schema_member m = {v, r->path.id, "category"};
    const char *name;

    if (!schema_str(r->d, &m, &name, e))
        return false;
    for (size_t i = 0; i < r->out->ncategories; i++)
        if (strcmp(r->out->categories[i].name, name) == 0)
            r->path.category = &r->out->categories[i];
    if (r->path.category == NULL)
        return schema_fail(r->d, value_get(v, "category"), e, "%s: no category '%s'", r->path.id,
                           name);
    return true;
}

static bool read_lists(struct reading *r, const struct value *v, struct err *e)
{
    struct schema_member m = {v, r->path.id, "service"};
    const char *const *services;

    if (!schema_opt_strs(r->d, &m, &services, e))
        return false;
    r->path.services = texts_of(services, r->d->arena);
    m.key = "mitre";
    if (!schema_opt_strs(r->d, &m, &r->path.mitre, e))
        return false;
    m.key = "references";
    return schema_opt_strs(r->d, &m, &r->path.references, e);
}

static bool read_texts(struct reading *r, const struct value *v, struct err *e)
{
    struct schema_member m = {v, r->path.id, "title"};

    if (!schema_str(r->d, &m, &r->path.title, e))
        return false;
    m.key = "gain";
    if (!schema_str(r->d, &m, &r->path.gain, e))
        return false;
    m.key = "needs";
    if (!schema_opt_str(r->d, &m, &r->path.needs, e))
        return false;
    m.key = "break";
    if (!schema_opt_str(r->d, &m, &r->path.cut, e))
        return false;
    if (r->path.cut == NULL)
        r->path.cut = r->path.category->cut;
    m.key = "everything";
    return schema_opt_bool(r->d, &m, &r->path.everything, e);
}

static bool read_when(struct reading *r, const struct value *v, struct err *e)
{
    static const char *const names[] = {"always", "boundary", "deny"};
    const struct schema_member m = {v, r->path.id, "when"};
    const char *text;

    if (!schema_opt_str(r->d, &m, &text, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (text == NULL || strcmp(names[i], text) == 0) {
            r->path.when = (enum iam_path_when)i;
            return true;
        }
    return schema_fail(r->d, value_get(v, "when"), e, "%s: 'when' is boundary or deny, not '%s'",
                       r->path.id, text);
}

static bool read_path(struct reading *r, const struct value *v, struct err *e)
{
    static const char *const keys[] = {"id",    "title",      "category",   "gain",    "needs",
                                       "break", "when",       "everything", "service", "ways",
                                       "mitre", "references", NULL};
    const struct schema_member m = {v, "path", "id"};

    r->path = (struct iam_path){.id = NULL};
    if (!schema_map(r->d, v, "path", keys, e) || !schema_str(r->d, &m, &r->path.id, e))
        return false;
    if (!schema_is_id(r->path.id, false))
        return schema_fail(r->d, v, e,
                           "path '%s': an id is lower-case letters, digits and "
                           "single '-'",
                           r->path.id);
    return read_category(r, v, e) && read_texts(r, v, e) && read_when(r, v, e) &&
           read_lists(r, v, e) && read_ways(r, v, e);
}

static bool read_paths(struct reading *r, const struct value *v, struct err *e)
{
    const struct value *list = value_get(v, "paths");
    struct iam_path *items = NULL;

    if (!value_is(list, VALUE_LIST) || list->len == 0 || list->len > IAM_PATHS_MAX)
        return schema_fail(r->d, list != NULL ? list : v, e, "'paths' is a list of 1 to %d paths",
                           IAM_PATHS_MAX);
    for (size_t i = 0; i < list->len; i++) {
        if (!read_path(r, value_item(list, i), e))
            return false;
        r->out->items = items;
        if (iam_paths_find(r->out, r->path.id) != NULL)
            return schema_fail(r->d, value_item(list, i), e, "path '%s' stands here twice",
                               r->path.id);
        *(struct iam_path *)ARENA_PUSH(r->d->arena, &items, &r->out->n) = r->path;
    }
    r->out->items = items;
    return true;
}

static bool read_metadata(struct reading *r, const struct value *v, struct err *e)
{
    static const char *const keys[] = {"id", "version", "title", "description", "notice", NULL};
    struct schema_member m = {value_get(v, "metadata"), "metadata", NULL};
    const char *text;

    if (!schema_map(r->d, m.map, m.what, keys, e))
        return false;
    for (size_t i = 0; keys[i] != NULL; i++) {
        m.key = keys[i];
        if (!schema_str(r->d, &m, &text, e))
            return false;
        if (strcmp(m.key, "title") == 0)
            r->out->title = text;
        else if (strcmp(m.key, "notice") == 0)
            r->out->notice = text;
    }
    return true;
}

bool iam_paths_read(const struct schema_doc *d, const struct value *v, struct iam_paths *out,
                    struct err *e)
{
    static const char *const keys[] = {"apiVersion", "kind",  "metadata", "categories",
                                       "objects",    "paths", NULL};
    const struct value *categories, *objects;
    struct iam_paths p = {.n = 0};
    struct reading r = {.d = d, .out = &p};

    if (!schema_map(d, v, "escalation paths", keys, e) || !read_metadata(&r, v, e) ||
        !map_of(d, v, "categories", &categories, e) || !map_of(d, v, "objects", &objects, e) ||
        !read_categories(&r, categories, e) || !read_objects(&r, objects, e) ||
        !read_paths(&r, v, e))
        return false;
    *out = p;
    return true;
}

const struct iam_path *iam_paths_find(const struct iam_paths *p, const char *id)
{
    for (size_t i = 0; p->items != NULL && i < p->n; i++)
        if (strcmp(p->items[i].id, id) == 0)
            return &p->items[i];
    return NULL;
}
