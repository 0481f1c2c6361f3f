#ifndef POLICIES_IAM_ESCALATE_IAM_PATHS_H
#define POLICIES_IAM_ESCALATE_IAM_PATHS_H
/*
 * The documented paths of privilege escalation as data: which actions, on what, win what. Read from
 * a document of kind EscalationPaths (rules/iam/escalations.yaml; docs/rules.md has the format).
 */
#include "policies/iam/document/iam_doc.h"
#include "policies/schema.h"

/* What a step acts on. */
enum iam_path_on {
    IAM_ON_ANYTHING,    /* whatever the action is asked on */
    IAM_ON_OBJECT,      /* a thing of the table: the same in all steps that name it */
    IAM_ON_OWN_USER,    /* who asks, being a user */
    IAM_ON_OWN_ROLE,    /* who asks, being a role */
    IAM_ON_OWN_GROUP,   /* a group that who asks is in */
    IAM_ON_OWN_POLICY,  /* a managed policy of the account that who asks has */
    IAM_ON_USER,        /* another user: the target */
    IAM_ON_ROLE,        /* another role: the target */
    IAM_ON_GROUP,       /* another group: the target */
    IAM_ON_PASSED_ROLE, /* another role, which trusts the path's service: the target */
    IAM_ON_ROLE_POLICY  /* a managed policy of the account that the target role has */
};
#define IAM_ON_COUNT 11

struct iam_path_object {
    const char *name;
    const char *is;        /* "a notebook instance" */
    struct iam_texts arns; /* patterns */
};

struct iam_path_step {
    struct slice action; /* "iam:PassRole" */
    enum iam_path_on on;
    const struct iam_path_object *object; /* of IAM_ON_OBJECT */
};

struct iam_path_way {
    const struct iam_path_step *steps;
    size_t n;
};

struct iam_path_category {
    const char *name;  /* "new-passrole" */
    const char *title; /* "A role is passed to something new" */
    const char *cut;   /* how such paths are broken: one sentence */
};

/* Whom a path concerns. */
enum iam_path_when {
    IAM_WHEN_ALWAYS,
    IAM_WHEN_BOUNDARY, /* who has a permissions boundary */
    IAM_WHEN_DENY      /* who has a policy with a Deny */
};

struct iam_path {
    const char *id;    /* "sagemaker-001" */
    const char *title; /* "A new notebook instance with a passed role" */
    const char *gain;  /* one sentence: what is won */
    const char *needs; /* what must be there besides; or NULL */
    const char *cut;   /* how it is broken */
    const struct iam_path_category *category;
    enum iam_path_when when;
    bool everything; /* whoever takes it may do everything then, whatever the target may */
    struct iam_texts services;       /* that the passed role, or that of the object, trusts */
    const struct iam_path_way *ways; /* alternatives */
    size_t nways;
    const char *const *mitre;      /* "T1098.003", ...; ends with NULL */
    const char *const *references; /* addresses; ends with NULL */
};

struct iam_paths {
    const char *title, *notice;
    const struct iam_path_category *categories;
    size_t ncategories;
    const struct iam_path_object *objects;
    size_t nobjects;
    const struct iam_path *items;
    size_t n;
};

#define IAM_PATHS_MAX 1000    /* paths: some hundred are known */
#define IAM_PATHS_WAYS_MAX 16 /* of one path */
#define IAM_PATHS_STEPS_MAX 8 /* of one way */

/*
 * iam_paths_read(d, v, out, e): `v` is one document of the file `d`, whose arena everything lives
 * in. ERR_USAGE names file, line and what was found: an unknown key, an object that is not in the
 * table, a way without a step, a second target.
 */
MUST_CHECK bool iam_paths_read(const struct schema_doc *d, const struct value *v,
                               struct iam_paths *out, struct err *e);

/* The path of that id, or NULL. */
const struct iam_path *iam_paths_find(const struct iam_paths *p, const char *id);

/* Is it of the principal that asks? */
bool iam_paths_own(enum iam_path_on on);
/* Is it the principal that the path leads to? */
bool iam_paths_target(enum iam_path_on on);
#endif
