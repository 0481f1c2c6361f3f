#include "policies/iam/evaluate/iam_evaluate.h"

#include "policies/iam/evaluate/iam_asked.h"
#include "policies/iam/evaluate/iam_side.h"

static enum iam_answer worst(const struct iam_level *levels, size_t n, enum iam_side side,
                             struct iam_hearing *h, enum iam_answer *deny)
{
    enum iam_answer out = IAM_YES;

    for (size_t i = 0; i < n; i++) {
        struct iam_tally t = {0};

        iam_side_docs(h, side, &levels[i].docs, &t);
        *deny = iam_side_either(*deny, t.deny);
        out = iam_side_both(out, side == IAM_SIDE_RCP ? IAM_YES : t.allow);
    }
    return out;
}

/* All sides heard. */
struct sides {
    enum iam_answer allow[IAM_SIDE_COUNT], deny[IAM_SIDE_COUNT];
    struct iam_tally resource;
    bool resource_unknown; /* the policy as a whole */
};

static void hear(struct iam_hearing *h, enum iam_side side, const struct iam_docs *docs,
                 struct sides *s)
{
    struct iam_tally t = {0};

    iam_side_docs(h, side, docs, &t);
    s->allow[side] = t.allow;
    s->deny[side] = t.deny;
}

/* A federated user without a session policy has no permissions but those of resources' policies.
 * SPEC: IAM User Guide, "Permissions for GetFederationToken" */
static bool powerless(const struct iam_asked *r, const struct iam_question *q)
{
    return r->federated && q->session == NULL && r->reading != IAM_READING_SIMULATE;
}

/* SPEC: Organizations User Guide, "SCP effects on permissions": not services, nor their roles. The
 * root user needs no policy of its own. SPEC: IAM User Guide, "How AWS enforcement code logic
 * evaluates requests" */
static void hear_all(struct iam_hearing *h, const struct iam_asked *r, struct sides *s)
{
    const struct iam_question *q = h->q;

    for (size_t i = 0; i < IAM_SIDE_COUNT; i++) {
        s->allow[i] = IAM_YES;
        s->deny[i] = IAM_NO;
    }
    if (!r->anonymous && !r->service) {
        hear(h, IAM_SIDE_IDENTITY, &q->identity, s);
        if (r->root)
            s->allow[IAM_SIDE_IDENTITY] = IAM_YES;
        if (q->boundary != NULL && (q->boundary->n > 0 || q->boundary->unknown))
            hear(h, IAM_SIDE_BOUNDARY, q->boundary, s);
        if (q->session != NULL)
            hear(h, IAM_SIDE_SESSION, q->session, s);
        else if (powerless(r, q))
            s->allow[IAM_SIDE_SESSION] = IAM_NO;
        if (!r->linked)
            s->allow[IAM_SIDE_SCP] =
                worst(q->scps, q->nscps, IAM_SIDE_SCP, h, &s->deny[IAM_SIDE_SCP]);
    } else {
        s->allow[IAM_SIDE_IDENTITY] = IAM_NO;
    }
    if (!r->linked)
        s->allow[IAM_SIDE_RCP] = worst(q->rcps, q->nrcps, IAM_SIDE_RCP, h, &s->deny[IAM_SIDE_RCP]);
    if (q->endpoint != NULL && (q->endpoint->n > 0 || q->endpoint->unknown))
        hear(h, IAM_SIDE_ENDPOINT, q->endpoint, s);
    if (q->resource != NULL)
        iam_side_doc(h, IAM_SIDE_RESOURCE, q->resource, &s->resource);
    s->resource_unknown = q->resource_unknown || (q->resource != NULL && q->resource->unknown);
    if (q->resource_unknown)
        iam_side_unknown(&s->resource);
    s->allow[IAM_SIDE_RESOURCE] = s->resource.allow;
    s->deny[IAM_SIDE_RESOURCE] = s->resource.deny;
}

/* What the resource's policy gives by itself in the same account, when it names the principal in
 * this way. SPEC: IAM User Guide, "How AWS enforcement code logic evaluates requests" (names),
 * "AWS JSON policy elements: Principal" ("*" is limited by neither boundary nor session policy) */
static enum iam_answer grants(enum iam_principal_match m, const struct iam_asked *r,
                              const struct sides *s)
{
    switch (m) {
    case IAM_MATCH_MAYBE: /* at best */
    case IAM_MATCH_ANY:
    case IAM_MATCH_PRINCIPAL:
        return r->reading == IAM_READING_SIMULATE ? s->allow[IAM_SIDE_SESSION] : IAM_YES;
    case IAM_MATCH_ROLE:
        return iam_side_both(s->allow[IAM_SIDE_BOUNDARY], s->allow[IAM_SIDE_SESSION]);
    default:
        return IAM_NO; /* the account: delegates */
    }
}

static enum iam_answer granted(const struct iam_asked *r, const struct sides *s)
{
    enum iam_answer out = IAM_NO;

    for (int i = 0; i < IAM_MATCH_COUNT; i++)
        out = iam_side_either(
            out, iam_side_both(s->resource.by[i], grants((enum iam_principal_match)i, r, s)));
    return out;
}

static enum iam_answer permitted(const struct iam_asked *r, const struct sides *s)
{
    const enum iam_answer own =
        iam_side_both(s->allow[IAM_SIDE_IDENTITY],
                      iam_side_both(s->allow[IAM_SIDE_BOUNDARY], s->allow[IAM_SIDE_SESSION]));

    if (r->reserved)
        return IAM_NO;
    if (r->anonymous || r->service)
        return s->resource.allow;
    if (!r->same_account)
        return iam_side_both(own, s->resource.allow);
    return iam_side_either(granted(r, s), r->owned ? iam_side_both(own, s->resource.allow) : own);
}

static enum iam_decision decide(const struct iam_asked *r, const struct sides *s)
{
    enum iam_answer deny = IAM_NO, allow = permitted(r, s);

    for (size_t i = 0; i < IAM_SIDE_COUNT; i++)
        deny = iam_side_either(deny, s->deny[i]);
    if (deny == IAM_YES)
        return IAM_EXPLICITLY_DENIED;
    allow = iam_side_both(allow, s->allow[IAM_SIDE_SCP]);
    allow = iam_side_both(allow, s->allow[IAM_SIDE_RCP]);
    allow = iam_side_both(allow, s->allow[IAM_SIDE_ENDPOINT]);
    if (allow == IAM_NO)
        return IAM_IMPLICITLY_DENIED;
    return allow == IAM_YES && deny == IAM_NO ? IAM_ALLOWED : IAM_UNDECIDED;
}

bool iam_evaluate_owned(const struct iam_request *r)
{
    return iam_asked_about(r).owned;
}

enum iam_decision iam_evaluate_decide(const struct iam_question *q, struct arena *a)
{
    struct iam_hearing h = {.q = q, .arena = a};
    const struct iam_asked r = iam_asked_about(&q->request);
    struct sides s = {0};

    if (r.exempt != NULL)
        return r.refused ? IAM_IMPLICITLY_DENIED : IAM_ALLOWED;
    hear_all(&h, &r, &s);
    return decide(&r, &s);
}

/* Denies that matched, allows that matched, what may match, near misses. */
enum { RANKS = 4 };

static int rank(const struct iam_reason *r)
{
    if (r->matched == IAM_YES)
        return r->statement->effect == IAM_DENY ? 0 : 1;
    return r->matched == IAM_MAYBE ? 2 : 3;
}

static const struct iam_reason *sorted(const struct iam_hearing *h)
{
    struct iam_reason *out = ARENA_ARRAY(h->arena, struct iam_reason, h->nreasons);
    size_t n = 0;

    for (int at = 0; at < RANKS; at++)
        for (size_t i = 0; i < h->nreasons; i++)
            if (rank(&h->reasons[i]) == at)
                out[n++] = h->reasons[i];
    return out;
}

static bool blocks(enum iam_side side, const struct iam_asked *r, const struct sides *s)
{
    if (s->deny[side] == IAM_YES)
        return true;
    if (s->allow[side] != IAM_NO || side == IAM_SIDE_IDENTITY || side == IAM_SIDE_RESOURCE)
        return false;
    /* the resource's policy may give what they do not */
    return (side != IAM_SIDE_BOUNDARY && side != IAM_SIDE_SESSION) || !r->same_account ||
           granted(r, s) != IAM_YES;
}

static const char *denied_by(const struct iam_asked *r, const struct sides *s)
{
    if (s->allow[IAM_SIDE_SCP] == IAM_NO)
        return "a level of the organisation's SCPs does not allow it";
    if (s->allow[IAM_SIDE_ENDPOINT] == IAM_NO)
        return "the VPC endpoint's policy does not allow it";
    if (r->reserved)
        return "only AWS may change this resource";
    if (r->anonymous || r->service)
        return "no statement of a resource policy allows it";
    if (s->allow[IAM_SIDE_IDENTITY] == IAM_NO &&
        !(r->same_account && s->resource.by[IAM_MATCH_ROLE] == IAM_YES))
        return "no identity policy allows it";
    if (s->allow[IAM_SIDE_BOUNDARY] == IAM_NO)
        return "the permissions boundary does not allow it";
    if (s->allow[IAM_SIDE_SESSION] == IAM_NO)
        return r->federated ? "no session policy of the federated user allows it"
                            : "the session policy does not allow it";
    return r->same_account
               ? "the resource's own policy does not allow it"
               : "the resource belongs to another account, and no policy there allows it";
}

/* The sides as a sentence has them. */
static const char *said(enum iam_side side)
{
    static const char *const names[IAM_SIDE_COUNT] = {"an identity policy",
                                                      "the resource's policy",
                                                      "the permissions boundary",
                                                      "the session policy",
                                                      "an SCP",
                                                      "an RCP",
                                                      "the endpoint's policy"};

    return names[side];
}

static const char *unsure(const struct sides *s, struct slice action, struct arena *a)
{
    if (s->resource_unknown)
        return "the resource's own policy has a say, and is not known";
    if (s->deny[IAM_SIDE_RCP] == IAM_MAYBE && iam_side_ruled(action) == IAM_MAYBE)
        return "an RCP may deny it, and AWS does not list the service among those with RCPs";
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (s->deny[i] == IAM_MAYBE)
            return arena_printf(a, "whether %s denies it cannot be told", said((enum iam_side)i));
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (s->allow[i] == IAM_MAYBE)
            return arena_printf(a, "whether %s allows it cannot be told", said((enum iam_side)i));
    return "something that cannot be told decides";
}

static const char *sentence(enum iam_decision d, const struct iam_asked *r, const struct sides *s,
                            const struct iam_hearing *h)
{
    struct arena *a = h->arena;

    switch (d) {
    case IAM_ALLOWED:
        if (r->root)
            return "the root user may do whatever nothing denies";
        return s->allow[IAM_SIDE_IDENTITY] == IAM_YES ? "an identity policy allows it"
                                                      : "the resource's policy allows it";
    case IAM_EXPLICITLY_DENIED:
        for (int i = 0; i < IAM_SIDE_COUNT; i++)
            if (s->deny[i] == IAM_YES)
                return arena_printf(a, "a statement of %s denies it", said((enum iam_side)i));
        break;
    case IAM_IMPLICITLY_DENIED:
        return denied_by(r, s);
    case IAM_UNDECIDED:
        break;
    }
    return unsure(s, h->q->request.action, a);
}

static enum iam_answer unless(enum iam_answer deny)
{
    return deny == IAM_YES ? IAM_NO : deny == IAM_NO ? IAM_YES : IAM_MAYBE;
}

void iam_evaluate(const struct iam_question *q, struct arena *a, struct iam_verdict *out)
{
    struct iam_hearing h = {.q = q, .arena = a, .explain = true};
    const struct iam_asked r = iam_asked_about(&q->request);
    struct sides s = {0};

    *out = (struct iam_verdict){.decision = IAM_ALLOWED};
    hear_all(&h, &r, &s);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        out->sides[i] = iam_side_both(s.allow[i], unless(s.deny[i]));
    if (r.exempt != NULL) {
        out->decision = r.refused ? IAM_IMPLICITLY_DENIED : IAM_ALLOWED;
        out->text = r.exempt;
        return;
    }
    out->decision = decide(&r, &s);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        out->blocks[i] = out->decision != IAM_ALLOWED && out->decision != IAM_UNDECIDED &&
                         blocks((enum iam_side)i, &r, &s);
    out->reasons = sorted(&h);
    out->nreasons = h.nreasons;
    out->text = sentence(out->decision, &r, &s, &h);
}

enum iam_answer iam_evaluate_statement(const struct iam_doc *d, const struct iam_statement *s,
                                       const struct iam_request *r, struct arena *a)
{
    const struct iam_doc alone = {
        .name = d->name, .variables = d->variables, .version = d->version, .statements = s, .n = 1};
    const struct iam_question q = {.request = *r};
    struct iam_hearing h = {.q = &q, .arena = a};
    struct iam_tally t = {0};

    iam_side_doc(&h, s->has_principal ? IAM_SIDE_RESOURCE : IAM_SIDE_IDENTITY, &alone, &t);
    return iam_side_either(t.allow, t.deny);
}

const char *iam_evaluate_decision_name(enum iam_decision d)
{
    static const char *const names[] = {"allowed", "implicitly denied", "explicitly denied",
                                        "undecided"};

    return names[d];
}

const char *iam_evaluate_side_name(enum iam_side s)
{
    static const char *const names[IAM_SIDE_COUNT] = {"identity", "resource", "boundary", "session",
                                                      "SCP",      "RCP",      "endpoint"};

    return names[s];
}
