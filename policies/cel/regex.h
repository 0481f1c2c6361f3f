#ifndef POLICIES_CEL_REGEX_H
#define POLICIES_CEL_REGEX_H
/*
 * Regular expressions in RE2 syntax over strict UTF-8, in time linear in the text. SPEC:
 * github.com/google/re2/wiki/Syntax.
 * Supported: literals, ., classes with ranges, negation, [:posix:], \d \w \s \D \W \S, anchors
 * ^ $ \A \z \b \B, groups ( ), (?: ), (?P<n> ), flags
 * i m s U, alternation, * + ? {n,m} greedy and lazy, escapes \n \t \x41 \x{10FFFF} \123 \Q...\E.
 * Refused, as RE2 does: back references, look-around, possessive operators, repetition over
 * 1000; and what we do not have:
 * \p, \P, \C, and letters outside ASCII under (?i).
 */
#include "base/arena.h"
#include "base/err.h"

struct regex;

/* regex_compile(pattern, a, out, e): immutable, lives in `a`. Errors give the byte offset in the
 * pattern; a program of more than
 * LIMIT_REGEX_PROGRAM instructions is ERR_LIMIT. */
MUST_CHECK bool regex_compile(struct slice pattern, struct arena *a, const struct regex **out,
                              struct err *e);

/* Is there a match anywhere in `text`? Takes O(program * text) time and memory of its own for
 * the program only. */
bool regex_match(const struct regex *re, struct slice text);

/* regex_find(re, text, from, at, end): the leftmost match that starts at `from` or later, as RE2
 * chooses it. */
MUST_CHECK bool regex_find(const struct regex *re, struct slice text, size_t from, size_t *at,
                           size_t *end);

/* regex_cost(re, n): steps to charge for a text of n bytes. */
uint64_t regex_cost(const struct regex *re, size_t n);
#endif
