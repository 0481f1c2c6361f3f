#ifndef TESTS_UNIT_REPORTS_SUPPORT_H
#define TESTS_UNIT_REPORTS_SUPPORT_H
/*
 * A report of a sample verdict as bytes. Tests run at the root of the project; the samples are
 * made by fixtures/report/make.py.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "reports/report.h"

static inline const struct value *support_sample(struct arena *a, const char *name)
{
    const struct value *v = NULL;
    struct slice text;
    struct err e = {0};

    cr_assert(file_read(arena_printf(a, "fixtures/report/%s.json", name), LIMIT_POLICY_BYTES, a,
                        &text, &e),
              "%s: %s", name, e.text);
    cr_assert(json_read(text, a, &v, &e), "%s: %s", name, e.text);
    return v;
}

static inline const char *support_render(struct arena *a, const char *format,
                                         const struct value *verdict,
                                         const struct report_options *opt)
{
    const struct report_format *f = report_find(format);
    const struct value_doc doc = value_doc_of(verdict);
    struct err e = {0};
    const char *text;
    struct buf b;

    cr_assert_not_null(f, "%s", format);
    buf_init(&b, LIMIT_REPORT_BYTES);
    cr_assert(f->write(&doc, opt, &b, &e), "%s: %s", format, e.text);
    text = arena_strndup(a, buf_slice(&b));
    cr_assert_eq(strlen(text), b.len, "%s: a NUL in the output", format);
    buf_release(&b);
    return text;
}

static inline const char *support_report(struct arena *a, const char *format, const char *name)
{
    const struct report_options plain = {0};

    return support_render(a, format, support_sample(a, name), &plain);
}

static inline size_t support_count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what))
        n++;
    return n;
}

#define EXPECT_HAS(text, what) cr_expect_not_null(strstr((text), (what)), "missing: %s", (what))
#define EXPECT_LACKS(text, what) cr_expect_null(strstr((text), (what)), "present: %s", (what))
#endif
