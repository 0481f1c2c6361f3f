#include <sys/stat.h>
#include <unistd.h>

#include "signing/signer.h"
#include "signing/verifier.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

#define GOOD "fixtures/pem/good/"
#define BAD "fixtures/pem/bad/"

struct load_case {
    const char *what, *file;
    bool secret;
    const char *want; /* "" = loads */
};

static const struct load_case load_cases[] = {
    {"P-256", GOOD "p256.pub", false, ""},
    {"P-256, compressed point", GOOD "p256-compressed.pub", false, ""},
    {"RSA 3072", GOOD "rsa3072.pub", false, ""},
    {"CR LF", GOOD "crlf.pub", false, ""},
    {"P-384", GOOD "p384.key", true, ""},
    {"scrypt", GOOD "ed25519-a-scrypt.key", true, ""},
    {"PBKDF2", GOOD "ed25519-a-pbkdf2.key", true, ""},
    {"private for public", GOOD "p256.key", false,
     "this is a private key, the public key is wanted here"},
    {"public for private", GOOD "p256.pub", true,
     "PEM block 'PUBLIC KEY', PKCS#8 is allowed: convert it with openssl pkcs8 -topk8 -scrypt"},
    {"RSA 2048", BAD "rsa2048.pub", false, "an RSA key of 2048 bits, 3072 to 16384 are allowed"},
    {"RSA 2048 private", BAD "rsa2048.key", true,
     "an RSA key of 2048 bits, 3072 to 16384 are allowed"},
    {"secp256k1", BAD "secp256k1.pub", false, "curve secp256k1, P-256 and P-384 are allowed"},
    {"secp256k1 private", BAD "secp256k1.key", true,
     "curve secp256k1, P-256 and P-384 are allowed"},
    {"P-521", BAD "p521.key", true, "curve secp521r1, P-256 and P-384 are allowed"},
    {"explicit parameters", BAD "explicit.pub", false,
     "an EC key with explicit parameters, named curves are allowed"},
    {"explicit parameters, private", BAD "explicit.key", true,
     "an EC key with explicit parameters, named curves are allowed"},
    {"X25519", BAD "x25519.key", true, "a key of type X25519, EC, Ed25519 and RSA are allowed"},
    {"SEC1", BAD "sec1.key", true,
     "PEM block 'EC PRIVATE KEY', PKCS#8 is allowed: convert it with openssl pkcs8 -topk8 -scrypt"},
    {"old encryption", BAD "traditional.key", true, "PEM headers: convert the key to PKCS#8"},
    {"PBES1", BAD "pbes1.key", true,
     "the key is not encrypted with PBES2: convert it with openssl pkcs8 -topk8 -scrypt"},
    {"rounds without end", BAD "rounds.key", true,
     "the rounds of the key's PBKDF2 are unreadable or above 10000000"},
    {"two keys", BAD "two.pub", false, "a second PEM block: keep one key in a file"},
    {"public, then private", BAD "pub-then-key.pem", false,
     "a second PEM block: keep one key in a file"},
    {"certificate", BAD "certificate.pem", false,
     "PEM block 'CERTIFICATE', 'PUBLIC KEY' is allowed"},
    {"bytes behind the DER", BAD "trailing-der.pub", false,
     "1 bytes follow the key in its PEM block"},
    {"no END", BAD "no-end.pub", false, "the PEM block has no END line"},
    {"empty", BAD "empty.pem", true, "no PEM block"},
};

CASES(signing_key, loads_strong_keys_and_refuses_others, load_cases)
{
    const struct load_case *c = &load_cases[*case_index];
    struct key *k = NULL;
    struct arena a;
    struct err e = {0};
    struct slice pem;
    uint8_t *copy;
    bool done;

    arena_init(&a);
    pem = support_file(&a, c->file);
    copy = support_copy(pem);
    pem.data = copy;
    done = c->secret ? key_private_pem(pem, "hello", &k, &e) : key_public_pem(pem, &k, &e);
    cr_expect_eq(done, c->want[0] == '\0', "%s: %s", c->what, e.text);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(k != NULL, done, "%s", c->what);
    key_free(k);
    free(copy);
    arena_release(&a);
}

Test(signing_key, keyid_is_the_hash_of_the_public_key)
{
    struct arena a;
    struct key *plain, *point, *pub;
    char x[65], y[65];

    arena_init(&a);
    plain = support_private(&a, "ed25519-a");
    pub = support_public(&a, "ed25519-a");
    key_id(plain, x);
    key_id(pub, y);
    cr_expect_str_eq(x, y);
    /* openssl pkey -pubin -in fixtures/pem/good/ed25519-a.pub -outform DER | sha256sum */
    cr_expect_str_eq(x, "ca2e1b2a5b364d54dd13a706ee5488375a1026d44b2b59b76af236459a316f40");
    cr_expect(key_same(plain, pub));
    key_free(plain);
    key_free(pub);
    plain = support_public(&a, "p256");
    point = support_public(&a, "p256-compressed");
    key_id(plain, x);
    key_id(point, y);
    cr_expect_str_eq(x, y, "a compressed point is the same key");
    cr_expect(key_same(plain, point));
    key_free(plain);
    key_free(point);
    arena_release(&a);
}

static void make_pair(enum key_kind kind, const char *password, struct key **secret,
                      struct key **public, struct slice *text, struct arena *a)
{
    struct buf pem, pub;
    struct err e = {0};

    buf_init(&pem, LIMIT_KEY_BYTES);
    buf_init(&pub, LIMIT_KEY_BYTES);
    cr_assert(key_generate(kind, password, &pem, &pub, &e), "%s", e.text);
    cr_assert(key_private_pem(buf_slice(&pem), password, secret, &e), "%s", e.text);
    cr_assert(key_public_pem(buf_slice(&pub), public, &e), "%s", e.text);
    *text = arena_slice(a, buf_slice(&pem));
    buf_release(&pem);
    buf_release(&pub);
}

static const enum key_kind kinds[] = {KEY_ECDSA_P256, KEY_ECDSA_P384, KEY_ED25519, KEY_RSA_PSS};

CASES(signing_key, a_made_pair_signs_and_verifies, kinds)
{
    const enum key_kind kind = kinds[*case_index];
    const struct slice message = SLICE_LIT("the message"), other = SLICE_LIT("the massage");
    struct key *secret = NULL, *public = NULL;
    struct slice text, bytes;
    struct arena a;
    struct err e = {0};
    struct buf sig;
    uint8_t *bad;

    arena_init(&a);
    make_pair(kind, *case_index % 2 ? "a password" : NULL, &secret, &public, &text, &a);
    cr_expect_eq(key_kind(secret), kind);
    cr_expect_eq(key_kind(public), kind);
    buf_init(&sig, LIMIT_KEY_BYTES);
    cr_expect_not(key_sign(public, message, &sig, &e), "a public key does not sign");
    cr_expect_str_eq(e.text, "signing needs the private half of the key");
    err_clear(&e);
    cr_assert(key_sign(secret, message, &sig, &e), "%s", e.text);
    bytes = buf_slice(&sig);
    cr_expect(key_verify(public, message, bytes, &e), "%s: %s", key_kind_name(kind), e.text);
    cr_expect_not(key_verify(public, other, bytes, &e));
    cr_expect_eq(e.code, ERR_CRYPTO);
    bad = support_copy(bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        struct err each = {0};

        bad[i] ^= 0x10;
        cr_expect_not(key_verify(public, message, (struct slice){bad, bytes.len}, &each),
                      "%s: byte %zu", key_kind_name(kind), i);
        bad[i] ^= 0x10;
    }
    for (size_t n = 0; n < bytes.len; n++) {
        struct err each = {0};

        cr_expect_not(key_verify(public, message, (struct slice){bad, n}, &each), "%s: %zu bytes",
                      key_kind_name(kind), n);
    }
    free(bad);
    buf_release(&sig);
    key_free(secret);
    key_free(public);
    arena_release(&a);
}

Test(signing_key, ed25519_signs_the_same_bytes_each_time)
{
    struct arena a;
    struct err e = {0};
    struct buf x, y;
    struct key *k;

    arena_init(&a);
    k = support_private(&a, "ed25519-a");
    buf_init(&x, 4096);
    buf_init(&y, 4096);
    cr_assert(key_sign(k, SLICE_LIT("m"), &x, &e) && key_sign(k, SLICE_LIT("m"), &y, &e));
    cr_expect(slice_eq(buf_slice(&x), buf_slice(&y)));
    buf_release(&x);
    buf_release(&y);
    key_free(k);
    arena_release(&a);
}

Test(signing_key, an_encrypted_key_needs_its_password)
{
    struct key *k = NULL;
    struct arena a;
    struct err e = {0};
    struct slice pem;

    arena_init(&a);
    pem = support_file(&a, GOOD "ed25519-a-scrypt.key");
    unsetenv("SALLYPORT_KEY_PASSWORD");
    cr_expect_not(key_private_pem(pem, NULL, &k, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    cr_expect_str_eq(e.text, "the key is encrypted and SALLYPORT_KEY_PASSWORD is not set");
    err_clear(&e);
    cr_expect_not(key_private_pem(pem, "hallo", &k, &e));
    cr_expect_eq(e.code, ERR_CRYPTO);
    cr_expect_str_eq(e.text, "the password does not open the key");
    err_clear(&e);
    setenv("SALLYPORT_KEY_PASSWORD", "hello", 1);
    cr_expect(key_private_pem(pem, NULL, &k, &e), "%s", e.text);
    key_free(k);
    arena_release(&a);
}

Test(signing_key, what_keygen_seals_is_scrypt_and_wide)
{
    struct key *secret = NULL, *public = NULL;
    struct slice text;
    struct arena a;
    size_t at;

    arena_init(&a);
    make_pair(KEY_ED25519, "pw", &secret, &public, &text, &a);
    cr_expect(slice_starts(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    cr_expect_not(slice_find(text, SLICE_LIT("BEGIN PRIVATE"), &at));
    key_free(secret);
    key_free(public);
    arena_release(&a);
}

static void write_key(const char *path, mode_t mode, struct arena *a)
{
    struct err e = {0};

    cr_assert(file_write(path, support_file(a, GOOD "ed25519-a.key"), 0600, &e), "%s", e.text);
    cr_assert_eq(chmod(path, mode), 0);
}

Test(signing_key, a_private_key_others_may_read_is_refused)
{
    static const mode_t open_modes[] = {0640, 0604, 0620, 0610, 0666, 0644};
    char path[] = "/tmp/sallyport-key-XXXXXX";
    const int fd = mkstemp(path);
    struct key *k = NULL;
    struct arena a;
    struct err e = {0};

    cr_assert(fd >= 0);
    close(fd);
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
        write_key(path, open_modes[i], &a);
        err_clear(&e);
        cr_expect_not(key_private(path, NULL, &k, &e), "mode %o", open_modes[i]);
        cr_expect_eq(e.code, ERR_USAGE);
        cr_expect_not_null(strstr(e.text, "chmod 600"), "%s", e.text);
    }
    err_clear(&e);
    write_key(path, 0600, &a);
    cr_expect(key_private(path, NULL, &k, &e), "%s", e.text);
    key_free(k);
    write_key(path, 0400, &a);
    k = NULL;
    cr_expect(key_private(arena_printf(&a, "file:%s", path), NULL, &k, &e), "%s", e.text);
    key_free(k);
    unlink(path);
    arena_release(&a);
}

struct ref_case {
    const char *what, *ref, *want;
};

static const struct ref_case ref_cases[] = {
    {"unset variable", "env://SALLYPORT_TEST_UNSET",
     "the environment variable 'SALLYPORT_TEST_UNSET' holds no key"},
    {"no variable", "env://", "the environment variable '' holds no key"},
    {"unknown scheme", "awskms://key/1",
     "unknown kind of key 'awskms://', env:// and file: are known"},
    {"folder", "fixtures/pem", "fixtures/pem: not a regular file"},
    {"device", "file:/dev/zero", "/dev/zero: not a regular file"},
    {"missing", "fixtures/pem/none", "fixtures/pem/none: cannot open: No such file or directory"},
};

CASES(signing_key, names_what_is_wrong_with_a_reference, ref_cases)
{
    const struct ref_case *c = &ref_cases[*case_index];
    struct key *k = NULL;
    struct err e = {0};

    cr_expect_not(key_private(c->ref, NULL, &k, &e), "%s", c->what);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    err_clear(&e);
    cr_expect_not(key_public(c->ref, &k, &e), "%s", c->what);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    cr_expect_null(k);
}

Test(signing_key, keys_come_from_the_environment)
{
    struct key *secret = NULL, *public = NULL;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    setenv("SALLYPORT_TEST_KEY", (const char *)support_file(&a, GOOD "ed25519-a.key").data, 1);
    setenv("SALLYPORT_TEST_PUB", (const char *)support_file(&a, GOOD "ed25519-a.pub").data, 1);
    cr_expect(key_private("env://SALLYPORT_TEST_KEY", NULL, &secret, &e), "%s", e.text);
    cr_expect(key_public("env://SALLYPORT_TEST_PUB", &public, &e), "%s", e.text);
    cr_expect(key_same(secret, public));
    key_free(secret);
    key_free(public);
    arena_release(&a);
}

Test(signing_key, the_tables_name_their_schemes)
{
    for (size_t i = 0; signer_table[i] != NULL; i++) {
        cr_expect_eq(signer_find(signer_table[i]->scheme), signer_table[i]);
        cr_expect_not_null(verifier_find(signer_table[i]->scheme));
        cr_expect(strlen(signer_table[i]->takes) > 0 && strlen(signer_table[i]->summary) > 0);
    }
    cr_expect_null(signer_find("nobody"));
    key_free(NULL);
}
