/* iam.allows, iam.subsumes, iam.wider_example, iam.attached, iam.principal. SPEC: docs/rules.md,
 * "Functions". */
#include "policies/host_iam_set.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/evaluate/iam_derived.h"
#include "policies/iam/evaluate/iam_side.h"

/* ---- what a request is ---- */

struct asked {
    struct iam_request request;
    const struct value_gap *gap; /* some part of it is unknown */
};

static bool text_field(struct cel_value map, const char *key, struct slice *out, struct asked *q,
                       struct err *e)
{
    struct cel_value v;

    if (!cel_value_field(map, slice_str(key), &v))
        return true;
    if (cel_value_is(v, CEL_GAP)) {
        q->gap = cel_value_gap(v);
        return true;
    }
    if (!cel_value_is(v, CEL_STRING))
        return err_fail(e, ERR_USAGE, "%s: expected a string, found %s", key,
                        cel_value_type_name((enum cel_kind)v.kind));
    *out = cel_value_text(v);
    return true;
}

static bool context_field(const struct cel_call *c, struct cel_value map, struct asked *q,
                          struct err *e)
{
    const struct value *plain;
    struct cel_value v;

    q->request.context.open = true;
    if (!cel_value_field(map, SLICE_LIT("context"), &v) || cel_value_is(v, CEL_GAP))
        return true; /* any key may be there */
    if (!cel_value_is(v, CEL_MAP))
        return err_fail(e, ERR_USAGE, "context: expected a map, found %s",
                        cel_value_type_name((enum cel_kind)v.kind));
    if (v.plain)
        plain = v.as.plain;
    else if (!cel_value_plain(v, c->arena, &plain, e))
        return false;
    return iam_request_read_context(plain, c->arena, &q->request.context, e);
}

static bool read_request(const struct cel_call *c, struct cel_value map, struct asked *q,
                         struct err *e)
{
    size_t number;

    if (!cel_value_is(map, CEL_MAP))
        return err_fail(e, ERR_USAGE, "the request: expected a map, found %s",
                        cel_value_type_name((enum cel_kind)map.kind));
    q->request.resource = SLICE_LIT("*");
    if (!text_field(map, "action", &q->request.action, q, e) ||
        !text_field(map, "resource", &q->request.resource, q, e) ||
        !text_field(map, "principal", &q->request.principal, q, e) || !context_field(c, map, q, e))
        return false;
    if (q->request.action.len == 0 && q->gap == NULL)
        return err_fail(e, ERR_USAGE, "the request has no action");
    if (iam_actions_find(q->request.action, &number))
        q->request.wildcard_only = iam_actions_at(number).wildcard_only;
    return true;
}

/* ---- iam.allows ---- */

static bool has_principal(const struct iam_doc *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->statements[i].has_principal)
            return true;
    return false;
}

/* Identity policies are asked about what, policies of resources about who, too. */
static enum iam_answer hear(struct iam_hearing *h, const struct iam_docs *docs)
{
    struct iam_tally t = {0};

    for (size_t i = 0; i < docs->n; i++)
        iam_side_doc(h, has_principal(&docs->items[i]) ? IAM_SIDE_RESOURCE : IAM_SIDE_IDENTITY,
                     &docs->items[i], &t);
    if (docs->unknown) {
        t.allow = iam_side_either(t.allow, IAM_MAYBE);
        t.deny = iam_side_either(t.deny, IAM_MAYBE);
    }
    return iam_side_both(t.allow, t.deny == IAM_YES  ? IAM_NO
                                  : t.deny == IAM_NO ? IAM_YES
                                                     : IAM_MAYBE);
}

static enum iam_answer allows(const struct host_iam_set *s, struct iam_hearing *h)
{
    const enum iam_answer own = hear(h, &s->docs);

    return s->boundary == NULL ? own : iam_side_both(own, hear(h, s->boundary));
}

/* What a MAYBE hangs on. */
static const char *doubt(const struct host_iam_set *s, const struct iam_hearing *h, struct arena *a)
{
    const char *gap = host_iam_set_gap(s, a);

    if (gap != NULL)
        return gap;
    for (size_t i = 0; i < h->nreasons; i++)
        if (h->reasons[i].matched == IAM_MAYBE && h->reasons[i].why != NULL)
            return arena_printf(a, "%s statement %zu: %s", h->reasons[i].doc->name,
                                h->reasons[i].statement->index + 1, h->reasons[i].why);
    return "whether the policies allow it cannot be told";
}

bool host_iam_ask_allows(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct asked q = {.gap = NULL};
    struct host_iam_set s;
    struct iam_question question = {.resource = NULL};
    struct iam_hearing h = {.q = &question, .arena = c->arena, .explain = true};
    enum iam_answer answer;

    if (!host_iam_set_read(c, 0, &s, e) || !read_request(c, c->args[1], &q, e))
        return false;
    if (q.gap != NULL) {
        *out = cel_value_unknown(c->arena, arena_strndup(c->arena, q.gap->why));
        return true;
    }
    if (q.request.principal.len == 0 && s.party != NULL)
        q.request.principal = s.party->arn;
    if (q.request.principal.len > 0)
        iam_derived_keys(&q.request, c->arena);
    question.request = q.request;
    question.identity = s.docs;
    question.boundary = s.boundary;
    answer = allows(&s, &h);
    *out = answer == IAM_MAYBE ? cel_value_unknown(c->arena, doubt(&s, &h, c->arena))
                               : cel_value_bool(answer == IAM_YES);
    return true;
}

/* ---- iam.subsumes, iam.wider_example ---- */

/* One comparison in an arena of its own; what is kept of it is text in the arena of the call. */
struct wider {
    enum iam_answer answer;
    const char *text; /* the example, or what stood in the way */
};

static struct iam_limits limits(const struct host_iam_set *s)
{
    return (struct iam_limits){s->boundary, s->boundary != NULL ? 1 : 0};
}

static void compare(const struct cel_call *c, const struct host_iam_set *old,
                    const struct host_iam_set *new_set, struct wider *w)
{
    struct iam_compare_options opt = {.old_limits = limits(old), .new_limits = limits(new_set)};
    struct iam_comparison cmp;
    struct arena a;

    arena_init(&a);
    iam_compare(&old->docs, &new_set->docs, &opt, &a, &cmp);
    *w = (struct wider){.answer = cmp.wider, .text = ""};
    if (cmp.wider == IAM_YES)
        w->text = host_iam_set_example(&cmp.example, c->arena);
    if (cmp.wider == IAM_MAYBE)
        w->text = arena_strdup(c->arena, cmp.unknown);
    arena_release(&a);
}

/* A principal against a document is asked again by the message of the rule. */
static bool key_of(const struct cel_call *c, const struct host_iam_set *old,
                   const struct host_iam_set *new_set, struct host_answer_key *out)
{
    struct err e = {0};

    if ((old->party == NULL) == (new_set->party == NULL))
        return false;
    out->first = old->party != NULL;
    out->fact = out->first ? old->party->fact : new_set->party->fact;
    return cel_value_plain(c->args[out->first ? 1 : 0], c->arena, &out->question, &e);
}

static const struct value *kept(const struct wider *w, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    value_list_add(&b, value_int(a, w->answer, NULL));
    value_list_add(&b, value_str(a, w->text));
    return value_list_end(&b, NULL);
}

/* Does argument 1 allow what argument 0 does not? */
static bool wider(const struct cel_call *c, struct wider *w, struct err *e)
{
    struct host_index *ix = host_facts_of(c)->index;
    struct host_iam_set old, new_set;
    struct host_answer_key key;
    const struct value *known;
    bool keep;

    if (!host_iam_set_read(c, 0, &old, e) || !host_iam_set_read(c, 1, &new_set, e))
        return false;
    keep = key_of(c, &old, &new_set, &key);
    known = keep ? host_index_iam_answer(ix, &key) : NULL;
    if (known != NULL) {
        w->answer = (enum iam_answer)value_int_or(value_item(known, 0), IAM_MAYBE);
        w->text = value_cstr(value_item(known, 1), "");
        return true;
    }
    compare(c, &old, &new_set, w);
    if (keep)
        host_index_iam_remember(ix, &key, kept(w, c->arena));
    return true;
}

bool host_iam_ask_subsumes(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct wider w;

    if (!wider(c, &w, e))
        return false;
    *out = w.answer == IAM_MAYBE ? cel_value_unknown(c->arena, w.text)
                                 : cel_value_bool(w.answer == IAM_NO);
    return true;
}

bool host_iam_ask_wider_example(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct wider w;

    if (!wider(c, &w, e))
        return false;
    *out = w.answer == IAM_MAYBE ? cel_value_unknown(c->arena, w.text) : cel_value_str(w.text);
    return true;
}

/* ---- iam.principal, iam.attached ---- */

bool host_iam_ask_principal(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    (void)e;
    *out = cel_value_bool(host_iam_set_party(c, c->args[0]) != NULL);
    return true;
}

/* A document as it was written. */
static const struct value *spelt(const struct iam_doc *d, struct arena *a)
{
    struct value_builder doc, list;

    if (d->unknown)
        return value_unknown(a, arena_printf(a, "the policy %s is not known", d->name), NULL, 0,
                             NULL);
    value_list_begin(&list, a);
    for (size_t i = 0; i < d->n; i++)
        value_list_add(&list, d->statements[i].node);
    value_map_begin(&doc, a);
    value_map_add(&doc, "Version", value_str(a, d->version));
    value_map_add(&doc, "Statement", value_list_end(&list, NULL));
    return value_map_end(&doc, NULL);
}

static const struct value *spelt_all(const struct iam_docs *docs, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < docs->n; i++)
        value_list_add(&b, spelt(&docs->items[i], a));
    if (docs->unknown)
        value_list_add(
            &b, value_unknown(a, "not all policies that are attached are known", NULL, 0, NULL));
    return value_list_end(&b, NULL);
}

static const struct value *names_of(const struct iam_docs *docs, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < docs->n; i++)
        value_list_add(&b, value_str(a, docs->items[i].name));
    return value_list_end(&b, NULL);
}

bool host_iam_ask_attached(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct iam_party *p = host_iam_set_party(c, c->args[0]);
    struct value_builder b;

    if (p == NULL)
        return err_fail(e, ERR_USAGE, "argument 1 is no user, group, role or policy of this run");
    value_map_begin(&b, c->arena);
    value_map_add(&b, "names", names_of(&p->attached, c->arena));
    value_map_add(&b, "policies", spelt_all(&p->attached, c->arena));
    if (p->boundary != NULL)
        value_map_add(&b, "boundary", spelt_all(p->boundary, c->arena));
    if (p->trust != NULL)
        value_map_add(&b, "trust", spelt(p->trust, c->arena));
    *out = cel_value_of(value_map_end(&b, NULL));
    return true;
}
