/* base/digest.h */
#include "base/digest.h"

#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

#define ABC256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC512                                                                                     \
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"                             \
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

/* SPEC: FIPS 180-4, the examples of NIST */
Test(digest, known_answers)
{
    char text[DIGEST_TEXT_MAX];
    struct digest d;

    digest_of(SLICE_LIT("abc"), DIGEST_SHA256, &d);
    digest_text(&d, text);
    cr_expect_str_eq(text, "sha256:" ABC256);
    digest_hex(&d, text);
    cr_expect_str_eq(text, ABC256);
    digest_of(SLICE_LIT("abc"), DIGEST_SHA512, &d);
    digest_text(&d, text);
    cr_expect_str_eq(text, "sha512:" ABC512);
    digest_of((struct slice){NULL, 0}, DIGEST_SHA256, &d);
    digest_hex(&d, text);
    cr_expect_str_eq(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cr_expect_eq(digest_len(DIGEST_SHA256), 32);
    cr_expect_eq(digest_len(DIGEST_SHA512), 64);
}

Test(digest, pieces_and_the_next_message)
{
    struct digest_ctx c;
    struct digest whole, pieces;

    digest_init(&c, DIGEST_SHA256);
    for (int round = 0; round < 3; round++) {
        digest_update(&c, SLICE_LIT("a"));
        digest_update(&c, (struct slice){NULL, 0});
        digest_update(&c, SLICE_LIT("bc"));
        digest_final(&c, &pieces);
        digest_of(SLICE_LIT("abc"), DIGEST_SHA256, &whole);
        cr_expect(digest_eq(&whole, &pieces), "round %d", round);
    }
    digest_release(&c);
    digest_release(&c);
}

Test(digest, equality_minds_the_algorithm)
{
    struct digest a, b;

    digest_of(SLICE_LIT("x"), DIGEST_SHA256, &a);
    b = a;
    cr_expect(digest_eq(&a, &b));
    b.alg = DIGEST_SHA512;
    cr_expect_not(digest_eq(&a, &b));
    b = a;
    b.bytes[31] ^= 1;
    cr_expect_not(digest_eq(&a, &b));
    b = a;
    b.bytes[32] ^= 1;
    cr_expect(digest_eq(&a, &b), "32 bytes are in use");
}

struct parse_case {
    const char *text;
    enum err_code code;
    const char *want;
};

#define FORM "not a digest of the form algorithm:hex"
#define OTHER "the digest is neither sha256 nor sha512"

static const struct parse_case parse_cases[] = {
    {"sha256:" ABC256, ERR_NONE, ""},
    {"sha512:" ABC512, ERR_NONE, ""},
    {"sha256:" ABC512, ERR_FORMAT, "128 digits in the digest, 64 expected"},
    {"sha512:" ABC256, ERR_FORMAT, "64 digits in the digest, 128 expected"},
    {"sha256:" ABC256 "0", ERR_FORMAT, "65 digits in the digest, 64 expected"},
    {"sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", ERR_FORMAT,
     "upper-case digits in the digest"},
    {"sha256:za7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ERR_FORMAT,
     "the digest is not hexadecimal"},
    {"sha256:", ERR_FORMAT, FORM},
    {"sha256", ERR_FORMAT, FORM},
    {"", ERR_FORMAT, FORM},
    {":", ERR_FORMAT, FORM},
    {":" ABC256, ERR_FORMAT, FORM},
    {"SHA256:" ABC256, ERR_FORMAT, FORM},
    {" sha256:" ABC256, ERR_FORMAT, FORM},
    {"sha256:" ABC256 "\n", ERR_FORMAT, FORM},
    {"sha256:../../etc/passwd", ERR_FORMAT, FORM},
    {"sha256+:" ABC256, ERR_FORMAT, FORM},
    {"+sha256:" ABC256, ERR_FORMAT, FORM},
    {"md5:d41d8cd98f00b204e9800998ecf8427e", ERR_UNSUPPORTED, OTHER},
    {"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564", ERR_UNSUPPORTED, OTHER},
};
/* TEST-OF: image-spec v1.1 descriptor.md, "Digests" */
CASES(digest, parse, parse_cases)
{
    const struct parse_case *c = &parse_cases[*case_index];
    const struct slice s = exact_str(c->text);
    struct digest d = {.alg = DIGEST_SHA256, .bytes = {77}};
    struct err e = {0};
    char text[DIGEST_TEXT_MAX];

    cr_expect_eq(digest_parse(s, &d, &e), c->code == ERR_NONE, "%s", c->text);
    cr_expect_eq(e.code, c->code, "%s", c->text);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->text, e.text);
    digest_text(&d, text);
    if (c->code == ERR_NONE)
        cr_expect_str_eq(text, c->text);
    else
        cr_expect_eq(d.bytes[0], 77, "untouched");
    exact_free(s);
}
