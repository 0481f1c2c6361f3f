#ifndef GATE_IAM_SOURCE_H
#define GATE_IAM_SOURCE_H
/*
 * Where the questions of `sallyport iam` get policies from: files of one policy each, or the roles,
 * users and groups of plans, templates and account snapshots, which go through the scanner's
 * sandbox like any subject of a gate.
 */
#include "gate/call.h"
#include "policies/iam/account/iam_account.h"

struct iam_source {
    struct iam_account account; /* of the run that was read with */
    bool partial; /* something could not be read: answers may lack what stands there */
    const struct iam_party *party; /* of --as, when it was asked for; borrowed from `account` */
};

/* iam_source_read(r, paths, out, e) scans NULL-terminated paths; notes what could not be read. */
MUST_CHECK bool iam_source_read(struct run *r, const char *const *paths, struct iam_source *out,
                                struct err *e);

/* The same, whether or not there are principals and policies among what is read. */
MUST_CHECK bool iam_source_scan(struct run *r, const char *const *paths, struct iam_source *out,
                                struct err *e);

/* The same of what is there before the plans are applied; ERR_USAGE when no plan is among what is
 * read. */
MUST_CHECK bool iam_source_before(struct run *r, const char *const *paths, struct iam_source *out,
                                  struct err *e);

/* Is this its name, address or ARN? */
bool iam_source_named(const struct iam_party *p, const char *name);

/* The party of that name, address or ARN; ERR_USAGE with the names there are. */
MUST_CHECK bool iam_source_party(const struct iam_source *s, const char *name,
                                 const struct iam_party **out, struct err *e);

/* Says that there is no `what` of that name, and which there are: ERR_USAGE, and false. */
MUST_CHECK bool iam_source_stranger(const struct iam_source *s, const char *what, const char *name,
                                    struct err *e);

/* For who gets no answer: notes which policies of the party (NULL: none) are not known, where, and
 * why. */
void iam_source_note_unknown(const struct iam_party *p);

/* Documents from NULL-terminated files (NULL: none). */
MUST_CHECK bool iam_source_docs(const char *const *paths, struct arena *a, struct iam_docs *out,
                                struct err *e);

/* ---- what options name ---- */

/* Everything of --from. */
MUST_CHECK bool iam_source_from(struct call *c, struct iam_source *out);

/* ERR_USAGE when there are `files` beside --from, or --as is given without it. */
MUST_CHECK bool iam_source_one(struct call *c, const char *const *files);

/* The documents with what a template has still to fill in unknown (iam_template.h): for questions
 * that take "no" for an answer. */
struct iam_docs iam_source_told(const struct iam_docs *docs, struct arena *a);
/* ... or with a name for each (iam_template_named). */
struct iam_docs iam_source_named_parts(const struct iam_docs *docs, struct arena *a);

/*
 * iam_source_policies(c, files, s, out, party): the documents of NULL-terminated `files` (may be
 * none), or those attached to the party of --as in --from. `party` is NULL for files.
 */
MUST_CHECK bool iam_source_policies(struct call *c, const char *const *files, struct iam_source *s,
                                    struct iam_docs *out, const struct iam_party **party);

/* The documents of an option that names files; none when it is not given. */
MUST_CHECK bool iam_source_files(struct call *c, const char *option, struct iam_docs *out);

/* The values of an option. */
struct iam_texts iam_source_texts(const struct call *c, const char *option);
#endif
