#ifndef POLICIES_VERDICT_PARTS_H
#define POLICIES_VERDICT_PARTS_H
/* The verdict as a value, part by part. SPEC: docs/verdict.schema.json. Members are always
 * there, null when they do not apply (`waiver` excepted). */
#include "policies/policy.h"

struct verdict_parts {
    const struct policy *policy;
    const struct facts *facts;
    const struct findings *findings;
    const struct verdict_options *opt;
    struct arena *arena;
};

/* What decided: reasons in order, and what they rest on. */
struct verdict_reasons {
    enum decision decision;
    const struct value *sentences;  /* list of strings */
    const struct value *decided_by; /* fingerprints of findings, "coverage/N", "subject/NAME" */
};

void verdict_reasons_find(const struct verdict_parts *p, struct verdict_reasons *out);

/* A line of the ledger that stands in the way of an allow. */
bool verdict_reasons_gap(const struct coverage *c);

/* Each adds its member to the map under construction. */
void verdict_parts_policy(const struct verdict_parts *p, struct value_builder *doc);
/* Subjects, coverage, totals, notices; gives the lines of coverage. */
struct value_rows verdict_parts_facts(const struct verdict_parts *p, struct value_builder *doc);
/* Counts, findings; gives the findings. */
struct value_rows verdict_findings_add(const struct verdict_parts *p, struct value_builder *doc);
void verdict_parts_waivers(const struct verdict_parts *p, struct value_builder *doc);

/* A member that is text of the run (bytes that are not UTF-8 are replaced), or null. Key and text
 * live as long as the verdict. */
void verdict_parts_text(struct value_builder *b, const char *key, const char *text);
void verdict_parts_count(struct value_builder *b, const char *key, uint64_t n);
/* Who accepted what until when: the members of a waiver that a finding shows, too. */
void verdict_parts_accepted(struct value_builder *b, const struct waiver *w);
const struct value *verdict_parts_location(const struct fact_location *at, struct arena *a);
#endif
