#include "gate/iam_source.h"

#include <string.h>

#include "gate/iam_verb.h"
#include "gate/say.h"

void iam_source_init(struct iam_source *s)
{
    memset(s, 0, sizeof(*s));
    run_init(&s->run);
}

void iam_source_release(struct iam_source *s)
{
    run_release(&s->run);
}

static void note_gaps(struct iam_source *s)
{
    const struct facts *f = &s->run.scan.facts;

    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (c->status != COVERAGE_PARTIAL && c->status != COVERAGE_UNREADABLE)
            continue;
        s->partial = true;
        say_note("%s: %s", c->input, c->reason != NULL ? c->reason : "could not all be read");
    }
}

bool iam_source_scan(struct iam_source *s, const char *const *paths, struct err *e)
{
    struct gate_config c;

    gate_config_init(&c);
    for (size_t i = 0; paths[i] != NULL; i++)
        gate_config_subject(&c, "config", paths[i], "", &s->run.arena);
    if (!run_facts(&s->run, &c, e))
        return false;
    note_gaps(s);
    iam_account_read(&s->run.scan.facts, &s->run.arena, &s->account);
    return true;
}

bool iam_source_read(struct iam_source *s, const char *const *paths, struct err *e)
{
    if (!iam_source_scan(s, paths, e))
        return false;
    if (s->account.n == 0 && !s->partial)
        return err_fail(e, ERR_USAGE, "%s: no role, user, group or policy in it", paths[0]);
    return true;
}

static bool named(const struct iam_party *p, const char *name)
{
    return slice_is(p->name, name) || slice_is(p->arn, name) || strcmp(p->address, name) == 0;
}

bool iam_source_party(const struct iam_source *s, const char *name, const struct iam_party **out,
                      struct err *e)
{
    const char *near = "";

    for (size_t i = 0; i < s->account.n; i++) {
        const struct iam_party *p = &s->account.parties[i];

        if (named(p, name)) {
            *out = p;
            return true;
        }
        near = p->address;
    }
    return err_fail(e, ERR_USAGE, "no role, user or group '%s' there; %zu others are, such as '%s'",
                    name, s->account.n, near);
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
