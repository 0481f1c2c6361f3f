#include "policies/iam/iam_condition.h"

#include "policies/iam/iam_literal.h"
#include "policies/iam/iam_variables.h"

static enum iam_match_value answer(bool matches)
{
    return matches ? IAM_VALUE_MATCHES : IAM_VALUE_DIFFERS;
}

/* -1, 0, 1 against the operator, in the order of the enumeration from Equals to GreaterEquals. */
static enum iam_match_value ordered(unsigned op, int cmp)
{
    switch (op) {
    case 0: /* Equals, NotEquals */
    case 1:
        return answer(cmp == 0);
    case 2:
        return answer(cmp < 0);
    case 3:
        return answer(cmp <= 0);
    case 4:
        return answer(cmp > 0);
    default:
        return answer(cmp >= 0);
    }
}

static enum iam_match_value number(enum iam_operator op, struct slice policy, struct slice request)
{
    double p, r;

    if (!iam_literal_number(policy, &p) || !iam_literal_number(request, &r))
        return IAM_VALUE_INVALID;
    return ordered(op - IAM_NUMERIC_EQUALS, r < p ? -1 : r > p);
}

static enum iam_match_value date(enum iam_operator op, struct slice policy, struct slice request)
{
    int64_t p, r;

    if (!iam_literal_date(policy, &p) || !iam_literal_date(request, &r))
        return IAM_VALUE_INVALID;
    return ordered(op - IAM_DATE_EQUALS, r < p ? -1 : r > p);
}

static enum iam_match_value boolean(struct slice policy, struct slice request)
{
    bool p, r;

    if (!iam_literal_bool(policy, &p) || !iam_literal_bool(request, &r))
        return IAM_VALUE_INVALID;
    return answer(p == r);
}

static enum iam_match_value network(struct slice policy, struct slice request)
{
    struct iam_network p, r;

    if (!iam_literal_network(policy, &p) || !iam_literal_network(request, &r))
        return IAM_VALUE_INVALID;
    return answer(iam_literal_contains(&p, &r));
}

static enum iam_match_value arn(struct slice pattern, struct slice request)
{
    const struct iam_arn p = iam_arn_split(pattern, IAM_ARN_RESOURCE);
    const struct iam_arn r = iam_arn_split(request, IAM_ARN_RESOURCE);

    if (p.n != 6 || r.n != 6)
        return IAM_VALUE_INVALID;
    return answer(iam_arn_match(&p, request));
}

enum iam_match_value iam_condition_value(enum iam_operator op, struct slice pattern,
                                         struct slice request, struct arena *a)
{
    switch (op) {
    case IAM_STRING_EQUALS:
    case IAM_STRING_NOT_EQUALS:
    case IAM_BINARY_EQUALS:
        return answer(slice_eq(iam_glob_text(pattern, a), request));
    case IAM_STRING_EQUALS_IGNORE_CASE:
    case IAM_STRING_NOT_EQUALS_IGNORE_CASE:
        return answer(iam_glob_same(iam_glob_text(pattern, a), request));
    case IAM_STRING_LIKE:
    case IAM_STRING_NOT_LIKE:
        return answer(iam_glob_match(pattern, request, false));
    case IAM_BOOL:
        return boolean(iam_glob_text(pattern, a), request);
    case IAM_IP_ADDRESS:
    case IAM_NOT_IP_ADDRESS:
        return network(iam_glob_text(pattern, a), request);
    case IAM_ARN_EQUALS:
    case IAM_ARN_NOT_EQUALS:
    case IAM_ARN_LIKE:
    case IAM_ARN_NOT_LIKE:
        return arn(pattern, request);
    case IAM_NULL:
    case IAM_OPERATOR_UNKNOWN:
        return IAM_VALUE_INVALID;
    default:
        break;
    }
    return op < IAM_DATE_EQUALS ? number(op, iam_glob_text(pattern, a), request)
                                : date(op, iam_glob_text(pattern, a), request);
}

struct check {
    const struct iam_doc *d;
    const struct iam_test *t;
    const struct iam_context *c;
    struct arena *a;
};

/* Does one value of the request satisfy the operator with all values of the policy? */
static enum iam_answer one(const struct check *k, struct slice request)
{
    const bool negated = iam_doc_operator_negated(k->t->op);
    bool maybe = k->t->values.unknown, invalid = false;

    for (size_t i = 0; i < k->t->values.n; i++) {
        struct slice pattern = {NULL, 0};
        const enum iam_answer known =
            iam_variables_replace(k->d, k->t->values.items[i], k->c, k->a, &pattern);
        enum iam_match_value m = IAM_VALUE_INVALID;

        if (known == IAM_MAYBE) {
            maybe = true;
            continue;
        }
        if (known == IAM_YES)
            m = iam_condition_value(k->t->op, pattern, request, k->a);
        if (m == IAM_VALUE_MATCHES)
            return negated ? IAM_NO : IAM_YES;
        invalid = invalid || m == IAM_VALUE_INVALID;
    }
    if (negated && invalid)
        return IAM_NO;
    if (maybe)
        return IAM_MAYBE;
    return negated ? IAM_YES : IAM_NO;
}

/* ForAllValues, ForAnyValue. */
static enum iam_answer many(const struct check *k, const struct iam_key *key)
{
    const bool all = k->t->quantifier == IAM_FOR_ALL_VALUES;
    enum iam_answer out = all ? IAM_YES : IAM_NO;

    for (size_t i = 0; i < key->n; i++) {
        const enum iam_answer m = one(k, key->values[i]);

        if (all ? m < out : m > out)
            out = m;
    }
    return out;
}

/* Null: is the key absent? */
static enum iam_answer null(const struct check *k, const struct iam_key *key)
{
    bool maybe = k->t->values.unknown || (key == NULL ? k->c->open : key->unknown);

    for (size_t i = 0; i < k->t->values.n; i++) {
        struct slice text = {NULL, 0};
        const enum iam_answer known =
            iam_variables_replace(k->d, k->t->values.items[i], k->c, k->a, &text);
        bool absent;

        maybe = maybe || known == IAM_MAYBE;
        if (known == IAM_YES && iam_literal_bool(text, &absent) && !maybe &&
            absent == (key == NULL))
            return IAM_YES;
    }
    return maybe ? IAM_MAYBE : IAM_NO;
}

/* The key is not in the request. */
static bool holds_without(const struct iam_test *t)
{
    if (t->quantifier == IAM_FOR_ANY_VALUE)
        return false;
    return t->if_exists || t->quantifier == IAM_FOR_ALL_VALUES || iam_doc_operator_negated(t->op);
}

enum iam_answer iam_condition_test(const struct iam_doc *d, const struct iam_test *t,
                                   const struct iam_context *c, struct arena *a)
{
    const struct check k = {d, t, c, a};
    const struct iam_key *key = iam_request_key(c, t->key);

    if (t->op == IAM_OPERATOR_UNKNOWN)
        return IAM_NO;
    if (t->op == IAM_NULL)
        return null(&k, key);
    if (key == NULL ? c->open : key->unknown)
        return IAM_MAYBE;
    if (key == NULL)
        return holds_without(t) ? IAM_YES : IAM_NO;
    if (t->quantifier != IAM_ONE)
        return many(&k, key);
    if (key->many || key->n != 1)
        return IAM_NO;
    return one(&k, key->values[0]);
}

enum iam_answer iam_condition_all(const struct iam_doc *d, const struct iam_statement *s,
                                  const struct iam_context *c, struct arena *a,
                                  const struct iam_test **failed)
{
    enum iam_answer out = s->tests_unknown ? IAM_MAYBE : IAM_YES;

    *failed = NULL;
    for (size_t i = 0; i < s->ntests; i++) {
        const enum iam_answer m = iam_condition_test(d, &s->tests[i], c, a);

        if (m < out || (m == IAM_MAYBE && *failed == NULL)) {
            out = m < out ? m : out;
            *failed = &s->tests[i];
        }
        if (out == IAM_NO)
            return IAM_NO;
    }
    return out;
}
