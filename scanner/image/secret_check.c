#include "scanner/image/secret_check.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/digest.h"

#define KEY_BODY_MAX 1024 /* bytes of a key's base64 that are looked at */
/* base64 characters: the smallest private key, Ed25519 in PKCS #8, has 64 */
#define KEY_BODY_MIN 40
#define KEY_GAP_MAX 64 /* bytes between a header and its key: quotes and line ends of source code */
#define KEY_HEADERS_MAX 8 /* lines such as Proc-Type */

static bool is_word(uint8_t c)
{
    return isalnum(c) || c == '_';
}

static bool is_base64(uint8_t c)
{
    return isalnum(c) || c == '+' || c == '/' || c == '=';
}

/* An escape such as \n or %3D in front of a token ends in a letter, but is no part of it. */
static bool left_is_free(struct slice w, size_t at)
{
    if (at == 0 || !is_word(w.data[at - 1]))
        return true;
    if (at >= 2 && w.data[at - 2] == '\\' && strchr("nrtbf", w.data[at - 1]) != NULL)
        return true;
    return at >= 3 && w.data[at - 3] == '%' && isxdigit(w.data[at - 2]) && isxdigit(w.data[at - 1]);
}

static bool right_is_free(struct slice w, size_t at)
{
    return at >= w.len || (!is_word(w.data[at]) && w.data[at] != '-');
}

double secret_check_entropy(struct slice s)
{
    size_t count[256] = {0};
    double bits = 0;

    for (size_t i = 0; i < s.len; i++)
        count[s.data[i]]++;
    for (size_t i = 0; i < ARRAY_LEN(count); i++)
        if (count[i] > 0) {
            const double p = (double)count[i] / (double)s.len;

            bits -= p * log2(p);
        }
    return bits;
}

static bool contains_fold(struct slice s, const char *word)
{
    const size_t n = strlen(word);

    for (size_t i = 0; n <= s.len && i <= s.len - n; i++) {
        size_t k = 0;

        while (k < n && tolower(s.data[i + k]) == word[k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* Text that people write where a secret would stand. */
static bool looks_like_example(struct slice s)
{
    static const char *const words[] = {
        "example",  "xxxx",   "****",    "placeholder", "changeme", "change_me",  "change-me",
        "your_",    "your-",  "dummy",   "sample",      "redacted", "notasecret", "12345678",
        "abcdefgh", "000000", "1111111", "foobar",      "fake",     "deadbeef",   "password"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (contains_fold(s, words[i]))
            return true;
    return s.len >= 8 && secret_check_entropy(s) < 1.5;
}

/* A template, a call or a path: no value. */
static bool looks_computed(struct slice s)
{
    static const char *const marks[] = {"${", "{{", "$(", "%(", "<", "(", "://", "%s", "..", "::"};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (contains_fold(s, marks[i]))
            return true;
    return s.len > 0 && (s.data[0] == '$' || s.data[0] == '/' || s.data[0] == '{');
}

static bool generic_passes(const struct detectors_secret *what, struct slice s)
{
    bool letter = false, digit = false;

    for (size_t i = 0; i < s.len; i++) {
        letter = letter || isalpha(s.data[i]);
        digit = digit || isdigit(s.data[i]);
    }
    return letter && digit && !looks_computed(s) && !looks_like_example(s) &&
           secret_check_entropy(s) >= what->entropy;
}

/* Line ends and what source code puts between the parts of a string; true when it moved. */
static bool skip_gap(struct slice w, size_t *at)
{
    const size_t i = *at;

    if (i >= w.len)
        return false;
    if (w.data[i] == '\\' && i + 1 < w.len && strchr("nrt\\", w.data[i + 1]) != NULL)
        *at = i + 2;
    else if (w.data[i] != '\0' && strchr(" \t\r\n\"'`+,>|\\(", w.data[i]) != NULL)
        *at = i + 1;
    else
        return false;
    return true;
}

/* SPEC: RFC 1421 section 4.6 and RFC 9580 section 6.2.2: "Name: value" lines before the body. */
static bool skip_header_line(struct slice w, size_t *at, bool *encrypted)
{
    size_t end = *at, colon;
    struct slice line;

    while (end < w.len && w.data[end] != '\n' && w.data[end] != '\\')
        end++;
    line = (struct slice){w.data + *at, end - *at};
    if (end == w.len || !slice_find(line, SLICE_LIT(": "), &colon) || colon > 32)
        return false;
    if (slice_starts(line, "Proc-Type:") && contains_fold(line, "encrypted"))
        *encrypted = true;
    *at = end;
    return true;
}

static void skip_gaps(struct slice w, size_t *at)
{
    const size_t start = *at;

    while (*at - start < KEY_GAP_MAX && skip_gap(w, at))
        ;
}

/* The base64 behind a header, its line ends left out. */
static size_t key_body(struct slice w, size_t at, uint8_t out[KEY_BODY_MAX])
{
    size_t n = 0;

    while (n < KEY_BODY_MAX && at < w.len) {
        if (is_base64(w.data[at]))
            out[n++] = w.data[at++];
        else if (!skip_gap(w, &at))
            break;
    }
    return n;
}

/* SPEC: RFC 7468 section 2 (textual encoding), PROTOCOL.key of OpenSSH ("openssh-key-v1"). */
static bool pem_passes(struct slice w, const struct pattern_hit *hit, struct secrets_hit *out)
{
    static const char openssh[] = "b3BlbnNzaC1rZXktdjE";
    static const char openssh_plain[] = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
    const struct slice header = {w.data + hit->start, hit->end - hit->start};
    uint8_t body[KEY_BODY_MAX];
    struct slice key;
    struct digest d;
    char hex[DIGEST_TEXT_MAX];
    size_t at = hit->end;

    skip_gaps(w, &at);
    for (int i = 0; i < KEY_HEADERS_MAX && skip_header_line(w, &at, &out->encrypted); i++)
        skip_gaps(w, &at);
    key = (struct slice){body, key_body(w, at, body)};
    if (key.len < KEY_BODY_MIN || secret_check_entropy(key) < 3.0)
        return false;
    if (slice_starts(key, openssh))
        out->encrypted = !slice_starts(key, openssh_plain);
    else if (!contains_fold(header, "pgp") && body[0] != 'M') /* DER begins with 0x30 */
        return false;
    if (contains_fold(header, "encrypted"))
        out->encrypted = true;
    digest_of(key, DIGEST_SHA256, &d);
    digest_hex(&d, hex);
    memcpy(out->hash, hex, SECRETS_HASH_LEN);
    out->len = (uint32_t)(header.len + key.len);
    snprintf(out->redacted, sizeof(out->redacted), "%.*s…", (int)header.len,
             (const char *)header.data);
    return true;
}

static void describe(struct slice secret, struct secrets_hit *out)
{
    size_t shown = secret.len / 4 < 4 ? secret.len / 4 : 4;
    struct digest d;
    char hex[DIGEST_TEXT_MAX];

    for (size_t i = 0; i < shown; i++)
        if (secret.data[i] < 0x21 || secret.data[i] > 0x7e)
            shown = i;
    digest_of(secret, DIGEST_SHA256, &d);
    digest_hex(&d, hex);
    memcpy(out->hash, hex, SECRETS_HASH_LEN);
    out->len = (uint32_t)secret.len;
    out->example = looks_like_example(secret);
    snprintf(out->redacted, sizeof(out->redacted), "%.*s…(%zu)", (int)shown,
             (const char *)secret.data, secret.len);
}

bool secret_check(const struct detectors_secret *what, struct slice window,
                  const struct pattern_hit *hit, struct secrets_hit *out)
{
    const struct slice secret = {window.data + hit->secret_start,
                                 hit->secret_end - hit->secret_start};

    memset(out, 0, sizeof(*out));
    out->what = what;
    if (what->left && !left_is_free(window, hit->start))
        return false;
    if (what->right && !right_is_free(window, hit->end))
        return false;
    if (what->check == DETECTORS_PEM)
        return pem_passes(window, hit, out);
    if (what->check == DETECTORS_GENERIC && !generic_passes(what, secret))
        return false;
    if (what->check == DETECTORS_ENTROPY && secret_check_entropy(secret) < what->entropy)
        return false;
    describe(secret, out);
    return true;
}
