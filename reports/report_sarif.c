/*
 * SARIF 2.1.0 for code scanning. SPEC: OASIS SARIF 2.1.0. Results stand by weight, so that a
 * consumer that keeps only the first few thousand keeps the heaviest; what is past the cap is
 * counted in a notification.
 */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "reports/report.h"
#include "reports/report_sarif_rules.h"
#include "reports/report_view.h"

#define NOTES_MAX 1000 /* notifications of each kind */

static void put_key(struct json_out *o, const char *key, struct slice text)
{
    json_out_key(o, key);
    report_sarif_rules_text(o, text);
}

/*
 * A path as a URI reference: no scheme of ours, no colon or backslash that a consumer could read
 * as one, nothing but unreserved characters.
 */
static void put_uri(struct json_out *o, struct slice file)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    struct buf b;

    report_sarif_rules_strip(&file);
    buf_init(&b, LIMIT_REPORT_BYTES);
    if (slice_starts(file, "/"))
        buf_str(&b, "file://");
    for (size_t i = 0; i < file.len; i++) {
        if (file.data[i] != '\0' && strchr(plain, file.data[i]) != NULL)
            buf_u8(&b, file.data[i]);
        else
            buf_printf(&b, "%%%02X", file.data[i]);
    }
    if (b.len == 0)
        buf_str(&b, "unknown");
    json_out_key(o, "uri");
    json_out_string(o, buf_slice(&b));
    buf_release(&b);
}

static void put_artifact(struct json_out *o, struct slice file)
{
    json_out_key(o, "artifactLocation");
    json_out_object(o);
    put_uri(o, file);
    if (!slice_starts(file, "/"))
        json_out_kv_str(o, "uriBaseId", "%SRCROOT%");
    json_out_end_object(o);
}

/*
 * Always a location with a region: a consumer without one shows nothing. `v` is a location, or a
 * line of the ledger.
 */
static void put_locations(struct json_out *o, const struct value *v, struct slice subject,
                          struct slice address)
{
    const struct value *file =
        value_get(v, "file") != NULL ? value_get(v, "file") : value_get(v, "input");
    const int64_t line = value_int_or(value_get(v, "line"), 0);
    struct buf place;

    json_out_key(o, "locations");
    json_out_array(o);
    json_out_object(o);
    json_out_key(o, "physicalLocation");
    json_out_object(o);
    put_artifact(o, value_text(file).len > 0 ? value_text(file) : subject);
    json_out_key(o, "region");
    json_out_object(o);
    json_out_kv_int(o, "startLine", line > 0 ? line : 1);
    json_out_end_object(o);
    json_out_end_object(o);
    buf_init(&place, LIMIT_REPORT_BYTES);
    buf_put(&place, address);
    if (place.len == 0)
        report_view_place(v, &place);
    if (place.len > 0) {
        json_out_key(o, "logicalLocations");
        json_out_array(o);
        json_out_object(o);
        put_key(o, "fullyQualifiedName", buf_slice(&place));
        json_out_kv_str(o, "kind", "resource");
        json_out_end_object(o);
        json_out_end_array(o);
    }
    buf_release(&place);
    json_out_end_object(o);
    json_out_end_array(o);
}

static void put_message(struct json_out *o, const struct report_finding *f)
{
    const struct slice message = report_view_message(f);
    const struct slice reason = report_view_text(f->value, "reason");
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    if (!slice_starts(message, "could not ") && f->outcome == REPORT_UNKNOWN)
        buf_str(&b, "could not tell: ");
    else if (!slice_starts(message, "could not ") && f->outcome == REPORT_ERROR)
        buf_str(&b, "could not be evaluated: ");
    buf_put(&b, message);
    if (reason.len > 0) {
        buf_str(&b, " (");
        buf_str(&b, report_view_why(f));
        buf_put(&b, reason);
        buf_str(&b, ")");
    }
    if (b.len == 0)
        buf_str(&b, "no message");
    json_out_key(o, "message");
    json_out_object(o);
    put_key(o, "text", buf_slice(&b));
    json_out_end_object(o);
    buf_release(&b);
}

/*
 * The consumer that matters compares 16 hex digits and an occurrence; ours do not depend on
 * lines.
 */
static void put_fingerprints(struct json_out *o, const struct report_finding *f)
{
    const struct slice full = report_view_text(f->value, "fingerprint");
    struct buf b;

    buf_init(&b, 64);
    buf_put(&b, (struct slice){full.data, full.len < 16 ? full.len : 16});
    buf_str(&b, ":1");
    json_out_key(o, "partialFingerprints");
    json_out_object(o);
    put_key(o, "primaryLocationLineHash", buf_slice(&b));
    put_key(o, "sallyport/v1", full);
    json_out_end_object(o);
    buf_release(&b);
}

static void put_suppression(struct json_out *o, const struct report_finding *f)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    report_view_waiver(value_get(f->value, "waiver"), &b);
    json_out_key(o, "suppressions");
    json_out_array(o);
    json_out_object(o);
    json_out_kv_str(o, "kind", "external");
    json_out_kv_str(o, "status", "accepted");
    put_key(o, "justification", buf_slice(&b));
    json_out_end_object(o);
    json_out_end_array(o);
    buf_release(&b);
}

static void put_result(struct json_out *o, const struct report_view *v,
                       const struct report_finding *f, size_t rule)
{
    json_out_object(o);
    put_key(o, "ruleId", report_view_text(f->value, "rule"));
    json_out_kv_int(o, "ruleIndex", (int64_t)rule);
    json_out_kv_str(o, "level", report_sarif_rules_level(f->weight));
    put_message(o, f);
    put_locations(o, value_get(f->value, "location"), report_view_text(f->value, "subject"),
                  report_view_text(f->value, "resource.address"));
    put_fingerprints(o, f);
    if (f->outcome == REPORT_WAIVED)
        put_suppression(o, f);
    json_out_key(o, "properties");
    json_out_object(o);
    json_out_kv_str(o, "outcome", report_view_outcome(f->outcome));
    json_out_kv_str(o, "severity", report_view_weight(f->weight));
    json_out_kv_bool(o, "decides", report_view_decides(v, f));
    put_key(o, "subject", report_view_text(f->value, "subject"));
    json_out_end_object(o);
    json_out_end_object(o);
}

/* Passes are no results. Returns how many results there would be. */
static size_t put_results(struct json_out *o, const struct report_view *v,
                          const struct report_sarif_rules *rules)
{
    size_t n = 0;

    json_out_key(o, "results");
    json_out_array(o);
    for (size_t i = 0; i < v->n; i++) {
        struct report_finding f;

        if (v->rows[i].outcome == REPORT_PASS || n++ >= REPORT_SARIF_RESULTS_MAX)
            continue;
        f = report_view_open(v, i);
        put_result(o, v, &f, rules->of[v->rows[i].rule]);
    }
    json_out_end_array(o);
    return n;
}

static void put_note(struct json_out *o, const char *level, const struct value *where,
                     struct slice text)
{
    json_out_object(o);
    json_out_kv_str(o, "level", level);
    json_out_key(o, "message");
    json_out_object(o);
    put_key(o, "text", text.len > 0 ? text : SLICE_LIT("not read whole"));
    json_out_end_object(o);
    if (where != NULL)
        put_locations(o, where, SLICE_LIT("unknown"), (struct slice){NULL, 0});
    json_out_end_object(o);
}

/* Each gap in the ledger: what was not read, and why. Returns how many. */
static size_t put_gaps(struct json_out *o, const struct report_view *v)
{
    const size_t lines = report_view_lines(v);
    size_t n = 0;
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    for (size_t i = 0; i < lines; i++) {
        const struct value *line = report_view_line(v, i);

        if (!report_view_gap(line) || n++ >= NOTES_MAX)
            continue;
        buf_clear(&b);
        report_view_place(line, &b);
        buf_str(&b, ": ");
        buf_put(&b, report_view_text(line, "reason"));
        put_note(o, "error", line, buf_slice(&b));
    }
    buf_release(&b);
    return n;
}

static void put_notices(struct json_out *o, const struct value *list)
{
    for (size_t i = 0; i < value_len(list) && i < NOTES_MAX; i++)
        put_note(o, "note", value_get(value_item(list, i), "location"),
                 report_view_text(value_item(list, i), "text"));
}

static void put_left_out(struct json_out *o, size_t n, size_t max, const char *what)
{
    char text[128];

    if (n <= max)
        return;
    snprintf(text, sizeof(text), "%zu more %s are left out here: see the json report", n - max,
             what);
    put_note(o, "warning", NULL, slice_str(text));
}

static void put_invocation(struct json_out *o, const struct report_view *v, size_t nresults)
{
    const size_t lines = report_view_lines(v);
    size_t gaps = 0;

    for (size_t i = 0; i < lines; i++)
        gaps += report_view_gap(report_view_line(v, i));
    json_out_key(o, "invocations");
    json_out_array(o);
    json_out_object(o);
    json_out_kv_bool(o, "executionSuccessful", gaps == 0 && !slice_is(v->decision, "unverifiable"));
    json_out_key(o, "toolExecutionNotifications");
    json_out_array(o);
    gaps = put_gaps(o, v);
    put_left_out(o, gaps, NOTES_MAX, "gaps in the coverage");
    put_notices(o, value_get(v->verdict, "notices"));
    put_left_out(o, value_len(value_get(v->verdict, "notices")), NOTES_MAX, "notices");
    put_left_out(o, nresults, REPORT_SARIF_RESULTS_MAX, "results");
    json_out_end_array(o);
    json_out_end_object(o);
    json_out_end_array(o);
}

static void put_run(struct json_out *o, const struct report_view *v,
                    const struct report_sarif_rules *rules)
{
    size_t n;

    json_out_object(o);
    report_sarif_rules_tool(o, v, rules);
    json_out_kv_str(o, "columnKind", "unicodeCodePoints");
    json_out_key(o, "originalUriBaseIds");
    json_out_object(o);
    json_out_key(o, "%SRCROOT%");
    json_out_object(o);
    json_out_key(o, "description");
    json_out_object(o);
    json_out_kv_str(o, "text", "the folder that the gate ran in");
    json_out_end_object(o);
    json_out_end_object(o);
    json_out_end_object(o);
    n = put_results(o, v, rules);
    put_invocation(o, v, n);
    json_out_key(o, "properties");
    json_out_object(o);
    put_key(o, "decision", v->decision);
    json_out_kv_bool(o, "reportOnly", v->report_only);
    put_key(o, "policyDigest", report_view_text(v->verdict, "policy.digest"));
    put_key(o, "effectiveTime", report_view_text(v->verdict, "effective_time"));
    json_out_end_object(o);
    json_out_end_object(o);
}

static bool write_sarif(const struct value_doc *verdict, const struct report_options *opt,
                        struct buf *out, struct err *e)
{
    struct report_sarif_rules rules;
    struct report_view v;
    struct json_out o;
    struct arena a;

    (void)opt;
    arena_init(&a);
    report_view_make(verdict, &a, &v);
    report_sarif_rules_make(&v, &a, &rules);
    json_out_init(&o, out, JSON_PRETTY);
    json_out_object(&o);
    json_out_kv_str(&o, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_out_kv_str(&o, "version", "2.1.0");
    json_out_key(&o, "runs");
    json_out_array(&o);
    put_run(&o, &v, &rules);
    json_out_end_array(&o);
    json_out_end_object(&o);
    report_view_release(&v);
    arena_release(&a);
    return buf_finish(out, e);
}

const struct report_format report_sarif = {
    "sarif",
    "SARIF 2.1.0 for code scanning: results by severity, waivers as suppressions",
    "application/sarif+json",
    write_sarif,
};
