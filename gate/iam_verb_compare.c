/* iam compare: do the new policies allow anything that the old do not? */

#include "gate/call.h"
#include "gate/iam_answer.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/say.h"

int iam_verb_compare(int argc, char **argv);
const struct command_option *iam_verb_compare_options(void);

#define BUDGET_MAX UINT64_C(1000000000000) /* steps: days */

const struct command_option *iam_verb_compare_options(void)
{
    static const struct command_option table[] = {
        {"old", 0, "FILE", "an old policy, beside others", true},
        {"new", 0, "FILE", "a new policy, beside others", true},
        {"as", 0, "NAME",
         "role, user or group: OLD and NEW are plans, templates or snapshots; one plan is compared "
         "with what is there before it",
         false},
        {"trust", 0, NULL, "with --as: who may assume the role, not what it may do", false},
        {"boundary", 0, "FILE", "what must allow a request besides, before and after", true},
        {"known-actions", 0, NULL, "leave out actions that AWS may add", false},
        {"typed-resources", 0, NULL, "ask an action only on resources of its types", false},
        {"budget", 0, "N", "steps of the search (default 2000000)", false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

/* What is on one side. */
struct side {
    const char *name; /* of the option: "old", "new" */
    const char *operand;
    bool before; /* of the plan that both sides are of */
    struct run run;
    struct iam_source source;
    struct iam_docs docs;
    struct iam_limits limits;
};

struct compare {
    struct call call;
    struct side old, fresh;
    struct iam_comparison got;
};

static bool budget(const struct compare *c, uint64_t *out)
{
    const char *text = options_get(c->call.o, "budget");

    *out = 0;
    for (size_t i = 0; text != NULL && text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9' || *out > BUDGET_MAX)
            return err_fail(c->call.e, ERR_USAGE, "--budget %s: expected a number of steps", text);
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    }
    return true;
}

/* The operand and whatever the option of that name adds; NULL: nothing at all. */
static const char *const *paths(struct compare *c, const struct side *s)
{
    const char *const *more = options_all(c->call.o, s->name, c->call.arena);
    const char **out;
    size_t n = 0;

    while (more != NULL && more[n] != NULL)
        n++;
    out = ARENA_ARRAY(c->call.arena, const char *, n + 2);
    n = 0;
    if (s->operand != NULL)
        out[n++] = s->operand;
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        out[n++] = more[i];
    return n > 0 ? out : NULL;
}

/* Who may assume the role. */
static bool trust(struct compare *c, struct side *s, const struct iam_party *p)
{
    if (p->trust == NULL)
        return err_fail(c->call.e, ERR_USAGE, "--trust: '%s' is no role", p->address);
    s->docs = (struct iam_docs){p->trust, 1, false};
    return true;
}

/* Of the old policies it may not have been there, nor stay there after a plan. */
static bool not_there(const struct compare *c, const struct side *s, const char *path)
{
    const char *name = options_get(c->call.o, "as");
    const bool one = c->old.before;

    if (s == &c->fresh && (!one || c->old.source.party == NULL))
        return false;
    say_note("%s: no '%s' in it%s: compared with nothing", path, name,
             !one           ? ""
             : s == &c->old ? " before it is applied"
                            : " after it is applied");
    return true;
}

/* The policies of a role, user or group. */
static bool party(struct compare *c, struct side *s, const char *const *list)
{
    const char *name = options_get(c->call.o, "as");
    bool (*const read)(struct run *, const char *const *, struct iam_source *, struct err *) =
        s->before       ? iam_source_before
        : c->old.before ? iam_source_scan
                        : iam_source_read;
    const struct iam_party *p;
    struct iam_docs *limit;
    struct err e = {0};

    if (!read(&s->run, list, &s->source, c->call.e))
        return false;
    if (!iam_source_party(&s->source, name, &p, &e)) {
        if (not_there(c, s, list[0]))
            return true;
        *c->call.e = e;
        return false;
    }
    s->source.party = p;
    if (options_has(c->call.o, "trust"))
        return trust(c, s, p);
    s->docs = p->attached;
    if (p->boundary == NULL)
        return true;
    limit = ARENA_ARRAY(c->call.arena, struct iam_docs, 1);
    *limit = *p->boundary;
    s->limits = (struct iam_limits){limit, 1};
    return true;
}

static bool read_side(struct compare *c, struct side *s)
{
    const char *const *list = paths(c, s);

    if (list == NULL)
        return err_fail(c->call.e, ERR_USAGE,
                        "say what is compared: OLD NEW, or --old FILE --new FILE");
    return options_has(c->call.o, "as") ? party(c, s, list)
                                        : iam_source_docs(list, c->call.arena, &s->docs, c->call.e);
}

/* The boundary of the command line limits both sides, beside what limits them already. */
static bool bound(struct compare *c, struct side *s)
{
    struct iam_docs *both = ARENA_ARRAY(c->call.arena, struct iam_docs, s->limits.n + 1);

    if (!options_has(c->call.o, "boundary"))
        return true;
    for (size_t i = 0; i < s->limits.n; i++)
        both[i] = s->limits.items[i];
    if (!iam_source_files(&c->call, "boundary", &both[s->limits.n]))
        return false;
    s->limits = (struct iam_limits){both, s->limits.n + 1};
    return true;
}

static bool partial(const struct compare *c)
{
    return c->old.source.partial || c->fresh.source.partial;
}

/* OLD and NEW, or one plan with --as. */
static bool operands(struct compare *c)
{
    const struct options *o = c->call.o;
    const bool as = options_has(o, "as"), one = o->nargs == 1;

    if (one && !as)
        return err_fail(c->call.e, ERR_USAGE,
                        "two policies are compared, OLD and NEW; found 1 (--as NAME compares a "
                        "plan with what is there before it)");
    if (one && (options_has(o, "old") || options_has(o, "new")))
        return err_fail(c->call.e, ERR_USAGE, "one plan, or --old and --new; not both");
    if (o->nargs > 2)
        return err_fail(c->call.e, ERR_USAGE, "two policies are compared, OLD and NEW; found %zu",
                        o->nargs);
    if (options_has(o, "trust") && !as)
        return err_fail(c->call.e, ERR_USAGE, "--trust needs --as NAME: which role?");
    c->old.before = one;
    c->old.operand = o->nargs > 0 ? o->args[0] : NULL;
    c->fresh.operand = o->nargs > 0 ? o->args[o->nargs - 1] : NULL;
    return true;
}

static struct iam_limits named(const struct iam_limits *l, struct arena *a)
{
    struct iam_docs *items = ARENA_ARRAY(a, struct iam_docs, l->n);

    for (size_t i = 0; i < l->n; i++)
        items[i] = iam_source_named_parts(&l->items[i], a);
    return (struct iam_limits){items, l->n};
}

/* Taken as they stand, texts that a template has still to fill in match nothing: "not wider" must
 * hold for things that have those names, too. */
static void fill_in(struct compare *c, const struct iam_compare_options *opt)
{
    struct arena *a = c->call.arena;
    struct iam_compare_options filled = *opt;
    const struct iam_docs old = iam_source_named_parts(&c->old.docs, a);
    const struct iam_docs fresh = iam_source_named_parts(&c->fresh.docs, a);
    struct iam_comparison got;

    filled.old_limits = named(&opt->old_limits, a);
    filled.new_limits = named(&opt->new_limits, a);
    iam_compare(&old, &fresh, &filled, a, &got);
    if (got.wider == IAM_NO)
        return;
    c->got.wider = IAM_MAYBE;
    c->got.unknown = "it hangs on what a template has still to fill in";
}

static bool ask(struct call *call)
{
    struct compare *c = (struct compare *)call;
    static const struct iam_answer_form form = {
        "sallyport/iam-compare/v1",
        "wider",
        {"wider", "the new policies allow what the old do not", "not wider",
         "all that the new policies allow, the old do too", "before"}};
    struct iam_compare_options opt = {.known_actions = options_has(c->call.o, "known-actions"),
                                      .typed_resources = options_has(c->call.o, "typed-resources")};

    if (!operands(c) || !budget(c, &opt.budget) || !read_side(c, &c->old) ||
        !read_side(c, &c->fresh) || !bound(c, &c->old) || !bound(c, &c->fresh))
        return false;
    opt.old_limits = c->old.limits;
    opt.new_limits = c->fresh.limits;
    iam_compare(&c->old.docs, &c->fresh.docs, &opt, c->call.arena, &c->got);
    if (c->got.wider == IAM_NO)
        fill_in(c, &opt);
    if (partial(c) && c->got.wider != IAM_MAYBE) {
        c->got.wider = IAM_MAYBE;
        c->got.unknown = "not everything could be read";
    }
    if (c->got.wider == IAM_MAYBE) {
        iam_source_note_unknown(c->old.source.party);
        iam_source_note_unknown(c->fresh.source.party);
    }
    iam_answer_comparison(call, &form, &c->got);
    return true;
}

int iam_verb_compare(int argc, char **argv)
{
    static const struct call_verb verb = {"iam compare", iam_verb_compare_options, NULL, ask};
    struct compare c = {.old = {.name = "old"}, .fresh = {.name = "new"}};
    int status;

    run_init(&c.old.run);
    run_init(&c.fresh.run);
    status = call_run(&c.call, &verb, argc, argv);
    run_release(&c.old.run);
    run_release(&c.fresh.run);
    return status;
}
