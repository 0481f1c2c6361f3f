#ifndef GATE_IAM_PRINT_H
#define GATE_IAM_PRINT_H
/* How the questions of `sallyport iam` show policies: in a terminal and as JSON. */
#include "base/json_out.h"
#include "policies/iam/compare/iam_compare.h"

/* "policy.json:12 statement 2 (ReadData)" */
void iam_print_statement(struct buf *b, const struct iam_doc *d, const struct iam_statement *s);
/* {"policy", "statement" (from 1), "sid", "line", "effect"} */
void iam_print_statement_json(struct json_out *o, const struct iam_doc *d,
                              const struct iam_statement *s);

/* One line a key: `indent`, name, " = ", values. */
void iam_print_keys(struct buf *b, const struct iam_key *keys, size_t n, const char *indent);
void iam_print_keys_json(struct json_out *o, const struct iam_key *keys, size_t n);

/* A request that a comparison found, one line a part; why_not behind the word `but`, if any. */
void iam_print_example(struct buf *b, const struct iam_counterexample *x, const char *but);
/* "example" and the request that was found, or null, within an object */
void iam_print_example_json(struct json_out *o, const struct iam_comparison *got);

/* The words of an answer to "is there a request that ...?", in a terminal. */
struct iam_print_words {
    const char *yes, *yes_text;
    const char *no, *no_text;
    const char *but; /* of the example's why_not, or NULL */
};
const char *iam_print_comparison_word(const struct iam_comparison *got,
                                      const struct iam_print_words *w);
const char *iam_print_comparison_why(const struct iam_comparison *got,
                                     const struct iam_print_words *w);
/* Yes with its example, no, or that it could not be told, and why. */
void iam_print_comparison(struct buf *b, const struct iam_comparison *got,
                          const struct iam_print_words *w, bool color);

/* Text that policies wrote, safe for a terminal. */
void iam_print_text(struct buf *b, struct slice text);

/* Words in colour when `on`. */
enum iam_tone { IAM_GOOD, IAM_BAD, IAM_UNSURE, IAM_FAINT };
void iam_print_word(struct buf *b, const char *word, enum iam_tone tone, bool on);
enum iam_tone iam_print_tone(enum iam_answer answer); /* yes is bad news */

/* "no", "unknown", "yes" */
const char *iam_print_answer(enum iam_answer answer);
#endif
