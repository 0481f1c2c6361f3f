#ifndef TESTS_LIB_IAM_TEXT_H
#define TESTS_LIB_IAM_TEXT_H
/* Policies and contexts written as JSON in tests; the text "!" stands for what nobody knows. */
#include <criterion/criterion.h>

#include "base/json.h"
#include "policies/iam/document/iam_request.h"

static inline const struct value *iam_text_marked(const struct value *v, struct arena *a)
{
    const struct value_at at = {v->offset, v->line};
    struct value_builder b;

    if (value_is(v, VALUE_STRING) && slice_is(value_text(v), "!"))
        return value_unknown(a, "known after apply", NULL, 0, &at);
    if (value_is(v, VALUE_LIST)) {
        value_list_begin(&b, a);
        for (size_t i = 0; i < value_len(v); i++)
            value_list_add(&b, iam_text_marked(value_item(v, i), a));
        return value_list_end(&b, &at);
    }
    if (!value_is(v, VALUE_MAP))
        return v;
    value_map_begin(&b, a);
    for (size_t i = 0; i < value_len(v); i++)
        value_map_put(&b, v->as.members[i].key, iam_text_marked(v->as.members[i].value, a));
    return value_map_end(&b, &at);
}

static inline const struct value *iam_text_value(const char *text, struct arena *a)
{
    const struct value *v = NULL;
    struct err e = {0};

    cr_assert(json_read(slice_str(text), a, &v, &e), "%s: %s", text, e.text);
    return iam_text_marked(v, a);
}

/* Lenient. */
static inline struct iam_doc iam_text_doc(const char *text, struct arena *a)
{
    struct iam_doc d = {0};
    struct err e = {0};

    cr_assert(iam_doc_read_lenient(iam_text_value(text, a), "", a, &d, &e), "%s: %s", text, e.text);
    return d;
}

/* A key "!" leaves the context open. */
static inline struct iam_context iam_text_context(const char *text, struct arena *a)
{
    struct iam_context c = {0};
    struct err e = {0};

    cr_assert(iam_request_read_context(iam_text_value(text, a), a, &c, &e), "%s: %s", text, e.text);
    for (size_t i = 0; i < c.n; i++)
        c.open = c.open || slice_is(c.keys[i].name, "!");
    return c;
}
#endif
