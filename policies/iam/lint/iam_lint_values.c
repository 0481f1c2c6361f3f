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

/* A star outside of ${*}. */
static bool has_star(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '*' && !(i >= 2 && text.data[i - 1] == '{' && text.data[i - 2] == '$'))
            return true;
    return false;
}

static void one(struct iam_lint_run *r, const struct at *at)
{
    if (!readable(r, at))
        iam_lint_run_add(r, IAM_LINT_VALUE, at->s, at->line, "%.*s cannot compare '%.*s'",
                         IAM_LINT_TEXT(at->t->op_text), IAM_LINT_TEXT(at->text));
    if (exact(at->t->op) && has_star(at->text))
        iam_lint_run_add(r, IAM_LINT_LITERAL_WILDCARD, at->s, at->line,
                         "under %.*s the * is a sign like any other: %.*s",
                         IAM_LINT_TEXT(at->t->op_text), IAM_LINT_TEXT(at->text));
    iam_lint_variables(r, at->s, at->line, at->text, false);
}

static bool takes_patterns(enum iam_operator op)
{
    return op == IAM_STRING_LIKE || op == IAM_STRING_NOT_LIKE;
}

/* Does value `by` match all that value `i` does? */
static bool covers(const struct iam_lint_run *r, const struct iam_test *t, size_t by, size_t i)
{
    const struct slice a = t->values.items[by], b = t->values.items[i];

    if (takes_patterns(t->op))
        return iam_glob_covers(iam_glob_pattern(a, r->arena), iam_glob_pattern(b, r->arena));
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

void iam_lint_values(struct iam_lint_run *r, const struct iam_statement *s,
                     const struct iam_test *t)
{
    bool listed[2] = {false, false}, b;

    for (size_t i = 0; i < t->values.n; i++) {
        const struct at at = {s, t, t->values.items[i], iam_lint_run_test_line(s, t, i)};

        one(r, &at);
        redundant(r, &at, i);
        if ((t->op == IAM_BOOL || t->op == IAM_NULL) && iam_literal_bool(at.text, &b))
            listed[b] = true;
    }
    if (listed[0] && listed[1])
        iam_lint_run_add(r, IAM_LINT_BOTH_BOOLEANS, s, iam_lint_run_test_line(s, t, SIZE_MAX),
                         "%.*s takes true and false", IAM_LINT_TEXT(t->key));
}
