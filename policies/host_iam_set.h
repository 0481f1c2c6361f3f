#ifndef POLICIES_HOST_IAM_SET_H
#define POLICIES_HOST_IAM_SET_H
/* What the functions iam.* are asked about: a principal of the run, a document, or several. */
#include "policies/host_table.h"
#include "policies/iam/account/iam_account.h"

struct host_iam_set {
    struct iam_docs docs;
    const struct iam_docs *boundary; /* NULL: none */
    const struct iam_party *party;   /* NULL: documents alone */
};

/*
 * host_iam_set_read(c, i, out, e): argument i: a resource (user, group, role, with everything
 * attached; an iam.policy: its document), a document (JSON text or a map), or a list of documents.
 * What is unknown of it is unknown in the set.
 */
MUST_CHECK bool host_iam_set_read(const struct cel_call *c, size_t i, struct host_iam_set *out,
                                  struct err *e);

/* The account of the run, read at the first call. */
const struct iam_account *host_iam_set_account(const struct cel_call *c);

/* The party behind a resource; NULL: it is none. */
const struct iam_party *host_iam_set_party(const struct cel_call *c, struct cel_value resource);

/* "s3:PutObject on arn:aws:s3:::b/x by somebody, with aws:SourceIp = 192.0.2.1; allowed by POLICY
 * statement 2 (Sid)" */
struct iam_counterexample; /* iam_compare.h */
const char *host_iam_set_example(const struct iam_counterexample *x, struct arena *a);

/* What of the set is unknown, for the reason of an answer; NULL: nothing. */
const char *host_iam_set_gap(const struct host_iam_set *s, struct arena *a);
#endif
