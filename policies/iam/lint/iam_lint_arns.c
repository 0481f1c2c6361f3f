#include <string.h>

#include "policies/iam/aws/iam_place.h"
#include "policies/iam/lint/iam_lint_checks.h"

/* One ARN of the list. */
struct at {
    const struct iam_lint_statement *x;
    struct slice text;         /* as written */
    const struct iam_arn *arn; /* with a * for each variable */
    uint32_t line;
};

enum field { PARTITION = 1, SERVICE, REGION, ACCOUNT };

/* Does the table have an ARN with this text in the field? Of which service: empty for any. Past the
 * work, it does. */
static bool in_table(struct iam_lint_run *r, struct slice service, enum field field,
                     struct slice text)
{
    if (!iam_lint_run_work(r, iam_actions_arns()))
        return true;
    for (size_t i = 0; i < iam_actions_arns(); i++) {
        const struct iam_arn arn = iam_arn_split(iam_actions_arn(i), IAM_ARN_RESOURCE);

        if (arn.n == 6 && slice_eq(arn.field[field], text) &&
            (service.len == 0 || iam_glob_match(service, arn.field[SERVICE], false)))
            return true;
    }
    return false;
}

/* "eu-central-1", "us-gov-west-1": words, and a number at the end. */
static bool region_form(struct slice s)
{
    size_t words = 1;

    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '-')
            words++;
        else if ((s.data[i] < 'a' || s.data[i] > 'z') && !slice_digits(slice_from(s, i)))
            return false;
    }
    return words >= 3 && s.data[s.len - 1] != '-' && slice_digits(slice_from(s, s.len - 1));
}

static bool partition(struct slice s)
{
    static const char *const names[] = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso",
                                        "aws-iso-b", "aws-iso-e", "aws-iso-f",  "aws-eusc"};

    return slice_among(s, names, ARRAY_LEN(names)) || iam_glob_wild(s);
}

static void region(struct iam_lint_run *r, const struct at *at)
{
    const struct slice *f = at->arn->field;
    const char *of = iam_place_partition(f[REGION]);

    if (f[REGION].len == 0 || iam_glob_wild(f[REGION]) ||
        in_table(r, f[SERVICE], REGION, f[REGION]))
        return;
    if (!region_form(f[REGION]))
        iam_lint_run_add(r, IAM_LINT_REGION, at->x->s, at->line, "no region is named '%.*s': %.*s",
                         IAM_LINT_TEXT(f[REGION]), IAM_LINT_TEXT(at->text));
    else if (of == NULL)
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_REGION, at->x->s, at->line,
                         "no region is known by the name '%.*s': %.*s", IAM_LINT_TEXT(f[REGION]),
                         IAM_LINT_TEXT(at->text));
    else if (partition(f[PARTITION]) && !iam_glob_match(f[PARTITION], slice_str(of), false))
        iam_lint_run_add(r, IAM_LINT_REGION, at->x->s, at->line,
                         "%.*s is in the partition %s: %.*s", IAM_LINT_TEXT(f[REGION]), of,
                         IAM_LINT_TEXT(at->text));
}

/* false: its service is none of AWS. */
static bool service(struct iam_lint_run *r, const struct at *at)
{
    const struct slice *f = at->arn->field;
    size_t first, n;

    if (f[SERVICE].len == 0 || iam_glob_wild(f[SERVICE])) {
        iam_lint_run_add(r, IAM_LINT_ARN, at->x->s, at->line, "%s: %.*s",
                         f[SERVICE].len == 0 ? "no service" : "a wildcard for the service",
                         IAM_LINT_TEXT(at->text));
        return false;
    }
    if ((iam_actions_service(f[SERVICE], &first, &n) &&
         slice_eq(iam_actions_at(first).service, f[SERVICE])) ||
        in_table(r, (struct slice){NULL, 0}, SERVICE, f[SERVICE]))
        return true;
    iam_lint_run_add(r, IAM_LINT_ARN_SERVICE, at->x->s, at->line,
                     "no ARN of AWS has the service '%.*s': %.*s", IAM_LINT_TEXT(f[SERVICE]),
                     IAM_LINT_TEXT(at->text));
    return false;
}

static void fields(struct iam_lint_run *r, const struct at *at)
{
    const struct slice *f = at->arn->field;
    bool known;

    if (!partition(f[PARTITION]))
        iam_lint_run_add(r, IAM_LINT_PARTITION, at->x->s, at->line,
                         "no partition is named '%.*s': %.*s", IAM_LINT_TEXT(f[PARTITION]),
                         IAM_LINT_TEXT(at->text));
    known = service(r, at);
    region(r, at);
    if (f[ACCOUNT].len > 0 && !iam_glob_wild(f[ACCOUNT]) &&
        !(slice_digits(f[ACCOUNT]) && f[ACCOUNT].len == 12) && !slice_is(f[ACCOUNT], "aws") &&
        !in_table(r, f[SERVICE], ACCOUNT, f[ACCOUNT]))
        iam_lint_run_add(r, IAM_LINT_ACCOUNT, at->x->s, at->line, "no account is '%.*s': %.*s",
                         IAM_LINT_TEXT(f[ACCOUNT]), IAM_LINT_TEXT(at->text));
    else if (known)
        iam_lint_shapes(r, at->x->s, at->arn, at->text, at->line);
}

/* Can it match an ARN at all? */
static bool begins_one(const struct iam_arn *a)
{
    return a->n > 1 ? iam_glob_overlap(a->field[0], SLICE_LIT("arn"))
                    : iam_glob_overlap(a->field[0], SLICE_LIT("arn:*"));
}

/* false: it is none. */
static bool one(struct iam_lint_run *r, const struct at *at)
{
    if (at->arn->any)
        return true;
    if (!begins_one(at->arn)) {
        iam_lint_run_add(r, IAM_LINT_ARN, at->x->s, at->line, "'%.*s' is no ARN",
                         IAM_LINT_TEXT(at->text));
        return false;
    }
    if (at->arn->n < 6)
        iam_lint_run_add(r, IAM_LINT_SHORT_ARN, at->x->s, at->line, "%u field%s of six: '%.*s'",
                         at->arn->n, at->arn->n == 1 ? "" : "s", IAM_LINT_TEXT(at->text));
    else
        fields(r, at);
    return true;
}

/* Of two ARNs that cover each other, the earlier one stays. */
static bool covers(struct iam_lint_run *r, const struct iam_lint_statement *x, size_t by, size_t i)
{
    return by != i && iam_lint_run_arn_covers(r, x, by, x, i) &&
           (by < i || !iam_lint_run_arn_covers(r, x, i, x, by));
}

static void redundant(struct iam_lint_run *r, const struct at *at, size_t i)
{
    const struct iam_texts *list = &at->x->s->resources;

    for (size_t k = 0; k < list->n && !iam_lint_run_spent(r); k++) {
        if (!covers(r, at->x, k, i))
            continue;
        iam_lint_run_add(r, IAM_LINT_REDUNDANT_RESOURCE, at->x->s, at->line,
                         "%.*s is covered by %.*s", IAM_LINT_TEXT(at->text),
                         IAM_LINT_TEXT(list->items[k]));
        return;
    }
}

void iam_lint_arns(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    const char *element = x->s->not_resource ? "NotResource" : "Resource";

    for (size_t i = 0; i < x->s->resources.n; i++) {
        const struct at at = {.x = x,
                              .text = x->s->resources.items[i],
                              .arn = &x->wide[i],
                              .line = iam_lint_run_line(x->s, element, i)};

        iam_lint_variables(r, x->s, at.line, at.text, true);
        if (one(r, &at))
            redundant(r, &at, i);
    }
}
