#include "tests/lib/cases.h"
#include "tests/unit/reports_support.h"

Test(reports_junit, is_red_exactly_when_it_is_not_allowed)
{
    struct arena a;

    arena_init(&a);
    EXPECT_HAS(support_report(&a, "junit", "good/allow"),
               "<testsuites name=\"sallyport\" tests=\"5\" failures=\"0\" errors=\"0\" "
               "skipped=\"2\" time=\"0\">");
    EXPECT_HAS(support_report(&a, "junit", "good/deny"),
               "<testsuites name=\"sallyport\" tests=\"12\" failures=\"4\" errors=\"4\" "
               "skipped=\"2\" time=\"0\">");
    EXPECT_HAS(support_report(&a, "junit", "good/unverifiable"), "failures=\"0\" errors=\"4\"");
    EXPECT_HAS(support_report(&a, "junit", "good/empty"),
               "tests=\"1\" failures=\"0\" errors=\"1\"");
    arena_release(&a);
}

Test(reports_junit, has_a_suite_for_each_subject)
{
    struct arena a;
    const char *xml;

    arena_init(&a);
    xml = support_report(&a, "junit", "good/deny");
    cr_expect_eq(support_count(xml, "<testsuite "), 5,
                 "two subjects, none, the ledger, the verdict");
    EXPECT_HAS(xml, "<testsuite name=\"oci:build/serving\" tests=\"2\" failures=\"1\"");
    EXPECT_HAS(xml, "<testsuite name=\"(no subject)\"");
    EXPECT_HAS(xml, "<testsuite name=\"coverage\" tests=\"2\" failures=\"0\" errors=\"2\"");
    EXPECT_HAS(xml, "timestamp=\"2026-11-23T05:00:00\"");
    EXPECT_HAS(
        xml,
        "<testcase classname=\"s3-bucket-encrypted\" name=\"aws_s3_bucket.logs\" time=\"0\"/>");
    EXPECT_HAS(xml, "<failure type=\"fail\" message=\"critical fail: aws_s3_bucket.data: acl is "
                    "public-read\">at build/plan.json:31");
    EXPECT_HAS(
        xml, "<error type=\"unknown\" message=\"medium unknown: rotation is known after apply\">");
    EXPECT_HAS(xml, "<skipped message=\"low fail: versioning is off\">");
    EXPECT_HAS(xml, "<error type=\"gap\" message=\"the gzip stream ends early\">");
    arena_release(&a);
}

Test(reports_junit, hostile_text_stays_text)
{
    struct arena a;
    const char *xml;

    arena_init(&a);
    xml = support_report(&a, "junit", "good/hostile");
    EXPECT_LACKS(xml, "<script");
    EXPECT_LACKS(xml, "onload='x'");
    EXPECT_LACKS(xml, "]]>");
    cr_expect_eq(support_count(xml, "<testcase "),
                 support_count(xml, "</testcase>") + support_count(xml, "time=\"0\"/>"));
    arena_release(&a);
}
