#include <string.h>

#include "policies/iam/solve/iam_domain.h"
#include "policies/iam/lint/iam_lint_checks.h"
#include "policies/iam/document/iam_literal.h"

/* One test being looked at. */
struct look {
    const struct iam_lint_statement *x;
    const struct iam_test *t;
    enum iam_key_type type;
    uint32_t line;
};

enum family { TEXT, NUMBER, DATE, BOOLEAN, BINARY, ADDRESS, ARN, PRESENCE };

static enum family family_of(enum iam_operator op)
{
    if (op <= IAM_STRING_NOT_LIKE)
        return TEXT;
    if (op <= IAM_NUMERIC_GREATER_EQUALS)
        return NUMBER;
    if (op <= IAM_DATE_GREATER_EQUALS)
        return DATE;
    if (op == IAM_BOOL)
        return BOOLEAN;
    if (op == IAM_BINARY_EQUALS)
        return BINARY;
    if (op <= IAM_NOT_IP_ADDRESS)
        return ADDRESS;
    return op <= IAM_ARN_NOT_LIKE ? ARN : PRESENCE;
}

static const char *const type_names[] = {
    [IAM_KEY_STRING] = "text",      [IAM_KEY_ARN] = "an ARN",    [IAM_KEY_BOOL] = "true or false",
    [IAM_KEY_NUMERIC] = "a number", [IAM_KEY_DATE] = "a date",   [IAM_KEY_IP] = "an address",
    [IAM_KEY_BINARY] = "binary",    [IAM_KEY_STRINGS] = "texts", [IAM_KEY_ARNS] = "ARNs",
    [IAM_KEY_BOOLS] = "booleans",
};

/* Some keys of type text hold ARNs, or binaries. Dates may be compared as seconds. */
static bool fits(enum iam_key_type type, enum family f)
{
    switch (type) {
    case IAM_KEY_STRING:
    case IAM_KEY_STRINGS:
        return f == TEXT || f == ARN || f == BINARY;
    case IAM_KEY_ARN:
    case IAM_KEY_ARNS:
        return f == ARN || f == TEXT;
    case IAM_KEY_BOOL:
    case IAM_KEY_BOOLS:
        return f == BOOLEAN;
    case IAM_KEY_NUMERIC:
        return f == NUMBER;
    case IAM_KEY_DATE:
        return f == DATE || f == NUMBER;
    case IAM_KEY_IP:
        return f == ADDRESS;
    case IAM_KEY_BINARY:
        return f == BINARY;
    default:
        return true;
    }
}

/* A text that cannot be a value of the key. */
static bool strange(enum iam_key_type type, struct slice v)
{
    int64_t date;
    double number;
    bool b;

    switch (type) {
    case IAM_KEY_NUMERIC:
        return !iam_literal_number(v, &number);
    case IAM_KEY_DATE:
        return !iam_literal_date(v, &date);
    case IAM_KEY_BOOL:
    case IAM_KEY_BOOLS:
        return !iam_literal_bool(v, &b);
    default: /* networks do not match as texts */
        return true;
    }
}

/* Compared as texts, it works for the very text that comes. */
static bool usable(const struct look *k)
{
    for (size_t i = 0; i < k->t->values.n; i++) {
        const struct slice v = k->t->values.items[i];

        if (!iam_glob_wild(v) && memchr(v.data, '$', v.len) == NULL && strange(k->type, v))
            return false;
    }
    return k->type != IAM_KEY_IP;
}

static void operator_type(struct iam_lint_run *r, const struct look *k)
{
    static const char *const compared[] = {"texts",    "numbers",   "dates", "booleans",
                                           "binaries", "addresses", "ARNs",  ""};
    const enum family f = family_of(k->t->op);

    if (f == PRESENCE || k->type == IAM_KEY_NONE || fits(k->type, f))
        return;
    iam_lint_run_add(r, f == TEXT && usable(k) ? IAM_LINT_KEY_AS_TEXT : IAM_LINT_KEY_TYPE, k->x->s,
                     k->line, "%.*s holds %s, and %.*s compares %s", IAM_LINT_TEXT(k->t->key),
                     type_names[k->type], IAM_LINT_TEXT(k->t->op_text), compared[f]);
}

static bool pattern(struct slice v)
{
    return iam_glob_wild(v) && !iam_glob_any(v);
}

/* SPEC: IAM User Guide, "IAM JSON policy elements: Condition operators", ARN condition operators */
static void arn_as_text(struct iam_lint_run *r, const struct look *k)
{
    if ((k->type != IAM_KEY_ARN && k->type != IAM_KEY_ARNS) ||
        (k->t->op != IAM_STRING_LIKE && k->t->op != IAM_STRING_NOT_LIKE))
        return;
    for (size_t i = 0; i < k->t->values.n; i++)
        if (pattern(k->t->values.items[i])) {
            iam_lint_run_add(r, IAM_LINT_ARN_AS_TEXT, k->x->s, k->line,
                             "%.*s holds an ARN, whose fields %.*s does not see",
                             IAM_LINT_TEXT(k->t->key), IAM_LINT_TEXT(k->t->op_text));
            return;
        }
}

/* {"StringLike": {KEY: "*"}} */
static void any_value(struct iam_lint_run *r, const struct look *k)
{
    const struct iam_test *t = k->t;
    const bool not = t->op == IAM_STRING_NOT_LIKE || t->op == IAM_ARN_NOT_LIKE;
    const bool like = t->op == IAM_STRING_LIKE || t->op == IAM_ARN_LIKE;

    if ((!like && !not ) || t->quantifier != IAM_ONE || t->values.n != 1 || t->values.unknown ||
        !iam_glob_any(t->values.items[0]))
        return;
    if (t->if_exists && like)
        iam_lint_run_add(r, IAM_LINT_ANY_VALUE, k->x->s, k->line, "%.*s holds whatever %.*s is",
                         IAM_LINT_TEXT(t->op_text), IAM_LINT_TEXT(t->key));
    else
        iam_lint_run_add(r, IAM_LINT_ANY_VALUE, k->x->s, k->line,
                         "%.*s asks only whether %.*s is %s", IAM_LINT_TEXT(t->op_text),
                         IAM_LINT_TEXT(t->key), like ? "there" : "absent");
}

/* ---- keys ---- */

static bool same_operator(const struct iam_test *a, const struct iam_test *b)
{
    return a->op == b->op && a->quantifier == b->quantifier && a->if_exists == b->if_exists &&
           (a->op != IAM_OPERATOR_UNKNOWN || iam_glob_same(a->op_text, b->op_text));
}

static void twice(struct iam_lint_run *r, const struct look *k)
{
    for (const struct iam_test *t = k->x->s->tests; t < k->t; t++)
        if (same_operator(t, k->t) && iam_glob_same(t->key, k->t->key)) {
            iam_lint_run_add(r, IAM_LINT_DUPLICATE_KEY, k->x->s, k->line,
                             "%.*s and %.*s are one key", IAM_LINT_TEXT(t->key),
                             IAM_LINT_TEXT(k->t->key));
            return;
        }
}

/* ---- set operators ---- */

/* Another test of the statement fails when the key is absent. */
static bool guarded(const struct iam_statement *s, const struct iam_test *t)
{
    for (size_t i = 0; i < s->ntests; i++) {
        const struct iam_test *o = &s->tests[i];
        const bool tags =
            iam_glob_same(t->key, SLICE_LIT("aws:TagKeys")) && o->key.len > 15 &&
            iam_glob_same((struct slice){o->key.data, 15}, SLICE_LIT("aws:RequestTag/"));

        if (!iam_glob_same(o->key, t->key) && !tags)
            continue;
        if (iam_lint_run_demands(o) || (o->op == IAM_NULL && o->values.n == 1 &&
                                        iam_glob_same(o->values.items[0], SLICE_LIT("false"))))
            return true;
    }
    return s->tests_unknown;
}

static void for_all(struct iam_lint_run *r, const struct look *k)
{
    const struct iam_statement *s = k->x->s;
    const bool single = k->type != IAM_KEY_NONE && !iam_lint_run_many(k->type);

    if (single)
        iam_lint_run_add(r, IAM_LINT_SET_ON_SINGLE, s, k->line, "%.*s has one value",
                         IAM_LINT_TEXT(k->t->key));
    if (s->effect == IAM_ALLOW && !guarded(s, k->t))
        iam_lint_run_add(r, IAM_LINT_FOR_ALL_ALLOW, s, k->line, "%.*s holds when %.*s is absent",
                         IAM_LINT_TEXT(k->t->op_text), IAM_LINT_TEXT(k->t->key));
}

static void quantifier(struct iam_lint_run *r, const struct look *k)
{
    const struct iam_statement *s = k->x->s;

    if (k->t->op == IAM_NULL) {
        if (k->t->quantifier != IAM_ONE)
            iam_lint_run_add(r, IAM_LINT_NULL_SET, s, k->line, "%.*s",
                             IAM_LINT_TEXT(k->t->op_text));
        return;
    }
    if (k->t->quantifier == IAM_FOR_ALL_VALUES)
        for_all(r, k);
    else if (k->t->quantifier == IAM_ONE && iam_lint_run_many(k->type))
        iam_lint_run_add(r, IAM_LINT_SET_NEEDED, s, k->line,
                         "%.*s has several values, %.*s compares one", IAM_LINT_TEXT(k->t->key),
                         IAM_LINT_TEXT(k->t->op_text));
    else if (k->t->quantifier == IAM_FOR_ANY_VALUE && k->type != IAM_KEY_NONE &&
             !iam_lint_run_many(k->type))
        iam_lint_run_add(r, IAM_LINT_SET_ON_SINGLE, s, k->line, "%.*s has one value",
                         IAM_LINT_TEXT(k->t->key));
}

/* Requests signed with long-lived keys come without the key. SPEC: IAM User Guide, "AWS global
 * condition context keys", aws:MultiFactorAuthPresent */
static void mfa(struct iam_lint_run *r, const struct look *k)
{
    const struct iam_statement *s = k->x->s;
    bool present;

    if (k->t->op != IAM_BOOL || k->t->values.n != 1 ||
        !iam_glob_same(k->t->key, SLICE_LIT("aws:MultiFactorAuthPresent")) ||
        !iam_literal_bool(k->t->values.items[0], &present))
        return;
    if (s->effect == IAM_DENY && !present && !k->t->if_exists)
        iam_lint_run_add(r, IAM_LINT_MFA, s, k->line,
                         "requests with long-lived keys are not denied");
    if (s->effect == IAM_ALLOW && present && k->t->if_exists)
        iam_lint_run_add(r, IAM_LINT_MFA, s, k->line, "requests with long-lived keys are allowed");
    if (s->effect == IAM_ALLOW && !present)
        iam_lint_run_add(r, IAM_LINT_MFA, s, k->line,
                         "requests without a second factor are allowed");
}

/* ---- all tests of one key ---- */

#define STEPS 200000u /* of automata, for the tests of one key */

/* Can they all hold? Asked once, at the first test of the key. */
static void never(struct iam_lint_run *r, const struct look *k)
{
    const struct iam_statement *s = k->x->s;
    const struct iam_context bound = {.open = true};
    struct iam_domain d = {.key = k->t->key, .bound = &bound, .may_absent = true};
    struct iam_budget budget = {STEPS};
    struct iam_literal *literals = NULL;
    struct iam_key found = {0};

    for (size_t i = 0; i < s->ntests; i++) {
        if (!iam_glob_same(s->tests[i].key, k->t->key))
            continue;
        if (&s->tests[i] < k->t || s->tests[i].op == IAM_OPERATOR_UNKNOWN)
            return;
        *(struct iam_literal *)ARENA_PUSH(r->arena, &literals, &d.n) =
            (struct iam_literal){&r->doc, &s->tests[i], true};
    }
    d.literals = literals;
    if (d.n > 1 && iam_domain_solve(&d, &budget, r->arena, &found) == IAM_NO)
        iam_lint_run_add(r, IAM_LINT_NEVER_HOLDS, s, k->line, "no %.*s satisfies all its tests",
                         IAM_LINT_TEXT(k->t->key));
}

static bool tests_one_of(const struct iam_statement *s, const char *const *keys)
{
    for (size_t i = 0; i < s->ntests; i++)
        for (size_t k = 0; keys[k] != NULL; k++)
            if (iam_glob_same(s->tests[i].key, slice_str(keys[k])))
                return true;
    return s->tests_unknown;
}

/* Private addresses are the same in everybody's networks: a Deny of all others spares them, too. */
static void network(struct iam_lint_run *r, const struct look *k)
{
    static const char *const networks[] = {"aws:SourceVpc",
                                           "aws:SourceVpce",
                                           "aws:SourceVpcArn",
                                           "aws:VpceAccount",
                                           "aws:VpceOrgID",
                                           "aws:VpceOrgPaths",
                                           NULL};
    const struct iam_statement *s = k->x->s;

    if (!iam_glob_same(k->t->key, SLICE_LIT("aws:VpcSourceIp")))
        return;
    if (s->effect == IAM_ALLOW && k->t->op == IAM_IP_ADDRESS && iam_lint_run_demands(k->t) &&
        !iam_lint_run_limited(s, networks))
        iam_lint_run_add(r, IAM_LINT_ANY_NETWORK, s, k->line,
                         "aws:VpcSourceIp alone, of any network");
    if (s->effect == IAM_DENY && k->t->op == IAM_NOT_IP_ADDRESS && !tests_one_of(s, networks))
        iam_lint_run_add(r, IAM_LINT_ANY_NETWORK, s, k->line,
                         "such addresses of any network are not denied");
}

static void one(struct iam_lint_run *r, const struct look *k)
{
    iam_lint_keys(r, k->x, k->t, k->line);
    twice(r, k);
    if (k->t->op == IAM_OPERATOR_UNKNOWN)
        return; /* told as a fault of form */
    operator_type(r, k);
    arn_as_text(r, k);
    any_value(r, k);
    quantifier(r, k);
    mfa(r, k);
    network(r, k);
    never(r, k);
    iam_lint_values(r, k->x->s, k->t);
}

/* Condition {}, or an operator without keys. */
static void empty(struct iam_lint_run *r, const struct iam_statement *s)
{
    const struct value *c = value_get(s->node, "Condition");

    if (value_is(c, VALUE_MAP) && value_len(c) == 0)
        iam_lint_run_add(r, IAM_LINT_EMPTY_CONDITION, s, c->line, "Condition is empty");
    for (size_t i = 0; value_is(c, VALUE_MAP) && i < value_len(c); i++) {
        const struct value_member *m = &c->as.members[i];

        if (value_is(m->value, VALUE_MAP) && value_len(m->value) == 0)
            iam_lint_run_add(r, IAM_LINT_EMPTY_CONDITION, s, m->value->line, "%.*s is empty",
                             IAM_LINT_TEXT(m->key));
    }
}

void iam_lint_tests(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    empty(r, x->s);
    for (size_t i = 0; i < x->s->ntests && iam_lint_run_work(r, x->s->ntests); i++) {
        const struct look k = {.x = x,
                               .t = &x->s->tests[i],
                               .type = iam_actions_key_type(x->s->tests[i].key),
                               .line = iam_lint_run_test_line(x->s, &x->s->tests[i], SIZE_MAX)};

        one(r, &k);
    }
}
