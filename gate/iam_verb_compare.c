/* iam compare: do the new policies allow anything that the old do not? */
#include <unistd.h>

#include "gate/finish.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"

int iam_verb_compare(int argc, char **argv);
const struct command_option *iam_verb_compare_options(void);

#define OUT_MAX (16u << 20)                /* bytes of an answer */
#define BUDGET_MAX UINT64_C(1000000000000) /* steps: days */

const struct command_option *iam_verb_compare_options(void)
{
    static const struct command_option table[] = {
        {"old", 0, "FILE", "an old policy, beside others", true},
        {"new", 0, "FILE", "a new policy, beside others", true},
        {"as", 0, "NAME", "role, user or group: OLD and NEW are plans, templates or snapshots",
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
    struct iam_source source;
    struct iam_docs docs;
    struct iam_limits limits;
};

struct call {
    const struct options *o;
    struct arena arena;
    struct side old, fresh;
    struct iam_comparison got;
    struct buf *out;
    struct err *e;
};

static bool budget(const struct call *c, uint64_t *out)
{
    const char *text = options_get(c->o, "budget");

    *out = 0;
    for (size_t i = 0; text != NULL && text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9' || *out > BUDGET_MAX)
            return err_fail(c->e, ERR_USAGE, "--budget %s: expected a number of steps", text);
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    }
    return true;
}

/* The operand and whatever the option of that name adds; NULL: nothing at all. */
static const char *const *paths(struct call *c, const struct side *s)
{
    const char *const *more = options_all(c->o, s->name, &c->arena);
    const char **out;
    size_t n = 0;

    while (more != NULL && more[n] != NULL)
        n++;
    out = ARENA_ARRAY(&c->arena, const char *, n + 2);
    n = 0;
    if (s->operand != NULL)
        out[n++] = s->operand;
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        out[n++] = more[i];
    return n > 0 ? out : NULL;
}

/* Who may assume the role. */
static bool trust(struct call *c, struct side *s, const struct iam_party *p)
{
    if (p->trust == NULL)
        return err_fail(c->e, ERR_USAGE, "--trust: '%s' is no role", p->address);
    s->docs = (struct iam_docs){p->trust, 1, false};
    return true;
}

/* The policies of a role, user or group; of the old ones it may not have been there. */
static bool party(struct call *c, struct side *s, const char *const *list)
{
    const char *name = options_get(c->o, "as");
    const struct iam_party *p;
    struct iam_docs *limit;
    struct err e = {0};

    if (!iam_source_read(&s->source, list, c->e))
        return false;
    if (!iam_source_party(&s->source, name, &p, &e)) {
        if (s == &c->fresh) {
            *c->e = e;
            return false;
        }
        say_note("%s: no '%s' in it: compared with nothing", list[0], name);
        return true;
    }
    if (options_has(c->o, "trust"))
        return trust(c, s, p);
    s->docs = p->attached;
    if (p->boundary == NULL)
        return true;
    limit = ARENA_ARRAY(&c->arena, struct iam_docs, 1);
    *limit = *p->boundary;
    s->limits = (struct iam_limits){limit, 1};
    return true;
}

static bool read_side(struct call *c, struct side *s)
{
    const char *const *list = paths(c, s);

    if (list == NULL)
        return err_fail(c->e, ERR_USAGE, "say what is compared: OLD NEW, or --old FILE --new FILE");
    return options_has(c->o, "as") ? party(c, s, list)
                                   : iam_source_docs(list, &c->arena, &s->docs, c->e);
}

/* The boundary of the command line limits both sides, beside what limits them already. */
static bool bound(struct call *c, struct side *s)
{
    struct iam_docs *both = ARENA_ARRAY(&c->arena, struct iam_docs, s->limits.n + 1);

    if (!options_has(c->o, "boundary"))
        return true;
    for (size_t i = 0; i < s->limits.n; i++)
        both[i] = s->limits.items[i];
    if (!iam_source_docs(options_all(c->o, "boundary", &c->arena), &c->arena, &both[s->limits.n],
                         c->e))
        return false;
    s->limits = (struct iam_limits){both, s->limits.n + 1};
    return true;
}

static bool partial(const struct call *c)
{
    return c->old.source.partial || c->fresh.source.partial;
}

static void text(struct call *c)
{
    const bool color = say_color(STDOUT_FILENO);

    if (c->got.wider == IAM_YES) {
        iam_print_word(c->out, "wider", IAM_BAD, color);
        buf_str(c->out, ": the new policies allow what the old do not\n");
        iam_print_example(c->out, &c->got.example, "before");
    } else if (c->got.wider == IAM_NO) {
        iam_print_word(c->out, "not wider", IAM_GOOD, color);
        buf_str(c->out, ": all that the new policies allow, the old do too\n");
    } else {
        iam_print_word(c->out, "could not tell", IAM_UNSURE, color);
        buf_str(c->out, ": ");
        iam_print_text(c->out, slice_str(c->got.unknown));
        buf_u8(c->out, '\n');
    }
}

static void json(struct call *c)
{
    static const char *const words[] = {"no", "unknown", "yes"};
    struct json_out o;

    json_out_init(&o, c->out, JSON_PRETTY);
    json_out_object(&o);
    json_out_kv_str(&o, "schema", "sallyport/iam-compare/v1");
    json_out_kv_str(&o, "wider", words[c->got.wider]);
    json_out_key(&o, "example");
    if (c->got.wider == IAM_YES)
        iam_print_example_json(&o, &c->got.example);
    else
        json_out_null(&o);
    json_out_kv_str(&o, "unknown", c->got.unknown);
    json_out_end_object(&o);
}

static int status_of(const struct call *c)
{
    if (c->got.wider == IAM_MAYBE)
        return EXIT_UNVERIFIABLE;
    return c->got.wider == IAM_NO ? EXIT_ALLOW : EXIT_DENY;
}

static bool ask(struct call *c)
{
    struct iam_compare_options opt = {.known_actions = options_has(c->o, "known-actions"),
                                      .typed_resources = options_has(c->o, "typed-resources")};

    if (c->o->nargs != 0 && c->o->nargs != 2)
        return err_fail(c->e, ERR_USAGE, "two policies are compared, OLD and NEW; found %zu",
                        c->o->nargs);
    if (options_has(c->o, "trust") && !options_has(c->o, "as"))
        return err_fail(c->e, ERR_USAGE, "--trust needs --as NAME: which role?");
    c->old.operand = c->o->nargs > 0 ? c->o->args[0] : NULL;
    c->fresh.operand = c->o->nargs > 0 ? c->o->args[1] : NULL;
    if (!budget(c, &opt.budget) || !read_side(c, &c->old) || !read_side(c, &c->fresh) ||
        !bound(c, &c->old) || !bound(c, &c->fresh))
        return false;
    opt.old_limits = c->old.limits;
    opt.new_limits = c->fresh.limits;
    iam_compare(&c->old.docs, &c->fresh.docs, &opt, &c->arena, &c->got);
    if (partial(c) && c->got.wider != IAM_MAYBE) {
        c->got.wider = IAM_MAYBE;
        c->got.unknown = "not everything could be read";
    }
    if (options_has(c->o, "json"))
        json(c);
    else
        text(c);
    return true;
}

int iam_verb_compare(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {
        .o = &o, .out = &out, .e = &e, .old = {.name = "old"}, .fresh = {.name = "new"}};
    int status;

    arena_init(&c.arena);
    iam_source_init(&c.old.source);
    iam_source_init(&c.fresh.source);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_compare_options()}, &c.arena, &o,
                       &e))
        status = finish_error(&e, "`sallyport help iam compare` explains");
    else if (o.help)
        status = finish_help("iam compare");
    else if (!ask(&c) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = status_of(&c);
    buf_release(&out);
    iam_source_release(&c.old.source);
    iam_source_release(&c.fresh.source);
    arena_release(&c.arena);
    return status;
}
