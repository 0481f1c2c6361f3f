#include "base/when.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

static const char *text_at(const struct value *v, const char *path)
{
    return value_cstr(value_path(v, path), "(none)");
}

struct outcome_case {
    const char *verdict, *vsa, *level, *test_result;
};

static const struct outcome_case outcome_cases[] = {
    {"allow", "PASSED", "SLSA_BUILD_LEVEL_0", "PASSED"},
    {"allow-with-low", "PASSED", "SLSA_BUILD_LEVEL_0", "WARNED"},
    {"allow-waived", "PASSED", "SLSA_BUILD_LEVEL_0", "WARNED"},
    {"deny", "FAILED", "FAILED", "FAILED"},
    {"unverifiable", "FAILED", "FAILED", "FAILED"},
    {"report-only", "FAILED", "FAILED", "FAILED"},
};

CASES(signing_statement, only_an_allow_passes, outcome_cases)
{
    const struct outcome_case *c = &outcome_cases[*case_index];
    const struct value *verdict, *vsa, *test;
    struct arena a;

    arena_init(&a);
    verdict = support_verdict(&a, c->verdict);
    vsa = support_json(&a, support_vsa(&a, verdict, 0));
    test = support_json(&a, support_test_result(&a, verdict));
    cr_expect_str_eq(text_at(vsa, "predicate.verificationResult"), c->vsa, "%s", c->verdict);
    cr_expect_str_eq(text_at(vsa, "predicate.verifiedLevels.0"), c->level, "%s", c->verdict);
    cr_expect_str_eq(text_at(test, "predicate.result"), c->test_result, "%s", c->verdict);
    arena_release(&a);
}

/* TEST-OF: SLSA VSA v1, fields; in-toto attestation framework v1, statement */
Test(signing_statement, a_summary_has_what_the_strictest_reader_asks_for)
{
    const struct value *verdict, *vsa, *p;
    struct arena a;

    arena_init(&a);
    verdict = support_verdict(&a, "allow");
    vsa = support_json(&a, support_vsa(&a, verdict, 0));
    p = value_get(vsa, "predicate");
    cr_expect_str_eq(text_at(vsa, "_type"), "https://in-toto.io/Statement/v1");
    cr_expect_str_eq(text_at(vsa, "predicateType"), PREDICATE_VSA);
    cr_expect_eq(value_len(value_get(vsa, "subject")), 1);
    cr_expect_str_eq(text_at(vsa, "subject.0.digest.sha256"),
                     text_at(verdict, "subjects.0.digest") + 7);
    cr_expect_str_eq(text_at(p, "verifier.id"), SUPPORT_VERIFIER);
    cr_expect_str_eq(text_at(p, "verifier.version.sallyport"), "0.1.0");
    cr_expect_str_eq(text_at(p, "timeVerified"), "2026-11-23T05:00:00Z");
    cr_expect_str_eq(text_at(p, "resourceUri"), text_at(verdict, "subjects.0.uri"));
    cr_expect_str_eq(text_at(p, "policy.uri"), SUPPORT_POLICY_URI);
    cr_expect_str_eq(text_at(p, "policy.digest.sha256"), text_at(verdict, "policy.digest") + 7);
    cr_expect_str_eq(text_at(p, "slsaVersion"), "1.0");
    cr_expect_null(value_get(p, "inputAttestations"), "present, it would have to name all of them");
    arena_release(&a);
}

Test(signing_statement, the_extension_names_what_decided)
{
    static const char *const members[] = {"stage",           "decision",   "report_only", "counts",
                                          "coverage_totals", "weakenings", "sandbox",     "fail_on",
                                          "policy",          "inputs",     "subjects"};
    const struct value *verdict, *ext;
    struct value_doc doc;
    struct digest streamed;
    char hex[DIGEST_TEXT_MAX];
    struct digest d;
    struct arena a;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    verdict = support_verdict(&a, "deny");
    ext = value_get(value_get(support_json(&a, support_vsa(&a, verdict, 1)), "predicate"),
                    STATEMENT_EXTENSION);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        cr_expect(value_eq(value_get(ext, members[i]), value_get(verdict, members[i])), "%s",
                  members[i]);
    buf_init(&b, LIMIT_REPORT_BYTES);
    doc = value_doc_of(verdict);
    cr_assert(statement_verdict_json(&doc, &b, &e));
    digest_of(buf_slice(&b), DIGEST_SHA256, &d);
    digest_hex(&d, hex);
    cr_assert(statement_verdict_digest(&doc, &streamed, &e));
    cr_expect(digest_eq(&d, &streamed));
    cr_expect_str_eq(text_at(ext, "verdict.digest.sha256"), hex);
    cr_expect_eq(b.data[b.len - 1], '\n');
    buf_release(&b);
    arena_release(&a);
}

static size_t list_len(const struct value *test, const char *name)
{
    return value_len(value_get(value_get(test, "predicate"), name));
}

/* TEST-OF: in-toto test-result v0.1 */
Test(signing_statement, a_test_result_tells_every_outcome)
{
    const struct value *verdict, *test, *ext;
    struct arena a;

    arena_init(&a);
    verdict = support_verdict(&a, "deny");
    test = support_json(&a, support_test_result(&a, verdict));
    cr_expect_eq(list_len(test, "passedTests"), 2);
    cr_expect_eq(list_len(test, "failedTests"), 3, "the failure, the unknown and the error");
    cr_expect_eq(list_len(test, "warnedTests"), 2, "the waived and the one below fail_on");
    cr_expect_str_eq(text_at(test, "predicate.failedTests.0"), "iam-no-star:aws_iam_policy.p");
    cr_expect_str_eq(text_at(test, "predicate.failedTests.1"), "kms-key-rotates:aws_kms_key.data");
    cr_expect_str_eq(text_at(test, "predicate.failedTests.2"),
                     "s3-bucket-public:aws_s3_bucket.data");
    cr_expect_eq(value_len(value_get(test, "subject")), 2);
    cr_expect_eq(list_len(test, "configuration"), 5, "the policy, two packs, two inputs");
    cr_expect_str_eq(text_at(test, "predicate.configuration.0.digest.sha256"),
                     text_at(verdict, "policy.digest") + 7);
    ext = value_get(value_get(test, "predicate"), STATEMENT_EXTENSION);
    cr_expect_eq(value_len(value_get(ext, "outcomes")), value_len(value_get(verdict, "findings")));
    cr_expect(value_eq(value_get(ext, "coverage"), value_get(verdict, "coverage")));
    cr_expect(value_eq(value_get(ext, "waivers"), value_get(verdict, "waivers")));
    arena_release(&a);
}

/* The predicate of a test result that lacks one byte of room. */
static const struct value *abridged(struct arena *a, const struct value *verdict)
{
    const struct statement_options opt = {SUPPORT_VERIFIER, SUPPORT_POLICY_URI, NULL};
    const struct slice whole = support_test_result(a, verdict);
    const struct value_doc doc = value_doc_of(verdict);
    const struct value *test;
    struct err e = {0};
    struct buf b;

    buf_init(&b, whole.len);
    cr_assert(statement_test_result(&doc, &opt, &b, &e));
    cr_expect(slice_eq(buf_slice(&b), whole), "it fits to the byte");
    buf_release(&b);
    buf_init(&b, whole.len - 1);
    cr_assert(statement_test_result(&doc, &opt, &b, &e), "%s", e.text);
    test = support_json(a, buf_slice(&b));
    buf_release(&b);
    buf_init(&b, 100);
    cr_expect_not(statement_test_result(&doc, &opt, &b, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    buf_release(&b);
    return value_get(test, "predicate");
}

/* What does not fit is left to the verdict; what did not pass is never left out. */
Test(signing_statement, a_test_result_that_does_not_fit_is_abridged)
{
    const struct value *verdict, *test, *ext;
    struct arena a;

    arena_init(&a);
    verdict = support_verdict(&a, "deny");
    test = abridged(&a, verdict);
    ext = value_get(test, STATEMENT_EXTENSION);
    cr_expect(value_true(value_get(ext, "abridged")));
    cr_expect_eq(value_len(value_get(test, "passedTests")), 2);
    cr_expect_str_eq(text_at(test, "passedTests.0"), "image-runs-as-root:");
    cr_expect_eq(value_len(value_get(test, "failedTests")), 3);
    cr_expect_eq(value_len(value_get(test, "warnedTests")), 2);
    cr_expect_eq(value_len(value_get(ext, "outcomes")), 5, "all but the two that passed");
    cr_expect_eq(value_len(value_get(ext, "coverage")), 0, "everything was read whole");
    verdict = support_verdict(&a, "unverifiable");
    ext = value_get(abridged(&a, verdict), STATEMENT_EXTENSION);
    cr_expect_eq(value_len(value_get(ext, "coverage")), 1);
    cr_expect(value_eq(value_path(ext, "coverage.0"), value_path(verdict, "coverage.3")));
    arena_release(&a);
}

Test(signing_statement, the_same_verdict_gives_the_same_bytes)
{
    struct arena a;

    arena_init(&a);
    cr_expect(slice_eq(support_vsa(&a, support_verdict(&a, "deny"), 0),
                       support_vsa(&a, support_verdict(&a, "deny"), 0)));
    cr_expect(slice_eq(support_test_result(&a, support_verdict(&a, "deny")),
                       support_test_result(&a, support_verdict(&a, "deny"))));
    arena_release(&a);
}

Test(signing_statement, a_subject_without_a_digest_gets_no_statement)
{
    const struct statement_options opt = {.verifier_id = SUPPORT_VERIFIER};
    const struct value *verdict, *test;
    struct value_doc doc;
    struct arena a;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    verdict = support_verdict(&a, "no-digest");
    doc = value_doc_of(verdict);
    cr_expect_not(statement_vsa(&doc, 0, &opt, &b, &e));
    cr_expect_str_eq(e.text, "subject oci:build/serving: no digest");
    test = support_json(&a, support_test_result(&a, verdict));
    cr_expect_eq(value_len(value_get(test, "subject")), 1);
    err_clear(&e);
    buf_clear(&b);
    cr_expect_not(statement_vsa(&doc, 9, &opt, &b, &e));
    cr_expect_str_eq(e.text, "the verdict has no subject 9 with a uri");
    buf_release(&b);
    arena_release(&a);
}

Test(signing_statement, a_nul_in_an_address_is_kept)
{
    const struct value *verdict, *finding, *resource, *test;
    struct value_builder list;
    struct arena a;

    arena_init(&a);
    verdict = support_verdict(&a, "allow");
    finding = value_item(value_get(verdict, "findings"), 0);
    resource = support_with(&a, value_get(finding, "resource"), "address",
                            value_string(&a, SLICE_LIT("a\0b"), NULL));
    value_list_begin(&list, &a);
    value_list_add(&list, support_with(&a, finding, "resource", resource));
    verdict = support_with(&a, verdict, "findings", value_list_end(&list, NULL));
    test = support_json(&a, support_test_result(&a, verdict));
    cr_expect(slice_eq(value_text(value_path(test, "predicate.passedTests.0")),
                       SLICE_LIT("image-runs-as-root:a\0b")));
    arena_release(&a);
}

struct broken_case {
    const char *what, *member, *json; /* NULL: removed */
    const char *want;
};

static const struct broken_case broken_cases[] = {
    {"no schema", "schema", NULL, "the verdict has no text at schema"},
    {"other schema", "schema", "\"sallyport/verdict/v2\"",
     "not a document of schema sallyport/verdict/v1"},
    {"no tool", "tool", NULL, "the verdict has no text at tool.version"},
    {"no policy", "policy", NULL, "the verdict has no text at policy.digest"},
    {"bad policy digest", "policy", "{\"digest\":\"sha256:00\"}", "*"},
    {"no time", "effective_time", NULL, "the verdict has no text at effective_time"},
    {"bad time", "effective_time", "\"yesterday\"", "*"},
    {"no decision", "decision", NULL, "the verdict has no text at decision"},
    {"other decision", "decision", "\"ALLOW\"", "the verdict has an unknown decision"},
    {"report_only missing", "report_only", NULL,
     "the verdict does not say whether it is report-only"},
    {"report_only a string", "report_only", "\"false\"",
     "the verdict does not say whether it is report-only"},
    {"no subjects", "subjects", NULL, "*"},
};

CASES(signing_statement, refuses_a_verdict_it_cannot_stand_for, broken_cases)
{
    const struct statement_options opt = {SUPPORT_VERIFIER, SUPPORT_POLICY_URI, NULL};
    const struct broken_case *c = &broken_cases[*case_index];
    struct value_doc doc;
    struct arena a;
    struct err e = {0}, e2 = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    doc = value_doc_of(support_with(&a, support_verdict(&a, "allow"), c->member,
                                    c->json != NULL ? support_json(&a, slice_str(c->json)) : NULL));
    cr_expect_not(statement_vsa(&doc, 0, &opt, &b, &e), "%s", c->what);
    cr_expect_not(statement_test_result(&doc, &opt, &b, &e2), "%s", c->what);
    if (c->want[0] != '*')
        cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    buf_release(&b);
    arena_release(&a);
}

Test(signing_statement, a_verifier_must_be_named)
{
    const struct statement_options none = {.policy_uri = SUPPORT_POLICY_URI},
                                   empty = {"", SUPPORT_POLICY_URI, NULL};
    struct value_doc doc;
    struct arena a;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    doc = value_doc_of(support_verdict(&a, "allow"));
    cr_expect_not(statement_vsa(&doc, 0, &none, &b, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    cr_expect_not(statement_test_result(&doc, &empty, &b, &e));
    buf_release(&b);
    arena_release(&a);
}
