#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/cases.h"
#include "tests/unit/reports_support.h"

static const char *const samples[] = {
    "good/allow",   "good/deny", "good/unverifiable", "good/empty",  "good/many",
    "good/hostile", "bad/kinds", "bad/texts",         "bad/members", "bad/nothing"};

/*
 * No sample, however bent, makes a writer fail, emit a control byte, or write two different
 * reports.
 */
CASES(reports_report, every_format_takes_every_document, samples)
{
    const char *name = samples[*case_index];
    const struct report_options loud = {.width = 60, .verbose = true};
    struct arena a;

    arena_init(&a);
    for (size_t i = 0; report_table[i] != NULL; i++) {
        const char *format = report_table[i]->name;
        const char *text = support_report(&a, format, name);
        size_t bad;

        cr_expect(strlen(text) > 0);
        cr_expect(slice_utf8(slice_str(text), &bad), "%s of %s at %zu", format, name, bad);
        for (const char *p = text; *p != '\0'; p++)
            cr_expect(*p == '\n' || (unsigned char)*p >= 0x20, "%s of %s: byte %02x", format, name,
                      (unsigned char)*p);
        EXPECT_LACKS(text, "\xe2\x80\xae");
        EXPECT_LACKS(text, "\xe2\x81\xa6");
        cr_expect_str_eq(text, support_report(&a, format, name), "%s of %s", format, name);
        cr_expect(strlen(support_render(&a, format, support_sample(&a, name), &loud)) > 0);
    }
    arena_release(&a);
}

/* A document that does not say allow is never shown as one. */
static const char *const not_allow[] = {"good/deny", "good/unverifiable", "good/empty", "bad/kinds",
                                        "bad/texts", "bad/members",       "bad/nothing"};

CASES(reports_report, only_an_allow_looks_like_one, not_allow)
{
    const char *name = not_allow[*case_index];
    struct arena a;

    arena_init(&a);
    EXPECT_LACKS(support_report(&a, "text", name), "ALLOW: this may go out");
    EXPECT_LACKS(support_report(&a, "html", name), "<strong>Allow</strong>");
    EXPECT_LACKS(support_report(&a, "junit", name), "name=\"decision\" time=\"0\"/>");
    arena_release(&a);
}

Test(reports_report, finds_formats_by_name)
{
    cr_expect_not_null(report_find("sarif"));
    cr_expect_null(report_find("SARIF"));
    cr_expect_null(report_find(""));
}

struct spec_case {
    const char *spec, *want;
};

static const struct spec_case spec_cases[] = {
    {"yaml", "unknown report 'yaml': "},
    {"yaml=x", "unknown report 'yaml': "},
    {"", "unknown report '': "},
    {"=x", "unknown report '': "},
    {"json=", "report json: the path is empty"},
};

CASES(reports_report, says_what_is_wrong_with_a_wish, spec_cases)
{
    const struct spec_case *c = &spec_cases[*case_index];
    const struct report_options opt = {0};
    struct value_doc verdict;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    verdict = value_doc_of(support_sample(&a, "good/allow"));
    cr_expect_not(report_emit(c->spec, &verdict, &opt, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    cr_expect(slice_starts(slice_str(e.text), c->want), "got '%s'", e.text);
    if (strncmp(c->want, "unknown", 7) == 0) /* each one that exists is named */
        for (size_t i = 0; report_table[i] != NULL; i++)
            cr_expect_not_null(strstr(e.text, report_table[i]->name), "got '%s'", e.text);
    arena_release(&a);
}

Test(reports_report, writes_a_file_whole_and_plain)
{
    const struct report_options opt = {.color = true, .width = 40};
    char dir[] = "/tmp/sallyport-report-XXXXXX";
    struct value_doc verdict;
    const char *path;
    struct slice text;
    struct stat st;
    struct arena a;
    struct err e = {0};
    size_t at;

    arena_init(&a);
    verdict = value_doc_of(support_sample(&a, "good/deny"));
    cr_assert_not_null(mkdtemp(dir));
    path = arena_printf(&a, "%s/deep/out.txt", dir);
    cr_assert(report_emit(arena_printf(&a, "text=%s", path), &verdict, &opt, &e), "%s", e.text);
    cr_assert(file_read(path, LIMIT_POLICY_BYTES, &a, &text, &e), "%s", e.text);
    cr_expect_not(slice_find(text, SLICE_LIT("\x1b"), &at), "a file has no colours");
    cr_expect_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0644);
    cr_expect_not(report_emit(arena_printf(&a, "text=%s/deep", dir), &verdict, &opt, &e),
                  "a folder is not replaced");
    unlink(path);
    rmdir(arena_printf(&a, "%s/deep", dir));
    cr_expect_eq(rmdir(dir), 0, "nothing is left behind");
    arena_release(&a);
}
