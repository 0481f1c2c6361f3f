#ifndef SCANNER_CONFIG_IAM_PLACES_H
#define SCANNER_CONFIG_IAM_PLACES_H
/* Where resources of Terraform and CloudFormation hold policy documents. */
#include "scanner/config/iam_policy.h"

struct iam_place {
    const char *type; /* "aws_iam_role", "AWS::IAM::Role" */
    const char *path; /* dots separate; "*" is every item of a list: "inline_policy.*.policy" */
    enum iam_kind kind;
};

/* iam_places_of(type, i): the i-th place of a resource type, or NULL. */
const struct iam_place *iam_places_of(const char *type, size_t i);

/* A resource whose policies are to be told. */
struct iam_owner {
    const char *address, *type;
    const struct value *attributes;
    /* Says that an unknown top-level attribute was chosen by the provider, since nobody set it;
     * may be NULL. */
    bool (*unset)(void *ctx, const char *attribute);
    /* What is known of a policy that is unknown as a whole, or NULL; may be NULL. */
    const struct value *(*document)(void *ctx, const struct value *unknown);
    void *ctx;
};

/* Tells the policies of a resource, at addresses "<resource>#<path>". Null, absent and empty
 * ones are none. */
void iam_places_tell(struct doc *d, const struct iam_owner *owner);
#endif
