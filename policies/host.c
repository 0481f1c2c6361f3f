/* The table of functions that expressions of rules may call. */
#include "policies/host.h"

#include "policies/glob.h"
#include "policies/host_table.h"

bool host_glob(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice pattern, text;

    if (!host_facts_text(c, 0, &pattern, e) || !host_facts_text(c, 1, &text, e))
        return false;
    *out = cel_value_bool(glob_match(pattern, text));
    return true;
}

const struct cel_function host_functions[] = {
    {"resources", 1, 1, false, host_facts_resources},
    {"resources_of", 2, 2, false, host_facts_resources_of},
    {"resources_at", 2, 2, false, host_facts_resources_at},
    {"resources_below", 2, 2, false, host_facts_resources_below},
    {"related", 3, 3, false, host_facts_related},
    {"refs", 1, 1, true, host_facts_refs},
    {"refers_to", 2, 2, true, host_facts_refers_to},
    {"known", 1, 1, true, host_facts_known},
    {"ends_with", 2, 2, true, host_facts_ends_with},
    {"dataset_for", 1, 1, false, host_facts_dataset_for},
    {"class_rank", 1, 1, false, host_facts_class_rank},
    {"kms.is_cmk", 1, 1, true, host_aws_is_cmk},
    {"arn.parse", 1, 1, false, host_aws_arn_parse},
    {"arn.is", 1, 1, false, host_aws_arn_is},
    {"s3uri.bucket", 1, 1, false, host_aws_s3_bucket},
    {"s3uri.key", 1, 1, false, host_aws_s3_key},
    {"tags.get", 3, 3, false, host_aws_tags_get},
    {"tags.has", 2, 2, false, host_aws_tags_has},
    {"cidr.contains", 2, 2, false, host_net_contains},
    {"cidr.prefix", 1, 1, false, host_net_prefix},
    {"cidr.wide", 3, 3, false, host_net_wide},
    {"iam.policy", 1, 1, false, host_iam_policy},
    {"iam.allows", 2, 2, false, host_iam_ask_allows},
    {"iam.subsumes", 2, 2, false, host_iam_ask_subsumes},
    {"iam.wider_example", 2, 2, false, host_iam_ask_wider_example},
    {"iam.principal", 1, 1, false, host_iam_ask_principal},
    {"iam.attached", 1, 1, false, host_iam_ask_attached},
    {"iam.actions", 1, 1, false, host_iam_tell_actions},
    {"iam.may", 2, 2, false, host_iam_tell_may},
    {"iam.lint", 1, 1, false, host_iam_tell_lint},
    {"iam.public", 1, 1, false, host_iam_reach_public},
    {"iam.public_example", 1, 1, false, host_iam_reach_public_example},
    {"iam.outsiders", 2, 2, false, host_iam_reach_outsiders},
    {"iam.outsiders_example", 2, 2, false, host_iam_reach_outsiders_example},
    {"iam.need", 1, 1, false, host_iam_reach_need},
    {"iam.role", 1, 1, false, host_iam_reach_role},
    {"iam.privesc", 1, 1, false, host_iam_privesc},
    {"glob", 2, 2, false, host_glob},
    {NULL, 0, 0, false, NULL},
};
