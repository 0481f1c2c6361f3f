#ifndef REPORTS_REPORT_HTML_PARTS_H
#define REPORTS_REPORT_HTML_PARTS_H
/*
 * The sections of the HTML page. Whatever comes from the verdict goes through
 * report_html_parts_text.
 */
#include "reports/report.h"
#include "reports/report_view.h"

/* What the findings say of one control. */
struct report_html_control {
    struct slice framework, id, title;
    size_t n[REPORT_OTHER + 1]; /* findings by outcome */
    bool satisfies;             /* at least one finding is more than supporting evidence */
};

struct report_html {
    struct report_view view;
    const struct value *verdict;          /* that of the view */
    struct report_html_control *controls; /* by framework and id */
    size_t ncontrols;
    struct arena *a;
    struct buf *out;
    bool verbose;
};

/* rows of one table; the rest is counted and stands in the json report */
#define REPORT_HTML_ROWS_MAX 2000

/*
 * The style sheet in pieces (a string literal may not be longer than 4095 bytes); ends with
 * NULL.
 */
extern const char *const report_html_style_sheet[];

void report_html_parts_text(const struct report_html *h, struct slice text);
/* <td class="CLASS">text</td>; no class attribute when `class` is NULL */
void report_html_parts_cell(const struct report_html *h, const char *class, struct slice text);
void report_html_parts_number(const struct report_html *h, int64_t n);
void report_html_parts_place(const struct report_html *h, const struct value *where);
/* "and N more" as a row over all columns, when there are more than the cap */
void report_html_parts_more(const struct report_html *h, size_t n, unsigned columns);
void report_html_parts_open(const struct report_html *h, const char *id, const char *title);
void report_html_parts_close(const struct report_html *h);

void report_html_findings(const struct report_html *h);
void report_html_controls_read(struct report_html *h);
/* The table of controls; nothing when no finding has one. */
void report_html_controls(const struct report_html *h);
void report_html_ledger(const struct report_html *h);
void report_html_origin(const struct report_html *h);
#endif
