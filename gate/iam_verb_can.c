/* iam can: may this request be made? */
#include <string.h>

#include "gate/call.h"
#include "gate/iam_answer.h"
#include "gate/iam_context.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/iam_words.h"
#include "gate/say.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/evaluate/iam_derived.h"

int iam_verb_can(int argc, char **argv);
const struct command_option *iam_verb_can_options(void);

const struct command_option *iam_verb_can_options(void)
{
    static const struct command_option table[] = {
        {"action", 0, "ACTION", "what is to be done: s3:GetObject", false},
        {"resource", 0, "ARN", "to what; wildcards ask for any of several (default *)", false},
        {"principal", 0, "ARN", "by whom: user, role, session, service, or anonymous", false},
        {"policy", 0, "FILE", "identity policies", true},
        {"from", 0, "PATH", "take the policies of --as from a plan, template or snapshot", true},
        {"as", 0, "NAME", "role, user or group of --from", false},
        {"resource-policy", 0, "FILE", "the resource's policy: a role's trust, a key's", false},
        {"resource-account", 0, "ID", "account that owns the resource, if its ARN does not say",
         false},
        {"boundary", 0, "FILE", "permissions boundary", true},
        {"session", 0, "FILE", "session policy", true},
        {"scp", 0, "FILE", "service control policy; each is a level of its own", true},
        {"rcp", 0, "FILE", "resource control policy", true},
        {"endpoint", 0, "FILE", "policy of the VPC endpoint that is used", true},
        {"context", 0, "KEY=VALUE", "a key of the request; the same twice is a list", true},
        {"context-file", 0, "FILE", "keys as a JSON object; --context stands before it", false},
        {"open-context", 0, NULL, "keys that are not given may have any value", false},
        {"reading", 0, "NAME", "aws (default: as AWS documents) or iam-simulate", false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct can {
    struct call call;
    struct iam_source source;
    struct iam_question q;
    const struct iam_party *party; /* of --as; or NULL */
    struct iam_verdict verdict;
};

/* Somebody of the account that owns the resource: what AWS says of the principal is not known. */
static void somebody(struct can *c)
{
    static const char *const keys[] = {"aws:PrincipalArn", "aws:PrincipalType", "aws:username"};
    struct iam_request *r = &c->q.request;
    const size_t given = r->context.n;
    struct iam_key *all = ARENA_ARRAY(c->call.arena, struct iam_key, given + ARRAY_LEN(keys));
    struct slice owner = r->resource_account;

    if (owner.len == 0)
        owner = iam_request_account(r->resource);
    if (owner.len != 12)
        owner = SLICE_LIT("123456789012");
    r->principal = slice_str(arena_printf(c->call.arena, "arn:aws:iam::%.*s:user/somebody",
                                          (int)owner.len, (const char *)owner.data));
    for (size_t i = 0; i < given; i++)
        all[i] = r->context.keys[i];
    r->context.keys = all;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (iam_request_key(&r->context, slice_str(keys[i])) == NULL)
            all[r->context.n++] = (struct iam_key){.name = slice_str(keys[i]), .unknown = true};
}

/* An action that has no resource types is asked of "*", whatever resource is named. */
static void look_up(struct iam_request *r)
{
    size_t number;

    if (!iam_actions_find(r->action, &number)) {
        say_note("%.*s is no action that this version knows", (int)r->action.len,
                 (const char *)r->action.data);
        return;
    }
    r->wildcard_only = iam_actions_at(number).wildcard_only;
    if (r->wildcard_only && !slice_is(r->resource, "*"))
        say_note("%.*s cannot be allowed by resource: only Resource \"*\" matches",
                 (int)r->action.len, (const char *)r->action.data);
}

/* For who compares us with a tool that decides three questions otherwise. */
static bool reading(const struct call *c, enum iam_reading *out)
{
    const char *name = options_get(c->o, "reading");

    *out = IAM_READING_AWS;
    if (name == NULL || strcmp(name, "aws") == 0)
        return true;
    if (strcmp(name, "iam-simulate") != 0)
        return err_fail(c->e, ERR_USAGE, "--reading %s: aws or iam-simulate", name);
    *out = IAM_READING_SIMULATE;
    say_note("read as iam-simulate reads policies, not as AWS documents");
    return true;
}

static bool request(struct can *c)
{
    struct iam_request *r = &c->q.request;
    const char *action = options_get(c->call.o, "action"),
               *resource = options_get(c->call.o, "resource");

    if (action == NULL)
        return err_fail(c->call.e, ERR_USAGE, "say what is to be done: --action SERVICE:ACTION");
    if (resource == NULL)
        resource = "*";
    if (!iam_words_action(action, false, c->call.e) || !iam_words_resource(resource, c->call.e))
        return false;
    r->action = slice_str(action);
    r->resource = slice_str(resource);
    r->resource_account = slice_str(options_get(c->call.o, "resource-account"));
    if (r->principal.len == 0 &&
        (options_has(c->call.o, "resource-policy") || options_has(c->call.o, "endpoint")))
        return err_fail(c->call.e, ERR_USAGE, "say who asks: the policy may name --principal ARN");
    if (!iam_context_read(c->call.o, c->call.arena, &r->context, c->call.e) ||
        !reading(&c->call, &r->context.reading))
        return false;
    if (c->party != NULL)
        iam_context_party(c->party, r->principal, c->call.arena, &r->context);
    if (r->principal.len == 0)
        somebody(c);
    look_up(r);
    iam_derived_keys(r, c->call.arena);
    return true;
}

/* AWS takes no Principal where a policy is attached to who asks, and wants one elsewhere: such a
 * file was meant for another option. */
static bool fits(struct can *c, const struct iam_docs *docs, bool principals)
{
    for (size_t i = 0; i < docs->n; i++)
        for (size_t k = 0; k < docs->items[i].n; k++) {
            const struct iam_statement *s = &docs->items[i].statements[k];

            if (s->has_principal == principals)
                continue;
            return err_fail(c->call.e, ERR_USAGE, "%s: statement %zu: %s", docs->items[i].name,
                            s->index + 1,
                            principals ? "no Principal, and policies of resources and RCPs have "
                                         "one: is it for --policy?"
                                       : "a Principal, which only policies of resources have: is "
                                         "it for --resource-policy?");
        }
    return true;
}

/* Options that name several files of one side. */
static bool side(struct can *c, const char *option, const struct iam_docs **out)
{
    struct iam_docs *docs = ARENA_NEW(c->call.arena, struct iam_docs);

    *out = NULL;
    if (!options_has(c->call.o, option))
        return true;
    *out = docs;
    return iam_source_files(&c->call, option, docs) &&
           (out == &c->q.endpoint || fits(c, docs, false));
}

static bool levels(struct can *c, const char *option, const struct iam_level **out, size_t *n)
{
    const char *const *files = options_all(c->call.o, option, c->call.arena);
    struct iam_level *items = NULL;

    *n = 0;
    for (size_t i = 0; files != NULL && files[i] != NULL; i++) {
        const char *const one[] = {files[i], NULL};
        struct iam_level *level = ARENA_PUSH(c->call.arena, &items, n);

        level->name = files[i];
        if (!iam_source_docs(one, c->call.arena, &level->docs, c->call.e) ||
            !fits(c, &level->docs, out == &c->q.rcps))
            return false;
    }
    *out = items;
    return true;
}

/* The policy of the resource: as given; the trust of a role of --from; else that of a key or a role
 * is unknown, and other resources have none. */
static bool resource_policy(struct can *c)
{
    const char *file = options_get(c->call.o, "resource-policy");
    const struct iam_request *r = &c->q.request;
    struct iam_doc *d = ARENA_NEW(c->call.arena, struct iam_doc);

    if (file != NULL) {
        const struct iam_docs docs = {d, 1, false};

        if (!iam_verb_document(file, c->call.arena, d, c->call.e) || !fits(c, &docs, true))
            return false;
        c->q.resource = d;
        return true;
    }
    if (!iam_evaluate_owned(r))
        return true;
    for (size_t i = 0; i < c->source.account.n; i++)
        if (slice_eq(c->source.account.parties[i].arn, r->resource))
            c->q.resource = c->source.account.parties[i].trust;
    c->q.resource_unknown = c->q.resource == NULL;
    return true;
}

static bool policies(struct can *c)
{
    const struct iam_docs *given;
    const struct iam_party *party;

    if (!iam_source_policies(&c->call, options_all(c->call.o, "policy", c->call.arena), &c->source,
                             &c->q.identity, &party))
        return false;
    c->party = party;
    if (party == NULL && !fits(c, &c->q.identity, false))
        return false;
    if (party != NULL)
        c->q.boundary = party->boundary;
    if (party != NULL && c->q.request.principal.len == 0)
        c->q.request.principal = party->arn;
    if (!side(c, "boundary", &given))
        return false;
    c->q.boundary = given != NULL ? given : c->q.boundary;
    return side(c, "session", &c->q.session) && side(c, "endpoint", &c->q.endpoint) &&
           levels(c, "scp", &c->q.scps, &c->q.nscps) && levels(c, "rcp", &c->q.rcps, &c->q.nrcps);
}

static bool ask(struct call *call)
{
    struct can *c = (struct can *)call;
    const char *principal = options_get(call->o, "principal");
    bool unknown;

    if (call->o->nargs > 0)
        return err_fail(call->e, ERR_USAGE, "'%s': policies are given as --policy FILE",
                        call->o->args[0]);
    if (principal != NULL && !iam_words_principal(principal, call->e))
        return false;
    c->q.request.principal = slice_str(principal);
    if (!policies(c) || !request(c) || !resource_policy(c))
        return false;
    iam_evaluate(&c->q, call->arena, &c->verdict);
    unknown = c->verdict.decision == IAM_UNDECIDED || c->source.partial;
    if (unknown)
        iam_source_note_unknown(c->source.party);
    call_answer(call, !unknown && c->verdict.decision != IAM_ALLOWED, unknown);
    iam_answer_verdict(call, &c->q, &c->verdict);
    return true;
}

int iam_verb_can(int argc, char **argv)
{
    static const struct call_verb verb = {"iam can", iam_verb_can_options, NULL, ask};
    struct can c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
