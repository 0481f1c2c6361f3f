#ifndef TESTS_LIB_IAM_COMPARED_H
#define TESTS_LIB_IAM_COMPARED_H
/* Two policies compared, and what is told of it as one line. */
#include <string.h>

#include <criterion/criterion.h>

#include "base/json.h"
#include "policies/iam/compare/iam_compare.h"

#define POLICY(...) "{\"Version\": \"2012-10-17\", \"Statement\": [" __VA_ARGS__ "]}"
#define ALLOW "{\"Effect\": \"Allow\", "
#define DENY "{\"Effect\": \"Deny\", "
#define ON(action, resource) "\"Action\": " action ", \"Resource\": " resource
#define WHEN(op, key, values) ", \"Condition\": {\"" op "\": {\"" key "\": " values "}}"
#define ANY "\"*\""
#define AND ", "

static inline struct iam_doc document(const char *text, const char *name, struct arena *a)
{
    const struct value *v = NULL;
    struct iam_doc d = {0};
    struct err e = {0};

    cr_assert(json_read(slice_str(text), a, &v, &e), "%s: %s", text, e.text);
    cr_assert(iam_doc_read_lenient(v, name, a, &d, &e), "%s: %s", text, e.text);
    return d;
}

static inline struct iam_comparison compare(const char *old, const char *fresh,
                                            const struct iam_compare_options *opt, struct arena *a)
{
    struct iam_doc docs[2] = {document(old, "old.json", a), document(fresh, "new.json", a)};
    struct iam_doc *kept = ARENA_ARRAY(a, struct iam_doc, 2);
    struct iam_docs sides[2];
    struct iam_comparison c;

    memcpy(kept, docs, sizeof(docs));
    sides[0] = (struct iam_docs){&kept[0], 1, false};
    sides[1] = (struct iam_docs){&kept[1], 1, false};
    iam_compare(&sides[0], &sides[1], opt, a, &c);
    return c;
}

/* "action resource principal key=value,..." of the example; "no"; "unknown: ...". */
static inline const char *told(const struct iam_comparison *c, struct arena *a)
{
    const struct iam_counterexample *x = &c->example;
    const char *out;

    if (c->wider == IAM_NO)
        return "no";
    if (c->wider == IAM_MAYBE)
        return arena_printf(a, "unknown: %s", c->unknown);
    out = arena_printf(a, "%s %s", arena_strndup(a, x->action), arena_strndup(a, x->resource));
    if (x->principal.len > 0)
        out = arena_printf(a, "%s %s", out, arena_strndup(a, x->principal));
    for (size_t i = 0; i < x->nkeys; i++) {
        out = arena_printf(a, "%s %s=", out, arena_strndup(a, x->keys[i].name));
        for (size_t k = 0; k < x->keys[i].n; k++)
            out = arena_printf(a, "%s%s%s", out, k > 0 ? "," : "",
                               arena_strndup(a, x->keys[i].values[k]));
    }
    return out;
}
#endif
