#ifndef SIGNING_STATEMENT_PARTS_H
#define SIGNING_STATEMENT_PARTS_H
/* What the statements share. Each writes into an open JSON object unless it says otherwise. */
#include "base/json_out.h"
#include "base/when.h"
#include "signing/signing.h"

struct statement_parts {
    const struct value_doc *verdict;
    const struct statement_options *opt;
    const char *tool_version, *decision, *policy_digest, *policy_uri;
    char time[WHEN_TEXT_MAX];          /* effective time, UTC with Z */
    char verdict_hex[DIGEST_TEXT_MAX]; /* SHA-256 of statement_verdict_json */
    bool report_only, allowed;         /* allowed: decision is allow, and not in report-only mode */
    bool abridged; /* of the test result: what passed and was read whole is left to the verdict */
};

/* Checks the verdict document as far as the statements depend on it. */
MUST_CHECK bool statement_parts_read(const struct value_doc *verdict,
                                     const struct statement_options *opt,
                                     struct statement_parts *out, struct err *e);

/* The value of a digest member: {"sha256": "<hex>"}. */
MUST_CHECK bool statement_parts_digest(struct json_out *o, const char *digest, struct err *e);

/* One subject as a resource descriptor: {name, uri, digest}. False when it has no digest. */
MUST_CHECK bool statement_parts_subject(struct json_out *o, const struct value *subject,
                                        struct err *e);

void statement_parts_verifier(struct json_out *o, const struct statement_parts *p);
/* {"uri", "digest"} */
MUST_CHECK bool statement_parts_policy(struct json_out *o, const struct statement_parts *p,
                                       struct err *e);

/* The members of the extension object that both statements carry. */
void statement_parts_summary(struct json_out *o, const struct statement_parts *p);
#endif
