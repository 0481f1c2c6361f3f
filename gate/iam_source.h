#ifndef GATE_IAM_SOURCE_H
#define GATE_IAM_SOURCE_H
/*
 * Where the questions of `sallyport iam` get policies from: files of one policy each, or the roles,
 * users and groups of plans, templates and account snapshots, which go through the scanner's
 * sandbox like any subject of a gate.
 */
#include "gate/run.h"
#include "policies/iam/iam_account.h"

struct iam_source {
    struct run run; /* owns everything */
    struct iam_account account;
    bool partial; /* something could not be read: answers may lack what stands there */
};

void iam_source_init(struct iam_source *s);
void iam_source_release(struct iam_source *s);

/* iam_source_read(s, paths, e) scans NULL-terminated paths; notes what could not be read. */
MUST_CHECK bool iam_source_read(struct iam_source *s, const char *const *paths, struct err *e);

/* The same, whether or not there are principals and policies among what is read. */
MUST_CHECK bool iam_source_scan(struct iam_source *s, const char *const *paths, struct err *e);

/* The party of that name, address or ARN; ERR_USAGE with the names there are. */
MUST_CHECK bool iam_source_party(const struct iam_source *s, const char *name,
                                 const struct iam_party **out, struct err *e);

/* Documents from NULL-terminated files (NULL: none). */
MUST_CHECK bool iam_source_docs(const char *const *paths, struct arena *a, struct iam_docs *out,
                                struct err *e);
#endif
