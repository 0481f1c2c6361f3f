/* What decides: the law of policies/policy.h, verdict_make. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/place.h"
#include "policies/verdict_parts.h"

/* gaps with a sentence of their own; the rest is counted, and stands in the ledger */
#define GAPS_TOLD 20

struct reasons {
    const struct verdict_parts *p;
    struct value_builder sentences, decided_by;
};

static void say(struct reasons *r, const char *sentence)
{
    value_list_add(&r->sentences, value_bytes(r->p->arena, slice_str(sentence), NULL));
}

static void rest_on(struct reasons *r, const char *what)
{
    value_list_add(&r->decided_by, value_bytes(r->p->arena, slice_str(what), NULL));
}

bool verdict_reasons_gap(const struct coverage *c)
{
    uint64_t left = c->bytes;
    const uint64_t parts[] = {c->parsed, c->scanned, c->opaque};

    if (c->status == COVERAGE_IGNORED)
        return false;
    if (c->status != COVERAGE_READ || c->unread > 0)
        return true;
    /* a ledger line that does not add up claims more than was read */
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i] > left)
            return true;
        left -= parts[i];
    }
    return left != 0;
}

typedef bool counts_fn(unsigned outcome);

static bool denies(unsigned outcome)
{
    return outcome == OUTCOME_FAIL;
}

static bool leaves_open(unsigned outcome)
{
    return outcome == OUTCOME_UNKNOWN || outcome == OUTCOME_ERROR;
}

/* The findings of one rule that count: each is what the decision rests on. How many there are. */
static size_t rest_on_run(struct reasons *r, size_t run, counts_fn *counts)
{
    const struct findings *fs = r->p->findings;
    const size_t end = finding_end(fs, run);
    size_t n = 0;

    for (size_t i = fs->runs[run].first; i < end; i++) {
        char fingerprint[FINDING_FINGERPRINT];
        struct finding f;

        if (!counts(fs->rows[i].outcome))
            continue;
        f = finding_at(fs, i);
        finding_fingerprint_in(fs, &f, fingerprint);
        rest_on(r, fingerprint);
        n++;
    }
    return n;
}

/* One sentence for each rule of that severity. */
static size_t tell_severity(struct reasons *r, enum severity severity, counts_fn *counts,
                            const char *what)
{
    const struct findings *fs = r->p->findings;
    size_t total = 0;

    for (size_t k = 0; k < fs->nruns; k++) {
        const struct rule *rule = fs->runs[k].rule;
        size_t n;

        if (rule->severity != severity)
            continue;
        n = rest_on_run(r, k, counts);
        total += n;
        if (n > 0)
            say(r, arena_printf(r->p->arena, "%s (%s) %s %zu resource%s: %s", rule->id,
                                severity_name(rule->severity), what, n, n == 1 ? "" : "s",
                                rule->title));
    }
    return total;
}

/* Those that weigh, the gravest first. `what`: "failed on", "could not be told for". */
static size_t tell_findings(struct reasons *r, counts_fn *counts, const char *what)
{
    size_t total = 0;

    for (int s = SEVERITY_CRITICAL; s >= (int)r->p->policy->fail_on; s--)
        total += tell_severity(r, (enum severity)s, counts, what);
    return total;
}

static bool find_denials(struct reasons *r)
{
    return tell_findings(r, denies, "failed on") > 0;
}

static const char *place_of(const struct coverage *c, struct arena *a)
{
    const char *input = c->input == NULL ? "?" : c->input;
    const struct slice below =
        place_below(slice_str(input), c->path == NULL ? (struct slice){0} : slice_str(c->path));

    return arena_printf(a, "%s%s%.*s", input, below.len > 0 ? "!" : "", (int)below.len,
                        below.len > 0 ? (const char *)below.data : "");
}

static bool find_gaps(struct reasons *r)
{
    const struct facts *f = r->p->facts;
    size_t n = 0;

    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (!verdict_reasons_gap(c))
            continue;
        rest_on(r, arena_printf(r->p->arena, "coverage/%zu", i));
        if (n++ >= GAPS_TOLD)
            continue;
        say(r,
            arena_printf(r->p->arena, "%s: not read whole (%s): %s", place_of(c, r->p->arena),
                         facts_coverage_status(c->status),
                         c->reason == NULL ? "the parts do not add up to its bytes" : c->reason));
    }
    if (n > GAPS_TOLD)
        say(r, arena_printf(r->p->arena, "%zu more inputs were not read whole", n - GAPS_TOLD));
    return n > 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the subjects that some rule judged, sorted. A skipped rule judged nothing. */
static const char **judged_subjects(const struct verdict_parts *p, size_t *n)
{
    const char **names = NULL, *last = NULL;

    *n = 0;
    for (size_t i = 0; i < p->findings->n; i++) {
        const struct finding_row *row = &p->findings->rows[i];
        const char *subject =
            row->fact == FINDING_NO_FACT ? NULL : p->facts->facts[row->fact].subject;

        if (row->outcome == OUTCOME_SKIP || subject == NULL)
            continue;
        if (last != NULL && (last == subject || strcmp(last, subject) == 0))
            continue;
        last = subject;
        *(const char **)ARENA_PUSH(p->arena, &names, n) = last;
    }
    if (*n > 1)
        qsort(names, *n, sizeof(names[0]), by_text);
    return names;
}

static bool find_bare_subjects(struct reasons *r)
{
    const struct facts *f = r->p->facts;
    size_t n;
    const char **judged = judged_subjects(r->p, &n);
    bool found = false;

    for (size_t i = 0; i < f->nsubjects; i++) {
        const struct subject *s = &f->subjects[i];
        const char *name = s->name == NULL ? "" : s->name;

        if (s->digest == NULL)
            say(r, arena_printf(r->p->arena,
                                "subject '%s' has no digest: it could not be read whole, or "
                                "none was asked for",
                                name));
        if (n == 0 || bsearch(&name, judged, n, sizeof(judged[0]), by_text) == NULL)
            say(r, arena_printf(r->p->arena, "no rule judged anything of subject '%s'", name));
        else if (s->digest != NULL)
            continue;
        rest_on(r, arena_printf(r->p->arena, "subject/%s", name));
        found = true;
    }
    return found;
}

static bool find_nothing(struct reasons *r)
{
    bool judged = false;

    for (size_t i = 0; i < r->p->findings->n && !judged; i++)
        judged = r->p->findings->rows[i].outcome != OUTCOME_SKIP;
    if (r->p->facts->nsubjects == 0)
        say(r, "there is no subject to judge");
    if (!judged)
        say(r, "no rule judged anything");
    return r->p->facts->nsubjects == 0 || !judged;
}

void verdict_reasons_find(const struct verdict_parts *p, struct verdict_reasons *out)
{
    struct reasons r = {.p = p};
    struct value_builder open;
    bool denied, unverifiable;

    value_list_begin(&r.sentences, p->arena);
    value_list_begin(&r.decided_by, p->arena);
    denied = find_denials(&r);
    value_list_begin(&open, p->arena);
    if (denied) { /* what is open is told too, but it did not decide */
        out->decided_by = value_list_end(&r.decided_by, NULL);
        r.decided_by = open;
    }
    unverifiable = find_nothing(&r);
    unverifiable |= find_bare_subjects(&r);
    unverifiable |= find_gaps(&r);
    unverifiable |= tell_findings(&r, leaves_open, "could not be told for") > 0;
    out->decision = denied ? DECISION_DENY : unverifiable ? DECISION_UNVERIFIABLE : DECISION_ALLOW;
    if (!denied)
        out->decided_by = value_list_end(&r.decided_by, NULL);
    if (out->decision == DECISION_ALLOW)
        say(&r, arena_printf(p->arena, "every input was read, and nothing failed at or above %s",
                             severity_name(p->policy->fail_on)));
    out->sentences = value_list_end(&r.sentences, NULL);
}
