/* The findings, a card a rule: what, where, why, and how to mend it. */
#include <inttypes.h>

#include "base/limits.h"
#include "reports/report_html_parts.h"

static void put_tags(const struct report_html *h, const struct report_finding *f)
{
    const char *weight = report_view_weight(f->weight), *outcome = report_view_outcome(f->outcome);

    buf_printf(h->out, "<span class=\"tag %s\">%s</span><span class=\"tag %s\">%s</span>", weight,
               weight, outcome, outcome);
}

static void put_paragraph(const struct report_html *h, const char *label, struct slice text)
{
    if (text.len == 0)
        return;
    buf_printf(h->out, "<p>%s", label);
    report_html_parts_text(h, text);
    buf_str(h->out, "</p>");
}

static void put_waiver(const struct report_html *h, const struct value *waiver)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_waiver(waiver, &b);
    put_paragraph(h, "<span class=\"waived\">waived:</span> ", buf_slice(&b));
    buf_release(&b);
}

/*
 * The anchor of a finding is its fingerprint: the same in the next report. Hex only, whatever
 * the document says.
 */
static void put_anchor(const struct report_html *h, const struct report_finding *f)
{
    const struct slice print = report_view_text(f->value, "fingerprint");

    buf_str(h->out, "<tr id=\"f-");
    for (size_t i = 0; i < print.len && i < 16; i++)
        if ((print.data[i] >= '0' && print.data[i] <= '9') ||
            (print.data[i] >= 'a' && print.data[i] <= 'f'))
            buf_u8(h->out, print.data[i]);
    buf_printf(h->out, "-%" PRIu32 "\">", f->index);
}

static void put_reason(const struct report_html *h, const struct report_finding *f)
{
    const struct slice reason = report_view_text(f->value, "reason");

    if (reason.len == 0)
        return;
    buf_str(h->out, "<p><span class=\"quiet\">");
    buf_str(h->out, report_view_why(f));
    buf_str(h->out, "</span>");
    report_html_parts_text(h, reason);
    buf_str(h->out, "</p>");
}

static void put_row(const struct report_html *h, const struct report_finding *f)
{
    const struct slice address = report_view_text(f->value, "resource.address");
    const struct slice type = report_view_text(f->value, "resource.type");

    put_anchor(h, f);
    buf_str(h->out, "<td class=\"place\">");
    report_html_parts_place(h, value_get(f->value, "location"));
    buf_str(h->out, "</td><td>");
    report_html_parts_text(h, address.len > 0 ? address : SLICE_LIT("(no resource)"));
    if (type.len > 0) {
        buf_str(h->out, "<br><span class=\"quiet\">");
        report_html_parts_text(h, type);
        buf_str(h->out, "</span>");
    }
    buf_str(h->out, "</td><td>");
    report_html_parts_text(h, report_view_message(f));
    put_reason(h, f);
    if (f->outcome == REPORT_WAIVED)
        put_waiver(h, value_get(f->value, "waiver"));
    if (report_view_decides(&h->view, f))
        buf_str(h->out, "<p class=\"quiet\">Decides the verdict.</p>");
    buf_str(h->out, "</td></tr>\n");
}

static void put_controls(const struct report_html *h, const struct value *list)
{
    struct buf b;

    if (value_len(list) == 0)
        return;
    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_controls(list, &b);
    put_paragraph(h, "<span class=\"quiet\">Controls:</span> ", buf_slice(&b));
    buf_release(&b);
}

static void put_group(const struct report_html *h, size_t first, size_t n)
{
    struct report_finding f = report_view_open(&h->view, first);
    const struct slice title = report_view_text(f.value, "title");

    buf_printf(h->out, "<article id=\"g-%" PRIu32 "\">\n<h3>", f.index);
    put_tags(h, &f);
    report_html_parts_text(h, title.len > 0 ? title : report_view_text(f.value, "rule"));
    buf_str(h->out, "</h3>\n<div class=\"rule\">");
    report_html_parts_text(h, report_view_text(f.value, "rule"));
    buf_str(h->out, "</div>\n");
    put_paragraph(h, "<b>Fix:</b> ", report_view_text(f.value, "fix"));
    put_controls(h, value_get(f.value, "controls"));
    buf_str(
        h->out,
        "<div class=\"scroll\"><table class=\"found\"><thead><tr><th scope=\"col\">Place</th><th "
        "scope=\"col\">Resource</th>"
        "<th scope=\"col\">What was found</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n && i < REPORT_HTML_ROWS_MAX; i++) {
        f = report_view_open(&h->view, first + i);
        put_row(h, &f);
    }
    report_html_parts_more(h, n, 3);
    buf_str(h->out, "</tbody></table></div>\n</article>\n");
}

static void put_index_row(const struct report_html *h, size_t first, size_t n)
{
    const struct report_finding f = report_view_open(&h->view, first);
    const struct slice title = report_view_text(f.value, "title");

    buf_str(h->out, "<tr><td class=\"nowrap\">");
    put_tags(h, &f);
    buf_printf(h->out, "</td><td><a href=\"#g-%" PRIu32 "\">", f.index);
    report_html_parts_text(h, title.len > 0 ? title : report_view_text(f.value, "rule"));
    buf_str(h->out, "</a></td>");
    report_html_parts_number(h, (int64_t)n);
    buf_str(h->out, "</tr>\n");
}

/* Calls `put` for each group; passes only when they were asked for. Returns how many there are. */
static size_t each_group(const struct report_html *h,
                         void (*put)(const struct report_html *, size_t first, size_t n))
{
    const struct report_view *v = &h->view;
    size_t groups = 0;

    for (size_t i = 0; i < v->n;) {
        const size_t n = report_view_group(v, i);

        if (v->rows[i].outcome != REPORT_PASS || h->verbose) {
            groups++;
            if (put != NULL)
                put(h, i, n);
        }
        i += n;
    }
    return groups;
}

void report_html_findings(const struct report_html *h)
{
    report_html_parts_open(h, "findings", "Findings");
    if (each_group(h, NULL) == 0) {
        buf_str(h->out, "<p>Nothing was found.</p>\n");
    } else {
        buf_str(h->out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Severity, "
                        "outcome</th><th scope=\"col\">Rule"
                        "</th><th scope=\"col\" class=\"n\">Resources</th></tr></thead><tbody>\n");
        (void)each_group(h, put_index_row);
        buf_str(h->out, "</tbody></table></div>\n<h2 id=\"details\">Details</h2>\n");
        (void)each_group(h, put_group);
    }
    report_html_parts_close(h);
}
