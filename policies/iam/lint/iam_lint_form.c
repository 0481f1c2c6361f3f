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

enum iam_lint_kind iam_lint_form_kind(const struct value *doc)
{
    bool principal = false, sts = true;
    const struct value *s;

    for (size_t i = 0; (s = statement_at(doc, i)) != NULL; i++) {
        principal = principal || names_principal(s);
        sts = sts && speaks_of_sts(s);
    }
    return !principal ? IAM_LINT_IDENTITY : sts ? IAM_LINT_TRUST : IAM_LINT_RESOURCE;
}

static bool attached(enum iam_lint_kind kind)
{
    return kind == IAM_LINT_IDENTITY || kind == IAM_LINT_SCP;
}

static bool everybody(const struct iam_statement *s)
{
    return s->nprincipals == 1 && s->principals[0].type == IAM_PRINCIPAL_ANY && !s->not_principal;
}

static void principal_element(struct iam_lint_run *r, const struct iam_statement *s)
{
    const uint32_t line =
        iam_lint_run_line(s, s->not_principal ? "NotPrincipal" : "Principal", SIZE_MAX);

    if (attached(r->kind) && s->has_principal)
        iam_lint_run_add(r, IAM_LINT_UNWANTED_PRINCIPAL, s, line,
                         "a%s policy has no principals of its own",
                         r->kind == IAM_LINT_SCP ? " service control" : "n identity");
    else if (!attached(r->kind) && !s->has_principal)
        iam_lint_run_add(r, IAM_LINT_NO_PRINCIPAL, s, 0, "neither Principal nor NotPrincipal");
    else if (r->kind == IAM_LINT_RCP && !s->principals_unknown && !everybody(s))
        iam_lint_run_add(r, IAM_LINT_UNWANTED_PRINCIPAL, s, line,
                         "a resource control policy takes the principal \"*\" alone");
}

static void resource_element(struct iam_lint_run *r, const struct iam_statement *s)
{
    const bool needs = attached(r->kind) || r->kind == IAM_LINT_RCP;

    if (needs && !s->has_resource)
        iam_lint_run_add(r, IAM_LINT_GRAMMAR, s, 0, "neither Resource nor NotResource");
    if (r->kind == IAM_LINT_TRUST && s->has_resource)
        iam_lint_run_add(r, IAM_LINT_UNWANTED_RESOURCE, s,
                         iam_lint_run_line(s, s->not_resource ? "NotResource" : "Resource", 0),
                         "a trust policy names resources");
}

static bool alphanumeric(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = iam_glob_lower(s.data[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
            return false;
    }
    return true;
}

/* The whole policy of AWS that lets everything pass. */
static bool full_access(const struct iam_lint_run *r)
{
    return r->doc.n == 1 && r->doc.statements[0].ntests == 0;
}

static void elements(struct iam_lint_run *r, const struct iam_statement *s)
{
    principal_element(r, s);
    resource_element(r, s);
    /* Policies of some resources take more: SNS itself writes "__default_statement_ID". */
    if (r->kind != IAM_LINT_RESOURCE && !alphanumeric(s->sid))
        iam_lint_run_add(r, IAM_LINT_SID, s, iam_lint_run_line(s, "Sid", 0), "Sid '%.*s'",
                         IAM_LINT_TEXT(s->sid));
    if (r->kind == IAM_LINT_RCP && s->effect == IAM_ALLOW && !full_access(r))
        iam_lint_run_add(r, IAM_LINT_UNWANTED_ALLOW, s, 0, "a resource control policy allows");
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

/* SPEC: IAM User Guide, "IAM and AWS STS quotas"; Organizations User Guide, "Quotas"; S3 User
 * Guide, "Bucket policies" */
static const struct quota {
    size_t some, all; /* characters: more than some take; more than any takes; 0: not known */
    const char *says;
} quotas[] = {
    [IAM_LINT_IDENTITY] = {6144, 10240,
                           "managed policies take 6144, inline ones of a role 10240, of a group "
                           "5120, of a user 2048"},
    [IAM_LINT_RESOURCE] = {0, 0, ""},
    [IAM_LINT_TRUST] = {2048, 4096, "trust policies take 2048, and 4096 on request"},
    [IAM_LINT_SCP] = {5120, 5120, "service control policies take 5120"},
    [IAM_LINT_RCP] = {5120, 5120, "resource control policies take 5120"},
};

static void size(struct iam_lint_run *r)
{
    const struct quota *q = &quotas[r->kind];
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
    for (size_t i = 0; i < r->doc.n; i++)
        elements(r, &r->doc.statements[i]);
}
