/* iam_condition.h, iam_literal.h */
#include "policies/iam/evaluate/iam_condition.h"

#include <string.h>

#include "base/json.h"
#include "policies/iam/document/iam_literal.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

/* A condition and a context as JSON; "!" anywhere in a list of values stands for one that nobody
 * knows, a key "!" for keys that nobody knows. */
struct condition_case {
    const char *what;
    const char *condition, *context;
    enum iam_answer want;
};

static const struct value *json(const char *text, struct arena *a)
{
    const struct value *v = NULL;
    struct err e = {0};

    cr_assert(json_read(slice_str(text), a, &v, &e), "%s: %s", text, e.text);
    return v;
}

/* Replaces "!" by an unknown value, all the way down. */
static const struct value *with_unknown(const struct value *v, struct arena *a)
{
    struct value_builder b;

    if (value_is(v, VALUE_STRING) && slice_is(value_text(v), "!"))
        return value_unknown(a, "known after apply", NULL, 0, NULL);
    if (value_is(v, VALUE_LIST)) {
        value_list_begin(&b, a);
        for (size_t i = 0; i < value_len(v); i++)
            value_list_add(&b, with_unknown(value_item(v, i), a));
        return value_list_end(&b, NULL);
    }
    if (!value_is(v, VALUE_MAP))
        return v;
    value_map_begin(&b, a);
    for (size_t i = 0; i < value_len(v); i++)
        value_map_put(&b, v->as.members[i].key, with_unknown(v->as.members[i].value, a));
    return value_map_end(&b, NULL);
}

static struct iam_doc document(const char *condition, const char *version, struct arena *a)
{
    const char *text =
        arena_printf(a,
                     "{\"Version\": \"%s\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": "
                     "\"*\", \"Resource\": \"*\", \"Condition\": %s}}",
                     version, condition);
    struct iam_doc d;
    struct err e = {0};

    cr_assert(iam_doc_read_lenient(with_unknown(json(text, a), a), "", a, &d, &e), "%s: %s",
              condition, e.text);
    return d;
}

static struct iam_context context(const char *text, struct arena *a)
{
    struct iam_context c;
    struct err e = {0};

    cr_assert(iam_request_read_context(with_unknown(json(text, a), a), a, &c, &e), "%s", e.text);
    for (size_t i = 0; i < c.n; i++)
        c.open = c.open || slice_is(c.keys[i].name, "!");
    return c;
}

static enum iam_answer ask(const char *condition, const char *of, const char *version)
{
    const struct iam_test *failed;
    enum iam_answer got;
    struct iam_context c;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = document(condition, version, &a);
    c = context(of, &a);
    got = iam_condition_all(&d, &d.statements[0], &c, &a, &failed);
    cr_expect_eq(failed == NULL, got == IAM_YES, "%s", condition);
    arena_release(&a);
    return got;
}

#define HAS "{\"k\": \"v\"}"
#define LACKS "{}"
#define EMPTY "{\"k\": []}"
#define UNKNOWN "{\"k\": \"!\"}"
#define OPEN "{\"!\": \"x\"}"
#define TEST(op, values) "{\"" op "\": {\"k\": " values "}}"

static const struct condition_case condition_cases[] = {
    {"equal", TEST("StringEquals", "\"v\""), HAS, IAM_YES},
    {"differs", TEST("StringEquals", "\"w\""), HAS, IAM_NO},
    {"case counts", TEST("StringEquals", "\"V\""), HAS, IAM_NO},
    {"no wildcard", TEST("StringEquals", "\"*\""), HAS, IAM_NO},
    {"one of the values", TEST("StringEquals", "[\"w\", \"v\"]"), HAS, IAM_YES},
    {"operators have no case", TEST("stringequals", "\"v\""), HAS, IAM_YES},
    {"keys have no case", "{\"StringEquals\": {\"K\": \"v\"}}", HAS, IAM_YES},
    {"no such operator", TEST("StringMatches", "\"v\""), HAS, IAM_NO},
    {"no such operator, IfExists", TEST("StringMatchesIfExists", "\"v\""), LACKS, IAM_NO},
    {"no values", TEST("StringEquals", "[]"), HAS, IAM_NO},
    {"no values, negated", TEST("StringNotEquals", "[]"), HAS, IAM_YES},
    {"all operators hold", "{\"StringEquals\": {\"k\": \"v\"}, \"Null\": {\"k\": \"false\"}}", HAS,
     IAM_YES},
    {"one of the operators does not",
     "{\"StringEquals\": {\"k\": \"v\"}, \"Null\": {\"k\": \"true\"}}", HAS, IAM_NO},
    {"no beats maybe", "{\"StringEquals\": {\"j\": \"v\"}, \"Null\": {\"k\": \"true\"}}",
     "{\"k\": \"v\", \"j\": \"!\"}", IAM_NO},

    {"negated: equal", TEST("StringNotEquals", "\"v\""), HAS, IAM_NO},
    {"negated: differs", TEST("StringNotEquals", "\"w\""), HAS, IAM_YES},
    {"negated: none of the values", TEST("StringNotEquals", "[\"w\", \"v\"]"), HAS, IAM_NO},
    {"ignore case", TEST("StringEqualsIgnoreCase", "\"V\""), HAS, IAM_YES},
    {"ignore case, negated", TEST("StringNotEqualsIgnoreCase", "\"V\""), HAS, IAM_NO},
    {"letters beyond ASCII", TEST("StringEqualsIgnoreCase", "\"\\u00c9\""), "{\"k\": \"\\u00e9\"}",
     IAM_MAYBE},
    {"letters beyond ASCII, the same", TEST("StringEqualsIgnoreCase", "\"\\u00c9A\""),
     "{\"k\": \"\\u00c9a\"}", IAM_YES},
    {"like", TEST("StringLike", "\"?*\""), HAS, IAM_YES},
    {"like, longer", TEST("StringLike", "\"v??*\""), HAS, IAM_NO},
    {"one sign of UTF-8", TEST("StringLike", "\"?\""), "{\"k\": \"\\u20ac\"}", IAM_YES},
    {"not like", TEST("StringNotLike", "\"w*\""), HAS, IAM_YES},
    {"a backslash is a letter", TEST("StringLike", "\"a\\\\*\""), "{\"k\": \"a\\\\b\"}", IAM_YES},
    {"a backslash escapes nothing", TEST("StringLike", "\"a\\\\*\""), "{\"k\": \"a*\"}", IAM_NO},
    {"equal with a backslash", TEST("StringEquals", "\"a\\\\*\""), "{\"k\": \"a\\\\*\"}", IAM_YES},

    {"absent", TEST("StringEquals", "\"v\""), LACKS, IAM_NO},
    {"absent, negated", TEST("StringNotEquals", "\"v\""), LACKS, IAM_YES},
    {"absent, IfExists", TEST("StringEqualsIfExists", "\"v\""), LACKS, IAM_YES},
    {"there, IfExists", TEST("StringEqualsIfExists", "\"w\""), HAS, IAM_NO},
    {"absent, all", TEST("ForAllValues:StringEquals", "\"v\""), LACKS, IAM_YES},
    {"absent, any", TEST("ForAnyValue:StringEquals", "\"v\""), LACKS, IAM_NO},
    {"absent, any, negated", TEST("ForAnyValue:StringNotEquals", "\"v\""), LACKS, IAM_NO},
    {"absent, any, IfExists", TEST("ForAnyValue:StringEqualsIfExists", "\"v\""), LACKS, IAM_NO},
    {"absent in all that is negated", TEST("ArnNotLike", "\"arn:*:*:*:*:*\""), LACKS, IAM_YES},
    {"absent: addresses", TEST("NotIpAddress", "\"10.0.0.0/8\""), LACKS, IAM_YES},
    {"absent: numbers", TEST("NumericNotEquals", "\"1\""), LACKS, IAM_YES},
    {"absent: dates", TEST("DateNotEquals", "\"2020\""), LACKS, IAM_YES},
    {"absent: booleans", TEST("Bool", "\"false\""), LACKS, IAM_NO},

    {"null", TEST("Null", "\"true\""), LACKS, IAM_YES},
    {"null, there", TEST("Null", "\"true\""), HAS, IAM_NO},
    {"not null", TEST("Null", "\"false\""), HAS, IAM_YES},
    {"not null, absent", TEST("Null", "\"false\""), LACKS, IAM_NO},
    {"null as a boolean", TEST("Null", "true"), LACKS, IAM_YES},
    {"null, both", TEST("Null", "[\"true\", \"false\"]"), UNKNOWN, IAM_YES},
    {"null, neither", TEST("Null", "\"perhaps\""), UNKNOWN, IAM_NO},
    {"null of a list", TEST("ForAllValues:Null", "\"true\""), LACKS, IAM_YES},
    {"null, a value unknown", TEST("Null", "\"!\""), HAS, IAM_MAYBE},
    {"null, a value unknown, another fits", TEST("Null", "[\"!\", \"false\"]"), HAS, IAM_YES},

    {"a list has none: absent", TEST("StringEquals", "\"v\""), EMPTY, IAM_NO},
    {"a list has none: negated", TEST("StringNotEquals", "\"v\""), EMPTY, IAM_YES},
    {"a list has none: null", TEST("Null", "\"true\""), EMPTY, IAM_YES},
    {"a list has none: all", TEST("ForAllValues:StringEquals", "\"v\""), EMPTY, IAM_YES},
    {"a list has none: any", TEST("ForAnyValue:StringLike", "\"*\""), EMPTY, IAM_NO},
    {"all", TEST("ForAllValues:StringLike", "[\"a*\", \"b\"]"), "{\"k\": [\"b\", \"ab\"]}",
     IAM_YES},
    {"not all", TEST("ForAllValues:StringLike", "[\"a*\", \"b\"]"), "{\"k\": [\"b\", \"c\"]}",
     IAM_NO},
    {"any", TEST("ForAnyValue:StringLike", "[\"a*\", \"b\"]"), "{\"k\": [\"c\", \"ab\"]}", IAM_YES},
    {"not any", TEST("ForAnyValue:StringLike", "[\"a*\", \"b\"]"), "{\"k\": [\"c\", \"d\"]}",
     IAM_NO},
    {"all differ", TEST("ForAllValues:StringNotEquals", "[\"a\", \"b\"]"),
     "{\"k\": [\"c\", \"d\"]}", IAM_YES},
    {"not all differ", TEST("ForAllValues:StringNotEquals", "[\"a\", \"b\"]"),
     "{\"k\": [\"c\", \"b\"]}", IAM_NO},
    {"any differs", TEST("ForAnyValue:StringNotEquals", "[\"a\", \"b\"]"),
     "{\"k\": [\"c\", \"b\"]}", IAM_YES},
    {"sets of one", TEST("ForAnyValue:StringEquals", "\"v\""), HAS, IAM_YES},
    {"a list is not one value", TEST("StringEquals", "\"v\""), "{\"k\": [\"v\"]}", IAM_NO},
    {"a list is not one value, negated", TEST("StringNotEquals", "\"w\""), "{\"k\": [\"v\"]}",
     IAM_NO},
    {"a list is not one value, IfExists", TEST("StringEqualsIfExists", "\"v\""), "{\"k\": [\"v\"]}",
     IAM_NO},
    {"empty text: a value", TEST("StringEquals", "\"\""), "{\"k\": \"\"}", IAM_YES},
    {"empty text: a set or none?", TEST("ForAllValues:StringEquals", "\"v\""), "{\"k\": [\"\"]}",
     IAM_MAYBE},
    {"empty text: any?", TEST("ForAnyValue:StringLike", "\"*\""), "{\"k\": \"\"}", IAM_MAYBE},
    {"empty text: all either way", TEST("ForAllValues:StringLike", "\"*\""), "{\"k\": \"\"}",
     IAM_YES},
    {"empty text and others", TEST("ForAllValues:StringLike", "\"?*\""), "{\"k\": [\"\", \"v\"]}",
     IAM_NO},

    {"unknown key", TEST("StringEquals", "\"v\""), UNKNOWN, IAM_MAYBE},
    {"unknown key, negated", TEST("StringNotEquals", "\"v\""), UNKNOWN, IAM_MAYBE},
    {"unknown key, null", TEST("Null", "\"true\""), UNKNOWN, IAM_MAYBE},
    {"unknown value in a list", TEST("ForAnyValue:StringEquals", "\"v\""),
     "{\"k\": [\"w\", \"!\"]}", IAM_MAYBE},
    {"open", TEST("StringEquals", "\"v\""), OPEN, IAM_MAYBE},
    {"open, null", TEST("Null", "\"false\""), OPEN, IAM_MAYBE},
    {"open, and the key is there", TEST("StringEquals", "\"x\""), "{\"k\": \"x\", \"!\": \"x\"}",
     IAM_YES},
    {"unknown policy value", TEST("StringEquals", "\"!\""), HAS, IAM_MAYBE},
    {"unknown policy value, another fits", TEST("StringEquals", "[\"!\", \"v\"]"), HAS, IAM_YES},
    {"unknown policy value, absent", TEST("StringEquals", "\"!\""), LACKS, IAM_NO},
    {"unknown policy value, negated", TEST("StringNotEquals", "[\"!\", \"w\"]"), HAS, IAM_MAYBE},
    {"unknown policy value, negated, equal", TEST("StringNotEquals", "[\"!\", \"v\"]"), HAS,
     IAM_NO},
    {"unknown policy value, all", TEST("ForAllValues:StringEquals", "[\"!\", \"v\"]"),
     "{\"k\": [\"v\", \"w\"]}", IAM_MAYBE},
    {"unknown policy value, any", TEST("ForAnyValue:StringEquals", "[\"!\", \"v\"]"),
     "{\"k\": [\"v\", \"w\"]}", IAM_YES},

    {"variable", TEST("StringEquals", "\"${u}\""), "{\"k\": \"v\", \"u\": \"v\"}", IAM_YES},
    {"variable within", TEST("StringLike", "\"a${u}*\""), "{\"k\": \"avb\", \"u\": \"v\"}",
     IAM_YES},
    {"its stars are letters", TEST("StringLike", "\"${u}\""), "{\"k\": \"v\", \"u\": \"*\"}",
     IAM_NO},
    {"its stars, for equality", TEST("StringEquals", "\"${u}\""), "{\"k\": \"*\", \"u\": \"*\"}",
     IAM_YES},
    {"its backslashes", TEST("StringEquals", "\"${u}\""), "{\"k\": \"\\\\*\", \"u\": \"\\\\*\"}",
     IAM_YES},
    {"absent variable", TEST("StringEquals", "\"${u}\""), HAS, IAM_NO},
    {"absent variable, another fits", TEST("StringEquals", "[\"${u}\", \"v\"]"), HAS, IAM_YES},
    {"absent variable, negated", TEST("StringNotEquals", "\"${u}\""), HAS, IAM_YES},
    {"absent variable, negated, another equal", TEST("StringNotLike", "[\"${u}\", \"v\"]"), HAS,
     IAM_NO},
    {"absent variable of an arn, negated", TEST("ArnNotLike", "\"arn:aws:iam::1:user/${u}\""),
     "{\"k\": \"arn:aws:iam::1:user/x\"}", IAM_YES},
    {"absent variable of an arn, negated, of what is none",
     TEST("ArnNotLike", "\"arn:aws:iam::1:user/${u}\""), "{\"k\": \"arn:aws:iam:\"}", IAM_NO},
    {"empty variable: a value or none?", TEST("StringEquals", "\"v${u}\""),
     "{\"k\": \"v\", \"u\": \"\"}", IAM_MAYBE},
    {"absent variable, default", TEST("StringEquals", "\"${u, 'v'}\""), HAS, IAM_YES},
    {"unknown variable", TEST("StringEquals", "\"${u}\""), "{\"k\": \"v\", \"u\": \"!\"}",
     IAM_MAYBE},
    {"unknown variable, another fits", TEST("StringEquals", "[\"${u}\", \"v\"]"),
     "{\"k\": \"v\", \"u\": \"!\"}", IAM_YES},
    {"a list is no variable", TEST("StringEquals", "\"${u}\""), "{\"k\": \"v\", \"u\": [\"v\"]}",
     IAM_NO},
    {"signs", TEST("StringLike", "\"${*}${?}${$}\""), "{\"k\": \"*?$\"}", IAM_YES},
    {"signs are letters", TEST("StringLike", "\"${*}\""), HAS, IAM_NO},
    {"boolean variable", TEST("Bool", "\"${u}\""), "{\"k\": \"true\", \"u\": \"TRUE\"}", IAM_YES},
    {"numbers have no variables", TEST("NumericEquals", "\"${u}\""), "{\"k\": \"1\", \"u\": \"1\"}",
     IAM_NO},
    {"addresses have no variables", TEST("IpAddress", "\"${u}\""),
     "{\"k\": \"10.0.0.1\", \"u\": \"10.0.0.1\"}", IAM_NO},
    {"a default may be empty", TEST("StringEquals", "\"${u, ''}\""), "{\"k\": \"\"}", IAM_YES},

    {"number", TEST("NumericEquals", "\"10\""), "{\"k\": \"10.0\"}", IAM_YES},
    {"number of JSON", TEST("NumericLessThanEquals", "3600"), "{\"k\": 3600}", IAM_YES},
    {"less", TEST("NumericLessThan", "\"10\""), "{\"k\": \"9\"}", IAM_YES},
    {"not less", TEST("NumericLessThan", "\"10\""), "{\"k\": \"10\"}", IAM_NO},
    {"greater", TEST("NumericGreaterThan", "\"-1.5\""), "{\"k\": \"-1\"}", IAM_YES},
    {"greater or equal", TEST("NumericGreaterThanEquals", "\"1e3\""), "{\"k\": \"1000\"}", IAM_YES},
    {"no number", TEST("NumericLessThan", "\"10\""), "{\"k\": \"9 apples\"}", IAM_NO},
    {"no number, negated", TEST("NumericNotEquals", "\"10\""), "{\"k\": \"ten\"}", IAM_NO},
    {"no number in the policy, negated", TEST("NumericNotEquals", "[\"ten\", \"11\"]"),
     "{\"k\": \"10\"}", IAM_NO},
    {"too large for a number", TEST("NumericEquals", "\"1e999\""), "{\"k\": \"1e998\"}", IAM_NO},

    {"date", TEST("DateGreaterThan", "\"2024-01-01T00:00:00Z\""),
     "{\"k\": \"2024-01-01T00:00:01Z\"}", IAM_YES},
    {"offsets", TEST("DateEquals", "\"2024-01-01T02:00+02:00\""), "{\"k\": \"2024\"}", IAM_YES},
    {"epoch in seconds", TEST("DateEquals", "\"2024-01-01\""), "{\"k\": \"1704067200\"}", IAM_YES},
    {"epoch as a number", TEST("DateLessThan", "1704067201"), "{\"k\": \"2024-01-01\"}", IAM_YES},
    {"no date", TEST("DateNotEquals", "\"2024-01-01\""), "{\"k\": \"yesterday\"}", IAM_NO},

    {"bool", TEST("Bool", "\"true\""), "{\"k\": true}", IAM_YES},
    {"no bool", TEST("Bool", "\"true\""), "{\"k\": \"yes\"}", IAM_NO},

    {"bytes", TEST("BinaryEquals", "\"QmluYXJ5\""), "{\"k\": \"QmluYXJ5\"}", IAM_YES},
    {"bytes, padding left out", TEST("BinaryEquals", "\"QmluYQ==\""), "{\"k\": \"QmluYQ\"}",
     IAM_YES},
    {"other bytes", TEST("BinaryEquals", "\"QmluYXJ5\""), "{\"k\": \"QmluYXJ6\"}", IAM_NO},
    {"no base64", TEST("BinaryEquals", "\"?\""), "{\"k\": \"?\"}", IAM_NO},

    {"address", TEST("IpAddress", "\"203.0.113.0/24\""), "{\"k\": \"203.0.113.200\"}", IAM_YES},
    {"address outside", TEST("IpAddress", "\"203.0.113.0/24\""), "{\"k\": \"203.0.114.0\"}",
     IAM_NO},
    {"all addresses", TEST("IpAddress", "\"0.0.0.0/0\""), "{\"k\": \"203.0.114.0\"}", IAM_YES},
    {"families", TEST("IpAddress", "\"::/0\""), "{\"k\": \"203.0.114.0\"}", IAM_NO},
    {"families, negated", TEST("NotIpAddress", "\"0.0.0.0/0\""), "{\"k\": \"2001:db8::1\"}",
     IAM_YES},
    {"an address written otherwise", TEST("IpAddress", "\"2001:DB8::1\""),
     "{\"k\": \"2001:db8:0:0:0:0:0:1\"}", IAM_YES},
    {"a network is no address", TEST("NotIpAddress", "\"10.1.0.0/16\""), "{\"k\": \"10.0.0.0/8\"}",
     IAM_NO},
    {"no address, negated", TEST("NotIpAddress", "\"10.0.0.0/8\""), "{\"k\": \"home\"}", IAM_NO},

    {"arn", TEST("ArnEquals", "\"arn:aws:iam::*:role/a*\""),
     "{\"k\": \"arn:aws:iam::1:role/ab/c\"}", IAM_YES},
    {"fields do not mix", TEST("ArnLike", "\"arn:aws:s3*:role/x\""),
     "{\"k\": \"arn:aws:s3:::role/x\"}", IAM_NO},
    {"the last field runs on", TEST("ArnLike", "\"arn:aws:sns:*:*:t*\""),
     "{\"k\": \"arn:aws:sns:r:1:t:u:v\"}", IAM_YES},
    {"not like an arn", TEST("ArnNotEquals", "\"arn:aws:iam::1:*\""),
     "{\"k\": \"arn:aws:iam::2:root\"}", IAM_YES},
    {"an arn begins with arn:", TEST("ArnNotLike", "\"arn:aws:iam::1:*\""),
     "{\"k\": \"ARN:aws:iam::2:root\"}", IAM_NO},
    {"no arn", TEST("ArnNotLike", "\"arn:aws:iam::1:*\""), "{\"k\": \"me\"}", IAM_NO},
    {"no arn in the policy", TEST("ArnNotLike", "\"arn:aws:iam\""),
     "{\"k\": \"arn:aws:iam::1:root\"}", IAM_NO},
    {"a star for an arn", TEST("ArnLike", "\"*\""), "{\"k\": \"arn:aws:iam::1:root\"}", IAM_MAYBE},
    {"a short arn with a star", TEST("ArnLike", "\"arn:aws:ia*\""),
     "{\"k\": \"arn:aws:iam::1:root\"}", IAM_MAYBE},
    {"a short arn of another service", TEST("ArnLike", "\"arn:aws:sns:*\""),
     "{\"k\": \"arn:aws:iam::1:root\"}", IAM_NO},
    {"a variable in a field", TEST("ArnLike", "\"arn:aws:iam::${aws:acc}:role/r\""),
     "{\"k\": \"arn:aws:iam::1:role/r\", \"aws:acc\": \"1\"}", IAM_YES},
    {"its colons divide no fields", TEST("ArnLike", "\"arn:aws:iam::${u}/r\""),
     "{\"k\": \"arn:aws:iam::1:role/r\", \"u\": \"1:role\"}", IAM_NO},
    {"its colons in the last field", TEST("ArnLike", "\"arn:aws:sns:r:1:${u}\""),
     "{\"k\": \"arn:aws:sns:r:1:a:b\", \"u\": \"a:b\"}", IAM_YES},
};
/* TEST-OF: IAM User Guide, "IAM JSON policy elements: Condition operators", "Multivalued context
 * keys" */
CASES(iam_condition, answers, condition_cases)
{
    const struct condition_case *c = &condition_cases[*case_index];
    const enum iam_answer got = ask(c->condition, c->context, "2012-10-17");

    cr_expect_eq(got, c->want, "%s: got %d, expected %d", c->what, got, c->want);
}

Test(iam_condition, older_documents_have_no_variables)
{
    const char *condition = TEST("StringEquals", "\"${u}\"");

    cr_expect_eq(ask(condition, "{\"k\": \"v\", \"u\": \"v\"}", "2008-10-17"), IAM_NO);
    cr_expect_eq(ask(condition, "{\"k\": \"${u}\", \"u\": \"v\"}", "2008-10-17"), IAM_YES);
}

Test(iam_condition, names_the_test_that_failed)
{
    const struct iam_test *failed;
    struct iam_context c;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = document("{\"StringEquals\": {\"a\": \"1\", \"b\": \"1\", \"c\": \"1\"}}", "2012-10-17",
                 &a);
    c = context("{\"a\": \"1\", \"b\": \"!\", \"c\": \"2\"}", &a);
    cr_expect_eq(iam_condition_all(&d, &d.statements[0], &c, &a, &failed), IAM_NO);
    cr_assert_not_null(failed);
    cr_expect(slice_is(failed->key, "c"));
    c = context("{\"a\": \"1\", \"b\": \"!\", \"c\": \"1\"}", &a);
    cr_expect_eq(iam_condition_all(&d, &d.statements[0], &c, &a, &failed), IAM_MAYBE);
    cr_assert_not_null(failed);
    cr_expect(slice_is(failed->key, "b"));
    arena_release(&a);
}

struct literal_case {
    const char *text;
    bool ok;
    double number;
};
static const struct literal_case number_cases[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"007", true, 7},
    {"+5", true, 5},
    {".5", true, 0.5},
    {"5.", true, 5},
    {"-1.25e2", true, -125},
    {"1E-2", true, 0.01},
    {"00000000000000000000000000000000000000000000000000000000000000000000000000000001", true, 1},
    {"1e400", false, 0},
    {"", false, 0},
    {".", false, 0},
    {"-", false, 0},
    {"1e", false, 0},
    {"0x10", false, 0},
    {"inf", false, 0},
    {"nan", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1,5", false, 0},
};
CASES(iam_literal, reads_numbers, number_cases)
{
    const struct literal_case *c = &number_cases[*case_index];
    const struct slice s = exact_str(c->text);
    double v = -77;

    cr_expect_eq(iam_literal_number(s, &v), c->ok, "'%s'", c->text);
    cr_expect(v <= (c->ok ? c->number : -77) && v >= (c->ok ? c->number : -77), "'%s': %g", c->text,
              v);
    exact_free(s);
}

struct date_case {
    const char *text;
    bool ok;
    int64_t ms;
};
static const struct date_case date_cases[] = {
    {"1970", true, 0},
    {"2024", true, INT64_C(1704067200000)},
    {"2024-02", true, INT64_C(1706745600000)},
    {"2024-02-29", true, INT64_C(1709164800000)},
    {"2000-02-29", true, INT64_C(951782400000)},
    {"1969-12-31T23:59:59Z", true, -1000},
    {"2024-01-01T00:00Z", true, INT64_C(1704067200000)},
    {"2024-01-01T00:00:00", true, INT64_C(1704067200000)},
    {"2024-01-01T05:30:00.25+05:30", true, INT64_C(1704067200250)},
    {"2024-01-01T00:00:00.1239Z", true, INT64_C(1704067200123)},
    {"2023-12-31T23:00:00-01:00", true, INT64_C(1704067200000)},
    {"1704067200", true, INT64_C(1704067200000)},
    {"1704067200000", true, INT64_C(1704067200000)},
    {"0", true, 0},
    {"-1", true, -1000},
    {"2023-02-29", false, 0},
    {"1900-02-29", false, 0},
    {"2024-04-31", false, 0},
    {"2024-12-32", false, 0},
    {"2024-13", false, 0},
    {"2024-00", false, 0},
    {"2024-1-1", false, 0},
    {"24-01-01", false, 0},
    {"2024-01-01T", false, 0},
    {"2024-01-01T24:00Z", false, 0},
    {"2024-01-01T00:60Z", false, 0},
    {"2024-01-01T00:00:60Z", false, 0},
    {"2024-01-01T00:00.5Z", false, 0},
    {"2024-01-01T00:00:00.Z", false, 0},
    {"2024-01-01T00:00:00+1", false, 0},
    {"2024-01-01T00:00:00+24:00", false, 0},
    {"2024-01-01T00:00:00Z ", false, 0},
    {"2024-01T00:00Z", false, 0},
    {"20240101T000000Z", false, 0},
    {"2024-01-01 00:00:00Z", false, 0},
    {"123456789012345678", false, 0},
    {"1.5", false, 0},
    {"-", false, 0},
    {"", false, 0},
};
/* TEST-OF: https://www.w3.org/TR/NOTE-datetime */
CASES(iam_literal, reads_dates, date_cases)
{
    const struct date_case *c = &date_cases[*case_index];
    const struct slice s = exact_str(c->text);
    int64_t v = -77;

    cr_expect_eq(iam_literal_date(s, &v), c->ok, "'%s'", c->text);
    cr_expect_eq(v, c->ok ? c->ms : -77, "'%s': %jd", c->text, (intmax_t)v);
    exact_free(s);
}

struct network_case {
    const char *text;
    bool ok;
    unsigned bits;
};
static const struct network_case network_cases[] = {
    {"10.0.0.1", true, 32},
    {"10.0.0.0/0", true, 0},
    {"10.0.0.0/32", true, 32},
    {"::", true, 128},
    {"2001:db8::/32", true, 32},
    {"2001:0db8:85a3:0000:0000:8a2e:0370:7334/128", true, 128},
    {"::ffff:1.2.3.4", true, 128},
    {"10.0.0.0/33", false, 0},
    {"10.0.0.0/", false, 0},
    {"10.0.0.0/ 8", false, 0},
    {"10.0.0.0/8x", false, 0},
    {"10.0.0.0/-1", false, 0},
    {"10.0.0.0/0008", false, 0},
    {"10.0.0", false, 0},
    {"10.0.0.256", false, 0},
    {"010.0.0.1", false, 0},
    {"::/129", false, 0},
    {"fe80::1%eth0", false, 0},
    {":::", false, 0},
    {"/8", false, 0},
    {"", false, 0},
};
CASES(iam_literal, reads_networks, network_cases)
{
    const struct network_case *c = &network_cases[*case_index];
    const struct slice s = exact_str(c->text);
    struct iam_network net = {.bits = 77};

    cr_expect_eq(iam_literal_network(s, &net), c->ok, "'%s'", c->text);
    cr_expect_eq(net.bits, c->ok ? c->bits : 77, "'%s': %u", c->text, net.bits);
    exact_free(s);
}
