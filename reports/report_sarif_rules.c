#include "reports/report_sarif_rules.h"

#include <string.h>

#include "base/escape.h"
#include "base/limits.h"

const char *report_sarif_rules_level(unsigned weight)
{
    if (weight <= REPORT_HIGH)
        return "error";
    return weight == REPORT_MEDIUM ? "warning" : "note";
}

/*
 * SPEC: code scanning: above 9.0 critical, from 7.0 high, from 4.0 medium, above 0 low. A
 * string.
 */
static const char *score(unsigned weight)
{
    static const char *const scores[] = {"9.5", "8.0", "5.5", "3.0", "0.0"};

    return weight < ARRAY_LEN(scores) ? scores[weight] : scores[0];
}

void report_sarif_rules_text(struct json_out *o, struct slice text)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    escape_terminal(&b, text);
    if (b.full)
        o->buf->full = true;
    json_out_string(o, buf_slice(&b));
    buf_release(&b);
}

void report_sarif_rules_strip(struct slice *name)
{
    size_t n = 0;

    while (n < name->len &&
           ((name->data[n] >= 'a' && name->data[n] <= 'z') || name->data[n] == '-'))
        n++;
    if (n == 0 || n >= name->len || name->data[n] != ':')
        return;
    *name = slice_from(*name, n + 1);
    if (slice_starts(*name, "//"))
        *name = slice_from(*name, 2);
}

void report_sarif_rules_make(const struct report_view *v, struct arena *a,
                             struct report_sarif_rules *out)
{
    size_t *first = ARENA_ARRAY(a, size_t, v->rules.n); /* 0: no result; else the row + 1 */

    *out = (struct report_sarif_rules){.of = ARENA_ARRAY(a, size_t, v->rules.n),
                                       .heaviest = ARENA_ARRAY(a, size_t, v->rules.n)};
    for (size_t i = v->n; i-- > 0;) /* the heaviest last: the view is sorted */
        if (v->rows[i].outcome != REPORT_PASS)
            first[v->rows[i].rule] = i + 1;
    for (size_t i = 0; i < v->rules.n; i++) {
        if (first[i] == 0)
            continue;
        out->of[i] = out->n;
        out->heaviest[out->n++] = first[i] - 1;
    }
}

/* Text for Markdown: what has a meaning there is escaped, and nothing invisible stays. */
static void put_markdown(struct buf *b, struct slice text)
{
    static const char special[] = "\\`*_{}[]()<>#+-!|&~";
    struct buf plain;

    buf_init(&plain, LIMIT_REPORT_BYTES);
    escape_terminal(&plain, text);
    for (size_t i = 0; i < plain.len; i++) {
        if (strchr(special, plain.data[i]) != NULL)
            buf_u8(b, '\\');
        buf_u8(b, plain.data[i]);
    }
    buf_release(&plain);
}

static struct slice or_else(struct slice text, struct slice other)
{
    return text.len > 0 ? text : other;
}

static void put_described(struct json_out *o, const char *key, struct slice text)
{
    json_out_key(o, key);
    json_out_object(o);
    json_out_key(o, "text");
    report_sarif_rules_text(o, or_else(text, SLICE_LIT("no description")));
    json_out_end_object(o);
}

static void help_markdown(struct buf *b, const struct value *v)
{
    const struct value *controls = value_get(v, "controls");
    const struct slice fix = report_view_text(v, "fix");

    buf_str(b, "**");
    put_markdown(b, or_else(report_view_text(v, "title"), report_view_text(v, "rule")));
    buf_str(b, "**\n");
    if (fix.len > 0) {
        buf_str(b, "\nFix: ");
        put_markdown(b, fix);
        buf_str(b, "\n");
    }
    for (size_t i = 0; i < value_len(controls); i++) {
        const struct value *c = value_item(controls, i);

        buf_str(b, i == 0 ? "\nControls:\n\n- " : "- ");
        put_markdown(b, report_view_text(c, "framework"));
        buf_u8(b, ' ');
        put_markdown(b, report_view_text(c, "id"));
        if (report_view_text(c, "title").len > 0) {
            buf_str(b, ": ");
            put_markdown(b, report_view_text(c, "title"));
        }
        buf_u8(b, '\n');
    }
}

static void put_help(struct json_out *o, const struct value *v)
{
    const struct slice title = or_else(report_view_text(v, "title"), report_view_text(v, "rule"));
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    json_out_key(o, "help");
    json_out_object(o);
    json_out_key(o, "text");
    report_sarif_rules_text(
        o, or_else(or_else(report_view_text(v, "fix"), title), SLICE_LIT("no help")));
    help_markdown(&b, v);
    json_out_key(o, "markdown");
    json_out_string(o, buf_slice(&b)); /* has line ends of its own; its texts are escaped */
    json_out_end_object(o);
    buf_release(&b);
}

static void put_tags(struct json_out *o, const struct value *v)
{
    const struct value *tags = value_get(v, "tags");
    size_t n = value_len(tags);

    if (n > REPORT_SARIF_TAGS_MAX - 1)
        n = REPORT_SARIF_TAGS_MAX - 1;
    json_out_key(o, "tags");
    json_out_array(o);
    json_out_str(o, "security"); /* without it the score is not shown */
    for (size_t i = 0; i < n; i++)
        if (value_text(value_item(tags, i)).len > 0 &&
            !slice_is(value_text(value_item(tags, i)), "security"))
            report_sarif_rules_text(o, value_text(value_item(tags, i)));
    json_out_end_array(o);
}

static void put_rule(struct json_out *o, const struct report_finding *f)
{
    const struct value *v = f->value;
    const struct slice id = report_view_text(v, "rule");
    const struct slice title = or_else(report_view_text(v, "title"), id);

    json_out_object(o);
    json_out_key(o, "id");
    report_sarif_rules_text(o, id);
    put_described(o, "shortDescription", title);
    put_described(o, "fullDescription", title);
    put_help(o, v);
    json_out_key(o, "defaultConfiguration");
    json_out_object(o);
    json_out_kv_str(o, "level", report_sarif_rules_level(f->weight));
    json_out_end_object(o);
    json_out_key(o, "properties");
    json_out_object(o);
    put_tags(o, v);
    json_out_kv_str(o, "security-severity", score(f->weight));
    json_out_kv_str(o, "precision", "high");
    json_out_end_object(o);
    json_out_end_object(o);
}

void report_sarif_rules_tool(struct json_out *o, const struct report_view *v,
                             const struct report_sarif_rules *rules)
{
    const struct slice version =
        or_else(report_view_text(v->verdict, "tool.version"), SLICE_LIT("0"));

    json_out_key(o, "tool");
    json_out_object(o);
    json_out_key(o, "driver");
    json_out_object(o);
    json_out_kv_str(o, "name", "sallyport");
    json_out_key(o, "version");
    report_sarif_rules_text(o, version);
    json_out_key(o, "rules");
    json_out_array(o);
    for (size_t i = 0; i < rules->n; i++) {
        const struct report_finding f = report_view_open(v, rules->heaviest[i]);

        put_rule(o, &f);
    }
    json_out_end_array(o);
    json_out_end_object(o);
    json_out_end_object(o);
}
