/* iam.public, iam.outsiders, iam.need, iam.role. SPEC: docs/rules.md, "Functions". */
#include <string.h>

#include "policies/host_iam_set.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/shrink/iam_least.h"
#include "policies/iam/document/iam_request.h"

/* ---- who may come in ---- */

struct reach {
    enum iam_answer answer;
    const char *text; /* the example, or what stood in the way; "" */
};

/* The numbers of argument 1, none when it is not given. */
static bool accounts(const struct cel_call *c, struct iam_texts *out, struct err *e)
{
    struct slice *items;

    *out = (struct iam_texts){.n = 0};
    if (c->nargs < 2)
        return true;
    if (!cel_value_is(c->args[1], CEL_LIST))
        return err_fail(e, ERR_USAGE, "argument 2: expected a list, found %s",
                        cel_value_type_name((enum cel_kind)c->args[1].kind));
    items = ARENA_ARRAY(c->arena, struct slice, c->args[1].len);
    for (size_t i = 0; i < c->args[1].len; i++) {
        const struct cel_value v = cel_value_item(c->args[1], i);

        if (cel_value_is(v, CEL_GAP))
            out->unknown = true;
        else if (cel_value_is(v, CEL_STRING))
            items[out->n++] = cel_value_text(v);
        else
            return err_fail(e, ERR_USAGE, "argument 2: expected strings, found %s",
                            cel_value_type_name((enum cel_kind)v.kind));
    }
    out->items = items;
    return true;
}

/* Of several documents, the first that lets somebody in. */
static void look(const struct cel_call *c, const struct host_iam_set *s,
                 const struct iam_access_question *q, struct reach *r)
{
    struct iam_comparison cmp;
    struct arena a;

    *r = (struct reach){IAM_NO, ""};
    for (size_t i = 0; i < s->docs.n && r->answer != IAM_YES; i++) {
        arena_init(&a);
        iam_compare_access(&s->docs.items[i], q, &a, &cmp);
        if (cmp.wider > r->answer) {
            r->answer = cmp.wider;
            r->text = cmp.wider == IAM_YES ? host_iam_set_example(&cmp.example, c->arena)
                                           : arena_strdup(c->arena, cmp.unknown);
        }
        arena_release(&a);
    }
    if (r->answer == IAM_NO && s->docs.unknown)
        *r = (struct reach){IAM_MAYBE, "not all of the policies is known"};
}

static bool reach(const struct cel_call *c, enum iam_access kind, struct reach *r, struct err *e)
{
    struct iam_texts known;
    struct iam_access_question q = {kind, &known, host_index_now(host_facts_of(c)->index)};
    struct host_iam_set s;

    if (!host_iam_set_read(c, 0, &s, e) || !accounts(c, &known, e))
        return false;
    look(c, &s, &q, r);
    if (kind == IAM_ACCESS_PUBLIC || !known.unknown || r->answer != IAM_YES)
        return true;
    /* whoever it is may be of an account that is not told yet, unless he may be anybody */
    q.kind = IAM_ACCESS_PUBLIC;
    look(c, &s, &q, r);
    if (r->answer != IAM_YES)
        *r = (struct reach){IAM_MAYBE, "not all of the accounts is known"};
    return true;
}

static bool answer(const struct cel_call *c, enum iam_access kind, bool text, struct cel_value *out,
                   struct err *e)
{
    struct reach r;

    if (!reach(c, kind, &r, e))
        return false;
    *out = r.answer == IAM_MAYBE ? cel_value_unknown(c->arena, r.text)
           : text                ? cel_value_str(r.text)
                                 : cel_value_bool(r.answer == IAM_YES);
    return true;
}

bool host_iam_reach_public(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    return answer(c, IAM_ACCESS_PUBLIC, false, out, e);
}

bool host_iam_reach_public_example(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    return answer(c, IAM_ACCESS_PUBLIC, true, out, e);
}

bool host_iam_reach_outsiders(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    return answer(c, IAM_ACCESS_CROSS, false, out, e);
}

bool host_iam_reach_outsiders_example(const struct cel_call *c, struct cel_value *out,
                                      struct err *e)
{
    return answer(c, IAM_ACCESS_CROSS, true, out, e);
}

/* ---- what a pipeline needs ---- */

bool host_iam_reach_need(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct fact *f = host_facts_fact(c, c->args[0]);
    struct iam_need need;

    if (f == NULL || strcmp(f->type, "pipeline") != 0)
        return err_fail(e, ERR_USAGE, "argument 1 is no pipeline of this run");
    iam_need_read(host_facts_of(c)->index, f, c->arena, &need);
    *out = need.unknown ? cel_value_unknown(c->arena, "not all of the pipeline is known")
                        : cel_value_of(iam_least_policy(&need, c->arena));
    return true;
}

/* ---- a role by its name ---- */

/* What stands behind the last '/' of an ARN, or all of a name. */
static struct slice role_name(struct slice text)
{
    for (size_t i = text.len; i > 0; i--)
        if (text.data[i - 1] == '/')
            return slice_from(text, i);
    return text;
}

/* By ARN where the run knows it, else by name. */
static bool is_role(const struct iam_party *p, struct slice text)
{
    if (p->kind != IAM_ENTITY_ROLE)
        return false;
    if (p->arn.len > 0 && slice_starts(text, "arn:"))
        return slice_eq(p->arn, text);
    return p->name.len > 0 && slice_eq(p->name, role_name(text));
}

/* A plan says what a role will be; a snapshot what it is today. */
static bool shown(const struct iam_party *p)
{
    return strcmp(p->fact->source, "aws-api") == 0;
}

bool host_iam_reach_role(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct iam_account *acc = host_iam_set_account(c);
    const struct iam_party *found = NULL;
    struct slice text;
    size_t n = 0;

    if (!host_facts_text(c, 0, &text, e))
        return false;
    for (size_t i = 0; i < acc->n; i++) {
        const struct iam_party *p = &acc->parties[i];

        if (!is_role(p, text) || (found != NULL && shown(p) && !shown(found)))
            continue;
        n = found != NULL && shown(found) == shown(p) ? n + 1 : 1;
        found = p;
    }
    *out = n == 0   ? cel_value_null()
           : n == 1 ? cel_value_of(host_index_resource(host_facts_of(c)->index, found->fact))
                    : cel_value_unknown(c->arena, "several roles of the run have that name");
    return true;
}
