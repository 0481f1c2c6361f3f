/* Short tags to the long form. */
#include "scanner/config/cfn_tags.h"

#include <string.h>

static const struct {
    const char *tag, *key;
} tags[] = {
    {"!And", "Fn::And"},
    {"!Base64", "Fn::Base64"},
    {"!Cidr", "Fn::Cidr"},
    {"!Condition", "Condition"},
    {"!Contains", "Fn::Contains"},
    {"!EachMemberEquals", "Fn::EachMemberEquals"},
    {"!EachMemberIn", "Fn::EachMemberIn"},
    {"!Equals", "Fn::Equals"},
    {"!FindInMap", "Fn::FindInMap"},
    {"!GetAZs", "Fn::GetAZs"},
    {"!GetAtt", "Fn::GetAtt"},
    {"!If", "Fn::If"},
    {"!ImportValue", "Fn::ImportValue"},
    {"!Join", "Fn::Join"},
    {"!Length", "Fn::Length"},
    {"!Not", "Fn::Not"},
    {"!Or", "Fn::Or"},
    {"!Ref", "Ref"},
    {"!RefAll", "Fn::RefAll"},
    {"!Select", "Fn::Select"},
    {"!Split", "Fn::Split"},
    {"!Sub", "Fn::Sub"},
    {"!ToJsonString", "Fn::ToJsonString"},
    {"!Transform", "Fn::Transform"},
    {"!ValueOf", "Fn::ValueOf"},
    {"!ValueOfAll", "Fn::ValueOfAll"},
};

/* "Key.Arn" is ["Key", "Arn"]: the first dot separates. */
static const struct value *split_attribute(struct arena *a, const struct value *node)
{
    const struct slice s = value_text(node);
    const struct value_at at = {node->offset, node->line};
    struct value_builder b;
    size_t dot;

    if (!slice_find(s, SLICE_LIT("."), &dot))
        return node;
    value_list_begin(&b, a);
    value_list_add(&b, value_string(a, (struct slice){s.data, dot}, &at));
    value_list_add(&b, value_string(a, slice_from(s, dot + 1), &at));
    return value_list_end(&b, &at);
}

const struct value *cfn_tags_yaml(void *ctx, struct arena *a, const char *tag,
                                  const struct value *node, struct err *e)
{
    struct cfn_tags *met = ctx;
    const struct value_at at = {node->offset, node->line};
    const char *key = NULL;
    struct value_builder b;

    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (strcmp(tag, tags[i].tag) == 0)
            key = tags[i].key;
    if (key == NULL) {
        err_set_line(e, ERR_UNSUPPORTED, node->line, "the tag '%.64s' has no meaning here", tag);
        return NULL;
    }
    if (met->n++ == 0) {
        snprintf(met->first, sizeof(met->first), "%s", tag);
        met->line = node->line;
    }
    value_map_begin(&b, a);
    value_map_add(&b, key,
                  strcmp(tag, "!GetAtt") == 0 && value_is(node, VALUE_STRING)
                      ? split_attribute(a, node)
                      : node);
    return value_map_end(&b, &at);
}
