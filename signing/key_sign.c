#include <openssl/err.h>
#include <openssl/rsa.h>

#include "signing/key.h"

static const EVP_MD *hash_of(enum key_kind kind)
{
    switch (kind) {
    case KEY_ECDSA_P256:
    case KEY_RSA_PSS:
        return EVP_sha256();
    case KEY_ECDSA_P384:
        return EVP_sha384();
    case KEY_ED25519:
        break;
    }
    return NULL;
}

static bool set_padding(EVP_PKEY_CTX *pctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, KEY_PSS_SALT_BYTES) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_sha256()) > 0;
}

static bool sign_with(const struct key *k, EVP_MD_CTX *ctx, struct slice message, struct buf *sig)
{
    unsigned char out[KEY_RSA_MAX_BITS / 8]; /* the longest signature of the kinds we sign with */
    size_t len = sizeof(out);
    EVP_PKEY_CTX *pctx = NULL;

    if (EVP_DigestSignInit(ctx, &pctx, hash_of(k->kind), NULL, k->pkey) != 1)
        return false;
    if (k->kind == KEY_RSA_PSS && !set_padding(pctx))
        return false;
    if (EVP_DigestSign(ctx, out, &len, message.data, message.len) != 1)
        return false;
    buf_put(sig, (struct slice){out, len});
    return true;
}

bool key_sign(const struct key *k, struct slice message, struct buf *sig, struct err *e)
{
    EVP_MD_CTX *ctx;
    bool done;

    if (!k->secret)
        return err_fail(e, ERR_USAGE, "signing needs the private half of the key");
    ctx = EVP_MD_CTX_new();
    if (ctx == NULL)
        abort();
    done = sign_with(k, ctx, message, sig);
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    if (!done)
        return err_fail(e, ERR_CRYPTO, "the key (%s) refuses to sign", key_kind_name(k->kind));
    return buf_finish(sig, e);
}
