/* What the findings say of each control, framework by framework. */
#include <stdlib.h>

#include "reports/report_html_parts.h"

static int by_control(const void *x, const void *y)
{
    const struct report_html_control *a = x, *b = y;
    const int order = slice_cmp(a->framework, b->framework);

    return order != 0 ? order : slice_cmp(a->id, b->id);
}

/* Controls while they are counted: the first `kept` are in order, each once; those behind come. */
struct counting {
    struct report_html_control *items;
    size_t n, kept;
    struct arena *a;
};

static void add_to(struct report_html_control *to, const struct report_html_control *c)
{
    for (size_t o = 0; o <= REPORT_OTHER; o++)
        to->n[o] += c->n[o];
    to->satisfies |= c->satisfies;
}

static void merge(struct counting *s)
{
    size_t kept = 0;

    if (s->n > 1)
        qsort(s->items, s->n, sizeof(s->items[0]), by_control);
    for (size_t i = 0; i < s->n; i++)
        if (kept == 0 || by_control(&s->items[kept - 1], &s->items[i]) != 0)
            s->items[kept++] = s->items[i];
        else
            add_to(&s->items[kept - 1], &s->items[i]);
    s->n = s->kept = kept;
}

#define COMING_MAX 1024 /* controls behind those in order, unless there are as many in order */

static void count_control(struct counting *s, const struct report_html_control *c)
{
    struct report_html_control *to =
        s->kept == 0 ? NULL : bsearch(c, s->items, s->kept, sizeof(*c), by_control);

    if (to != NULL) {
        add_to(to, c);
        return;
    }
    if (s->n - s->kept > COMING_MAX && s->n - s->kept > s->kept)
        merge(s);
    to = ARENA_PUSH(s->a, &s->items, &s->n);
    *to = *c;
    to->framework = arena_slice(s->a, c->framework);
    to->id = arena_slice(s->a, c->id);
    to->title = arena_slice(s->a, c->title);
}

static void count_finding(struct counting *s, const struct report_finding *f)
{
    const struct value *list = value_get(f->value, "controls");

    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *c = value_item(list, i);
        struct report_html_control one = {.framework = report_view_text(c, "framework"),
                                          .id = report_view_text(c, "id"),
                                          .title = report_view_text(c, "title"),
                                          .satisfies = !value_true(value_get(c, "supporting"))};

        one.n[f->outcome] = 1;
        count_control(s, &one);
    }
}

void report_html_controls_read(struct report_html *h)
{
    struct counting s = {.a = h->a};

    for (size_t i = 0; i < h->view.n; i++) {
        const struct report_finding f = report_view_open(&h->view, i);

        count_finding(&s, &f);
    }
    merge(&s);
    h->controls = s.items;
    h->ncontrols = s.n;
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
static struct status status_of(const struct report_html_control *r)
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

static void put_row(const struct report_html *h, const struct report_html_control *r)
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

static void put_framework(const struct report_html *h, const struct report_html_control *rows,
                          size_t n)
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

void report_html_controls(const struct report_html *h)
{
    const struct report_html_control *rows = h->controls;

    if (h->ncontrols == 0)
        return;
    report_html_parts_open(h, "controls", "Controls");
    for (size_t i = 0; i < h->ncontrols;) {
        size_t k = 1;

        while (i + k < h->ncontrols && slice_eq(rows[i].framework, rows[i + k].framework))
            k++;
        put_framework(h, &rows[i], k);
        i += k;
    }
    report_html_parts_close(h);
}
