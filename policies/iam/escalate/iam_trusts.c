#include "policies/iam/escalate/iam_trusts.h"

#include "policies/iam/evaluate/iam_side.h"

/* By party: asked? and the answer. */
struct iam_trusts_service {
    struct slice name;
    struct {
        bool asked;
        enum iam_answer answer;
    } * roles;
};

const struct iam_doc *iam_trusts_of(const struct iam_party *p)
{
    static const struct iam_doc unknown = {.name = "", .unknown = true};

    return p->trust != NULL ? p->trust : &unknown;
}

/* Only users and roles of accounts have these. SPEC: IAM User Guide, "AWS global condition context
 * keys", "Properties of the principal" */
static const struct slice yes[] = {SLICE_INIT("true")};
#define ABSENT(name)                                                                               \
    {                                                                                              \
        .op = IAM_NULL, .key = SLICE_INIT(name), .values = { yes, 1, false }                       \
    }
static const struct iam_test of_service[] = {
    ABSENT("aws:PrincipalArn"), ABSENT("aws:PrincipalAccount"), ABSENT("aws:PrincipalOrgID"),
    ABSENT("aws:PrincipalOrgPaths"), ABSENT("aws:username")};

static enum iam_answer ask(const struct iam_trusts *t, const struct iam_holder *h,
                           struct slice service, const struct iam_party *role)
{
    static const char *const actions[] = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"};
    enum iam_answer best = IAM_NO;
    const struct slice account = iam_request_account(role->arn);
    const struct iam_key from = iam_request_single("aws:SourceAccount", account, t->arena);
    const struct iam_permit_who who = {.principal = service,
                                       .keys = &from,
                                       .nkeys = account.len > 0,
                                       .given = of_service,
                                       .ngiven = ARRAY_LEN(of_service)};
    const struct iam_permit_on on = {.patterns = iam_holder_of(h, role, t->arena)};

    for (size_t i = 0; i < ARRAY_LEN(actions) && best != IAM_YES; i++) {
        const struct iam_permit_ask one = {.action = slice_str(actions[i]),
                                           .policy = iam_trusts_of(role)};
        struct iam_permit p;

        iam_permit_find(&(struct iam_permit_question){&who, &one, 1, &on}, t->arena, &p);
        best = iam_side_either(best, p.allowed);
    }
    return best;
}

size_t iam_trusts_service(struct iam_trusts *t, struct slice service)
{
    struct iam_trusts_service *s;

    for (size_t i = 0; i < t->n; i++)
        if (slice_eq(t->services[i].name, service))
            return i;
    s = ARENA_PUSH(t->arena, &t->services, &t->n);
    s->name = service;
    s->roles = arena_array(t->arena, t->account->n, sizeof(s->roles[0]));
    return t->n - 1;
}

enum iam_answer iam_trusts_let(struct iam_trusts *t, const struct iam_holder *h, size_t service,
                               size_t party)
{
    struct iam_trusts_service *s = &t->services[service];

    if (!s->roles[party].asked) {
        s->roles[party].answer = ask(t, h, s->name, &t->account->parties[party]);
        s->roles[party].asked = true;
    }
    return s->roles[party].answer;
}

/* Does the trust name anybody but services? Most roles are for a service, and everybody who asks
 * asks about all of them. */
static bool names_principals(const struct iam_doc *trust)
{
    for (size_t i = 0; trust != NULL && i < trust->n; i++) {
        const struct iam_statement *s = &trust->statements[i];

        if (s->not_principal || s->principals_unknown)
            return true;
        for (size_t k = 0; k < s->nprincipals; k++)
            if (s->principals[k].type != IAM_PRINCIPAL_SERVICE)
                return true;
    }
    return trust == NULL || trust->unknown;
}

bool iam_trusts_taken(struct iam_trusts *t, size_t party)
{
    if (t->taken == NULL) {
        t->taken = ARENA_ARRAY(t->arena, bool, t->account->n);
        for (size_t i = 0; i < t->account->n; i++)
            t->taken[i] = names_principals(t->account->parties[i].trust);
    }
    return t->taken[party];
}
