#ifndef REPORTS_REPORT_SARIF_RULES_H
#define REPORTS_REPORT_SARIF_RULES_H
/* The tool component of a SARIF run: each rule that has a result, once. */
#include "base/json_out.h"
#include "reports/report_view.h"

/* results a run may have at the consumer with the tightest cap */
#define REPORT_SARIF_RESULTS_MAX 25000
#define REPORT_SARIF_TAGS_MAX 20 /* tags of a rule, likewise */

struct report_sarif_rules {
    size_t *heaviest; /* row of the view of each rule that has a result, sorted by rule id */
    size_t n;
    size_t *of; /* place there of view.rules[i]; those without a result have none */
};

void report_sarif_rules_make(const struct report_view *v, struct arena *a,
                             struct report_sarif_rules *out);

/* The member "tool". */
void report_sarif_rules_tool(struct json_out *o, const struct report_view *v,
                             const struct report_sarif_rules *rules);

/* "error", "warning" or "note" */
const char *report_sarif_rules_level(unsigned weight);

/* A string value in which nothing invisible is left: viewers show it in places of their own. */
void report_sarif_rules_text(struct json_out *o, struct slice text);

/* Cuts "oci:", "terraform:" and the like off the front of an input's name. */
void report_sarif_rules_strip(struct slice *name);
#endif
