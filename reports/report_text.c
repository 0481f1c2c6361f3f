/*
 * For people at a terminal and for build logs: calm, complete where it matters, the verdict
 * last.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "reports/columns.h"
#include "reports/report.h"
#include "reports/report_pen.h"
#include "reports/report_view.h"

#define WIDTH_DEFAULT 100
#define WIDTH_MIN 40
#define GROUP_MAX 20 /* resources of one rule that are listed unless verbose */
#define GAPS_MAX 20  /* gaps that are listed unless verbose */

struct text {
    struct report_pen pen;
    struct report_view view;
    const struct value *verdict;
    struct arena *a;
    bool verbose;
};

static struct slice joined(const struct text *t, const struct value *list, const char *fallback)
{
    struct slice out;
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    for (size_t i = 0; i < value_len(list); i++) {
        buf_str(&b, i > 0 ? ", " : "");
        buf_put(&b, value_text(value_item(list, i)));
    }
    if (b.len == 0)
        buf_str(&b, fallback);
    out = arena_slice(t->a, buf_slice(&b));
    buf_release(&b);
    return out;
}

static struct slice place(const struct text *t, const struct value *v)
{
    struct slice out;
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_place(v, &b);
    out = arena_slice(t->a, buf_slice(&b));
    buf_release(&b);
    return out;
}

static enum report_pen_color color_of(unsigned outcome, unsigned weight)
{
    if (outcome == REPORT_PASS)
        return PEN_GREEN;
    if (outcome == REPORT_WAIVED)
        return PEN_CYAN;
    if (outcome == REPORT_FAIL && weight <= REPORT_HIGH)
        return PEN_RED;
    return PEN_YELLOW;
}

static void write_header(const struct text *t)
{
    const struct value *v = t->verdict;
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    buf_str(&b, "sallyport ");
    buf_put(&b, report_view_text(v, "tool.version"));
    if (report_view_text(v, "stage").len > 0) {
        buf_str(&b, ", stage ");
        buf_put(&b, report_view_text(v, "stage"));
    }
    buf_str(&b, ", as of ");
    buf_put(&b, report_view_text(v, "effective_time"));
    report_pen_line(&t->pen, 0, "", buf_slice(&b));
    buf_clear(&b);
    buf_put(&b, joined(t, value_path(v, "policy.profiles"), "no profile"));
    buf_str(&b, "; fails on ");
    buf_put(&b, report_view_text(v, "fail_on"));
    buf_str(&b, " and above");
    report_pen_line(&t->pen, 0, "policy   ", buf_slice(&b));
    report_pen_line(&t->pen, 0, "         ", report_view_text(v, "policy.digest"));
    buf_release(&b);
}

static void write_subjects(const struct text *t)
{
    const struct value *list = value_get(t->verdict, "subjects");

    report_pen_heading(&t->pen, PEN_BOLD, "Subjects");
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *s = value_item(list, i);
        const struct slice digest = report_view_text(s, "digest");

        report_pen_line(&t->pen, 2, "", report_view_text(s, "name"));
        report_pen_line(&t->pen, 6, "", digest.len > 0 ? digest : SLICE_LIT("no digest"));
    }
    if (value_len(list) == 0)
        report_pen_line(&t->pen, 2, "", SLICE_LIT("none"));
}

static void write_controls(const struct text *t, const struct value *list)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_controls(list, &b);
    if (b.len > 0)
        report_pen_line(&t->pen, 6, "controls: ", buf_slice(&b));
    buf_release(&b);
}

static void write_waiver(const struct text *t, unsigned indent, const char *label,
                         const struct value *waiver)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_waiver(waiver, &b);
    report_pen_line(&t->pen, indent, label, buf_slice(&b));
    buf_release(&b);
}

/*
 * The place stays whole, so that a terminal or an editor can follow it; the address stands
 * beside it when both fit.
 */
static void write_where(const struct text *t, const struct report_finding *f)
{
    const struct slice address = report_view_text(f->value, "resource.address");
    const struct slice at = place(t, value_get(f->value, "location"));
    struct buf b;

    if (at.len == 0 || address.len == 0 ||
        columns_of(at) + columns_of(address) + 8 > t->pen.width) {
        report_pen_line(&t->pen, 6, "", at);
        report_pen_line(&t->pen, at.len > 0 ? 8 : 6, "",
                        at.len + address.len > 0 ? address : SLICE_LIT("(no resource)"));
        return;
    }
    buf_init(&b, LIMIT_REPORT_BYTES);
    buf_put(&b, at);
    buf_str(&b, "  ");
    buf_put(&b, address);
    report_pen_line(&t->pen, 6, "", buf_slice(&b));
    buf_release(&b);
}

static void write_resource(const struct text *t, const struct report_finding *f)
{
    const struct value *v = f->value;
    const struct slice reason = report_view_text(v, "reason");

    write_where(t, f);
    if (f->outcome == REPORT_PASS)
        return;
    report_pen_line(&t->pen, 10, "", report_view_message(f));
    if (reason.len > 0)
        report_pen_line(&t->pen, 10, report_view_why(f), reason);
    if (f->outcome == REPORT_WAIVED)
        write_waiver(t, 10, "waived: ", value_get(v, "waiver"));
}

static void upper(const char *text, char *out, size_t size)
{
    size_t i = 0;

    for (; text[i] != '\0' && i + 1 < size; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[i] = '\0';
}

static void write_title(const struct text *t, const struct report_finding *f)
{
    const struct slice rule = report_view_text(f->value, "rule");
    const struct slice title = report_view_text(f->value, "title");
    char label[16];
    struct buf b;

    upper(report_view_outcome(f->outcome), label, sizeof(label));
    buf_init(&b, LIMIT_REPORT_BYTES);
    buf_put(&b, rule);
    if (rule.len > 0 && title.len > 0)
        buf_str(&b, ": ");
    buf_put(&b, title);
    report_pen_colored(&t->pen, color_of(f->outcome, f->weight), label, buf_slice(&b));
    buf_release(&b);
}

/* One rule and what it says of its resources; the advice stands once. */
static void write_group(const struct text *t, size_t first, size_t n)
{
    const size_t listed = t->verbose || n <= GROUP_MAX ? n : GROUP_MAX;
    struct report_finding f = report_view_open(&t->view, first);
    struct slice fix;
    char more[64];

    write_title(t, &f);
    for (size_t i = 0; i < listed; i++) {
        f = report_view_open(&t->view, first + i);
        write_resource(t, &f);
    }
    f = report_view_open(&t->view, first);
    fix = report_view_text(f.value, "fix");
    if (listed < n) {
        snprintf(more, sizeof(more), "and %zu more resources (--verbose lists them)", n - listed);
        report_pen_line(&t->pen, 6, "", slice_str(more));
    }
    if (f.outcome != REPORT_PASS && fix.len > 0)
        report_pen_line(&t->pen, 6, "fix: ", fix);
    if (f.outcome != REPORT_PASS)
        write_controls(t, value_get(f.value, "controls"));
}

static bool listed(const struct text *t, const struct report_row *f)
{
    return f->outcome != REPORT_PASS || t->verbose;
}

static void write_findings(const struct text *t)
{
    const struct report_view *v = &t->view;
    unsigned heading = REPORT_WEIGHTS;
    char text[16];

    for (size_t i = 0; i < v->n;) {
        const struct report_row *f = &v->rows[i];
        const size_t first = i, n = report_view_group(v, i);

        i += n;
        if (!listed(t, f))
            continue;
        if (f->weight != heading) {
            heading = f->weight;
            upper(report_view_weight(heading), text, sizeof(text));
            report_pen_heading(&t->pen, PEN_BOLD, text);
        } else {
            report_pen_blank(&t->pen);
        }
        write_group(t, first, n);
    }
}

/* What is not known of it, and that nothing of it is unread, is not told. */
static void write_gap(const struct text *t, const struct value *line)
{
    const struct slice format = report_view_text(line, "format");
    const int64_t unread = value_int_or(value_get(line, "unread"), 0);
    char size[32];
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    buf_put(&b, place(t, line));
    buf_str(&b, ": ");
    buf_put(&b, report_view_text(line, "status"));
    if (format.len > 0 && !slice_is(format, "unknown")) {
        buf_str(&b, ", ");
        buf_put(&b, format);
    }
    if (unread != 0) {
        report_view_size(unread, size);
        buf_printf(&b, ", %s unread", size);
    }
    buf_str(&b, ": ");
    buf_put(&b, report_view_text(line, "reason"));
    report_pen_colored(&t->pen, PEN_YELLOW, "GAP", buf_slice(&b));
    buf_release(&b);
}

static void write_gaps(const struct text *t)
{
    const size_t lines = report_view_lines(&t->view);
    size_t n = 0;
    char more[64];

    for (size_t i = 0; i < lines; i++) {
        const struct value *line = report_view_line(&t->view, i);

        if (!report_view_gap(line))
            continue;
        if (n++ < GAPS_MAX || t->verbose)
            write_gap(t, line);
    }
    if (n > GAPS_MAX && !t->verbose) {
        snprintf(more, sizeof(more), "and %zu more gaps (--verbose lists them)", n - GAPS_MAX);
        report_pen_line(&t->pen, 2, "", slice_str(more));
    }
}

static void write_coverage(const struct text *t)
{
    static const char *const parts[] = {"parsed", "scanned", "opaque", "unread", "ignored"};
    const struct value *totals = value_get(t->verdict, "coverage_totals");
    const size_t lines = report_view_lines(&t->view);
    char size[32];
    struct buf b;

    buf_init(&b, 4096);
    report_view_size(value_int_or(value_get(totals, "bytes"), 0), size);
    buf_count(&b, lines, "stream");
    buf_printf(&b, ", %s: ", size);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const int64_t n = value_int_or(value_get(totals, parts[i]), 0);

        if (n == 0 && i == ARRAY_LEN(parts) - 1)
            continue;
        report_view_size(n, size);
        buf_printf(&b, "%s%s %s", i > 0 ? ", " : "", size, parts[i]);
    }
    report_pen_heading(&t->pen, PEN_BOLD, "Coverage");
    report_pen_line(&t->pen, 2, "", buf_slice(&b));
    buf_release(&b);
    write_gaps(t);
}

static void write_notices(const struct text *t)
{
    const struct value *list = value_get(t->verdict, "notices");
    char text[64];
    struct buf b;

    if (value_len(list) == 0)
        return;
    if (!t->verbose) {
        snprintf(text, sizeof(text), "%zu notice%s (--verbose lists them)", value_len(list),
                 value_len(list) == 1 ? "" : "s");
        report_pen_line(&t->pen, 2, "", slice_str(text));
        return;
    }
    buf_init(&b, LIMIT_REPORT_BYTES);
    for (size_t i = 0; i < value_len(list); i++) {
        buf_clear(&b);
        buf_put(&b, place(t, value_get(value_item(list, i), "location")));
        buf_str(&b, ": ");
        buf_put(&b, report_view_text(value_item(list, i), "text"));
        report_pen_line(&t->pen, 2, "note ", buf_slice(&b));
    }
    buf_release(&b);
}

static void write_waivers(const struct text *t)
{
    static const char *const kinds[][2] = {
        {"applied", "applied: "}, {"stale", "covers nothing any more: "}, {"expired", "EXPIRED: "}};
    const struct value *all = value_get(t->verdict, "waivers");
    bool headed = false;

    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const struct value *list = value_get(all, kinds[k][0]);

        for (size_t i = 0; i < value_len(list); i++) {
            const struct value *w = value_item(list, i);
            struct buf b;

            if (!headed)
                report_pen_heading(&t->pen, PEN_BOLD, "Waivers");
            headed = true;
            buf_init(&b, LIMIT_REPORT_BYTES);
            buf_put(&b, report_view_text(w, "rule"));
            buf_str(&b, " on ");
            buf_put(&b, report_view_text(w, "resource"));
            report_pen_line(&t->pen, 2, kinds[k][1], buf_slice(&b));
            buf_release(&b);
            write_waiver(t, 6, "", w);
        }
    }
}

static void write_weakenings(const struct text *t)
{
    const struct value *list = value_get(t->verdict, "weakenings");

    if (value_len(list) == 0)
        return;
    report_pen_heading(&t->pen, PEN_YELLOW, "Weakened by");
    for (size_t i = 0; i < value_len(list); i++)
        report_pen_line(&t->pen, 2, "", value_text(value_item(list, i)));
}

static void write_counts(const struct text *t)
{
    static const char *const names[][2] = {{"pass", "passed"},     {"fail", "failed"},
                                           {"unknown", "unknown"}, {"error", "in error"},
                                           {"waived", "waived"},   {"skip", "skipped"}};
    const struct value *counts = value_get(t->verdict, "counts");
    struct buf b;

    buf_init(&b, 4096);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        buf_printf(&b, "%s%" PRId64 " %s", i > 0 ? ", " : "",
                   value_int_or(value_get(counts, names[i][0]), 0), names[i][1]);
    report_pen_heading(&t->pen, PEN_BOLD, "Decided by");
    report_pen_line(&t->pen, 2, "", buf_slice(&b));
    buf_release(&b);
}

static void write_decision(const struct text *t)
{
    const struct value *reasons = value_get(t->verdict, "reasons");
    const bool allow = slice_is(t->view.decision, "allow");
    const bool deny = slice_is(t->view.decision, "deny");

    write_counts(t);
    for (size_t i = 0; i < value_len(reasons); i++)
        report_pen_line(&t->pen, 2, "- ", value_text(value_item(reasons, i)));
    if (t->view.report_only)
        report_pen_line(&t->pen, 2, "- ",
                        SLICE_LIT("report-only: nothing is enforced and no pass is signed"));
    report_pen_heading(&t->pen,
                       allow  ? PEN_GREEN
                       : deny ? PEN_RED
                              : PEN_YELLOW,
                       allow  ? "ALLOW: this may go out"
                       : deny ? "DENY: this may not go out"
                              : "UNVERIFIABLE: could not tell, so this may not go out");
}

static bool write_text(const struct value_doc *verdict, const struct report_options *opt,
                       struct buf *out, struct err *e)
{
    struct arena a;
    struct text t = {.verdict = verdict->map, .a = &a, .verbose = opt->verbose};

    t.pen = (struct report_pen){out, opt->color, opt->width == 0 ? WIDTH_DEFAULT : opt->width};
    if (t.pen.width < WIDTH_MIN)
        t.pen.width = WIDTH_MIN;
    arena_init(&a);
    report_view_make(verdict, &a, &t.view);
    write_header(&t);
    write_subjects(&t);
    write_findings(&t);
    write_coverage(&t);
    write_notices(&t);
    write_waivers(&t);
    write_weakenings(&t);
    write_decision(&t);
    report_view_release(&t.view);
    arena_release(&a);
    return buf_finish(out, e);
}

const struct report_format report_text = {
    "text",
    "for people: findings by severity, coverage, and the verdict last",
    "text/plain; charset=utf-8",
    write_text,
};
