#include "policies/iam/evaluate/iam_side.h"

#include <string.h>

enum iam_answer iam_side_both(enum iam_answer a, enum iam_answer b)
{
    return a < b ? a : b;
}

enum iam_answer iam_side_either(enum iam_answer a, enum iam_answer b)
{
    return a > b ? a : b;
}

enum iam_answer iam_side_ruled(struct slice action)
{
    static const char *const services[] = {"s3",   "sts",         "kms",
                                           "sqs",  "ecr",         "secretsmanager",
                                           "aoss", "cognito-idp", "cognito-identity",
                                           "logs", "dynamodb"};
    const uint8_t *colon = action.len > 0 ? memchr(action.data, ':', action.len) : NULL;
    const struct slice service = {action.data, colon != NULL ? (size_t)(colon - action.data) : 0};

    if (iam_glob_same(action, SLICE_LIT("kms:RetireGrant")))
        return IAM_NO;
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (iam_glob_same(service, slice_str(services[i])))
            return IAM_YES;
    return IAM_MAYBE;
}

/* One statement on its way through the request. */
struct trial {
    struct iam_hearing *h;
    enum iam_side side;
    const struct iam_doc *d;
    const struct iam_statement *s;
    enum iam_answer matched;
    enum iam_principal_match principal;
    const char *why; /* of a near miss or a maybe, when explaining */
};

static void note(struct trial *t, enum iam_answer m, const char *part)
{
    if (m != IAM_YES && t->why == NULL && t->h->explain)
        t->why = m == IAM_NO ? arena_printf(t->h->arena, "%s does not match", part)
                             : arena_printf(t->h->arena, "%s cannot be told", part);
    t->matched = iam_side_both(t->matched, m);
}

static void note_test(struct trial *t, enum iam_answer m, const struct iam_test *test)
{
    if (m == IAM_YES || !t->h->explain || test == NULL)
        note(t, m, "Condition");
    else
        note(t, m,
             arena_printf(t->h->arena, "Condition %.*s %.*s", (int)test->op_text.len,
                          (const char *)test->op_text.data, (int)test->key.len,
                          (const char *)test->key.data));
}

/* A user with a boundary is denied by a Deny with NotPrincipal even when it is named there. SPEC:
 * IAM User Guide, "AWS JSON policy elements: NotPrincipal" */
static bool boundary_trap(const struct trial *t)
{
    return t->s->not_principal && t->s->effect == IAM_DENY && t->h->q->boundary != NULL &&
           t->h->q->boundary->n > 0;
}

static void principal(struct trial *t)
{
    const struct iam_request *r = &t->h->q->request;

    if (t->side != IAM_SIDE_RESOURCE && t->side != IAM_SIDE_ENDPOINT)
        return;
    if (!t->s->has_principal) {
        note(t, t->side == IAM_SIDE_ENDPOINT ? IAM_YES : IAM_NO, "Principal (there is none)");
        return;
    }
    t->principal = boundary_trap(t) ? IAM_MATCH_ANY : iam_match_principal(t->s, r);
    note(t,
         t->principal == IAM_MATCH_NONE    ? IAM_NO
         : t->principal == IAM_MATCH_MAYBE ? IAM_MAYBE
                                           : IAM_YES,
         t->s->not_principal ? "NotPrincipal" : "Principal");
}

static void try(struct trial *t)
{
    const struct iam_request *r = &t->h->q->request;
    const struct iam_test *failed;
    enum iam_answer m;

    t->matched = IAM_YES;
    note(t, iam_match_action(t->s, r->action), t->s->not_action ? "NotAction" : "Action");
    if (t->matched == IAM_NO)
        return;
    principal(t);
    if (t->matched == IAM_NO)
        return;
    m = iam_match_resource(t->d, t->s, r, t->h->arena);
    note(t, m, t->s->not_resource ? "NotResource" : "Resource");
    if (t->matched == IAM_NO)
        return;
    m = iam_condition_all(t->d, t->s, &r->context, t->h->arena, &failed);
    note_test(t, m, failed);
    if (t->matched != IAM_NO && t->side == IAM_SIDE_RCP && t->s->effect != IAM_ALLOW)
        note(t, iam_side_ruled(r->action), "That RCPs hold for this service");
}

/* Near misses are told from the resource on: that another action is allowed explains nothing. */
static void record(const struct trial *t)
{
    struct iam_hearing *h = t->h;

    if (!h->explain ||
        (t->matched == IAM_NO && iam_match_action(t->s, h->q->request.action) == IAM_NO))
        return;
    *(struct iam_reason *)ARENA_PUSH(h->arena, &h->reasons, &h->nreasons) = (struct iam_reason){
        .side = t->side, .doc = t->d, .statement = t->s, .matched = t->matched, .why = t->why};
}

static void allow(const struct trial *t, struct iam_tally *out)
{
    const bool better =
        t->side == IAM_SIDE_RESOURCE && iam_match_principal_maybe(t->s, &t->h->q->request);

    out->allow = iam_side_either(out->allow, t->matched);
    out->by[t->principal] = iam_side_either(out->by[t->principal], t->matched);
    if (better)
        out->by[IAM_MATCH_MAYBE] =
            iam_side_either(out->by[IAM_MATCH_MAYBE], iam_side_both(t->matched, IAM_MAYBE));
}

void iam_side_unknown(struct iam_tally *t)
{
    t->allow = iam_side_either(t->allow, IAM_MAYBE);
    t->deny = iam_side_either(t->deny, IAM_MAYBE);
    t->by[IAM_MATCH_MAYBE] = iam_side_either(t->by[IAM_MATCH_MAYBE], IAM_MAYBE);
}

void iam_side_doc(struct iam_hearing *h, enum iam_side side, const struct iam_doc *d,
                  struct iam_tally *out)
{
    for (size_t i = 0; i < d->n; i++) {
        struct trial t = {.h = h, .side = side, .d = d, .s = &d->statements[i]};

        try(&t);
        record(&t);
        if (t.s->effect == IAM_EFFECT_UNKNOWN)
            t.matched = iam_side_both(t.matched, IAM_MAYBE);
        if (t.s->effect != IAM_DENY)
            allow(&t, out);
        if (t.s->effect != IAM_ALLOW)
            out->deny = iam_side_either(out->deny, t.matched);
    }
    if (d->unknown)
        iam_side_unknown(out);
}

void iam_side_docs(struct iam_hearing *h, enum iam_side side, const struct iam_docs *docs,
                   struct iam_tally *out)
{
    for (size_t i = 0; i < docs->n; i++)
        iam_side_doc(h, side, &docs->items[i], out);
    if (docs->unknown)
        iam_side_unknown(out);
}
