#include "gate/policy_pages.h"

#include <string.h>

#include "base/escape.h"
#include "base/json_out.h"
#include "policies/policy_explain.h"

static struct slice text(const struct value *v, const char *key)
{
    return value_text(value_get(v, key));
}

/* How a line looks that has a name before its text. */
struct style {
    const char *indent;
    int width; /* of the name, in columns */
    void (*put)(struct buf *b, struct slice text);
};

static void name_of(struct buf *b, const struct style *s, const char *name)
{
    buf_printf(b, "%s%-*s ", s->indent, s->width, name);
}

/* Left out where there is no text. */
static void line(struct buf *b, const struct style *s, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    name_of(b, s, name);
    s->put(b, value);
    buf_u8(b, '\n');
}

static void expressions(struct buf *b, const struct style *s, const struct value *rule)
{
    const struct value *variables = value_get(rule, "variables");

    line(b, s, "when", text(rule, "when"));
    for (size_t i = 0; i < value_len(variables); i++) {
        name_of(b, s, "where");
        s->put(b, text(value_item(variables, i), "name"));
        buf_str(b, " = ");
        s->put(b, text(value_item(variables, i), "text"));
        buf_u8(b, '\n');
    }
    line(b, s, "pass", text(rule, "pass"));
}

/* ---- the terminal ---- */

static void applies(const struct value *rule, struct buf *b)
{
    const struct value *rows = value_get(rule, "applies");

    for (size_t i = 0; i < value_len(rows); i++) {
        const struct slice source = text(value_item(rows, i), "source");

        buf_printf(b, "%-12s", i == 0 ? "applies to" : "");
        escape_terminal(b, source.len > 0 ? source : slice_str("any source"));
        buf_u8(b, ' ');
        escape_terminal(b, text(value_item(rows, i), "type"));
        buf_u8(b, '\n');
    }
}

static void compact(struct buf *b, const struct value *v)
{
    struct json_out o;

    json_out_init(&o, b, JSON_COMPACT);
    json_out_value(&o, v);
}

static void view(const struct value *rule, struct buf *b)
{
    const struct value *rows = value_get(rule, "view");

    if (value_len(rows) > 0)
        buf_str(b, "\nwhat it looks at:\n");
    for (size_t i = 0; i < value_len(rows); i++) {
        const struct value *row = value_item(rows, i), *paths = value_get(row, "paths");

        buf_str(b, "  view.");
        escape_terminal(b, text(row, "name"));
        for (size_t j = 0; j < value_len(paths); j++) {
            const struct value_member *m = &paths->as.members[j];

            buf_str(b, j == 0 ? " = " : ", ");
            escape_terminal(b, m->key);
            for (size_t k = 0; k < value_len(m->value); k++) {
                buf_str(b, k == 0 ? ": " : " or ");
                escape_terminal(b, value_text(value_item(m->value, k)));
            }
        }
        if (!value_is(value_get(row, "default"), VALUE_NULL) && value_get(row, "default") != NULL) {
            buf_str(b, "; default ");
            compact(b, value_get(row, "default"));
        }
        buf_u8(b, '\n');
    }
}

static void controls(const struct value *rule, struct buf *b)
{
    const struct value *list = value_get(rule, "controls");

    if (value_len(list) > 0)
        buf_str(b, "\nevidence for:\n");
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *c = value_item(list, i);

        buf_str(b, "  ");
        escape_terminal(b, text(c, "framework"));
        buf_u8(b, ' ');
        escape_terminal(b, text(c, "id"));
        buf_str(b, "  ");
        escape_terminal(b, text(c, "title"));
        if (value_true(value_get(c, "supporting")))
            buf_str(b, " (supports only)");
        if (value_is(value_get(c, "confirmed"), VALUE_BOOL) &&
            !value_true(value_get(c, "confirmed")))
            buf_str(b, " (not confirmed)");
        buf_u8(b, '\n');
    }
}

void policy_pages_rule(const struct value *rule, struct buf *out)
{
    static const struct style fields = {"", 11, escape_terminal},
                              indented = {"  ", 10, escape_terminal};

    escape_terminal(out, text(rule, "title"));
    buf_str(out, "\n\n");
    line(out, &fields, "rule", text(rule, "id"));
    line(out, &fields, "severity", text(rule, "severity"));
    line(out, &fields, "pack", text(value_get(rule, "pack"), "id"));
    line(out, &fields, "written in", text(rule, "file"));
    applies(rule, out);
    if (text(rule, "description").len > 0) {
        buf_str(out, "\nwhy:\n  ");
        escape_terminal(out, text(rule, "description"));
        buf_u8(out, '\n');
    }
    if (text(rule, "fix").len > 0) {
        buf_str(out, "\nhow to mend it:\n  ");
        escape_terminal(out, text(rule, "fix"));
        buf_u8(out, '\n');
    }
    view(rule, out);
    buf_str(out, "\nhow it decides:\n");
    expressions(out, &indented, rule);
    controls(rule, out);
    buf_printf(out, "\n%zu tests stand beside it.\n", value_len(value_get(rule, "tests")));
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

static void page_rule(struct buf *b, const struct value *rule)
{
    static const struct style code = {"", 8, buf_put};
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
    buf_str(b, "```\n");
    expressions(b, &code, rule);
    buf_str(b, "```\n\n");
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
