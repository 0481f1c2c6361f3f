/* What documents become: one attribute of one fact, as JSON. */
#include "tests/lib/cases.h"

#include <string.h>

#include "base/json_out.h"
#include "tests/lib/config_told.h"

struct value_case {
    const char *what, *kind, *text;
    const char *type, *address; /* of the fact; type NULL: no fact of that address may be there */
    const char *path;           /* in its attributes; "" is all of them */
    const char *want;           /* JSON; "" when there is nothing */
};

#define TF(changes, config)                                                                        \
    "{\"format_version\":\"1.2\",\"resource_changes\":[" changes                                   \
    "],\"configuration\":{\"root_module\":" config "}}"
#define RC(address, type, name, after, unknown, sensitive)                                         \
    "{\"address\":\"" address "\",\"mode\":\"managed\",\"type\":\"" type "\",\"name\":\"" name     \
    "\",\"change\":{\"actions\":[\"create\"],\"after\":" after ",\"after_unknown\":" unknown       \
    ",\"after_sensitive\":" sensitive "}}"
#define X(after, unknown, sensitive, expressions)                                                  \
    TF(RC("t.x", "t", "x", after, unknown, sensitive),                                             \
       "{\"resources\":[{\"address\":\"t.x\",\"expressions\":" expressions "}]}")
#define AFTER "{\"$unknown\":\"known after apply\",\"refs\":[]}"
#define SECRET "{\"$unknown\":\"sensitive value\",\"refs\":[]}"
#define AFTER_REF(ref) "{\"$unknown\":\"known after apply\",\"refs\":[\"" ref "\"]}"
#define CFN(head, value)                                                                           \
    head                                                                                           \
        "\nResources:\n  Key: {Type: 'AWS::KMS::Key'}\n  R:\n    Type: A::B::C\n    Properties:\n" \
        "      V: " value "\n"
#define UNKNOWN(why) "{\"$unknown\":\"" why "\",\"refs\":[]}"
#define V(what, head, value, want)                                                                 \
    {                                                                                              \
        what, "cloudformation", CFN(head, value), "A::B::C", "R", "V", want                        \
    }
#define T(what, text, path, want)                                                                  \
    {                                                                                              \
        what, "terraform", text, "t", "t.x", path, want                                            \
    }

/* A policy of type TYPE that is the document "data.aws_iam_policy_document.d". */
#define DOCUMENT(type, after, unknown)                                                             \
    "format_version: '1.2'\nresource_changes:\n"                                                   \
    "- {address: data.aws_iam_policy_document.d, mode: data, type: aws_iam_policy_document, "      \
    "name: d, change: {actions: [read], after: {" after "}, after_unknown: " unknown "}}\n"        \
    "- {address: " type ".p, mode: managed, type: " type ", name: p, change: {actions: [create], " \
    "after: {}, after_unknown: {policy: true}}}\n"                                                 \
    "configuration: {root_module: {resources: [{address: " type ".p, expressions: {policy: "       \
    "{references: [data.aws_iam_policy_document.d.json, data.aws_iam_policy_document.d]}}}]}}\n"
#define AFTER_DOC AFTER_REF("data.aws_iam_policy_document.d.json")
#define D(what, after, unknown, want)                                                              \
    {                                                                                              \
        what, "terraform", DOCUMENT("aws_iam_policy", after, unknown), "iam.policy",               \
            "aws_iam_policy.p#policy", "document", want                                            \
    }

static const struct value_case value_cases[] = {
    /* Terraform: three trees become one */
    T("known", X("{\"a\":1}", "{}", "{}", "{}"), "a", "1"),
    T("unknown leaf", X("{}", "{\"a\":true}", "{}", "{}"), "a", AFTER),
    T("unknown leaf with a reference",
      X("{}", "{\"a\":true}", "{}", "{\"a\":{\"references\":[\"k.k.arn\",\"k.k\"]}}"), "a",
      AFTER_REF("k.k.arn")),
    T("deep attributes end at the first",
      X("{}", "{\"a\":true}", "{}", "{\"a\":{\"references\":[\"k.k.b[0].c\",\"k.k.b\",\"k.k\"]}}"),
      "a", AFTER_REF("k.k.b")),
    T("data sources keep their address",
      X("{}", "{\"a\":true}", "{}", "{\"a\":{\"references\":[\"data.k.k.arn\",\"data.k.k\"]}}"),
      "a", AFTER_REF("data.k.k.arn")),
    T("locals and variables of the root say nothing",
      X("{}", "{\"a\":true}", "{}", "{\"a\":{\"references\":[\"local.k\",\"var.v\"]}}"), "a",
      AFTER),
    T("sensitive", X("{\"a\":\"hunter2\"}", "{}", "{\"a\":true}", "{}"), "a", SECRET),
    T("sensitive and absent", X("{\"a\":null}", "{}", "{\"a\":true}", "{}"), "a", "null"),
    T("sensitive as a whole", X("{\"a\":{\"b\":\"hunter2\"}}", "{}", "{\"a\":true}", "{}"), "a",
      SECRET),
    T("sensitive below a list",
      X("{\"a\":[\"x\",\"hunter2\"]}", "{}", "{\"a\":[false,true]}", "{}"), "a",
      "[\"x\"," SECRET "]"),
    T("sensitive marks of another length hide all",
      X("{\"a\":[\"x\",\"hunter2\"]}", "{}", "{\"a\":[true]}", "{}"), "a", SECRET),
    T("marks of another shape hide all",
      X("{\"a\":\"hunter2\"}", "{}", "{\"a\":{\"b\":true}}", "{}"), "a", SECRET),
    T("a list with a hole", X("{\"a\":[1,null]}", "{\"a\":[false,true]}", "{}", "{}"), "a",
      "[1," AFTER "]"),
    T("a set without its unknown item", X("{\"a\":[1]}", "{\"a\":[true,false]}", "{}", "{}"), "a",
      "[" AFTER ",1]"),
    T("a set that does not add up", X("{\"a\":[1]}", "{\"a\":[true,false,false]}", "{}", "{}"), "a",
      AFTER),
    T("unknown below what is null", X("{\"a\":null}", "{\"a\":{\"b\":true}}", "{}", "{}"), "a.b",
      AFTER),
    T("a mark that is no boolean", X("{\"a\":1}", "{\"a\":\"yes\"}", "{}", "{}"), "a", AFTER),
    T("false everywhere", X("{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":false}]}", "{}", "{}"), "a",
      "[{\"b\":1}]"),
    T("blocks are told apart by their constants",
      X("{\"a\":[{\"n\":\"2\"},{\"n\":\"1\"}]}", "{\"a\":[{\"k\":true},{\"k\":true}]}", "{}",
        "{\"a\":[{\"n\":{\"constant_value\":\"1\"},\"k\":{\"references\":[\"k.one\"]}},"
        "{\"n\":{\"constant_value\":\"2\"},\"k\":{\"references\":[\"k.two\"]}}]}"),
      "a.0.k", AFTER_REF("k.two")),
    T("blocks that cannot be told apart have no reference",
      X("{\"a\":[{},{}]}", "{\"a\":[{\"k\":true},{\"k\":true}]}", "{}",
        "{\"a\":[{\"k\":{\"references\":[\"k.one\"]}},{\"k\":{\"references\":[\"k.two\"]}}]}"),
      "a.0.k", AFTER),
    T("a whole object", X("{}", "true", "{}", "{\"a\":{\"references\":[\"k.k\"]}}"), "a",
      AFTER_REF("k.k")),
    {"modules: a variable leads to the caller", "terraform",
     TF(RC("module.m.t.x", "t", "x", "{}", "{\"a\":true}", "{}"),
        "{\"module_calls\":{\"m\":{\"expressions\":{\"v\":{\"references\":[\"k.k.arn\",\"k.k\"]}},"
        "\"module\":{\"resources\":[{\"address\":\"t.x\",\"expressions\":{\"a\":{\"references\":["
        "\"var.v\"]}}}]}}}}"),
     "t", "module.m.t.x", "a", AFTER_REF("k.k.arn")},
    {"modules: an output leads inside", "terraform",
     X("{}", "{\"a\":true}", "{}",
       "{\"a\":{\"references\":[\"module.m.o\",\"module.m\"]}}"
       "}],\"module_calls\":{\"m\":{\"module\":{\"outputs\":{\"o\":{\"expression\":{\"references\":"
       "["
       "\"k.k.id\",\"k.k\"]}}}}}},\"unused\":[{\"a\":{}"),
     "t", "t.x", "a", AFTER_REF("module.m.k.k.id")},
    {"modules: a circle ends", "terraform",
     TF(RC("module.m.t.x", "t", "x", "{}", "{\"a\":true}", "{}"),
        "{\"module_calls\":{\"m\":{\"expressions\":{\"v\":{\"references\":[\"module.m.o\"]}},"
        "\"module\":{\"outputs\":{\"o\":{\"expression\":{\"references\":[\"var.v\"]}}},"
        "\"resources\":[{\"address\":\"t.x\",\"expressions\":{\"a\":{\"references\":[\"var.v\"]}}}]"
        "}}}}"),
     "t", "module.m.t.x", "a", AFTER},
    {"instances: each.key picks its own", "terraform",
     TF(RC("k.k[\\\"a\\\"]", "k", "k", "{}", "{}",
           "{}") "," RC("k.k[\\\"b\\\"]", "k", "k", "{}", "{}",
                        "{}") "," RC("t.x[\\\"b\\\"]", "t", "x", "{}", "{\"a\":true}", "{}"),
        "{\"resources\":[{\"address\":\"t.x\",\"expressions\":{\"a\":{\"references\":[\"k.k\","
        "\"each.key\"]}}}]}"),
     "t", "t.x[\"b\"]", "a", AFTER_REF("k.k[\\\"b\\\"]")},
    {"deleted ones are not told", "terraform",
     TF("{\"address\":\"t.x\",\"mode\":\"managed\",\"type\":\"t\",\"name\":\"x\",\"change\":{"
        "\"actions\":[\"delete\"],\"after\":null}}",
        "{}"),
     "t", "t.x", "", ""},
    {"unchanged ones are told", "terraform",
     TF("{\"address\":\"t.x\",\"mode\":\"managed\",\"type\":\"t\",\"name\":\"x\",\"change\":{"
        "\"actions\":[\"no-op\"],\"after\":{}}}",
        "{}"),
     "t", "t.x", "_actions", "[\"no-op\"]"},
    {"a policy that was not set is no policy", "terraform",
     TF(RC("aws_sqs_queue.x", "aws_sqs_queue", "x", "{}", "{\"policy\":true}", "{}"),
        "{\"resources\":[{\"address\":\"aws_sqs_queue.x\",\"expressions\":{}}]}"),
     "iam.policy", "aws_sqs_queue.x#policy", "", ""},
    {"a policy that is unknown is told", "terraform",
     TF(RC("aws_sqs_queue.x", "aws_sqs_queue", "x", "{}", "{\"policy\":true}", "{}"), "{}"),
     "iam.statement", "aws_sqs_queue.x#policy/statement/0", "effect", AFTER},
    {"a policy that is wrong is unknown", "terraform",
     TF(RC("aws_iam_policy.x", "aws_iam_policy", "x", "{\"policy\":\"{\\\"Statement\\\":[]}\"}",
           "{}", "{}"),
        "{}"),
     "iam.policy", "aws_iam_policy.x#policy", "document", UNKNOWN("the policy cannot be read")},
    {"a policy that is wrong is told as it is written", "terraform",
     TF(RC("aws_iam_policy.x", "aws_iam_policy", "x", "{\"policy\":\"{\\\"Statement\\\":[]}\"}",
           "{}", "{}"),
        "{}"),
     "iam.policy", "aws_iam_policy.x#policy", "written", "{\"Statement\":[]}"},

    /* Terraform: policy documents that are read after apply */
    D("a deferred document", "statement: [{effect: null, sid: A, actions: ['s3:GetObject']}]",
      "{statement: [{resources: [true]}]}",
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Action\":["
      "\"s3:GetObject\"],\"Resource\":[" AFTER "]}]}"),
    D("variables, negations, a version",
      "version: '2008-10-17', statement: [{effect: Deny, not_actions: ['s3:*'], not_resources: "
      "['a/&{aws:username}/&']}]",
      "{}",
      "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"NotAction\":[\"s3:*\"],"
      "\"NotResource\":[\"a/${aws:username}/&\"]}]}"),
    D("conditions of one key are one",
      "statement: [{actions: [a:b], resources: ['*'], condition: ["
      "{test: StringEquals, variable: k, values: [x]}, {test: StringLike, variable: l, values: "
      "[y]},"
      " {test: StringEquals, variable: k, values: [z]}]}]",
      "{}",
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"a:b\"],"
      "\"Resource\":[\"*\"],\"Condition\":{\"StringEquals\":{\"k\":[\"x\",\"z\"]},\"StringLike\":{"
      "\"l\":[\"y\"]}}}]}"),
    D("a condition whose values are not known",
      "statement: [{actions: [a:b], resources: ['*'], condition: ["
      "{test: StringEquals, variable: k, values: [x]}, {test: StringEquals, variable: k}]}]",
      "{statement: [{condition: [{}, {values: true}]}]}",
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"a:b\"],"
      "\"Resource\":[\"*\"],\"Condition\":{\"StringEquals\":{\"k\":" AFTER "}}}]}"),
    D("other documents merged into it are not told",
      "source_policy_documents: ['{}'], statement: [{actions: [a:b], resources: ['*']}]", "{}",
      AFTER_DOC),
    D("no statements", "statement: null", "{}", AFTER_DOC),
    D("statements that are not known", "statement: null", "{statement: true}",
      "{\"Version\":\"2012-10-17\",\"Statement\":" AFTER "}"),
    {"principals", "terraform",
     DOCUMENT("aws_s3_bucket_policy",
              "statement: [{actions: ['s3:*'], resources: ['*'], principals: ["
              "{type: AWS, identifiers: [a]}, {type: Service, identifiers: [s]}, "
              "{type: AWS, identifiers: [b]}]}, {actions: ['s3:*'], resources: ['*'], "
              "not_principals: [{type: '*', identifiers: ['*']}]}]",
              "{}"),
     "iam.policy", "aws_s3_bucket_policy.p#policy", "document.Statement",
     "[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"a\",\"b\"],\"Service\":[\"s\"]},\"Action\":["
     "\"s3:*\"],\"Resource\":[\"*\"]},{\"Effect\":\"Allow\",\"NotPrincipal\":\"*\",\"Action\":["
     "\"s3:*\"],\"Resource\":[\"*\"]}]"},

    /* CloudFormation */
    V("a resource", "", "!Ref Key", "{\"$unknown\":\"reference to Key\",\"refs\":[\"Key\"]}"),
    V("an attribute", "", "!GetAtt Key.Arn",
      "{\"$unknown\":\"reference to Key\",\"refs\":[\"Key.Arn\"]}"),
    V("an attribute, long form", "", "{'Fn::GetAtt': [Key, Arn]}",
      "{\"$unknown\":\"reference to Key\",\"refs\":[\"Key.Arn\"]}"),
    V("a text with an attribute", "", "!Sub 'x ${Key.Arn}'",
      "{\"$unknown\":\"text 'x ${?}' with reference to Key\",\"refs\":[\"Key.Arn\"]}"),
    V("nothing of that name", "", "!Ref Kez",
      UNKNOWN("reference to 'Kez', which the template does not define")),
    V("a pseudo parameter", "", "!Ref 'AWS::Region'", UNKNOWN("pseudo parameter AWS::Region")),
    V("a default", "Parameters: {P: {Type: String, Default: x}}", "!Ref P", "\"x\""),
    V("a default that is a boolean is text", "Parameters: {P: {Type: String, Default: true}}",
      "!Ref P", "\"true\""),
    V("a number", "Parameters: {P: {Type: Number, Default: 3}}", "!Ref P", "3"),
    V("no default", "Parameters: {P: {Type: String}}", "!Ref P",
      UNKNOWN("parameter P has no default")),
    V("NoEcho", "Parameters: {P: {Type: String, NoEcho: 'true', Default: x}}", "!Ref P",
      UNKNOWN("parameter P is NoEcho")),
    V("a list", "Parameters: {P: {Type: 'List<Number>', Default: '1, 2'}}", "!Ref P",
      "[\"1\",\"2\"]"),
    V("join", "Parameters: {P: {Type: CommaDelimitedList, Default: 'a,b'}}", "!Join ['/', !Ref P]",
      "\"a/b\""),
    V("select and split", "", "!Select ['1', !Split [',', 'a,b,c']]", "\"b\""),
    V("select past the end", "", "!Select [3, [a]]",
      UNKNOWN("Fn::Select takes an index into the list")),
    V("a map", "Mappings: {M: {a: {b: [1, 2]}}}", "!FindInMap [M, a, b]", "[1,2]"),
    V("a map without it", "Mappings: {M: {a: {b: 1}}}", "!FindInMap [M, a, c]",
      UNKNOWN("Fn::FindInMap finds nothing")),
    V("a map with a default", "Mappings: {M: {a: {b: 1}}}",
      "!FindInMap [M, a, c, {DefaultValue: 7}]", "7"),
    V("text with variables", "", "!Sub ['${a}-${!b}-${ a }', {a: 1}]", "\"1-${b}-1\""),
    V("text with a number", "", "!Sub ['v${a}', {a: 1.1}]", "\"v1.1\""),
    V("a number is its text", "Conditions: {C: !Equals [1.1, '1.1']}", "!If [C, 1, 2]", "1"),
    V("base64 keeps the text", "", "{'Fn::Base64': !Sub 'x'}", "\"x\""),
    V("a known condition", "Conditions: {C: !Equals [a, a]}", "!If [C, 1, 2]", "1"),
    V("not, and, or",
      "Conditions: {A: !Equals [a, b], B: !Or [!Condition A, !Not [!Condition A]], "
      "C: !And [!Condition B, !Condition A]}",
      "[!If [B, 1, 2], !If [C, 1, 2]]", "[1,2]"),
    V("false wins against unknown",
      "Conditions: {C: !And [!Equals [!Ref 'AWS::Region', x], !Equals [a, b]]}", "!If [C, 1, 2]",
      "2"),
    V("an unknown condition", "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}", "!If [C, 1, 2]",
      UNKNOWN("depends on condition C")),
    V("what both branches share is known", "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}",
      "!If [C, {a: 1, b: 2}, {a: 1, c: 3}]",
      "{\"a\":1,\"b\":" UNKNOWN("depends on condition C") ",\"c\":" UNKNOWN(
          "depends on condition C") "}"),
    V("the same condition within a branch", "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}",
      "!If [C, !If [C, 1, 9], !If [C, 9, 1]]", "1"),
    V("NoValue in one branch", "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}",
      "!If [C, 1, !Ref 'AWS::NoValue']", UNKNOWN("depends on condition C")),
    V("NoValue takes the key away", "", "!Ref 'AWS::NoValue'", ""),
    V("NoValue takes the item away", "", "[1, !Ref 'AWS::NoValue', 2]", "[1,2]"),
    V("a condition about itself", "Conditions: {C: !Not [!Condition C]}", "!If [C, 1, 2]",
      UNKNOWN("depends on condition C")),
    V("functions that are not evaluated", "", "!GetAZs ''", UNKNOWN("Fn::GetAZs is not evaluated")),
    V("plain maps stay", "", "{Ref: a, Other: b}", "{\"Ref\":\"a\",\"Other\":\"b\"}"),

    /* IAM */
    {"principal star", "iam",
     "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\",\"Principal\":"
     "\"*\"}}",
     "iam.statement", "input/statement/0", "principals", "{\"*\":[\"*\"]}"},
    {"condition values are text", "iam",
     "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\",\"Condition\":{"
     "\"NumericLessThan\":{\"x:y\":[1,true]}}}}",
     "iam.statement", "input/statement/0", "conditions",
     "{\"NumericLessThan\":{\"x:y\":[\"1\",\"true\"]}}"},
    {"the old version is the default", "iam",
     "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\"}}", "iam.policy",
     "input", "version", "\"2008-10-17\""},

    /* the catalogue */
    {"what a parent does not declare is unknown", "catalog",
     "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n"
     "  - {name: a, uri: 's3://a/', class: internal}\n"
     "  - {name: b, uri: 's3://b/', class: public, categories: [x.y], lineage: [a]}\n",
     "dataset", "b", "effective_categories",
     UNKNOWN("dataset 'a' does not declare its categories")},
    {"the highest class wins", "catalog",
     "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n"
     "  - {name: b, uri: 's3://b/', class: public, lineage: [a]}\n"
     "  - {name: a, uri: 's3://a/', class: confidential}\n",
     "dataset", "b", "effective_class", "\"confidential\""},
};

static bool scan(const struct value_case *c, struct facts *f, struct err *e)
{
    struct config_text t = {.bytes = slice_str(c->text), .kind = c->kind};

    return config_told(&t, "input", f, e);
}

static const struct fact *find(const struct facts *f, const struct value_case *c)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, c->type) == 0 && strcmp(f->facts[i].address, c->address) == 0)
            return &f->facts[i];
    return NULL;
}

CASES(scanner_config_values, attributes, value_cases)
{
    const struct value_case *c = &value_cases[*case_index];
    const struct fact *fact;
    const struct value *v = NULL;
    struct json_out out;
    struct facts f;
    struct arena a;
    struct buf b;
    struct err e = {0};

    arena_init(&a);
    facts_init(&f, &a);
    buf_init(&b, 1u << 20);
    json_out_init(&out, &b, JSON_COMPACT);
    cr_assert(scan(c, &f, &e), "%s: %s", c->what, e.text);
    fact = find(&f, c);
    if (fact != NULL)
        v = c->path[0] == '\0' ? fact->attributes : value_path(fact->attributes, c->path);
    if (v != NULL)
        json_out_value(&out, v);
    buf_u8(&b, 0);
    cr_expect_str_eq((const char *)b.data, c->want, "%s: got %s", c->what, (const char *)b.data);
    buf_release(&b);
    arena_release(&a);
}
