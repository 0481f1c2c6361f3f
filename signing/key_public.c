#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "signing/key.h"
#include "signing/key_source.h"
#include "signing/pem.h"
#include "signing/verifier.h"

static bool decode(const struct pem *pem, struct key **out, struct err *e)
{
    const unsigned char *at = pem->der.data;
    EVP_PKEY *pkey;

    if (strstr(pem->label, "PRIVATE KEY") != NULL)
        return err_fail(e, ERR_USAGE, "this is a private key, the public key is wanted here");
    if (strcmp(pem->label, "PUBLIC KEY") != 0)
        return err_fail(e, ERR_UNSUPPORTED, "PEM block '%s', 'PUBLIC KEY' is allowed", pem->label);
    pkey = d2i_PUBKEY(NULL, &at, (long)pem->der.len);
    ERR_clear_error();
    if (pkey == NULL)
        return err_fail(e, ERR_FORMAT, "not a SubjectPublicKeyInfo of a known kind of key");
    if (at != pem->der.data + pem->der.len) {
        EVP_PKEY_free(pkey);
        return err_fail(e, ERR_FORMAT, "%td bytes follow the key in its PEM block",
                        pem->der.data + pem->der.len - at);
    }
    return key_take(pkey, false, out, e);
}

bool key_public_pem(struct slice pem, struct key **out, struct err *e)
{
    struct pem block;
    bool done;

    if (!pem_read(pem, &block, e))
        return false;
    done = decode(&block, out, e);
    secret_wipe(&block.der); /* somebody may have given a private key */
    return done;
}

bool key_public_write(const struct key *k, struct buf *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const bool done = bio != NULL && PEM_write_bio_PUBKEY(bio, k->pkey) == 1;
    char *text;
    long len;

    if (done) {
        len = BIO_get_mem_data(bio, &text);
        buf_put(pem, (struct slice){(const uint8_t *)text, (size_t)len});
    }
    BIO_free(bio);
    return done;
}

bool key_public(const char *ref, struct key **out, struct err *e)
{
    char scheme[KEY_SOURCE_SCHEME_MAX];
    const struct verifier *v;
    const char *rest;

    key_source_split(ref, scheme, &rest);
    v = verifier_find(scheme);
    if (v == NULL)
        return err_fail(e, ERR_USAGE, "unknown kind of key '%s://', env:// and file: are known",
                        scheme);
    return v->open(rest, out, e);
}
