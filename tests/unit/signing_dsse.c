#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>

#include "base/base64.h"
#include "signing/envelope.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

static struct slice pae(struct arena *a, struct slice type, struct slice body)
{
    struct slice out;
    struct buf b;

    buf_init(&b, 4096);
    envelope_pae(type, body, &b);
    out = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return out;
}

/* TEST-OF: DSSE v1.0.2 protocol.md, "PAE" */
Test(signing_dsse, pae_counts_bytes)
{
    struct arena a;

    arena_init(&a);
    cr_expect(
        slice_is(pae(&a, SLICE_LIT("http://example.com/HelloWorld"), SLICE_LIT("hello world")),
                 "DSSEv1 29 http://example.com/HelloWorld 11 hello world"));
    cr_expect(slice_is(pae(&a, SLICE_LIT("t\xc3\xa9"), SLICE_LIT("")), "DSSEv1 3 t\xc3\xa9 0 "),
              "a letter of two bytes counts two");
    cr_expect(slice_eq(pae(&a, SLICE_LIT("a"), SLICE_LIT("b\0c")), SLICE_LIT("DSSEv1 1 a 3 b\0c")));
    arena_release(&a);
}

/* The public key of the vector in protocol.md, from its two decimal coordinates. */
static struct key *vector_key(void)
{
    static const char x[] =
        "46950820868899156662930047687818585632848591499744589407958293238635476079160";
    static const char y[] =
        "5640078356564379163099075877009565129882514886557779369047442380624545832820";
    unsigned char point[65] = {4};
    BIGNUM *bx = NULL, *by = NULL;
    OSSL_PARAM params[3];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    struct key *k = NULL;
    struct err e = {0};
    char group[] = "P-256";

    cr_assert(BN_dec2bn(&bx, x) && BN_dec2bn(&by, y));
    cr_assert(BN_bn2binpad(bx, point + 1, 32) == 32 && BN_bn2binpad(by, point + 33, 32) == 32);
    BN_free(bx);
    BN_free(by);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point));
    params[2] = OSSL_PARAM_construct_end();
    cr_assert(EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1);
    EVP_PKEY_CTX_free(ctx);
    cr_assert(key_take(pkey, false, &k, &e), "%s", e.text);
    return k;
}

/* The vector writes r and s side by side; everybody else, and we, write DER. */
static struct slice der_of(struct slice raw, struct arena *a)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *der = NULL;
    struct slice out;
    int len;

    cr_assert_eq(raw.len, 64);
    cr_assert(
        ECDSA_SIG_set0(sig, BN_bin2bn(raw.data, 32, NULL), BN_bin2bn(raw.data + 32, 32, NULL)));
    len = i2d_ECDSA_SIG(sig, &der);
    cr_assert(len > 0);
    out = arena_slice(a, (struct slice){der, (size_t)len});
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    return out;
}

/* TEST-OF: DSSE v1.0.2 protocol.md, "Test Vectors" */
Test(signing_dsse, the_vector_of_the_specification_holds)
{
    static const char envelope[] =
        "{\"payload\": \"aGVsbG8gd29ybGQ=\",\n \"payloadType\": "
        "\"http://example.com/HelloWorld\",\n \"signatures\": [{\"sig\": "
        "\"A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
        "\"}]}\n";
    struct key *k = vector_key();
    struct envelope env;
    struct slice message;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect_not(envelope_read(slice_str(envelope), ENVELOPE_OURS, &a, &env, &e),
                  "it is pretty-printed");
    err_clear(&e);
    cr_assert(envelope_read(slice_str(envelope), ENVELOPE_FOREIGN, &a, &env, &e), "%s", e.text);
    cr_assert_eq(env.nsignatures, 1);
    cr_expect_eq(env.signatures[0].keyid.len, 0);
    message = pae(&a, env.payload_type, env.payload);
    cr_expect(key_verify(k, message, der_of(env.signatures[0].sig, &a), &e), "%s", e.text);
    cr_expect_not(key_verify(k, message, env.signatures[0].sig, &e),
                  "r and s side by side are not DER");
    key_free(k);
    arena_release(&a);
}

struct read_case {
    const char *what, *text;
    const char *ours, *foreign; /* "" = reads */
};

#define FORM "not in the form it is written in: a byte was changed, or another tool wrote it"
#define SIGS "\"signatures\":[{\"keyid\":\"k\",\"sig\":\"QQ==\"}]"
#define ENV "{\"payload\":\"QUI=\",\"payloadType\":\"t\"," SIGS "}"
#define MATERIAL "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"k\"}}"
#define TYPE3 "\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\""

static const struct read_case read_cases[] = {
    {"ours", ENV "\n", "", ""},
    {"no newline", ENV, FORM, ""},
    {"two newlines", ENV "\n\n", FORM, ""},
    {"a blank inside", "{\"payload\": \"QUI=\",\"payloadType\":\"t\"," SIGS "}\n", FORM, ""},
    {"other order", "{\"payloadType\":\"t\",\"payload\":\"QUI=\"," SIGS "}\n", FORM, ""},
    {"unknown member", "{\"payload\":\"QUI=\",\"payloadType\":\"t\"," SIGS ",\"x\":1}\n", FORM, ""},
    {"escape", "{\"payload\":\"QUI=\",\"payloadType\":\"\\u0074\"," SIGS "}\n", FORM, ""},
    {"no padding", "{\"payload\":\"QUI\",\"payloadType\":\"t\"," SIGS "}\n", FORM, ""},
    {"URL alphabet", "{\"payload\":\"QU-_\",\"payloadType\":\"t\"," SIGS "}\n", FORM, ""},
    {"keyid null",
     "{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":null,\"sig\":\"QQ==\"}"
     "]}\n",
     "signature 0: keyid must be a string, not null", ""},
    {"no keyid",
     "{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"QQ==\"}]}\n", FORM,
     ""},
    {"no signature", "{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[]}\n", "", ""},
    {"bits behind the base64", "{\"payload\":\"QUJ=\",\"payloadType\":\"t\"," SIGS "}\n",
     "payload: base64 text ends in bits that are not zero",
     "payload: base64 text ends in bits that are not zero"},
    {"duplicate payload",
     "{\"payload\":\"QUI=\",\"payload\":\"QUI=\",\"payloadType\":\"t\"," SIGS "}\n",
     "duplicate key 'payload'", "duplicate key 'payload'"},
    {"not JSON", "hello", "*", "*"},
    {"empty", "", "*", "*"},
    {"a list", "[]", "the document must be a map, not list",
     "the document must be a map, not list"},
    {"no payload", "{}\n", "payload is missing", "payload is missing"},
    {"payload a number", "{\"payload\":1,\"payloadType\":\"t\"," SIGS "}\n",
     "payload must be a string, not int", "payload must be a string, not int"},
    {"no payloadType", "{\"payload\":\"QUI=\"," SIGS "}\n", "payloadType is missing",
     "payloadType is missing"},
    {"signatures a map", "{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":{}}\n",
     "signatures must be a list, not map", "signatures must be a list, not map"},
    {"signature a string", "{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[\"x\"]}\n",
     "signature 0: a signature must be a map, not string",
     "signature 0: a signature must be a map, not string"},
    {"bundle", "{" TYPE3 "," MATERIAL ",\"dsseEnvelope\":" ENV "}\n", "", ""},
    {"bundle 0.1",
     "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version=0.1\"," MATERIAL
     ",\"dsseEnvelope\":" ENV "}\n",
     "", ""},
    {"bundle 0.4",
     "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.4+json\"," MATERIAL
     ",\"dsseEnvelope\":" ENV "}\n",
     "bundle: mediaType is not that of a Sigstore bundle v0.1 to v0.3",
     "bundle: mediaType is not that of a Sigstore bundle v0.1 to v0.3"},
    {"bundle without mediaType", "{" MATERIAL ",\"dsseEnvelope\":" ENV "}\n",
     "bundle: mediaType is not that of a Sigstore bundle v0.1 to v0.3",
     "bundle: mediaType is not that of a Sigstore bundle v0.1 to v0.3"},
    {"bundle, other hint",
     "{" TYPE3 ",\"verificationMaterial\":{\"publicKey\":{\"hint\":\"j\"}},\"dsseEnvelope\":" ENV
     "}\n",
     "the hint of the bundle does not name the key of its signature", ""},
    {"bundle with entries",
     "{" TYPE3 ",\"verificationMaterial\":{\"publicKey\":{\"hint\":\"k\"},\"tlogEntries\":[]},"
     "\"dsseEnvelope\":" ENV "}\n",
     FORM, ""},
    {"bundle with a certificate",
     "{" TYPE3
     ",\"verificationMaterial\":{\"certificate\":{\"rawBytes\":\"QQ==\"}},\"dsseEnvelope\":" ENV
     "}\n",
     "bundle: signed with a certificate, not with a key",
     "bundle: signed with a certificate, not with a key"},
    {"bundle of a file", "{" TYPE3 "," MATERIAL ",\"messageSignature\":{}}\n",
     "bundle: the bundle signs a file, not a statement",
     "bundle: the bundle signs a file, not a statement"},
    {"bundle without envelope", "{" TYPE3 "," MATERIAL "}\n",
     "bundle: dsseEnvelope: the envelope is missing",
     "bundle: dsseEnvelope: the envelope is missing"},
    {"bundle with two signatures",
     "{" TYPE3 "," MATERIAL
     ",\"dsseEnvelope\":{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":"
     "\"k\",\"sig\":\"QQ==\"},{\"keyid\":\"k\",\"sig\":\"QQ==\"}]}}\n",
     "bundle: 2 signatures in a bundle, 1 allowed", "bundle: 2 signatures in a bundle, 1 allowed"},
};

static void expect_read(const struct read_case *c, enum envelope_mode mode, const char *want)
{
    const struct slice text = slice_str(c->text);
    uint8_t *copy = support_copy(text);
    struct envelope env;
    struct arena a;
    struct err e = {0};
    bool done;

    arena_init(&a);
    done = envelope_read((struct slice){copy, text.len}, mode, &a, &env, &e);
    cr_expect_eq(done, want[0] == '\0', "%s (%d): %s", c->what, mode, e.text);
    if (want[0] != '*')
        cr_expect_str_eq(e.text, want, "%s (%d): got '%s'", c->what, mode, e.text);
    else
        cr_expect(e.text[0] != '\0');
    free(copy);
    arena_release(&a);
}

CASES(signing_dsse, reads_its_own_form_and_by_option_others, read_cases)
{
    const struct read_case *c = &read_cases[*case_index];

    expect_read(c, ENVELOPE_OURS, c->ours);
    expect_read(c, ENVELOPE_FOREIGN, c->foreign);
}

static void put_signatures(struct buf *b, int n)
{
    buf_str(b, "{\"payload\":\"QUI=\",\"payloadType\":\"t\",\"signatures\":[");
    for (int i = 0; i < n; i++)
        buf_printf(b, "%s{\"keyid\":\"k%d\",\"sig\":\"QQ==\"}", i > 0 ? "," : "", i);
    buf_str(b, "]}\n");
}

Test(signing_dsse, caps_hold_at_and_one_past)
{
    struct envelope env;
    struct arena a;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, 1u << 20);
    put_signatures(&b, LIMIT_SIGNATURES);
    cr_expect(envelope_read(buf_slice(&b), ENVELOPE_OURS, &a, &env, &e), "%s", e.text);
    buf_clear(&b);
    put_signatures(&b, LIMIT_SIGNATURES + 1);
    cr_expect_not(envelope_read(buf_slice(&b), ENVELOPE_OURS, &a, &env, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "65 signatures, 64 allowed (LIMIT_SIGNATURES)");
    buf_clear(&b);
    err_clear(&e);
    buf_str(&b, "{\"payload\":\"\\\"[[[[,,,,\",\"x\":["); /* brackets in a string do not count */
    for (int i = 0; i < LIMIT_ENVELOPE_VALUES; i++)
        buf_str(&b, "1,");
    cr_expect_not(envelope_read(buf_slice(&b), ENVELOPE_FOREIGN, &a, &env, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_eq(e.offset, 29 + 2 * (uint64_t)(LIMIT_ENVELOPE_VALUES - 2) - 1, "at %llu",
                 (unsigned long long)e.offset);
    buf_release(&b);
    arena_release(&a);
}

Test(signing_dsse, an_envelope_is_the_same_bytes_each_time)
{
    struct arena a;
    struct key *k;

    arena_init(&a);
    k = support_private(&a, "ed25519-a");
    cr_expect(slice_eq(support_sign(&a, SLICE_LIT("x"), "t", k),
                       support_sign(&a, SLICE_LIT("x"), "t", k)));
    key_free(k);
    arena_release(&a);
}

Test(signing_dsse, a_bundle_takes_only_its_own_envelope)
{
    struct slice dsse;
    struct key *k, *other;
    struct arena a;
    struct err e = {0};
    struct buf out;

    arena_init(&a);
    buf_init(&out, 4096);
    k = support_private(&a, "ed25519-a");
    other = support_private(&a, "ed25519-b");
    dsse = support_sign(&a, SLICE_LIT("x"), "t", k);
    cr_expect_not(bundle_wrap(dsse, other, &out, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    err_clear(&e);
    cr_expect_not(bundle_wrap(support_wrap(&a, dsse, k), k, &out, &e),
                  "a bundle is not wrapped again");
    err_clear(&e);
    cr_expect_not(bundle_wrap(SLICE_LIT("{}"), k, &out, &e));
    cr_expect_eq(out.len, 0, "nothing is written when it fails");
    buf_release(&out);
    key_free(k);
    key_free(other);
    arena_release(&a);
}

Test(signing_dsse, a_full_buffer_is_an_error)
{
    struct arena a;
    struct err e = {0};
    struct key *k;
    struct buf out;

    arena_init(&a);
    buf_init(&out, 64);
    k = support_private(&a, "ed25519-a");
    cr_expect_not(dsse_sign(SLICE_LIT("x"), "t", k, &out, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    buf_release(&out);
    key_free(k);
    arena_release(&a);
}
