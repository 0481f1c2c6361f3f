/* Snapshots of an account. SPEC: IAM API reference, "GetAccountAuthorizationDetails", as
 * `aws iam get-account-authorization-details` writes it */
#include <string.h>

#include "base/json.h"
#include "scanner/config/config.h"
#include "scanner/config/iam_places.h"
#include "scanner/config/percent.h"

#define SOURCE "aws-api"

/* The lists of the answer, and what their items are called. */
enum list { USERS, GROUPS, ROLES, POLICIES, LISTS };
static const struct row {
    const char *list, *type, *name, *inline_list, *what;
} rows[LISTS] = {
    {"UserDetailList", "aws.iam.user", "UserName", "UserPolicyList", "users"},
    {"GroupDetailList", "aws.iam.group", "GroupName", "GroupPolicyList", "groups"},
    {"RoleDetailList", "aws.iam.role", "RoleName", "RolePolicyList", "roles"},
    {"Policies", "aws.iam.policy", "PolicyName", NULL, "policies"},
};

struct snapshot {
    struct doc *d;
    const struct row *row;
    const struct value *list;  /* of the row */
    struct value_builder arns; /* told so far */
    size_t told[LISTS];
    size_t unused; /* policies of AWS that nobody has */
};

/* One entry of a list, while its attributes are put together. */
struct entry {
    const struct value *node;
    const char *arn, *name;
    struct value_builder out;
};

static bool probe(const struct value *doc)
{
    for (size_t i = 0; i < POLICIES; i++)
        if (value_is(value_get(doc, rows[i].list), VALUE_LIST))
            return true;
    return false;
}

/* Says that something cannot be read; it is unknown from here on. */
static const struct value *lost(struct snapshot *s, const struct entry *en, const struct value *at,
                                const char *what)
{
    const struct value_at place = doc_at(at != NULL ? at : en->node);

    doc_gap(s->d, at != NULL ? at : en->node, "%s: %s", en->arn, what);
    return value_unknown(s->d->arena, what, NULL, 0, &place);
}

/* A document: an object, or its text, percent-encoded as the API has it. */
static const struct value *document(struct snapshot *s, const struct entry *en,
                                    const struct value *v)
{
    const struct value_at at = doc_at(v);
    const struct value *out;
    struct slice text;
    struct err e = {0};

    if (!value_is(v, VALUE_STRING))
        return v == NULL ? lost(s, en, NULL, "a policy has no document") : v;
    text = value_text(v);
    if ((slice_starts(text, "%") && !percent_decode(text, s->d->arena, &text, &e)) ||
        !json_read(text, s->d->arena, &out, &e))
        return lost(s, en, v,
                    arena_printf(s->d->arena, "a policy document cannot be read: %s", e.text));
    return value_moved(out, s->d->arena, &at);
}

/* {..., "PolicyDocument": TEXT} with the document read. */
static const struct value *with_document(struct snapshot *s, const struct entry *en,
                                         const struct value *v)
{
    const struct value_at at = doc_at(v);
    struct value_builder b;

    if (!value_is(v, VALUE_MAP))
        return lost(s, en, v, "an inline policy must be a map");
    value_map_begin(&b, s->d->arena);
    for (size_t i = 0; i < value_len(v); i++)
        value_map_put(&b, v->as.members[i].key, v->as.members[i].value);
    value_map_add(&b, "PolicyDocument", document(s, en, value_get(v, "PolicyDocument")));
    return value_map_end(&b, &at);
}

static const struct value *inline_policies(struct snapshot *s, const struct entry *en,
                                           const struct value *v)
{
    const struct value_at at = doc_at(v);
    struct value_builder b;

    if (!value_is(v, VALUE_LIST))
        return lost(s, en, v, "the inline policies must be a list");
    value_list_begin(&b, s->d->arena);
    for (size_t i = 0; i < value_len(v); i++)
        value_list_add(&b, with_document(s, en, value_item(v, i)));
    return value_list_end(&b, &at);
}

/* Is every item of the list a text, or a map whose `key` is one? */
static bool texts(const struct value *v, const char *key)
{
    if (!value_is(v, VALUE_LIST))
        return false;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value *item = value_item(v, i);

        if (!value_is(key != NULL ? value_get(item, key) : item, VALUE_STRING))
            return false;
    }
    return true;
}

/* What is attached must be understood in full, or nobody knows what it is. */
static const struct value *checked(struct snapshot *s, const struct entry *en,
                                   const struct value_member *m)
{
    const struct value *v = m->value;

    if (s->row->inline_list != NULL && slice_is(m->key, s->row->inline_list))
        return inline_policies(s, en, v);
    if (slice_is(m->key, "AssumeRolePolicyDocument"))
        return document(s, en, v);
    if (slice_is(m->key, "AttachedManagedPolicies") && !texts(v, "PolicyArn"))
        return lost(s, en, v, "AttachedManagedPolicies must be a list of maps with a PolicyArn");
    if (slice_is(m->key, "GroupList") && !texts(v, NULL))
        return lost(s, en, v, "GroupList must be a list of names");
    if (slice_is(m->key, "PermissionsBoundary") && v->kind != VALUE_NULL &&
        !value_is(value_get(v, "PermissionsBoundaryArn"), VALUE_STRING))
        return lost(s, en, v, "PermissionsBoundary must be a map with a PermissionsBoundaryArn");
    return v;
}

static bool is_default(const struct value *version, const struct value *id)
{
    const struct value *mark = value_get(version, "IsDefaultVersion");

    if (value_is(id, VALUE_STRING))
        return slice_eq(value_text(value_get(version, "VersionId")), value_text(id));
    return value_true(mark);
}

/* The versions without their documents, and the document of the one in force as "Document". */
static void versions(struct snapshot *s, struct entry *en)
{
    const struct value *list = value_get(en->node, "PolicyVersionList");
    const struct value *id = value_get(en->node, "DefaultVersionId");
    const struct value *text = NULL;
    const struct value_at at = doc_at(list);
    struct value_builder b;

    value_list_begin(&b, s->d->arena);
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < value_len(list); i++) {
        const struct value *v = value_item(list, i);
        const struct value_at place = doc_at(v);
        struct value_builder one;

        value_map_begin(&one, s->d->arena);
        for (size_t k = 0; value_is(v, VALUE_MAP) && k < value_len(v); k++)
            if (!slice_is(v->as.members[k].key, "Document"))
                value_map_put(&one, v->as.members[k].key, v->as.members[k].value);
        value_list_add(&b, value_map_end(&one, &place));
        if (text == NULL && is_default(v, id))
            text = value_get(v, "Document");
    }
    value_map_add(&en->out, "PolicyVersionList", value_list_end(&b, &at));
    value_map_add(&en->out, "Document",
                  text != NULL ? document(s, en, text)
                               : lost(s, en, list, "the default version has no document"));
}

/* One of AWS that nobody has: its name is enough. */
static bool unused(const struct entry *en)
{
    size_t at;

    return slice_find(slice_str(en->arn), SLICE_LIT(":iam::aws:policy/"), &at) &&
           value_int_or(value_get(en->node, "AttachmentCount"), 1) == 0 &&
           value_int_or(value_get(en->node, "PermissionsBoundaryUsageCount"), 0) == 0;
}

/* ARN and name of the entry; false with a gap told when it has none, or its ARN was there. */
static bool identified(struct snapshot *s, struct entry *en)
{
    const size_t before = s->arns.n;
    struct err e = {0};

    if (!doc_name(value_get(en->node, "Arn"), "Arn", &en->arn, &e) ||
        !doc_name(value_get(en->node, s->row->name), s->row->name, &en->name, &e)) {
        doc_gap(s->d, en->node, "one of the %s: %s", s->row->what, e.text);
        return false;
    }
    value_map_put(&s->arns, slice_str(en->arn), en->node);
    if (s->arns.n == before)
        doc_gap(s->d, en->node, "%s is there twice", en->arn);
    return s->arns.n > before;
}

/* What every entry of its kind must have. */
static void more(struct snapshot *s, struct entry *en)
{
    const bool role = s->row == &rows[ROLES];

    if (role && value_get(en->node, "AssumeRolePolicyDocument") == NULL)
        value_map_add(&en->out, "AssumeRolePolicyDocument",
                      lost(s, en, NULL, "a role without a trust policy"));
    if (s->row != &rows[POLICIES])
        return;
    if (unused(en))
        s->unused++;
    else
        versions(s, en);
}

static void tell(struct snapshot *s, const struct value *v)
{
    const struct value_at at = doc_at(v);
    struct entry en = {.node = v};
    struct doc_fact f = {.source = SOURCE, .type = s->row->type, .at = v};
    struct iam_owner owner = {.type = s->row->type};

    if (!value_is(v, VALUE_MAP)) {
        doc_gap(s->d, v, "one of the %s is no map", s->row->what);
        return;
    }
    if (!identified(s, &en))
        return;
    value_map_begin(&en.out, s->d->arena);
    for (size_t i = 0; i < value_len(v); i++)
        if (!slice_is(v->as.members[i].key, "PolicyVersionList"))
            value_map_put(&en.out, v->as.members[i].key, checked(s, &en, &v->as.members[i]));
    more(s, &en);
    f.address = en.arn;
    f.name = en.name;
    f.attributes = value_map_end(&en.out, &at);
    doc_fact(s->d, &f);
    s->told[s->row - rows]++;
    owner.address = en.arn;
    owner.attributes = f.attributes;
    iam_places_tell(s->d, &owner);
}

/* What is wrong with an entry is a gap. */
static bool tell_entry(void *ctx, size_t i, struct err *e)
{
    struct snapshot *s = ctx;

    (void)e;
    tell(s, value_item(s->list, i));
    return true;
}

static bool tell_list(struct snapshot *s, struct err *e)
{
    s->list = value_get(s->d->root, s->row->list);
    if (s->list != NULL && !value_is(s->list, VALUE_LIST)) {
        doc_gap(s->d, s->list, "%s must be a list", s->row->list);
        return true;
    }
    return doc_each(s->d, value_len(s->list), &(struct doc_teller){tell_entry, s}, e);
}

static void tell_account(struct snapshot *s)
{
    struct doc *d = s->d;
    const struct value_at at = doc_at(d->root);
    struct doc_fact f = {
        .source = SOURCE, .type = "aws.iam.account", .address = "account", .at = d->root};
    struct value_builder b;

    value_map_begin(&b, d->arena);
    for (size_t i = 0; i < LISTS; i++)
        value_map_add(&b, rows[i].what, value_int(d->arena, (int64_t)s->told[i], &at));
    f.attributes = value_map_end(&b, &at);
    doc_fact(d, &f);
}

static bool parse(struct doc *d, struct err *e)
{
    struct snapshot s = {.d = d};

    if (!probe(d->root))
        return doc_error(e, d->root,
                         "not a snapshot: no UserDetailList, GroupDetailList or RoleDetailList");
    value_map_begin(&s.arns, d->arena);
    for (s.row = rows; s.row < rows + LISTS; s.row++)
        if (!tell_list(&s, e))
            return false;
    if (value_true(value_get(d->root, "IsTruncated")))
        doc_gap(d, value_get(d->root, "IsTruncated"), "the snapshot is a page of several");
    if (s.unused > 0)
        doc_note(d, value_get(d->root, "Policies"),
                 "%zu policies of AWS that nobody has are not read", s.unused);
    tell_account(&s);
    return true;
}

const struct config_kind config_account = {
    .name = "account",
    .summary = "users, groups, roles and policies of an account, as the AWS CLI tells them",
    .spec = "IAM API reference: GetAccountAuthorizationDetails",
    .format = "aws-account",
    .probe = probe,
    .parse = parse,
};
