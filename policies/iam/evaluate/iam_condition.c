#include "policies/iam/evaluate/iam_condition.h"

#include "base/base64.h"
#include "policies/iam/document/iam_literal.h"
#include "policies/iam/document/iam_variables.h"

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

/* The request's is an address: a network there could lie on both sides. */
static enum iam_match_value network(struct slice policy, struct slice request)
{
    struct iam_network p, r;

    if (!iam_literal_network(policy, &p) || !iam_literal_network(request, &r) ||
        r.bits != (r.v6 ? 128 : 32))
        return IAM_VALUE_INVALID;
    return answer(iam_literal_contains(&p, &r));
}

static enum iam_match_value binary(struct slice policy, struct slice request, struct arena *a)
{
    struct slice p, r;
    struct err e = {0};

    if (!base64_get(policy, a, &p, &e) || !base64_get(request, a, &r, &e))
        return IAM_VALUE_INVALID;
    return answer(slice_eq(p, r));
}

static bool ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] >= 0x80)
            return false;
    return true;
}

static enum iam_match_value ignore_case(struct slice policy, struct slice request)
{
    if (iam_glob_same(policy, request))
        return IAM_VALUE_MATCHES;
    return ascii(policy) && ascii(request) ? IAM_VALUE_DIFFERS : IAM_VALUE_MAYBE;
}

static bool is_arn(struct slice text)
{
    size_t colons = 0;

    for (size_t i = 0; i < text.len; i++)
        colons += text.data[i] == ':';
    return colons >= 5 && slice_starts(text, "arn:");
}

/* Six fields each. "*" and "arn:aws:s3*" are no ARNs, but whether AWS has them match is written
 * nowhere. */
static enum iam_match_value arn(struct slice pattern, struct slice request)
{
    const struct iam_arn p = iam_arn_split(pattern, IAM_ARN_RESOURCE);

    if (!is_arn(request))
        return IAM_VALUE_INVALID;
    if (p.n != 6)
        return p.open && iam_arn_match(&p, request) ? IAM_VALUE_MAYBE : IAM_VALUE_INVALID;
    return answer(iam_arn_match(&p, request));
}

enum iam_match_value iam_condition_value(enum iam_operator op, struct slice pattern,
                                         struct slice request, struct arena *a)
{
    switch (op) {
    case IAM_STRING_EQUALS:
    case IAM_STRING_NOT_EQUALS:
        return answer(slice_eq(iam_glob_text(pattern, a), request));
    case IAM_STRING_EQUALS_IGNORE_CASE:
    case IAM_STRING_NOT_EQUALS_IGNORE_CASE:
        return ignore_case(iam_glob_text(pattern, a), request);
    case IAM_STRING_LIKE:
    case IAM_STRING_NOT_LIKE:
        return answer(iam_glob_match(pattern, request, false));
    case IAM_BOOL:
        return boolean(iam_glob_text(pattern, a), request);
    case IAM_BINARY_EQUALS:
        return binary(iam_glob_text(pattern, a), request, a);
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

/* Variables stand in texts, ARNs and booleans; elsewhere ${...} is what it is. SPEC: IAM User
 * Guide, "IAM policy elements: Variables and tags", "Condition element" */
static bool takes_variables(enum iam_operator op)
{
    return op <= IAM_STRING_NOT_LIKE || op == IAM_BOOL ||
           (op >= IAM_ARN_EQUALS && op <= IAM_ARN_NOT_LIKE);
}

/* How one value of the request stands to one of the policy. */
static enum iam_match_value pair(const struct check *k, struct slice policy, struct slice request)
{
    struct slice pattern = {NULL, 0};

    if (!takes_variables(k->t->op))
        return iam_condition_value(k->t->op, iam_glob_pattern(policy, k->a), request, k->a);
    switch (iam_variables_replace(k->d, policy, k->c, k->a, &pattern)) {
    case IAM_YES:
        return iam_condition_value(k->t->op, pattern, request, k->a);
    case IAM_MAYBE:
        return IAM_VALUE_MAYBE;
    default:
        break;
    }
    if (k->t->op >= IAM_ARN_EQUALS && k->t->op <= IAM_ARN_NOT_LIKE && !is_arn(request))
        return IAM_VALUE_INVALID;
    if (k->c->reading == IAM_READING_SIMULATE)
        return IAM_VALUE_INVALID;
    return IAM_VALUE_DIFFERS; /* "There is no equal or like value." */
}

/* Does one value of the request satisfy the operator with all values of the policy? */
static enum iam_answer one(const struct check *k, struct slice request)
{
    const bool negated = iam_doc_operator_negated(k->t->op);
    bool maybe = k->t->values.unknown, invalid = false;

    for (size_t i = 0; i < k->t->values.n; i++) {
        const enum iam_match_value m = pair(k, k->t->values.items[i], request);

        if (m == IAM_VALUE_MATCHES)
            return negated ? IAM_NO : IAM_YES;
        maybe = maybe || m == IAM_VALUE_MAYBE;
        invalid = invalid || m == IAM_VALUE_INVALID;
    }
    if (negated && invalid)
        return IAM_NO;
    if (maybe)
        return IAM_MAYBE;
    return negated ? IAM_YES : IAM_NO;
}

/* Has it values, and none but the empty text? */
static bool blank(const struct iam_key *key)
{
    for (size_t i = 0; i < key->n; i++)
        if (key->values[i].len > 0)
            return false;
    return key->n > 0;
}

/*
 * ForAllValues, ForAnyValue. Whether empty texts alone are a set of values or none, editions of the
 * IAM User Guide tell differently ("Multivalued context keys": "an empty string").
 */
static enum iam_answer many(const struct check *k, const struct iam_key *key)
{
    const bool all = k->t->quantifier == IAM_FOR_ALL_VALUES;
    const enum iam_answer none = all ? IAM_YES : IAM_NO;
    enum iam_answer out = none;

    for (size_t i = 0; i < key->n; i++) {
        const enum iam_answer m = one(k, key->values[i]);

        if (all ? m < out : m > out)
            out = m;
    }
    return out != none && blank(key) ? IAM_MAYBE : out;
}

/* Null: is the key absent? */
static enum iam_answer null(const struct iam_test *t, enum iam_answer present)
{
    bool listed[2] = {false, false}; /* "false", "true" */

    for (size_t i = 0; i < t->values.n; i++) {
        bool absent;

        if (iam_literal_bool(t->values.items[i], &absent))
            listed[absent] = true;
    }
    if (listed[0] && listed[1])
        return IAM_YES;
    if (present == IAM_MAYBE)
        return listed[0] || listed[1] || t->values.unknown ? IAM_MAYBE : IAM_NO;
    if (listed[present == IAM_NO])
        return IAM_YES;
    return t->values.unknown ? IAM_MAYBE : IAM_NO;
}

/* How all of what the request's value is like stands to one value of the policy. */
static enum iam_match_value pair_like(const struct check *k, struct slice policy,
                                      const struct iam_key *key)
{
    const bool arns = k->t->op >= IAM_ARN_EQUALS && k->t->op <= IAM_ARN_NOT_LIKE;
    const bool globs = k->t->op == IAM_STRING_LIKE || k->t->op == IAM_STRING_NOT_LIKE;
    bool all = true, some = false;
    struct slice pattern;

    if (!arns && !globs && k->t->op > IAM_STRING_NOT_EQUALS)
        return IAM_VALUE_MAYBE;
    if (iam_variables_replace(k->d, policy, k->c, k->a, &pattern) != IAM_YES)
        return IAM_VALUE_MAYBE;
    if (!arns && !globs)
        pattern = iam_glob_literal(iam_glob_text(pattern, k->a), k->a);
    for (size_t i = 0; i < key->nlike; i++) {
        const struct iam_arn p = iam_arn_split(pattern, IAM_ARN_RESOURCE);
        const struct iam_arn r = iam_arn_split(key->like[i], IAM_ARN_RESOURCE);

        if (arns && p.n != 6)
            return IAM_VALUE_MAYBE;
        all = all && (arns ? iam_arn_covers(&p, &r) : iam_glob_covers(pattern, key->like[i]));
        some = some || (arns ? iam_arn_overlap(&p, &r) : iam_glob_overlap(pattern, key->like[i]));
    }
    return all ? IAM_VALUE_MATCHES : some ? IAM_VALUE_MAYBE : IAM_VALUE_DIFFERS;
}

static enum iam_answer one_like(const struct check *k, const struct iam_key *key)
{
    const bool negated = iam_doc_operator_negated(k->t->op);
    bool maybe = k->t->values.unknown;

    for (size_t i = 0; i < k->t->values.n; i++) {
        const enum iam_match_value m = pair_like(k, k->t->values.items[i], key);

        if (m == IAM_VALUE_MATCHES)
            return negated ? IAM_NO : IAM_YES;
        maybe = maybe || m == IAM_VALUE_MAYBE;
    }
    if (maybe)
        return IAM_MAYBE;
    return negated ? IAM_YES : IAM_NO;
}

/* The key is not in the request. */
static bool holds_without(const struct iam_test *t)
{
    if (t->quantifier == IAM_FOR_ANY_VALUE)
        return false;
    return t->if_exists || t->quantifier == IAM_FOR_ALL_VALUES || iam_doc_operator_negated(t->op);
}

/* A key without values is as good as absent. */
static enum iam_answer is_present(const struct iam_context *c, const struct iam_key *key)
{
    if (key != NULL && key->nlike > 0)
        return IAM_YES;
    if (key == NULL ? c->open : key->unknown)
        return IAM_MAYBE;
    return key != NULL && key->n > 0 ? IAM_YES : IAM_NO;
}

enum iam_answer iam_condition_test(const struct iam_doc *d, const struct iam_test *t,
                                   const struct iam_context *c, struct arena *a)
{
    const struct check k = {d, t, c, a};
    const struct iam_key *key = iam_request_key(c, t->key);
    const enum iam_answer present = is_present(c, key);

    if (t->op == IAM_OPERATOR_UNKNOWN)
        return IAM_NO;
    if (t->op == IAM_NULL)
        return null(t, present);
    if (present == IAM_MAYBE)
        return IAM_MAYBE;
    if (present == IAM_NO)
        return holds_without(t) ? IAM_YES : IAM_NO;
    if (key->nlike > 0)
        return one_like(&k, key);
    if (t->quantifier != IAM_ONE)
        return many(&k, key);
    return key->many || key->n != 1 ? IAM_NO : one(&k, key->values[0]);
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
