#include "policies/verdict_parts.h"

#include <string.h>

#include "base/when.h"

void verdict_parts_text(struct value_builder *b, const char *key, const char *text)
{
    value_map_lend(b, key, text == NULL ? value_null(b->arena, NULL) : value_lent(b->arena, text));
}

void verdict_parts_count(struct value_builder *b, const char *key, uint64_t n)
{
    value_map_lend(b, key, value_int(b->arena, n > INT64_MAX ? INT64_MAX : (int64_t)n, NULL));
}

const struct value *verdict_parts_location(const struct fact_location *at, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    verdict_parts_text(&b, "file", at->input);
    verdict_parts_text(&b, "path", at->path);
    if (at->line == 0)
        verdict_parts_text(&b, "line", NULL);
    else
        verdict_parts_count(&b, "line", at->line);
    if (at->offset == ERR_NO_OFFSET)
        verdict_parts_text(&b, "offset", NULL);
    else
        verdict_parts_count(&b, "offset", at->offset);
    return value_map_end(&b, NULL);
}

/* ---- policy ---- */

static const struct value *packs(const struct verdict_parts *p)
{
    struct value_builder list, b;

    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < p->policy->rules.npacks; i++) {
        const struct rule_pack *pack = &p->policy->rules.packs[i];

        value_map_begin(&b, p->arena);
        verdict_parts_text(&b, "id", pack->id);
        verdict_parts_text(&b, "version", pack->version);
        verdict_parts_text(&b, "digest", pack->digest);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *frameworks(const struct verdict_parts *p)
{
    struct value_builder list, b;

    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < p->policy->rules.nframeworks; i++) {
        const struct framework *f = &p->policy->rules.frameworks[i];

        value_map_begin(&b, p->arena);
        verdict_parts_text(&b, "id", f->id);
        verdict_parts_text(&b, "title", f->title);
        verdict_parts_text(&b, "version", f->version);
        verdict_parts_text(&b, "digest", f->digest);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *names(const char *const *list, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        value_list_add(&b, value_bytes(a, slice_str(list[i]), NULL));
    return value_list_end(&b, NULL);
}

void verdict_parts_policy(const struct verdict_parts *p, struct value_builder *doc)
{
    struct value_builder b;
    uint64_t selected = 0;

    for (size_t i = 0; i < p->policy->rules.n; i++)
        selected += p->policy->rules.items[i].selected;
    value_map_begin(&b, p->arena);
    verdict_parts_text(&b, "digest", p->policy->digest);
    value_map_add(&b, "profiles", names(p->policy->profiles, p->arena));
    value_map_add(&b, "packs", packs(p));
    value_map_add(&b, "frameworks", frameworks(p));
    verdict_parts_count(&b, "rules_selected", selected);
    value_map_add(doc, "policy", value_map_end(&b, NULL));
}

/* ---- facts ---- */

static const struct value *subjects(const struct verdict_parts *p)
{
    struct value_builder list, b;

    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < p->facts->nsubjects; i++) {
        const struct subject *s = &p->facts->subjects[i];

        value_map_begin(&b, p->arena);
        verdict_parts_text(&b, "name", s->name);
        verdict_parts_text(&b, "kind", s->kind);
        verdict_parts_text(&b, "uri", s->uri);
        verdict_parts_text(&b, "digest", s->digest);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static const struct value *totals(const struct verdict_parts *p)
{
    struct coverage t = {0};
    struct value_builder b;
    uint64_t gaps = 0, ignored = 0;

    for (size_t i = 0; i < p->facts->ncoverage; i++) {
        const struct coverage *c = &p->facts->coverage[i];

        t.bytes = sum(t.bytes, c->bytes);
        t.parsed = sum(t.parsed, c->parsed);
        t.scanned = sum(t.scanned, c->scanned);
        t.opaque = sum(t.opaque, c->opaque);
        if (c->status == COVERAGE_IGNORED) /* not asked for, and said so */
            ignored = sum(ignored, c->unread);
        else
            t.unread = sum(t.unread, c->unread);
        gaps += verdict_reasons_gap(c);
    }
    value_map_begin(&b, p->arena);
    verdict_parts_count(&b, "bytes", t.bytes);
    verdict_parts_count(&b, "parsed", t.parsed);
    verdict_parts_count(&b, "scanned", t.scanned);
    verdict_parts_count(&b, "opaque", t.opaque);
    verdict_parts_count(&b, "unread", t.unread);
    verdict_parts_count(&b, "ignored", ignored);
    verdict_parts_count(&b, "gaps", gaps);
    return value_map_end(&b, NULL);
}

static const struct value *notices(const struct verdict_parts *p)
{
    struct value_builder list, b;

    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < p->facts->nnotices; i++) {
        const struct notice *n = &p->facts->notices[i];

        value_map_begin(&b, p->arena);
        verdict_parts_text(&b, "subject", n->subject);
        value_map_add(&b, "location", verdict_parts_location(&n->at, p->arena));
        verdict_parts_text(&b, "text", n->text);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *make_line(void *ctx, size_t i, struct arena *a)
{
    const struct facts *facts = *(const struct facts *const *)ctx;

    return facts_coverage_value(&facts->coverage[i], a);
}

struct value_rows verdict_parts_facts(const struct verdict_parts *p, struct value_builder *doc)
{
    const struct facts **of = ARENA_NEW(p->arena, const struct facts *);
    struct value_builder ledger;

    *of = p->facts;
    value_map_add(doc, "subjects", subjects(p));
    value_list_begin(&ledger, p->arena);
    value_map_add(doc, "coverage", value_list_end(&ledger, NULL));
    value_map_add(doc, "coverage_totals", totals(p));
    value_map_add(doc, "notices", notices(p));
    return (struct value_rows){"coverage", p->facts->ncoverage, make_line, of};
}

/* ---- waivers ---- */

void verdict_parts_accepted(struct value_builder *b, const struct waiver *w)
{
    char when[WHEN_TEXT_MAX];

    when_text(w->expires, when);
    verdict_parts_text(b, "owner", w->owner);
    verdict_parts_text(b, "reason", w->reason);
    verdict_parts_text(b, "approver", w->approver);
    verdict_parts_text(b, "ticket", w->ticket);
    value_map_lend(b, "expires", value_str(b->arena, when));
    verdict_parts_text(b, "file", w->file);
    verdict_parts_count(b, "line", w->line);
}

static const struct value *waiver(const struct waiver *w, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    verdict_parts_text(&b, "rule", w->rule);
    verdict_parts_text(&b, "resource", w->resource);
    verdict_parts_text(&b, "subject", w->subject);
    verdict_parts_accepted(&b, w);
    verdict_parts_count(&b, "used", w->used);
    return value_map_end(&b, NULL);
}

enum waiver_state { APPLIED, STALE, EXPIRED };

static enum waiver_state state_of(const struct waiver *w)
{
    if (w->expired)
        return EXPIRED;
    return w->used > 0 ? APPLIED : STALE;
}

static const struct value *waivers_in(const struct verdict_parts *p, enum waiver_state state)
{
    struct value_builder list;

    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < p->findings->nwaivers; i++)
        if (state_of(&p->findings->waivers[i]) == state)
            value_list_add(&list, waiver(&p->findings->waivers[i], p->arena));
    return value_list_end(&list, NULL);
}

void verdict_parts_waivers(const struct verdict_parts *p, struct value_builder *doc)
{
    struct value_builder b;

    value_map_begin(&b, p->arena);
    value_map_add(&b, "applied", waivers_in(p, APPLIED));
    value_map_add(&b, "stale", waivers_in(p, STALE));
    value_map_add(&b, "expired", waivers_in(p, EXPIRED));
    value_map_add(doc, "waivers", value_map_end(&b, NULL));
}
