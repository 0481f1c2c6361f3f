#include "tests/lib/cases.h"

#include <stdio.h>
#include <string.h>

#include "scanner/image/secret_check.h"
#include "scanner/image/secrets.h"

#define HITS_MAX 64

struct hits {
    struct secrets_hit hit[HITS_MAX];
    size_t n;
};

static void collect(void *ctx, const struct secrets_hit *hit)
{
    struct hits *h = ctx;

    cr_assert_lt(h->n, (size_t)HITS_MAX);
    h->hit[h->n++] = *hit;
}

/* Feeds a copy of `text` in chunks of `step` bytes. */
static void search(struct slice text, size_t step, struct hits *out)
{
    struct arena a;
    struct secrets *s;
    struct err e = {0};

    out->n = 0;
    arena_init(&a);
    cr_assert(secrets_open(&a, collect, out, &s, &e), "%s", e.text);
    secrets_begin(s);
    for (size_t at = 0; at < text.len; at += step) {
        const size_t n = text.len - at < step ? text.len - at : step;
        uint8_t *copy = malloc(n);

        memcpy(copy, text.data + at, n);
        cr_assert(secrets_feed(s, (struct slice){copy, n}, &e), "%s", e.text);
        free(copy);
    }
    secrets_end(s);
    secrets_free(s);
    arena_release(&a);
}

/* Written in two parts, so that no file of ours holds a string that looks like a secret. */
struct token_case {
    const char *what, *left, *right;
};

#define MIX36 "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ"
#define HEX40 "0f1e2d3c4b5a69788796a5b4c3d2e1f00a9b8c7d"

static const struct token_case token_cases[] = {
    {"aws-access-key-id", "AKI", "AQ3EGZ7T5LWXN2RUV"},
    {"aws-access-key-id", "ASI", "AQ3EGZ7T5LWXN2RUV"},
    {"aws-secret-access-key",
     "aws_secret_access_key = ", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF+hI/kL3n"},
    {"aws-secret-access-key", "AWS_SECRET_ACCESS_KEY=", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF+hI/kL3n"},
    {"aws-secret-access-key", "os.environ['AWS_SECRET_ACCESS_KEY'] = '",
     "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF+hI/kL3n'"},
    {"aws-secret-access-key", "[\"os.environ[\\\"AWS_SECRET_ACCESS_KEY\\\"] = \\\"",
     "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF+hI/kL3n\\\"\\n\"]"},
    {"aws-secret-access-key", "setenv('AWS_SECRET_ACCESS_KEY', '",
     "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF+hI/kL3n')"},
    {"private-key-base64", "client-key-data: LS0tLS1CRUd",
     "JTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVBdTdLcXYzQjRqWm1N"},
    {"private-key-base64", "tls.key: LS0tLS1CRUd",
     "JTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2UUlCQURBTkJna3Foa2lHOXcwQkFRRUZBQVND"},
    {"github-token", "gh", "p_" MIX36},
    {"github-token", "gh", "s_" MIX36},
    {"github-fine-grained-token", "github_",
     "pat_11ABCDEFG0abcdefghijkl_" MIX36 "qQwWeErRtTyYuUiIoOpPaAs"},
    {"gitlab-token", "glp", "at-x7Kq9LmZ2pRt5VwB8nCd"},
    {"slack-token", "xox", "b-291837465012-583920174658-kJ8hG5fD2sA9qW4e"},
    {"stripe-live-key", "sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"},
    {"google-api-key", "AIz", "aSyD9f8g7H6j5K4l3M2n1B0v9C8x7Z6q5W4e"},
    {"google-service-account", "\"private_key_id\": \"", HEX40 "\""},
    {"npm-token", "npm", "_" MIX36},
    {"pypi-token", "pyp", "i-AgEIcHlwaS5vcmcCJDk4ZjM1YTFlLWI3ZDItNGM5ZS04ZjBhLTJiM2M0ZDVlNmY3OA"},
    {"huggingface-token", "hf", "_aBcDeFgHiJkLmNoPqRsTuVwXyZqWeRtYuI"},
    {"openai-key", "sk-", "proj-a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZa1B2c3D4"},
    {"anthropic-key", "sk-", "ant-api03-" MIX36 MIX36 "a1B2c3D4e5F6g7H8"},
    {"azure-storage-key", "AccountKey=",
     "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZa1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ/+Ab12Cd34Ef56=="},
    {"twilio-key", "TWILIO_AUTH_TOKEN=", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
    {"sendgrid-key", "SG", ".a1B2c3D4e5F6g7H8i9J0kL.a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZa1B2c3D"},
    {"jwt", "eyJ",
     "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"},
    {"url-credential", "postgres://", "svc:h7Kp2Lq9@db.internal/x"},
    {"generic-password", "pass", "word = \"kT7vQ2mZ9xLp\""},
    {"generic-secret", "client_", "secret: 'kT7vQ2mZ9xLpW4nB'"},
    {"generic-secret", "[\"cfg[\\\"api_", "key\\\"] = \\\"kT7vQ2mZ9xLpW4nB\\\"\"]"},
    {"environment-secret", "DB_PASS", "WORD=kT7vQ2mZ9xLpW4nB"},
    {"databricks-token", "dap", "i0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
    {"docker-registry-auth", "{\"auths\":{\"r\":{\"auth\": \"", "dXNlcjpwYXNzMTIzNDU2\"}}}"},
    {"telegram-bot-token", "5839201746:", "AAa1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVw"},
};

CASES(scanner_image_secrets, finds_each_kind_in_any_chunks, token_cases)
{
    static const size_t steps[] = {1, 7, 100000};
    const struct token_case *c = &token_cases[*case_index];
    char text[8192];
    struct hits hits;
    int len;

    /* behind some lines and in front of more, so that windows and lines count */
    len = snprintf(text, sizeof(text), "%*s\n\n%s%s\n%*s", 3000, "", c->left, c->right, 2500, "");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        bool found = false;

        search((struct slice){(const uint8_t *)text, (size_t)len}, steps[i], &hits);
        for (size_t k = 0; k < hits.n; k++) {
            found = found || strcmp(hits.hit[k].what->id, c->what) == 0;
            cr_expect_null(strstr(hits.hit[k].redacted, c->right), "%s is told", c->what);
            if (steps[i] == 100000)
                cr_expect_eq(hits.hit[k].line, 3u, "%s: line %u", c->what, hits.hit[k].line);
        }
        cr_expect(found, "%s in chunks of %zu: %zu hits", c->what, steps[i], hits.n);
    }
}

static const struct token_case quiet_cases[] = {
    {"part of a longer word", "xAKI", "AQ3EGZ7T5LWXN2RUV"},
    {"more characters follow", "AKI", "AQ3EGZ7T5LWXN2RUVAB"},
    {"too even to be a key", "AKI", "AAAAAAAAAAAAAAAAA"},
    {"header in source code", "-----BEGIN RSA PRIV", "ATE KEY-----\" in line: return parse(line)"},
    {"header and end", "-----BEGIN PRIV", "ATE KEY-----\n-----END PRIVATE KEY-----\n"},
    {"placeholder", "password = \"", "changeme123456\""},
    {"template", "password = \"", "${DB_PASSWORD_1}\""},
    {"words", "password = \"", "please enter it\""},
    {"user only", "https://", "user@host/x"},
    {"variable in a URL", "https://", "user:${TOKEN12}@host/x"},
    {"short key", "gh", "p_a1B2c3D4e5F6"},
};

CASES(scanner_image_secrets, is_quiet_about, quiet_cases)
{
    const struct token_case *c = &quiet_cases[*case_index];
    char text[1024];
    struct hits hits;
    const int len = snprintf(text, sizeof(text), " %s%s\n", c->left, c->right);

    search((struct slice){(const uint8_t *)text, (size_t)len}, 100000, &hits);
    cr_expect_eq(hits.n, 0u, "%s: %s", c->what, hits.n > 0 ? hits.hit[0].what->id : "");
}

Test(scanner_image_secrets, marks_known_examples)
{
    const char text[] = "key: AKI"
                        "AIOSFODNN7EXAMPLE\n";
    struct hits hits;

    search(SLICE_LIT(text), 100000, &hits);
    cr_assert_eq(hits.n, 1u);
    cr_expect(hits.hit[0].example);
    cr_expect_str_eq(hits.hit[0].redacted, "AKIA…(20)");
    cr_expect_eq(hits.hit[0].offset, 5u);
}

/* A key of 600 random-looking base64 characters behind `header`. */
static size_t key_text(char *out, size_t cap, const char *kind, const char *headers,
                       const char *start)
{
    size_t n = (size_t)snprintf(out, cap, "-----BEGIN %sPRIV", kind);
    uint32_t x = 12345;

    n += (size_t)snprintf(out + n, cap - n, "ATE KEY-----\n%s%s", headers, start);
    for (int i = 0; i < 600; i++) {
        x = x * 1664525u + 1013904223u;
        out[n++] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[x >> 26];
        if (i % 64 == 63)
            out[n++] = '\n';
    }
    return n;
}

struct key_case {
    const char *what, *kind, *headers, *start;
    bool encrypted;
};

static const struct key_case key_cases[] = {
    {"private-key-rsa", "RSA ", "", "MIIE", false},
    {"private-key-rsa", "RSA ", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", "MIIE",
     true},
    {"private-key-ec", "EC ", "", "MHcC", false},
    {"private-key-pkcs8", "", "", "MIIE", false},
    {"private-key-pkcs8-encrypted", "ENCRYPTED ", "", "MIIF", true},
    {"private-key-openssh", "OPENSSH ", "", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE", false},
    {"private-key-openssh", "OPENSSH ", "", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1j", true},
};

CASES(scanner_image_secrets, tells_keys_and_their_encryption, key_cases)
{
    const struct key_case *c = &key_cases[*case_index];
    static const size_t steps[] = {5, 512, 100000};
    char text[4096];
    const size_t len = key_text(text, sizeof(text), c->kind, c->headers, c->start);
    struct hits hits;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        search((struct slice){(const uint8_t *)text, len}, steps[i], &hits);
        cr_assert_eq(hits.n, 1u, "%s: %zu hits in chunks of %zu", c->what, hits.n, steps[i]);
        cr_expect_str_eq(hits.hit[0].what->id, c->what);
        cr_expect_eq(hits.hit[0].encrypted, c->encrypted, "%s %s", c->what, c->headers);
    }
}

Test(scanner_image_secrets, streams_do_not_leak_into_each_other)
{
    struct arena a;
    struct secrets *s;
    struct hits hits = {.n = 0};
    struct err e = {0};

    arena_init(&a);
    cr_assert(secrets_open(&a, collect, &hits, &s, &e));
    cr_assert(secrets_text(s, SLICE_LIT("AKIAQ3EGZ7T5"), &e));
    cr_assert(secrets_text(s, SLICE_LIT("LWXN2RUV"), &e));
    cr_expect_eq(hits.n, 0u);
    secrets_free(s);
    arena_release(&a);
}

Test(scanner_image_secrets, entropy_is_in_bits_a_byte)
{
    cr_expect(secret_check_entropy(SLICE_LIT("aaaa")) < 0.001);
    cr_expect(secret_check_entropy(SLICE_LIT("abcd")) > 1.999);
    cr_expect(secret_check_entropy(SLICE_LIT("")) < 0.001);
}
