#ifndef SCANNER_CONFIG_CFN_TAGS_H
#define SCANNER_CONFIG_CFN_TAGS_H
/*
 * The short tags of CloudFormation in YAML (!Ref, !GetAtt, !Sub, ...) as the long form: {"Ref":
 * x}, {"Fn::GetAtt": [a, b]}. SPEC: CloudFormation User Guide, "Intrinsic function reference"
 */
#include "base/yaml.h"

/* What was met: other kinds of documents must not have them. */
struct cfn_tags {
    size_t n;
    char first[32];
    uint32_t line;
};

/* A yaml_tag_fn; ctx is a struct cfn_tags. */
const struct value *cfn_tags_yaml(void *ctx, struct arena *a, const char *tag,
                                  const struct value *node, struct err *e);
#endif
