/* What the findings say of each control, framework by framework. */
#include <stdlib.h>

#include "reports/report_html_parts.h"

struct row {
    struct slice framework, id, title;
    size_t n[REPORT_OTHER + 1]; /* findings by outcome */
    bool satisfies;             /* at least one finding is more than supporting evidence */
};

static int by_control(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    const int order = slice_cmp(a->framework, b->framework);

    return order != 0 ? order : slice_cmp(a->id, b->id);
}

static void add_rows(const struct report_finding *f, struct row *rows, size_t *n)
{
    const struct value *list = value_get(f->value, "controls");

    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *c = value_item(list, i);
        struct row *r = &rows[(*n)++];

        *r = (struct row){.framework = report_view_text(c, "framework"),
                          .id = report_view_text(c, "id"),
                          .title = report_view_text(c, "title"),
                          .satisfies = !value_true(value_get(c, "supporting"))};
        r->n[f->outcome] = 1;
    }
}

static size_t merge_rows(struct row *rows, size_t n)
{
    size_t kept = 0;

    if (n > 1)
        qsort(rows, n, sizeof(rows[0]), by_control);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || by_control(&rows[kept - 1], &rows[i]) != 0) {
            rows[kept++] = rows[i];
            continue;
        }
        for (size_t o = 0; o <= REPORT_OTHER; o++)
            rows[kept - 1].n[o] += rows[i].n[o];
        rows[kept - 1].satisfies |= rows[i].satisfies;
    }
    return kept;
}

static struct slice framework_title(const struct report_html *h, struct slice id)
{
    const struct value *list = value_path(h->verdict, "policy.frameworks");

    for (size_t i = 0; i < value_len(list); i++)
        if (slice_eq(report_view_text(value_item(list, i), "id"), id))
            return report_view_text(value_item(list, i), "title");
    return id;
}

struct status {
    const char *class, *text;
};

/* The worst outcome names the control; passing evidence that only supports never satisfies it. */
static struct status status_of(const struct row *r)
{
    if (r->n[REPORT_FAIL] > 0)
        return (struct status){"fail", r->satisfies ? "not met" : "supporting evidence fails"};
    if (r->n[REPORT_ERROR] + r->n[REPORT_UNKNOWN] + r->n[REPORT_OTHER] > 0)
        return (struct status){"unknown", "open"};
    if (r->n[REPORT_WAIVED] > 0)
        return (struct status){"waived", "waived"};
    if (!r->satisfies)
        return (struct status){"quiet", "supporting evidence only"};
    return (struct status){"pass", "evidence holds"};
}

static void put_row(const struct report_html *h, const struct row *r)
{
    const struct status status = status_of(r);
    const size_t open = r->n[REPORT_ERROR] + r->n[REPORT_UNKNOWN] + r->n[REPORT_OTHER];

    buf_str(h->out, "<tr>");
    report_html_parts_cell(h, NULL, r->id);
    report_html_parts_cell(h, NULL, r->title);
    report_html_parts_cell(h, status.class, slice_str(status.text));
    report_html_parts_number(h, (int64_t)r->n[REPORT_PASS]);
    report_html_parts_number(h, (int64_t)r->n[REPORT_FAIL]);
    report_html_parts_number(h, (int64_t)open);
    report_html_parts_number(h, (int64_t)r->n[REPORT_WAIVED]);
    buf_str(h->out, "</tr>\n");
}

static void put_framework(const struct report_html *h, const struct row *rows, size_t n)
{
    buf_str(h->out, "<article><h3>");
    report_html_parts_text(h, framework_title(h, rows[0].framework));
    buf_str(h->out, "</h3>\n<div class=\"rule\">");
    report_html_parts_text(h, rows[0].framework);
    buf_str(h->out, "</div>\n<div class=\"scroll\"><table class=\"controls\"><thead><tr><th "
                    "scope=\"col\">Control</th><th scope=\"col\">Title</th>"
                    "<th scope=\"col\">In this run</th><th scope=\"col\" "
                    "class=\"n\">Passed</th><th scope=\"col\" class=\"n\">Failed</th>"
                    "<th scope=\"col\" class=\"n\">Open</th><th scope=\"col\" "
                    "class=\"n\">Waived</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++)
        put_row(h, &rows[i]);
    buf_str(h->out, "</tbody></table></div></article>\n");
}

size_t report_html_controls_count(const struct report_html *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->view.n; i++)
        n += value_len(value_get(h->view.findings[i].value, "controls"));
    return n;
}

void report_html_controls(const struct report_html *h)
{
    const struct report_view *v = &h->view;
    size_t n = report_html_controls_count(h);
    struct row *rows;

    if (n == 0)
        return;
    rows = ARENA_ARRAY(h->a, struct row, n);
    n = 0;
    for (size_t i = 0; i < v->n; i++)
        add_rows(&v->findings[i], rows, &n);
    n = merge_rows(rows, n);
    report_html_parts_open(h, "controls", "Controls");
    for (size_t i = 0; i < n;) {
        size_t k = 1;

        while (i + k < n && slice_eq(rows[i].framework, rows[i + k].framework))
            k++;
        put_framework(h, &rows[i], k);
        i += k;
    }
    report_html_parts_close(h);
}
