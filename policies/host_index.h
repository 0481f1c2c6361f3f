#ifndef POLICIES_HOST_INDEX_H
#define POLICIES_HOST_INDEX_H
/*
 * The facts of a run, found by type, by address and by reference. Built once; what it remembers
 * on demand (resources as values, lists,
 * joins) depends on the facts alone. Not for several threads.
 */
#include "policies/rule.h"
#include "scanner/facts.h"

struct host_index;

struct host_index *host_index_new(const struct facts *f, struct arena *a);

/* A run of facts of one type and source, in the order of (subject, address). */
struct host_group {
    const char *type, *source;
    const struct fact *const *facts;
    size_t n;
};

/* host_index_groups(ix, type, n): the groups whose type is `type`, or begins with it when it
 * ends in '*'; `*n` of them, side by side. */
const struct host_group *host_index_groups(const struct host_index *ix, struct slice type,
                                           size_t *n);

/* The fact as rules see it; made at the first call. */
const struct value *host_index_resource(struct host_index *ix, const struct fact *f);

/* {name, kind, uri, digest} of the subject a fact belongs to. */
const struct value *host_index_subject(struct host_index *ix, const struct fact *f);
const struct subject *host_index_subject_of(const struct host_index *ix, const struct fact *f);
/* All subjects, as a list. */
const struct value *host_index_subjects(struct host_index *ix);

/* The list of all resources of a type (and source; empty: any). */
const struct value *host_index_list(struct host_index *ix, struct slice source, struct slice type);

/* The list of all resources of a type whose attribute `path` is `path`, of the subject that `like`
 * belongs to. Takes O(log n) when the type was asked for before. */
const struct value *host_index_paths_list(struct host_index *ix, const struct fact *like,
                                          struct slice type, struct slice path);

/* The same whose path begins with `prefix`; made for each question, in `arena`. */
struct host_below {
    const struct fact *like;
    struct slice type, prefix;
    struct arena *arena;
};
const struct value *host_index_paths_below(struct host_index *ix, const struct host_below *q);

/* Where a fact stands among the facts of its own subject and source. */
const struct fact *host_index_refs_find(const struct host_index *ix, const struct fact *like,
                                        struct slice address);
/* The fact of the same subject, source, type and address; NULL when there is none. */
const struct fact *host_index_refs_find_typed(const struct host_index *ix, const struct fact *like);

/*
 * What a reference of the document that `from` belongs to leads to. "aws_kms_key.data.arn" is
 * the resource "aws_kms_key.data" and the attribute "arn"; a
 * reference without an index to a resource that has instances leads to the instance of the same
 * index, or to all of them.
 */
struct host_target {
    const struct fact *const *facts; /* `n` of them; 0: nothing of this run */
    size_t n;
    const struct fact *one; /* the only one, or the one of the same index; else NULL */
    struct slice attribute; /* behind the address, or empty */
};
struct host_target host_index_refs_resolve(const struct host_index *ix, const struct fact *from,
                                           struct slice ref);

/* each.key, count.index and the like choose an instance; they are no resources. */
bool host_index_refs_is_key(struct slice ref);

/* A join: resources of `type` whose `path` refers to `to`. */
struct host_query {
    const struct fact *to;
    struct slice type, path;
    struct arena *arena; /* the answer lives here */
};

/* Those that may refer to it stand in the list as unknowns; when there are none but those, the
 * answer is an unknown. NULL with `e` set when `path` is
 * no path. */
const struct value *host_index_related(struct host_index *ix, const struct host_query *q,
                                       struct err *e);

/* The time of the run, in seconds since 1970; 0 until it is set: not known. */
void host_index_set_now(struct host_index *ix, int64_t now);
int64_t host_index_now(const struct host_index *ix);

/* Who holds which policies (iam_account.h); made at the first call. */
struct iam_account;
const struct iam_account *host_index_iam_account(struct host_index *ix);

/* The ways to more rights that the rules bring: each document of kind EscalationPaths adds its own;
 * conditions on times are judged at the time of the run. */
struct iam_escalate;
void host_index_iam_paths(struct host_index *ix, const struct value *doc);
/* The one who is asked about them; made at the first call. NULL with `e` set without paths. */
struct iam_escalate *host_index_iam_escalate(struct host_index *ix, struct err *e);

/*
 * Answers about a fact that several rules, their messages and what is blamed ask for again:
 * `question` is NULL for the ways to more, else a document that the fact was held against, as plain
 * data, and which of the two came first. NULL: not asked yet. Both are kept as copies.
 */
struct host_answer_key {
    const struct fact *fact;
    const struct value *question; /* NULL: the ways to more */
    bool first;                   /* the fact is the first of the two */
};
const struct value *host_index_iam_answer(const struct host_index *ix,
                                          const struct host_answer_key *k);
void host_index_iam_remember(struct host_index *ix, const struct host_answer_key *k,
                             const struct value *answer);

/* The dataset whose uri is the longest prefix, or NULL. */
const struct fact *host_facts_dataset(struct host_index *ix, struct slice uri);
#endif
