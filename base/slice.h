#ifndef BASE_SLICE_H
#define BASE_SLICE_H
/* A slice is bytes that somebody else owns: it never frees, and it need not end in NUL. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const uint8_t *data; /* borrowed; may be NULL when len is 0 */
    size_t len;          /* bytes */
};

/* SLICE_LIT("text") is the slice of a string literal, without its NUL. */
#define SLICE_LIT(s) ((struct slice)SLICE_INIT(s))
/* The same where a constant is initialised: tables of slices. */
#define SLICE_INIT(s)                                                                              \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }

/* slice_str(s) borrows a NUL-terminated string that we wrote ourselves;
 * NULL gives the empty slice. */
struct slice slice_str(const char *s);

/* slice_eq(a, b) compares bytes; slice_is(a, s) compares with a NUL-terminated string of ours. */
bool slice_eq(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *s);

/* Is it one of the n strings of a list of ours? */
bool slice_among(struct slice a, const char *const *list, size_t n);

/* slice_cmp(a, b) orders by bytes (unsigned), shorter first when one is a prefix: < 0, 0 or > 0. */
int slice_cmp(struct slice a, struct slice b);

/* Does `a` begin (end) with the string `s` of ours? */
bool slice_starts(struct slice a, const char *s);
bool slice_ends(struct slice a, const char *s);

/* slice_find(a, needle, at) sets `*at` to the first place of `needle` in
 * `a`; false when it is not there. */
bool slice_find(struct slice a, struct slice needle, size_t *at);

/* slice_from(a, n) is `a` without its first n bytes (empty when it is shorter). */
struct slice slice_from(struct slice a, size_t n);

/* `a` without what stands at both ends (its start, its end) of the characters of `chars`. */
struct slice slice_trim(struct slice a, const char *chars);
struct slice slice_trim_start(struct slice a, const char *chars);
struct slice slice_trim_end(struct slice a, const char *chars);

/* What stands behind the last '/' of a path; all of it when there is none. */
struct slice slice_base_name(struct slice path);

/* Is it one ASCII digit or more, and nothing else? */
bool slice_digits(struct slice a);

/* slice_utf8(a, &bad) is true when `a` is strict UTF-8 (no surrogates, no overlong
 * forms, <= U+10FFFF); else `*bad` is the offset of the first byte of the
 * offending sequence. SPEC: RFC 3629 section 4. */
bool slice_utf8(struct slice a, size_t *bad);

/*
 * slice_utf8_put(out, cp) writes the 1-4 bytes of a code point <= U+10FFFF and gives their number.
 * Surrogates are written as they are: who must refuse them does so before.
 */
size_t slice_utf8_put(uint8_t *out, uint32_t cp);
#endif
