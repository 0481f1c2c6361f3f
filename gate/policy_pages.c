#include "gate/policy_pages.h"

#include <stdarg.h>
#include <string.h>

#include "base/escape.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "policies/policy_explain.h"
#include "reports/report_pen.h"

#define LINE_MAX 65536  /* bytes of a line, before it is wrapped */
#define PARAM_SHOWN 300 /* bytes of a parameter's value that is a list */

static struct slice text(const struct value *v, const char *key)
{
    return value_text(value_get(v, key));
}

/* ---- the terminal ---- */

/* A line from parts; an empty one is not written. */
static void PRINTF_LIKE(4, 5)
    row(const struct report_pen *pen, unsigned indent, const char *label, const char *fmt, ...)
{
    struct buf b;
    va_list ap;

    buf_init(&b, LINE_MAX);
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    report_pen_line(pen, indent, label, buf_slice(&b));
    buf_release(&b);
}

static void applies(const struct report_pen *pen, const struct value *rule)
{
    const struct value *rows = value_get(rule, "applies");

    for (size_t i = 0; i < value_len(rows); i++)
        row(pen, 0, i == 0 ? "applies to  " : "            ", "%s %s",
            value_cstr(value_get(value_item(rows, i), "source"), "any source"),
            value_cstr(value_get(value_item(rows, i), "type"), ""));
}

/* "terraform: a or b, cloudformation: C; default 1" */
static void paths(const struct value *view, struct buf *b)
{
    const struct value *sources = value_get(view, "paths"), *other = value_get(view, "default");
    struct json_out o;

    for (size_t i = 0; i < value_len(sources); i++) {
        const struct value_member *m = &sources->as.members[i];

        buf_str(b, i == 0 ? "" : ", ");
        buf_put(b, m->key);
        for (size_t k = 0; k < value_len(m->value); k++) {
            buf_str(b, k == 0 ? ": " : " or ");
            buf_put(b, value_text(value_item(m->value, k)));
        }
    }
    if (slice_is(value_text(value_get(view, "computed")), "absent"))
        buf_str(b, "; absent when the provider chooses it");
    if (other == NULL || value_is(other, VALUE_NULL))
        return;
    buf_str(b, "; default ");
    json_out_init(&o, b, JSON_COMPACT);
    json_out_value(&o, other);
}

static void views(const struct report_pen *pen, const struct value *rule)
{
    const struct value *list = value_get(rule, "view");

    if (value_len(list) > 0)
        row(pen, 0, "", "what it looks at:");
    for (size_t i = 0; i < value_len(list); i++) {
        struct buf b;

        buf_init(&b, LINE_MAX);
        buf_str(&b, "view.");
        buf_put(&b, text(value_item(list, i), "name"));
        buf_str(&b, " = ");
        paths(value_item(list, i), &b);
        report_pen_line(pen, 2, "", buf_slice(&b));
        buf_release(&b);
    }
    if (value_len(list) > 0)
        report_pen_blank(pen);
}

static void decides(const struct report_pen *pen, const struct value *rule)
{
    const struct value *variables = value_get(rule, "variables");

    row(pen, 0, "", "how it decides:");
    if (text(rule, "when").len > 0)
        report_pen_line(pen, 2, "when       ", text(rule, "when"));
    for (size_t i = 0; i < value_len(variables); i++)
        row(pen, 2, "where      ", "%s = %s",
            value_cstr(value_get(value_item(variables, i), "name"), ""),
            value_cstr(value_get(value_item(variables, i), "text"), ""));
    report_pen_line(pen, 2, "pass       ", text(rule, "pass"));
}

/* A list with blanks, so that it can be wrapped; a long one is cut. */
static void put_setting(struct buf *b, const struct value *v)
{
    const size_t n = value_is(v, VALUE_LIST) ? value_len(v) : 1;
    size_t i = 0;
    struct json_out o;

    buf_str(b, value_is(v, VALUE_LIST) ? "[" : "");
    for (; i < n && b->len < PARAM_SHOWN; i++) {
        buf_str(b, i == 0 ? "" : ", ");
        json_out_init(&o, b, JSON_COMPACT);
        json_out_value(&o, value_is(v, VALUE_LIST) ? value_item(v, i) : v);
    }
    if (i < n)
        buf_printf(b, ", and %zu more (--json has them all)", n - i);
    buf_str(b, value_is(v, VALUE_LIST) ? "]" : "");
}

/* What a gate file may set, with what is in force. */
static void params(const struct report_pen *pen, const struct value *rule)
{
    const struct value *all = value_get(rule, "params");

    if (value_len(all) == 0)
        return;
    report_pen_blank(pen);
    row(pen, 0, "", "what you may set, in policy.params of the gate file:");
    for (size_t i = 0; i < value_len(all); i++) {
        const struct value_member *m = &all->as.members[i];
        struct buf b;

        buf_init(&b, LIMIT_REPORT_BYTES);
        put_setting(&b, m->value);
        row(pen, 2, "", "%.*s: %.*s", (int)m->key.len, (const char *)m->key.data, (int)b.len,
            (const char *)b.data);
        buf_release(&b);
    }
}

static void controls(const struct report_pen *pen, const struct value *rule)
{
    const struct value *list = value_get(rule, "controls");

    if (value_len(list) == 0)
        return;
    report_pen_blank(pen);
    row(pen, 0, "", "evidence for:");
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *c = value_item(list, i), *confirmed = value_get(c, "confirmed");

        row(pen, 2, "", "%s %s  %s%s%s", value_cstr(value_get(c, "framework"), ""),
            value_cstr(value_get(c, "id"), ""), value_cstr(value_get(c, "title"), ""),
            value_true(value_get(c, "supporting")) ? " (supports only)" : "",
            value_is(confirmed, VALUE_BOOL) && !value_true(confirmed) ? " (not confirmed)" : "");
    }
}

static void paragraph(const struct report_pen *pen, const char *heading, struct slice words)
{
    if (words.len == 0)
        return;
    row(pen, 0, "", "%s:", heading);
    report_pen_line(pen, 2, "", words);
    report_pen_blank(pen);
}

void policy_pages_rule(const struct value *rule, unsigned width, struct buf *out)
{
    const struct report_pen pen = {.out = out, .width = width == 0 ? 100 : width < 40 ? 40 : width};

    report_pen_line(&pen, 0, "", text(rule, "title"));
    report_pen_blank(&pen);
    report_pen_line(&pen, 0, "rule        ", text(rule, "id"));
    report_pen_line(&pen, 0, "severity    ", text(rule, "severity"));
    report_pen_line(&pen, 0, "pack        ", text(value_get(rule, "pack"), "id"));
    report_pen_line(&pen, 0, "written in  ", text(rule, "file"));
    applies(&pen, rule);
    report_pen_blank(&pen);
    paragraph(&pen, "why", text(rule, "description"));
    paragraph(&pen, "how to mend it", text(rule, "fix"));
    views(&pen, rule);
    decides(&pen, rule);
    params(&pen, rule);
    controls(&pen, rule);
    report_pen_blank(&pen);
    buf_count(out, value_len(value_get(rule, "tests")), "test");
    buf_str(out, " beside it.\n");
}

/* ---- Markdown ---- */

static void page_controls(struct buf *b, const struct value *rule)
{
    const struct value *list = value_get(rule, "controls");

    if (value_len(list) == 0)
        return;
    buf_str(b, "| framework | control | title |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *c = value_item(list, i);

        buf_str(b, "| ");
        escape_markdown(b, text(c, "framework"));
        buf_str(b, " | ");
        escape_markdown(b, text(c, "id"));
        buf_str(b, value_true(value_get(c, "supporting")) ? " (supports) | " : " | ");
        escape_markdown(b, text(c, "title"));
        buf_str(b, " |\n");
    }
    buf_u8(b, '\n');
}

/* Left out where there is no text. */
static void code_line(struct buf *b, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    buf_printf(b, "%-8s ", name);
    buf_put(b, value);
    buf_u8(b, '\n');
}

static void page_code(struct buf *b, const struct value *rule)
{
    const struct value *variables = value_get(rule, "variables");

    buf_str(b, "```\n");
    code_line(b, "when", text(rule, "when"));
    for (size_t i = 0; i < value_len(variables); i++) {
        buf_printf(b, "%-8s ", "where");
        buf_put(b, text(value_item(variables, i), "name"));
        buf_str(b, " = ");
        buf_put(b, text(value_item(variables, i), "text"));
        buf_u8(b, '\n');
    }
    code_line(b, "pass", text(rule, "pass"));
    buf_str(b, "```\n\n");
}

static void page_rule(struct buf *b, const struct value *rule)
{
    const struct value *rows = value_get(rule, "applies");

    buf_str(b, "## ");
    buf_put(b, text(rule, "id"));
    buf_str(b, "\n\n**");
    escape_markdown(b, text(rule, "title"));
    buf_str(b, "** Severity: ");
    buf_put(b, text(rule, "severity"));
    buf_str(b, ".\n\n");
    escape_markdown(b, text(rule, "description"));
    buf_str(b, "\n\nApplies to");
    for (size_t i = 0; i < value_len(rows); i++) {
        buf_str(b, i == 0 ? " `" : ", `");
        buf_put(b, text(value_item(rows, i), "type"));
        buf_str(b, "`");
    }
    buf_str(b, ". To mend a failure: ");
    escape_markdown(b, text(rule, "fix"));
    buf_str(b, "\n\n");
    page_code(b, rule);
    page_controls(b, rule);
}

bool policy_pages_pack(const struct policy *p, const struct rule_pack *pack, struct arena *a,
                       struct buf *out, struct err *e)
{
    buf_str(out, "<!-- made by `sallyport policy docs`; the rules are in ");
    buf_str(out, pack->file);
    buf_str(out, " -->\n# ");
    buf_str(out, pack->title != NULL ? pack->title : pack->id);
    buf_printf(out, "\n\nPack `%s` %s.\n\n", pack->id, pack->version);
    for (size_t i = 0; i < p->rules.n; i++) {
        const struct value *rule;

        if (strcmp(p->rules.items[i].pack, pack->id) != 0)
            continue;
        if (!policy_explain(p, p->rules.items[i].id, a, &rule, e))
            return false;
        page_rule(out, rule);
    }
    return true;
}
