#include "base/escape.h"
#include "policies/iam/lint/iam_lint_checks.h"

static enum iam_lint_id code_of(enum iam_fault_kind kind)
{
    return kind == IAM_FAULT_SID        ? IAM_LINT_DUPLICATE_SID
           : kind == IAM_FAULT_OPERATOR ? IAM_LINT_UNKNOWN_OPERATOR
                                        : IAM_LINT_GRAMMAR;
}

/* ---- what kind of policy is it? ---- */

static const struct value *statement_at(const struct value *doc, size_t i)
{
    const struct value *list = value_get(doc, "Statement");

    return value_is(list, VALUE_LIST) ? value_item(list, i) : i == 0 ? list : NULL;
}

static bool names_principal(const struct value *s)
{
    return value_get(s, "Principal") != NULL || value_get(s, "NotPrincipal") != NULL;
}

/* All of its actions are those of STS. */
static bool speaks_of_sts(const struct value *s)
{
    const struct value *v = value_get(s, "Action");
    const size_t n = value_is(v, VALUE_LIST) ? value_len(v) : 1;

    for (size_t i = 0; i < n; i++) {
        const struct slice text = value_text(value_is(v, VALUE_LIST) ? value_item(v, i) : v);

        if (text.len < 4 || !iam_glob_same((struct slice){text.data, 4}, SLICE_LIT("sts:")))
            return false;
    }
    return n > 0;
}

/* Everybody, about resources: that is no trust policy. */
static bool names_all(const struct value *s)
{
    return slice_is(value_text(value_get(s, "Principal")), "*") &&
           (value_get(s, "Resource") != NULL || value_get(s, "NotResource") != NULL);
}

enum iam_lint_kind iam_lint_form_kind(const struct value *doc)
{
    bool principal = false, sts = true, all = true, denies = true;
    const struct value *s;

    for (size_t i = 0; (s = statement_at(doc, i)) != NULL; i++) {
        principal = principal || names_principal(s);
        sts = sts && speaks_of_sts(s);
        all = all && names_all(s);
        denies = denies && slice_is(value_text(value_get(s, "Effect")), "Deny");
    }
    if (!principal)
        return IAM_LINT_IDENTITY;
    if (sts && !all)
        return IAM_LINT_TRUST;
    return sts && denies ? IAM_LINT_RCP : IAM_LINT_RESOURCE;
}

/* ---- length and characters ---- */

struct measure {
    size_t characters; /* without blanks, as AWS counts */
    uint32_t strange;  /* the first character above U+00FF; 0: none */
    uint32_t line;
};

static void measure_text(struct measure *m, struct slice text, uint32_t line)
{
    size_t at = 0;

    m->characters += 2;
    while (at < text.len) {
        uint32_t c = 0;

        escape_next(text, &at, &c);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        m->characters += c == '"' || c == '\\' ? 2 : 1;
        if (c > 0xff && m->strange == 0) {
            m->strange = c;
            m->line = line;
        }
    }
}

/* Documents nest at most LIMIT_JSON_DEPTH. */
static void measure(struct measure *m, const struct value *v)
{
    const size_t n = value_len(v);

    switch ((enum value_kind)v->kind) {
    case VALUE_STRING:
        measure_text(m, value_text(v), v->line);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        m->characters += 2 + (n > 0 ? n - 1 : 0);
        break;
    default:
        m->characters += 4; /* about: true, null, a number */
        break;
    }
    for (size_t i = 0; v->kind == VALUE_LIST && i < n; i++)
        measure(m, value_item(v, i));
    for (size_t i = 0; v->kind == VALUE_MAP && i < n; i++) {
        measure_text(m, v->as.members[i].key, v->line);
        m->characters++;
        measure(m, v->as.members[i].value);
    }
}

/* SPEC: IAM User Guide, "IAM and AWS STS quotas"; Organizations User Guide, "Quotas" */
struct quota {
    size_t some, all; /* characters: more than some take; more than any takes; 0: not known */
    const char *says;
};
static const struct quota quotas[] = {
    [IAM_LINT_IDENTITY] = {6144, 10240,
                           "managed policies take 6144, inline ones of a role 10240, of a group "
                           "5120, of a user 2048"},
    [IAM_LINT_RESOURCE] = {0, 0, ""},
    [IAM_LINT_TRUST] = {2048, 4096, "trust policies take 2048, and 4096 on request"},
    [IAM_LINT_SCP] = {10240, 10240, "service control policies take 10240"},
    [IAM_LINT_RCP] = {5120, 5120, "resource control policies take 5120"},
};

/* SPEC: the quotas of S3, KMS, Lambda, Secrets Manager, ECR and EventBridge in their guides */
static const struct {
    const char *service;
    struct quota quota;
} of_services[] = {
    {"s3", {20480, 20480, "bucket policies take 20480"}},
    {"kms", {32768, 32768, "key policies take 32768"}},
    {"lambda", {20480, 20480, "policies of functions take 20480"}},
    {"secretsmanager", {20480, 20480, "policies of secrets take 20480"}},
    {"ecr", {10240, 10240, "policies of repositories take 10240"}},
    {"events", {10240, 10240, "policies of event buses take 10240"}},
};

/* Is every action of the document one of the service? */
static bool speaks_of_service(const struct iam_lint_run *r, const char *service)
{
    size_t n = 0;

    for (size_t i = 0; i < r->doc.n; i++)
        for (size_t k = 0; k < r->doc.statements[i].actions.n; k++, n++)
            if (!iam_lint_run_of_service(r->doc.statements[i].actions.items[k], service))
                return false;
    return n > 0;
}

static const struct quota *quota_of(const struct iam_lint_run *r)
{
    for (size_t i = 0; r->kind == IAM_LINT_RESOURCE && i < ARRAY_LEN(of_services); i++)
        if (speaks_of_service(r, of_services[i].service))
            return &of_services[i].quota;
    return &quotas[r->kind];
}

static void size(struct iam_lint_run *r)
{
    const struct quota *q = quota_of(r);
    struct measure m = {0};

    if (r->node == NULL)
        return;
    measure(&m, r->node);
    if (q->some > 0 && m.characters > q->some)
        iam_lint_run_add(r, m.characters > q->all ? IAM_LINT_TOO_LONG : IAM_LINT_SIZE, NULL, 0,
                         "%zu characters without blanks; %s", m.characters, q->says);
    if (m.strange > 0 && r->kind != IAM_LINT_RESOURCE)
        iam_lint_run_add(r, IAM_LINT_CHARACTER, NULL, m.line, "the character U+%04X",
                         (unsigned)m.strange);
    if (r->opt->marked && r->kind != IAM_LINT_RESOURCE)
        iam_lint_run_add(r, IAM_LINT_CHARACTER, NULL, 1, "U+FEFF, a byte order mark, in front");
}

/* ---- the document ---- */

/* Where the reader takes them. */
static void repeated_sids(struct iam_lint_run *r, const struct iam_faults *faults)
{
    struct value_builder seen;

    for (size_t i = 0; i < faults->n; i++)
        if (faults->items[i].kind == IAM_FAULT_SID)
            return;
    value_map_begin(&seen, r->arena);
    for (size_t i = 0; i < r->doc.n; i++) {
        const struct iam_statement *s = &r->doc.statements[i];
        const size_t before = seen.n;

        if (s->sid.len == 0)
            continue;
        value_map_put(&seen, s->sid, s->node);
        if (seen.n == before)
            iam_lint_run_add(r, IAM_LINT_REPEATED_SID, s, iam_lint_run_line(s, "Sid", 0),
                             "another statement has the Sid '%.*s'", IAM_LINT_TEXT(s->sid));
    }
}

static void version(struct iam_lint_run *r)
{
    const struct value *v = value_get(r->node, "Version");

    if (!value_is(r->node, VALUE_MAP))
        return;
    if (v == NULL)
        iam_lint_run_add(r, IAM_LINT_NO_VERSION, NULL, r->node->line,
                         "no Version: that is 2008-10-17");
    else if (slice_is(value_text(v), "2008-10-17"))
        iam_lint_run_add(r, IAM_LINT_OLD_VERSION, NULL, v->line, "Version 2008-10-17");
}

void iam_lint_form(struct iam_lint_run *r, const struct iam_faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct iam_fault *f = &faults->items[i];
        struct iam_statement at = {.line = f->line};

        at.index = f->statement - 1;
        at.sid = value_text(value_get(statement_at(r->node, at.index), "Sid"));
        iam_lint_run_add(r, code_of(f->kind), f->statement > 0 ? &at : NULL, f->line, "%s",
                         f->text);
    }
    version(r);
    size(r);
    repeated_sids(r, faults);
    for (size_t i = 0; i < r->doc.n; i++)
        iam_lint_elements(r, &r->doc.statements[i]);
}
