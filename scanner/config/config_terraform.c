/* Terraform plans as `terraform show -json` writes them. SPEC: Terraform, "JSON output format",
 * Plan representation */
#include <string.h>

#include "base/checked.h"
#include "scanner/config/config.h"
#include "scanner/config/iam_granted.h"
#include "scanner/config/plan_document.h"
#include "scanner/config/plan_overlay.h"

#define SOURCE "terraform"

struct plan {
    struct doc *d;
    struct arena *arena; /* of the whole plan; that of `d` is of one resource */
    const struct value *changes;
    struct plan_refs *refs;
    struct deferred *documents;
    size_t ndocuments;
    const struct value *places; /* of their addresses in `documents` */
    size_t ntold, ndata, nkept;
    bool before; /* what is there before the plan is applied is told, not what it makes */
};

/* A policy document that is read only after apply. */
struct deferred {
    const struct value *node;  /* its change */
    const struct value *built; /* what its blocks say, once asked for; NULL: cannot be told */
    bool asked;
};

/* A resource while it is told. */
struct telling {
    struct plan *p;
    struct plan_self self;
};

/* One entry of resource_changes. */
struct change {
    const struct value *node, *change, *actions;
    const struct value *told, *other; /* `after` and `before`, or the other way round */
    const char *address, *type, *name;
    struct plan_address parts;
};

static bool probe(const struct value *doc)
{
    return value_get(doc, "format_version") != NULL &&
           (value_get(doc, "resource_changes") != NULL ||
            value_get(doc, "planned_values") != NULL ||
            value_get(doc, "terraform_version") != NULL);
}

/* 1.x; 0.1 and 0.2 are the same but for properties that came later. */
static bool version(struct doc *d, struct err *e)
{
    const struct value *v = value_get(d->root, "format_version");
    const struct slice s = value_text(v);
    uint64_t major, minor;
    size_t dot;

    if (v == NULL)
        return doc_error(e, d->root, "not a plan: no format_version (terraform show -json)");
    if (!value_is(v, VALUE_STRING) || !slice_find(s, SLICE_LIT("."), &dot) ||
        !checked_u64((struct slice){s.data, dot}, UINT32_MAX, &major) ||
        !checked_u64(slice_from(s, dot + 1), UINT32_MAX, &minor))
        return doc_error(e, v, "format_version must be a string such as \"1.2\"");
    if (major > 1 || (major == 0 && minor != 1 && minor != 2)) {
        doc_fail(e, ERR_UNSUPPORTED, v, "plan format %.*s is not 1.x", DOC_TEXT(s));
        return false;
    }
    if (major == 0)
        doc_note(d, v, "plan format %.*s is older than 1.0 and may not mark sensitive values",
                 DOC_TEXT(s));
    return true;
}

static bool has_resources(const struct value *module)
{
    return value_len(value_get(module, "resources")) > 0 ||
           value_len(value_get(module, "child_modules")) > 0;
}

/* A plan of nothing leaves resource_changes out; any other without it is no plan that we can
 * judge. */
static bool changes_of(struct doc *d, const struct value **out, struct err *e)
{
    const struct value *planned = value_get(d->root, "planned_values");

    *out = value_get(d->root, "resource_changes");
    if (value_is(*out, VALUE_LIST))
        return true;
    if (*out != NULL && (*out)->kind != VALUE_NULL)
        return doc_error(e, *out, "resource_changes must be a list");
    *out = NULL;
    if (planned == NULL && value_get(d->root, "values") != NULL)
        return doc_error(e, d->root, "this is a state, not a plan: no resource_changes");
    if (!value_is(planned, VALUE_MAP) || has_resources(value_get(planned, "root_module")))
        return doc_error(e, d->root, "the plan has no resource_changes");
    doc_note(d, d->root, "the plan has no resources");
    return true;
}

static bool only_action(const struct value *actions, const char *name)
{
    return value_len(actions) == 1 && slice_is(value_text(value_item(actions, 0)), name);
}

static bool check_actions(const struct change *c, struct err *e)
{
    static const char *const known[] = {"no-op", "create", "read", "update", "delete", "forget"};

    if (!value_is(c->actions, VALUE_LIST) || value_len(c->actions) == 0)
        return doc_error(e, c->node, "%s: change.actions must be a list", c->address);
    for (size_t i = 0; i < value_len(c->actions); i++) {
        const struct value *a = value_item(c->actions, i);
        bool ok = false;

        for (size_t k = 0; k < ARRAY_LEN(known); k++)
            ok = ok || slice_is(value_text(a), known[k]);
        if (!ok)
            return doc_error(e, a, "%s: unknown action '%.*s'", c->address,
                             DOC_TEXT(value_text(a)));
    }
    return true;
}

static bool is_null(const struct value *v)
{
    return v == NULL || v->kind == VALUE_NULL;
}

/* Neither before nor after: Terraform lists instances that it looked for and did not find. */
static bool never(const struct change *c)
{
    const struct value *unknown = value_get(c->change, "after_unknown");

    return only_action(c->actions, "no-op") && is_null(c->told) && is_null(c->other) &&
           value_len(unknown) == 0 && !value_true(unknown);
}

static bool gone(const struct plan *p, const struct change *c)
{
    if (p->before)
        return is_null(c->told);
    return only_action(c->actions, "delete") || only_action(c->actions, "forget") || never(c);
}

static const char *why_gone(const struct plan *p, const struct change *c)
{
    if (never(c))
        return "does not exist";
    return p->before ? "is made by the plan" : "is deleted or forgotten";
}

static bool read_change(const struct plan *p, const struct value *v, struct change *c,
                        struct err *e)
{
    *c = (struct change){.node = v};
    if (!value_is(v, VALUE_MAP))
        return doc_error(e, v, "a resource change must be a map");
    if (!doc_name(value_get(v, "address"), "the address of a resource", &c->address, e) ||
        !doc_name(value_get(v, "type"), "the type of a resource", &c->type, e) ||
        !doc_name(value_get(v, "name"), "the name of a resource", &c->name, e))
        return false;
    if (!plan_address_split(slice_str(c->address), &c->parts))
        return doc_error(e, value_get(v, "address"), "'%.*s' is not a resource address",
                         DOC_TEXT(slice_str(c->address)));
    c->change = value_get(v, "change");
    c->actions = value_get(c->change, "actions");
    c->told = value_get(c->change, p->before ? "before" : "after");
    c->other = value_get(c->change, p->before ? "after" : "before");
    if (!value_is(c->change, VALUE_MAP))
        return doc_error(e, v, "%s has no change", c->address);
    return check_actions(c, e);
}

/* Is it one that will be deployed? Data sources, deleted ones and what modes come later are not
 * told; the latter are a gap. */
static bool deployed(struct plan *p, const struct change *c)
{
    const struct slice mode = value_text(value_get(c->node, "mode"));

    if (slice_is(mode, "data")) {
        p->ndata++;
        return false;
    }
    if (!slice_is(mode, "managed")) {
        doc_gap(p->d, c->node, "%s has the mode '%.*s', which is not read", c->address,
                DOC_TEXT(mode));
        return false;
    }
    if (gone(p, c)) {
        doc_note(p->d, c->node, "%s %s and is not told", c->address, why_gone(p, c));
        return false;
    }
    return true;
}

static const struct value *overlaid(const struct plan *p, const struct change *c,
                                    const struct plan_self *self)
{
    const struct plan_change change = {
        .after = c->told,
        .unknown = p->before ? NULL : value_get(c->change, "after_unknown"),
        .sensitive = value_get(c->change, p->before ? "before_sensitive" : "after_sensitive"),
        .self = self,
        .arena = self->arena,
        .at = doc_at(c->node),
    };

    return plan_overlay(&change);
}

static bool unset(void *ctx, const char *attribute)
{
    const struct telling *t = ctx;

    return !plan_refs_sets(&t->self, attribute);
}

static const struct value *built(const struct plan *p, struct deferred *d)
{
    struct plan_self self;
    struct change c;
    struct err e = {0};

    if (d->asked)
        return d->built;
    d->asked = true;
    if (!read_change(p, d->node, &c, &e))
        return NULL;
    plan_refs_self(p->refs, &c.parts, p->arena, &self);
    d->built = plan_document_build(overlaid(p, &c, &self), p->arena);
    return d->built;
}

/* A policy whose one reference is a document of this plan. The configuration tells what is
 * mentioned, not what is done with it: that the document is used as it is, is taken for granted. */
static const struct value *document(void *ctx, const struct value *unknown)
{
    const struct telling *t = ctx;
    const struct value_gap *gap = unknown->as.gap;
    const struct value *place;
    struct slice address;

    if (gap->nrefs != 1 || !plan_document_named(gap->refs[0], &address))
        return NULL;
    place = value_get_slice(t->p->places, address);
    return place != NULL ? built(t->p, &t->p->documents[place->as.integer]) : NULL;
}

/* The whole object is unknown: what its configuration mentions is unknown, and the rest is a
 * gap. */
static const struct value *unknown_object(struct plan *p, const struct change *c,
                                          const struct plan_self *self)
{
    const struct value *expressions = value_get(self->config, "expressions");
    const struct value_at at = doc_at(c->node);
    const struct plan_cursor start = plan_refs_start(self);
    struct value_builder b;

    doc_gap(p->d, c->node, "%s is unknown as a whole until it is applied", c->address);
    value_map_begin(&b, p->d->arena);
    for (size_t i = 0; value_is(expressions, VALUE_MAP) && i < value_len(expressions); i++) {
        const struct slice key = expressions->as.members[i].key;
        const struct plan_cursor below = plan_refs_key(&start, key);

        value_map_put(&b, key, plan_refs_unknown(self, &below, "known after apply", &at));
    }
    return value_map_end(&b, &at);
}

/* Names of unknown attributes that the configuration does not set: the provider chooses them. */
static const struct value *computed(struct plan *p, const struct value *v,
                                    const struct plan_self *self)
{
    const struct value_at at = doc_at(v);
    struct value_builder b;

    value_list_begin(&b, p->d->arena);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];

        if (value_is(m->value, VALUE_UNKNOWN) &&
            !plan_refs_sets(self, arena_strndup(p->d->arena, m->key)))
            value_list_add(&b, value_string(p->d->arena, m->key, &at));
    }
    return value_list_end(&b, &at);
}

/* Does a provider of the plan give tags of its own to all that it makes? */
static bool default_tags(const struct plan *p)
{
    const struct value *all = value_get(value_get(p->d->root, "configuration"), "provider_config");

    for (size_t i = 0; value_is(all, VALUE_MAP) && i < value_len(all); i++)
        if (value_get(value_get(all->as.members[i].value, "expressions"), "default_tags") != NULL)
            return true;
    return false;
}

/* The AWS provider leaves `tags_all` open where there are no tags. It is made of the resource's
 * and of the provider's: without either there are none. */
static bool untagged(const struct plan *p, const struct value *v, const struct plan_self *self)
{
    const struct value *own = value_get(v, "tags");

    return value_is(value_get(v, "tags_all"), VALUE_UNKNOWN) && !plan_refs_sets(self, "tags_all") &&
           (is_null(own) || (value_is(own, VALUE_MAP) && value_len(own) == 0)) && !default_tags(p);
}

static bool attributes(struct plan *p, const struct change *c, const struct plan_self *self,
                       const struct value **out, struct err *e)
{
    const struct value *v = overlaid(p, c, self);
    const struct value_at at = doc_at(c->told != NULL ? c->told : c->node);
    const struct value *chosen;
    struct value_builder b;
    bool bare;

    if (value_is(v, VALUE_UNKNOWN))
        v = unknown_object(p, c, self);
    if (!value_is(v, VALUE_MAP))
        return doc_error(e, c->node, "%s: change.%s must be a map", c->address,
                         p->before ? "before" : "after");
    chosen = computed(p, v, self);
    bare = untagged(p, v, self);
    value_map_begin(&b, p->d->arena);
    for (size_t i = 0; i < value_len(v); i++)
        if (!bare || !slice_is(v->as.members[i].key, "tags_all"))
            value_map_put(&b, v->as.members[i].key, v->as.members[i].value);
    value_map_add(&b, "_actions", c->actions);
    if (value_len(chosen) > 0)
        value_map_add(&b, "_computed", chosen);
    *out = value_map_end(&b, &at);
    return true;
}

/* What the plan takes away, as it was: others of the plan may stand on it. An object that was
 * replaced before has the address of the one that is there. */
static void tell_deleted(const struct plan *p, const struct change *c)
{
    struct plan_self self;
    const struct plan_change was = {
        .after = c->other,
        .sensitive = value_get(c->change, "before_sensitive"),
        .self = &self,
        .arena = p->d->arena,
        .at = doc_at(c->node),
    };
    struct doc_fact f = {.source = SOURCE, .address = c->address, .name = c->name, .at = c->node};

    if (p->before || !only_action(c->actions, "delete") || !value_is(c->other, VALUE_MAP) ||
        value_get(c->node, "deposed") != NULL)
        return;
    plan_refs_self(p->refs, &c->parts, p->d->arena, &self);
    f.type = arena_printf(p->d->arena, "deleted.%s", c->type);
    f.attributes = plan_overlay(&was);
    doc_fact(p->d, &f);
}

static bool tell(struct plan *p, const struct value *v, struct err *e)
{
    struct change c;
    struct telling t = {.p = p};
    struct doc_fact f = {.source = SOURCE, .at = v};
    struct iam_owner owner = {.unset = unset, .document = document, .ctx = &t};

    if (!read_change(p, v, &c, e))
        return false;
    if (!deployed(p, &c)) {
        if (slice_is(value_text(value_get(v, "mode")), "managed"))
            tell_deleted(p, &c);
        return true;
    }
    plan_refs_self(p->refs, &c.parts, p->d->arena, &t.self);
    if (!attributes(p, &c, &t.self, &f.attributes, e))
        return false;
    f.type = c.type;
    f.address = c.address;
    f.name = c.name;
    doc_fact(p->d, &f);
    p->ntold++;
    p->nkept += only_action(c.actions, "no-op") ? 1 : 0;
    owner.address = c.address;
    owner.type = c.type;
    owner.attributes = f.attributes;
    iam_places_tell(p->d, &owner);
    iam_granted_tell(p->d, &owner);
    return true;
}

static bool tell_change(void *ctx, size_t i, struct err *e)
{
    struct plan *p = ctx;

    return tell(p, value_item(p->changes, i), e) || err_in(e, "resource change %zu", i);
}

/* Is it a policy document that will be read after apply? */
static bool is_document(const struct change *c)
{
    return strcmp(c->type, PLAN_DOCUMENT_TYPE) == 0 && value_is(c->told, VALUE_MAP);
}

static void defer(struct plan *p, const struct change *c, struct value_builder *places)
{
    struct deferred *d;

    value_map_put(places, slice_str(c->address),
                  value_int(p->d->arena, (int64_t)p->ndocuments, NULL));
    d = ARENA_PUSH(p->d->arena, &p->documents, &p->ndocuments);
    d->node = c->node;
}

/* All addresses are known before the first reference is followed. */
static bool index_changes(struct plan *p, const struct value *changes, struct err *e)
{
    struct value_builder places;

    value_map_begin(&places, p->d->arena);
    for (size_t i = 0; i < value_len(changes); i++) {
        struct change c;
        bool data;

        if (!read_change(p, value_item(changes, i), &c, e))
            return err_in(e, "resource change %zu", i);
        data = slice_is(value_text(value_get(c.node, "mode")), "data");
        if (gone(p, &c) || (data && !is_document(&c)))
            continue;
        if (data)
            defer(p, &c, &places);
        if (!plan_refs_add(p->refs, slice_str(c.address), &c.parts))
            return doc_error(e, c.node, "%s is planned twice", c.address);
    }
    p->places = value_map_end(&places, NULL);
    plan_refs_seal(p->refs);
    return true;
}

/* What Terraform itself says it could not plan. */
static void incomplete(struct doc *d)
{
    const struct value *complete = value_get(d->root, "complete");
    const struct value *deferred = value_get(d->root, "deferred_changes");

    if (value_true(value_get(d->root, "errored")))
        doc_gap(d, value_get(d->root, "errored"), "planning failed: the plan is not complete");
    if (value_is(complete, VALUE_BOOL) && !value_true(complete))
        doc_gap(d, complete, "the plan says that it is not complete");
    if (value_len(deferred) > 0)
        doc_gap(d, deferred, "%zu changes are deferred and not told", value_len(deferred));
}

static const struct value *variable_names(struct doc *d)
{
    const struct value *all = value_get(d->root, "variables");
    const struct value_at at = doc_at(all);
    struct value_builder b;

    value_list_begin(&b, d->arena);
    for (size_t i = 0; value_is(all, VALUE_MAP) && i < value_len(all); i++)
        value_list_add(&b, value_string(d->arena, all->as.members[i].key, &at));
    return value_list_end(&b, &at);
}

static void tell_plan(const struct plan *p)
{
    struct doc *d = p->d;
    const struct value *tool = value_get(d->root, "terraform_version");
    const struct value_at at = doc_at(d->root);
    struct doc_fact f = {
        .source = SOURCE, .type = "terraform.plan", .address = "plan", .at = d->root};
    struct value_builder b;

    value_map_begin(&b, d->arena);
    value_map_add(&b, "format_version", value_get(d->root, "format_version"));
    if (value_is(tool, VALUE_STRING))
        value_map_add(&b, "terraform_version", tool);
    value_map_add(&b, "resources", value_int(d->arena, (int64_t)p->ntold, &at));
    value_map_add(&b, "unchanged", value_int(d->arena, (int64_t)p->nkept, &at));
    value_map_add(&b, "data_sources", value_int(d->arena, (int64_t)p->ndata, &at));
    value_map_add(&b, "variables", variable_names(d));
    f.attributes = value_map_end(&b, &at);
    doc_fact(d, &f);
}

static bool parse(struct doc *d, struct err *e)
{
    struct plan p = {.d = d,
                     .arena = d->arena,
                     .before = slice_is(value_text(value_get(d->params, "side")), "before")};
    const struct value *changes;

    if (!value_is(d->root, VALUE_MAP))
        return doc_error(e, d->root, "a plan must be a map");
    if (!version(d, e) || !changes_of(d, &changes, e))
        return false;
    p.refs = plan_refs_new(value_get(d->root, "configuration"), d->arena);
    if (!index_changes(&p, changes, e))
        return false;
    p.changes = changes;
    if (!doc_each(d, value_len(changes), &(struct doc_teller){tell_change, &p}, e))
        return false;
    if (p.ndata > 0)
        doc_note(d, changes, "%zu data sources are not told", p.ndata);
    incomplete(d);
    tell_plan(&p);
    return true;
}

const struct config_kind config_terraform = {
    .name = "terraform",
    .summary = "Terraform plan, as terraform show -json writes it",
    .spec = "Terraform JSON output format 1.x, plan representation",
    .format = "terraform-plan",
    .probe = probe,
    .parse = parse,
};
