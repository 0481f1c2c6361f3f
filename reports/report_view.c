#include "reports/report_view.h"

#include <inttypes.h>
#include <string.h>

#include "base/place.h"

static const char *const outcome_names[] = {"fail", "error", "unknown", "waived", "pass"};
static const char *const weight_names[] = {"critical", "high", "medium", "low", "info"};

const char *report_view_outcome(unsigned outcome)
{
    return outcome < ARRAY_LEN(outcome_names) ? outcome_names[outcome] : "other";
}

const char *report_view_weight(unsigned weight)
{
    return weight < ARRAY_LEN(weight_names) ? weight_names[weight] : weight_names[0];
}

static uint8_t find_name(struct slice text, const char *const *names, size_t n, uint8_t fallback)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is(text, names[i]))
            return (uint8_t)i;
    return fallback;
}

static uint8_t weight_of(const struct value *v)
{
    return find_name(value_text(v), weight_names, ARRAY_LEN(weight_names), REPORT_CRITICAL);
}

struct slice report_view_text(const struct value *v, const char *path)
{
    return value_text(value_path(v, path));
}

static int by_weight(const void *x, const void *y)
{
    const struct report_row *a = x, *b = y;

    if (a->weight != b->weight)
        return a->weight < b->weight ? -1 : 1;
    if (a->outcome != b->outcome)
        return a->outcome < b->outcome ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static int by_bytes(const void *x, const void *y)
{
    return slice_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

/* The place of a text behind the others: that of the last one, when it is the same. */
static uint32_t note_name(struct report_names *names, struct slice text, struct arena *a)
{
    if (names->n == 0 || !slice_eq(names->items[names->n - 1], text))
        *(struct slice *)ARENA_PUSH(a, &names->items, &names->n) = arena_slice(a, text);
    return (uint32_t)(names->n - 1);
}

static int by_name(const void *x, const void *y)
{
    return slice_cmp(**(const struct slice *const *)x, **(const struct slice *const *)y);
}

/* Puts the names in order, each once. Gives where each went. */
static uint32_t *order_names(struct report_names *names, struct arena *a)
{
    const struct slice **sorted = ARENA_ARRAY(a, const struct slice *, names->n);
    struct slice *items = ARENA_ARRAY(a, struct slice, names->n);
    uint32_t *to = ARENA_ARRAY(a, uint32_t, names->n);
    size_t n = 0;

    for (size_t i = 0; i < names->n; i++)
        sorted[i] = &names->items[i];
    if (names->n > 1)
        qsort(sorted, names->n, sizeof(void *), by_name);
    for (size_t i = 0; i < names->n; i++) {
        if (n == 0 || !slice_eq(items[n - 1], *sorted[i]))
            items[n++] = *sorted[i];
        to[sorted[i] - names->items] = (uint32_t)(n - 1);
    }
    *names = (struct report_names){items, n};
    return to;
}

static const struct value *find_item(const struct report_view *v, const char *key, size_t i)
{
    arena_clear(v->open);
    return value_doc_item(v->doc, key, i, v->open);
}

static void read_findings(struct report_view *v, struct arena *a)
{
    const uint32_t *rules, *subjects;

    v->n = value_doc_len(v->doc, "findings");
    v->rows = ARENA_ARRAY(a, struct report_row, v->n);
    for (size_t i = 0; i < v->n; i++) {
        const struct value *f = find_item(v, "findings", i);

        v->rows[i] = (struct report_row){
            .index = (uint32_t)i,
            .rule = note_name(&v->rules, value_text(value_get(f, "rule")), a),
            .subject = note_name(&v->subjects, value_text(value_get(f, "subject")), a),
            .weight = weight_of(value_get(f, "severity")),
            .outcome = find_name(value_text(value_get(f, "outcome")), outcome_names,
                                 ARRAY_LEN(outcome_names), REPORT_OTHER),
        };
    }
    rules = order_names(&v->rules, a);
    subjects = order_names(&v->subjects, a);
    for (size_t i = 0; i < v->n; i++) {
        v->rows[i].rule = rules[v->rows[i].rule];
        v->rows[i].subject = subjects[v->rows[i].subject];
    }
    if (v->n > 1)
        qsort(v->rows, v->n, sizeof(v->rows[0]), by_weight);
}

static void read_decided(struct report_view *v, struct arena *a)
{
    const struct value *list = value_get(v->verdict, "decided_by");

    v->ndecided = value_is(list, VALUE_LIST) ? value_len(list) : 0;
    v->decided = ARENA_ARRAY(a, struct slice, v->ndecided);
    for (size_t i = 0; i < v->ndecided; i++)
        v->decided[i] = value_text(value_item(list, i));
    if (v->ndecided > 1)
        qsort(v->decided, v->ndecided, sizeof(v->decided[0]), by_bytes);
}

void report_view_make(const struct value_doc *verdict, struct arena *a, struct report_view *out)
{
    *out = (struct report_view){
        .doc = verdict,
        .verdict = verdict->map,
        .open = ARENA_NEW(a, struct arena),
        .decision = value_text(value_doc_get(verdict, "decision")),
        .report_only = value_true(value_doc_get(verdict, "report_only")),
        .fail_on = weight_of(value_doc_get(verdict, "fail_on")),
    };
    if (out->decision.len == 0) /* a document that does not say is no yes */
        out->decision = SLICE_LIT("unverifiable");
    arena_init(out->open);
    read_findings(out, a);
    read_decided(out, a);
}

void report_view_release(struct report_view *v)
{
    arena_release(v->open);
}

struct report_finding report_view_open(const struct report_view *v, size_t i)
{
    const struct report_row *r = &v->rows[i];

    return (struct report_finding){find_item(v, "findings", r->index), r->index, r->weight,
                                   r->outcome};
}

size_t report_view_lines(const struct report_view *v)
{
    return value_doc_len(v->doc, "coverage");
}

const struct value *report_view_line(const struct report_view *v, size_t i)
{
    return find_item(v, "coverage", i);
}

bool report_view_decides(const struct report_view *v, const struct report_finding *f)
{
    const struct slice key = report_view_text(f->value, "fingerprint");

    return v->ndecided > 0 && key.len > 0 &&
           bsearch(&key, v->decided, v->ndecided, sizeof(key), by_bytes) != NULL;
}

bool report_view_blocks(const struct report_view *v, const struct report_row *r)
{
    return r->weight <= v->fail_on && r->outcome != REPORT_PASS && r->outcome != REPORT_WAIVED;
}

bool report_view_gap(const struct value *line)
{
    const struct slice status = value_text(value_get(line, "status"));

    if (slice_is(status, "ignored"))
        return false;
    return !slice_is(status, "read") || value_int_or(value_get(line, "unread"), 1) != 0;
}

void report_view_place(const struct value *v, struct buf *out)
{
    const struct value *file = value_get(v, "file"), *path = value_get(v, "path");
    const int64_t line = value_int_or(value_get(v, "line"), 0);
    const int64_t offset = value_int_or(value_get(v, "offset"), -1);
    struct slice below;

    if (file == NULL)
        file = value_get(v, "input");
    below = place_below(value_text(file), value_text(path));
    buf_put(out, value_text(file));
    if (value_text(file).len > 0 && below.len > 0)
        buf_u8(out, '!');
    buf_put(out, below);
    if (line > 0)
        buf_printf(out, ":%" PRId64, line);
    else if (offset >= 0)
        buf_printf(out, " (byte %" PRId64 ")", offset);
}

void report_view_controls(const struct value *list, struct buf *out)
{
    struct slice before = {NULL, 0};

    for (size_t i = 0; i < value_len(list); i++) {
        const struct slice framework = report_view_text(value_item(list, i), "framework");

        if (i == 0 || !slice_eq(framework, before)) {
            buf_str(out, i > 0 ? "; " : "");
            buf_put(out, framework);
            buf_u8(out, ' ');
        } else {
            buf_str(out, ", ");
        }
        buf_put(out, report_view_text(value_item(list, i), "id"));
        before = framework;
    }
}

const char *report_view_why(const struct report_finding *f)
{
    const bool judged = report_view_text(f->value, "resource.address").len > 0;

    return f->outcome == REPORT_FAIL && judged ? "demanded: " : "because ";
}

struct slice report_view_message(const struct report_finding *f)
{
    const struct slice message = report_view_text(f->value, "message");

    return message.len > 0 ? message : report_view_text(f->value, "title");
}

size_t report_view_group(const struct report_view *v, size_t i)
{
    const struct report_row *first = &v->rows[i];
    size_t n = 1;

    while (i + n < v->n && first[n].weight == first->weight && first[n].outcome == first->outcome &&
           first[n].rule == first->rule)
        n++;
    return n;
}

void report_view_size(int64_t bytes, char out[32])
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    uint64_t n = bytes < 0 ? 0 : (uint64_t)bytes;
    uint64_t rest = 0;
    size_t unit = 0;

    if (n < 1024) {
        snprintf(out, 32, "%" PRIu64 " B", n);
        return;
    }
    for (; unit + 1 < ARRAY_LEN(units) && n >= 1u << 20; unit++)
        n >>= 10;
    rest = (n & 1023) * 10 /
           1024; /* one digit, cut off and not rounded, so that 1023.9 never reads 1024.0 */
    snprintf(out, 32, "%" PRIu64 ".%" PRIu64 " %s", n >> 10, rest, units[unit]);
}

static void add_part(struct buf *out, const char *before, struct slice text, bool *first)
{
    if (text.len == 0)
        return;
    buf_str(out, *first ? "" : ", ");
    buf_str(out, before);
    buf_put(out, text);
    *first = false;
}

void report_view_waiver(const struct value *waiver, struct buf *out)
{
    struct slice until = report_view_text(waiver, "expires");
    bool first = true;

    if (until.len > 10)
        until.len = 10; /* the day */
    buf_put(out, report_view_text(waiver, "reason"));
    buf_str(out, " (");
    add_part(out, "owner ", report_view_text(waiver, "owner"), &first);
    add_part(out, "approved by ", report_view_text(waiver, "approver"), &first);
    add_part(out, "ticket ", report_view_text(waiver, "ticket"), &first);
    add_part(out, "until ", until, &first);
    buf_u8(out, ')');
}
