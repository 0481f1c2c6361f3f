/* References of a plan's configuration, followed to resources. */
#include "scanner/config/plan_refs.h"

#include <string.h>

#define ROOT 0

struct module {
    const struct value *node; /* "root_module", or the "module" of a call */
    const struct value *call; /* the call, with its expressions; NULL for the root */
    size_t parent;
};

/* One resource of the plan; sorted by block, instances of one block stand together. */
struct instance {
    struct slice block; /* its address without indexes */
    struct slice address;
};

struct plan_refs {
    struct arena *arena;
    struct module *modules;
    size_t nmodules;
    const struct value *children;  /* "<module>/<name>" -> its number */
    const struct value *resources; /* "<module>/<address>" -> its entry in the configuration */
    struct value_builder told;     /* full addresses */
    const struct value *addresses; /* the same, sealed */
    struct instance *instances;
    size_t ninstances;
};

/* The references gathered for one attribute. */
struct gather {
    const struct plan_refs *p;
    const struct plan_self *self;
    struct arena *arena;
    struct slice refs[LIMIT_PLAN_REFS];
    size_t n;
    size_t work;
};

/* Names mean something in a module instance. */
struct scope {
    size_t module;
    struct slice prefix;
    unsigned hops;
};

static struct slice module_key(struct arena *a, size_t module, struct slice name)
{
    return slice_str(arena_printf(a, "%zu/%.*s", module, (int)name.len,
                                  name.len == 0 ? "" : (const char *)name.data));
}

static void index_resources(struct plan_refs *p, size_t id, struct value_builder *out)
{
    const struct value *list = value_get(p->modules[id].node, "resources");

    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *r = value_item(list, i);
        const struct slice address = value_text(value_get(r, "address"));

        if (address.len > 0 && address.len <= LIMIT_NAME_BYTES)
            value_map_put(out, module_key(p->arena, id, address), r);
    }
}

static void index_calls(struct plan_refs *p, size_t id, struct value_builder *out)
{
    const struct value *calls = value_get(p->modules[id].node, "module_calls");

    for (size_t i = 0; value_is(calls, VALUE_MAP) && i < value_len(calls); i++) {
        const struct value_member *call = &calls->as.members[i];
        struct module *m;

        if (call->key.len > LIMIT_NAME_BYTES)
            continue;
        value_map_put(out, module_key(p->arena, id, call->key),
                      value_int(p->arena, (int64_t)p->nmodules, NULL));
        m = ARENA_PUSH(p->arena, &p->modules, &p->nmodules);
        m->node = value_get(call->value, "module");
        m->call = call->value;
        m->parent = id;
    }
}

struct plan_refs *plan_refs_new(const struct value *configuration, struct arena *a)
{
    struct plan_refs *p = ARENA_NEW(a, struct plan_refs);
    struct value_builder children, resources;
    struct module *root;

    p->arena = a;
    value_map_begin(&p->told, a);
    value_map_begin(&children, a);
    value_map_begin(&resources, a);
    root = ARENA_PUSH(a, &p->modules, &p->nmodules);
    root->node = value_get(configuration, "root_module");
    for (size_t id = 0; id < p->nmodules; id++) { /* modules found are looked at in their turn */
        index_resources(p, id, &resources);
        index_calls(p, id, &children);
    }
    p->children = value_map_end(&children, NULL);
    p->resources = value_map_end(&resources, NULL);
    return p;
}

bool plan_refs_add(struct plan_refs *p, struct slice address, const struct plan_address *parts)
{
    const size_t before = p->told.n;
    struct instance *in;

    value_map_put(&p->told, address, value_null(p->arena, NULL));
    if (p->told.n == before)
        return false;
    in = ARENA_PUSH(p->arena, &p->instances, &p->ninstances);
    in->block = plan_address_strip(parts, 0, parts->n, p->arena);
    in->address = address;
    return true;
}

static int by_block(const void *a, const void *b)
{
    const struct instance *x = a, *y = b;
    const int c = slice_cmp(x->block, y->block);

    return c != 0 ? c : slice_cmp(x->address, y->address);
}

void plan_refs_seal(struct plan_refs *p)
{
    p->addresses = value_map_end(&p->told, NULL);
    if (p->ninstances > 1)
        qsort(p->instances, p->ninstances, sizeof(*p->instances), by_block);
}

/* The first instance whose block is not before `block`. */
static size_t first_instance(const struct plan_refs *p, struct slice block)
{
    size_t lo = 0, hi = p->ninstances;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (slice_cmp(p->instances[mid].block, block) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool child_module(const struct plan_refs *p, size_t module, struct slice name, size_t *out)
{
    const struct value *id;

    if (name.len > LIMIT_NAME_BYTES)
        return false;
    id = value_get_slice(p->children, module_key(p->arena, module, name));
    if (id == NULL)
        return false;
    *out = (size_t)value_int_or(id, 0);
    return true;
}

void plan_refs_self(const struct plan_refs *p, const struct plan_address *parts, struct arena *a,
                    struct plan_self *out)
{
    const size_t modules = plan_address_modules(parts);
    size_t module = ROOT;

    *out = (struct plan_self){.refs = p, .arena = a, .index = parts->step[parts->n - 1].index};
    out->prefix = plan_address_text(parts, 0, modules, a);
    for (size_t i = 0; i < modules; i += 2)
        if (!child_module(p, module, parts->step[i + 1].name, &module))
            return; /* the configuration does not know it */
    out->module = module;
    out->config = value_get_slice(
        p->resources, module_key(a, module, plan_address_strip(parts, modules, parts->n, a)));
}

bool plan_refs_sets(const struct plan_self *self, const char *attribute)
{
    return self->config == NULL ||
           value_get(value_get(self->config, "expressions"), attribute) != NULL;
}

/* Is it one expression, rather than a block of them? */
static bool is_expression(const struct value *node)
{
    const struct value *refs = value_get(node, "references");

    if (value_get(node, "constant_value") != NULL)
        return true;
    return value_is(refs, VALUE_LIST) &&
           (value_len(refs) == 0 || value_is(value_item(refs, 0), VALUE_STRING));
}

struct plan_cursor plan_refs_start(const struct plan_self *self)
{
    struct plan_cursor c = {.n = 0};
    const struct value *expressions = value_get(self->config, "expressions");

    if (value_is(expressions, VALUE_MAP))
        c.node[c.n++] = expressions;
    return c;
}

struct plan_cursor plan_refs_key(const struct plan_cursor *c, struct slice key)
{
    struct plan_cursor out = {.n = 0};

    for (size_t i = 0; i < c->n; i++) {
        const struct value *next =
            is_expression(c->node[i]) ? c->node[i] : value_get_slice(c->node[i], key);

        if (next != NULL)
            out.node[out.n++] = next;
    }
    return out;
}

/* Does a constant of the block differ from what is known of the item? */
static bool contradicts(const struct value *block, const struct value *item)
{
    if (!value_is(block, VALUE_MAP) || !value_is(item, VALUE_MAP))
        return false;
    for (size_t i = 0; i < value_len(block); i++) {
        const struct value_member *m = &block->as.members[i];
        const struct value *want = value_get(m->value, "constant_value");
        const struct value *have = value_get_slice(item, m->key);

        if (want != NULL && have != NULL && have->kind <= VALUE_STRING && !value_eq(want, have))
            return true;
    }
    return false;
}

/* All blocks of a list that may be the item; none when they are too many to keep. */
static bool blocks_for(const struct value *list, const struct value *item, struct plan_cursor *out)
{
    if (value_len(list) > PLAN_CURSORS)
        return false;
    for (size_t i = 0; i < value_len(list); i++) {
        if (contradicts(value_item(list, i), item))
            continue;
        if (out->n == PLAN_CURSORS)
            return false;
        out->node[out->n++] = value_item(list, i);
    }
    return true;
}

struct plan_cursor plan_refs_item(const struct plan_cursor *c, const struct value *item)
{
    struct plan_cursor out = {.n = 0};

    for (size_t k = 0; k < c->n; k++) {
        const struct value *node = c->node[k];

        if (node->kind == VALUE_LIST && !blocks_for(node, item, &out))
            return (struct plan_cursor){.n = 0};
        if (node->kind != VALUE_LIST && out.n == PLAN_CURSORS)
            return (struct plan_cursor){.n = 0};
        if (node->kind != VALUE_LIST)
            out.node[out.n++] = node; /* an expression, or a block that may occur once */
    }
    return out;
}

/* Is `shorter` the beginning of `longer`, at the border of a step? */
static bool within(struct slice longer, struct slice shorter)
{
    return shorter.len > 0 && longer.len > shorter.len &&
           memcmp(longer.data, shorter.data, shorter.len) == 0 &&
           (longer.data[shorter.len] == '.' || longer.data[shorter.len] == '[');
}

static void put_ref(struct gather *g, struct slice address, struct slice attribute)
{
    struct slice ref = address;

    if (attribute.len > 0)
        ref = slice_str(arena_printf(g->arena, "%.*s.%.*s", (int)address.len,
                                     (const char *)address.data, (int)attribute.len,
                                     (const char *)attribute.data));
    for (size_t i = 0; i < g->n; i++)
        if (slice_eq(g->refs[i], ref))
            return;
    if (g->n < LIMIT_PLAN_REFS)
        g->refs[g->n++] = ref;
}

/* A resource that is named without an index it has: with each.key or count.index beside it, the
 * instance of our own index; else all. */
static bool put_instances(struct gather *g, const struct plan_address *p, struct slice attribute,
                          bool each)
{
    const struct slice block = plan_address_strip(p, 0, p->n, g->arena);
    const struct slice self = g->self->index;
    struct plan_address want = *p, full;
    bool any = false;

    if (each && self.len > 0 && p->step[p->n - 1].index.len == 0)
        want.step[p->n - 1].index = self;
    for (size_t i = first_instance(g->p, block);
         i < g->p->ninstances && slice_eq(g->p->instances[i].block, block); i++) {
        if (g->work == 0)
            break;
        g->work--;
        if (!plan_address_split(g->p->instances[i].address, &full) ||
            !plan_address_matches(&want, &full))
            continue;
        put_ref(g, g->p->instances[i].address, attribute);
        any = true;
    }
    return any;
}

/* steps [0, n) of `ref`, in `scope`, name a resource; what follows is an attribute of it. */
static void put_resource(struct gather *g, const struct scope *s, const struct plan_address *ref,
                         size_t n, bool each)
{
    struct slice address = plan_address_text(ref, 0, n, g->arena);
    struct slice attribute = {NULL, 0};
    struct plan_address full;

    if (ref->n > n)
        attribute = ref->step[n].name;
    if (s->prefix.len > 0)
        address = slice_str(arena_printf(g->arena, "%.*s.%.*s", (int)s->prefix.len,
                                         (const char *)s->prefix.data, (int)address.len,
                                         (const char *)address.data));
    if (value_get_slice(g->p->addresses, address) == NULL && plan_address_split(address, &full) &&
        (put_instances(g, &full, attribute, each) ||
         (each && put_instances(g, &full, attribute, false))))
        return;
    put_ref(g, address, attribute);
}

static void follow_list(struct gather *g, const struct scope *s, const struct value *refs);

/* All references of an expression or of the blocks below it. Depth is that of the document. */
static void follow_node(struct gather *g, const struct scope *s, const struct value *node)
{
    if (node == NULL || g->work == 0)
        return;
    g->work--;
    if (is_expression(node)) {
        follow_list(g, s, value_get(node, "references"));
        return;
    }
    for (size_t i = 0; value_is(node, VALUE_MAP) && i < value_len(node); i++)
        follow_node(g, s, node->as.members[i].value);
    for (size_t i = 0; value_is(node, VALUE_LIST) && i < value_len(node); i++)
        follow_node(g, s, value_item(node, i));
}

/* var.NAME: what the call of this module gives it, in the scope of the caller. */
static void follow_variable(struct gather *g, const struct scope *s, const struct plan_address *ref)
{
    const struct module *m = &g->p->modules[s->module];
    const struct value *expr;
    struct plan_address prefix;
    struct scope up = {.module = m->parent, .hops = s->hops + 1};

    if (m->call == NULL || ref->n < 2)
        return;
    if (plan_address_split(s->prefix, &prefix) && prefix.n >= 2)
        up.prefix = plan_address_text(&prefix, 0, prefix.n - 2, g->arena);
    expr = value_get_slice(value_get(m->call, "expressions"), ref->step[1].name);
    follow_node(g, &up, expr);
}

/* module.NAME.OUTPUT: the output's expression, in the scope of that module. */
static void follow_output(struct gather *g, const struct scope *s, const struct plan_address *ref)
{
    struct scope down = {.module = ROOT, .hops = s->hops + 1};
    const struct slice call = plan_address_text(ref, 0, 2, g->arena);
    const struct value *output;

    if (ref->n < 3 || !child_module(g->p, s->module, ref->step[1].name, &down.module))
        return;
    down.prefix = call;
    if (s->prefix.len > 0)
        down.prefix = slice_str(arena_printf(g->arena, "%.*s.%.*s", (int)s->prefix.len,
                                             (const char *)s->prefix.data, (int)call.len,
                                             (const char *)call.data));
    output =
        value_get_slice(value_get(g->p->modules[down.module].node, "outputs"), ref->step[2].name);
    follow_node(g, &down, value_get(output, "expression"));
}

static void follow_ref(struct gather *g, const struct scope *s, const struct plan_address *ref,
                       bool each)
{
    static const char *const others[] = {"local", "each", "count", "path", "terraform", "self"};
    const struct slice head = ref->step[0].name;

    if (slice_among(head, others, ARRAY_LEN(others)))
        return;
    if (slice_is(head, "var"))
        follow_variable(g, s, ref);
    else if (slice_is(head, "module"))
        follow_output(g, s, ref);
    else if (slice_is(head, "data") && ref->n >= 3)
        put_resource(g, s, ref, 3, each);
    else if (ref->n >= 2 && !slice_is(head, "data"))
        put_resource(g, s, ref, 2, each);
}

/* Is the expression written in terms of the instance it belongs to? */
static bool by_instance(const struct gather *g, const struct scope *s, const struct value *refs)
{
    if (s->hops > 0 || value_len(refs) > LIMIT_PLAN_WORK || g->self->index.len == 0)
        return false;
    for (size_t i = 0; i < value_len(refs); i++) {
        const struct slice r = value_text(value_item(refs, i));

        if (slice_is(r, "each.key") || slice_starts(r, "each.value") || slice_is(r, "count.index"))
            return true;
    }
    return false;
}

/* "a.b.c", "a.b": each name is followed by its own beginnings, which say nothing more. */
static void follow_list(struct gather *g, const struct scope *s, const struct value *refs)
{
    const bool each = by_instance(g, s, refs);
    struct slice last = {NULL, 0};

    if (s->hops >= LIMIT_PLAN_HOPS)
        return;
    for (size_t i = 0; i < value_len(refs) && g->work > 0 && g->n < LIMIT_PLAN_REFS; i++) {
        const struct slice r = value_text(value_item(refs, i));
        struct plan_address ref;

        g->work--;
        if (r.len == 0 || within(last, r))
            continue;
        last = r;
        if (plan_address_split(r, &ref))
            follow_ref(g, s, &ref, each);
    }
}

static void gather(struct gather *g, const struct plan_self *self, const struct value *node,
                   struct arena *a)
{
    const struct scope s = {.module = self->module, .prefix = self->prefix};

    g->p = self->refs;
    g->self = self;
    g->arena = a;
    g->n = 0;
    g->work = LIMIT_PLAN_WORK;
    follow_node(g, &s, node);
}

static bool same_refs(const struct gather *a, const struct gather *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->refs[i], b->refs[i]))
            return false;
    return true;
}

const struct value *plan_refs_unknown(const struct plan_self *self, const struct plan_cursor *c,
                                      const char *why, const struct value_at *at)
{
    struct arena *a = self->arena;
    struct gather first, other;

    first.n = 0;
    if (c->n > 0)
        gather(&first, self, c->node[0], a);
    for (size_t i = 1; i < c->n; i++) {
        gather(&other, self, c->node[i], a);
        if (!same_refs(&first, &other))
            first.n = 0;
    }
    return value_unknown(a, why, first.refs, first.n, at);
}
