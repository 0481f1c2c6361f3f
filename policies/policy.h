#ifndef POLICIES_POLICY_H
#define POLICIES_POLICY_H
/*
 * Facts in, a verdict out. A policy is the set of rule packs, profiles, frameworks, waivers and
 * trust that the operator chose; its digest names all of them.
 */
#include "base/value_doc.h"
#include "policies/rule.h"
#include "scanner/facts.h"

enum outcome {
    OUTCOME_PASS,
    OUTCOME_FAIL,
    OUTCOME_UNKNOWN,
    OUTCOME_SKIP,
    OUTCOME_ERROR,
    OUTCOME_WAIVED
};

struct waiver {
    const char *rule;     /* rule id, exact */
    const char *resource; /* glob over the address; "*" for all */
    const char *subject;  /* glob over the subject name; NULL = any */
    const char *owner, *reason, *approver, *ticket;
    int64_t expires;
    const char *file;
    uint32_t line;
    unsigned used; /* findings it covers */
    bool expired;
};

struct finding {
    const struct rule *rule;
    const struct fact *fact; /* NULL: the rule found no resource where it demands one */
    enum outcome outcome;
    const char *message;         /* one sentence; for FAIL from the rule's message expression */
    const char *reason;          /* the failing conjunct, the unknown leaves, or the error */
    const struct waiver *waiver; /* WAIVED */
    struct fact_location at;     /* points at the attribute when the rule says `locate` */
};

/* A finding as it is kept: most pass, and those say nothing of their own. */
struct finding_row {
    uint32_t fact; /* its place in the facts; FINDING_NO_FACT */
    uint32_t outcome : 3;
    uint32_t more : 29; /* place + 1 in `more`; 0: the title, no reason, where the fact is */
};
#define FINDING_NO_FACT UINT32_MAX

struct finding_more {
    const char *message, *reason;
    const struct waiver *waiver;
    uint64_t offset;
    uint32_t line;
};

/* The findings of one rule: from rows[first] to those of the next. */
struct finding_run {
    const struct rule *rule;
    size_t first;
};

struct findings {
    const struct policy *policy; /* what they were made from */
    const struct facts *facts;
    struct finding_row *rows; /* `n`, by (rule, subject, source, type, address, path, offset) */
    size_t n;
    struct finding_run *runs; /* those that are not empty, by rule */
    size_t nruns;
    struct finding_more *more;
    size_t nmore;
    const struct subject *const *subjects; /* of each fact; NULL: none of the run */
    struct waiver *waivers;
    size_t nwaivers;
};

/* finding_at(fs, i) is the finding `i` < n, in full. */
struct finding finding_at(const struct findings *fs, size_t i);
/* Hex SHA-256 of (rule id, subject kind and name, type, address, path): stable over runs and
 * lines. */
#define FINDING_FINGERPRINT 65 /* bytes, with the NUL */
void finding_fingerprint_in(const struct findings *fs, const struct finding *f,
                            char out[FINDING_FINGERPRINT]);
/* The run that it is in; takes O(log runs). */
size_t finding_run_of(const struct findings *fs, size_t i);
/* Behind the last row of a run. */
size_t finding_end(const struct findings *fs, size_t run);

struct policy {
    struct arena *arena;
    struct rules rules;         /* packs, frameworks, profiles; selected rules are marked */
    enum severity fail_on;      /* FAIL at or above this denies */
    const struct value *params; /* map; overrides of pack params */
    struct waiver *waivers;
    size_t nwaivers;
    const char *const *profiles; /* names chosen; NULL-terminated */
    char digest[80]; /* "sha256:…" over packs, frameworks, profiles, params, fail_on, waivers */
};

struct policy_options {
    const char *rules_dir;       /* replaces the built-in rules; NULL = built in */
    const char *const *extra;    /* further rule files or folders; NULL-terminated, may be NULL */
    const char *const *profiles; /* NULL-terminated; NULL = {"baseline"} */
    const char *waivers_file;    /* NULL = none */
    const struct value *params;  /* NULL = none */
    const char *params_file;     /* where they stand, for errors; NULL = nowhere */
    enum severity fail_on;
    /* the built-in rules without their tests, each read to its end when a resource needs it */
    bool lean;
};

/* Errors begin with the file, and the line where there is one: "FILE:LINE: what"; of `params` they
 * have the line apart. */
MUST_CHECK bool policy_load(const struct policy_options *opt, struct arena *a, struct policy *out,
                            struct err *e);

/* Evaluates every selected rule on every resource it applies to (reading the rest of a rule that
 * policy_load left: the rules of `p` belong to one caller at a time); applies waivers; sorts by
 * (rule, subject, address, path, offset). `now` is the effective time. The
 * findings live in the arena of the facts, and borrow both. */
MUST_CHECK bool policy_evaluate(const struct policy *p, const struct facts *f, int64_t now,
                                struct findings *out, struct err *e);

enum decision { DECISION_ALLOW, DECISION_DENY, DECISION_UNVERIFIABLE };

struct verdict_options {
    int64_t now;
    const char *stage; /* or NULL */
    const char *tool_version;
    const char *const *weakenings; /* flags that loosened something; NULL-terminated or NULL */
    bool report_only;
    const struct value *sandbox; /* map; what was in force */
    const struct value *inputs;  /* list of {name, digest}: gate file, trust, catalogue, ... */
};

/* Deny wins over unverifiable, unverifiable over allow. unverifiable: a ledger line that is partial
 * or unreadable, an UNKNOWN or ERROR outcome of a selected rule at or above fail_on,
 * nothing evaluated at all, no subject, a subject without a digest, or a subject on which no
 * selected rule was evaluated. The whole verdict is one document: docs/verdict.schema.json; its
 * findings and its ledger are made from `fs`, which it borrows. */
MUST_CHECK bool verdict_make(const struct findings *fs, const struct verdict_options *opt,
                             struct value_doc *doc, enum decision *decision, struct err *e);

const char *finding_outcome_name(enum outcome o);   /* "pass", "fail", ... */
const char *verdict_decision_name(enum decision d); /* "allow", "deny", "unverifiable" */
#endif
