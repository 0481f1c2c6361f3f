/* Conditions: keys, operators, values. */
#include "policies/iam/iam_arn.h"
#include "policies/iam/iam_candidates.h"
#include "policies/iam/iam_lint_state.h"
#include "policies/iam/iam_literal.h"
#include "policies/iam/iam_variables.h"

#define TEXT(s) (int)((s).len < 200 ? (s).len : 200), (const char *)(s).data

static bool arn_operator(enum iam_operator op)
{
    return op == IAM_ARN_EQUALS || op == IAM_ARN_NOT_EQUALS || op == IAM_ARN_LIKE ||
           op == IAM_ARN_NOT_LIKE;
}

static bool readable(const struct iam_test *t, struct slice value)
{
    struct iam_network network;
    int64_t date;
    double number;
    bool boolean;

    if (t->op == IAM_NULL)
        return iam_literal_bool(value, &boolean);
    if (arn_operator(t->op))
        return iam_arn_split(value, IAM_ARN_RESOURCE).n == 6;
    switch (iam_candidates_family(t->op)) {
    case IAM_FAMILY_NUMBER:
        return iam_literal_number(value, &number);
    case IAM_FAMILY_DATE:
        return iam_literal_date(value, &date);
    case IAM_FAMILY_BOOL:
        return iam_literal_bool(value, &boolean);
    case IAM_FAMILY_NETWORK:
        return iam_literal_network(value, &network);
    case IAM_FAMILY_BINARY:
    case IAM_FAMILY_TEXT:
    case IAM_FAMILY_COUNT:
        break;
    }
    return true;
}

static void values(struct iam_lint_state *s, const struct iam_statement *st,
                   const struct iam_test *t)
{
    for (size_t i = 0; i < t->values.n; i++) {
        const struct slice v = t->values.items[i];
        struct slice key;
        size_t at = 0;
        const bool variable = iam_variables_next(v, &at, &key);

        if (!variable && !readable(t, v))
            iam_lint_add(s, "bad-value", st, "%.*s %.*s: '%.*s'", TEXT(t->op_text), TEXT(t->key),
                         TEXT(v));
        if (variable && !s->doc->variables)
            iam_lint_add(s, "literal-variable", st, "%.*s %.*s: '%.*s'", TEXT(t->op_text),
                         TEXT(t->key), TEXT(v));
    }
}

/* The type of one value of the key. */
static enum iam_key_type one_of(enum iam_key_type type)
{
    return type == IAM_KEY_STRINGS ? IAM_KEY_STRING
           : type == IAM_KEY_ARNS  ? IAM_KEY_ARN
           : type == IAM_KEY_BOOLS ? IAM_KEY_BOOL
                                   : type;
}

static bool fits(enum iam_operator op, enum iam_key_type type)
{
    const enum iam_family family = iam_candidates_family(op);

    if (op == IAM_NULL)
        return true;
    switch (one_of(type)) {
    case IAM_KEY_NUMERIC:
        return family == IAM_FAMILY_NUMBER;
    case IAM_KEY_DATE: /* aws:EpochTime is compared as a number, too */
        return family == IAM_FAMILY_DATE || family == IAM_FAMILY_NUMBER;
    case IAM_KEY_BOOL:
        return family == IAM_FAMILY_BOOL;
    case IAM_KEY_IP:
        return family == IAM_FAMILY_NETWORK;
    default: /* texts are compared with ARNs, and texts that hold ARNs as such: it works */
        return family == IAM_FAMILY_TEXT || family == IAM_FAMILY_BINARY;
    }
}

static bool many(enum iam_key_type type)
{
    return type == IAM_KEY_STRINGS || type == IAM_KEY_ARNS || type == IAM_KEY_BOOLS;
}

/* Is there a test that the key is there? */
static bool present(const struct iam_statement *st, const struct iam_test *t)
{
    for (size_t i = 0; i < st->ntests; i++) {
        const struct iam_test *x = &st->tests[i];
        bool absent = true;

        if (!iam_glob_same(x->key, t->key) || x == t)
            continue;
        if (x->op == IAM_NULL && x->values.n == 1 &&
            iam_literal_bool(x->values.items[0], &absent) && !absent)
            return true;
        if (x->op != IAM_NULL && !x->if_exists && !iam_doc_operator_negated(x->op) &&
            x->quantifier != IAM_FOR_ALL_VALUES)
            return true;
    }
    return false;
}

/* A key of a service, which none of the statement's actions has. */
static bool foreign(struct iam_lint_state *s, const struct iam_statement *st,
                    const struct iam_test *t)
{
    const struct iam_action_set *set = &s->sets[st->index];
    bool any = false;

    if (st->not_action || iam_actions_key_global(t->key))
        return false;
    for (size_t i = iam_actions_next(set, 0); i < iam_actions_count();
         i = iam_actions_next(set, i + 1)) {
        any = true;
        if (iam_actions_key(i, t->key))
            return false;
    }
    return any;
}

static void test(struct iam_lint_state *s, const struct iam_statement *st, const struct iam_test *t)
{
    const enum iam_key_type type = iam_actions_key_type(t->key);

    if (t->op == IAM_OPERATOR_UNKNOWN) {
        iam_lint_add(s, "unknown-operator", st, "'%.*s'", TEXT(t->op_text));
        return;
    }
    values(s, st, t);
    if (type == IAM_KEY_NONE)
        iam_lint_add(s, "unknown-key", st, "'%.*s'", TEXT(t->key));
    else if (foreign(s, st, t))
        iam_lint_add(s, "key-not-of-action", st, "'%.*s'", TEXT(t->key));
    if (type != IAM_KEY_NONE && !fits(t->op, type))
        iam_lint_add(s, "key-type", st, "%.*s on '%.*s'", TEXT(t->op_text), TEXT(t->key));
    if (type != IAM_KEY_NONE && t->quantifier != IAM_ONE && !many(type) && t->op != IAM_NULL)
        iam_lint_add(s, "set-on-single", st, "%.*s on '%.*s'", TEXT(t->op_text), TEXT(t->key));
    if (t->quantifier == IAM_ONE && many(type) && t->op != IAM_NULL)
        iam_lint_add(s, "set-needed", st, "%.*s on '%.*s'", TEXT(t->op_text), TEXT(t->key));
    if (t->quantifier == IAM_FOR_ALL_VALUES && st->effect == IAM_ALLOW && t->op != IAM_NULL &&
        !present(st, t))
        iam_lint_add(s, "for-all-values-allow", st, "%.*s on '%.*s'", TEXT(t->op_text),
                     TEXT(t->key));
}

void iam_lint_tests(struct iam_lint_state *s, const struct iam_statement *st)
{
    for (size_t i = 0; i < st->ntests; i++)
        test(s, st, &st->tests[i]);
}
