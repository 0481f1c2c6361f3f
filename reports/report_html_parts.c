#include "reports/report_html_parts.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/limits.h"

void report_html_parts_text(const struct report_html *h, struct slice text)
{
    escape_html(h->out, text);
}

void report_html_parts_cell(const struct report_html *h, const char *class, struct slice text)
{
    if (class != NULL)
        buf_printf(h->out, "<td class=\"%s\">", class);
    else
        buf_str(h->out, "<td>");
    escape_html(h->out, text);
    buf_str(h->out, "</td>");
}

void report_html_parts_number(const struct report_html *h, int64_t n)
{
    buf_printf(h->out, "<td class=\"n\">%" PRId64 "</td>", n);
}

void report_html_parts_place(const struct report_html *h, const struct value *where)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_place(where, &b);
    escape_html(h->out, buf_slice(&b));
    buf_release(&b);
}

void report_html_parts_more(const struct report_html *h, size_t n, unsigned columns)
{
    if (n > REPORT_HTML_ROWS_MAX)
        buf_printf(
            h->out,
            "<tr><td colspan=\"%u\" class=\"quiet\">and %zu more: see the json report</td></tr>\n",
            columns, n - REPORT_HTML_ROWS_MAX);
}

void report_html_parts_open(const struct report_html *h, const char *id, const char *title)
{
    buf_printf(h->out, "<section id=\"%s\" aria-labelledby=\"%s-h\">\n<h2 id=\"%s-h\">%s</h2>\n",
               id, id, id, title);
}

void report_html_parts_close(const struct report_html *h)
{
    buf_str(h->out, "</section>\n");
}
