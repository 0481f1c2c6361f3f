#ifndef SCANNER_IMAGE_PATTERN_H
#define SCANNER_IMAGE_PATTERN_H
/*
 * The exact half of the secrets search: a small matcher for the same patterns that the fast
 * database was compiled from. It tells where a match starts, where its longest form ends and which
 * part is the secret. The language: literals, [classes], . \d \w \s \n \r \t \xHH and escaped
 * punctuation, (?:groups) and one (captured) group with alternatives, {m} {m,n} and ? behind one
 * byte, ? behind a group, (?i) in front. Nothing is unbounded, so a match has a greatest length.
 */
#include "base/arena.h"
#include "base/err.h"

/* bytes a match may have; the window of the search is built for it */
#define PATTERN_MAX_BYTES 2048

struct pattern;

struct pattern_hit {
    size_t start, end;               /* of the whole match, in the window */
    size_t secret_start, secret_end; /* of the captured group, else the same */
};

/* pattern_compile(text, a, out, e): `text` is ours; ERR_USAGE names what
 * the language does not have. */
MUST_CHECK bool pattern_compile(const char *text, struct arena *a, const struct pattern **out,
                                struct err *e);

/* pattern_at(p, window, at, hit): the longest-first match that starts at `at`. */
bool pattern_at(const struct pattern *p, struct slice window, size_t at, struct pattern_hit *hit);

/* pattern_find(p, window, to, hit): the leftmost match that starts before `to` and reaches it. */
bool pattern_find(const struct pattern *p, struct slice window, size_t to, struct pattern_hit *hit);
#endif
