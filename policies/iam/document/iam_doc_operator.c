#include <string.h>

#include "policies/iam/document/iam_doc.h"
#include "policies/iam/text/iam_glob.h"

/* In the order of the enumeration. */
static const struct operator_row {
    const char *name;
    bool negated;
} operators[] = {
    {"StringEquals", false},
    {"StringNotEquals", true},
    {"StringEqualsIgnoreCase", false},
    {"StringNotEqualsIgnoreCase", true},
    {"StringLike", false},
    {"StringNotLike", true},
    {"NumericEquals", false},
    {"NumericNotEquals", true},
    {"NumericLessThan", false},
    {"NumericLessThanEquals", false},
    {"NumericGreaterThan", false},
    {"NumericGreaterThanEquals", false},
    {"DateEquals", false},
    {"DateNotEquals", true},
    {"DateLessThan", false},
    {"DateLessThanEquals", false},
    {"DateGreaterThan", false},
    {"DateGreaterThanEquals", false},
    {"Bool", false},
    {"BinaryEquals", false},
    {"IpAddress", false},
    {"NotIpAddress", true},
    {"ArnEquals", false},
    {"ArnNotEquals", true},
    {"ArnLike", false},
    {"ArnNotLike", true},
    {"Null", false},
};

_Static_assert(sizeof(operators) / sizeof(operators[0]) == IAM_OPERATOR_UNKNOWN,
               "a row for each operator");

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
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (same(rest, operators[i].name))
            out->op = (enum iam_operator)i;
    if (out->op == IAM_NULL && out->if_exists) /* there is no NullIfExists */
        out->op = IAM_OPERATOR_UNKNOWN;
    return out->op != IAM_OPERATOR_UNKNOWN;
}

const char *iam_doc_operator_name(enum iam_operator op)
{
    return op < IAM_OPERATOR_UNKNOWN ? operators[op].name : "unknown operator";
}

bool iam_doc_operator_negated(enum iam_operator op)
{
    return op < IAM_OPERATOR_UNKNOWN && operators[op].negated;
}
