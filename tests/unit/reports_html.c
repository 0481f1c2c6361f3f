#include "base/base64.h"
#include "base/digest.h"
#include "tests/lib/cases.h"
#include "tests/unit/reports_support.h"

static const char *const samples[] = {"good/allow", "good/deny", "good/hostile",
                                      "good/many",  "bad/kinds", "bad/members"};

/*
 * The page may load nothing, run nothing, and style nothing but by the sheet whose hash it
 * names.
 */
CASES(reports_html, is_one_page_that_needs_nothing, samples)
{
    struct slice style;
    struct digest d;
    struct arena a;
    struct buf b;
    const char *html;

    arena_init(&a);
    html = support_report(&a, "html", samples[*case_index]);
    EXPECT_HAS(html, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'sha256-");
    EXPECT_LACKS(html, "<script");
    EXPECT_LACKS(html, " style=");
    EXPECT_LACKS(html, "src=\"");
    EXPECT_LACKS(html, "http://");
    EXPECT_LACKS(html, "https://");
    EXPECT_LACKS(html, " onload='");
    cr_expect_eq(support_count(html, "href=\""), support_count(html, "href=\"#"),
                 "links stay on the page");
    style = slice_str(strstr(html, "<style>") + 7);
    style.len = (size_t)(strstr(html, "</style>") - (const char *)style.data);
    digest_of(style, DIGEST_SHA256, &d);
    buf_init(&b, 128);
    base64_put(&b, (struct slice){d.bytes, 32});
    EXPECT_HAS(html, arena_strndup(&a, buf_slice(&b)));
    buf_release(&b);
    arena_release(&a);
}

static const char *const elements[] = {"section", "article", "table", "tbody", "tr", "td",
                                       "details", "main",    "dl",    "h2",    "h3", "p",
                                       "span",    "svg",     "ul",    "li"};

CASES(reports_html, closes_what_it_opens, elements)
{
    const char *name = elements[*case_index];
    struct arena a;

    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const char *html = support_report(&a, "html", samples[i]);
        const size_t opened = support_count(html, arena_printf(&a, "<%s>", name)) +
                              support_count(html, arena_printf(&a, "<%s ", name));

        cr_expect_eq(opened, support_count(html, arena_printf(&a, "</%s>", name)), "%s in %s", name,
                     samples[i]);
    }
    arena_release(&a);
}

Test(reports_html, shows_what_matters)
{
    struct arena a;
    const char *html;

    arena_init(&a);
    html = support_report(&a, "html", "good/deny");
    EXPECT_HAS(html, "<div class=\"banner deny\"><strong>Deny</strong>");
    EXPECT_HAS(html, "<title>Deny: sallyport verdict</title>");
    EXPECT_HAS(html, "<td class=\"place\">build/plan.json:31</td>");
    EXPECT_HAS(html, "Protection of Information at Rest");
    EXPECT_HAS(html, "2 of 5 streams were not read whole.");
    EXPECT_HAS(html, "Weakened by: --allow-partial");
    EXPECT_HAS(html, "sha256:823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812");
    EXPECT_HAS(support_report(&a, "html", "good/allow"), "<strong>Allow</strong>");
    EXPECT_HAS(support_report(&a, "html", "bad/nothing"), "<strong>Unverifiable</strong>");
    arena_release(&a);
}

Test(reports_html, links_lead_somewhere)
{
    struct arena a;

    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const char *html = support_report(&a, "html", samples[i]);

        for (const char *p = strstr(html, "href=\"#"); p != NULL; p = strstr(p + 1, "href=\"#")) {
            const char *id = p + 7, *end = strchr(id, '"');

            EXPECT_HAS(html, arena_printf(&a, " id=\"%.*s\"", (int)(end - id), id));
        }
    }
    EXPECT_HAS(support_report(&a, "html", "good/deny"), "<a href=\"#controls\">Controls</a>");
    EXPECT_LACKS(support_report(&a, "html", "bad/nothing"), "#controls");
    arena_release(&a);
}

/* The digest on the page is that of the json report, and so that of the attestations. */
Test(reports_html, names_the_digest_of_the_json_report)
{
    char text[DIGEST_TEXT_MAX];
    struct digest d;
    struct arena a;

    arena_init(&a);
    digest_of(slice_str(support_report(&a, "json", "good/deny")), DIGEST_SHA256, &d);
    digest_text(&d, text);
    EXPECT_HAS(support_report(&a, "html", "good/deny"), text);
    arena_release(&a);
}
