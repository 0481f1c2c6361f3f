/* What became of every byte, and what did not get read. */
#include <inttypes.h>

#include "base/limits.h"
#include "reports/report_html_parts.h"

static const char *const parts[] = {"parsed", "scanned", "opaque", "unread"};

static int64_t count_of(const struct value *v, const char *name)
{
    const int64_t n = value_int_or(value_get(v, name), 0);

    return n < 0 ? 0 : n;
}

#define BAR_UNITS 1000
#define BAR_LEAST 6 /* a part that is there can be seen, however small */

static void bar_widths(const struct value *totals, int64_t width[ARRAY_LEN(parts)])
{
    const double bytes = (double)count_of(totals, "bytes");
    int64_t sum = 0;
    size_t widest = 0;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const double share = bytes > 0 ? (double)count_of(totals, parts[i]) / bytes : 0;

        width[i] = share >= 1 ? BAR_UNITS : (int64_t)(share * BAR_UNITS);
        if (share > 0 && width[i] < BAR_LEAST)
            width[i] = BAR_LEAST;
        sum += width[i];
        if (width[i] > width[widest])
            widest = i;
    }
    if (sum > BAR_UNITS) /* the widest gives way; parts that do not add up run out of the picture */
        width[widest] -= sum - BAR_UNITS < width[widest] ? sum - BAR_UNITS : 0;
}

static void put_bar(const struct report_html *h, const struct value *totals)
{
    int64_t width[ARRAY_LEN(parts)], at = 0;

    bar_widths(totals, width);
    buf_printf(h->out,
               "<svg class=\"bar\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" role=\"img\" "
               "aria-label=\"share of bytes parsed, scanned, opaque and unread\">",
               BAR_UNITS);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        buf_printf(h->out,
                   "<rect class=\"%s\" x=\"%" PRId64 "\" y=\"0\" width=\"%" PRId64
                   "\" height=\"10\"/>",
                   parts[i], at, width[i]);
        at += width[i];
    }
    buf_str(h->out, "</svg>\n<ul class=\"key\">");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        char size[32];

        report_view_size(count_of(totals, parts[i]), size);
        buf_printf(h->out,
                   "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"%s\" "
                   "width=\"1\" height=\"1\"/></svg>%s %s</li>",
                   parts[i], parts[i], size);
    }
    buf_str(h->out, "</ul>\n");
}

static void put_line(const struct report_html *h, const struct value *line)
{
    const bool gap = report_view_gap(line);
    char size[32];

    buf_str(h->out, "<tr><td class=\"place\">");
    report_html_parts_place(h, line);
    buf_str(h->out, "</td>");
    report_html_parts_cell(h, NULL, report_view_text(line, "format"));
    report_html_parts_cell(h, gap ? "gap" : NULL, report_view_text(line, "status"));
    report_view_size(count_of(line, "bytes"), size);
    report_html_parts_cell(h, "n", slice_str(size));
    report_view_size(count_of(line, "unread"), size);
    report_html_parts_cell(h, "n", slice_str(size));
    report_html_parts_cell(h, NULL, report_view_text(line, "reason"));
    buf_str(h->out, "</tr>\n");
}

static size_t put_lines(const struct report_html *h, bool gaps)
{
    const size_t lines = report_view_lines(&h->view);
    size_t n = 0;

    for (size_t i = 0; i < lines; i++) {
        const struct value *line = report_view_line(&h->view, i);

        if (report_view_gap(line) == gaps && n++ < REPORT_HTML_ROWS_MAX)
            put_line(h, line);
    }
    report_html_parts_more(h, n, 6);
    return n;
}

static void put_table(const struct report_html *h, bool gaps)
{
    buf_str(h->out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Stream</th><th "
                    "scope=\"col\">Format</th><th scope=\"col\">"
                    "Status</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" "
                    "class=\"n\">Unread</th><th scope=\"col\">Why"
                    "</th></tr></thead><tbody>\n");
    (void)put_lines(h, gaps);
    buf_str(h->out, "</tbody></table></div>\n");
}

static void put_notices(const struct report_html *h)
{
    const struct value *list = value_get(h->verdict, "notices");
    const size_t n = value_len(list);

    if (n == 0)
        return;
    buf_str(h->out, "<details><summary>");
    buf_count(h->out, n, "notice");
    buf_str(h->out, "</summary><div class=\"scroll\"><table><tbody>\n");
    for (size_t i = 0; i < n && i < REPORT_HTML_ROWS_MAX; i++) {
        buf_str(h->out, "<tr><td class=\"place\">");
        report_html_parts_place(h, value_get(value_item(list, i), "location"));
        buf_str(h->out, "</td>");
        report_html_parts_cell(h, NULL, report_view_text(value_item(list, i), "text"));
        buf_str(h->out, "</tr>\n");
    }
    report_html_parts_more(h, n, 2);
    buf_str(h->out, "</tbody></table></div></details>\n");
}

void report_html_ledger(const struct report_html *h)
{
    size_t gaps = 0, n = report_view_lines(&h->view);

    for (size_t i = 0; i < n; i++)
        gaps += report_view_gap(report_view_line(&h->view, i));
    report_html_parts_open(h, "coverage", "Coverage");
    put_bar(h, value_get(h->verdict, "coverage_totals"));
    if (gaps > 0) {
        buf_printf(h->out, "<p class=\"gap\">%zu of ", gaps);
        buf_count(h->out, n, "stream");
        buf_str(h->out, gaps == 1 ? " was" : " were");
        buf_str(h->out, " not read whole.</p>\n");
        put_table(h, true);
    }
    if (n > gaps) {
        buf_str(h->out, "<details><summary>");
        buf_count(h->out, n - gaps, "stream");
        buf_str(h->out, " read whole</summary>\n");
        put_table(h, false);
        buf_str(h->out, "</details>\n");
    }
    put_notices(h);
    report_html_parts_close(h);
}
