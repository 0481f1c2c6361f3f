/* Policy documents that are files of their own. */
#include "scanner/config/config.h"
#include "scanner/config/iam_policy.h"

static bool probe(const struct value *doc)
{
    return value_get(doc, "Statement") != NULL;
}

static bool parse(struct doc *d, struct err *e)
{
    const struct iam_policy p = {
        .document = d->root,
        .kind = IAM_ANY,
        .address = d->path != NULL ? d->path : d->sink->input_name,
    };

    return iam_policy_read(d, &p, e);
}

const struct config_kind config_iam = {
    .name = "iam",
    .summary = "AWS policy document: identity, resource or trust policy (JSON)",
    .spec = "IAM User Guide: grammar of the IAM JSON policy language, version 2012-10-17",
    .format = "iam-policy",
    .probe = probe,
    .parse = parse,
};
