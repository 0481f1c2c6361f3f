/*
 * Escalations against trying everything: accounts of a few principals with policies made at random.
 * Each path that can be taken, for all that the evaluator says of each of its steps, is found; of
 * each that is confirmed the evaluator allows every step.
 */
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/evaluate/iam_derived.h"
#include "policies/iam/text/iam_arn.h"
#include "tests/lib/iam_random_account.h"
#include "tests/lib/iam_told.h"

#ifndef ROUNDS
#define ROUNDS 120
#endif

#define OWN IAM_RANDOM_OWN
#define REGION "us-east-1"

static const struct iam_random_key of_steps[] = {
    {.name = "iam:PassedToService",
     .operators = {"StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists"},
     .values = {"sagemaker.amazonaws.com", "lambda.amazonaws.com", "*.amazonaws.com", "ec2*"}},
    {.name = "iam:PolicyARN",
     .operators = {"ArnEquals", "ArnNotEquals", "StringLike", "ArnLikeIfExists"},
     .values = {"arn:aws:iam::aws:policy/*", "arn:aws:iam::aws:policy/ReadOnlyAccess",
                "arn:aws:iam::aws:policy/AdministratorAccess", OWN "policy/*"}},
};

static const struct iam_random_key of_requests[] = {
    {.name = "aws:SourceIp",
     .operators = {"IpAddress", "NotIpAddress", "IpAddressIfExists"},
     .values = {"192.0.2.0/24", "0.0.0.0/0"}},
    {.name = "aws:MultiFactorAuthPresent",
     .operators = {"Bool", "BoolIfExists", "Null"},
     .values = {"true", "false"}},
    {.name = "aws:RequestedRegion",
     .operators = {"StringEquals", "StringNotEquals", "StringLike"},
     .values = {REGION, "eu-west-1"}},
};

static const struct iam_random_key of_askers[] = {
    {.name = "aws:username",
     .operators = {"StringEquals", "StringNotEquals", "Null", "StringLikeIfExists"},
     .values = {"me", "other", "m*"}},
    {.name = "aws:PrincipalArn",
     .operators = {"ArnLike", "ArnNotLike", "ArnEquals"},
     .values = {OWN "user/me", OWN "role/*", OWN "*", "arn:aws:iam::*:user/*"}},
    {.name = "aws:PrincipalAccount",
     .operators = {"StringEquals", "StringNotEquals"},
     .values = {"123456789012", "999999999999"}},
};

#define KEYS(table) .keys = table, .nkeys = sizeof(table) / sizeof((table)[0]), .two = true
#define PASSING "iam:PassRole", "sagemaker:CreateTrainingJob", "lambda:CreateFunction"

static const struct world {
    const char *what;
    struct iam_vocabulary words;
    bool apt; /* each action comes with each of the keys: what is confirmed can be done */
} worlds[] = {
    {"roles that are passed",
     {.actions = {PASSING, "lambda:InvokeFunction", "lambda:*", "sagemaker:*", "iam:Pass*"},
      .resources = {"*", "*", OWN "role/*", OWN "role/boss", OWN "role/helper",
                    "arn:aws:lambda:*:123456789012:function:*",
                    "arn:aws:lambda:us-east-1:123456789012:function:x*",
                    "arn:aws:sagemaker:*:*:training-job/a"},
      KEYS(of_steps)},
     false},
    {"one's own and others' policies",
     {.actions = {"iam:PutRolePolicy", "iam:PutUserPolicy", "iam:AttachRolePolicy",
                  "iam:AttachUserPolicy", "iam:CreatePolicyVersion", "iam:Attach*", "iam:*",
                  "iam:AddUserToGroup", "sts:AssumeRole", "iam:AttachGroupPolicy"},
      .resources = {"*", OWN "role/*", OWN "role/boss", OWN "user/me", OWN "role/me", OWN "user/*",
                    OWN "policy/*", OWN "policy/mine", OWN "group/*", OWN "policy/hers"},
      KEYS(of_steps)},
     false},
    {"where requests are made",
     {.actions = {"iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAssumeRolePolicy",
                  "sts:AssumeRole", "sts:*", PASSING, "iam:PutRolePolicy",
                  "iam:CreateLoginProfile"},
      .resources = {"*", OWN "role/*", OWN "user/*", OWN "user/chief", OWN "role/boss"},
      KEYS(of_requests)},
     true},
    {"who asks",
     {.actions = {"iam:CreateAccessKey", "sts:AssumeRole", "iam:Put*", "iam:AddUserToGroup",
                  PASSING, "*"},
      .resources = {"*", OWN "role/*", OWN "user/${aws:username}", OWN "group/admins",
                    OWN "role/${aws:username}"},
      KEYS(of_askers)},
     true},
};

/* ---- every request ---- */

struct asking {
    const struct iam_account *account;
    const struct iam_party *me;
    bool apt;
    struct arena *arena;
};

static const char *const free_keys[][5] = {
    {"aws:SourceIp", "192.0.2.1", "198.51.100.1", "2001:db8::1", ""},
    {"aws:MultiFactorAuthPresent", "true", "false", ""},
    {"aws:RequestedRegion", REGION, "eu-west-1", "ap-south-1"},
};

static bool decide(const struct asking *k, struct iam_request *r, const struct iam_doc *own)
{
    const struct iam_question q = {
        .request = *r, .identity = k->me->attached, .boundary = k->me->boundary, .resource = own};

    return iam_evaluate_decide(&q, k->arena) == IAM_ALLOWED;
}

static bool begins(struct slice text, const char *prefix)
{
    return slice_starts(text, prefix);
}

/* One action on one resource, under some context that it can have. `service`: a role is passed to
 * it. */
static bool somehow(const struct asking *k, struct slice action, struct slice resource,
                    struct slice service, const struct iam_doc *own)
{
    static const char *const policies[] = {"arn:aws:iam::aws:policy/AdministratorAccess",
                                           OWN "policy/mine"};
    const bool attaches = begins(action, "iam:Attach");
    struct iam_request base = {.principal = k->me->arn};
    struct iam_key *keys;
    size_t fixed = 0;

    iam_derived_keys(&base, k->arena);
    keys = ARENA_ARRAY(k->arena, struct iam_key, base.context.n + 8);
    for (size_t i = 0; i < base.context.n; i++)
        if (!base.context.keys[i].unknown)
            keys[fixed++] = base.context.keys[i];
    if (slice_is(action, "iam:PassRole"))
        keys[fixed++] = iam_request_single("iam:PassedToService", service, k->arena);
    for (unsigned way = 0; way < 4u * 3u * 3u * 2u; way++) {
        const unsigned at[] = {way % 4, way / 4 % 3, way / 12 % 3};
        struct iam_request r = {.principal = k->me->arn, .action = action, .resource = resource};
        size_t n = fixed;

        for (size_t i = 0; i < 3; i++)
            if (free_keys[i][1 + at[i]][0] != '\0')
                keys[n++] = iam_request_single(free_keys[i][0], slice_str(free_keys[i][1 + at[i]]),
                                               k->arena);
        if (attaches)
            keys[n++] =
                iam_request_single("iam:PolicyARN", slice_str(policies[way / 36]), k->arena);
        else if (way >= 36)
            break;
        r.context = (struct iam_context){.keys = keys, .n = n};
        r.wildcard_only = slice_is(resource, "*");
        if (decide(k, &r, own))
            return true;
    }
    return false;
}

/* Each star of a pattern in its place. */
static struct slice made(const struct asking *k, struct slice pattern, const char *name)
{
    const struct iam_arn arn = iam_arn_split(pattern, IAM_ARN_RESOURCE);
    static const char *const fields[] = {"arn", "aws", "", REGION, "123456789012"};
    char *out = arena_printf(k->arena, "%s", "");

    if (arn.n != 6)
        return pattern;
    for (size_t i = 0; i < 5; i++) {
        const char *text =
            slice_is(arn.field[i], "*") ? fields[i] : arena_strndup(k->arena, arn.field[i]);

        out = arena_printf(k->arena, "%s%s:", out, text);
    }
    for (size_t i = 0; i < arn.field[5].len; i++)
        out = arn.field[5].data[i] == '*'
                  ? arena_printf(k->arena, "%s%s", out, name)
                  : arena_printf(k->arena, "%s%c", out, arn.field[5].data[i]);
    return slice_str(out);
}

/* What a step may be about, for one target and one name of things; n == 0: nothing. */
static size_t resources_of(const struct asking *k, const struct iam_path_step *s,
                           const struct iam_party *target, const char *name, struct slice *out)
{
    const struct iam_party *me = k->me;
    struct iam_texts list = {NULL, 0, false};
    size_t number, n = 0;

    switch (s->on) {
    case IAM_ON_OWN_USER:
        out[0] = me->arn;
        return me->kind == IAM_ENTITY_USER;
    case IAM_ON_OWN_ROLE:
        out[0] = me->arn;
        return me->kind == IAM_ENTITY_ROLE;
    case IAM_ON_OWN_GROUP:
        for (size_t i = 0; i < me->ngroups; i++)
            out[n++] = me->groups[i]->arn;
        return n;
    case IAM_ON_OWN_POLICY:
        list = me->managed;
        break;
    case IAM_ON_ROLE_POLICY:
        list = target->managed;
        break;
    case IAM_ON_OBJECT:
        for (size_t i = 0; i < s->object->arns.n && n < 8; i++)
            out[n++] = made(k, s->object->arns.items[i], name);
        return n;
    case IAM_ON_ANYTHING:
        if (!iam_actions_find(s->action, &number))
            return 0;
        list = iam_actions_resources(number, k->arena);
        if (list.n == 0)
            out[n++] = SLICE_LIT("*");
        for (size_t i = 0; i < list.n && n < 8; i++)
            out[n++] = made(k, list.items[i], name);
        return n;
    default:
        out[0] = target->arn;
        return 1;
    }
    for (size_t i = 0; i < list.n && n < 8; i++)
        out[n++] = list.items[i];
    return n;
}

/* All steps of a way. Things of the table are the same in all. */
static bool all_steps(const struct asking *k, const struct iam_path_way *way,
                      const struct iam_party *target, struct slice service, const char *name)
{
    for (size_t i = 0; i < way->n; i++) {
        const struct iam_path_step *s = &way->steps[i];
        const struct iam_doc *own =
            slice_is(s->action, "sts:AssumeRole") && target != NULL ? target->trust : NULL;
        struct slice list[16];
        const size_t n = resources_of(k, s, target, name, list);
        bool ok = false;

        for (size_t j = 0; j < n && !ok; j++)
            ok = somehow(k, s->action, list[j], service, own);
        if (!ok)
            return false;
    }
    return true;
}

/* May the service take the role, from some address? */
static bool lets(const struct asking *k, const struct iam_party *p, struct slice service)
{
    const struct iam_key from =
        iam_request_single("aws:SourceIp", SLICE_LIT("192.0.2.1"), k->arena);
    struct iam_question q = {.request = {.principal = service,
                                         .action = SLICE_LIT("sts:AssumeRole"),
                                         .resource = p->arn},
                             .resource = p->trust};

    if (iam_evaluate_decide(&q, k->arena) == IAM_ALLOWED)
        return true;
    q.request.context = (struct iam_context){.keys = &from, .n = 1};
    return iam_evaluate_decide(&q, k->arena) == IAM_ALLOWED;
}

static const struct iam_path_step *target_step(const struct iam_path_way *way)
{
    for (size_t i = 0; i < way->n; i++)
        if (iam_paths_target(way->steps[i].on))
            return &way->steps[i];
    return NULL;
}

/* Is there a way to everything, or to an administrator, by this target? NULL: there is none. */
static bool way_open(const struct asking *k, const struct iam_path *p,
                     const struct iam_path_way *way, const struct iam_party *target)
{
    const struct iam_path_step *s = target_step(way);
    static const struct slice none[] = {{NULL, 0}};
    const struct slice *services = p->services.n > 0 ? p->services.items : none;
    const size_t n = p->services.n > 0 ? p->services.n : 1;

    for (size_t i = 0; i < n; i++) {
        if (s != NULL && s->on == IAM_ON_PASSED_ROLE && !lets(k, target, services[i]))
            continue;
        if (all_steps(k, way, target, services[i], "a") ||
            all_steps(k, way, target, services[i], "x1"))
            return true;
    }
    return false;
}

static bool fits(const struct asking *k, const struct iam_path_step *s, const struct iam_party *p)
{
    if (p == k->me || (k->me->kind == IAM_ENTITY_USER && p->kind == IAM_ENTITY_GROUP &&
                       slice_is(p->name, "crew")))
        return false;
    switch (s->on) {
    case IAM_ON_USER:
        return p->kind == IAM_ENTITY_USER;
    case IAM_ON_GROUP:
        return p->kind == IAM_ENTITY_GROUP && k->me->kind == IAM_ENTITY_USER;
    default:
        return p->kind == IAM_ENTITY_ROLE;
    }
}

static bool is_admin(const struct iam_party *p)
{
    return slice_is(p->name, "boss") || slice_is(p->name, "chief") || slice_is(p->name, "admins");
}

static bool denies(const struct iam_party *me)
{
    for (size_t d = 0; d < me->attached.n; d++)
        for (size_t i = 0; i < me->attached.items[d].n; i++)
            if (me->attached.items[d].statements[i].effect == IAM_DENY)
                return true;
    return false;
}

/* To whom the path leads for certain; NULL and true: to nobody in particular. */
static bool path_open(const struct asking *k, const struct iam_path *p,
                      const struct iam_party **who)
{
    *who = NULL;
    if ((p->when == IAM_WHEN_BOUNDARY && k->me->boundary == NULL) ||
        (p->when == IAM_WHEN_DENY && !denies(k->me)))
        return false;
    for (size_t w = 0; w < p->nways; w++) {
        const struct iam_path_step *s = target_step(&p->ways[w]);

        if (s == NULL && way_open(k, p, &p->ways[w], NULL))
            return true;
        for (size_t i = 0; s != NULL && i < k->account->n; i++) {
            const struct iam_party *t = &k->account->parties[i];

            if (fits(k, s, t) && (p->everything || is_admin(t)) && way_open(k, p, &p->ways[w], t)) {
                *who = t;
                return true;
            }
        }
    }
    return false;
}

/* ---- */

static const struct iam_escalation *reported(const struct iam_escalations *x,
                                             const struct iam_path *p)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->items[i].path == p)
            return &x->items[i];
    return NULL;
}

/* The step as it is told: allowed as it stands? Those that name no one thing are not asked. */
static bool step_holds(const struct asking *k, const struct iam_step *s,
                       const struct iam_party *target)
{
    struct iam_request base = {.principal = k->me->arn};
    struct iam_request r = {.principal = k->me->arn, .action = s->action, .resource = s->resource};
    struct iam_key *keys;
    size_t n = 0, number;

    if (iam_glob_wild(s->resource) && !slice_is(s->resource, "*"))
        return true;
    r.wildcard_only = iam_actions_find(s->action, &number) && iam_actions_at(number).wildcard_only;
    if (slice_is(s->resource, "*") && !r.wildcard_only)
        return true;
    iam_derived_keys(&base, k->arena);
    keys = ARENA_ARRAY(k->arena, struct iam_key, base.context.n + s->nkeys);
    for (size_t i = 0; i < base.context.n; i++)
        if (!base.context.keys[i].unknown)
            keys[n++] = base.context.keys[i];
    for (size_t i = 0; i < s->nkeys; i++)
        keys[n++] = s->keys[i];
    r.context = (struct iam_context){.keys = keys, .n = n};
    return decide(k, &r,
                  slice_is(s->action, "sts:AssumeRole") && target != NULL ? target->trust : NULL);
}

/* Is the path open to this party, whatever it holds? */
static bool open_to(const struct asking *k, const struct iam_path *p, const struct iam_party *t)
{
    for (size_t w = 0; w < p->nways; w++)
        if (target_step(&p->ways[w]) == NULL
                ? way_open(k, p, &p->ways[w], NULL)
                : fits(k, target_step(&p->ways[w]), t) && way_open(k, p, &p->ways[w], t))
            return true;
    return false;
}

static void judge(const struct asking *k, const struct iam_paths *paths,
                  const struct iam_escalations *x, const char *text)
{
    const struct iam_party *who;

    for (size_t i = 0; i < paths->n; i++) {
        const struct iam_escalation *e = reported(x, &paths->items[i]);

        if (e == NULL && !x->admin)
            cr_assert(!path_open(k, &paths->items[i], &who), "%s (to %s) is not found: %s\n%.600s",
                      paths->items[i].id,
                      who != NULL ? arena_strndup(k->arena, who->arn) : "anything", text,
                      told(k->arena, x, k->me));
        if (e == NULL || e->allowed != IAM_YES)
            continue;
        for (size_t t = 0; k->apt && t < e->ntargets && e->certainty == IAM_CONFIRMED; t++)
            cr_assert(open_to(k, e->path, e->targets[t].party), "%s does not lead to %s: %s",
                      e->path->id, arena_strndup(k->arena, e->targets[t].party->arn), text);
        for (size_t s = 0; s < e->nsteps; s++)
            cr_assert(step_holds(k, &e->steps[s],
                                 e->certainty == IAM_CONFIRMED ? e->targets[0].party : NULL) ||
                          e->certainty != IAM_CONFIRMED,
                      "%s: step %zu (%s on %s) is not allowed: %s", e->path->id, s + 1,
                      arena_strndup(k->arena, e->steps[s].action),
                      arena_strndup(k->arena, e->steps[s].resource), text);
    }
}

CASES(policies_iam_escalate_random, agrees_with_trying_everything, worlds)
{
    const struct world *w = &worlds[*case_index];
    struct iam_dice d = {*case_index + 31};
    size_t ways = 0, confirmed = 0, admins = 0, unknown = 0, vague = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct iam_account account;
        struct iam_paths paths;
        struct iam_escalate_input in = {.paths = &paths, .account = &account, .now = NOW};
        struct iam_escalations x;
        struct facts f;
        struct arena a;
        struct asking k;
        struct iam_random_account draft;

        arena_init(&a);
        facts_init(&f, &a);
        built_in(&a, &paths);
        draft = iam_random_account(&d, &w->words, &a);
        scan(&f, "account", iam_random_snapshot(&draft, &a));
        iam_account_read(&f, &a, &account);
        k = (struct asking){&account, find(&account, "me"), w->apt, &a};
        iam_escalate_ask(iam_escalate_new(&in, &a), k.me, &x);
        judge(&k, &paths, &x, iam_random_told(&draft, &a));
        ways += x.n;
        for (size_t i = 0; i < x.n; i++)
            vague += x.items[i].allowed == IAM_MAYBE;
        for (size_t i = 0; i < x.n; i++)
            confirmed += x.items[i].certainty == IAM_CONFIRMED;
        admins += x.admin;
        unknown += x.unknown;
        arena_release(&a);
    }
    cr_log_info("%s: %zu ways, %zu confirmed, %zu admins, %zu vague, %zu unknown", w->what, ways,
                confirmed, admins, vague, unknown);
    cr_expect(confirmed > ROUNDS / 4, "%s", w->what);
}
