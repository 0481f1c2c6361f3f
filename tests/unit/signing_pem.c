#include "signing/pem.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

struct pem_case {
    const char *what, *text;
    const char *want; /* "" = reads */
    uint64_t offset;
};

#define B "-----BEGIN PUBLIC KEY-----\n"
#define E_ "-----END PUBLIC KEY-----\n"

static const struct pem_case pem_cases[] = {
    {"one block", B "QUJD\n" E_, "", 0},
    {"no newline at the end", B "QUJD\n-----END PUBLIC KEY-----", "", 0},
    {"CR LF and blank lines around", "\r\n" B "QUJD\r\n" E_ "\r\n \n", "", 0},
    {"padding", B "QUI=\n" E_, "", 0},
    {"empty", "", "no PEM block", 0},
    {"only blanks", "\n\n", "no PEM block", 2},
    {"text in front", "key:\n" B "QUJD\n" E_, "the PEM text does not begin with a BEGIN line", 0},
    {"text behind", B "QUJD\n" E_ "x\n", "text behind the PEM block", 57},
    {"a second block", B "QUJD\n" E_ B "QUJD\n" E_, "a second PEM block: keep one key in a file",
     57},
    {"no END", B "QUJD\n", "the PEM block has no END line", 32},
    {"other END", B "QUJD\n-----END PRIVATE KEY-----\n",
     "the END line does not match the BEGIN line", 32},
    {"lower case label", "-----BEGIN public key-----\n",
     "the PEM text does not begin with a BEGIN line", 0},
    {"empty label", "-----BEGIN -----\n", "the PEM text does not begin with a BEGIN line", 0},
    {"dashes shared", "-----BEGIN -----", "the PEM text does not begin with a BEGIN line", 0},
    {"headers", B "Proc-Type: 4,ENCRYPTED\n\nQUJD\n" E_, "PEM headers: convert the key to PKCS#8",
     27},
    {"empty body", B E_, "the PEM block holds 0 base64 digits, not whole groups", 27},
    {"odd length", B "QUJ\n" E_, "the PEM block holds 3 base64 digits, not whole groups", 27},
    {"padding inside", B "QU=D\n" E_, "the PEM block holds a byte that is not base64", 27},
    {"three pads", B "Q===\n" E_, "the PEM block holds a byte that is not base64", 27},
    {"URL alphabet", B "QU-D\n" E_, "the PEM block holds a byte that is not base64", 27},
    {"blank inside", B "QU D\n" E_, "the PEM block holds a byte that is not base64", 27},
};

CASES(signing_pem, reads_one_block_and_nothing_else, pem_cases)
{
    const struct pem_case *c = &pem_cases[*case_index];
    const struct slice text = slice_str(c->text);
    uint8_t *copy = support_copy(text);
    struct pem pem = {0};
    struct err e = {0};
    const bool done = pem_read((struct slice){copy, text.len}, &pem, &e);

    cr_expect_eq(done, c->want[0] == '\0', "%s: %s", c->what, e.text);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    if (done) {
        cr_expect_str_eq(pem.label, "PUBLIC KEY", "%s", c->what);
        cr_expect(slice_starts(secret_slice(&pem.der), "AB"), "%s", c->what);
    } else {
        cr_expect_eq(e.offset, c->offset, "%s: offset %llu", c->what, (unsigned long long)e.offset);
        cr_expect_null(pem.der.data, "%s", c->what);
    }
    secret_wipe(&pem.der);
    free(copy);
}

Test(signing_pem, stops_at_the_cap)
{
    const size_t n = LIMIT_KEY_BYTES + 1;
    uint8_t *text = malloc(n);
    struct pem pem = {0};
    struct err e = {0};

    memset(text, '\n', n);
    cr_expect_not(pem_read((struct slice){text, n}, &pem, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    e = (struct err){0};
    cr_expect_not(pem_read((struct slice){text, n - 1}, &pem, &e));
    cr_expect_eq(e.code, ERR_FORMAT, "at the cap the text is read");
    free(text);
}

Test(signing_pem, a_secret_is_empty_after_wiping)
{
    struct secret s = {0};

    secret_wipe(&s);
    secret_alloc(&s, 3);
    memcpy(s.data, "abc", 3);
    cr_expect_eq(s.data[3], 0);
    secret_wipe(&s);
    cr_expect_null(s.data);
    cr_expect_eq(s.len, 0);
}
