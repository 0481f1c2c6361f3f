/*
 * JUnit XML: one suite a subject, one for the ledger, one for the verdict. A test is red only
 * when it stands in the way, so the whole is red exactly when the decision is not allow. SPEC:
 * the Jenkins xunit schema, jenkins-junit.xsd.
 */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "reports/report.h"
#include "reports/report_view.h"

struct tally {
    size_t tests, failures, errors, skipped;
};

struct junit {
    struct report_view view;
    uint32_t *order; /* rows of the view by subject, then weight */
    size_t n;
    size_t gaps;
    struct buf *out;
};

enum color { GREEN, RED, BROKEN, SKIPPED };

static enum color color_of(const struct junit *j, const struct report_row *f)
{
    if (f->outcome == REPORT_PASS)
        return GREEN;
    if (!report_view_blocks(&j->view, f))
        return SKIPPED;
    return f->outcome == REPORT_FAIL ? RED : BROKEN;
}

static void count(struct tally *t, enum color color)
{
    t->tests++;
    t->failures += color == RED;
    t->errors += color == BROKEN;
    t->skipped += color == SKIPPED;
}

static void put_attribute(struct buf *out, const char *name, struct slice text)
{
    buf_printf(out, " %s=\"", name);
    escape_html(out, text);
    buf_u8(out, '"');
}

static void put_tally(struct buf *out, const struct tally *t)
{
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\"",
               t->tests, t->failures, t->errors, t->skipped);
}

/* The schema wants a time without a zone. */
static void open_suite(const struct junit *j, struct slice name, const struct tally *t)
{
    struct slice time = report_view_text(j->view.verdict, "effective_time");

    if (time.len > 19)
        time.len = 19;
    buf_str(j->out, "  <testsuite");
    put_attribute(j->out, "name", name);
    put_tally(j->out, t);
    put_attribute(j->out, "timestamp", time);
    buf_str(j->out, ">\n");
}

static void close_suite(const struct junit *j)
{
    buf_str(j->out, "  </testsuite>\n");
}

/* What stands inside a test that is not green: a kind, a message, and a text. */
static void put_outcome(const struct junit *j, const char *element, const char *type,
                        struct slice message, struct slice text)
{
    buf_printf(j->out, "      <%s", element);
    if (strcmp(element, "skipped") != 0)
        put_attribute(j->out, "type", slice_str(type));
    put_attribute(j->out, "message", message);
    buf_str(j->out, ">");
    escape_html(j->out, text);
    buf_printf(j->out, "</%s>\n", element);
}

static void put_part(struct buf *b, const char *label, struct slice text)
{
    if (text.len == 0)
        return;
    buf_str(b, label);
    buf_put(b, text);
    buf_u8(b, '\n');
}

static void put_finding_outcome(const struct junit *j, const struct report_finding *f,
                                enum color color)
{
    static const char *const elements[] = {"", "failure", "error", "skipped"};
    const struct slice message = report_view_message(f);
    struct buf text, title;

    buf_init(&text, LIMIT_REPORT_BYTES);
    buf_init(&title, LIMIT_REPORT_BYTES);
    buf_printf(&title, "%s %s: ", report_view_weight(f->weight), report_view_outcome(f->outcome));
    buf_put(&title, message);
    buf_str(&text, "at ");
    report_view_place(value_get(f->value, "location"), &text);
    buf_u8(&text, '\n');
    put_part(&text, report_view_why(f), report_view_text(f->value, "reason"));
    put_part(&text, "fix: ", report_view_text(f->value, "fix"));
    if (f->outcome == REPORT_WAIVED) {
        buf_str(&text, "waived: ");
        report_view_waiver(value_get(f->value, "waiver"), &text);
    }
    put_outcome(j, elements[color], report_view_outcome(f->outcome), buf_slice(&title),
                buf_slice(&text));
    buf_release(&text);
    buf_release(&title);
}

static void put_case(const struct junit *j, struct slice class, struct slice name, bool closed)
{
    buf_str(j->out, "    <testcase");
    put_attribute(j->out, "classname", class.len > 0 ? class : SLICE_LIT("sallyport"));
    put_attribute(j->out, "name", name.len > 0 ? name : SLICE_LIT("(no resource)"));
    buf_str(j->out, closed ? " time=\"0\"/>\n" : " time=\"0\">\n");
}

static void put_finding(const struct junit *j, size_t row)
{
    const enum color color = color_of(j, &j->view.rows[row]);
    const struct report_finding f = report_view_open(&j->view, row);
    const struct slice name = report_view_text(f.value, "resource.address");

    put_case(j, report_view_text(f.value, "rule"), name, color == GREEN);
    if (color == GREEN)
        return;
    put_finding_outcome(j, &f, color);
    buf_str(j->out, "    </testcase>\n");
}

static int by_subject(const void *x, const void *y, void *view)
{
    const struct report_row *rows = ((const struct report_view *)view)->rows;
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    if (rows[a].subject != rows[b].subject)
        return rows[a].subject < rows[b].subject ? -1 : 1;
    return a < b ? -1 : a > b; /* the order of the view */
}

/* The rows of one subject, from order[i] on. */
static size_t count_subject(const struct junit *j, size_t i, struct tally *t)
{
    const struct report_row *rows = j->view.rows;
    size_t n = 0;

    for (; i + n < j->n && rows[j->order[i]].subject == rows[j->order[i + n]].subject; n++)
        count(t, color_of(j, &rows[j->order[i + n]]));
    return n;
}

static void put_subjects(const struct junit *j)
{
    for (size_t i = 0; i < j->n;) {
        const struct slice subject = j->view.subjects.items[j->view.rows[j->order[i]].subject];
        struct tally t = {0};
        const size_t n = count_subject(j, i, &t);

        open_suite(j, subject.len > 0 ? subject : SLICE_LIT("(no subject)"), &t);
        for (size_t k = 0; k < n; k++)
            put_finding(j, j->order[i + k]);
        close_suite(j);
        i += n;
    }
}

static void put_gap(const struct junit *j, const struct value *line)
{
    struct buf place;

    buf_init(&place, LIMIT_REPORT_BYTES);
    report_view_place(line, &place);
    put_case(j, SLICE_LIT("coverage"), buf_slice(&place), false);
    put_outcome(j, "error", "gap", report_view_text(line, "reason"),
                report_view_text(line, "status"));
    buf_str(j->out, "    </testcase>\n");
    buf_release(&place);
}

static void put_coverage(const struct junit *j)
{
    const size_t lines = report_view_lines(&j->view);
    const struct tally t = {.tests = j->gaps, .errors = j->gaps};

    if (j->gaps == 0)
        return;
    open_suite(j, SLICE_LIT("coverage"), &t);
    for (size_t i = 0; i < lines; i++) {
        const struct value *line = report_view_line(&j->view, i);

        if (report_view_gap(line))
            put_gap(j, line);
    }
    close_suite(j);
}

static enum color color_of_verdict(const struct junit *j)
{
    return slice_is(j->view.decision, "allow")  ? GREEN
           : slice_is(j->view.decision, "deny") ? RED
                                                : BROKEN;
}

static void put_verdict(const struct junit *j)
{
    const struct value *reasons = value_get(j->view.verdict, "reasons");
    const bool allow = color_of_verdict(j) == GREEN, deny = color_of_verdict(j) == RED;
    struct tally t = {0};
    struct buf b;

    count(&t, color_of_verdict(j));
    open_suite(j, SLICE_LIT("verdict"), &t);
    put_case(j, SLICE_LIT("verdict"), SLICE_LIT("decision"), allow);
    if (!allow) {
        buf_init(&b, LIMIT_REPORT_BYTES);
        for (size_t i = 0; i < value_len(reasons); i++)
            put_part(&b, "", value_text(value_item(reasons, i)));
        put_outcome(j, deny ? "failure" : "error", "decision", j->view.decision, buf_slice(&b));
        buf_str(j->out, "    </testcase>\n");
        buf_release(&b);
    }
    close_suite(j);
}

/* What stands in front counts all that follows. */
static void count_all(struct junit *j, struct tally *all)
{
    const size_t lines = report_view_lines(&j->view);

    for (size_t i = 0; i < j->n; i++)
        count(all, color_of(j, &j->view.rows[i]));
    for (size_t i = 0; i < lines; i++)
        j->gaps += report_view_gap(report_view_line(&j->view, i));
    all->tests += j->gaps;
    all->errors += j->gaps;
    count(all, color_of_verdict(j));
}

static bool write_junit(const struct value_doc *verdict, const struct report_options *opt,
                        struct buf *out, struct err *e)
{
    struct tally all = {0};
    struct junit j = {.out = out};
    struct arena a;

    (void)opt;
    arena_init(&a);
    report_view_make(verdict, &a, &j.view);
    j.n = j.view.n;
    j.order = ARENA_ARRAY(&a, uint32_t, j.n);
    for (size_t i = 0; i < j.n; i++)
        j.order[i] = (uint32_t)i;
    if (j.n > 1)
        qsort_r(j.order, j.n, sizeof(j.order[0]), by_subject, &j.view);
    count_all(&j, &all);
    buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sallyport\"");
    put_tally(out, &all);
    buf_str(out, ">\n");
    put_subjects(&j);
    put_coverage(&j);
    put_verdict(&j);
    buf_str(out, "</testsuites>\n");
    report_view_release(&j.view);
    arena_release(&a);
    return buf_finish(out, e);
}

const struct report_format report_junit = {
    "junit",
    "JUnit XML for CI servers: red exactly when the decision is not allow",
    "application/xml",
    write_junit,
};
