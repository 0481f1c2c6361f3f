/* CloudFormation templates, JSON or YAML. SPEC: CloudFormation User Guide, "Template anatomy" */
#include <string.h>

#include "scanner/config/cfn.h"
#include "scanner/config/config.h"
#include "scanner/config/iam_granted.h"

#define SOURCE "cloudformation"

/* Does any resource have a Type such as AWS::S3::Bucket? */
static bool has_types(const struct value *resources)
{
    size_t at;

    for (size_t i = 0; value_is(resources, VALUE_MAP) && i < value_len(resources); i++)
        if (slice_find(value_text(value_get(resources->as.members[i].value, "Type")),
                       SLICE_LIT("::"), &at))
            return true;
    return false;
}

static bool probe(const struct value *doc)
{
    return value_get(doc, "AWSTemplateFormatVersion") != NULL ||
           has_types(value_get(doc, "Resources"));
}

/* A section that must be a map when it is there. */
static bool section(const struct doc *d, const char *name, const struct value **out, struct err *e)
{
    *out = value_get(d->root, name);
    if (*out == NULL || value_is(*out, VALUE_MAP))
        return true;
    if (value_is(*out, VALUE_NULL)) {
        *out = NULL;
        return true;
    }
    return doc_error(e, *out, "%s must be a map, found %s", name,
                     value_kind_name((enum value_kind)(*out)->kind));
}

/* Macros rewrite the whole template. AWS::LanguageExtensions only adds functions, which end as
 * unknown where they stand. */
static void transform(struct doc *d, const struct value *v)
{
    if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_len(v); i++)
            if (!value_is(value_item(v, i), VALUE_LIST))
                transform(d, value_item(v, i));
        return;
    }
    if (v == NULL || v->kind == VALUE_NULL || slice_is(value_text(v), "AWS::LanguageExtensions"))
        return;
    if (value_is(v, VALUE_MAP))
        v = value_get(v, "Name") != NULL ? value_get(v, "Name") : v;
    doc_gap(d, v, "the transform %.*s is not expanded", DOC_TEXT(value_text(v)));
}

static void put_meta(struct cfn *c, const struct value *resource, struct value_builder *b)
{
    static const struct {
        const char *from, *to;
    } meta[] = {
        {"DependsOn", "_depends_on"},
        {"Condition", "_condition"},
        {"DeletionPolicy", "_deletion_policy"},
        {"UpdateReplacePolicy", "_update_replace_policy"},
    };

    for (size_t i = 0; i < ARRAY_LEN(meta); i++) {
        const struct value *v = value_get(resource, meta[i].from);

        v = v != NULL ? cfn_resolve(c, v) : NULL;
        if (v != NULL)
            value_map_add(b, meta[i].to, v);
    }
}

/* What is deployed but stands in another document. */
static void elsewhere(struct cfn *c, const char *type, const struct value *resource,
                      const char *address)
{
    if (strcmp(type, "AWS::CloudFormation::Stack") == 0 ||
        strcmp(type, "AWS::CloudFormation::StackSet") == 0)
        doc_gap(c->d, resource, "%s: the nested template is not part of this document", address);
    if (slice_ends(slice_str(type), "::MODULE"))
        doc_gap(c->d, resource, "%s: the module %s is not expanded", address, type);
}

static const struct value *attributes(struct cfn *c, const struct value *resource,
                                      const char *address)
{
    const struct value *properties = value_get(resource, "Properties");
    const struct value *v = properties != NULL ? cfn_resolve(c, properties) : NULL;
    const struct value_at at = doc_at(properties != NULL ? properties : resource);
    struct value_builder b;

    if (v != NULL && v->kind != VALUE_MAP && v->kind != VALUE_NULL)
        doc_gap(c->d, resource, "%s: its properties are not known", address);
    value_map_begin(&b, c->d->arena);
    for (size_t i = 0; v != NULL && v->kind == VALUE_MAP && i < value_len(v); i++)
        value_map_put(&b, v->as.members[i].key, v->as.members[i].value);
    put_meta(c, resource, &b);
    return value_map_end(&b, &at);
}

/* false when a known condition keeps the resource from being made */
static bool made(struct cfn *c, const struct value *resource, const char *address)
{
    const struct value *condition = value_get(resource, "Condition");

    if (!value_is(condition, VALUE_STRING) ||
        cfn_conditions_get(c, value_text(condition), condition) != CFN_FALSE)
        return true;
    doc_note(c->d, resource, "%s is not made: condition %.*s is false", address,
             DOC_TEXT(value_text(condition)));
    return false;
}

static bool tell(void *ctx, size_t i, struct err *e)
{
    struct cfn *c = ctx;
    const struct value_member *m = &c->resources->as.members[i];
    const struct value_at at = doc_at(m->value);
    const struct value *id = value_string(c->d->arena, m->key, &at);
    struct doc_fact f = {.source = SOURCE, .at = m->value};
    struct iam_owner owner = {.unset = NULL};

    if (slice_starts(m->key, "Fn::")) {
        doc_gap(c->d, m->value, "%.*s is not expanded", DOC_TEXT(m->key));
        return true;
    }
    if (!doc_name(id, "the name of a resource", &f.address, e))
        return false;
    if (!value_is(m->value, VALUE_MAP))
        return doc_error(e, m->value, "resource %s must be a map", f.address);
    if (!doc_name(value_get(m->value, "Type"), "the Type of a resource", &f.type, e)) {
        if (e->line == 0)
            e->line = at.line;
        return err_in(e, "resource %s", f.address);
    }
    if (!made(c, m->value, f.address))
        return true;
    elsewhere(c, f.type, m->value, f.address);
    f.attributes = attributes(c, m->value, f.address);
    doc_fact(c->d, &f);
    owner.address = f.address;
    owner.type = f.type;
    owner.attributes = f.attributes;
    iam_places_tell(c->d, &owner);
    iam_granted_tell(c->d, &owner);
    return true;
}

static void tell_template(const struct cfn *c)
{
    struct doc *d = c->d;
    const struct value *declared = value_get(d->root, "Parameters");
    const struct value_at at = doc_at(d->root);
    struct doc_fact f = {
        .source = SOURCE, .type = "cloudformation.template", .address = "template"};
    struct value_builder b, names;

    value_list_begin(&names, d->arena);
    for (size_t i = 0; value_is(declared, VALUE_MAP) && i < value_len(declared); i++)
        value_list_add(&names, value_string(d->arena, declared->as.members[i].key, &at));
    value_map_begin(&b, d->arena);
    value_map_add(&b, "resources", value_int(d->arena, (int64_t)value_len(c->resources), &at));
    value_map_add(&b, "parameters", value_list_end(&names, &at));
    f.at = d->root;
    f.attributes = value_map_end(&b, &at);
    doc_fact(d, &f);
}

static bool parse(struct doc *d, struct err *e)
{
    struct cfn c = {.d = d};
    const struct value *ignored;

    if (!value_is(d->root, VALUE_MAP))
        return doc_error(e, d->root, "a template must be a map");
    if (!section(d, "Resources", &c.resources, e) || !section(d, "Mappings", &c.mappings, e) ||
        !section(d, "Parameters", &ignored, e) || !section(d, "Conditions", &ignored, e))
        return false;
    if (c.resources == NULL)
        return doc_error(e, d->root, "the template has no Resources");
    cfn_params_read(&c);
    cfn_conditions_read(&c);
    transform(d, value_get(d->root, "Transform"));
    if (!doc_each(d, value_len(c.resources), &(struct doc_teller){tell, &c}, e))
        return false;
    tell_template(&c);
    return true;
}

const struct config_kind config_cloudformation = {
    .name = "cloudformation",
    .summary = "CloudFormation template (JSON or YAML)",
    .spec = "CloudFormation User Guide: template anatomy, intrinsic functions",
    .format = "cloudformation",
    .probe = probe,
    .parse = parse,
};
