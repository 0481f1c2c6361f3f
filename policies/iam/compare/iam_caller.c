#include "policies/iam/compare/iam_caller.h"

#include <string.h>

#include "policies/iam/text/iam_arn.h"
#include "policies/iam/evaluate/iam_match.h"

/* What the policies name, before callers are made of it. */
struct names {
    const struct iam_atoms *t;
    struct arena *arena;
    struct slice *accounts; /* numbers */
    size_t naccounts;
    struct slice *families; /* patterns of numbers: "1111*" */
    size_t nfamilies;
    struct iam_caller *named;
    size_t nnamed;
    struct iam_caller *out;
    size_t nout;
};

static bool known_account(const struct names *n, struct slice account)
{
    for (size_t i = 0; i < n->naccounts; i++)
        if (slice_eq(n->accounts[i], account))
            return true;
    return false;
}

static void add_account(struct names *n, struct slice account)
{
    if (account.len == 12 && slice_digits(account) && !known_account(n, account))
        *(struct slice *)ARENA_PUSH(n->arena, &n->accounts, &n->naccounts) = account;
}

static bool is_named(const struct names *n, struct slice name)
{
    for (size_t i = 0; i < n->nnamed; i++)
        if (slice_eq(n->named[i].name, name))
            return true;
    return false;
}

static void add_named(struct names *n, enum iam_caller_kind kind, struct slice name)
{
    if (!is_named(n, name))
        *(struct iam_caller *)ARENA_PUSH(n->arena, &n->named, &n->nnamed) = (struct iam_caller){
            .kind = kind,
            .name = name,
            .account = kind == IAM_CALLER_NAMED ? iam_request_account(name) : (struct slice){0}};
}

/* Of a session that is named, another session of the same role: to tell it from the role. */
static void add_sessions(struct names *n)
{
    const size_t named = n->nnamed;

    for (size_t i = 0; i < named; i++) {
        const struct slice name = n->named[i].name;
        const size_t slash = name.len - slice_base_name(name).len;
        size_t at;
        const char *other;

        if (!slice_find(name, SLICE_LIT(":assumed-role/"), &at))
            continue;
        other = arena_printf(n->arena, "%.*ssomeone", (int)slash, (const char *)name.data);
        while (is_named(n, slice_str(other)))
            other = arena_printf(n->arena, "%s-else", other);
        add_named(n, IAM_CALLER_NAMED, slice_str(other));
    }
}

static void learn(struct names *n, const struct iam_principal *p)
{
    switch (p->type) {
    case IAM_PRINCIPAL_ANY:
        break;
    case IAM_PRINCIPAL_AWS:
        add_account(n, iam_request_account(p->name));
        if (slice_starts(p->name, "arn:"))
            add_named(n, IAM_CALLER_NAMED, p->name);
        break;
    case IAM_PRINCIPAL_SERVICE:
        add_named(n, IAM_CALLER_SERVICE, p->name);
        break;
    case IAM_PRINCIPAL_FEDERATED:
        add_named(n, IAM_CALLER_PROVIDER, p->name);
        break;
    case IAM_PRINCIPAL_CANONICAL:
        add_named(n, IAM_CALLER_OTHER, p->name);
        break;
    }
}

/* Accounts that conditions tell apart: aws:PrincipalAccount, aws:PrincipalArn and the like. */
static void learn_values(struct names *n, const struct iam_test *t)
{
    const struct iam_texts *values = &t->values;
    const bool like = t->op == IAM_STRING_LIKE || t->op == IAM_STRING_NOT_LIKE ||
                      (t->op >= IAM_ARN_EQUALS && t->op <= IAM_ARN_NOT_LIKE);

    for (size_t i = 0; i < values->n; i++) {
        const struct slice text = values->items[i];
        const struct iam_arn arn = iam_arn_split(text, IAM_ARN_RESOURCE);
        const struct slice account = arn.n >= 5 ? arn.field[4] : text;
        size_t figures = 0, stars = 0;

        add_account(n, iam_request_account(text));
        for (size_t k = 0; k < account.len; k++) {
            figures += account.data[k] >= '0' && account.data[k] <= '9';
            stars += account.data[k] == '*' || account.data[k] == '?';
        }
        if (like && figures > 0 && stars > 0 && figures + stars == account.len)
            *(struct slice *)ARENA_PUSH(n->arena, &n->families, &n->nfamilies) = account;
    }
}

static void put(struct names *n, enum iam_caller_kind kind, const char *name, struct slice account)
{
    *(struct iam_caller *)ARENA_PUSH(n->arena, &n->out, &n->nout) =
        (struct iam_caller){.kind = kind, .name = slice_str(name), .account = account};
}

static void put_named(struct names *n, enum iam_caller_kind kind)
{
    for (size_t i = 0; i < n->nnamed; i++)
        if (n->named[i].kind == kind)
            *(struct iam_caller *)ARENA_PUSH(n->arena, &n->out, &n->nout) = n->named[i];
}

/* A user of the account whom nobody names. */
static void put_user(struct names *n, enum iam_caller_kind kind, struct slice account)
{
    const char *name = arena_printf(n->arena, "arn:aws:iam::%.*s:user/someone", (int)account.len,
                                    (const char *)account.data);
    struct slice *others = NULL;
    size_t nothers = 0;

    while (is_named(n, slice_str(name)))
        name = arena_printf(n->arena, "%s-else", name);
    put(n, kind, name, account);
    for (size_t i = 0; i < n->nnamed; i++)
        if (n->named[i].kind == IAM_CALLER_NAMED && slice_eq(n->named[i].account, account))
            *(struct slice *)ARENA_PUSH(n->arena, &others, &nothers) = n->named[i].name;
    n->out[n->nout - 1].others = others;
    n->out[n->nout - 1].nothers = nothers;
}

static bool of_family(const struct names *n, struct slice account)
{
    for (size_t i = 0; i < n->nfamilies; i++)
        if (iam_glob_match(n->families[i], account, false))
            return true;
    return false;
}

/* An account that nobody names, of no family where there is one. */
static struct slice strange_account(const struct names *n)
{
    struct slice first = {0};

    for (uint64_t step = 0; step < 900 || first.len == 0; step++) {
        const uint64_t number = (999999999999u + step * 888888888889u) % 1000000000000u;
        const struct slice account =
            slice_str(arena_printf(n->arena, "%012llu", (unsigned long long)number));

        if (known_account(n, account))
            continue;
        if (!of_family(n, account))
            return account;
        if (first.len == 0)
            first = account;
    }
    return first;
}

/* An account of the family that nobody names; empty: none is found. */
static struct slice account_of(const struct names *n, struct slice family)
{
    const size_t room = family.len <= 13 ? 13 - family.len : 0; /* of the first star */
    uint8_t text[16];
    size_t len = 0;
    bool star = false;

    for (uint8_t fill = '9'; fill >= '0'; fill--, len = 0, star = false) {
        for (size_t i = 0; i < family.len && len < 12; i++) {
            const uint8_t c = family.data[i];

            if (c == '*')
                for (size_t k = 0; k < room && !star; k++)
                    text[len++] = fill;
            else
                text[len++] = c == '?' ? fill : c;
            star = star || c == '*';
        }
        if (len == 12 && !known_account(n, (struct slice){text, len}))
            return arena_slice(n->arena, (struct slice){text, len});
    }
    return (struct slice){0};
}

static struct slice strange_service(const struct names *n)
{
    struct slice out = SLICE_LIT("other.amazonaws.com");

    for (size_t i = 2; is_named(n, out); i++)
        out = slice_str(arena_printf(n->arena, "other%zu.amazonaws.com", i));
    return out;
}

void iam_caller_collect(const struct iam_atoms *t, struct arena *a, struct iam_callers *out)
{
    struct names n = {.t = t, .arena = a};

    for (size_t i = 0; i < t->n; i++) {
        const struct iam_atom *atom = &t->items[i];

        for (size_t k = 0; atom->slot == IAM_SLOT_PRINCIPAL && k < atom->statement->nprincipals;
             k++)
            learn(&n, &atom->statement->principals[k]);
        if (atom->test != NULL)
            learn_values(&n, atom->test);
    }
    add_sessions(&n);
    put(&n, IAM_CALLER_ANYBODY, "*", (struct slice){0});
    put_user(&n, IAM_CALLER_STRANGER, strange_account(&n));
    for (size_t i = 0; i < n.nfamilies; i++) {
        const struct slice account = account_of(&n, n.families[i]);

        if (account.len > 0)
            put_user(&n, IAM_CALLER_STRANGER, account);
    }
    for (size_t i = 0; i < n.naccounts; i++)
        put_user(&n, IAM_CALLER_MEMBER, n.accounts[i]);
    put_named(&n, IAM_CALLER_NAMED);
    put_named(&n, IAM_CALLER_PROVIDER);
    put_named(&n, IAM_CALLER_SERVICE);
    put(&n, IAM_CALLER_SERVICE, (const char *)strange_service(&n).data, (struct slice){0});
    put_named(&n, IAM_CALLER_OTHER);
    for (size_t i = 0; i < n.nout; i++)
        add_account(&n, n.out[i].account);
    *out = (struct iam_callers){n.out, n.nout, n.accounts, n.naccounts, n.nfamilies > 0};
}

static enum iam_answer matches(const struct iam_principal *p, const struct iam_caller *c)
{
    const struct iam_statement s = {.has_principal = true, .principals = p, .nprincipals = 1};
    const struct iam_request r = {.principal = c->name};

    switch (iam_match_principal(&s, &r)) {
    case IAM_MATCH_NONE:
        /* who stands behind a canonical id may have an ARN too */
        return c->kind == IAM_CALLER_OTHER && p->type == IAM_PRINCIPAL_AWS ? IAM_MAYBE : IAM_NO;
    case IAM_MATCH_MAYBE:
        return c->kind == IAM_CALLER_STRANGER ? IAM_NO : IAM_MAYBE;
    default:
        return IAM_YES;
    }
}

/* A Deny with NotPrincipal may hit whom it names, too. */
static bool spared(const struct iam_statement *s, const struct iam_caller *c)
{
    const struct iam_request r = {.principal = c->name};

    return !s->not_principal || s->effect == IAM_ALLOW ||
           iam_match_principal(s, &r) == IAM_MATCH_NONE;
}

enum iam_answer iam_caller_in(const struct iam_atom *atom, const struct iam_caller *c)
{
    const struct iam_statement *s = atom->statement;
    enum iam_answer out = s->principals_unknown ? IAM_MAYBE : IAM_NO;

    for (size_t i = 0; i < s->nprincipals && out != IAM_YES; i++) {
        const enum iam_answer m = matches(&s->principals[i], c);

        out = m > out ? m : out;
    }
    return out == IAM_YES && !spared(s, c) ? IAM_MAYBE : out;
}

/* Tests made of what is known about a caller. */
struct facts {
    struct arena *arena;
    struct iam_literal *literals;
    size_t n;
    struct slice key;
    bool if_exists; /* the key may be absent, too */
};

static void fact_of(struct facts *f, enum iam_operator op, const struct slice *values, size_t n)
{
    static const struct iam_doc nobody = {.name = ""};
    struct iam_test *t = ARENA_NEW(f->arena, struct iam_test);

    *t = (struct iam_test){
        .op = op, .if_exists = f->if_exists, .key = f->key, .values = {values, n, false}};
    *(struct iam_literal *)ARENA_PUSH(f->arena, &f->literals, &f->n) =
        (struct iam_literal){&nobody, t, true};
}

static void fact(struct facts *f, enum iam_operator op, const char *first, const char *second)
{
    struct slice *values = ARENA_ARRAY(f->arena, struct slice, 2);

    values[0] = slice_str(first);
    values[1] = slice_str(second);
    fact_of(f, op, values, second == NULL ? 1 : 2);
}

static void absent(struct facts *f)
{
    fact(f, IAM_NULL, "true", NULL);
}

/* aws:PrincipalArn of whoever is of the account and not named himself. */
static void of_member(struct facts *f, const struct iam_caller *c)
{
    static const char *const kinds[][2] = {
        {"iam", "user/?*"}, {"iam", "role/?*"}, {"iam", "root"}, {"sts", "federated-user/?*"}};
    struct slice *values = ARENA_ARRAY(f->arena, struct slice, ARRAY_LEN(kinds));

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        values[i] = slice_str(arena_printf(f->arena, "arn:aws*:%s::%.*s:%s", kinds[i][0],
                                           (int)c->account.len, (const char *)c->account.data,
                                           kinds[i][1]));
    fact_of(f, IAM_ARN_LIKE, values, ARRAY_LEN(kinds));
    fact(f, IAM_ARN_NOT_LIKE, "arn:*:sts::*:*:*", NULL); /* names have no ':' */
    if (c->nothers > 0)
        fact_of(f, IAM_STRING_NOT_EQUALS, c->others, c->nothers);
}

/* That of a session is that of its role, whose path the session does not show. */
static void principal_arn(struct facts *f, const struct iam_caller *c)
{
    static const char session[] = ":assumed-role/";
    struct slice account = c->account, role;
    const char *text = arena_strndup(f->arena, c->name);
    size_t at;

    if (c->kind != IAM_CALLER_NAMED) {
        of_member(f, c);
        return;
    }
    if (!slice_find(c->name, SLICE_LIT(":assumed-role/"), &at)) {
        fact(f, IAM_STRING_EQUALS, text, NULL);
        return;
    }
    role = slice_from(c->name, at + sizeof(session) - 1);
    if (role.len > 0 && memchr(role.data, '/', role.len) != NULL)
        role.len = (size_t)((const uint8_t *)memchr(role.data, '/', role.len) - role.data);
    text = arena_printf(f->arena, "arn:aws:iam::%.*s:role/", (int)account.len,
                        (const char *)account.data);
    fact(f, IAM_STRING_LIKE,
         arena_printf(f->arena, "%s%.*s", text, (int)role.len, (const char *)role.data),
         arena_printf(f->arena, "%s*/%.*s", text, (int)role.len, (const char *)role.data));
}

static bool is(struct slice key, const char *name)
{
    return iam_glob_same(key, slice_str(name));
}

static bool begins(struct slice key, const char *prefix)
{
    const size_t n = slice_str(prefix).len;

    return key.len >= n && is((struct slice){key.data, n}, prefix);
}

/* Keys that only users and roles of accounts have. SPEC: IAM User Guide, "AWS global condition
 * context keys", "Properties of the principal" */
static bool of_accounts(struct slice key)
{
    return is(key, "aws:PrincipalArn") || is(key, "aws:PrincipalAccount") ||
           is(key, "kms:CallerAccount") || is(key, "aws:username") ||
           begins(key, "aws:PrincipalOrg") || begins(key, "aws:PrincipalTag/");
}

size_t iam_caller_implies(const struct iam_caller *c, struct slice key, struct arena *a,
                          const struct iam_literal **out)
{
    const bool kms = is(key, "kms:CallerAccount"); /* of requests to KMS alone */
    struct facts f = {.arena = a, .key = key, .if_exists = kms};
    const bool service = c->kind == IAM_CALLER_SERVICE;
    const bool account = c->kind <= IAM_CALLER_NAMED && c->kind != IAM_CALLER_ANYBODY;

    if ((of_accounts(key) && !account && c->kind != IAM_CALLER_OTHER) ||
        (begins(key, "aws:PrincipalServiceName") && !service) ||
        (is(key, "aws:PrincipalIsAWSService") && c->kind == IAM_CALLER_ANYBODY))
        absent(&f);
    else if (is(key, "aws:PrincipalServiceName"))
        fact(&f, IAM_STRING_EQUALS, arena_strndup(a, c->name), NULL);
    else if (is(key, "aws:PrincipalIsAWSService"))
        fact(&f, IAM_BOOL, service ? "true" : "false", NULL);
    else if (is(key, "aws:PrincipalArn") && account)
        principal_arn(&f, c);
    else if ((is(key, "aws:PrincipalAccount") || kms) && account)
        fact(&f, IAM_STRING_EQUALS, arena_strndup(a, c->account), NULL);
    *out = f.literals;
    return f.n;
}
