/* Waivers, and where the decision comes from: each thing that took part, by digest. */
#include "base/limits.h"
#include "base/json_out.h"
#include "reports/report_html_parts.h"
#include "signing/signing.h"

static void put_waiver(const struct report_html *h, const char *state, const char *class,
                       const struct value *w)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_waiver(w, &b);
    buf_str(h->out, "<tr>");
    report_html_parts_cell(h, class, slice_str(state));
    report_html_parts_cell(h, NULL, report_view_text(w, "rule"));
    report_html_parts_cell(h, NULL, report_view_text(w, "resource"));
    report_html_parts_cell(h, NULL, buf_slice(&b));
    buf_str(h->out, "<td class=\"place\">");
    report_html_parts_place(h, w);
    buf_str(h->out, "</td></tr>\n");
    buf_release(&b);
}

static void put_waivers(const struct report_html *h)
{
    static const char *const kinds[][3] = {{"expired", "expired", "expired"},
                                           {"applied", "applied", "waived"},
                                           {"stale", "covers nothing", "quiet"}};
    const struct value *all = value_get(h->verdict, "waivers");
    size_t n = 0;

    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        n += value_len(value_get(all, kinds[k][0]));
    if (n == 0)
        return;
    report_html_parts_open(h, "waivers", "Waivers");
    buf_str(h->out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">State</th><th "
                    "scope=\"col\">Rule</th><th scope=\"col\">"
                    "Resource</th><th scope=\"col\">Reason</th><th "
                    "scope=\"col\">Place</th></tr></thead><tbody>\n");
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const struct value *list = value_get(all, kinds[k][0]);

        for (size_t i = 0; i < value_len(list) && i < REPORT_HTML_ROWS_MAX; i++)
            put_waiver(h, kinds[k][1], kinds[k][2], value_item(list, i));
        report_html_parts_more(h, value_len(list), 5);
    }
    buf_str(h->out, "</tbody></table></div>\n");
    report_html_parts_close(h);
}

static void put_digest_row(const struct report_html *h, const char *kind, struct slice name,
                           struct slice version, struct slice digest)
{
    buf_str(h->out, "<tr>");
    report_html_parts_cell(h, "nowrap", slice_str(kind));
    report_html_parts_cell(h, NULL, name);
    report_html_parts_cell(h, NULL, version);
    report_html_parts_cell(h, "digest", digest);
    buf_str(h->out, "</tr>\n");
}

static void put_digests(const struct report_html *h, const char *kind, const char *path,
                        const char *name)
{
    const struct value *list = value_path(h->verdict, path);

    for (size_t i = 0; i < value_len(list) && i < REPORT_HTML_ROWS_MAX; i++) {
        const struct value *v = value_item(list, i);

        put_digest_row(h, kind, report_view_text(v, name), report_view_text(v, "version"),
                       report_view_text(v, "digest"));
    }
}

/* The digest that stands in the attestations; empty when the document is too large to print. */
static void put_verdict_digest(const struct report_html *h)
{
    char text[DIGEST_TEXT_MAX];
    struct err e = {0};
    struct digest d;

    if (!statement_verdict_digest(h->view.doc, &d, &e))
        return;
    digest_text(&d, text);
    put_digest_row(h, "Verdict", SLICE_LIT("the json report"), (struct slice){NULL, 0},
                   slice_str(text));
}

static void put_sandbox(const struct report_html *h)
{
    struct json_out o;
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, value_get(h->verdict, "sandbox"));
    buf_str(h->out, "<p><span class=\"quiet\">Sandbox:</span> <span class=\"rule\">");
    report_html_parts_text(h, buf_slice(&b));
    buf_str(h->out, "</span></p>\n");
    buf_release(&b);
}

static void put_weakenings(const struct report_html *h)
{
    const struct value *list = value_get(h->verdict, "weakenings");

    if (value_len(list) == 0)
        return;
    buf_str(h->out, "<p class=\"gap\">Weakened by: ");
    for (size_t i = 0; i < value_len(list); i++) {
        buf_str(h->out, i > 0 ? ", " : "");
        report_html_parts_text(h, value_text(value_item(list, i)));
    }
    buf_str(h->out, "</p>\n");
}

void report_html_origin(const struct report_html *h)
{
    put_waivers(h);
    report_html_parts_open(h, "origin", "Where this decision comes from");
    put_weakenings(h);
    buf_str(h->out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">What</th><th "
                    "scope=\"col\">Name</th><th scope=\"col\">"
                    "Version</th><th scope=\"col\">Digest</th></tr></thead><tbody>\n");
    put_verdict_digest(h);
    put_digest_row(h, "Policy", SLICE_LIT("all of it"), (struct slice){NULL, 0},
                   report_view_text(h->verdict, "policy.digest"));
    put_digests(h, "Rule pack", "policy.packs", "id");
    put_digests(h, "Framework", "policy.frameworks", "id");
    put_digests(h, "Input", "inputs", "name");
    put_digests(h, "Subject", "subjects", "name");
    buf_str(h->out, "</tbody></table></div>\n");
    put_sandbox(h);
    report_html_parts_close(h);
}
