#ifndef POLICIES_IAM_AWS_IAM_ACTIONS_H
#define POLICIES_IAM_AWS_IAM_ACTIONS_H
/*
 * What AWS can be asked to do: services, actions with access level, resource types with the form of
 * their ARNs, condition keys. A table made from public data (tool/actions.py), packed in the
 * binary; iam_actions_source tells version and digest of the data. Actions are numbered from 0 in
 * the order of (service prefix, name), without case. Const, nothing to set up.
 */
#include "policies/iam/document/iam_doc.h"

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
/* The actions of a service prefix, any case: `*n` of them from `*first`; false: no such service. */
bool iam_actions_service(struct slice prefix, size_t *first, size_t *n);
/* "s3:GetObject" in `a`. */
struct slice iam_actions_text(size_t i, struct arena *a);
/* "list", "read", "write", "tagging", "permissions" */
const char *iam_actions_level(enum iam_level_of level);

/* Calls `found` with the number of each action that a pattern of Action matches ("s3:Get*", "*");
 * gives how many there are. */
typedef void iam_actions_fn(void *ctx, size_t i);
size_t iam_actions_each(struct slice pattern, iam_actions_fn *found, void *ctx);

/* A set of actions, one bit each. Outside of the words [from, to) there are none; when there are no
 * such words, there may be no bits. */
struct iam_action_set {
    uint64_t *bits;
    size_t nwords, from, to;
};
struct iam_action_set iam_actions_none(struct arena *a);
/* Adds all that a pattern matches; gives how many it matches. */
size_t iam_actions_match(struct slice pattern, struct iam_action_set *s);
/* The first of the set from `i` on; iam_actions_count() when there is none. */
size_t iam_actions_next(const struct iam_action_set *s, size_t i);
bool iam_actions_has(const struct iam_action_set *s, size_t i);
void iam_actions_add(struct iam_action_set *s, size_t i);
void iam_actions_remove(struct iam_action_set *s, size_t i);
/* Adds all of another; turns it into all others. */
void iam_actions_join(struct iam_action_set *s, const struct iam_action_set *more);
void iam_actions_invert(struct iam_action_set *s);
/* Is each action of `some` in `all`? */
bool iam_actions_within(const struct iam_action_set *all, const struct iam_action_set *some);

/* The ARN patterns that an action can be asked on: "arn:*:s3:::*"; none when wildcard_only. */
struct iam_texts iam_actions_resources(size_t i, struct arena *a);
/* Two numbers are equal when the actions have the same resource types; below IAM_ACTIONS_SHAPES. */
#define IAM_ACTIONS_SHAPES 65536u
unsigned iam_actions_shape(size_t i);

/* All forms of ARNs in the table. */
size_t iam_actions_arns(void);
struct slice iam_actions_arn(size_t i);
/* Has some action a resource type of this form? The data has types that it gives to none. */
bool iam_actions_arn_used(size_t i);

/* What a condition key holds. */
enum iam_key_type {
    IAM_KEY_STRING,
    IAM_KEY_ARN,
    IAM_KEY_BOOL,
    IAM_KEY_NUMERIC,
    IAM_KEY_DATE,
    IAM_KEY_IP,
    IAM_KEY_BINARY,
    IAM_KEY_STRINGS, /* multivalued */
    IAM_KEY_ARNS,
    IAM_KEY_BOOLS,
    IAM_KEY_NONE /* no such key */
};
/* The key by its name, any case; "aws:RequestTag/Team" is a "aws:RequestTag/${TagKey}". */
enum iam_key_type iam_actions_key_type(struct slice key);
bool iam_actions_key_global(struct slice key);
/* Does the action know the key (its own, its resource types', or a global one)? */
bool iam_actions_key(size_t i, struct slice key);
/* ... its own or its resource types': keys of tags are global by name, but not every action has
 * them. */
bool iam_actions_key_own(size_t i, struct slice key);

struct iam_actions_source {
    const char *version; /* of the data */
    const char *digest;  /* "sha256:..." */
};
struct iam_actions_source iam_actions_source(void);
#endif
