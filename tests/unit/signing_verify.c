#include "base/base64.h"
#include "signing/envelope.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

/* What each test starts from: an allow, signed by key a, and options that accept it. */
struct stage {
    struct arena a;
    struct key *secret, *public, *other_secret, *other_public;
    struct key *keys[2];
    const struct value *verdict;
    struct slice statement, dsse, bundle;
    struct verify_options opt;
    struct verify_result result;
};

static void stage_open(struct stage *s, const char *verdict)
{
    *s = (struct stage){.result = {.reason = VERIFY_MALFORMED}};
    arena_init(&s->a);
    s->secret = support_private(&s->a, "ed25519-a");
    s->public = support_public(&s->a, "ed25519-a");
    s->other_secret = support_private(&s->a, "ed25519-b");
    s->other_public = support_public(&s->a, "ed25519-b");
    s->keys[0] = s->public;
    s->verdict = support_verdict(&s->a, verdict);
    s->statement = support_vsa(&s->a, s->verdict, 0);
    s->dsse = support_sign(&s->a, s->statement, PAYLOAD_TYPE_INTOTO, s->secret);
    s->bundle = support_wrap(&s->a, s->dsse, s->secret);
    s->opt = (struct verify_options){.keys = s->keys, .nkeys = 1, .now = SUPPORT_NOW + 60};
    s->opt.subject_digest = value_cstr(value_path(s->verdict, "subjects.0.digest"), NULL);
}

static void stage_close(struct stage *s)
{
    key_free(s->secret);
    key_free(s->public);
    key_free(s->other_secret);
    key_free(s->other_public);
    arena_release(&s->a);
}

static enum verify_reason judge(struct stage *s, struct slice file)
{
    struct arena a; /* a fresh one, so that thousands of runs stay small */
    bool accepted;

    arena_init(&a);
    accepted = verify_attestation(file, &s->opt, &a, &s->result);
    cr_expect_eq(accepted, s->result.reason == VERIFY_OK);
    cr_expect(s->result.text[0] != '\0', "each answer has a sentence");
    s->result.statement = NULL;
    arena_release(&a);
    return s->result.reason;
}

#define EXPECT(s, file, want)                                                                      \
    do {                                                                                           \
        const enum verify_reason got = judge((s), (file));                                         \
        cr_expect_eq(got, (want), "%s instead of %s: %s", verify_reason_name(got),                 \
                     verify_reason_name(want), (s)->result.text);                                  \
    } while (0)

Test(signing_verify, accepts_what_was_signed)
{
    struct stage s;
    char id[65];

    stage_open(&s, "allow");
    EXPECT(&s, s.dsse, VERIFY_OK);
    key_id(s.public, id);
    cr_expect_str_eq(s.result.keyid, id);
    EXPECT(&s, s.bundle, VERIFY_OK);
    s.opt.verifier_id = SUPPORT_VERIFIER;
    s.opt.policy_digest = value_cstr(value_path(s.verdict, "policy.digest"), NULL);
    s.opt.resource_uri = value_cstr(value_path(s.verdict, "subjects.0.uri"), NULL);
    s.opt.max_age_seconds = 60;
    EXPECT(&s, s.bundle, VERIFY_OK);
    s.opt.foreign = true;
    EXPECT(&s, s.dsse, VERIFY_OK);
    EXPECT(&s, s.bundle, VERIFY_OK);
    stage_close(&s);
}

/* Every byte, several patterns: nothing that was changed is accepted. */
static void expect_no_mutant(struct stage *s, struct slice file)
{
    static const uint8_t patterns[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x0d};
    uint8_t *copy = support_copy(file);

    for (size_t i = 0; i < file.len; i++) {
        for (size_t p = 0; p < ARRAY_LEN(patterns); p++) {
            copy[i] ^= patterns[p];
            cr_expect_neq(judge(s, (struct slice){copy, file.len}), VERIFY_OK,
                          "byte %zu ^ %02x accepted", i, patterns[p]);
            copy[i] ^= patterns[p];
        }
    }
    free(copy);
}

Test(signing_verify, no_changed_byte_of_an_envelope_is_accepted, .timeout = 300)
{
    struct stage s;

    stage_open(&s, "allow");
    expect_no_mutant(&s, s.dsse);
    stage_close(&s);
}

Test(signing_verify, no_changed_byte_of_a_bundle_is_accepted, .timeout = 300)
{
    struct stage s;

    stage_open(&s, "allow");
    expect_no_mutant(&s, s.bundle);
    stage_close(&s);
}

Test(signing_verify, no_byte_may_be_missing_or_added, .timeout = 300)
{
    static const uint8_t extra[] = {' ', '\n', '0', ',', '"', '}', 0};
    struct stage s;
    uint8_t *copy;

    stage_open(&s, "allow");
    copy = malloc(s.bundle.len + 1);
    for (size_t i = 0; i < s.bundle.len; i++) {
        memcpy(copy, s.bundle.data, i);
        memcpy(copy + i, s.bundle.data + i + 1, s.bundle.len - i - 1);
        cr_expect_neq(judge(&s, (struct slice){copy, s.bundle.len - 1}), VERIFY_OK,
                      "without byte %zu", i);
    }
    for (size_t i = 0; i <= s.bundle.len; i++) {
        memcpy(copy, s.bundle.data, i);
        memcpy(copy + i + 1, s.bundle.data + i, s.bundle.len - i);
        for (size_t x = 0; x < sizeof(extra); x++) {
            copy[i] = extra[x];
            cr_expect_neq(judge(&s, (struct slice){copy, s.bundle.len + 1}), VERIFY_OK,
                          "with %02x at %zu", extra[x], i);
        }
    }
    for (size_t n = 0; n < s.dsse.len; n++)
        cr_expect_neq(judge(&s, (struct slice){s.dsse.data, n}), VERIFY_OK, "cut to %zu", n);
    free(copy);
    stage_close(&s);
}

Test(signing_verify, names_what_is_wrong)
{
    struct stage s;

    stage_open(&s, "allow");
    EXPECT(&s, SLICE_LIT(""), VERIFY_MALFORMED);
    EXPECT(&s, SLICE_LIT("{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[]}\n"),
           VERIFY_NO_SIGNATURE);
    s.keys[0] = s.other_public;
    EXPECT(&s, s.dsse, VERIFY_UNKNOWN_KEY);
    EXPECT(&s, s.bundle, VERIFY_UNKNOWN_KEY);
    s.opt.nkeys = 0;
    EXPECT(&s, s.dsse, VERIFY_UNKNOWN_KEY);
    s.opt.nkeys = 1;
    s.keys[0] = s.public;
    EXPECT(&s, support_sign(&s.a, s.statement, "application/vnd.in-toto.vsa+json", s.secret),
           VERIFY_PAYLOAD_TYPE);
    EXPECT(&s, support_sign(&s.a, SLICE_LIT("not json"), PAYLOAD_TYPE_INTOTO, s.secret),
           VERIFY_MALFORMED);
    EXPECT(&s, support_sign(&s.a, SLICE_LIT("[]"), PAYLOAD_TYPE_INTOTO, s.secret),
           VERIFY_MALFORMED);
    s.opt.predicate_type = PREDICATE_TEST_RESULT;
    EXPECT(&s, s.dsse, VERIFY_PREDICATE_TYPE);
    s.opt.predicate_type = NULL;
    s.opt.subject_digest = value_cstr(value_path(s.verdict, "subjects.1.digest"), NULL);
    EXPECT(&s, s.dsse, VERIFY_SUBJECT);
    s.opt.subject_digest = NULL;
    EXPECT(&s, s.dsse, VERIFY_SUBJECT);
    s.opt.subject_digest = "sha256:";
    EXPECT(&s, s.dsse, VERIFY_SUBJECT);
    stage_close(&s);
}

Test(signing_verify, a_forged_signature_is_not_an_unknown_key)
{
    struct envelope_signature forged;
    struct envelope env;
    struct stage s;
    struct err e = {0};
    struct buf b;
    char id[65];

    stage_open(&s, "allow");
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    cr_assert(envelope_read(support_sign(&s.a, s.statement, PAYLOAD_TYPE_INTOTO, s.other_secret),
                            ENVELOPE_OURS, &s.a, &env, &e));
    key_id(s.public, id);
    forged = (struct envelope_signature){slice_str(id), env.signatures[0].sig};
    env.signatures = &forged;
    envelope_write(&env, &b);
    EXPECT(&s, buf_slice(&b), VERIFY_BAD_SIGNATURE);
    s.opt.foreign = true;
    EXPECT(&s, buf_slice(&b), VERIFY_BAD_SIGNATURE);
    buf_release(&b);
    stage_close(&s);
}

Test(signing_verify, holds_the_statement_to_each_demand)
{
    struct stage s;

    stage_open(&s, "allow");
    s.opt.verifier_id = "https://gate.example/v2";
    EXPECT(&s, s.dsse, VERIFY_VERIFIER);
    s.opt.verifier_id = "";
    EXPECT(&s, s.dsse, VERIFY_VERIFIER);
    s.opt.verifier_id = NULL;
    s.opt.policy_digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    EXPECT(&s, s.dsse, VERIFY_POLICY);
    s.opt.policy_digest = "";
    EXPECT(&s, s.dsse, VERIFY_POLICY);
    s.opt.policy_digest = NULL;
    s.opt.resource_uri = "registry.example/other";
    EXPECT(&s, s.dsse, VERIFY_RESOURCE);
    s.opt.resource_uri = NULL;
    s.opt.now = SUPPORT_NOW;
    EXPECT(&s, s.dsse, VERIFY_OK);
    s.opt.now = SUPPORT_NOW - 1;
    EXPECT(&s, s.dsse, VERIFY_TIME);
    s.opt.now = SUPPORT_NOW + 3600;
    s.opt.max_age_seconds = 3600;
    EXPECT(&s, s.dsse, VERIFY_OK);
    s.opt.max_age_seconds = 3599;
    EXPECT(&s, s.dsse, VERIFY_TOO_OLD);
    stage_close(&s);
}

static const char *const no_cases[] = {"deny", "unverifiable", "report-only"};

CASES(signing_verify, a_valid_no_is_a_no, no_cases)
{
    struct stage s;

    stage_open(&s, no_cases[*case_index]);
    EXPECT(&s, s.dsse, VERIFY_RESULT);
    s.opt.predicate_type = PREDICATE_TEST_RESULT;
    EXPECT(&s,
           support_sign(&s.a, support_test_result(&s.a, s.verdict), PAYLOAD_TYPE_INTOTO, s.secret),
           VERIFY_RESULT);
    stage_close(&s);
}

Test(signing_verify, a_test_result_is_held_to_the_same)
{
    struct slice file;
    struct stage s;

    stage_open(&s, "allow-with-low");
    file = support_sign(&s.a, support_test_result(&s.a, s.verdict), PAYLOAD_TYPE_INTOTO, s.secret);
    s.opt.predicate_type = PREDICATE_TEST_RESULT;
    s.opt.verifier_id = SUPPORT_VERIFIER;
    s.opt.policy_digest = value_cstr(value_path(s.verdict, "policy.digest"), NULL);
    s.opt.resource_uri = value_cstr(value_path(s.verdict, "subjects.0.uri"), NULL);
    EXPECT(&s, file, VERIFY_OK);
    s.opt.resource_uri = value_cstr(value_path(s.verdict, "subjects.1.uri"), NULL);
    EXPECT(&s, file, VERIFY_RESOURCE);
    s.opt.subject_digest = value_cstr(value_path(s.verdict, "subjects.1.digest"), NULL);
    EXPECT(&s, file, VERIFY_OK);
    s.opt.verifier_id = "x";
    EXPECT(&s, file, VERIFY_VERIFIER);
    s.opt.verifier_id = NULL;
    s.opt.policy_digest = "sha256:00";
    EXPECT(&s, file, VERIFY_POLICY);
    s.opt.policy_digest = NULL;
    s.opt.now = SUPPORT_NOW - 1;
    EXPECT(&s, file, VERIFY_TIME);
    stage_close(&s);
}

/*
 * One statement text, changed by replacing `from`, then signed by the trusted key: only the
 * claim can refuse it.
 */
struct claim_case {
    const char *what, *from, *to;
    enum verify_reason want;
};

static const struct claim_case claim_cases[] = {
    {"unchanged", "PASSED", "PASSED", VERIFY_OK},
    {"statement type", "in-toto.io/Statement/v1", "in-toto.io/Statement/v2", VERIFY_MALFORMED},
    {"old statement type", "in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1",
     VERIFY_MALFORMED},
    {"no predicateType", "\"predicateType\"", "\"predicatetype\"", VERIFY_MALFORMED},
    {"predicate a list", "\"predicate\":{", "\"predicate\":[],\"x\":{", VERIFY_MALFORMED},
    {"no subject", "\"subject\":[", "\"subject\":[],\"subjects\":[", VERIFY_MALFORMED},
    {"weak digest only", "\"digest\":{\"sha256\"", "\"digest\":{\"sha1\"", VERIFY_SUBJECT},
    {"verifier missing", "\"verifier\"", "\"Verifier\"", VERIFY_MALFORMED},
    {"resource missing", "\"resourceUri\"", "\"resourceURI\"", VERIFY_MALFORMED},
    {"time missing", "\"timeVerified\"", "\"timeverified\"", VERIFY_TIME},
    {"time unreadable", "2026-11-23T05:00:00Z", "2026-11-23", VERIFY_TIME},
    {"time ahead", "2026-11-23T05:00:00Z", "2999-11-23T05:00:00Z", VERIFY_TIME},
    {"time in another zone", "2026-11-23T05:00:00Z", "2026-11-23T07:00:00+02:00", VERIFY_OK},
    {"result missing", "\"verificationResult\"", "\"result\"", VERIFY_RESULT},
    {"result lower case", "PASSED", "passed", VERIFY_RESULT},
    {"result unknown", "PASSED", "PASSED2", VERIFY_RESULT},
    {"report-only all the same", "\"report_only\":false", "\"report_only\":true", VERIFY_RESULT},
    {"deny all the same", "\"decision\":\"allow\"", "\"decision\":\"deny\"", VERIFY_RESULT},
    {"no decision", "\"decision\":\"allow\"", "\"Decision\":\"allow\"", VERIFY_RESULT},
};

static struct slice replaced(struct arena *a, struct slice text, const char *from, const char *to)
{
    struct slice out;
    struct buf b;
    size_t at = 0;

    cr_assert(slice_find(text, slice_str(from), &at), "%s", from);
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    buf_put(&b, (struct slice){text.data, at});
    buf_str(&b, to);
    buf_put(&b, slice_from(text, at + strlen(from)));
    out = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return out;
}

CASES(signing_verify, a_signed_statement_is_not_believed_blindly, claim_cases)
{
    const struct claim_case *c = &claim_cases[*case_index];
    enum verify_reason got;
    struct slice text;
    struct stage s;

    stage_open(&s, "allow");
    text = replaced(&s.a, s.statement, c->from, c->to);
    got = judge(&s, support_sign(&s.a, text, PAYLOAD_TYPE_INTOTO, s.secret));
    cr_expect_eq(got, c->want, "%s: %s: %s", c->what, verify_reason_name(got), s.result.text);
    stage_close(&s);
}

/* An envelope with the signatures of several others over the same statement. */
static struct slice joined(struct stage *s, struct slice *files, size_t n)
{
    struct envelope_signature *all = ARENA_ARRAY(&s->a, struct envelope_signature, n);
    struct envelope env = {0};
    struct slice out;
    struct err e = {0};
    struct buf b;

    for (size_t i = 0; i < n; i++) {
        cr_assert(envelope_read(files[i], ENVELOPE_OURS, &s->a, &env, &e), "%s", e.text);
        all[i] = env.signatures[0];
    }
    env.signatures = all;
    env.nsignatures = n;
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    envelope_write(&env, &b);
    out = arena_slice(&s->a, buf_slice(&b));
    buf_release(&b);
    return out;
}

Test(signing_verify, a_threshold_counts_keys_and_not_signatures)
{
    struct slice one, two, files[2];
    struct stage s;

    stage_open(&s, "allow");
    files[0] = s.dsse;
    files[1] = s.dsse;
    one = joined(&s, files, 2);
    files[1] = support_sign(&s.a, s.statement, PAYLOAD_TYPE_INTOTO, s.other_secret);
    two = joined(&s, files, 2);
    s.opt.threshold = 2;
    s.keys[1] = s.other_public;
    s.opt.nkeys = 2;
    EXPECT(&s, one, VERIFY_UNKNOWN_KEY);
    EXPECT(&s, two, VERIFY_OK);
    s.keys[1] = s.public; /* the same key twice among the trusted */
    EXPECT(&s, one, VERIFY_UNKNOWN_KEY);
    EXPECT(&s, two, VERIFY_UNKNOWN_KEY);
    s.opt.foreign = true;
    EXPECT(&s, one, VERIFY_UNKNOWN_KEY);
    s.opt.foreign = false;
    s.opt.threshold = 1;
    s.opt.nkeys = 1;
    EXPECT(&s, two, VERIFY_OK); /* DSSE: a signature by a key one does not know is passed over */
    stage_close(&s);
}

/* Under both names of RSA the number is the same, and so is the key. */
Test(signing_verify, two_forms_of_a_key_are_one_key)
{
    struct key *plain, *point;
    struct slice files[2];
    struct stage s;

    stage_open(&s, "allow");
    plain = support_public(&s.a, "p256");
    point = support_public(&s.a, "p256-compressed");
    s.keys[0] = plain;
    s.keys[1] = point;
    s.opt.nkeys = 2;
    s.opt.threshold = 2;
    key_free(s.secret);
    s.secret = support_private(&s.a, "p256");
    files[0] = support_sign(&s.a, s.statement, PAYLOAD_TYPE_INTOTO, s.secret);
    files[1] = support_sign(&s.a, s.statement, PAYLOAD_TYPE_INTOTO, s.secret);
    EXPECT(&s, joined(&s, files, 2), VERIFY_UNKNOWN_KEY);
    s.opt.foreign = true;
    EXPECT(&s, joined(&s, files, 2), VERIFY_UNKNOWN_KEY);
    key_free(plain);
    key_free(point);
    stage_close(&s);
}

Test(signing_verify, other_tools_files_are_read_by_option)
{
    struct slice pretty;
    struct json_out o;
    struct stage s;
    struct buf b;

    stage_open(&s, "allow");
    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    json_out_init(&o, &b, JSON_PRETTY);
    json_out_value(&o, support_json(&s.a, s.dsse));
    pretty = buf_slice(&b);
    EXPECT(&s, pretty, VERIFY_MALFORMED);
    s.opt.foreign = true;
    EXPECT(&s, pretty, VERIFY_OK);
    EXPECT(&s, replaced(&s.a, pretty, "\"keyid\"", "\"Keyid\""), VERIFY_OK);
    s.keys[0] = s.other_public;
    EXPECT(&s, pretty, VERIFY_UNKNOWN_KEY);
    EXPECT(&s, replaced(&s.a, pretty, "\"keyid\"", "\"Keyid\""), VERIFY_BAD_SIGNATURE);
    buf_release(&b);
    stage_close(&s);
}

Test(signing_verify, a_predicate_without_a_verifier_does_not_meet_a_demand_for_one)
{
    static const char text[] =
        "{\"_type\":\"https://in-toto.io/Statement/"
        "v1\",\"subject\":[{\"digest\":{\"sha256\":\"%s\"}}],\"predicateType\":\"https://slsa.dev/"
        "provenance/v1\",\"predicate\":{}}";
    struct slice file;
    struct stage s;

    stage_open(&s, "allow");
    file = replaced(&s.a, slice_str(text), "%s", s.opt.subject_digest + 7);
    file = support_sign(&s.a, file, PAYLOAD_TYPE_INTOTO, s.secret);
    s.opt.predicate_type = "https://slsa.dev/provenance/v1";
    EXPECT(&s, file, VERIFY_OK);
    s.opt.verifier_id = SUPPORT_VERIFIER;
    EXPECT(&s, file, VERIFY_VERIFIER);
    s.opt.verifier_id = NULL;
    s.opt.policy_digest = "sha256:00";
    EXPECT(&s, file, VERIFY_POLICY);
    s.opt.policy_digest = NULL;
    s.opt.resource_uri = "x";
    EXPECT(&s, file, VERIFY_RESOURCE);
    s.opt.resource_uri = NULL;
    s.opt.max_age_seconds = 1;
    EXPECT(&s, file, VERIFY_TIME);
    stage_close(&s);
}

Test(signing_verify, hostile_text_in_a_statement_stays_harmless)
{
    struct stage s;

    stage_open(&s, "allow");
    s.opt.verifier_id = "somebody";
    EXPECT(&s,
           support_sign(&s.a,
                        replaced(&s.a, s.statement, SUPPORT_VERIFIER, "\\u001b[31m\\u202ered"),
                        PAYLOAD_TYPE_INTOTO, s.secret),
           VERIFY_VERIFIER);
    cr_expect_null(strchr(s.result.text, 0x1b));
    cr_expect_null(strstr(s.result.text, "\xe2\x80\xae"));
    stage_close(&s);
}

Test(signing_verify, every_reason_has_a_name)
{
    for (int r = VERIFY_OK; r <= VERIFY_RESULT; r++)
        for (int q = VERIFY_OK; q < r; q++)
            cr_expect_str_neq(verify_reason_name((enum verify_reason)r),
                              verify_reason_name((enum verify_reason)q));
}

/* Files made by openssl and jq alone: fixtures/dsse/make.sh. */
struct file_case {
    const char *path;
    enum verify_reason ours, foreign;
};

#define DSSE "fixtures/dsse/"
#define BUNDLE "fixtures/bundle/"

static const struct file_case file_cases[] = {
    {DSSE "good/vsa.json", VERIFY_OK, VERIFY_OK},
    {DSSE "good/pretty.json", VERIFY_MALFORMED, VERIFY_OK},
    {DSSE "good/no-keyid.json", VERIFY_MALFORMED, VERIFY_OK},
    {DSSE "good/null-keyid.json", VERIFY_MALFORMED, VERIFY_OK},
    {DSSE "good/url-safe.json", VERIFY_MALFORMED, VERIFY_OK},
    {DSSE "bad/failed.json", VERIFY_RESULT, VERIFY_RESULT},
    {DSSE "bad/payload-type.json", VERIFY_PAYLOAD_TYPE, VERIFY_PAYLOAD_TYPE},
    {DSSE "bad/not-json.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {DSSE "bad/no-signature.json", VERIFY_NO_SIGNATURE, VERIFY_NO_SIGNATURE},
    {DSSE "good/twice.json", VERIFY_OK, VERIFY_OK}, /* one key, threshold 1 */
    {DSSE "bad/other-payload.json", VERIFY_BAD_SIGNATURE, VERIFY_BAD_SIGNATURE},
    {DSSE "bad/cut.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {DSSE "bad/base64-bits.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {BUNDLE "good/v0.3.json", VERIFY_OK, VERIFY_OK},
    {BUNDLE "good/version-0.1.json", VERIFY_OK, VERIFY_OK},
    {BUNDLE "good/version-0.2.json", VERIFY_OK, VERIFY_OK},
    {BUNDLE "good/version-0.3.json", VERIFY_OK, VERIFY_OK},
    {BUNDLE "good/entries.json", VERIFY_MALFORMED, VERIFY_OK},
    {BUNDLE "bad/v0.4.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {BUNDLE "bad/certificate.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {BUNDLE "bad/message.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {BUNDLE "bad/two-signatures.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {BUNDLE "bad/no-material.json", VERIFY_MALFORMED, VERIFY_MALFORMED},
    {BUNDLE "bad/other-hint.json", VERIFY_MALFORMED, VERIFY_OK},
};

CASES(signing_verify, judges_files_made_by_openssl, file_cases)
{
    const struct file_case *c = &file_cases[*case_index];
    struct slice file;
    struct stage s;

    stage_open(&s, "allow");
    file = support_file(&s.a, c->path);
    /* of "artifact" */
    s.opt.subject_digest =
        "sha256:c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c";
    for (int foreign = 0; foreign < 2; foreign++) {
        const enum verify_reason want = foreign ? c->foreign : c->ours;
        enum verify_reason got;

        s.opt.foreign = foreign;
        got = judge(&s, file);
        cr_expect_eq(got, want, "%s (%d): %s: %s", c->path, foreign, verify_reason_name(got),
                     s.result.text);
    }
    stage_close(&s);
}
