#include "policies/iam/escalate/iam_holder.h"

#include <string.h>

#include "base/when.h"
#include "policies/iam/text/iam_arn.h"
#include "policies/iam/evaluate/iam_derived.h"

/* Credentials of a session last at most this long: 36 hours of sts:GetSessionToken, in seconds */
#define SESSION_MAX (INT64_C(36) * 3600)

/* actions that are tried to see that one principal holds more than another; then it is compared */
#define TRIED_MAX 8

static const struct iam_texts nothing = {0};

static struct iam_texts one(struct arena *a, const char *text)
{
    struct slice *item = ARENA_NEW(a, struct slice);

    *item = slice_str(text);
    return (struct iam_texts){item, 1, false};
}

/* ---- what all requests have in common ---- */

static struct iam_test test(enum iam_operator op, const char *key, const struct slice *value)
{
    return (struct iam_test){
        .op = op, .if_exists = op != IAM_NULL, .key = slice_str(key), .values = {value, 1, false}};
}

/* A role has no aws:username; time does not run back. */
static void set_given(struct iam_holder *h, int64_t now, struct arena *a)
{
    static const struct {
        const char *key;
        int64_t before;
    } times[] = {{"aws:CurrentTime", 0}, {"aws:EpochTime", 0}, {"aws:TokenIssueTime", SESSION_MAX}};
    struct iam_test *given = ARENA_ARRAY(a, struct iam_test, ARRAY_LEN(times) + 2);
    struct slice *values = ARENA_ARRAY(a, struct slice, ARRAY_LEN(times) + 2);
    char text[WHEN_TEXT_MAX];
    size_t n = 0;

    if (h->party->kind == IAM_ENTITY_ROLE) {
        values[n] = SLICE_LIT("true");
        given[n] = test(IAM_NULL, "aws:username", &values[n]);
        n++;
    }
    if (now > 0) {
        values[n] = slice_str(arena_printf(a, "%lld", (long long)now));
        given[n] = test(IAM_NUMERIC_GREATER_EQUALS, "aws:EpochTime", &values[n]);
        n++;
    }
    for (size_t i = 0; i < ARRAY_LEN(times) && now > SESSION_MAX; i++) {
        when_text(now - times[i].before, text);
        values[n] = slice_str(arena_strdup(a, text));
        given[n] = test(IAM_DATE_GREATER_EQUALS, times[i].key, &values[n]);
        n++;
    }
    h->who.given = given;
    h->who.ngiven = n;
}

static bool plain_name(struct slice name)
{
    return name.len > 0 && !iam_glob_wild(name) && memchr(name.data, '\\', name.len) == NULL;
}

/* An ARN for one whose own is not known. */
static struct slice made_up(const struct iam_holder *h, struct arena *a)
{
    const struct iam_party *p = h->party;
    const struct slice name = plain_name(p->name) ? p->name : SLICE_LIT("somebody");

    return slice_str(arena_printf(a, "arn:aws:iam::%s:%s/%.*s", h->account,
                                  p->kind == IAM_ENTITY_USER ? "user" : "role", (int)name.len,
                                  (const char *)name.data));
}

/* What is certain about somebody whose ARN is not known. */
static void guess_keys(struct iam_holder *h, struct arena *a)
{
    struct iam_key *keys = ARENA_ARRAY(a, struct iam_key, 3);
    const struct iam_party *p = h->party;
    size_t n = 0;

    keys[n++] = iam_request_single("aws:PrincipalIsAWSService", SLICE_LIT("false"), a);
    if (p->kind == IAM_ENTITY_ROLE)
        keys[n++] = iam_request_single("aws:PrincipalType", SLICE_LIT("AssumedRole"), a);
    if (p->kind == IAM_ENTITY_USER)
        keys[n++] = iam_request_single("aws:PrincipalType", SLICE_LIT("User"), a);
    if (p->kind == IAM_ENTITY_USER && plain_name(p->name))
        keys[n++] = iam_request_single("aws:username", p->name, a);
    h->who.keys = keys;
    h->who.nkeys = n;
}

/* What each request of theirs says; what AWS adds and nobody knows beforehand is left open. */
static void set_keys(struct iam_holder *h, struct arena *a)
{
    struct iam_request r = {.principal = h->who.principal};
    struct iam_key *keys;

    if (h->party->arn.len == 0) {
        guess_keys(h, a);
        return;
    }
    iam_derived_keys(&r, a);
    keys = ARENA_ARRAY(a, struct iam_key, r.context.n);
    for (size_t i = 0; i < r.context.n; i++)
        if (!r.context.keys[i].unknown)
            keys[h->who.nkeys++] = r.context.keys[i];
    h->who.keys = keys;
}

/* ---- what it may do ---- */

/* Adds the actions of a statement. */
static void add_actions(const struct iam_statement *st, struct arena *scratch,
                        struct iam_action_set *out)
{
    struct iam_action_set rest;

    for (size_t i = 0; i < st->actions.n && !st->not_action; i++)
        (void)iam_actions_match(st->actions.items[i], out);
    if (!st->not_action)
        return;
    rest = iam_actions_none(scratch);
    for (size_t i = 0; i < st->actions.n; i++)
        (void)iam_actions_match(st->actions.items[i], &rest);
    iam_actions_invert(&rest);
    iam_actions_join(out, &rest);
}

static bool everywhere(const struct iam_statement *st)
{
    bool any = false;

    for (size_t i = 0; i < st->resources.n; i++)
        any = any || iam_glob_any(st->resources.items[i]);
    return any && !st->not_resource && st->ntests == 0 && !st->tests_unknown &&
           !(st->not_action && st->actions.unknown);
}

/* The actions that statements of this effect speak of; `all`: only those without any limit. */
static struct iam_action_set spoken(const struct iam_docs *docs, enum iam_effect effect, bool all,
                                    struct arena *a)
{
    struct iam_action_set out = iam_actions_none(a);
    struct arena scratch;

    arena_init(&scratch);
    for (size_t d = 0; d < docs->n; d++)
        for (size_t i = 0; i < docs->items[d].n; i++) {
            const struct iam_statement *st = &docs->items[d].statements[i];

            if (st->effect != effect || (all && !everywhere(st)))
                continue;
            add_actions(st, &scratch, &out);
            arena_clear(&scratch);
        }
    arena_release(&scratch);
    return out;
}

/* What an allow speaks of, kept: nothing for those who have none. */
static struct iam_action_set allowed(const struct iam_docs *docs, struct arena *a)
{
    struct iam_action_set kept = {.nwords = 0}, set;
    struct arena scratch;

    arena_init(&scratch);
    set = spoken(docs, IAM_ALLOW, false, &scratch);
    if (set.from < set.to) {
        kept = iam_actions_none(a);
        iam_actions_join(&kept, &set);
    }
    arena_release(&scratch);
    return kept;
}

static bool unclear(const struct iam_docs *docs)
{
    for (size_t d = 0; d < docs->n; d++) {
        if (docs->items[d].unknown)
            return true;
        for (size_t i = 0; i < docs->items[d].n; i++)
            if (docs->items[d].statements[i].effect == IAM_EFFECT_UNKNOWN ||
                docs->items[d].statements[i].actions.unknown)
                return true;
    }
    return docs->unknown;
}

/* Everything is allowed, on everything; what is denied is not of IAM. */
static bool covers(const struct iam_docs *docs, struct arena *a)
{
    const struct iam_action_set allowed = spoken(docs, IAM_ALLOW, true, a);
    const struct iam_action_set denied = spoken(docs, IAM_DENY, false, a);
    size_t first, n;

    for (size_t i = 0; i < iam_actions_count(); i++)
        if (!iam_actions_has(&allowed, i))
            return false;
    if (!iam_actions_service(SLICE_LIT("iam"), &first, &n))
        return false;
    for (size_t i = first; i < first + n; i++)
        if (iam_actions_has(&denied, i))
            return false;
    return true;
}

static bool unlimited(const struct iam_docs *docs)
{
    struct arena scratch;
    bool all;

    if (unclear(docs))
        return false;
    arena_init(&scratch);
    all = covers(docs, &scratch);
    arena_release(&scratch);
    return all;
}

static bool is_number(struct slice s)
{
    return s.len == 12 && iam_request_account(s).len == 12;
}

static void add_account(struct iam_texts *out, struct slice *items, struct slice number)
{
    for (size_t i = 0; i < out->n; i++)
        if (slice_eq(items[i], number))
            return;
    if (out->n == IAM_HOLDER_ACCOUNTS)
        out->unknown = true;
    else
        items[out->n++] = number;
}

struct iam_texts iam_holder_accounts(const struct iam_party *p, struct slice known, struct arena *a)
{
    struct slice *items = ARENA_ARRAY(a, struct slice, IAM_HOLDER_ACCOUNTS);
    struct iam_texts out = {.items = items};

    if (iam_request_account(p->arn).len > 0)
        known = iam_request_account(p->arn);
    if (known.len > 0)
        add_account(&out, items, known);
    for (size_t d = 0; d < p->attached.n && known.len == 0; d++)
        for (size_t i = 0; i < p->attached.items[d].n; i++) {
            const struct iam_texts *list = &p->attached.items[d].statements[i].resources;

            for (size_t k = 0; k < list->n; k++)
                if (is_number(iam_request_account(list->items[k])))
                    add_account(&out, items, iam_request_account(list->items[k]));
        }
    if (out.n == 0)
        add_account(&out, items, SLICE_LIT("123456789012"));
    return out;
}

void iam_holder_init(struct iam_holder *h, const struct iam_party *p, struct slice account,
                     int64_t now, struct arena *a)
{
    const struct slice own = iam_request_account(p->arn);
    const struct slice partition = iam_request_field(p->arn, 1);

    *h = (struct iam_holder){.party = p, .partition = "aws*"};
    if (partition.len > 0 && p->arn.len > 0)
        h->partition = arena_strndup(a, partition);
    h->account = arena_strndup(a, own.len > 0 ? own : account);
    h->who = (struct iam_permit_who){.identity = p->attached,
                                     .boundary = p->boundary,
                                     .principal = p->arn.len > 0 ? p->arn : made_up(h, a),
                                     .guessed = p->arn.len == 0};
    set_keys(h, a);
    set_given(h, now, a);
    h->may = allowed(&p->attached, a);
    h->may_more = unclear(&p->attached);
    h->admin = unlimited(&p->attached) &&
               (p->boundary == NULL || (p->boundary->n == 0 && !p->boundary->unknown) ||
                unlimited(p->boundary));
}

bool iam_holder_may(const struct iam_holder *h, struct slice action)
{
    size_t number;

    if (h->may_more)
        return true;
    if (iam_actions_find(action, &number))
        return iam_actions_has(&h->may, number);
    for (size_t d = 0; d < h->party->attached.n; d++)
        for (size_t i = 0; i < h->party->attached.items[d].n; i++) {
            const struct iam_statement *st = &h->party->attached.items[d].statements[i];

            if (st->effect == IAM_ALLOW && iam_match_action(st, action) != IAM_NO)
                return true;
        }
    return false;
}

static bool may_on_something(const struct iam_holder *h, size_t action, struct arena *a)
{
    static const struct iam_permit_on anything = {.patterns = {.n = 0}};
    const struct iam_permit_ask ask = {.action = iam_actions_text(action, a)};
    struct iam_permit p;

    iam_permit_find(&(struct iam_permit_question){&h->who, &ask, 1, &anything}, a, &p);
    return p.allowed == IAM_YES;
}

bool iam_holder_more(const struct iam_holder *h, const struct iam_holder *who, struct arena *a)
{
    size_t tried = 0;

    for (size_t w = h->may.from; w < h->may.to && !who->may_more; w++) {
        const bool both = w >= who->may.from && w < who->may.to;
        uint64_t left = h->may.bits[w] & ~(both ? who->may.bits[w] : 0);

        for (size_t bit = 0; left != 0 && tried < TRIED_MAX; bit++, left >>= 1) {
            if ((left & 1) == 0)
                continue;
            if (may_on_something(h, w * 64 + bit, a))
                return true;
            tried++;
        }
    }
    return false;
}

/* ---- what it acts on ---- */

static const char *iam_arn(const struct iam_holder *h, const char *name, struct arena *a)
{
    return arena_printf(a, "arn:%s:iam::%s:%s", h->partition, h->account, name);
}

static const char *kind_of(const struct iam_party *p)
{
    static const char *const kinds[] = {"user", "group", "role", "role"};

    return kinds[p->kind];
}

struct iam_texts iam_holder_of(const struct iam_holder *h, const struct iam_party *p,
                               struct arena *a)
{
    const char *kind = kind_of(p);
    struct slice *items;

    if (p->arn.len > 0) {
        items = ARENA_NEW(a, struct slice);
        *items = p->arn;
        return (struct iam_texts){items, 1, false};
    }
    if (!plain_name(p->name))
        return one(a, iam_arn(h, arena_printf(a, "%s/*", kind), a));
    items = ARENA_ARRAY(a, struct slice, 2);
    for (size_t i = 0; i < 2; i++)
        items[i] = slice_str(iam_arn(h,
                                     arena_printf(a, "%s/%s%.*s", kind, i == 0 ? "" : "*/",
                                                  (int)p->name.len, (const char *)p->name.data),
                                     a));
    return (struct iam_texts){items, 2, false};
}

struct iam_texts iam_holder_policies(const struct iam_holder *h, const struct iam_party *p,
                                     struct arena *a)
{
    struct slice *items = ARENA_ARRAY(a, struct slice, p->managed.n);

    for (size_t i = 0; i < p->managed.n; i++) {
        const struct slice text = p->managed.items[i];

        items[i] =
            slice_starts(text, "arn:")
                ? text
                : slice_str(iam_arn(
                      h, arena_printf(a, "%.*s", (int)text.len, (const char *)text.data), a));
    }
    return (struct iam_texts){items, p->managed.n, p->managed.unknown};
}

static struct iam_texts groups(const struct iam_holder *h, struct arena *a)
{
    struct slice *items = NULL;
    size_t n = 0;

    for (size_t i = 0; i < h->party->ngroups; i++) {
        const struct iam_texts of = iam_holder_of(h, h->party->groups[i], a);

        for (size_t k = 0; k < of.n; k++)
            *(struct slice *)ARENA_PUSH(a, &items, &n) = of.items[k];
    }
    return (struct iam_texts){items, n, h->party->attached.unknown};
}

/* The pattern of a thing of the table, with partition and account in their places. */
static struct slice in_account(const struct iam_holder *h, struct slice arn, struct arena *a)
{
    const struct iam_arn parts = iam_arn_split(arn, IAM_ARN_RESOURCE);
    const struct slice *f = parts.field;

    if (parts.n != 6)
        return arn;
    return slice_str(arena_printf(a, "arn:%s:%.*s:%.*s:%s:%.*s", h->partition, (int)f[2].len,
                                  (const char *)f[2].data, (int)f[3].len, (const char *)f[3].data,
                                  slice_is(f[4], "*") ? h->account : "", (int)f[5].len,
                                  (const char *)f[5].data));
}

static struct iam_texts things(const struct iam_holder *h, const struct iam_path_object *o,
                               struct arena *a)
{
    struct slice *items = ARENA_ARRAY(a, struct slice, o->arns.n);

    for (size_t i = 0; i < o->arns.n; i++)
        items[i] = in_account(h, o->arns.items[i], a);
    return (struct iam_texts){items, o->arns.n, false};
}

/* Roles of somebody else, and groups one is not in; roles that AWS makes for its services take no
 * changes. */
static struct iam_permit_on others(const struct iam_holder *h, const char *kind, struct arena *a)
{
    const struct iam_texts own = iam_holder_of(h, h->party, a);
    struct iam_permit_on on = {.patterns = one(a, iam_arn(h, arena_printf(a, "%s/*", kind), a))};
    struct slice *except = ARENA_ARRAY(a, struct slice, own.n + h->party->ngroups + 1);
    size_t n = 0;

    if (strcmp(kind, kind_of(h->party)) == 0 && h->party->arn.len > 0)
        for (size_t i = 0; i < own.n; i++)
            except[n++] = own.items[i];
    for (size_t i = 0; i < h->party->ngroups && strcmp(kind, "group") == 0; i++)
        if (h->party->groups[i]->arn.len > 0)
            except[n++] = h->party->groups[i]->arn;
    if (strcmp(kind, "role") == 0)
        except[n++] = slice_str(iam_arn(h, "role/aws-service-role/*", a));
    on.except = (struct iam_texts){except, n, false};
    return on;
}

struct iam_permit_on iam_holder_on(const struct iam_holder *h, const struct iam_path_step *step,
                                   struct arena *a)
{
    const bool file = h->party->kind == IAM_ENTITY_FILE;

    switch (step->on) {
    case IAM_ON_ANYTHING:
        return (struct iam_permit_on){.patterns = nothing};
    case IAM_ON_OBJECT:
        return (struct iam_permit_on){.patterns = things(h, step->object, a)};
    case IAM_ON_OWN_USER:
        return (struct iam_permit_on){.patterns = file ? one(a, iam_arn(h, "user/*", a))
                                                       : iam_holder_of(h, h->party, a)};
    case IAM_ON_OWN_ROLE:
        return (struct iam_permit_on){.patterns = iam_holder_of(h, h->party, a)};
    case IAM_ON_OWN_GROUP:
        return (struct iam_permit_on){.patterns =
                                          file ? one(a, iam_arn(h, "group/*", a)) : groups(h, a)};
    case IAM_ON_OWN_POLICY:
        return (struct iam_permit_on){.patterns = file ? one(a, iam_arn(h, "policy/*", a))
                                                       : iam_holder_policies(h, h->party, a)};
    case IAM_ON_USER:
        return others(h, "user", a);
    case IAM_ON_ROLE:
    case IAM_ON_PASSED_ROLE:
        return others(h, "role", a);
    case IAM_ON_GROUP:
        return others(h, "group", a);
    case IAM_ON_ROLE_POLICY:
        break;
    }
    return (struct iam_permit_on){.patterns = one(a, iam_arn(h, "policy/*", a))};
}

bool iam_holder_fits(const struct iam_holder *h, enum iam_path_on on)
{
    const bool file = h->party->kind == IAM_ENTITY_FILE;

    switch (on) {
    case IAM_ON_OWN_USER:
    case IAM_ON_OWN_GROUP:
    case IAM_ON_GROUP: /* whom it adds is itself */
        return file || h->party->kind == IAM_ENTITY_USER;
    case IAM_ON_OWN_ROLE:
        return file || h->party->kind == IAM_ENTITY_ROLE;
    default:
        return true;
    }
}
