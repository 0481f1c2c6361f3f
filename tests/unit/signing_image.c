#include "base/base64.h"
#include "signing/verify_image.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

#define TARGET "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define OTHER "sha256:0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define CRITICAL(ref, digest, type)                                                                \
    "{\"critical\":{\"identity\":{\"docker-reference\":\"" ref                                     \
    "\"},\"image\":{\"docker-manifest-digest\":\"" digest "\"},\"type\":\"" type                   \
    "\"},\"optional\":null}"
#define COSIGN "cosign container image signature"

static const struct value *text64(struct arena *a, struct slice bytes)
{
    const struct value *v;
    struct buf b;

    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    base64_put(&b, bytes);
    v = value_string(a, buf_slice(&b), NULL);
    buf_release(&b);
    return v;
}

static const struct value *candidate(struct arena *a, const char *kind, struct slice payload,
                                     const struct value *sig)
{
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_str(a, kind));
    value_map_add(&b, "target", value_str(a, TARGET));
    value_map_add(&b, "payload", text64(a, payload));
    if (sig != NULL)
        value_map_add(&b, "signature", sig);
    return value_map_end(&b, NULL);
}

static const struct value *signature(struct arena *a, struct slice payload, const struct key *k)
{
    const struct value *v;
    struct err e = {0};
    struct buf b;

    buf_init(&b, LIMIT_KEY_BYTES);
    cr_assert(key_sign(k, payload, &b, &e), "%s", e.text);
    v = text64(a, buf_slice(&b));
    buf_release(&b);
    return v;
}

struct simple_case {
    const char *what, *payload, *identity;
    const char *want; /* reason */
};

static const struct simple_case simple_cases[] = {
    {"cosign", CRITICAL("registry.example/app", TARGET, COSIGN), NULL, "ok"},
    {"containers", CRITICAL("registry.example/app:1", TARGET, "atomic container signature"), NULL,
     "ok"},
    {"another digest", CRITICAL("registry.example/app", OTHER, COSIGN), NULL, "target"},
    {"upper-case digest", CRITICAL("registry.example/app", "SHA256:9F86", COSIGN), NULL, "target"},
    {"another type", CRITICAL("registry.example/app", TARGET, "letter"), NULL, "type"},
    {"identity exact", CRITICAL("registry.example/app", TARGET, COSIGN), "registry.example/app",
     "ok"},
    {"identity with a tag", CRITICAL("registry.example/app:1", TARGET, COSIGN),
     "registry.example/app", "ok"},
    {"identity with a digest", CRITICAL("registry.example/app@" TARGET, TARGET, COSIGN),
     "registry.example/app", "ok"},
    {"identity longer", CRITICAL("registry.example/app2", TARGET, COSIGN), "registry.example/app",
     "identity"},
    {"identity below", CRITICAL("registry.example/app/x", TARGET, COSIGN), "registry.example/app",
     "identity"},
    {"identity elsewhere", CRITICAL("evil.example/registry.example/app", TARGET, COSIGN),
     "registry.example/app", "identity"},
    {"not JSON", "hello", NULL, "malformed"},
    {"empty", "", NULL, "malformed"},
    {"no critical", "{\"optional\":{}}", NULL, "malformed"},
    {"more under critical",
     "{\"critical\":{\"identity\":{\"docker-reference\":\"r\"},\"image\":{\"docker-manifest-"
     "digest\":\"" TARGET "\"},\"type\":\"" COSIGN "\",\"x\":1},\"optional\":null}",
     NULL, "malformed"},
    {"digest twice",
     "{\"critical\":{\"identity\":{\"docker-reference\":\"r\"},\"image\":{\"docker-manifest-"
     "digest\":\"" OTHER "\",\"docker-manifest-digest\":\"" TARGET "\"},\"type\":\"" COSIGN
     "\"},\"optional\":null}",
     NULL, "malformed"},
    {"digest a number",
     "{\"critical\":{\"identity\":{\"docker-reference\":\"r\"},\"image\":{\"docker-manifest-"
     "digest\":1},\"type\":\"" COSIGN "\"}}",
     NULL, "malformed"},
};

CASES(signing_image, judges_simple_signing, simple_cases)
{
    const struct simple_case *c = &simple_cases[*case_index];
    struct candidate_result result;
    struct candidate_key key;
    struct key *secret, *public;
    struct arena a;
    bool done;

    arena_init(&a);
    secret = support_private(&a, "p256");
    public = support_public(&a, "p256");
    key = (struct candidate_key){"release", public, c->identity};
    done = verify_image_signature(candidate(&a, "simple-signing", slice_str(c->payload),
                                            signature(&a, slice_str(c->payload), secret)),
                                  &key, 1, &result);
    cr_expect_str_eq(result.reason, c->want, "%s: got %s: %s", c->what, result.reason, result.text);
    cr_expect_eq(done, strcmp(c->want, "ok") == 0);
    cr_expect_eq(result.verified, done);
    cr_expect_str_eq(result.key, "release", "%s: a signature that holds names its key", c->what);
    cr_expect(result.text[0] != '\0');
    key_free(secret);
    key_free(public);
    arena_release(&a);
}

Test(signing_image, an_unknown_key_and_a_changed_payload_are_untrusted)
{
    const struct slice payload = SLICE_LIT(CRITICAL("r", TARGET, COSIGN));
    const struct slice changed = SLICE_LIT(CRITICAL("s", TARGET, COSIGN));
    struct candidate_result result;
    struct candidate_key keys[2];
    struct key *secret, *public, *other;
    const struct value *sig;
    struct arena a;

    arena_init(&a);
    secret = support_private(&a, "p256");
    public = support_public(&a, "p256");
    other = support_public(&a, "ed25519-a");
    sig = signature(&a, payload, secret);
    keys[0] = (struct candidate_key){"other", other, NULL};
    keys[1] = (struct candidate_key){"release", public, NULL};
    cr_expect_not(
        verify_image_signature(candidate(&a, "simple-signing", payload, sig), keys, 0, &result));
    cr_expect_str_eq(result.reason, "untrusted");
    cr_expect_not(
        verify_image_signature(candidate(&a, "simple-signing", payload, sig), keys, 1, &result));
    cr_expect_str_eq(result.reason, "untrusted");
    cr_expect_null(result.key);
    cr_expect_not(
        verify_image_signature(candidate(&a, "simple-signing", changed, sig), keys, 2, &result));
    cr_expect_str_eq(result.reason, "untrusted");
    cr_expect(
        verify_image_signature(candidate(&a, "simple-signing", payload, sig), keys, 2, &result));
    cr_expect_str_eq(result.key, "release");
    keys[0] = (struct candidate_key){"shop", public, "registry.example/shop"};
    cr_expect(
        verify_image_signature(candidate(&a, "simple-signing", payload, sig), keys, 2, &result),
        "any of the rows of a key may allow");
    cr_expect_str_eq(result.key, "release");
    key_free(secret);
    key_free(public);
    key_free(other);
    arena_release(&a);
}

/* Other signers use RSA with PKCS#1 v1.5 (what OpenSSL does unasked), and P-384 with SHA-256. */
static struct slice signed_as(const struct key *k, struct slice message, struct arena *a)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    unsigned char sig[1024];
    size_t len = sizeof(sig);

    cr_assert_eq(EVP_DigestSignInit(ctx, &pctx, EVP_sha256(), NULL, k->pkey), 1);

    cr_assert_eq(EVP_DigestSign(ctx, sig, &len, message.data, message.len), 1);
    EVP_MD_CTX_free(ctx);
    return arena_slice(a, (struct slice){sig, len});
}

static const char *const other_ways[] = {"rsa3072", "p384"};

CASES(signing_image, accepts_the_ways_of_other_signers, other_ways)
{
    const struct slice payload = SLICE_LIT(CRITICAL("r", TARGET, COSIGN));
    struct candidate_result result;
    struct candidate_key key;
    struct arena a;
    struct key *k;

    arena_init(&a);
    k = support_private(&a, other_ways[*case_index]);
    key = (struct candidate_key){"k", k, NULL};
    cr_expect(verify_image_signature(
                  candidate(&a, "simple-signing", payload, text64(&a, signed_as(k, payload, &a))),
                  &key, 1, &result),
              "%s", result.text);
    key_free(k);
    arena_release(&a);
}

Test(signing_image, judges_statements)
{
    static const char about[] =
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"registry.example/"
        "app\",\"digest\":{\"sha256\":"
        "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}}],\"predicateType\":"
        "\"https://slsa.dev/provenance/v1\",\"predicate\":{}}";
    static const char other[] =
        "{\"_type\":\"https://in-toto.io/Statement/"
        "v1\",\"subject\":[{\"digest\":{\"sha256\":\"00\"}}],\"predicateType\":\"p\"}";
    struct candidate_result result;
    struct candidate_key key;
    struct slice dsse;
    struct arena a;
    struct key *k;

    arena_init(&a);
    k = support_private(&a, "ed25519-a");
    key = (struct candidate_key){"builder", k, NULL};
    dsse = support_sign(&a, slice_str(about), PAYLOAD_TYPE_INTOTO, k);
    cr_expect(verify_image_signature(candidate(&a, "dsse", dsse, NULL), &key, 1, &result), "%s",
              result.text);
    cr_expect_str_eq(result.predicate, "https://slsa.dev/provenance/v1");
    cr_expect_str_eq(result.reference, "registry.example/app");
    cr_expect(verify_image_signature(candidate(&a, "bundle", support_wrap(&a, dsse, k), NULL), &key,
                                     1, &result));
    key.identity = "registry.example/other";
    cr_expect_not(verify_image_signature(candidate(&a, "dsse", dsse, NULL), &key, 1, &result));
    cr_expect_str_eq(result.reason, "identity");
    key.identity = NULL;
    cr_expect_not(verify_image_signature(
        candidate(&a, "dsse", support_sign(&a, slice_str(other), PAYLOAD_TYPE_INTOTO, k), NULL),
        &key, 1, &result));
    cr_expect_str_eq(result.reason, "target");
    cr_expect_not(verify_image_signature(
        candidate(&a, "dsse", support_sign(&a, slice_str(about), "text/plain", k), NULL), &key, 1,
        &result));
    cr_expect_str_eq(result.reason, "type");
    cr_expect_not(verify_image_signature(
        candidate(&a, "dsse", support_sign(&a, SLICE_LIT("x"), PAYLOAD_TYPE_INTOTO, k), NULL), &key,
        1, &result));
    cr_expect_str_eq(result.reason, "malformed");
    cr_expect_not(
        verify_image_signature(candidate(&a, "dsse", SLICE_LIT("{}"), NULL), &key, 1, &result));
    cr_expect_str_eq(result.reason, "malformed");
    key_free(k);
    arena_release(&a);
}

static const char *const broken[] = {
    "null",
    "[]",
    "{}",
    "{\"kind\":\"dsse\"}",
    "{\"kind\":\"dsse\",\"target\":\"" TARGET "\"}",
    "{\"kind\":\"dsse\",\"target\":\"latest\",\"payload\":\"e30=\"}",
    "{\"kind\":\"dsse\",\"target\":\"" TARGET "\",\"payload\":\"***\"}",
    "{\"kind\":\"gpg\",\"target\":\"" TARGET "\",\"payload\":\"e30=\"}",
    "{\"kind\":\"simple-signing\",\"target\":\"" TARGET "\",\"payload\":\"e30=\"}",
    "{\"kind\":\"simple-signing\",\"target\":\"" TARGET
    "\",\"payload\":\"e30=\",\"signature\":\"*\"}",
};

CASES(signing_image, a_broken_candidate_is_malformed, broken)
{
    struct candidate_result result;
    struct arena a;

    arena_init(&a);
    cr_expect_not(
        verify_image_signature(support_json(&a, slice_str(broken[*case_index])), NULL, 0, &result));
    cr_expect_str_eq(result.reason, "malformed", "%s: %s", broken[*case_index], result.text);
    cr_expect_not(result.verified);
    arena_release(&a);
}
