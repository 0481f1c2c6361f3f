#include "policies/iam/document/iam_variables.h"

#include <string.h>

#include "policies/iam/lint/iam_lint_checks.h"

struct place {
    const struct iam_statement *s;
    struct slice text;
    uint32_t line;
};

static void key(struct iam_lint_run *r, const struct place *p, struct slice name)
{
    const enum iam_key_type type = iam_actions_key_type(name);

    if (type == IAM_KEY_NONE && !iam_lint_run_federated(name))
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_VARIABLE, p->s, p->line,
                         "no condition key of AWS is named '%.*s'", IAM_LINT_TEXT(name));
    else if (iam_lint_run_many(type))
        iam_lint_run_add(r, IAM_LINT_MULTIVALUED_VARIABLE, p->s, p->line, "%.*s has several values",
                         IAM_LINT_TEXT(name));
}

/* What stands between ${ and }. SPEC: IAM User Guide, "IAM policy elements: Variables and tags" */
static void inside(struct iam_lint_run *r, const struct place *p, struct slice text)
{
    const uint8_t *comma = text.len > 0 ? memchr(text.data, ',', text.len) : NULL;
    struct slice name = slice_trim(text, " "), fallback = {NULL, 0};
    bool ok;

    if (name.len == 1 && strchr("*?$", name.data[0]) != NULL)
        return;
    if (comma != NULL) {
        fallback = slice_trim(slice_from(text, (size_t)(comma - text.data) + 1), " ");
        name = slice_trim((struct slice){text.data, (size_t)(comma - text.data)}, " ");
    }
    ok = name.len > 0 && memchr(name.data, ' ', name.len) == NULL &&
         memchr(name.data, ':', name.len) != NULL;
    if (comma != NULL)
        ok = ok && fallback.len >= 2 && fallback.data[0] == '\'' &&
             fallback.data[fallback.len - 1] == '\'';
    if (ok)
        key(r, p, name);
    else
        iam_lint_run_add(r, IAM_LINT_VARIABLE, p->s, p->line, "no variable has the form ${%.*s}",
                         IAM_LINT_TEXT(text));
}

void iam_lint_variables(struct iam_lint_run *r, const struct iam_statement *s, uint32_t line,
                        struct slice text, bool arn)
{
    const struct place p = {s, text, line};
    size_t colons = 0;

    for (size_t i = 0; i + 1 < text.len; i++) {
        const uint8_t *end;

        colons += text.data[i] == ':';
        if (text.data[i] != '$' || text.data[i + 1] != '{')
            continue;
        if (!r->doc.variables) {
            iam_lint_run_add(r, IAM_LINT_LITERAL_VARIABLE, s, line,
                             "this ${ begins no variable: %.*s", IAM_LINT_TEXT(text));
            return;
        }
        end = memchr(text.data + i, '}', text.len - i);
        if (end == NULL) {
            iam_lint_run_add(r, IAM_LINT_VARIABLE, s, line, "no } ends the variable: %.*s",
                             IAM_LINT_TEXT(text));
            return;
        }
        inside(r, &p, (struct slice){text.data + i + 2, (size_t)(end - text.data) - i - 2});
        if (arn && colons < 5 && i > 0)
            iam_lint_run_add(r, IAM_LINT_MISPLACED_VARIABLE, s, line,
                             "a variable before the fifth colon: %.*s", IAM_LINT_TEXT(text));
        i = (size_t)(end - text.data);
    }
}
