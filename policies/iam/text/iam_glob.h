#ifndef POLICIES_IAM_TEXT_IAM_GLOB_H
#define POLICIES_IAM_TEXT_IAM_GLOB_H
/*
 * Patterns: `*` any run, `?` one character (of UTF-8), and a '\\' before a character that is meant
 * literally. What policies write has no escapes of its own: iam_glob_literal and
 * iam_variables_replace make them. SPEC: IAM User Guide, "Using wildcards"
 */
#include "base/arena.h"
#include "base/slice.h"
#include "policies/iam/text/iam_answer.h"

/* Time is at most the product of the lengths, whatever the pattern. */
bool iam_glob_match(struct slice pattern, struct slice text, bool ignore_case);

/* Is there a text that both match? At most IAM_GLOB_BYTES each, else `true`. */
bool iam_glob_overlap(struct slice a, struct slice b);
#define IAM_GLOB_BYTES 4096u

/* Does `a` match each text of `b`? A false "no" is possible where wildcards of `b` meet literals
 * in ways that hardly occur ("?*" against "*?"), a false "yes" is not. */
bool iam_glob_covers(struct slice a, struct slice b);

/* Does the pattern hold a wildcard that is not escaped? */
bool iam_glob_wild(struct slice pattern);
/* Nothing but stars, at least one. */
bool iam_glob_any(struct slice pattern);

/* `text` with each of * ? \ : escaped (a colon that divides no fields, iam_arn.h);
 * `text` itself when there is none. */
struct slice iam_glob_literal(struct slice text, struct arena *a);
/* The pattern as a policy has it: only backslashes are escaped. */
struct slice iam_glob_pattern(struct slice text, struct arena *a);
/* The text of a pattern without wildcards: escapes taken away. */
struct slice iam_glob_text(struct slice pattern, struct arena *a);

/* Equal without case of ASCII letters. */
bool iam_glob_same(struct slice a, struct slice b);
uint8_t iam_glob_lower(uint8_t c);
#endif
