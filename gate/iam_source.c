#include "gate/iam_source.h"

#include <string.h>

#include "gate/iam_verb.h"
#include "gate/say.h"

static void note_gaps(const struct facts *f, struct iam_source *s)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (c->status != COVERAGE_PARTIAL && c->status != COVERAGE_UNREADABLE)
            continue;
        s->partial = true;
        say_note("%s: %s", c->input, c->reason != NULL ? c->reason : "could not all be read");
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

bool iam_source_scan(struct run *r, const char *const *paths, struct iam_source *out, struct err *e)
{
    struct gate_config c;

    *out = (struct iam_source){.partial = false};
    gate_config_init(&c);
    for (size_t i = 0; paths[i] != NULL; i++)
        gate_config_subject(&c, "config", paths[i], "", &r->arena);
    if (!run_facts(r, &c, e))
        return false;
    if (!all_there(&r->scan.facts, e))
        return false;
    note_gaps(&r->scan.facts, out);
    iam_account_read(&r->scan.facts, &r->arena, &out->account);
    return true;
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
    const char *near = "";

    for (size_t i = 0; i < s->account.n; i++) {
        const struct iam_party *p = &s->account.parties[i];

        if (iam_source_named(p, name)) {
            *out = p;
            return true;
        }
        near = p->address;
    }
    if (s->account.n == 0)
        return err_fail(e, ERR_USAGE, "no role, user or group '%s' there, nor any other", name);
    return err_fail(e, ERR_USAGE, "no role, user or group '%s' there; %zu other%s, such as '%s'",
                    name, s->account.n, s->account.n == 1 ? "" : "s", near);
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
