/* What rules ask in CEL is what the command line answers: random policies, asked both ways. */
#include "policies/host.h"
#include "policies/host_index.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "tests/lib/iam_random.h"
#include "tests/unit/policies_cel_support.h"

#ifndef ROUNDS
#define ROUNDS 100
#endif

static const struct iam_random_key keys[] = {
    {.name = "aws:SourceVpce",
     .operators = {"StringEquals", "StringNotEquals", "StringLike", "Null"},
     .values = {"vpce-1", "vpce-2", "vpce-*"}},
    {.name = "aws:PrincipalOrgID",
     .operators = {"StringEquals", "StringLike", "StringNotEqualsIfExists"},
     .values = {"o-own1234567", "o-other12345", "o-*", "${aws:ResourceOrgID}"}},
    {.name = "aws:PrincipalAccount",
     .operators = {"StringEquals", "StringNotEquals"},
     .values = {"111122223333", "444455556666"}},
};

#define ACTIONS                                                                                    \
    .actions = {"s3:GetObject", "s3:Get*", "s3:*", "*", "sqs:*", "sts:*", "S3:putobject"}
#define RESOURCES .resources = {"*", "arn:aws:s3:::b/*", "arn:aws:sqs:*:111122223333:*"}
#define KEYS .keys = keys, .nkeys = sizeof(keys) / sizeof(keys[0]), .two = true

static const struct iam_vocabulary of_identity = {ACTIONS, RESOURCES, KEYS};
static const struct iam_vocabulary of_resource = {
    ACTIONS, RESOURCES,
    .principals = {"\"*\"", "{\"AWS\": \"111122223333\"}", "{\"AWS\": \"444455556666\"}",
                   "{\"Service\": \"sns.amazonaws.com\"}",
                   "{\"AWS\": \"arn:aws:iam::444455556666:role/r\"}"},
    KEYS};

/* Both sides of a question. */
struct both {
    struct cel_fixture cel;
    const char *a, *b, *r; /* the policies: two of identities, one of a resource */
    struct iam_doc docs[3];
};

static const char *answered(struct both *x, const char *text)
{
    const struct cel_env env = {.variables = cel_variables, .functions = host_functions};
    struct cel_result r;

    cr_assert(cel_fixture_compile(&x->cel, text, strlen(text), &env), "%s: %s", text,
              x->cel.err.text);
    cel_eval(x->cel.program, &x->cel.act, &x->cel.arena, &r);
    return r.status == CEL_VALUE   ? cel_json(&x->cel.arena, r.value)
           : r.status == CEL_ERROR ? arena_printf(&x->cel.arena, "error: %s", r.why)
                                   : "unknown";
}

static const char *word(enum iam_answer a, bool turned)
{
    if (a == IAM_MAYBE)
        return "unknown";
    return (a == IAM_YES) != turned ? "true" : "false";
}

static void expect(struct both *x, const char *text, const char *want)
{
    const char *got = answered(x, text);

    cr_assert_str_eq(got, want, "%s is %s, not %s:\n%s\n%s\n%s", text, got, want, x->a, x->b, x->r);
}

static void subsumes(struct both *x)
{
    const struct iam_docs old = {&x->docs[0], 1, false}, fresh = {&x->docs[1], 1, false};
    const struct iam_compare_options opt = {.budget = 0};
    struct iam_comparison got;

    iam_compare(&old, &fresh, &opt, &x->cel.arena, &got);
    expect(x, "iam.subsumes(view.a, view.b)", word(got.wider, true));
    expect(x, "iam.subsumes(view.a, view.a)", "true");
}

static void reach(struct both *x, int64_t now)
{
    static const struct slice own[] = {SLICE_INIT("111122223333"), SLICE_INIT("o-own1234567")};
    const struct iam_texts accounts = {own, 2, false}, none = {NULL, 0, false};
    const struct iam_access_question public = {IAM_ACCESS_PUBLIC, &none, now},
                                     cross = {IAM_ACCESS_CROSS, &accounts, now};
    struct iam_comparison got;
    bool anybody;

    iam_compare_access(&x->docs[2], &public, &x->cel.arena, &got);
    anybody = got.wider == IAM_YES;
    expect(x, "iam.public(view.r)", word(got.wider, false));
    expect(x, "iam.public_example(view.r) != ''", word(got.wider, false));
    iam_compare_access(&x->docs[2], &cross, &x->cel.arena, &got);
    expect(x, "iam.outsiders(view.r, ['111122223333', 'o-own1234567'])", word(got.wider, false));
    if (got.wider == IAM_YES) /* of an account that nobody has told yet? */
        expect(x, "iam.outsiders(view.r, v)", anybody ? "true" : "unknown");
}

static void allows(struct both *x)
{
    static const struct {
        const char *action, *resource, *vpce;
    } requests[] = {{"s3:GetObject", "arn:aws:s3:::b/x", ""},
                    {"s3:PutObject", "arn:aws:s3:::b/x", "vpce-1"},
                    {"sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", "vpce-2"},
                    {"s3:ListAllMyBuckets", "*", "vpce-3"}};

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct iam_key key;
        const bool has = iam_random_state("aws:SourceVpce", requests[i].vpce, &x->cel.arena, &key);
        const char *context =
            has ? arena_printf(&x->cel.arena, "{'aws:SourceVpce': '%s'}", requests[i].vpce) : "{}";
        struct iam_question q = {
            .identity = {&x->docs[0], 1, false},
            .request = {.action = slice_str(requests[i].action),
                        .resource = slice_str(requests[i].resource),
                        .principal = SLICE_LIT("arn:aws:iam::111122223333:user/x"),
                        .context = {.keys = &key, .n = has},
                        .wildcard_only = strcmp(requests[i].resource, "*") == 0}};
        struct iam_verdict v;

        iam_evaluate(&q, &x->cel.arena, &v);
        expect(x,
               arena_printf(&x->cel.arena,
                            "iam.allows(view.a, {'action': '%s', 'resource': '%s', 'context': %s})",
                            requests[i].action, requests[i].resource, context),
               word(v.sides[IAM_SIDE_IDENTITY], false));
    }
}

/* An action by its name: in the list of expand or not. */
static void actions(struct both *x)
{
    static const char *const names[] = {"s3:GetObject", "s3:PutObject", "sqs:SendMessage",
                                        "iam:CreateUser", "sts:AssumeRole"};
    const struct iam_docs docs = {&x->docs[0], 1, false};
    struct iam_expansion expansion;

    iam_expand(&docs, &x->cel.arena, &expansion);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *service = arena_strndup(
            &x->cel.arena, (struct slice){(const uint8_t *)names[i], strcspn(names[i], ":")});
        bool in = false;
        size_t number = 0;

        cr_assert(iam_actions_find(slice_str(names[i]), &number));
        for (size_t k = 0; k < expansion.n; k++)
            in = in || expansion.allowed[k].action == number;
        expect(x,
               arena_printf(&x->cel.arena,
                            "iam.actions(view.a).exists(x, x == '%s' || x == '%s:*' || x == '*')",
                            names[i], service),
               in ? "true" : "false");
        expect(x, arena_printf(&x->cel.arena, "iam.may(view.a, '%s')", names[i]),
               in ? "true" : "false");
    }
}

/* What a policy of a resource denies one principal, another may do. */
static void principals(struct both *x)
{
    static const struct slice own[] = {SLICE_INIT("111122223333")};
    const struct iam_access_question q = {IAM_ACCESS_CROSS, &(struct iam_texts){own, 1, false}, 0};
    struct iam_comparison got;

    iam_compare_access(&x->docs[2], &q, &x->cel.arena, &got);
    if (got.wider == IAM_YES)
        expect(x,
               arena_printf(&x->cel.arena, "iam.may(view.r, '%s')",
                            arena_strndup(&x->cel.arena, got.example.action)),
               "true");
}

/* Accounts of which one is not told yet. */
static const struct value *partly(struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    value_list_add(&b, value_str(a, "111122223333"));
    value_list_add(&b, value_str(a, "o-own1234567"));
    value_list_add(&b, value_unknown(a, "known after apply", NULL, 0, NULL));
    return value_list_end(&b, NULL);
}

static const char *random_policy(struct iam_dice *d, const struct iam_vocabulary *w,
                                 struct arena *a)
{
    const struct iam_draft draft = iam_random_draft(d, w, a);

    return iam_draft_text(&draft, a);
}

Test(policies_iam_cel_random, rules_hear_what_the_command_line_says)
{
    struct iam_dice d = {59};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct both x = {.a = NULL};
        struct host host = {.index = NULL};
        struct facts facts;
        struct arena text;

        arena_init(&text);
        x.a = random_policy(&d, &of_identity, &text);
        x.b = random_policy(&d, &of_identity, &text);
        x.r = random_policy(&d, &of_resource, &text);
        cel_fixture_init(&x.cel,
                         arena_printf(&text, "{\"a\": %s, \"b\": %s, \"r\": %s}", x.a, x.b, x.r));
        facts_init(&facts, &x.cel.arena);
        host.index = host_index_new(&facts, &x.cel.arena);
        x.cel.act.host = &host;
        x.cel.bindings[2].value = partly(&x.cel.arena);
        x.docs[0] = iam_text_doc(x.a, &x.cel.arena);
        x.docs[1] = iam_text_doc(x.b, &x.cel.arena);
        x.docs[2] = iam_text_doc(x.r, &x.cel.arena);
        subsumes(&x);
        reach(&x, host_index_now(host.index));
        allows(&x);
        actions(&x);
        principals(&x);
        arena_release(&x.cel.arena);
        arena_release(&text);
    }
}
