#include <string.h>

#include "policies/iam/document/iam_doc.h"
#include "policies/iam/text/iam_glob.h"

/* In the order of the enumeration. */
static const char *const names[] = {
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
    NULL,
};

_Static_assert(sizeof(names) / sizeof(names[0]) == IAM_OPERATOR_UNKNOWN + 1,
               "a name for each operator");

static bool same(struct slice a, const char *b)
{
    return iam_glob_same(a, slice_str(b));
}

/* Takes `word` off the front, without case. */
static bool take(struct slice *text, const char *word)
{
    const size_t n = strlen(word);

    if (text->len < n || !same((struct slice){text->data, n}, word))
        return false;
    *text = slice_from(*text, n);
    return true;
}

bool iam_doc_operator(struct slice text, struct iam_test *out)
{
    static const char suffix[] = "IfExists";
    const size_t tail = sizeof(suffix) - 1;
    struct slice rest = text;

    out->op = IAM_OPERATOR_UNKNOWN;
    out->op_text = text;
    out->if_exists = false;
    out->quantifier = IAM_ONE;
    if (take(&rest, "ForAllValues:"))
        out->quantifier = IAM_FOR_ALL_VALUES;
    else if (take(&rest, "ForAnyValue:"))
        out->quantifier = IAM_FOR_ANY_VALUE;
    if (rest.len > tail && same(slice_from(rest, rest.len - tail), suffix)) {
        out->if_exists = true;
        rest.len -= tail;
    }
    for (size_t i = 0; names[i] != NULL; i++)
        if (same(rest, names[i]))
            out->op = (enum iam_operator)i;
    if (out->op == IAM_NULL && out->if_exists) /* there is no NullIfExists */
        out->op = IAM_OPERATOR_UNKNOWN;
    return out->op != IAM_OPERATOR_UNKNOWN;
}

const char *iam_doc_operator_name(enum iam_operator op)
{
    return op < IAM_OPERATOR_UNKNOWN ? names[op] : "unknown operator";
}

const char *const *iam_doc_operator_names(void)
{
    return names;
}

bool iam_doc_operator_negated(enum iam_operator op)
{
    switch (op) {
    case IAM_STRING_NOT_EQUALS:
    case IAM_STRING_NOT_EQUALS_IGNORE_CASE:
    case IAM_STRING_NOT_LIKE:
    case IAM_NUMERIC_NOT_EQUALS:
    case IAM_DATE_NOT_EQUALS:
    case IAM_NOT_IP_ADDRESS:
    case IAM_ARN_NOT_EQUALS:
    case IAM_ARN_NOT_LIKE:
        return true;
    default:
        return false;
    }
}
