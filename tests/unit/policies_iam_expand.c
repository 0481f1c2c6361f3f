/* What policies allow, action by action, and what becomes of the names that they list. */
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "tests/lib/cases.h"

#define ALLOW(rest) "{'Effect':'Allow'," rest "}"
#define DENY(rest) "{'Effect':'Deny'," rest "}"
#define ALL ",'Resource':'*'"
#define SECURE ",'Condition':{'Bool':{'aws:SecureTransport':'true'}}"

static struct iam_doc document(const char *statements, struct arena *a)
{
    char *json = arena_printf(a, "{'Version':'2012-10-17','Statement':[%s]}", statements);
    const struct value *v = NULL;
    struct iam_doc d = {0};
    struct err e = {0};

    for (char *c = json; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    cr_assert(json_read(slice_str(json), a, &v, &e) && iam_doc_read(v, "", a, &d, &e), "%s: %s",
              json, e.text);
    return d;
}

static const struct iam_allowed *of(const struct iam_expansion *x, const char *action)
{
    size_t i = 0;

    cr_assert(iam_actions_find(slice_str(action), &i), "%s", action);
    for (size_t k = 0; k < x->n; k++)
        if (x->allowed[k].action == i)
            return &x->allowed[k];
    return NULL;
}

static const struct expand_case {
    const char *what, *statements;
    const char *action;      /* what is said of this one */
    const char *by, *limits; /* statements from 1, "12"; NULL: it is not allowed */
    bool plain;
} expand_cases[] = {
    {"a name", ALLOW("'Action':'s3:GetObject'" ALL), "s3:GetObject", "1", "", true},
    {"another case", ALLOW("'Action':'S3:getobject'" ALL), "s3:GetObject", "1", "", true},
    {"a pattern", ALLOW("'Action':'s3:Get*'" ALL), "s3:GetObject", "1", "", true},
    {"another action", ALLOW("'Action':'s3:Get*'" ALL), "s3:PutObject", NULL, "", false},
    {"everything", ALLOW("'Action':'*'" ALL), "kms:Decrypt", "1", "", true},
    {"some resource", ALLOW("'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'"),
     "s3:GetObject", "1", "", false},
    {"every resource but one", ALLOW("'Action':'s3:GetObject','NotResource':'arn:aws:s3:::b/*'"),
     "s3:GetObject", "1", "", false},
    {"a condition", ALLOW("'Action':'s3:GetObject'" ALL SECURE), "s3:GetObject", "1", "", false},
    {"with and without a condition",
     ALLOW("'Action':'s3:GetObject'" ALL SECURE) "," ALLOW("'Action':'s3:Get*'" ALL),
     "s3:GetObject", "12", "", true},
    {"all but", ALLOW("'NotAction':'iam:*'" ALL), "s3:GetObject", "1", "", true},
    {"what is left out", ALLOW("'NotAction':'iam:*'" ALL), "iam:PassRole", NULL, "", false},
    {"two lists of exceptions do not add up",
     ALLOW("'NotAction':'iam:*'" ALL) "," ALLOW("'NotAction':'s3:*'" ALL), "iam:PassRole", "2", "",
     true},
    {"denied", ALLOW("'Action':'s3:*'" ALL) "," DENY("'Action':'s3:Get*'" ALL), "s3:GetObject",
     NULL, "", false},
    {"denied before it is allowed", DENY("'Action':'s3:Get*'" ALL) "," ALLOW("'Action':'s3:*'" ALL),
     "s3:GetObject", NULL, "", false},
    {"others are denied", ALLOW("'Action':'s3:*'" ALL) "," DENY("'Action':'s3:Get*'" ALL),
     "s3:PutObject", "1", "", true},
    {"all others are denied", ALLOW("'Action':'s3:*'" ALL) "," DENY("'NotAction':'s3:Get*'" ALL),
     "s3:GetObject", "1", "", true},
    {"as one of all others", ALLOW("'Action':'s3:*'" ALL) "," DENY("'NotAction':'s3:Get*'" ALL),
     "s3:PutObject", NULL, "", false},
    {"denied on some resources",
     ALLOW("'Action':'s3:*'" ALL) "," DENY("'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'"),
     "s3:GetObject", "1", "2", false},
    {"denied on all but some",
     ALLOW("'Action':'s3:*'" ALL) "," DENY(
         "'Action':'s3:GetObject','NotResource':'arn:aws:s3:::b/*'"),
     "s3:GetObject", "1", "2", false},
    {"denied under a condition", ALLOW("'Action':'s3:*'" ALL) "," DENY("'Action':'*'" ALL SECURE),
     "s3:GetObject", "1", "2", false},
    {"denied to somebody",
     ALLOW("'Action':'s3:*'" ALL) "," DENY(
         "'Action':'s3:*','Principal':{'AWS':'123456789012'}" ALL),
     "s3:GetObject", "1", "2", false},
    {"denied here in part and there altogether",
     ALLOW("'Action':'s3:*'" ALL) "," DENY("'Action':'*'" ALL SECURE) "," DENY(
         "'Action':'s3:GetObject'" ALL),
     "s3:GetObject", NULL, "", false},
    {"nothing but denied", DENY("'Action':'s3:Get*'" ALL), "s3:GetObject", NULL, "", false},
    {"a role's trust", ALLOW("'Action':'sts:AssumeRole','Principal':{'AWS':'123456789012'}"),
     "sts:AssumeRole", "1", "", true},
};

/* The numbers of statements. */
static const char *numbers(const struct iam_grant *g, size_t n, struct arena *a)
{
    char *out = arena_strdup(a, "");

    for (size_t i = 0; i < n; i++)
        out = arena_printf(a, "%s%zu", out, g[i].statement->index + 1);
    return out;
}

CASES(policies_iam_expand, actions, expand_cases)
{
    const struct expand_case *c = &expand_cases[*case_index];
    const struct iam_allowed *got;
    struct iam_expansion x;
    struct iam_docs docs;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = document(c->statements, &a);
    docs = (struct iam_docs){&d, 1, false};
    iam_expand(&docs, &a, &x);
    got = of(&x, c->action);
    cr_assert_eq(got != NULL, c->by != NULL, "%s", c->what);
    if (got != NULL) {
        cr_expect_str_eq(numbers(got->grants, got->ngrants, &a), c->by, "%s", c->what);
        cr_expect_str_eq(numbers(got->limits, got->nlimits, &a), c->limits, "%s", c->what);
        cr_expect_eq(got->plain, c->plain, "%s", c->what);
    }
    cr_expect_not(x.unknown, "%s", c->what);
    arena_release(&a);
}

static const struct listed_case {
    const char *what, *action; /* of one statement */
    enum iam_listed_state states[3];
    const char *other[3];
    size_t matches[3]; /* 0: not looked at */
} listed_cases[] = {
    {"used", "'s3:GetObject'", {IAM_LISTED_USED}, {""}, {1}},
    {"unknown, with one near", "'s3:GetObjet'", {IAM_LISTED_UNKNOWN}, {"s3:GetObject"}, {0}},
    {"unknown, with none near", "'s3:Frobnicate'", {IAM_LISTED_UNKNOWN}, {""}, {0}},
    {"of no service", "'nosuch:Get'", {IAM_LISTED_UNKNOWN}, {""}, {0}},
    {"no name at all", "'GetObject'", {IAM_LISTED_UNKNOWN}, {""}, {0}},
    {"covered by a pattern behind it",
     "['s3:GetObject','s3:Get*']",
     {IAM_LISTED_REDUNDANT, IAM_LISTED_USED},
     {"s3:Get*", ""},
     {1, 0}},
    {"the same twice: the first stays",
     "['s3:GetObject','S3:GETOBJECT']",
     {IAM_LISTED_USED, IAM_LISTED_REDUNDANT},
     {"", "s3:GetObject"},
     {1, 1}},
    {"a chain",
     "['s3:GetObject','s3:GetObject*','s3:*']",
     {IAM_LISTED_REDUNDANT, IAM_LISTED_REDUNDANT, IAM_LISTED_USED},
     {"s3:GetObject*", "s3:*", ""},
     {1, 0, 0}},
    {"patterns that overlap",
     "['s3:GetO*','s3:*Object']",
     {IAM_LISTED_USED, IAM_LISTED_USED},
     {"", ""},
     {0, 0}},
    {"an unknown one covers nothing and is not covered",
     "['s3:GetObjet','s3:GetObject']",
     {IAM_LISTED_UNKNOWN, IAM_LISTED_USED},
     {"s3:GetObject", ""},
     {0, 1}},
};

CASES(policies_iam_expand, names, listed_cases)
{
    const struct listed_case *c = &listed_cases[*case_index];
    struct iam_expansion x;
    struct iam_docs docs;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = document(arena_printf(&a, ALLOW("'Action':%s" ALL), c->action), &a);
    docs = (struct iam_docs){&d, 1, false};
    iam_expand(&docs, &a, &x);
    for (size_t i = 0; i < x.nlisted; i++) {
        cr_assert_lt(i, ARRAY_LEN(c->states), "%s", c->what);
        cr_expect_eq(x.listed[i].state, c->states[i], "%s: %zu", c->what, i);
        cr_expect(slice_is(x.listed[i].other, c->other[i]), "%s: %zu: %.*s", c->what, i,
                  (int)x.listed[i].other.len, (const char *)x.listed[i].other.data);
        if (c->matches[i] > 0)
            cr_expect_eq(x.listed[i].matches, c->matches[i], "%s: %zu", c->what, i);
        cr_expect_eq(x.listed[i].matches == 0, x.listed[i].state == IAM_LISTED_UNKNOWN, "%s",
                     c->what);
    }
    arena_release(&a);
}

/* Statement `deny` or Allow with an unknown element. */
static struct iam_doc partly(const char *effect, const char *element, struct arena *a)
{
    struct value_builder doc, st;
    struct iam_doc d = {0};
    struct err e = {0};

    value_map_begin(&st, a);
    value_map_add(&st, "Effect", value_str(a, effect));
    value_map_add(&st, "Action", value_str(a, "s3:GetObject"));
    value_map_add(&st, "Resource", value_str(a, "*"));
    value_map_add(&st, element, value_unknown(a, "later", NULL, 0, NULL));
    value_map_begin(&doc, a);
    value_map_add(&doc, "Version", value_str(a, "2012-10-17"));
    value_map_add(&doc, "Statement", value_map_end(&st, NULL));
    cr_assert(iam_doc_read(value_map_end(&doc, NULL), "", a, &d, &e), "%s", e.text);
    return d;
}

static const struct unknown_case {
    const char *what, *effect, *element;
    bool allowed, plain; /* s3:GetObject, beside an Allow of everything when it is a Deny */
    bool unknown;        /* there may be more, or less */
} unknown_cases[] = {
    {"an Allow of unknown actions", "Allow", "Action", false, false, true},
    {"on unknown resources", "Allow", "Resource", true, false, false},
    {"under an unknown condition", "Allow", "Condition", true, false, false},
    {"a Deny of unknown actions", "Deny", "Action", true, true, true},
    {"a Deny on unknown resources", "Deny", "Resource", true, false, false},
    {"a Deny under an unknown condition", "Deny", "Condition", true, false, false},
    {"an unknown effect", "Deny", "Effect", true, true, true},
};

CASES(policies_iam_expand, what_is_unknown_is_never_an_answer, unknown_cases)
{
    const struct unknown_case *c = &unknown_cases[*case_index];
    const struct iam_allowed *got;
    struct iam_doc list[2];
    struct iam_expansion x;
    struct iam_docs docs;
    struct arena a;

    arena_init(&a);
    list[0] = partly(c->effect, c->element, &a);
    list[1] = document(ALLOW("'Action':'*'" ALL), &a);
    docs = (struct iam_docs){list, strcmp(c->effect, "Deny") == 0 ? 2 : 1, false};
    iam_expand(&docs, &a, &x);
    got = of(&x, "s3:GetObject");
    cr_assert_eq(got != NULL, c->allowed, "%s", c->what);
    if (got != NULL)
        cr_expect_eq(got->plain, c->plain, "%s", c->what);
    cr_expect_eq(x.unknown, c->unknown, "%s", c->what);
    arena_release(&a);
}

Test(policies_iam_expand, documents_stand_side_by_side)
{
    struct iam_doc list[2];
    struct iam_docs docs = {list, 2, true};
    const struct iam_allowed *got;
    struct iam_expansion x;
    struct arena a;

    arena_init(&a);
    list[0] = document(ALLOW("'Action':'s3:*'" ALL), &a);
    list[1] = document(DENY("'Action':'s3:Put*'" ALL) "," ALLOW("'Action':'s3:GetObject'" ALL), &a);
    iam_expand(&docs, &a, &x);
    cr_expect_null(of(&x, "s3:PutObject"), "a Deny of another document");
    got = of(&x, "s3:GetObject");
    cr_assert_not_null(got);
    cr_assert_eq(got->ngrants, 2);
    cr_expect(got->grants[0].doc == &list[0] && got->grants[1].doc == &list[1]);
    cr_expect(x.unknown, "there may be further documents");
    docs = (struct iam_docs){NULL, 0, false};
    iam_expand(&docs, &a, &x);
    cr_expect_eq(x.n, 0);
    cr_expect_not(x.unknown);
    arena_release(&a);
}

static const struct near_case {
    const char *what, *name, *want; /* NULL: none */
} near_cases[] = {
    {"a letter too few", "s3:GetObjet", "s3:GetObject"},
    {"a letter too many", "iam:PassRolee", "iam:PassRole"},
    {"another case", "KMS:decrypt", "kms:Decrypt"},
    {"three letters off", "s3:GetObxxxt", "s3:GetObject"},
    {"four letters off", "iam:PaxxxxxlE", NULL},
    {"another service", "nosuch:GetObject", NULL},
    {"no colon", "GetObject", NULL},
    {"nothing", "", NULL},
};

CASES(policies_iam_expand, nearest_names, near_cases)
{
    const struct near_case *c = &near_cases[*case_index];
    struct slice got = {NULL, 0};
    struct arena a;

    arena_init(&a);
    cr_assert_eq(iam_expand_nearest(slice_str(c->name), &a, &got), c->want != NULL, "%s: %.*s",
                 c->what, (int)got.len, (const char *)got.data);
    if (c->want != NULL)
        cr_expect(slice_is(got, c->want), "%s: %.*s", c->what, (int)got.len,
                  (const char *)got.data);
    arena_release(&a);
}

/* Names longer than distances are taken of have no nearest, and cost nothing. */
Test(policies_iam_expand, long_names)
{
    static char name[1 << 16] = "s3:";
    struct slice got;
    struct arena a;

    memset(name + 3, 'x', sizeof(name) - 4);
    arena_init(&a);
    cr_expect_not(iam_expand_nearest(slice_str(name), &a, &got));
    arena_release(&a);
}
