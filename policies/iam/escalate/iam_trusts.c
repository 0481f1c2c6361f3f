#include "policies/iam/escalate/iam_trusts.h"

#include "policies/iam/evaluate/iam_side.h"

struct iam_trusts_service {
    struct slice name;
    struct iam_trusts_role *roles; /* of those asked, all but the NOs */
    size_t nroles;
    size_t nasked; /* of the account's roles, in their order */
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

static enum iam_answer asked(const struct iam_holder *h, struct slice service,
                             const struct iam_party *role, struct arena *a)
{
    static const char *const actions[] = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"};
    enum iam_answer best = IAM_NO;
    const struct slice account = iam_request_account(role->arn);
    const struct iam_key from = iam_request_single("aws:SourceAccount", account, a);
    const struct iam_permit_who who = {.principal = service,
                                       .keys = &from,
                                       .nkeys = account.len > 0,
                                       .given = of_service,
                                       .ngiven = ARRAY_LEN(of_service)};
    const struct iam_permit_on on = {.patterns = iam_holder_of(h, role, a)};

    for (size_t i = 0; i < ARRAY_LEN(actions) && best != IAM_YES; i++) {
        const struct iam_permit_ask one = {.action = slice_str(actions[i]),
                                           .policy = iam_trusts_of(role)};
        struct iam_permit p;

        iam_permit_find(&(struct iam_permit_question){&who, &one, 1, &on}, a, &p);
        best = iam_side_either(best, p.allowed);
    }
    return best;
}

/* Every service is asked about every role: nothing but the answer is kept. */
static enum iam_answer ask(const struct iam_holder *h, struct slice service,
                           const struct iam_party *role)
{
    struct arena scratch;
    enum iam_answer answer;

    arena_init(&scratch);
    answer = asked(h, service, role, &scratch);
    arena_release(&scratch);
    return answer;
}

size_t iam_trusts_service(struct iam_trusts *t, struct slice service)
{
    struct iam_trusts_service *s;

    for (size_t i = 0; i < t->n; i++)
        if (slice_eq(t->services[i].name, service))
            return i;
    s = ARENA_PUSH(t->arena, &t->services, &t->n);
    s->name = service;
    return t->n - 1;
}

bool iam_trusts_role(struct iam_trusts *t, const struct iam_holder *h, size_t service, size_t k,
                     struct iam_trusts_role *out)
{
    struct iam_trusts_service *s = &t->services[service];
    const struct iam_targets_list *all = iam_targets_of(t->targets, IAM_ENTITY_ROLE);

    while (s->nroles <= k && s->nasked < all->n) {
        const size_t party = all->items[s->nasked++];
        const enum iam_answer answer = ask(h, s->name, &t->account->parties[party]);

        if (answer != IAM_NO)
            *(struct iam_trusts_role *)ARENA_PUSH(t->arena, &s->roles, &s->nroles) =
                (struct iam_trusts_role){party, answer};
    }
    if (k >= s->nroles)
        return false;
    *out = s->roles[k];
    return true;
}
