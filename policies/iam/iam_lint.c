#include "policies/iam/iam_lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_out.h"
#include "policies/iam/iam_lint_state.h"

const struct iam_lint_code iam_lint_codes[] = {
    {"grammar", IAM_LINT_ERROR, "AWS would refuse the document",
     "Follow the grammar of IAM policies."},
    {"duplicate-sid", IAM_LINT_ERROR, "two statements have the same Sid",
     "Give each statement a Sid of its own, or none."},
    {"unknown-service", IAM_LINT_WARNING, "an action of a service that AWS does not list",
     "Check the prefix before the colon: it is mistaken, or the service is gone."},
    {"unknown-action", IAM_LINT_WARNING, "an action that its service does not list",
     "Check the name; a statement that lists it allows or denies nothing by it."},
    {"bad-arn", IAM_LINT_ERROR, "a resource that is no ARN",
     "Write arn:partition:service:region:account:resource, or \"*\"."},
    {"unknown-operator", IAM_LINT_ERROR, "a condition operator that there is not",
     "Use an operator of the IAM reference."},
    {"bad-value", IAM_LINT_ERROR, "a value that its operator cannot read",
     "Such a condition never holds, negated or not."},
    {"bad-account", IAM_LINT_ERROR, "a principal that is no account, user, role or service",
     "Write twelve digits, or a full ARN; wildcards work alone only."},
    {"unreachable", IAM_LINT_WARNING, "an Allow that a Deny takes back altogether",
     "Remove one of the two statements."},
    {"no-resource", IAM_LINT_WARNING, "actions that cannot be asked on the resources given",
     "List the resource types that these actions work on."},
    {"star-needed", IAM_LINT_WARNING, "actions without resources, on a list of ARNs",
     "These actions match Resource \"*\" only: put them in a statement of their own."},
    {"redundant-statement", IAM_LINT_NOTE, "a statement that another one includes", "Remove it."},
    {"redundant-action", IAM_LINT_NOTE, "an action that another of the list includes",
     "Remove it."},
    {"redundant-resource", IAM_LINT_NOTE, "a resource that another of the list includes",
     "Remove it."},
    {"unknown-key", IAM_LINT_WARNING, "a condition key that is in no request",
     "Check the name; a positive test of it never holds, a negated one always."},
    {"key-not-of-action", IAM_LINT_WARNING, "a condition key that none of the actions has",
     "Split the statement, or use a key that these actions know."},
    {"key-type", IAM_LINT_WARNING, "an operator for another type than the key's",
     "Use the operators of the key's type."},
    {"set-on-single", IAM_LINT_WARNING, "a set operator on a key with one value",
     "Leave out ForAllValues or ForAnyValue."},
    {"set-needed", IAM_LINT_WARNING, "a key with several values under no set operator",
     "Use ForAnyValue or ForAllValues."},
    {"for-all-values-allow", IAM_LINT_WARNING, "ForAllValues in an Allow holds without the key",
     "Add {\"Null\": {KEY: \"false\"}}, or use ForAnyValue."},
    {"literal-variable", IAM_LINT_WARNING, "a variable in a document of 2008 is plain text",
     "Set Version to \"2012-10-17\"."},
    {"no-version", IAM_LINT_NOTE, "no Version: the document is read as of 2008",
     "Set Version to \"2012-10-17\"."},
    {"allow-not-action", IAM_LINT_WARNING, "Allow with NotAction allows all that AWS may add",
     "List the actions that are needed."},
    {"allow-not-resource", IAM_LINT_WARNING, "Allow with NotResource allows on all others",
     "List the resources that are needed."},
    {"allow-not-principal", IAM_LINT_WARNING, "Allow with NotPrincipal lets everybody else in",
     "Name who may; anonymous callers are among the others."},
    {"deny-not-principal", IAM_LINT_NOTE, "Deny with NotPrincipal hits sessions and boundaries",
     "Use a condition on aws:PrincipalArn."},
    {"public", IAM_LINT_WARNING, "anybody may, under no condition",
     "Name the principals, or require aws:PrincipalOrgID, aws:SourceVpce or the like."},
    {"confused-deputy", IAM_LINT_WARNING, "a service may act here for anybody's account",
     "Require aws:SourceArn or aws:SourceAccount (or aws:SourceOrgID)."},
    {"no-external-id", IAM_LINT_NOTE, "another account may assume the role without an external id",
     "If that account is a third party, require sts:ExternalId."},
    {"pass-any-role", IAM_LINT_WARNING, "any role may be passed to any service",
     "Name the roles, and require iam:PassedToService."},
    {"size", IAM_LINT_NOTE, "longer than a managed policy may be",
     "Split it: 6,144 characters without white space."},
    {NULL, IAM_LINT_NOTE, NULL, NULL},
};

const struct iam_lint_code *iam_lint_code_of(const char *code)
{
    for (const struct iam_lint_code *c = iam_lint_codes; c->code != NULL; c++)
        if (strcmp(c->code, code) == 0)
            return c;
    return NULL;
}

const char *iam_lint_level_name(enum iam_lint_level level)
{
    static const char *const names[] = {"error", "warning", "note"};

    return names[level];
}

void iam_lint_add(struct iam_lint_state *s, const char *code, const struct iam_statement *st,
                  const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    *(struct iam_lint_finding *)ARENA_PUSH(s->arena, &s->items, &s->n) = (struct iam_lint_finding){
        .code = code,
        .level = iam_lint_code_of(code)->level,
        .statement = st,
        .number = st != NULL ? st->index + 1 : 0,
        .line = st != NULL ? st->line : 0,
        .text = arena_strdup(s->arena, text),
    };
}

/* ---- the document ---- */

static void grammar(struct iam_lint_state *s, const struct err *e)
{
    iam_lint_add(s, "grammar", NULL, "%s", e->text);
    s->items[s->n - 1].line = e->line;
}

/* Each statement alone, so that one that is wrong does not hide the others. */
static void each_statement(struct iam_lint_state *s, const struct value *document)
{
    const struct value *list = value_get(document, "Statement");
    const size_t n = value_is(list, VALUE_LIST) ? value_len(list) : 1;

    for (size_t i = 0; i < n; i++) {
        struct value_builder b;
        struct iam_doc one;
        struct err e = {0};

        value_map_begin(&b, s->arena);
        value_map_add(&b, "Version", value_str(s->arena, "2012-10-17"));
        value_map_add(&b, "Statement", value_is(list, VALUE_LIST) ? value_item(list, i) : list);
        if (iam_doc_read(value_map_end(&b, NULL), "", s->arena, &one, &e))
            continue;
        grammar(s, &e);
        s->items[s->n - 1].number = i + 1;
        if (slice_starts(slice_str(e.text), "statement 1: "))
            s->items[s->n - 1].text = arena_strdup(s->arena, e.text + strlen("statement 1: "));
    }
}

static void sids(struct iam_lint_state *s)
{
    for (size_t i = 0; i < s->doc->n; i++)
        for (size_t k = 0; k < i; k++) {
            const struct slice sid = s->doc->statements[i].sid;

            if (sid.len == 0 || !slice_eq(s->doc->statements[k].sid, sid))
                continue;
            iam_lint_add(s, "duplicate-sid", &s->doc->statements[i],
                         "statement %zu has the Sid '%.*s' too", k + 1, (int)sid.len,
                         (const char *)sid.data);
            break;
        }
}

/* SPEC: IAM User Guide, "IAM and AWS STS quotas", "IAM name and character limits": white space does
 * not count. */
#define MANAGED_CHARACTERS 6144u

static void size(struct iam_lint_state *s, const struct value *document)
{
    struct json_out o;
    struct buf b;

    for (size_t i = 0; i < s->doc->n; i++)
        if (s->doc->statements[i].has_principal)
            return; /* of a resource: other limits */
    buf_init(&b, 64u << 20);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, document);
    if (b.full || b.len > MANAGED_CHARACTERS)
        iam_lint_add(s, "size", NULL, "%zu characters without white space", b.len);
    buf_release(&b);
}

static void version(struct iam_lint_state *s, const struct value *document)
{
    if (value_get(document, "Version") == NULL)
        iam_lint_add(s, "no-version", NULL, "Version is missing");
}

/* ---- statements ---- */

static struct iam_action_set matched(struct iam_lint_state *s, const struct iam_statement *st)
{
    struct iam_action_set set = iam_actions_none(s->arena);

    for (size_t i = 0; i < st->actions.n; i++)
        (void)iam_actions_match(st->actions.items[i], &set);
    if (st->not_action)
        iam_actions_invert(&set);
    return set;
}

static void statements(struct iam_lint_state *s, struct iam_lint *out)
{
    struct iam_action_set *sets = ARENA_ARRAY(s->arena, struct iam_action_set, s->doc->n);

    for (size_t i = 0; i < s->doc->n; i++)
        sets[i] = matched(s, &s->doc->statements[i]);
    s->sets = sets;
    for (size_t i = 0; i < s->doc->n; i++) {
        const struct iam_statement *st = &s->doc->statements[i];

        out->unknown = out->unknown || st->actions.unknown || st->resources.unknown ||
                       st->tests_unknown || st->principals_unknown ||
                       st->effect == IAM_EFFECT_UNKNOWN;
        iam_lint_names(s, st);
        iam_lint_tests(s, st);
        iam_lint_trust(s, st);
    }
    iam_lint_reach(s);
}

/* By statement; the checks of one stay in their order. */
static void sort(struct iam_lint_finding *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct iam_lint_finding x = items[i];
        size_t k = i;

        for (; k > 0 && items[k - 1].number > x.number; k--)
            items[k] = items[k - 1];
        items[k] = x;
    }
}

void iam_lint(const struct value *document, struct arena *a, struct iam_lint *out)
{
    struct iam_lint_state s = {.arena = a};
    struct iam_doc doc = {0};
    struct err e = {0};

    *out = (struct iam_lint){0};
    if (value_is(document, VALUE_STRING) && !json_read(value_text(document), a, &document, &e)) {
        grammar(&s, &e);
    } else if (!iam_doc_read_lenient(document, "", a, &doc, &e)) {
        each_statement(&s, document);
        if (s.n == 0)
            grammar(&s, &e);
    } else {
        struct iam_doc strict;

        s.doc = &doc;
        sids(&s);
        if (!iam_doc_read(document, "", a, &strict, &e) && s.n == 0)
            each_statement(&s, document);
        if (e.text[0] != '\0' && s.n == 0)
            grammar(&s, &e);
        version(&s, document);
        statements(&s, out);
        size(&s, document);
        out->unknown = out->unknown || doc.unknown;
    }
    sort(s.items, s.n);
    for (size_t i = 0; i < s.n; i++) {
        out->errors += s.items[i].level == IAM_LINT_ERROR;
        out->warnings += s.items[i].level == IAM_LINT_WARNING;
    }
    out->items = s.items;
    out->n = s.n;
}
