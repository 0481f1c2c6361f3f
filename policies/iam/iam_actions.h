#ifndef POLICIES_IAM_IAM_ACTIONS_H
#define POLICIES_IAM_IAM_ACTIONS_H
/*
 * What AWS can be asked to do: services, actions with access level, resource types with the form of
 * their ARNs, condition keys. A table made from public data by policies/iam/tool/, packed in the
 * binary; iam_actions_source tells version and digest of the data. Actions are numbered from 0 in
 * the order of (service prefix, name), without case. Const, nothing to set up.
 */
#include "policies/iam/iam_doc.h"

enum iam_level_of { IAM_LIST, IAM_READ, IAM_WRITE, IAM_TAGGING, IAM_PERMISSIONS };

struct iam_action {
    struct slice service; /* "s3" */
    struct slice name;    /* "GetObject" */
    enum iam_level_of level;
    bool wildcard_only; /* has no resource types: only Resource "*" matches */
};

size_t iam_actions_count(void);
struct iam_action iam_actions_at(size_t i);
/* "s3:getobject", any case; false when there is no such action. */
bool iam_actions_find(struct slice action, size_t *out);
/* A service prefix that is known: "s3". */
bool iam_actions_service(struct slice prefix);
/* "s3:GetObject" in `a`. */
struct slice iam_actions_text(size_t i, struct arena *a);

/* A set of actions, one bit each. */
struct iam_action_set {
    uint64_t *bits;
    size_t nwords;
};
struct iam_action_set iam_actions_none(struct arena *a);
/* Adds all that a pattern of Action matches ("s3:Get*", "*"); gives how many it matches. */
size_t iam_actions_match(struct slice pattern, struct iam_action_set *s);
bool iam_actions_has(const struct iam_action_set *s, size_t i);

/* The ARN patterns that an action can be asked on, wildcards where the ARN has variables:
 * "arn:*:s3:::*" and "arn:*:s3:::*"/"*"; none when wildcard_only. */
struct iam_texts iam_actions_resources(size_t i, struct arena *a);
/* Does the action know the condition key (its own, its resource types', or a global one)? */
bool iam_actions_key(size_t i, struct slice key);

struct iam_actions_source {
    const char *version; /* of the data */
    const char *digest;  /* "sha256:..." */
};
struct iam_actions_source iam_actions_source(void);
#endif
