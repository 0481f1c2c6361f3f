#ifndef TESTS_LIB_IAM_TOLD_H
#define TESTS_LIB_IAM_TOLD_H
/*
 * What the built-in table of escalations says of one principal, a word for each way: its id, `!`
 * for confirmed or `?` for possible, `~` when something unknown stands in the way, and who is
 * reached: `*` an administrator, `+` more, `~` perhaps more. Then chains, and whether there may be
 * others.
 */
#include <stdio.h>
#include <string.h>

#include "policies/builtin.h"
#include "policies/iam/escalate/iam_escalate.h"
#include "tests/lib/cases.h"
#include "tests/lib/config_told.h"

#define NOW INT64_C(1795687200) /* 2026-11-26 */

struct escalate_case {
    const char *what, *text, *who, *want;
};

/* ---- who is asked about, and what is told ---- */

static void built_in(struct arena *a, struct iam_paths *out)
{
    const struct builtin_file *f = builtin_files;
    const struct schema_doc d = {.file = "built-in", .arena = a, .lean = true};
    const struct value *list;
    struct err e = {0};

    while (strcmp(f->name, "rules/iam/escalations.yaml") != 0)
        f++;
    cr_assert(builtin_documents(f, a, &list, &e) &&
                  iam_paths_read(&d, value_item(list, 0), out, &e),
              "%s", e.text);
}

static void scan(struct facts *f, const char *kind, const char *text)
{
    struct config_text t = {.kind = kind, .bytes = slice_str(text)};
    struct err e = {0};

    cr_assert(config_told(&t, "a", f, &e), "line %u: %s", e.line, e.text);
    facts_sort(f);
}

static const char *name_of(struct arena *a, const struct iam_party *p)
{
    return arena_strndup(a, p->name.len > 0 ? p->name : slice_str(p->address));
}

static inline const char *item(struct arena *a, const struct iam_escalation *x,
                               const struct iam_party *who)
{
    const char *out =
        arena_printf(a, "%s%s%s", x->path->id, x->certainty == IAM_CONFIRMED ? "!" : "?",
                     x->allowed == IAM_YES ? "" : "~");

    for (size_t i = 0; i < x->ntargets; i++) {
        const struct iam_target *t = &x->targets[i];

        if (t->party != who)
            out = arena_printf(a, "%s%s%s%s", out, i == 0 ? ":" : ",", name_of(a, t->party),
                               t->admin               ? "*"
                               : t->more == IAM_YES   ? "+"
                               : t->more == IAM_MAYBE ? "~"
                                                      : "");
    }
    return out;
}

static const char *told(struct arena *a, const struct iam_escalations *x,
                        const struct iam_party *who)
{
    const char *out = x->admin ? "administrator" : "";

    for (size_t i = 0; i < x->n; i++)
        out = arena_printf(a, "%s%s%s", out, out[0] != '\0' ? " " : "", item(a, &x->items[i], who));
    for (size_t i = 0; i < x->nchains; i++) {
        const struct iam_chain *c = &x->chains[i];

        out = arena_printf(a, "%s | %s", out, name_of(a, c->hops[0].from));
        for (size_t k = 0; k < c->n; k++)
            out = arena_printf(a, "%s>%s>%s", out, c->hops[k].path->id, name_of(a, c->hops[k].to));
        if (c->admin)
            out = arena_printf(a, "%s*", out);
    }
    return x->unknown ? arena_printf(a, "%s%sunknown", out, out[0] != '\0' ? " " : "") : out;
}

static const struct iam_party *find(const struct iam_account *acc, const char *who)
{
    for (size_t i = 0; i < acc->n; i++)
        if (slice_is(acc->parties[i].name, who) || strcmp(acc->parties[i].address, who) == 0)
            return &acc->parties[i];
    cr_assert_fail("nobody is called %s", who);
    return NULL;
}

static inline void check(const struct escalate_case *c, const char *kind)
{
    struct iam_account account;
    struct iam_paths paths;
    struct iam_escalate_input in = {.paths = &paths, .account = &account, .now = NOW};
    struct iam_escalations x;
    struct facts f;
    struct arena a;
    const struct iam_party *who;

    arena_init(&a);
    facts_init(&f, &a);
    built_in(&a, &paths);
    scan(&f, kind, c->text);
    iam_account_read(&f, &a, &account);
    who = find(&account, c->who);
    iam_escalate_ask(iam_escalate_new(&in, &a), who, &x);
    cr_expect_str_eq(told(&a, &x, who), c->want, "%s: got '%s'", c->what, told(&a, &x, who));
    arena_release(&a);
}
#endif
