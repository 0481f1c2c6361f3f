#include "policies/iam/account/iam_tie.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policies/iam/account/iam_link.h"
#include "policies/view.h"

/* names of inline policies that one resource may list; AWS has no room for more in a role */
#define ONLY_MAX 1000

/* A managed policy that is attached by ARN; asked for in the order of ARNs. */
struct want {
    struct slice arn;
    const struct fact *from;
    struct iam_party_draft *to;
    bool bounds;
};

/* Somebody of this kind in this document has more attached than can be told. */
struct vague {
    const struct fact *from;
    enum iam_entity entity;
};

struct run {
    const struct host_index *ix;
    struct arena *arena;
    struct iam_attached *attached;
    struct iam_parties *parties;
    struct want *wants;
    size_t nwants;
    struct vague *vague;
    size_t nvague;
    struct iam_tie_result *out;
};

/* A row at work on one fact. */
struct tie {
    struct run *run;
    const struct iam_link *row;
    const struct fact *from;
    const struct value *what; /* NULL: nothing; never null */
};

static int cmp(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static void add_doc(struct run *run, struct iam_party_draft *d, struct iam_attached_doc *doc)
{
    iam_attached_put(&d->docs, doc, run->arena);
    doc->held = true;
}

static void set_boundary(struct iam_party_draft *d, struct iam_attached_doc *doc)
{
    d->bounded = true;
    d->boundary = doc;
    if (doc != NULL)
        doc->held = true;
}

static void give(struct run *run, struct iam_party_draft *to, struct iam_attached_doc *doc,
                 bool bounds)
{
    if (bounds)
        set_boundary(to, doc);
    else
        add_doc(run, to, doc);
}

/* Nobody can tell what this gives. */
static void lose(struct iam_party_draft *to, bool bounds)
{
    if (bounds)
        set_boundary(to, NULL);
    else
        to->unknown = true;
}

static void vague(struct run *run, const struct fact *from, enum iam_entity entity)
{
    for (size_t i = 0; i < run->nvague; i++)
        if (run->vague[i].entity == entity &&
            cmp(run->vague[i].from->subject, from->subject) == 0 &&
            cmp(run->vague[i].from->source, from->source) == 0)
            return;
    *(struct vague *)ARENA_PUSH(run->arena, &run->vague, &run->nvague) =
        (struct vague){from, entity};
}

/* ---- what is given ---- */

static void give_own(const struct tie *t, struct iam_party_draft *to)
{
    const struct iam_attached_docs own = iam_attached_of(t->run->attached, t->from);

    for (size_t i = 0; i < own.n; i++) {
        if (iam_attached_managed(t->from))
            own.items[i].policy = t->from;
        if (cmp(iam_attached_kind(&own.items[i]), "trust") != 0)
            add_doc(t->run, to, &own.items[i]);
        else if (to->party.fact == t->from)
            to->trust = &own.items[i];
    }
}

/* One policy: its ARN, or a reference to it. */
static void give_managed(const struct tie *t, const struct value *v, struct iam_party_draft *to)
{
    const bool bounds = t->row->does == IAM_LINK_BOUNDARY;
    const struct fact *f;

    if (value_is(v, VALUE_STRING)) {
        if (value_text(v).len > 0)
            *(struct want *)ARENA_PUSH(t->run->arena, &t->run->wants, &t->run->nwants) =
                (struct want){value_text(v), t->from, to, bounds};
        return;
    }
    f = value_is(v, VALUE_UNKNOWN) ? iam_party_refs(t->run->ix, t->from, v->as.gap) : NULL;
    if (f != NULL && iam_attached_managed(f))
        give(t->run, to, iam_attached_policy(t->run->attached, f), bounds);
    else
        lose(to, bounds);
}

/* The unknown items of a list share the references of its expression: as many policies as items
 * are those policies. */
static bool give_shared(const struct tie *t, const struct value *list, struct iam_party_draft *to)
{
    const struct value_gap *gap = NULL;
    struct iam_attached_doc *docs[LIMIT_PLAN_REFS];
    size_t nunknown = 0, n = 0;

    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *v = value_item(list, i);

        if (!value_is(v, VALUE_UNKNOWN))
            continue;
        nunknown++;
        gap = v->as.gap;
    }
    if (gap == NULL || nunknown < 2 || nunknown != gap->nrefs || gap->nrefs > ARRAY_LEN(docs))
        return false;
    for (; n < gap->nrefs; n++) {
        const struct host_target x = host_index_refs_resolve(t->run->ix, t->from, gap->refs[n]);

        if (x.one == NULL || !iam_attached_managed(x.one))
            return false;
        docs[n] = iam_attached_policy(t->run->attached, x.one);
    }
    for (size_t i = 0; i < n; i++)
        add_doc(t->run, to, docs[i]);
    return true;
}

static void give_list(const struct tie *t, struct iam_party_draft *to)
{
    const bool shared = give_shared(t, t->what, to);

    for (size_t i = 0; i < value_len(t->what); i++) {
        const struct value *v = value_item(t->what, i);

        if (!shared || !value_is(v, VALUE_UNKNOWN))
            give_managed(t, v, to);
    }
}

static void join(const struct tie *t, const struct value *v, struct iam_party_draft *user)
{
    const struct iam_party_hits hits =
        iam_party_resolve(t->run->parties, t->from, v, IAM_ENTITY_GROUP);

    if (hits.one != NULL)
        *(struct iam_party_group *)ARENA_PUSH(t->run->arena, &user->groups, &user->ngroups) =
            (struct iam_party_group){hits.one};
    else
        user->unknown = true; /* the group's policies may be anything */
}

static int by_bytes(const void *x, const void *y)
{
    return slice_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

/* The resource of Terraform that holds a document; NULL: none. */
static const struct fact *holder_of(const struct run *run, const struct iam_attached_doc *doc)
{
    const struct value *resource =
        doc->fact != NULL ? value_get(doc->fact->attributes, "resource") : NULL;
    const struct fact like = {.subject = doc->fact != NULL ? doc->fact->subject : NULL,
                              .source = "terraform"};

    return value_is(resource, VALUE_STRING)
               ? host_index_refs_find(run->ix, &like, value_text(resource))
               : NULL;
}

static void add_name(const struct run *run, struct iam_party_draft *d, const struct value *name)
{
    if (value_is(name, VALUE_STRING))
        *(struct slice *)ARENA_PUSH(run->arena, &d->inline_names, &d->ninline_names) =
            value_text(name);
}

/* Names of inline policies: of blocks of the principal, or of a resource of their own. Those of one
 * resource stand side by side, and are taken once. */
static void name_docs(const struct run *run, struct iam_party_draft *d)
{
    const struct fact *last = NULL;

    d->ninline_names = 0;
    d->inline_names = NULL;
    for (size_t i = 0; i < d->docs.n; i++) {
        const struct fact *f = holder_of(run, d->docs.items[i].doc);
        const struct value *blocks = f != NULL ? value_get(f->attributes, "inline_policy") : NULL;

        if (f == NULL || f == last)
            continue;
        last = f;
        if (!value_is(blocks, VALUE_LIST))
            add_name(run, d, value_get(f->attributes, "name"));
        for (size_t k = 0; value_is(blocks, VALUE_LIST) && k < value_len(blocks); k++)
            add_name(run, d, value_get(value_item(blocks, k), "name"));
    }
    if (d->ninline_names > 1)
        qsort(d->inline_names, d->ninline_names, sizeof(d->inline_names[0]), by_bytes);
    d->named = d->docs.n;
}

/* All that are listed must be known; which are not listed will be taken away. */
static void check_only(const struct tie *t, const struct value *v, struct iam_party_draft *to)
{
    const struct slice name = value_text(v);

    if (to->named != to->docs.n)
        name_docs(t->run, to);
    to->unknown =
        to->unknown || !value_is(v, VALUE_STRING) || to->ninline_names == 0 ||
        bsearch(&name, to->inline_names, to->ninline_names, sizeof(name), by_bytes) == NULL;
}

/* ---- who gets it ---- */

static void give_one(const struct tie *t, const struct value *v, struct iam_party_draft *to)
{
    switch (t->row->does) {
    case IAM_LINK_OWN:
        give_own(t, to);
        break;
    case IAM_LINK_MANAGED:
    case IAM_LINK_BOUNDARY:
        give_managed(t, v, to);
        break;
    case IAM_LINK_GROUPS:
        join(t, v, to);
        break;
    case IAM_LINK_ONLY:
        check_only(t, v, to);
        break;
    }
}

static void give_all(const struct tie *t, struct iam_party_draft *to)
{
    const size_t n = value_is(t->what, VALUE_LIST) ? value_len(t->what) : 0;
    const bool many = t->row->lists == IAM_LINK_WHAT;
    const bool list = value_is(t->what, VALUE_LIST), open = value_is(t->what, VALUE_UNKNOWN);

    if (t->row->does == IAM_LINK_OWN)
        give_own(t, to);
    else if (t->what == NULL)
        return;
    else if ((open && many) || (list && !many) || (t->row->does == IAM_LINK_ONLY && n > ONLY_MAX))
        lose(to, t->row->does == IAM_LINK_BOUNDARY);
    else if (list && t->row->does == IAM_LINK_MANAGED)
        give_list(t, to);
    else
        for (size_t i = 0; i < (list ? n : 1); i++)
            give_one(t, list ? value_item(t->what, i) : t->what, to);
}

/* An attachment to a principal that the run does not show: a policy of the run that nobody else
 * holds is judged for itself, and so is one that only its ARN tells. */
static void give_nobody(const struct tie *t)
{
    const bool list = value_is(t->what, VALUE_LIST);

    for (size_t i = 0; t->row->does == IAM_LINK_MANAGED && i < (list ? value_len(t->what) : 1);
         i++) {
        const struct value *v = list ? value_item(t->what, i) : t->what;

        if (value_is(v, VALUE_STRING) && value_text(v).len > 0)
            *(struct want *)ARENA_PUSH(t->run->arena, &t->run->wants, &t->run->nwants) =
                (struct want){value_text(v), t->from, NULL, false};
    }
}

/* One of those who are named. */
static void tie_one(const struct tie *t, const struct value *who)
{
    const struct iam_party_hits hits =
        iam_party_resolve(t->run->parties, t->from, who, t->row->entity);

    if (hits.one != NULL)
        give_all(t, hits.one);
    else if (hits.vague)
        vague(t->run, t->from, t->row->entity);
    else if (hits.n == 0)
        give_nobody(t);
    for (size_t i = 0; i < hits.n; i++) {
        struct iam_party_draft *to = iam_party_of(t->run->parties, hits.maybe[i]);

        if (to != NULL)
            lose(to, t->row->does == IAM_LINK_BOUNDARY);
    }
}

static void tie_all(const struct tie *t, const struct value *who)
{
    if (value_is(who, VALUE_UNKNOWN) && t->row->lists == IAM_LINK_WHO)
        vague(t->run, t->from, t->row->entity);
    if (!value_is(who, VALUE_LIST)) {
        tie_one(t, who);
        return;
    }
    for (size_t i = 0; i < value_len(who); i++)
        tie_one(t, value_item(who, i));
}

/* ---- all rows over all facts ---- */

/* An attribute that nobody set tells nothing: what the provider will report is what is attached. */
static const struct value *at_path(const struct tie *t, const struct view_path *path,
                                   const char *text)
{
    const struct value *v =
        path != NULL ? view_walk(path, t->from->attributes, t->run->arena) : NULL;

    return value_is(v, VALUE_UNKNOWN) && view_computed(t->from->attributes, slice_str(text)) ? NULL
                                                                                             : v;
}

static const struct view_path *compile(struct arena *a, const char *text)
{
    const struct view_path *path = NULL;
    struct err e = {0};

    return text != NULL && view_compile(slice_str(text), a, &path, &e) ? path : NULL;
}

static void tie_fact(const struct tie *t, const struct view_path *who, const struct view_path *what)
{
    struct tie tie = *t;
    struct iam_party_draft *self;
    const struct value *v;

    tie.what = at_path(t, what, t->row->what);
    if (t->row->who == NULL) {
        self = iam_party_of(t->run->parties, t->from);
        if (self != NULL)
            give_all(&tie, self);
        return;
    }
    v = at_path(t, who, t->row->who);
    if (v != NULL)
        tie_all(&tie, v);
}

static void tie_rows(struct run *run)
{
    for (const struct iam_link *row = iam_link_rows; row->type != NULL; row++) {
        const struct view_path *who = compile(run->arena, row->who);
        const struct view_path *what = compile(run->arena, row->what);
        size_t n;
        const struct host_group *g = host_index_groups(run->ix, slice_str(row->type), &n);

        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < g[i].n; k++)
                tie_fact(&(struct tie){.run = run, .row = row, .from = g[i].facts[k]}, who, what);
    }
}

/* ---- what was put off ---- */

static int by_arn(const void *x, const void *y)
{
    const struct want *a = x, *b = y;
    const int c = slice_cmp(a->arn, b->arn);

    return c != 0 ? c : (a->from > b->from) - (a->from < b->from);
}

static void fetch_wants(struct run *run)
{
    if (run->nwants > 1)
        qsort(run->wants, run->nwants, sizeof(run->wants[0]), by_arn);
    for (size_t i = 0; i < run->nwants; i++) {
        const struct want *w = &run->wants[i];
        struct iam_attached_doc *doc = iam_attached_by_arn(run->attached, w->from, w->arn);

        if (w->to != NULL)
            give(run, w->to, doc, w->bounds);
        else if (doc->fact == NULL)
            *(struct iam_tie_loose *)ARENA_PUSH(run->arena, &run->out->loose, &run->out->nloose) =
                (struct iam_tie_loose){w->from, doc};
    }
}

static void spread_vague(struct run *run)
{
    for (size_t i = 0; i < run->nvague; i++)
        for (size_t k = 0; k < run->parties->n; k++) {
            struct iam_party_draft *d = &run->parties->drafts[k];

            if (d->party.kind == run->vague[i].entity &&
                cmp(d->party.fact->subject, run->vague[i].from->subject) == 0 &&
                cmp(d->party.fact->source, run->vague[i].from->source) == 0)
                d->unknown = true;
        }
}

void iam_tie_all(const struct host_index *ix, struct iam_attached *attached,
                 struct iam_parties *parties, struct iam_tie_result *out)
{
    struct run run = {
        .ix = ix, .arena = parties->arena, .attached = attached, .parties = parties, .out = out};

    *out = (struct iam_tie_result){.nloose = 0};
    tie_rows(&run);
    fetch_wants(&run);
    spread_vague(&run);
}
