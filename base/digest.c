/* SHA-256 and SHA-512 over OpenSSL's EVP. */
#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

static const char *const names[] = {[DIGEST_SHA256] = "SHA2-256", [DIGEST_SHA512] = "SHA2-512"};
static const char *const prefixes[] = {[DIGEST_SHA256] = "sha256:", [DIGEST_SHA512] = "sha512:"};

void digest_init(struct digest_ctx *c, enum digest_alg alg)
{
    EVP_MD *md = EVP_MD_fetch(NULL, names[alg], NULL);

    c->evp = EVP_MD_CTX_new();
    c->alg = alg;
    if (md == NULL || c->evp == NULL || EVP_DigestInit_ex2(c->evp, md, NULL) != 1)
        abort();     /* no memory, or a library without SHA-2 */
    EVP_MD_free(md); /* the context holds its own reference */
}

void digest_update(struct digest_ctx *c, struct slice s)
{
    if (s.len > 0 && EVP_DigestUpdate(c->evp, s.data, s.len) != 1)
        abort();
}

void digest_final(struct digest_ctx *c, struct digest *out)
{
    unsigned n = 0;

    *out = (struct digest){.alg = c->alg};
    if (EVP_DigestFinal_ex(c->evp, out->bytes, &n) != 1 || n != digest_len(c->alg))
        abort();
    if (EVP_DigestInit_ex2(c->evp, NULL, NULL) != 1)
        abort();
}

void digest_release(struct digest_ctx *c)
{
    EVP_MD_CTX_free(c->evp);
    c->evp = NULL;
}

void digest_of(struct slice s, enum digest_alg alg, struct digest *out)
{
    struct digest_ctx c;

    digest_init(&c, alg);
    digest_update(&c, s);
    digest_final(&c, out);
    digest_release(&c);
}

size_t digest_len(enum digest_alg alg)
{
    return alg == DIGEST_SHA512 ? 64 : 32;
}

void digest_hex(const struct digest *d, char out[DIGEST_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    const size_t n = digest_len(d->alg);

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[d->bytes[i] >> 4];
        out[2 * i + 1] = digits[d->bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void digest_text(const struct digest *d, char out[DIGEST_TEXT_MAX])
{
    char hex[DIGEST_TEXT_MAX];

    digest_hex(d, hex);
    snprintf(out, DIGEST_TEXT_MAX, "%s%.128s", prefixes[d->alg], hex);
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return a->alg == b->alg && CRYPTO_memcmp(a->bytes, b->bytes, digest_len(a->alg)) == 0;
}

static bool is_alnum_lower(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_separator(uint8_t c)
{
    return c == '+' || c == '.' || c == '_' || c == '-';
}

/* SPEC: image-spec v1.1 descriptor.md, "Digests": component [+._-] component ... ":" encoded */
static bool well_formed(struct slice s)
{
    size_t i = 0;
    bool component = false;

    for (; i < s.len && s.data[i] != ':'; i++) {
        const uint8_t c = s.data[i];

        if (!is_alnum_lower(c) && (!component || !is_separator(c)))
            return false;
        component = is_alnum_lower(c);
    }
    if (!component || s.len - i < 2)
        return false;
    for (i++; i < s.len; i++) {
        const uint8_t c = s.data[i];

        if (!is_alnum_lower(c) && !(c >= 'A' && c <= 'Z') && c != '=' && c != '_' && c != '-')
            return false;
    }
    return true;
}

bool digest_parse(struct slice text, struct digest *out, struct err *e)
{
    struct digest d = {.alg = DIGEST_SHA256};
    struct slice hex;

    if (!well_formed(text))
        return err_fail(e, ERR_FORMAT, "not a digest of the form algorithm:hex");
    if (slice_starts(text, prefixes[DIGEST_SHA512]))
        d.alg = DIGEST_SHA512;
    else if (!slice_starts(text, prefixes[DIGEST_SHA256]))
        return err_fail(e, ERR_UNSUPPORTED, "the digest is neither sha256 nor sha512");
    hex = slice_from(text, strlen(prefixes[d.alg]));
    if (hex.len != 2 * digest_len(d.alg))
        return err_fail(e, ERR_FORMAT, "%zu digits in the digest, %zu expected", hex.len,
                        2 * digest_len(d.alg));
    for (size_t i = 0; i < hex.len; i++)
        if (hex.data[i] >= 'A' && hex.data[i] <= 'F')
            return err_fail(e, ERR_FORMAT, "upper-case digits in the digest");
    if (!checked_hex(hex, d.bytes, digest_len(d.alg)))
        return err_fail(e, ERR_FORMAT, "the digest is not hexadecimal");
    *out = d;
    return true;
}
