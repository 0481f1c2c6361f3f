/*
 * Markdown for a pull request or the summary page of a job: the decision, what stands in the way,
 * and what could not be read. Short on purpose: 1 MiB is what such pages take, so at most ROWS
 * findings are listed and the rest is counted.
 */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "reports/report.h"
#include "reports/report_view.h"

#define ROWS 200
#define CELL_BYTES 400 /* of one cell, before escaping */

/* Text in a table: HTML is escaped first, then what Markdown and mentions would read. */
static void put_text(struct buf *out, struct slice text)
{
    struct buf b;

    if (text.len > CELL_BYTES)
        text.len = CELL_BYTES;
    buf_init(&b, (size_t)CELL_BYTES * 16);
    escape_html(&b, text);
    for (size_t i = 0; i < b.len; i++)
        if (strchr("|`*_[]\\~@!", b.data[i]) != NULL && b.data[i] != 0)
            buf_printf(out, "&#%u;", (unsigned)b.data[i]);
        else
            buf_u8(out, b.data[i]);
    buf_release(&b);
}

static void put_place(struct buf *out, const struct report_finding *f)
{
    struct buf place;

    buf_init(&place, LIMIT_REPORT_BYTES);
    report_view_place(value_get(f->value, "location"), &place);
    put_text(out, buf_slice(&place));
    buf_release(&place);
}

static void put_finding(struct buf *out, const struct report_finding *f)
{
    buf_printf(out, "| %s | %s | ", report_view_weight(f->weight), report_view_outcome(f->outcome));
    put_text(out, report_view_text(f->value, "rule"));
    buf_str(out, " | ");
    put_place(out, f);
    buf_str(out, " | ");
    put_text(out, report_view_message(f));
    buf_str(out, " | ");
    put_text(out, report_view_text(f->value, "fix"));
    buf_str(out, " |\n");
}

static void put_findings(struct buf *out, const struct report_view *v)
{
    size_t shown = 0, left = 0;

    for (size_t i = 0; i < v->n; i++) {
        struct report_finding f;

        if (!report_view_blocks(v, &v->rows[i]))
            continue;
        if (shown == ROWS) {
            left++;
            continue;
        }
        if (shown++ == 0)
            buf_str(out, "\n| severity | outcome | rule | where | what | fix |\n"
                         "| --- | --- | --- | --- | --- | --- |\n");
        f = report_view_open(v, i);
        put_finding(out, &f);
    }
    if (left > 0)
        buf_printf(out, "\n%zu more stand in the way.\n", left);
}

static void put_gaps(struct buf *out, const struct report_view *v)
{
    const size_t lines = report_view_lines(v);
    size_t shown = 0;

    for (size_t i = 0; i < lines; i++) {
        const struct value *line = report_view_line(v, i);
        struct buf place;

        if (!report_view_gap(line) || ++shown > ROWS)
            continue;
        if (shown == 1)
            buf_str(out, "\nNot everything could be read:\n\n");
        buf_init(&place, LIMIT_REPORT_BYTES);
        report_view_place(line, &place);
        buf_str(out, "- ");
        put_text(out, buf_slice(&place));
        buf_str(out, ": ");
        put_text(out, report_view_text(line, "reason"));
        buf_u8(out, '\n');
        buf_release(&place);
    }
    if (shown > ROWS)
        buf_printf(out, "- and %zu more\n", shown - ROWS);
}

static void put_subjects(struct buf *out, const struct value *verdict)
{
    const struct value *list = value_get(verdict, "subjects");

    buf_str(out, "\n<details><summary>What was looked at</summary>\n\n"
                 "| subject | kind | digest |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < value_len(list) && i < ROWS; i++) {
        buf_str(out, "| ");
        put_text(out, report_view_text(value_item(list, i), "name"));
        buf_str(out, " | ");
        put_text(out, report_view_text(value_item(list, i), "kind"));
        buf_str(out, " | ");
        put_text(out, report_view_text(value_item(list, i), "digest"));
        buf_str(out, " |\n");
    }
    buf_str(out, "\nPolicy ");
    put_text(out, report_view_text(verdict, "policy.digest"));
    buf_str(out, ", as of ");
    put_text(out, report_view_text(verdict, "effective_time"));
    buf_str(out, ".\n\n</details>\n");
}

static bool write_markdown(const struct value_doc *verdict, const struct report_options *opt,
                           struct buf *out, struct err *e)
{
    const struct value *counts = value_doc_get(verdict, "counts");
    struct report_view v;
    struct arena a;

    (void)opt;
    arena_init(&a);
    report_view_make(verdict, &a, &v);
    buf_str(out, "### sallyport: ");
    put_text(out, v.decision);
    buf_printf(
        out,
        "\n\n%" PRId64 " passed, %" PRId64 " failed, %" PRId64 " unknown, %" PRId64
        " in error, %" PRId64 " waived.\n",
        value_int_or(value_get(counts, "pass"), 0), value_int_or(value_get(counts, "fail"), 0),
        value_int_or(value_get(counts, "unknown"), 0), value_int_or(value_get(counts, "error"), 0),
        value_int_or(value_get(counts, "waived"), 0));
    put_findings(out, &v);
    put_gaps(out, &v);
    put_subjects(out, verdict->map);
    report_view_release(&v);
    arena_release(&a);
    return buf_finish(out, e);
}

const struct report_format report_markdown = {
    "markdown",
    "a short summary for a pull request or a job page",
    "text/markdown; charset=utf-8",
    write_markdown,
};
