#include "signing/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

static const char *const kind_names[] = {
    [KEY_ECDSA_P256] = "ecdsa-p256",
    [KEY_ECDSA_P384] = "ecdsa-p384",
    [KEY_ED25519] = "ed25519",
    [KEY_RSA_PSS] = "rsa-pss",
};

/*
 * Named curves only: explicit parameters may look like P-256 and have another generator
 * (CVE-2020-0601).
 */
static bool ec_kind(EVP_PKEY *pkey, enum key_kind *out, struct err *e)
{
    char group[64] = "";
    int explicit = 0;

    if (EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit) &&
        explicit != 0)
        return err_fail(e, ERR_CRYPTO,
                        "an EC key with explicit parameters, named curves are allowed");
    if (!EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
                                        NULL))
        return err_fail(e, ERR_CRYPTO, "an EC key without a named curve");
    if (strcmp(group, "prime256v1") == 0)
        *out = KEY_ECDSA_P256;
    else if (strcmp(group, "secp384r1") == 0)
        *out = KEY_ECDSA_P384;
    else
        return err_fail(e, ERR_CRYPTO, "curve %s, P-256 and P-384 are allowed", group);
    return true;
}

static bool rsa_kind(EVP_PKEY *pkey, enum key_kind *out, struct err *e)
{
    const int bits = EVP_PKEY_get_bits(pkey);

    if (bits < KEY_RSA_MIN_BITS || bits > KEY_RSA_MAX_BITS)
        return err_fail(e, ERR_CRYPTO, "an RSA key of %d bits, %d to %d are allowed", bits,
                        KEY_RSA_MIN_BITS, KEY_RSA_MAX_BITS);
    *out = KEY_RSA_PSS;
    return true;
}

static bool find_kind(EVP_PKEY *pkey, enum key_kind *out, struct err *e)
{
    const char *type = EVP_PKEY_get0_type_name(pkey);

    if (EVP_PKEY_is_a(pkey, "EC"))
        return ec_kind(pkey, out, e);
    if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS"))
        return rsa_kind(pkey, out, e);
    if (!EVP_PKEY_is_a(pkey, "ED25519"))
        return err_fail(e, ERR_CRYPTO, "a key of type %s, EC, Ed25519 and RSA are allowed",
                        type != NULL ? type : "unknown");
    *out = KEY_ED25519;
    return true;
}

/*
 * The numbers of the key: a point off the curve, an even modulus, halves that do not belong
 * together.
 */
static bool check_numbers(EVP_PKEY *pkey, bool secret, struct err *e)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    const bool good = ctx != NULL && EVP_PKEY_public_check(ctx) == 1 &&
                      (!secret || EVP_PKEY_pairwise_check(ctx) == 1);

    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return good || err_fail(e, ERR_CRYPTO, "the numbers of the key do not make a key");
}

bool key_take(EVP_PKEY *pkey, bool secret, struct key **out, struct err *e)
{
    enum key_kind kind = KEY_ED25519;
    struct key *k;

    if (!find_kind(pkey, &kind, e) || !check_numbers(pkey, secret, e)) {
        EVP_PKEY_free(pkey);
        return false;
    }
    /* One key has one keyid: a compressed point is written out in full. */
    if (kind == KEY_ECDSA_P256 || kind == KEY_ECDSA_P384)
        EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                       OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
    k = calloc(1, sizeof(*k));
    if (k == NULL)
        abort();
    *k = (struct key){pkey, kind, secret};
    *out = k;
    return true;
}

void key_free(struct key *k)
{
    if (k == NULL)
        return;
    EVP_PKEY_free(k->pkey); /* cleanses the private numbers */
    free(k);
}

enum key_kind key_kind(const struct key *k)
{
    return k->kind;
}

const char *key_kind_name(enum key_kind kind)
{
    return kind_names[kind];
}

void key_id(const struct key *k, char out[65])
{
    unsigned char *der = NULL;
    const int len = i2d_PUBKEY(k->pkey, &der);
    char hex[DIGEST_TEXT_MAX];
    struct digest d;

    if (len <= 0)
        abort(); /* a key that was read can be written */
    digest_of((struct slice){der, (size_t)len}, DIGEST_SHA256, &d);
    OPENSSL_free(der);
    digest_hex(&d, hex);
    memcpy(out, hex, 64);
    out[64] = '\0';
}

static bool same_number(const struct key *a, const struct key *b, const char *name)
{
    BIGNUM *x = NULL, *y = NULL;
    const bool same = EVP_PKEY_get_bn_param(a->pkey, name, &x) &&
                      EVP_PKEY_get_bn_param(b->pkey, name, &y) && BN_cmp(x, y) == 0;

    BN_free(x);
    BN_free(y);
    return same;
}

bool key_same(const struct key *a, const struct key *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == KEY_RSA_PSS)
        return same_number(a, b, OSSL_PKEY_PARAM_RSA_N);
    return EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}
