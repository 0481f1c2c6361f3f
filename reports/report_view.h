#ifndef REPORTS_REPORT_VIEW_H
#define REPORTS_REPORT_VIEW_H
/*
 * A verdict document as the reports want it: findings by weight, places as text. The document
 * may have been edited by hand, so every member may be missing or of another kind: then it is
 * empty text, zero, or an empty list. What is lent lives as long as the document and the arena;
 * findings and lines of the ledger are opened one at a time, since there may be millions.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/value_doc.h"

enum report_outcome {
    REPORT_FAIL,
    REPORT_ERROR,
    REPORT_UNKNOWN,
    REPORT_WAIVED,
    REPORT_PASS,
    REPORT_OTHER /* a word we do not know; shown, never taken for a pass */
};

enum report_weight {
    REPORT_CRITICAL,
    REPORT_HIGH,
    REPORT_MEDIUM,
    REPORT_LOW,
    REPORT_INFO,
    REPORT_WEIGHTS
};

/* A finding, closed. */
struct report_row {
    uint32_t index;         /* in the document */
    uint32_t rule, subject; /* places of their texts in view.rules, view.subjects */
    uint8_t weight;         /* enum report_weight; an unknown word is critical */
    uint8_t outcome;
};

/* An open one. */
struct report_finding {
    const struct value *value;
    uint32_t index;
    uint8_t weight, outcome;
};

/* Different texts, by bytes. */
struct report_names {
    struct slice *items;
    size_t n;
};

struct report_view {
    const struct value_doc *doc;
    const struct value *verdict; /* without its findings and its ledger */
    struct report_row *rows;     /* by weight, outcome, and place in the document (which is by
                                    rule) */
    size_t n;
    struct report_names rules, subjects;
    struct arena *open;    /* what is open lives here */
    struct slice *decided; /* decided_by, sorted by bytes */
    size_t ndecided;
    struct slice decision; /* "allow" */
    bool report_only;
    enum report_weight fail_on;
};

/* report_view_release is for the open things only; the rest is in `a`. */
void report_view_make(const struct value_doc *verdict, struct arena *a, struct report_view *out);
void report_view_release(struct report_view *v);

/* The finding of rows[i]; line i of the ledger, which has report_view_lines. Open until the next
 * is opened. */
struct report_finding report_view_open(const struct report_view *v, size_t i);
size_t report_view_lines(const struct report_view *v);
const struct value *report_view_line(const struct report_view *v, size_t i);

/*
 * Text of a member of a finding or of any path of the document: "rule", "resource.address";
 * empty when it is no text.
 */
struct slice report_view_text(const struct value *v, const char *path);

/* Did this finding (this line of the ledger) decide? */
bool report_view_decides(const struct report_view *v, const struct report_finding *f);

/* Does it stand in the way: failed, unknown or error at or above fail_on? */
bool report_view_blocks(const struct report_view *v, const struct report_row *r);

/* Is this line of the ledger a gap? */
bool report_view_gap(const struct value *line);

/*
 * A place as text: "main.tf:31", "oci:app!layer sha256:…/etc/passwd", "m.pkl (byte 17)". NOT
 * escaped. `v` has file (or input), path, line, offset.
 */
void report_view_place(const struct value *v, struct buf *out);

/* Controls as text, each framework once: "pci-dss-4.0.1 5.2.2, 6.2.4; gdpr art.25(2)". NOT escaped.
 * `list` is in the order of the document, which has those of one framework together. */
void report_view_controls(const struct value *list, struct buf *out);

/* The message of a finding; its title when it has none. */
struct slice report_view_message(const struct report_finding *f);

/*
 * What stands before the reason of a finding, blank included: "demanded: " before the part of a
 * rule that a resource does not meet, "because " before everything else.
 */
const char *report_view_why(const struct report_finding *f);

/* The findings from rows[i] on that belong under one heading: same weight, outcome and rule. At
 * least 1. */
size_t report_view_group(const struct report_view *v, size_t i);

const char *report_view_outcome(unsigned outcome); /* "fail" */
const char *report_view_weight(unsigned weight);   /* "critical" */

/* "4.1 KiB"; bytes below 1024 as they are. */
void report_view_size(int64_t bytes, char out[32]);

/*
 * A waiver in one sentence, NOT escaped: "reason (owner web-team, approved by ciso, ticket
 * SEC-12, until 2027-01-01)".
 */
void report_view_waiver(const struct value *waiver, struct buf *out);
#endif
