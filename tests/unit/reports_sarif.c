#include "tests/lib/cases.h"
#include "tests/unit/reports_support.h"

static const struct value *run_of(struct arena *a, const char *name)
{
    const struct value *v = NULL;
    struct err e = {0};

    cr_assert(json_read(slice_str(support_report(a, "sarif", name)), a, &v, &e), "%s", e.text);
    cr_expect_str_eq(value_cstr(value_get(v, "version"), ""), "2.1.0");
    cr_assert_eq(value_len(value_get(v, "runs")), 1);
    return value_path(v, "runs.0");
}

static const char *text_at(const struct value *v, const char *path)
{
    return value_cstr(value_path(v, path), "(none)");
}

static const char *const samples[] = {"good/deny", "good/allow", "good/hostile",
                                      "good/many", "bad/kinds",  "bad/members"};

/*
 * TEST-OF: what code scanning demands: a location with a region on every result, rules with all
 * three texts, a score that is a string
 */
CASES(reports_sarif, every_result_and_rule_is_complete, samples)
{
    const struct value *run, *results, *rules;
    struct arena a;

    arena_init(&a);
    run = run_of(&a, samples[*case_index]);
    results = value_get(run, "results");
    rules = value_path(run, "tool.driver.rules");
    for (size_t i = 0; i < value_len(results); i++) {
        const struct value *r = value_item(results, i);
        const size_t rule = (size_t)value_int_or(value_get(r, "ruleIndex"), -1);

        cr_assert(rule < value_len(rules));
        cr_expect(value_eq(value_get(r, "ruleId"), value_get(value_item(rules, rule), "id")));
        cr_expect(value_text(value_path(r, "message.text")).len > 0);
        cr_expect(
            value_text(value_path(r, "locations.0.physicalLocation.artifactLocation.uri")).len > 0);
        cr_expect(value_int_or(value_path(r, "locations.0.physicalLocation.region.startLine"), 0) >=
                  1);
        cr_expect(
            value_is(value_path(r, "partialFingerprints.primaryLocationLineHash"), VALUE_STRING));
    }
    for (size_t i = 0; i < value_len(rules); i++) {
        const struct value *r = value_item(rules, i);

        cr_expect(value_text(value_path(r, "shortDescription.text")).len > 0);
        cr_expect(value_text(value_path(r, "fullDescription.text")).len > 0);
        cr_expect(value_text(value_path(r, "help.text")).len > 0);
        cr_expect(value_text(value_path(r, "help.markdown")).len > 0);
        cr_expect(
            value_is(value_get(value_get(r, "properties"), "security-severity"), VALUE_STRING));
        cr_expect(value_len(value_path(r, "properties.tags")) <= 20);
        cr_expect_str_eq(text_at(r, "properties.tags.0"), "security");
    }
    arena_release(&a);
}

Test(reports_sarif, weighs_and_places_results)
{
    const struct value *run, *first;
    struct arena a;

    arena_init(&a);
    run = run_of(&a, "good/deny");
    cr_expect_eq(value_len(value_get(run, "results")), 7, "passes are no results");
    first = value_path(run, "results.0");
    cr_expect_str_eq(text_at(first, "ruleId"), "s3-bucket-public");
    cr_expect_str_eq(text_at(first, "level"), "error");
    cr_expect_str_eq(text_at(first, "locations.0.physicalLocation.artifactLocation.uri"),
                     "build/plan.json");
    cr_expect_eq(
        value_int_or(value_path(first, "locations.0.physicalLocation.region.startLine"), 0), 31);
    cr_expect_str_eq(text_at(first, "locations.0.logicalLocations.0.fullyQualifiedName"),
                     "aws_s3_bucket.data");
    cr_expect(value_true(value_path(first, "properties.decides")));
    cr_expect_str_eq(text_at(run, "results.2.locations.0.physicalLocation.artifactLocation.uri"),
                     "build/serving", "the scheme is cut off");
    cr_expect_str_eq(text_at(run, "results.6.level"), "note", "a low one");
    arena_release(&a);
}

Test(reports_sarif, a_waiver_is_a_suppression_with_its_reason)
{
    const struct value *waived;
    struct arena a;

    arena_init(&a);
    waived = value_path(run_of(&a, "good/deny"), "results.1");
    cr_expect_str_eq(text_at(waived, "suppressions.0.kind"), "external");
    cr_expect_str_eq(text_at(waived, "suppressions.0.status"), "accepted");
    cr_expect_str_eq(
        text_at(waived, "suppressions.0.justification"),
        "a public web site (owner web-team, approved by ciso, ticket SEC-12, until 2027-01-01)");
    cr_expect_null(value_path(run_of(&a, "good/deny"), "results.0.suppressions"));
    arena_release(&a);
}

Test(reports_sarif, gaps_are_notifications_and_no_success)
{
    const struct value *run;
    struct arena a;

    arena_init(&a);
    run = run_of(&a, "good/unverifiable");
    cr_expect_not(value_true(value_path(run, "invocations.0.executionSuccessful")));
    cr_expect_eq(value_len(value_path(run, "invocations.0.toolExecutionNotifications")), 2);
    cr_expect_str_eq(text_at(run, "invocations.0.toolExecutionNotifications.0.level"), "error");
    run = run_of(&a, "good/allow");
    cr_expect(value_true(value_path(run, "invocations.0.executionSuccessful")));
    arena_release(&a);
}

Test(reports_sarif, hostile_text_makes_no_markup_and_no_scheme)
{
    const struct value *run;
    struct slice uri;
    struct arena a;
    size_t at;

    arena_init(&a);
    run = run_of(&a, "good/hostile");
    EXPECT_HAS(text_at(run, "tool.driver.rules.0.help.markdown"), "\\<script\\>");
    EXPECT_HAS(text_at(run, "tool.driver.rules.0.help.markdown"), "\\[a\\]\\(javascript:x\\)");
    uri =
        value_text(value_path(run, "results.0.locations.0.physicalLocation.artifactLocation.uri"));
    cr_expect_not(slice_find(uri, SLICE_LIT(":"), &at));
    cr_expect_not(slice_find(uri, SLICE_LIT("<"), &at));
    arena_release(&a);
}

/* TEST-OF: 25,000 results a run */
Test(reports_sarif, keeps_the_cap_and_says_so, .timeout = 120)
{
    const struct value *verdict, *one, *run;
    const struct report_options opt = {0};
    struct value_builder list, doc;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    verdict = support_sample(&a, "good/many");
    one = value_path(verdict, "findings.0");
    for (int extra = 0; extra < 2; extra++) {
        value_list_begin(&list, &a);
        for (int i = 0; i < 25000 + extra; i++)
            value_list_add(&list, one);
        value_map_begin(&doc, &a);
        value_map_add(&doc, "decision", value_str(&a, "deny"));
        value_map_add(&doc, "findings", value_list_end(&list, NULL));
        cr_assert(json_read(slice_str(support_render(&a, "sarif", value_map_end(&doc, NULL), &opt)),
                            &a, &run, &e),
                  "%s", e.text);
        cr_expect_eq(value_len(value_path(run, "runs.0.results")), 25000);
        cr_expect_eq(value_len(value_path(run, "runs.0.invocations.0.toolExecutionNotifications")),
                     (size_t)extra);
    }
    cr_expect_str_eq(text_at(run, "runs.0.invocations.0.toolExecutionNotifications.0.message.text"),
                     "1 more results are left out here: see the json report");
    arena_release(&a);
}
