/* iam escalations: which documented ways lead from these rights to more? */
#include <string.h>

#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/data.h"
#include "gate/iam_escalations_print.h"
#include "gate/iam_paths_page.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/say.h"

int iam_verb_escalations(int argc, char **argv);
const struct command_option *iam_verb_escalations_options(void);

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

struct escalations {
    struct call call;
    struct iam_source source;
    struct iam_paths paths;
    struct iam_escalate *engine;
    size_t asked, clear; /* principals; those without a way to more */
    bool found, unknown;
};

static bool named(const struct escalations *c)
{
    return options_has(c->call.o, "role") || options_has(c->call.o, "user");
}

/* ---- asking ---- */

static void tell(struct escalations *c, const struct iam_party *p)
{
    const struct iam_escalations_style style = {c->call.color, options_has(c->call.o, "all"),
                                                say_width(STDOUT_FILENO)};
    const bool alone = named(c) || c->call.o->nargs > 0;
    struct iam_escalations x;
    bool some;

    iam_escalate_ask(c->engine, p, &x);
    some = x.admin || x.nchains > 0 ||
           iam_escalations_print_count(&x, IAM_CONFIRMED, IAM_YES) > 0 ||
           iam_escalations_print_count(&x, IAM_POSSIBLE, IAM_YES) > 0;
    c->asked++;
    c->found = c->found || some;
    c->unknown = c->unknown || x.unknown;
    if (x.unknown)
        iam_source_note_unknown(p);
    if (options_has(c->call.o, "json")) {
        iam_escalations_print_json(c->call.json, p, &x);
        return;
    }
    if (!alone && x.n == 0 && !some && !x.unknown && !style.all) {
        c->clear++;
        return;
    }
    iam_escalations_print(c->call.out, p, &x, &style);
    buf_u8(c->call.out, '\n');
}

/* Whoever has the policies that were given. */
static bool made_up(struct escalations *c, struct iam_party *p)
{
    struct iam_docs *boundary = ARENA_NEW(c->call.arena, struct iam_docs);
    const char *name = options_get(c->call.o, options_has(c->call.o, "user") ? "user" : "role");
    static const struct slice any[] = {SLICE_INIT("policy/*")};

    *p = (struct iam_party){.kind = options_has(c->call.o, "user")   ? IAM_ENTITY_USER
                                    : options_has(c->call.o, "role") ? IAM_ENTITY_ROLE
                                                                     : IAM_ENTITY_FILE,
                            .address = c->call.o->args[0],
                            .name = slice_str(name),
                            .managed = {any, 1, false}};
    if (!iam_source_docs(c->call.o->args, c->call.arena, &p->attached, c->call.e))
        return false;
    p->attached = iam_source_told(&p->attached, c->call.arena);
    if (options_has(c->call.o, "boundary"))
        p->boundary = boundary;
    if (!iam_source_files(&c->call, "boundary", boundary))
        return false;
    *boundary = iam_source_told(boundary, c->call.arena);
    return true;
}

static bool is_wanted(const struct escalations *c, const struct iam_party *p)
{
    const enum iam_entity kind = options_has(c->call.o, "user") ? IAM_ENTITY_USER : IAM_ENTITY_ROLE;
    const char *name = options_get(c->call.o, kind == IAM_ENTITY_USER ? "user" : "role");

    if (!named(c))
        return p->kind == IAM_ENTITY_USER || p->kind == IAM_ENTITY_ROLE ||
               (p->kind == IAM_ENTITY_FILE && p->trust == NULL);
    return p->kind == kind && iam_source_named(p, name);
}

static bool everybody(struct escalations *c)
{
    const struct iam_account *acc = &c->source.account;
    const char *kind = options_has(c->call.o, "user") ? "user" : "role";

    for (size_t i = 0; i < acc->n; i++)
        if (is_wanted(c, &acc->parties[i]))
            tell(c, &acc->parties[i]);
    if (c->asked > 0)
        return true;
    return named(c) ? iam_source_stranger(&c->source, kind, options_get(c->call.o, kind), c->call.e)
                    : err_fail(c->call.e, ERR_USAGE, "no user, role or policy there");
}

static bool ask_all(struct escalations *c)
{
    const bool from = options_has(c->call.o, "from"), json = options_has(c->call.o, "json");
    struct iam_escalate_input in = {.paths = &c->paths};
    struct gate_config config;
    struct iam_party *p = ARENA_NEW(c->call.arena, struct iam_party);

    if (c->call.o->nargs == 0 && !from)
        return err_fail(c->call.e, ERR_USAGE, "name a policy file, or --from PATH");
    if (options_has(c->call.o, "role") && options_has(c->call.o, "user"))
        return err_fail(c->call.e, ERR_USAGE, "--role or --user, not both");
    if (options_has(c->call.o, "boundary") && c->call.o->nargs == 0)
        return err_fail(c->call.e, ERR_USAGE, "--boundary is of POLICY; --from brings its own");
    gate_config_init(&config);
    in.now = config.now;
    if (!common_options_time(c->call.o, &in.now, c->call.e))
        return false;
    if (from && !iam_source_from(&c->call, &c->source))
        return false;
    if (from)
        in.account = &c->source.account;
    c->engine = iam_escalate_new(&in, c->call.arena);
    if (json) {
        json_out_kv_bool(call_json(&c->call, "sallyport/iam-escalations/v1"), "partial",
                         c->source.partial);
        json_out_key(c->call.json, "principals");
        json_out_array(c->call.json);
    }
    if (c->call.o->nargs > 0 ? !made_up(c, p) : !everybody(c))
        return false;
    if (c->call.o->nargs > 0)
        tell(c, p);
    if (json) {
        json_out_end_array(c->call.json);
        json_out_end_object(c->call.json);
    } else if (c->clear > 0) {
        buf_printf(c->call.out, "%zu of %zu principals: no way to more\n", c->clear, c->asked);
    }
    call_answer(&c->call, c->found, c->unknown || c->source.partial);
    return true;
}

static void list(struct escalations *c)
{
    for (size_t i = 0; i < c->paths.n; i++)
        buf_printf(c->call.out, "%-38s %-17s %s\n", c->paths.items[i].id,
                   c->paths.items[i].category->name, c->paths.items[i].title);
}

static void list_json(struct escalations *c)
{
    struct json_out *o = call_json(&c->call, "sallyport/iam-escalation-paths/v1");

    json_out_key(o, "paths");
    json_out_array(o);
    for (size_t i = 0; i < c->paths.n; i++) {
        const struct iam_path *p = &c->paths.items[i];

        json_out_object(o);
        json_out_kv_str(o, "id", p->id);
        json_out_kv_str(o, "category", p->category->name);
        json_out_kv_str(o, "title", p->title);
        json_out_kv_str(o, "gain", p->gain);
        json_out_kv_str(o, "break", p->cut);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static bool ask(struct call *call)
{
    struct escalations *c = (struct escalations *)call;

    if (options_has(call->o, "page") && options_has(call->o, "json"))
        return err_fail(call->e, ERR_USAGE, "--page is Markdown; --list takes --json");
    if (!data_escalations(options_get(call->o, "rules"), call->arena, &c->paths, call->e))
        return false;
    if (options_has(call->o, "page"))
        iam_paths_page(&c->paths, call->out);
    else if (options_has(call->o, "list"))
        (options_has(call->o, "json") ? list_json : list)(c);
    else
        return ask_all(c);
    return true;
}

int iam_verb_escalations(int argc, char **argv)
{
    static const struct call_verb verb = {"iam escalations", iam_verb_escalations_options, NULL,
                                          ask};
    struct escalations c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
