#ifndef POLICIES_IAM_DOCUMENT_IAM_LITERAL_H
#define POLICIES_IAM_DOCUMENT_IAM_LITERAL_H
/* Numbers, dates, booleans and networks as conditions write them. false: it is none. */
#include "policies/iam/document/iam_doc.h"

/* Decimal, with sign, fraction and exponent or not, rounded to the nearest double; what is too
 * large for one is no number. */
bool iam_literal_number(struct slice text, double *out);

/*
 * Milliseconds since 1970: a year, month, day, or day and time of ISO 8601 (with seconds and
 * fraction or not; Z or an offset, UTC when neither stands there), or the epoch in seconds, or,
 * from twelve digits, in milliseconds. SPEC: https://www.w3.org/TR/NOTE-datetime
 */
bool iam_literal_date(struct slice text, int64_t *out_ms);

/* "true" and "false", in any case. */
bool iam_literal_bool(struct slice text, bool *out);

/* An address or a network of IPv4 (4 bytes) or IPv6 (16). Bits behind the prefix are as written. */
struct iam_network {
    uint8_t bytes[16];
    unsigned bits; /* of the prefix */
    bool v6;
};
bool iam_literal_network(struct slice text, struct iam_network *out);
/* Is all of the second in the first? Families never mix. */
bool iam_literal_contains(const struct iam_network *net, const struct iam_network *part);
#endif
