#include <string.h>

#include "base/base64.h"
#include "policies/iam/lint/iam_lint_checks.h"
#include "policies/iam/document/iam_literal.h"
#include "policies/iam/document/iam_variables.h"

/* One value of a test. */
struct at {
    const struct iam_statement *s;
    const struct iam_test *t;
    struct slice text;
    uint32_t line;
};

/* ---- addresses ---- */

static bool host_bits(const struct iam_network *n)
{
    for (unsigned i = n->bits; i < (n->v6 ? 128u : 32u); i++)
        if ((n->bytes[i / 8] >> (7 - i % 8)) & 1)
            return true;
    return false;
}

/* SPEC: RFC 1918, RFC 6598, RFC 4193, RFC 3927, RFC 4291 section 2.5.3 */
static bool private(const struct iam_network *n)
{
    static const char *const nets[] = {"10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16",
                                       "100.64.0.0/10", "127.0.0.0/8",   "169.254.0.0/16",
                                       "fc00::/7",      "fe80::/10",     "::1/128"};

    for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
        struct iam_network net;

        if (iam_literal_network(slice_str(nets[i]), &net) && iam_literal_contains(&net, n))
            return true;
    }
    return false;
}

static bool address(struct iam_lint_run *r, const struct at *at)
{
    struct iam_network n;

    if (!iam_literal_network(at->text, &n))
        return false;
    if (host_bits(&n))
        iam_lint_run_add(r, IAM_LINT_HOST_BITS, at->s, at->line, "%.*s has bits behind its prefix",
                         IAM_LINT_TEXT(at->text));
    if (private(&n) && iam_glob_same(at->t->key, SLICE_LIT("aws:SourceIp")))
        iam_lint_run_add(r, IAM_LINT_PRIVATE_ADDRESS, at->s, at->line, "%.*s is private",
                         IAM_LINT_TEXT(at->text));
    return true;
}

/* ---- others ---- */

static bool arn(const struct iam_lint_run *r, struct slice text)
{
    const struct slice pattern = r->doc.variables ? iam_variables_widen(text, false, r->arena)
                                                  : iam_glob_pattern(text, r->arena);
    const struct iam_arn a = iam_arn_split(pattern, IAM_ARN_RESOURCE);

    return a.n == 6 || a.open;
}

static bool readable(struct iam_lint_run *r, const struct at *at)
{
    struct err e = {0};
    struct slice bytes;
    int64_t date;
    double number;
    bool b;

    switch (at->t->op) {
    case IAM_BOOL:
        return iam_variables_in(&r->doc, at->text) || iam_literal_bool(at->text, &b);
    case IAM_NULL:
        return iam_literal_bool(at->text, &b);
    case IAM_BINARY_EQUALS:
        return base64_get(at->text, r->arena, &bytes, &e);
    case IAM_IP_ADDRESS:
    case IAM_NOT_IP_ADDRESS:
        return address(r, at);
    case IAM_ARN_EQUALS:
    case IAM_ARN_NOT_EQUALS:
    case IAM_ARN_LIKE:
    case IAM_ARN_NOT_LIKE:
        return arn(r, at->text);
    default:
        break;
    }
    if (at->t->op <= IAM_STRING_NOT_LIKE)
        return true;
    return at->t->op < IAM_DATE_EQUALS ? iam_literal_number(at->text, &number)
                                       : iam_literal_date(at->text, &date);
}

static bool exact(enum iam_operator op)
{
    return op <= IAM_STRING_NOT_EQUALS_IGNORE_CASE;
}

/* The first wildcard outside of ${*} and ${?}; '\\0': none. The ? of an address of the web is none.
 */
static char wildcard(struct slice text)
{
    size_t at;
    const bool web = slice_find(text, SLICE_LIT("://"), &at);

    for (size_t i = 0; i < text.len; i++)
        if ((text.data[i] == '*' || (text.data[i] == '?' && !web)) &&
            !(i >= 2 && text.data[i - 1] == '{' && text.data[i - 2] == '$'))
            return (char)text.data[i];
    return '\0';
}

static void one(struct iam_lint_run *r, const struct at *at)
{
    if (!readable(r, at))
        iam_lint_run_add(r, IAM_LINT_VALUE, at->s, at->line, "%.*s cannot compare '%.*s'",
                         IAM_LINT_TEXT(at->t->op_text), IAM_LINT_TEXT(at->text));
    if (exact(at->t->op) && wildcard(at->text) != '\0')
        iam_lint_run_add(r, IAM_LINT_LITERAL_WILDCARD, at->s, at->line,
                         "under %.*s the %c is a sign like any other: %.*s",
                         IAM_LINT_TEXT(at->t->op_text), wildcard(at->text),
                         IAM_LINT_TEXT(at->text));
    iam_lint_variables(r, at->s, at->line, at->text, false);
}

static bool takes_patterns(enum iam_operator op)
{
    return op == IAM_STRING_LIKE || op == IAM_STRING_NOT_LIKE;
}

/* Numbers and dates: of those below which a value must be, the greatest. */
static bool bound(enum iam_operator op, struct slice a, struct slice b, bool *covers)
{
    const bool number = op >= IAM_NUMERIC_LESS && op <= IAM_NUMERIC_GREATER_EQUALS;
    const bool date = op >= IAM_DATE_LESS && op <= IAM_DATE_GREATER_EQUALS;
    const bool less = op == IAM_NUMERIC_LESS || op == IAM_NUMERIC_LESS_EQUALS ||
                      op == IAM_DATE_LESS || op == IAM_DATE_LESS_EQUALS;
    double x = 0, y = 0;
    int64_t from, to;

    if (number && iam_literal_number(a, &x) && iam_literal_number(b, &y))
        *covers = less ? x >= y : x <= y;
    else if (date && iam_literal_date(a, &from) && iam_literal_date(b, &to))
        *covers = less ? from >= to : from <= to;
    else
        return false;
    return true;
}

/* Does value `by` match all that value `i` does? */
static bool covers(const struct iam_lint_run *r, const struct iam_test *t, size_t by, size_t i)
{
    const struct slice a = t->values.items[by], b = t->values.items[i];
    struct iam_network net, part;
    bool out;

    if (takes_patterns(t->op))
        return iam_glob_covers(iam_glob_pattern(a, r->arena), iam_glob_pattern(b, r->arena));
    if (bound(t->op, a, b, &out))
        return out;
    if ((t->op == IAM_IP_ADDRESS || t->op == IAM_NOT_IP_ADDRESS) && iam_literal_network(a, &net) &&
        iam_literal_network(b, &part))
        return iam_literal_contains(&net, &part);
    return slice_eq(a, b);
}

static void redundant(struct iam_lint_run *r, const struct at *at, size_t i)
{
    const struct iam_texts *list = &at->t->values;

    for (size_t k = 0; k < list->n && !iam_lint_run_spent(r); k++) {
        if (k == i || !iam_lint_run_compare(r, list->items[k], at->text) ||
            !covers(r, at->t, k, i) || (k > i && covers(r, at->t, i, k)))
            continue;
        iam_lint_run_add(r, IAM_LINT_REDUNDANT_VALUE, at->s, at->line, "%.*s is covered by %.*s",
                         IAM_LINT_TEXT(at->text), IAM_LINT_TEXT(list->items[k]));
        return;
    }
}

/* Strings beside numbers or booleans. */
static void mixed(struct iam_lint_run *r, const struct iam_statement *s, const struct iam_test *t)
{
    const struct value *v = iam_lint_run_written(s, t);
    size_t texts = 0, others = 0;

    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++) {
        const struct value *item = value_item(v, i);

        texts += value_is(item, VALUE_STRING);
        others += !value_is(item, VALUE_STRING) && !value_is(item, VALUE_UNKNOWN);
    }
    if (texts > 0 && others > 0)
        iam_lint_run_add(r, IAM_LINT_MIXED_VALUES, s, v->line, "strings and others for %.*s",
                         IAM_LINT_TEXT(t->key));
}

void iam_lint_values(struct iam_lint_run *r, const struct iam_statement *s,
                     const struct iam_test *t)
{
    bool listed[2] = {false, false}, b;

    mixed(r, s, t);
    for (size_t i = 0; i < t->values.n; i++) {
        const struct at at = {s, t, t->values.items[i], iam_lint_run_test_line(s, t, i)};

        one(r, &at);
        iam_lint_formats(r, s, t, i);
        redundant(r, &at, i);
        if ((t->op == IAM_BOOL || t->op == IAM_NULL) && iam_literal_bool(at.text, &b))
            listed[b] = true;
    }
    if (listed[0] && listed[1])
        iam_lint_run_add(r, IAM_LINT_BOTH_BOOLEANS, s, iam_lint_run_test_line(s, t, SIZE_MAX),
                         "%.*s takes true and false", IAM_LINT_TEXT(t->key));
}
