#include "gate/iam_source.h"

#include <string.h>

#include "base/nearest.h"
#include "base/place.h"
#include "gate/iam_verb.h"
#include "gate/say.h"
#include "policies/iam/document/iam_template.h"

#define NAMES_MAX 1000 /* addresses that a misspelt one is held against */

/* "plans/a.json:12" */
static const char *place(const struct coverage *c, struct arena *a)
{
    const struct slice below =
        place_below(slice_str(c->input), c->path != NULL ? slice_str(c->path) : (struct slice){0});
    const char *text = below.len > 0 ? arena_printf(a, "%s/%.*s", c->input, (int)below.len,
                                                    (const char *)below.data)
                                     : c->input;

    return c->line > 0 ? arena_printf(a, "%s:%u", text, c->line) : text;
}

static void note_gaps(const struct facts *f, struct iam_source *s, struct arena *a)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (c->status != COVERAGE_PARTIAL && c->status != COVERAGE_UNREADABLE)
            continue;
        s->partial = true;
        say_note("%s: %s", place(c, a), c->reason != NULL ? c->reason : "could not all be read");
    }
}

/* What is not there, or cannot be opened, is the operator's mistake. */
static bool all_there(const struct facts *f, struct err *e)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (c->status == COVERAGE_UNREADABLE && c->path == NULL && c->code != NULL &&
            strcmp(c->code, err_code_name(ERR_IO)) == 0)
            return err_fail(e, ERR_USAGE, "%s: %s", c->input, c->reason);
    }
    return true;
}

static bool scan(struct run *r, const char *const *paths, bool before, struct iam_source *out,
                 struct err *e)
{
    struct gate_config c;

    *out = (struct iam_source){.partial = false};
    gate_config_init(&c);
    c.before = before;
    for (size_t i = 0; paths[i] != NULL; i++)
        gate_config_subject(&c, "config", paths[i], "", &r->arena);
    if (!run_facts(r, &c, e))
        return false;
    if (!all_there(&r->scan.facts, e))
        return false;
    note_gaps(&r->scan.facts, out, &r->arena);
    iam_account_read(&r->scan.facts, &r->arena, &out->account);
    return true;
}

bool iam_source_scan(struct run *r, const char *const *paths, struct iam_source *out, struct err *e)
{
    return scan(r, paths, false, out, e);
}

bool iam_source_before(struct run *r, const char *const *paths, struct iam_source *out,
                       struct err *e)
{
    if (!scan(r, paths, true, out, e))
        return false;
    for (size_t i = 0; i < r->scan.facts.nfacts; i++)
        if (strcmp(r->scan.facts.facts[i].type, "terraform.plan") == 0)
            return true;
    return out->partial || err_fail(e, ERR_USAGE,
                                    "%s: no Terraform plan, which tells what was before: give two "
                                    "documents, OLD and NEW",
                                    paths[0]);
}

bool iam_source_read(struct run *r, const char *const *paths, struct iam_source *out, struct err *e)
{
    if (!iam_source_scan(r, paths, out, e))
        return false;
    if (out->account.n == 0 && !out->partial)
        return err_fail(e, ERR_USAGE, "%s: no role, user, group or policy in it", paths[0]);
    return true;
}

bool iam_source_named(const struct iam_party *p, const char *name)
{
    return slice_is(p->name, name) || slice_is(p->arn, name) || strcmp(p->address, name) == 0;
}

bool iam_source_party(const struct iam_source *s, const char *name, const struct iam_party **out,
                      struct err *e)
{
    for (size_t i = 0; i < s->account.n; i++)
        if (iam_source_named(&s->account.parties[i], name)) {
            *out = &s->account.parties[i];
            return true;
        }
    return iam_source_stranger(s, "role, user or group", name, e);
}

bool iam_source_stranger(const struct iam_source *s, const char *what, const char *name,
                         struct err *e)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    const size_t n = s->account.n;
    char hint[NEAREST_HINT_MAX];

    if (n == 0)
        return err_fail(e, ERR_USAGE, "no %s '%s' there, nor any other", what, name);
    for (size_t i = 0; i < n && i < NAMES_MAX; i++)
        names[i] = s->account.parties[i].address;
    if (nearest_hint(slice_str(name), names, hint)[0] != '\0')
        return err_fail(e, ERR_USAGE, "no %s '%s' there%s", what, name, hint);
    return err_fail(e, ERR_USAGE, "no %s '%s' there; %zu other%s, such as '%s'", what, name, n,
                    n == 1 ? "" : "s", s->account.parties[n - 1].address);
}

/* ---- what is not known ---- */

/* Does the document, or a part of it, wait for something that nobody knows yet? */
static const struct value_gap *gap_in(const struct value *v)
{
    const struct value_gap *found = NULL;

    if (value_is(v, VALUE_UNKNOWN))
        return v->as.gap;
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v) && found == NULL; i++)
        found = gap_in(value_item(v, i));
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_len(v) && found == NULL; i++)
        found = gap_in(v->as.members[i].value);
    return found;
}

static void note_policy(const struct fact *f)
{
    const struct value_gap *gap = gap_in(value_get(f->attributes, "document"));

    if (gap == NULL)
        return;
    say_note("%s:%u: %s is not all known: %.*s%s%.*s", f->at.input, f->at.line, f->address,
             (int)gap->why.len, (const char *)gap->why.data, gap->nrefs > 0 ? ", refers to " : "",
             gap->nrefs > 0 ? (int)gap->refs[0].len : 0,
             gap->nrefs > 0 ? (const char *)gap->refs[0].data : "");
}

static void note_strangers(const struct iam_docs *docs, const char *who)
{
    for (size_t i = 0; i < docs->n; i++)
        if (docs->items[i].unknown && slice_starts(slice_str(docs->items[i].name), "arn:"))
            say_note("%s: %s is attached, and its document is not there", who, docs->items[i].name);
}

void iam_source_note_unknown(const struct iam_party *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->npolicies; i++)
        note_policy(p->policies[i]);
    note_strangers(&p->attached, p->address);
    if (p->boundary != NULL)
        note_strangers(p->boundary, p->address);
    if (p->attached.unknown)
        say_note("%s: what else is attached to it cannot be told", p->address);
    if (p->boundary != NULL && p->boundary->unknown)
        say_note("%s: its permissions boundary is not known", p->address);
}

bool iam_source_docs(const char *const *paths, struct arena *a, struct iam_docs *out, struct err *e)
{
    struct iam_doc *items = NULL;
    size_t n = 0;

    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++) {
        struct iam_doc *d = ARENA_PUSH(a, &items, &n);

        if (!iam_verb_document(paths[i], a, d, e))
            return false;
    }
    *out = (struct iam_docs){items, n, false};
    return true;
}

bool iam_source_from(struct call *c, struct iam_source *out)
{
    return iam_source_read(c->run, options_all(c->o, "from", c->arena), out, c->e);
}

bool iam_source_one(struct call *c, const char *const *files)
{
    const bool from = options_has(c->o, "from");

    if (!from && options_has(c->o, "as"))
        return err_fail(c->e, ERR_USAGE, "--as needs --from PATH: where is it?");
    if (from && files != NULL && files[0] != NULL)
        return err_fail(c->e, ERR_USAGE, "%s: policies are those of --from, or of files, not both",
                        files[0]);
    return true;
}

struct iam_docs iam_source_named_parts(const struct iam_docs *docs, struct arena *a)
{
    struct iam_doc *items = ARENA_ARRAY(a, struct iam_doc, docs->n);

    for (size_t i = 0; i < docs->n; i++)
        items[i] = iam_template_named(&docs->items[i], a);
    return (struct iam_docs){items, docs->n, docs->unknown};
}

struct iam_docs iam_source_told(const struct iam_docs *docs, struct arena *a)
{
    struct iam_doc *items = ARENA_ARRAY(a, struct iam_doc, docs->n);

    for (size_t i = 0; i < docs->n; i++)
        items[i] = iam_template_unknown(&docs->items[i], a);
    return (struct iam_docs){items, docs->n, docs->unknown};
}

bool iam_source_policies(struct call *c, const char *const *files, struct iam_source *s,
                         struct iam_docs *out, const struct iam_party **party)
{
    const char *as = options_get(c->o, "as");

    *party = NULL;
    if (!iam_source_one(c, files))
        return false;
    if (!options_has(c->o, "from"))
        return iam_source_docs(files, c->arena, out, c->e);
    if (as == NULL)
        return err_fail(c->e, ERR_USAGE, "--from needs --as NAME: whose policies?");
    if (!iam_source_from(c, s) || !iam_source_party(s, as, party, c->e))
        return false;
    s->party = *party;
    *out = (*party)->attached;
    return true;
}

bool iam_source_files(struct call *c, const char *option, struct iam_docs *out)
{
    return iam_source_docs(options_all(c->o, option, c->arena), c->arena, out, c->e);
}

struct iam_texts iam_source_texts(const struct call *c, const char *option)
{
    const char *const *all = options_all(c->o, option, c->arena);
    struct slice *items = NULL;
    size_t n = 0;

    for (size_t i = 0; all != NULL && all[i] != NULL; i++)
        *(struct slice *)ARENA_PUSH(c->arena, &items, &n) = slice_str(all[i]);
    return (struct iam_texts){items, n, false};
}
