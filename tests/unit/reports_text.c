#include "base/json.h"
#include "reports/report_view.h"
#include "tests/lib/cases.h"
#include "tests/unit/reports_support.h"

Test(reports_text, tells_the_verdict_last)
{
    static const char end[] = "\nDENY: this may not go out\n";
    struct arena a;
    const char *text;

    arena_init(&a);
    text = support_report(&a, "text", "good/deny");
    cr_expect_str_eq(text + strlen(text) - strlen(end), end);
    EXPECT_HAS(support_report(&a, "text", "good/allow"), "\nALLOW: this may go out\n");
    EXPECT_HAS(support_report(&a, "text", "good/empty"),
               "\nUNVERIFIABLE: could not tell, so this may not go out\n");
    arena_release(&a);
}

Test(reports_text, stands_by_severity_and_names_places)
{
    struct arena a;
    const char *text;

    arena_init(&a);
    text = support_report(&a, "text", "good/deny");
    cr_expect(strstr(text, "\nCRITICAL\n") < strstr(text, "\nHIGH\n"));
    cr_expect(strstr(text, "\nHIGH\n") < strstr(text, "\nMEDIUM\n"));
    cr_expect(strstr(text, "\nMEDIUM\n") < strstr(text, "\nLOW\n"));
    EXPECT_HAS(text, "  FAIL s3-bucket-public: Buckets must not be public\n      "
                     "build/plan.json:31  aws_s3_bucket.data\n");
    EXPECT_HAS(text,
               "      fix: Set acl to private, and block public access for the whole account.\n");
    EXPECT_HAS(text, "      controls: pci-dss-4.0.1 1.4.4; nist-800-53r5 AC-3; gdpr Art. 32\n");
    EXPECT_HAS(text,
               "waived: a public web site (owner web-team, approved by ciso, ticket SEC-12, until");
    EXPECT_HAS(text, "  GAP oci:build/serving!model.pt!archive/data.pkl: unreadable, pickle, 700 B "
                     "unread: more than");
    EXPECT_HAS(text,
               "5 streams, 50.0 MiB: 5.0 KiB parsed, 50.0 MiB scanned, 0 B opaque, 5.5 KiB unread");
    EXPECT_HAS(text, "  EXPIRED: s3-public-access on aws_s3_bucket.old\n");
    EXPECT_HAS(text, "  covers nothing any more: gone on *\n");
    EXPECT_HAS(text, "\nWeakened by\n  --allow-partial\n");
    EXPECT_HAS(text, "  2 passed, 4 failed, 1 unknown, 1 in error, 1 waived, 1 skipped\n");
    arena_release(&a);
}

Test(reports_text, counts_passes_unless_asked)
{
    const struct report_options loud = {.verbose = true};
    struct arena a;

    arena_init(&a);
    EXPECT_LACKS(support_report(&a, "text", "good/deny"), "image-runs-as-root");
    EXPECT_HAS(support_render(&a, "text", support_sample(&a, "good/deny"), &loud),
               "  PASS image-runs-as-root: Images must not run as root\n");
    EXPECT_HAS(support_render(&a, "text", support_sample(&a, "good/deny"), &loud),
               "  note build/plan.json:3: unknown key 'x'\n");
    arena_release(&a);
}

Test(reports_text, folds_what_one_rule_says_of_many)
{
    const struct report_options loud = {.verbose = true};
    struct arena a;
    const char *text;

    arena_init(&a);
    text = support_report(&a, "text", "good/many");
    cr_expect_eq(support_count(text, "aws_s3_bucket.b["), 20);
    cr_expect_eq(support_count(text, "fix: Set acl to private."), 1);
    EXPECT_HAS(text, "and 10 more resources (--verbose lists them)");
    text = support_render(&a, "text", support_sample(&a, "good/many"), &loud);
    cr_expect_eq(support_count(text, "aws_s3_bucket.b["), 30);
    arena_release(&a);
}

Test(reports_text, colours_only_when_asked)
{
    const struct report_options color = {.color = true};
    struct arena a;

    arena_init(&a);
    EXPECT_LACKS(support_report(&a, "text", "good/deny"), "\x1b");
    EXPECT_HAS(support_render(&a, "text", support_sample(&a, "good/deny"), &color),
               "\x1b[1;31mDENY: this may not go out\x1b[0m\n");
    EXPECT_LACKS(support_render(&a, "text", support_sample(&a, "good/hostile"), &color),
                 "\x1b[31m");
    arena_release(&a);
}

static const unsigned widths[] = {40, 60, 80, 100, 200};

CASES(reports_text, wraps_to_the_width, widths)
{
    const struct report_options opt = {.width = widths[*case_index]};
    struct reader r;
    struct slice line;
    struct arena a;

    arena_init(&a);
    r = reader_over(slice_str(support_render(&a, "text", support_sample(&a, "good/deny"), &opt)));
    while (reader_line(&r, &line)) {
        const uint8_t *last = memrchr(line.data, ' ', line.len);
        const size_t word = last != NULL ? (size_t)(line.data + line.len - last) : line.len;

        /* only a word that is itself too long runs over, at the start of its line */
        cr_expect(line.len <= opt.width || line.len - word <= 24, "%u: %.*s", opt.width,
                  (int)line.len, (const char *)line.data);
        cr_expect(line.len == 0 || line.data[line.len - 1] != ' ', "a blank at the end: %.*s",
                  (int)line.len, (const char *)line.data);
    }
    arena_release(&a);
}

/* Build logs take orders from lines that begin with "::" and from "##[". */
Test(reports_text, gives_no_orders_to_a_ci_server)
{
    static const char json[] =
        "{\"decision\": \"deny\", \"reasons\": [\"::stop-commands::x\", \"a ##[add-mask]b "
        "##vso[task]\"], \"weakenings\": [\"::add-mask::secret\"],"
        " \"subjects\": [{\"name\": \"::error::x\"}]}";
    const struct report_options narrow = {.width = 40};
    const struct value *v = NULL;
    struct reader r;
    struct slice line;
    struct arena a;
    struct err e = {0};
    const char *text;

    arena_init(&a);
    cr_assert(json_read(slice_str(json), &a, &v, &e), "%s", e.text);
    text = support_render(&a, "text", v, &narrow);
    EXPECT_LACKS(text, "##");
    r = reader_over(slice_str(text));
    while (reader_line(&r, &line)) {
        while (slice_starts(line, " "))
            line = slice_from(line, 1);
        cr_expect_not(slice_starts(line, "::"), "%.*s", (int)line.len, (const char *)line.data);
    }
    arena_release(&a);
}

Test(reports_text, names_each_framework_once)
{
    static const char list[] =
        "[{\"framework\": \"a\", \"id\": \"1\"}, {\"framework\": \"a\", \"id\": "
        "\"2\"}, {\"framework\": \"b\", \"id\": \"1\"}, {\"id\": \"3\"}, 4]";
    const struct value *v;
    struct err e = {0};
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 100);
    cr_assert(json_read(slice_str(list), &a, &v, &e), "%s", e.text);
    report_view_controls(v, &b);
    cr_expect(slice_is(buf_slice(&b), "a 1, 2; b 1;  3, "), "%.*s", (int)b.len,
              (const char *)b.data);
    buf_release(&b);
    arena_release(&a);
}

/* A reason is what was demanded where a resource was judged and failed, else why. */
Test(reports_text, tells_a_demand_from_a_cause)
{
    static const char json[] =
        "{\"schema\": \"sallyport/verdict/v1\", \"decision\": \"deny\", \"findings\": ["
        "{\"rule\": \"a\", \"severity\": \"high\", \"outcome\": \"fail\", \"message\": \"m\","
        " \"resource\": {\"address\": \"x\"}, \"reason\": \"view.a\"},"
        "{\"rule\": \"b\", \"severity\": \"high\", \"outcome\": \"unknown\", \"message\": \"m\","
        " \"resource\": {\"address\": \"x\"}, \"reason\": \"view.b\"},"
        "{\"rule\": \"c\", \"severity\": \"high\", \"outcome\": \"fail\", \"message\": \"m\","
        " \"resource\": null, \"reason\": \"no resource\"}]}";
    static const struct {
        const char *format, *demand, *unknown, *required;
    } wants[] = {
        {"text", " demanded: view.a\n", " because view.b\n", " because no resource\n"},
        {"junit", "demanded: view.a", "because view.b", "because no resource"},
        {"sarif", "m (demanded: view.a)", "could not tell: m (because view.b)",
         "m (because no resource)"},
        {"html", "demanded: </span>view.a", "because </span>view.b", "because </span>no resource"},
    };
    const struct report_options plain = {0};
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(json_read(slice_str(json), &a, &v, &e), "%s", e.text);
    for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
        const char *text = support_render(&a, wants[i].format, v, &plain);

        EXPECT_HAS(text, wants[i].demand);
        EXPECT_HAS(text, wants[i].unknown);
        EXPECT_HAS(text, wants[i].required);
    }
    arena_release(&a);
}

/* What a verdict says of itself is not said twice. */
Test(reports_text, says_once_that_it_could_not_tell)
{
    static const char json[] =
        "{\"schema\": \"sallyport/verdict/v1\", \"decision\": \"deny\", \"findings\": ["
        "{\"rule\": \"b\", \"severity\": \"high\", \"outcome\": \"unknown\","
        " \"message\": \"could not tell: m\", \"resource\": {\"address\": \"x\"}}]}";
    const struct report_options plain = {0};
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(json_read(slice_str(json), &a, &v, &e), "%s", e.text);
    EXPECT_HAS(support_render(&a, "sarif", v, &plain), "\"could not tell: m\"");
    arena_release(&a);
}
