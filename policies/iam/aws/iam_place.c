#include "policies/iam/aws/iam_place.h"

#include <string.h>

#include "base/attr.h"

/* With those that are announced. */
static const char *const commercial[] = {
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",   "ca-west-1",      "eu-central-1",   "eu-central-2",   "eu-north-1",
    "eu-south-1",     "eu-south-2",     "eu-west-1",      "eu-west-2",      "eu-west-3",
    "il-central-1",   "me-central-1",   "me-south-1",     "me-west-1",      "mx-central-1",
    "sa-east-1",      "sa-west-1",      "us-east-1",      "us-east-2",      "us-west-1",
    "us-west-2"};

static const struct {
    const char *partition, *region;
} others[] = {
    {"aws-cn", "cn-north-1"},         {"aws-cn", "cn-northwest-1"},
    {"aws-us-gov", "us-gov-east-1"},  {"aws-us-gov", "us-gov-west-1"},
    {"aws-iso", "us-iso-east-1"},     {"aws-iso", "us-iso-west-1"},
    {"aws-iso-b", "us-isob-east-1"},  {"aws-iso-b", "us-isob-west-1"},
    {"aws-iso-e", "eu-isoe-west-1"},  {"aws-iso-f", "us-isof-east-1"},
    {"aws-iso-f", "us-isof-south-1"}, {"aws-eusc", "eusc-de-east-1"},
};

const char *iam_place_partition(struct slice region)
{
    if (slice_among(region, commercial, ARRAY_LEN(commercial)))
        return "aws";
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (slice_is(region, others[i].region))
            return others[i].partition;
    return NULL;
}

struct slice iam_place_service(struct slice name)
{
    static const char *const domains[] = {".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu",
                                          ".amazon.com",    ".aws.internal",     ".c2s.ic.gov",
                                          ".sc2s.sgov.gov", ".cloud.adc-e.uk",   ".csp.hci.ic.gov"};

    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] >= 'A' && name.data[i] <= 'Z')
            return (struct slice){NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(domains); i++)
        if (slice_ends(name, domains[i]))
            return (struct slice){name.data, name.len - strlen(domains[i])};
    return (struct slice){NULL, 0};
}
