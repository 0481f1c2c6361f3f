/* iam.actions, iam.may, iam.lint. SPEC: docs/rules.md, "Functions". */
#include "policies/host_iam_set.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/lint/iam_lint.h"
#include "policies/iam/evaluate/iam_side.h"

/* Sets of actions by name. */
struct names {
    struct iam_action_set set;
    bool unknown; /* there may be more, or less */
};

static struct names expanded(const struct iam_docs *docs, struct arena *a)
{
    struct names out = {.set = iam_actions_none(a)};
    struct iam_expansion x;

    iam_expand(docs, a, &x);
    for (size_t i = 0; i < x.n; i++)
        iam_actions_add(&out.set, x.allowed[i].action);
    out.unknown = x.unknown;
    return out;
}

static void intersect(struct names *n, const struct names *with)
{
    for (size_t i = 0; i < n->set.nwords; i++)
        n->set.bits[i] &= with->set.bits[i];
    n->unknown = n->unknown || with->unknown;
}

static bool all_of(const struct iam_action_set *s, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++)
        if (!iam_actions_has(s, i))
            return false;
    return n > 0;
}

/* The actions [first, first + n) of one service; all of them are "s3:*". */
static void spell_service(struct value_builder *b, const struct iam_action_set *set, size_t first,
                          size_t n)
{
    const struct slice service = iam_actions_at(first).service;

    if (all_of(set, first, n)) {
        value_list_add(b, value_str(b->arena, arena_printf(b->arena, "%.*s:*", (int)service.len,
                                                           (const char *)service.data)));
        return;
    }
    for (size_t i = first; i < first + n; i++)
        if (iam_actions_has(set, i))
            value_list_add(b, value_bytes(b->arena, iam_actions_text(i, b->arena), NULL));
}

/* Names; everything is "*". */
static const struct value *spelt(const struct names *n, struct arena *a)
{
    const size_t all = iam_actions_count();
    const bool everything = all_of(&n->set, 0, all);
    struct value_builder b;

    value_list_begin(&b, a);
    if (everything)
        value_list_add(&b, value_str(a, "*"));
    for (size_t i = 0, count; i < all && !everything; i += count) {
        size_t first = i;

        count = 1;
        (void)iam_actions_service(iam_actions_at(i).service, &first, &count);
        count -= i - first;
        spell_service(&b, &n->set, i, count);
    }
    if (n->unknown)
        value_list_add(&b, value_unknown(a, "not all of the policies is known", NULL, 0, NULL));
    return value_list_end(&b, NULL);
}

bool host_iam_tell_actions(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct names names, bound;
    struct host_iam_set s;
    struct arena a;

    if (!host_iam_set_read(c, 0, &s, e))
        return false;
    arena_init(&a);
    names = expanded(&s.docs, &a);
    if (s.boundary != NULL) {
        bound = expanded(s.boundary, &a);
        intersect(&names, &bound);
    }
    *out = cel_value_of(spelt(&names, c->arena));
    arena_release(&a);
    return true;
}

/* ---- iam.may: one action by its name ---- */

/* Does the statement take the action back altogether, from everybody and on everything? */
static bool denies_all(const struct iam_statement *s)
{
    bool all = false;

    for (size_t i = 0; i < s->resources.n; i++)
        all = all || iam_glob_any(s->resources.items[i]);
    return s->effect == IAM_DENY && s->ntests == 0 && !s->tests_unknown && !s->has_principal &&
           !s->not_resource && all;
}

static enum iam_answer named(const struct iam_docs *docs, struct slice action)
{
    enum iam_answer out = docs->unknown ? IAM_MAYBE : IAM_NO;

    for (size_t i = 0; i < docs->n; i++) {
        const struct iam_doc *d = &docs->items[i];

        out = iam_side_either(out, d->unknown ? IAM_MAYBE : IAM_NO);
        for (size_t k = 0; k < d->n; k++) {
            const struct iam_statement *s = &d->statements[k];
            const enum iam_answer m = iam_match_action(s, action);

            if (m == IAM_YES && denies_all(s))
                return IAM_NO;
            if (s->effect != IAM_DENY)
                out = iam_side_either(out, s->effect == IAM_ALLOW || m == IAM_NO ? m : IAM_MAYBE);
        }
    }
    return out;
}

bool host_iam_tell_may(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct host_iam_set s;
    enum iam_answer answer;
    struct slice action;

    if (!host_iam_set_read(c, 0, &s, e) || !host_facts_text(c, 1, &action, e))
        return false;
    answer = named(&s.docs, action);
    if (s.boundary != NULL)
        answer = iam_side_both(answer, named(s.boundary, action));
    *out = answer == IAM_MAYBE ? cel_value_unknown(c->arena, "not all of the policies is known")
                               : cel_value_bool(answer == IAM_YES);
    return true;
}

/* ---- iam.lint ---- */

static const struct value *finding(const struct iam_lint_finding *f, struct arena *a)
{
    const struct iam_lint_code *code = iam_lint_code_of(f->code);
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "code", value_str(a, f->code));
    value_map_add(&b, "level", value_str(a, iam_lint_level_name(f->level)));
    value_map_add(&b, "statement", value_int(a, (int64_t)f->number, NULL));
    value_map_add(&b, "text", value_bytes(a, slice_str(f->text), NULL));
    if (code != NULL)
        value_map_add(&b, "fix", value_str(a, code->fix));
    return value_map_end(&b, NULL);
}

/* The document as it was written: of an iam.policy, which says its kind, or the argument itself. */
static bool written(const struct cel_call *c, const struct value **out, enum iam_lint_kind *kind,
                    struct err *e)
{
    const struct fact *f = host_facts_fact(c, c->args[0]);

    *kind = IAM_LINT_GUESS;
    if (f == NULL)
        return host_iam_document(c, c->args[0], out, e);
    (void)iam_lint_kind_named(value_cstr(value_get(f->attributes, "kind"), ""), kind);
    *out = value_get(f->attributes, "document");
    return *out != NULL || err_fail(e, ERR_USAGE, "%s is no policy", f->address);
}

bool host_iam_tell_lint(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct value *doc;
    struct iam_lint_options opt = {.since = host_index_now(host_facts_of(c)->index)};
    struct value_builder b;
    struct iam_lint lint;

    if (!written(c, &doc, &opt.kind, e))
        return false;
    if (value_is(doc, VALUE_UNKNOWN)) {
        *out = cel_value_of(doc);
        return true;
    }
    iam_lint(doc, &opt, c->arena, &lint);
    value_list_begin(&b, c->arena);
    for (size_t i = 0; i < lint.n; i++)
        value_list_add(&b, finding(&lint.items[i], c->arena));
    if (lint.unknown)
        value_list_add(&b,
                       value_unknown(c->arena, "not all of the policy is known", NULL, 0, NULL));
    *out = cel_value_of(value_list_end(&b, NULL));
    return true;
}
