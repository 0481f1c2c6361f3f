#include "policies/iam/compare/iam_owner.h"

#include "policies/iam/text/iam_arn.h"
#include "policies/iam/document/iam_variables.h"

struct collecting {
    struct iam_solver *t;
    struct iam_owners *out;
    bool loose; /* it cannot be told which accounts make a difference */
};

static void add(struct collecting *c, struct slice account)
{
    for (size_t i = 0; i < c->out->n; i++)
        if (slice_eq(c->out->items[i].account, account))
            return;
    if (c->out->n >= IAM_OWNER_MAX)
        c->loose = true;
    else
        *(struct iam_owner *)ARENA_PUSH(c->t->work, &c->out->items, &c->out->n) =
            (struct iam_owner){.account = account};
}

/* An account, or "*"; other patterns of numbers are not looked into. `like`: wildcards count. */
static void learn(struct collecting *c, struct slice account, bool like)
{
    if (account.len == 0 || (like && iam_glob_any(account)))
        return;
    if (like && iam_glob_wild(account))
        c->loose = true;
    else
        add(c, account);
}

static void of_resources(struct collecting *c, const struct iam_atom *a)
{
    const struct iam_texts *list = &a->statement->resources;

    for (size_t i = 0; i < list->n; i++) {
        const struct iam_arn arn = iam_arn_split(list->items[i], IAM_ARN_RESOURCE);

        if (arn.n >= 5)
            learn(c, arn.field[4], true);
    }
}

static void of_test(struct collecting *c, const struct iam_atom *a)
{
    const enum iam_operator op = a->test->op;
    const bool like = op == IAM_STRING_LIKE || op == IAM_STRING_NOT_LIKE;

    if (op > IAM_STRING_NOT_LIKE && op != IAM_NULL)
        c->loose = true;
    for (size_t i = 0; i < a->test->values.n && op != IAM_NULL; i++)
        if (!iam_variables_in(a->doc, a->test->values.items[i]))
            learn(c, a->test->values.items[i], like);
}

/* Actions of which AWS says that their requests lack the key. SPEC: IAM User Guide, "AWS global
 * condition context keys", "aws:ResourceAccount" */
static bool may_lack(struct iam_solver *t)
{
    static const char *const names[] = {"ebs:*",
                                        "ec2:Accept*",
                                        "ec2:Reject*",
                                        "ec2:CopyImage",
                                        "ec2:Create*Peering*",
                                        "ec2:Delete*Peering*",
                                        "ec2:CreateVolume",
                                        "ec2:CreateVpcEndpoint",
                                        "events:Put*Events",
                                        "guardduty:Accept*",
                                        "macie2:Accept*",
                                        "es:AcceptInboundConnection",
                                        "route53:*VPC*",
                                        "securityhub:Accept*",
                                        "auditmanager:*",
                                        "detective:Accept*",
                                        "ds:AcceptSharedDirectory"};
    const struct iam_action_set left = iam_solver_set(t);
    struct iam_action_set lack = iam_actions_none(t->work);

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)iam_actions_match(slice_str(names[i]), &lack);
    for (size_t i = iam_actions_next(&left, 0); i < iam_actions_count();
         i = iam_actions_next(&left, i + 1))
        if (iam_actions_has(&lack, i))
            return true;
    return false;
}

/* One that nobody names. */
static void add_other(struct collecting *c)
{
    const size_t before = c->out->n;
    uint64_t number = 123456789012u;

    for (; c->out->n == before && !c->loose; number += 111111111111u)
        add(c, slice_str(arena_printf(c->t->work, "%012llu", (unsigned long long)number)));
    if (c->out->n > before)
        c->out->items[before].other = true;
}

/* Services have ARNs without an account, as S3 has. */
static struct iam_texts bare(struct arena *a)
{
    struct slice *items = NULL, last = {0};
    size_t n = 0;

    for (size_t i = 0; i < iam_actions_arns(); i++) {
        const struct iam_arn arn = iam_arn_split(iam_actions_arn(i), IAM_ARN_RESOURCE);

        if (arn.n != 6 || arn.field[4].len > 0 || slice_eq(arn.field[2], last))
            continue;
        last = arn.field[2];
        *(struct slice *)ARENA_PUSH(a, &items, &n) =
            slice_str(arena_printf(a, "arn:*:%.*s:*::*", (int)last.len, (const char *)last.data));
    }
    return (struct iam_texts){items, n, false};
}

void iam_owner_collect(struct iam_solver *t, bool asked, struct iam_owners *out)
{
    struct collecting c = {t, out, false};

    *out = (struct iam_owners){0};
    for (size_t i = 0; i < t->atoms->n && asked; i++) {
        const struct iam_atom *a = &t->atoms->items[i];

        if (t->values[i] == 0)
            continue;
        if (a->slot == IAM_SLOT_RESOURCE)
            of_resources(&c, a);
        else if (a->test != NULL && iam_owner_key(a->test->key))
            of_test(&c, a);
    }
    for (size_t i = 0; i < t->callers->n && asked; i++)
        learn(&c, t->callers->items[i].account, false);
    if (asked && !c.loose)
        add_other(&c);
    if (asked && !c.loose && may_lack(t))
        add(&c, (struct slice){0});
    if (c.loose)
        *out = (struct iam_owners){0};
    if (out->n > 0 && t->bare.n == 0)
        t->bare = bare(t->arena);
}

bool iam_owner_key(struct slice key)
{
    return iam_glob_same(key, SLICE_LIT(IAM_OWNER_KEY)) ||
           iam_glob_same(key, SLICE_LIT(IAM_OWNER_S3_KEY));
}

struct iam_literal iam_owner_fence(const struct iam_solver *t, const char *key,
                                   struct slice account)
{
    static const struct iam_doc nobody = {.name = ""};
    struct iam_test *test = ARENA_NEW(t->work, struct iam_test);
    struct slice *value = ARENA_NEW(t->work, struct slice);

    *value = account.len > 0 ? account : SLICE_LIT("true");
    *test = (struct iam_test){.op = account.len > 0 ? IAM_STRING_EQUALS : IAM_NULL,
                              .key = slice_str(key),
                              .values = {value, 1, false}};
    return (struct iam_literal){&nobody, test, true};
}
