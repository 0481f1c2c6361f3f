#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

#include "signing/key.h"
#include "signing/key_source.h"
#include "signing/pem.h"
#include "signing/signer.h"

#define PASSWORD_VARIABLE "SALLYPORT_KEY_PASSWORD"
#define PASSWORD_MAX 1024 /* bytes */

static bool trailing(const struct pem *pem, const unsigned char *at, struct err *e)
{
    const unsigned char *end = pem->der.data + pem->der.len;

    return at == end ||
           err_fail(e, ERR_FORMAT, "%td bytes follow the key in its PEM block", end - at);
}

static bool from_pkcs8(PKCS8_PRIV_KEY_INFO *p8, struct key **out, struct err *e)
{
    EVP_PKEY *pkey = EVP_PKCS82PKEY(p8);

    ERR_clear_error();
    if (pkey == NULL)
        return err_fail(e, ERR_FORMAT, "not a private key of a known kind");
    return key_take(pkey, true, out, e);
}

static bool open_plain(const struct pem *pem, struct key **out, struct err *e)
{
    const unsigned char *at = pem->der.data;
    PKCS8_PRIV_KEY_INFO *p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)pem->der.len);
    bool done;

    ERR_clear_error();
    if (p8 == NULL)
        return err_fail(e, ERR_FORMAT, "the PEM block is not PKCS#8");
    done = trailing(pem, at, e) && from_pkcs8(p8, out, e);
    PKCS8_PRIV_KEY_INFO_free(p8); /* cleanses the octets */
    return done;
}

static bool find_password(const char *given, const char **out, struct err *e)
{
    const char *password = given != NULL ? given : getenv(PASSWORD_VARIABLE);

    if (password == NULL || password[0] == '\0')
        return err_fail(e, ERR_USAGE, "the key is encrypted and %s is not set", PASSWORD_VARIABLE);
    if (strnlen(password, PASSWORD_MAX + 1) > PASSWORD_MAX)
        return err_fail(e, ERR_LIMIT, "a password of more than %d bytes", PASSWORD_MAX);
    *out = password;
    return true;
}

/* A key file may not keep the machine busy: about five seconds of either derivation. */
#define PBKDF2_ROUNDS_MAX 10000000
#define SCRYPT_PARALLEL_MAX 32 /* OpenSSL caps the memory of each at 32 MiB */

static bool check_rounds(const X509_ALGOR *kdf, struct err *e)
{
    PBKDF2PARAM *pbkdf2 = NULL;
    SCRYPT_PARAMS *scrypt = NULL;
    int64_t rounds = -1, parallel = -1;

    if (OBJ_obj2nid(kdf->algorithm) == NID_id_pbkdf2) {
        pbkdf2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), kdf->parameter);
        if (pbkdf2 == NULL || !ASN1_INTEGER_get_int64(&rounds, pbkdf2->iter))
            rounds = -1;
        PBKDF2PARAM_free(pbkdf2);
        return (rounds > 0 && rounds <= PBKDF2_ROUNDS_MAX) ||
               err_fail(e, ERR_LIMIT, "the rounds of the key's PBKDF2 are unreadable or above %d",
                        PBKDF2_ROUNDS_MAX);
    }
    if (OBJ_obj2nid(kdf->algorithm) != NID_id_scrypt)
        return err_fail(e, ERR_UNSUPPORTED, "the key is sealed with neither scrypt nor PBKDF2");
    scrypt = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), kdf->parameter);
    if (scrypt == NULL || !ASN1_INTEGER_get_int64(&parallel, scrypt->parallelizationParameter))
        parallel = -1;
    SCRYPT_PARAMS_free(scrypt);
    return (parallel > 0 && parallel <= SCRYPT_PARALLEL_MAX) ||
           err_fail(e, ERR_LIMIT, "the parallelism of the key's scrypt is unreadable or above %d",
                    SCRYPT_PARALLEL_MAX);
}

/* SPEC: RFC 8018 section 6.2: PBES2; the schemes of PBES1 and PKCS#12 use DES, RC2 and RC4. */
static bool check_scheme(const X509_SIG *sealed, struct err *e)
{
    const X509_ALGOR *alg = NULL;
    PBE2PARAM *pbes2;
    bool good;

    X509_SIG_get0(sealed, &alg, NULL);
    if (OBJ_obj2nid(alg->algorithm) != NID_pbes2)
        return err_fail(e, ERR_UNSUPPORTED,
                        "the key is not encrypted with PBES2: convert it with openssl "
                        "pkcs8 -topk8 -scrypt");
    pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), alg->parameter);
    ERR_clear_error();
    if (pbes2 == NULL)
        return err_fail(e, ERR_FORMAT, "the parameters of PBES2 are unreadable");
    good = check_rounds(pbes2->keyfunc, e);
    PBE2PARAM_free(pbes2);
    ERR_clear_error();
    return good;
}

static bool unseal(const X509_SIG *sealed, const char *given, struct key **out, struct err *e)
{
    PKCS8_PRIV_KEY_INFO *p8;
    const char *password;
    bool done;

    if (!check_scheme(sealed, e) || !find_password(given, &password, e))
        return false;
    p8 = PKCS8_decrypt(sealed, password, (int)strlen(password));
    ERR_clear_error();
    if (p8 == NULL)
        return err_fail(e, ERR_CRYPTO, "the password does not open the key");
    done = from_pkcs8(p8, out, e);
    PKCS8_PRIV_KEY_INFO_free(p8);
    return done;
}

static bool open_sealed(const struct pem *pem, const char *given, struct key **out, struct err *e)
{
    const unsigned char *at = pem->der.data;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)pem->der.len);
    bool done;

    ERR_clear_error();
    if (sealed == NULL)
        return err_fail(e, ERR_FORMAT, "the PEM block is not encrypted PKCS#8");
    done = trailing(pem, at, e) && unseal(sealed, given, out, e);
    X509_SIG_free(sealed);
    return done;
}

bool key_private_pem(struct slice text, const char *password, struct key **out, struct err *e)
{
    struct pem pem;
    bool done;

    if (!pem_read(text, &pem, e))
        return false;
    if (strcmp(pem.label, "PRIVATE KEY") == 0)
        done = open_plain(&pem, out, e);
    else if (strcmp(pem.label, "ENCRYPTED PRIVATE KEY") == 0)
        done = open_sealed(&pem, password, out, e);
    else
        done = err_fail(e, ERR_UNSUPPORTED,
                        "PEM block '%s', PKCS#8 is allowed: convert it with openssl "
                        "pkcs8 -topk8 -scrypt",
                        pem.label);
    secret_wipe(&pem.der);
    return done;
}

bool key_private(const char *ref, const char *password, struct key **out, struct err *e)
{
    char scheme[KEY_SOURCE_SCHEME_MAX];
    const struct signer *s;
    const char *rest;

    key_source_split(ref, scheme, &rest);
    s = signer_find(scheme);
    if (s == NULL)
        return err_fail(e, ERR_USAGE, "unknown kind of key '%s://', env:// and file: are known",
                        scheme);
    return s->open(rest, password, out, e);
}
