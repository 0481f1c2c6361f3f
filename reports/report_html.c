/*
 * One page for people who were not there: self-contained, without scripts, readable on paper.
 * The content security policy allows nothing but the style sheet, named by its hash.
 */
#include <inttypes.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/limits.h"
#include "reports/report_html_parts.h"

static void put_policy(const struct report_html *h)
{
    struct digest_ctx ctx;
    struct digest d;

    digest_init(&ctx, DIGEST_SHA256);
    for (size_t i = 0; report_html_style_sheet[i] != NULL; i++)
        digest_update(&ctx, slice_str(report_html_style_sheet[i]));
    digest_final(&ctx, &d);
    digest_release(&ctx);
    buf_str(h->out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src 'sha256-");
    base64_put(h->out, (struct slice){d.bytes, digest_len(DIGEST_SHA256)});
    buf_str(h->out, "'; base-uri 'none'; form-action 'none'\">\n");
}

/* How each decision is dressed; what is neither allow nor deny could not be told. */
struct wording {
    const char *class, *word, *says;
};

static struct wording wording(const struct report_html *h)
{
    if (slice_is(h->view.decision, "allow"))
        return (struct wording){"allow", "Allow", "This may go out."};
    if (slice_is(h->view.decision, "deny"))
        return (struct wording){"deny", "Deny", "This may not go out."};
    return (struct wording){"open", "Unverifiable", "Could not tell, so this may not go out."};
}

static void put_head(const struct report_html *h)
{
    const struct wording w = wording(h);

    buf_str(h->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(h);
    buf_str(h->out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n");
    buf_printf(h->out, "<title>%s: sallyport verdict</title>\n<style>", w.word);
    for (size_t i = 0; report_html_style_sheet[i] != NULL; i++)
        buf_str(h->out, report_html_style_sheet[i]);
    buf_str(h->out, "</style>\n</head>\n<body>\n");
}

static void put_term(const struct report_html *h, const char *term, struct slice text)
{
    if (text.len == 0)
        return;
    buf_printf(h->out, "<dt>%s</dt><dd>", term);
    report_html_parts_text(h, text);
    buf_str(h->out, "</dd>\n");
}

static void put_profiles(const struct report_html *h)
{
    const struct value *list = value_path(h->verdict, "policy.profiles");

    buf_str(h->out, "<dt>Policy</dt><dd>");
    for (size_t i = 0; i < value_len(list); i++) {
        buf_str(h->out, i > 0 ? ", " : "");
        report_html_parts_text(h, value_text(value_item(list, i)));
    }
    buf_str(h->out, "; fails on ");
    report_html_parts_text(h, report_view_text(h->verdict, "fail_on"));
    buf_str(h->out, " and above</dd>\n");
}

static void put_subjects(const struct report_html *h)
{
    const struct value *list = value_get(h->verdict, "subjects");
    const size_t n = value_len(list);

    for (size_t i = 0; i < n && i < REPORT_HTML_ROWS_MAX; i++) {
        const struct value *s = value_item(list, i);
        const struct slice digest = report_view_text(s, "digest");

        buf_printf(h->out, "<dt>%s</dt><dd>", i > 0 ? "" : n == 1 ? "Subject" : "Subjects");
        report_html_parts_text(h, report_view_text(s, "name"));
        buf_str(h->out, "<br><span class=\"rule\">");
        report_html_parts_text(h, digest.len > 0 ? digest : SLICE_LIT("no digest"));
        buf_str(h->out, "</span></dd>\n");
    }
}

static void put_tiles(const struct report_html *h)
{
    static const char *const names[][2] = {{"fail", "failed"},     {"error", "in error"},
                                           {"unknown", "unknown"}, {"waived", "waived"},
                                           {"pass", "passed"},     {"skip", "skipped"}};
    const struct value *counts = value_get(h->verdict, "counts");

    buf_str(h->out, "<ul class=\"tiles\">");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const int64_t n = value_int_or(value_get(counts, names[i][0]), 0);

        buf_printf(h->out, "<li><b class=\"%s\">%" PRId64 "</b><span>%s</span></li>",
                   n != 0 ? names[i][0] : "quiet", n, names[i][1]);
    }
    buf_str(h->out, "</ul>\n");
}

static void put_nav(const struct report_html *h)
{
    buf_str(h->out, "<nav aria-label=\"Sections\"><a href=\"#decided\">What decided</a><a "
                    "href=\"#findings\">Findings</a>");
    if (h->ncontrols > 0)
        buf_str(h->out, "<a href=\"#controls\">Controls</a>");
    buf_str(h->out, "<a href=\"#coverage\">Coverage</a><a href=\"#origin\">Where it comes "
                    "from</a></nav>\n");
}

static void put_banner(const struct report_html *h)
{
    const struct wording w = wording(h);

    buf_printf(h->out,
               "<header class=\"page\">\n<h1>sallyport verdict</h1>\n<div class=\"banner "
               "%s\"><strong>%s</strong><p>%s</p>",
               w.class, w.word, w.says);
    if (h->view.report_only)
        buf_str(h->out,
                "<p class=\"gap\">Report-only: nothing is enforced and no pass is signed.</p>");
    buf_str(h->out, "</div>\n<dl>\n");
    put_subjects(h);
    put_term(h, "Stage", report_view_text(h->verdict, "stage"));
    put_term(h, "As of", report_view_text(h->verdict, "effective_time"));
    put_profiles(h);
    buf_str(h->out, "</dl>\n");
    put_tiles(h);
    put_nav(h);
    buf_str(h->out, "</header>\n<main>\n");
}

static void put_reasons(const struct report_html *h)
{
    const struct value *list = value_get(h->verdict, "reasons");

    report_html_parts_open(h, "decided", "What decided");
    buf_str(h->out, "<ul>\n");
    for (size_t i = 0; i < value_len(list) && i < REPORT_HTML_ROWS_MAX; i++) {
        buf_str(h->out, "<li>");
        report_html_parts_text(h, value_text(value_item(list, i)));
        buf_str(h->out, "</li>\n");
    }
    buf_str(h->out, "</ul>\n");
    report_html_parts_close(h);
}

static void put_foot(const struct report_html *h)
{
    buf_str(h->out, "</main>\n<footer>Made by sallyport ");
    report_html_parts_text(h, report_view_text(h->verdict, "tool.version"));
    buf_str(h->out, ". This page renders a verdict; the signed attestation is what "
                    "counts.</footer>\n</body>\n</html>\n");
}

static bool write_html(const struct value_doc *verdict, const struct report_options *opt,
                       struct buf *out, struct err *e)
{
    struct report_html h = {.verdict = verdict->map, .out = out, .verbose = opt->verbose};
    struct arena a;

    arena_init(&a);
    h.a = &a;
    report_view_make(verdict, &a, &h.view);
    report_html_controls_read(&h);
    put_head(&h);
    put_banner(&h);
    put_reasons(&h);
    report_html_findings(&h);
    report_html_controls(&h);
    report_html_ledger(&h);
    report_html_origin(&h);
    put_foot(&h);
    report_view_release(&h.view);
    arena_release(&a);
    return buf_finish(out, e);
}

const struct report_format report_html = {
    "html",
    "one self-contained page for people and auditors; prints well",
    "text/html; charset=utf-8",
    write_html,
};
