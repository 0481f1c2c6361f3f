#ifndef REPORTS_REPORT_PEN_H
#define REPORTS_REPORT_PEN_H
/*
 * Writing for a terminal or a build log: every text is escaped and gives no orders to a CI
 * server, long lines are wrapped at blanks under a hanging indent, colours only when asked for.
 * Columns are those of reports/columns.h.
 */
#include "base/buf.h"

enum report_pen_color { PEN_PLAIN, PEN_BOLD, PEN_DIM, PEN_RED, PEN_YELLOW, PEN_GREEN, PEN_CYAN };

struct report_pen {
    struct buf *out; /* borrowed */
    bool color;
    unsigned width; /* columns, at least 40 */
};

/*
 * One line or more: `indent` blanks, `label` (ours, not escaped), then `text`; further lines
 * stand under the text. Nothing for empty text and label.
 */
void report_pen_line(const struct report_pen *pen, unsigned indent, const char *label,
                     struct slice text);

/* The same with the label in a colour. */
void report_pen_colored(const struct report_pen *pen, enum report_pen_color color,
                        const char *label, struct slice text);

/* A heading of ours with an empty line before it. */
void report_pen_heading(const struct report_pen *pen, enum report_pen_color color,
                        const char *text);

void report_pen_blank(const struct report_pen *pen);
#endif
