/* iam escalations: which documented ways lead from these rights to more? */
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "gate/data.h"
#include "gate/finish.h"
#include "gate/iam_escalations_print.h"
#include "gate/iam_paths_page.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"

int iam_verb_escalations(int argc, char **argv);
const struct command_option *iam_verb_escalations_options(void);

#define OUT_MAX (256u << 20) /* bytes of an answer */

const struct command_option *iam_verb_escalations_options(void)
{
    static const struct command_option table[] = {
        {"from", 0, "PATH", "a plan, template or account snapshot: who is there to be reached",
         true},
        {"role", 0, "NAME", "this role alone; with POLICY, a role of that name that has them",
         false},
        {"user", 0, "NAME", "this user alone; with POLICY, a user of that name that has them",
         false},
        {"boundary", 0, "FILE", "permissions boundary of whoever has POLICY", true},
        {"all", 0, NULL, "tell every way, target and chain in full", false},
        {"json", 0, NULL, "print JSON", false},
        {"list", 0, NULL, "list the paths that are known", false},
        {"page", 0, NULL, "the same as a page of Markdown", false},
        {"rules", 0, "DIR", "take iam/escalations.yaml from there", false},
        {"effective-time", 0, "TIME", "ask as of this time (RFC 3339)", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct call {
    const struct options *o;
    struct iam_source source;
    struct iam_paths paths;
    struct iam_escalate *engine;
    struct buf *out;
    struct json_out json;
    struct err *e;
    size_t asked, clear; /* principals; those without a way to more */
    bool found, unknown;
};

static struct arena *arena_of(struct call *c)
{
    return &c->source.run.arena;
}

static bool named(const struct call *c)
{
    return options_has(c->o, "role") || options_has(c->o, "user");
}

/* ---- asking ---- */

static bool clock_of(struct call *c, int64_t *now)
{
    const char *text = options_get(c->o, "effective-time");
    struct gate_config config;

    gate_config_init(&config);
    *now = config.now;
    if (text == NULL || when_parse(slice_str(text), now, c->e))
        return true;
    c->e->code = ERR_USAGE;
    return err_in(c->e, "--effective-time %s", text);
}

static void tell(struct call *c, const struct iam_party *p)
{
    const struct iam_escalations_style style = {say_color(STDOUT_FILENO), options_has(c->o, "all")};
    const bool alone = named(c) || c->o->nargs > 0;
    struct iam_escalations x;
    bool some;

    iam_escalate_ask(c->engine, p, &x);
    some = x.admin || x.nchains > 0 ||
           iam_escalations_print_count(&x, IAM_CONFIRMED, IAM_YES) > 0 ||
           iam_escalations_print_count(&x, IAM_POSSIBLE, IAM_YES) > 0;
    c->asked++;
    c->found = c->found || some;
    c->unknown = c->unknown || x.unknown;
    if (options_has(c->o, "json")) {
        iam_escalations_print_json(&c->json, p, &x);
        return;
    }
    if (!alone && x.n == 0 && !some && !x.unknown && !style.all) {
        c->clear++;
        return;
    }
    iam_escalations_print(c->out, p, &x, &style);
    buf_u8(c->out, '\n');
}

/* Whoever has the policies that were given. */
static bool made_up(struct call *c, struct iam_party *p)
{
    const char *const *files = options_all(c->o, "boundary", arena_of(c));
    struct iam_docs *boundary = ARENA_NEW(arena_of(c), struct iam_docs);
    const char *name = options_get(c->o, options_has(c->o, "user") ? "user" : "role");
    static const struct slice any[] = {{(const uint8_t *)"policy/*", 8}};

    *p = (struct iam_party){.kind = options_has(c->o, "user")   ? IAM_ENTITY_USER
                                    : options_has(c->o, "role") ? IAM_ENTITY_ROLE
                                                                : IAM_ENTITY_FILE,
                            .address = c->o->args[0],
                            .name = slice_str(name),
                            .managed = {any, 1, false}};
    if (!iam_source_docs(c->o->args, arena_of(c), &p->attached, c->e))
        return false;
    if (files == NULL || files[0] == NULL)
        return true;
    p->boundary = boundary;
    return iam_source_docs(files, arena_of(c), boundary, c->e);
}

static bool is_wanted(const struct call *c, const struct iam_party *p)
{
    const enum iam_entity kind = options_has(c->o, "user") ? IAM_ENTITY_USER : IAM_ENTITY_ROLE;
    const char *name = options_get(c->o, kind == IAM_ENTITY_USER ? "user" : "role");

    if (!named(c))
        return p->kind == IAM_ENTITY_USER || p->kind == IAM_ENTITY_ROLE ||
               (p->kind == IAM_ENTITY_FILE && p->trust == NULL);
    return p->kind == kind &&
           (slice_is(p->name, name) || slice_is(p->arn, name) || strcmp(p->address, name) == 0);
}

static bool everybody(struct call *c)
{
    const struct iam_account *acc = &c->source.account;

    for (size_t i = 0; i < acc->n; i++)
        if (is_wanted(c, &acc->parties[i]))
            tell(c, &acc->parties[i]);
    if (c->asked > 0)
        return true;
    return named(c) ? err_fail(c->e, ERR_USAGE, "no %s '%s' there",
                               options_has(c->o, "user") ? "user" : "role",
                               options_get(c->o, options_has(c->o, "user") ? "user" : "role"))
                    : err_fail(c->e, ERR_USAGE, "no user, role or policy there");
}

static bool ask(struct call *c)
{
    const bool from = options_has(c->o, "from"), json = options_has(c->o, "json");
    struct iam_escalate_input in = {.paths = &c->paths};
    struct iam_party *p = ARENA_NEW(arena_of(c), struct iam_party);

    if (c->o->nargs == 0 && !from)
        return err_fail(c->e, ERR_USAGE, "name a policy file, or --from PATH");
    if (options_has(c->o, "role") && options_has(c->o, "user"))
        return err_fail(c->e, ERR_USAGE, "--role or --user, not both");
    if (options_has(c->o, "boundary") && c->o->nargs == 0)
        return err_fail(c->e, ERR_USAGE, "--boundary is of POLICY; --from brings its own");
    if (!clock_of(c, &in.now))
        return false;
    if (from && !iam_source_read(&c->source, options_all(c->o, "from", arena_of(c)), c->e))
        return false;
    if (from)
        in.account = &c->source.account;
    c->engine = iam_escalate_new(&in, arena_of(c));
    if (json) {
        json_out_init(&c->json, c->out, JSON_PRETTY);
        json_out_object(&c->json);
        json_out_kv_str(&c->json, "schema", "sallyport/iam-escalations/v1");
        json_out_kv_bool(&c->json, "partial", c->source.partial);
        json_out_key(&c->json, "principals");
        json_out_array(&c->json);
    }
    if (c->o->nargs > 0 ? !made_up(c, p) : !everybody(c))
        return false;
    if (c->o->nargs > 0)
        tell(c, p);
    if (json) {
        json_out_end_array(&c->json);
        json_out_end_object(&c->json);
    } else if (c->clear > 0) {
        buf_printf(c->out, "%zu of %zu principals: no way to more\n", c->clear, c->asked);
    }
    return true;
}

static void list(struct call *c)
{
    for (size_t i = 0; i < c->paths.n; i++)
        buf_printf(c->out, "%-38s %-17s %s\n", c->paths.items[i].id,
                   c->paths.items[i].category->name, c->paths.items[i].title);
}

static bool answer(struct call *c)
{
    if (!data_escalations(options_get(c->o, "rules"), arena_of(c), &c->paths, c->e))
        return false;
    if (options_has(c->o, "page"))
        iam_paths_page(&c->paths, c->out);
    else if (options_has(c->o, "list"))
        list(c);
    else
        return ask(c);
    return true;
}

static int status_of(const struct call *c)
{
    if (c->found)
        return EXIT_DENY;
    return c->unknown || c->source.partial ? EXIT_UNVERIFIABLE : EXIT_ALLOW;
}

int iam_verb_escalations(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {.o = &o, .out = &out, .e = &e};
    int status;

    iam_source_init(&c.source);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_escalations_options()},
                       arena_of(&c), &o, &e))
        status = finish_error(&e, "`sallyport help iam escalations` explains");
    else if (o.help)
        status = finish_help("iam escalations");
    else if (!answer(&c) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = status_of(&c);
    buf_release(&out);
    iam_source_release(&c.source);
    return status;
}
