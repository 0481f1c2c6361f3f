#include <openssl/err.h>
#include <openssl/rsa.h>

#include "signing/key.h"

/* One way to check a signature with a key. */
struct way {
    const EVP_MD *md; /* NULL: the key hashes by itself (Ed25519) */
    int padding;      /* RSA only; else 0 */
};

static bool set_padding(EVP_PKEY_CTX *pctx, int padding)
{
    if (EVP_PKEY_CTX_set_rsa_padding(pctx, padding) <= 0)
        return false;
    if (padding != RSA_PKCS1_PSS_PADDING)
        return true;
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, KEY_PSS_SALT_BYTES) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_sha256()) > 0;
}

static bool holds(const struct key *k, const struct way *way, struct slice message,
                  struct slice sig)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    bool good;

    if (ctx == NULL)
        abort();
    good = EVP_DigestVerifyInit(ctx, &pctx, way->md, NULL, k->pkey) == 1 &&
           (way->padding == 0 || set_padding(pctx, way->padding)) &&
           EVP_DigestVerify(ctx, sig.data, sig.len, message.data, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

bool key_verify(const struct key *k, struct slice message, struct slice sig, struct err *e)
{
    struct way way = {NULL, 0};

    if (k->kind == KEY_ECDSA_P256)
        way.md = EVP_sha256();
    else if (k->kind == KEY_ECDSA_P384)
        way.md = EVP_sha384();
    else if (k->kind == KEY_RSA_PSS)
        way = (struct way){EVP_sha256(), RSA_PKCS1_PSS_PADDING};
    return holds(k, &way, message, sig) ||
           err_fail(e, ERR_CRYPTO, "the signature does not hold (%s)", key_kind_name(k->kind));
}

bool key_verify_other(const struct key *k, struct slice message, struct slice sig)
{
    struct way way = {EVP_sha256(), 0};

    if (k->kind != KEY_ECDSA_P384 && k->kind != KEY_RSA_PSS)
        return false;
    if (k->kind == KEY_RSA_PSS)
        way.padding = RSA_PKCS1_PADDING;
    return holds(k, &way, message, sig);
}
