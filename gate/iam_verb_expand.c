/* iam expand: which actions do these policies allow? */
#include <string.h>

#include "gate/call.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/say.h"
#include "policies/iam/evaluate/iam_expand.h"

int iam_verb_expand(int argc, char **argv);
const struct command_option *iam_verb_expand_options(void);

#define WIDTH 92 /* columns of a list of names, where the terminal has as many */

const struct command_option *iam_verb_expand_options(void)
{
    static const struct command_option table[] = {
        {"from", 0, "PATH", "take the policies of --as from a plan, template or snapshot", true},
        {"as", 0, "NAME", "role, user or group of --from", false},
        {"boundary", 0, "FILE", "permissions boundary, in place of that of --as", true},
        {"service", 0, "PREFIX", "only this service", false},
        {"level", 0, "LEVEL", "only list, read, write, tagging or permissions", true},
        {"names", 0, NULL, "tell what became of each name that the policies list", false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct expand {
    struct call call;
    struct iam_source source;
    struct iam_docs docs;
    struct iam_expansion found;
    bool bounded;
    size_t outside; /* actions that the boundary takes away */
    size_t width;   /* columns */
};

static bool wanted(const struct expand *c, const struct iam_action *x)
{
    const char *service = options_get(c->call.o, "service");
    const char *level = options_get(c->call.o, "level");
    bool any = level == NULL;

    if (service != NULL && !iam_glob_same(x->service, slice_str(service)))
        return false;
    for (size_t i = 0; i < c->call.o->nvalues && !any; i++)
        if (strcmp(c->call.o->values[i].option->name, "level") == 0)
            any = strcmp(c->call.o->values[i].text, iam_actions_level(x->level)) == 0;
    return any;
}

static bool check_service(const struct expand *c)
{
    const char *service = options_get(c->call.o, "service");
    size_t first, n;

    return service == NULL || iam_actions_service(slice_str(service), &first, &n) ||
           err_fail(c->call.e, ERR_USAGE,
                    "--service %s: no service that this version knows; "
                    "expected the prefix of its actions, such as s3",
                    service);
}

static bool check_level(const struct expand *c)
{
    for (size_t i = 0; i < c->call.o->nvalues; i++) {
        const char *text = c->call.o->values[i].text;
        bool known = strcmp(c->call.o->values[i].option->name, "level") != 0;

        for (unsigned k = IAM_LIST; k <= IAM_PERMISSIONS && !known; k++)
            known = strcmp(text, iam_actions_level((enum iam_level_of)k)) == 0;
        if (!known)
            return err_fail(c->call.e, ERR_USAGE,
                            "--level %s: list, read, write, tagging or permissions", text);
    }
    return true;
}

/* Names of one service and level, as many to a line as fit; '~' behind those that are limited. */
static size_t names(struct expand *c, size_t from, size_t to, enum iam_level_of level)
{
    size_t column = 0, n = 0;

    for (size_t i = from; i < to; i++) {
        const struct iam_action x = iam_actions_at(c->found.allowed[i].action);
        const size_t len = x.name.len + !c->found.allowed[i].plain;

        if (x.level != level || !wanted(c, &x))
            continue;
        if (n++ == 0)
            column = (size_t)14;
        if (n == 1)
            buf_printf(c->call.out, "  %-11s ", iam_actions_level(level));
        else if (column + len + 3 > c->width)
            buf_printf(c->call.out, ",\n%14s", ""), column = 14;
        else
            buf_str(c->call.out, ", "), column += 2;
        buf_put(c->call.out, x.name);
        buf_str(c->call.out, c->found.allowed[i].plain ? "" : "~");
        column += len;
    }
    buf_str(c->call.out, n > 0 ? "\n" : "");
    return n;
}

static void services(struct expand *c)
{
    for (size_t i = 0, end; i < c->found.n; i = end) {
        const struct slice service = iam_actions_at(c->found.allowed[i].action).service;
        size_t n = 0;

        end = i;
        while (end < c->found.n &&
               slice_eq(iam_actions_at(c->found.allowed[end].action).service, service)) {
            const struct iam_action x = iam_actions_at(c->found.allowed[end++].action);

            n += wanted(c, &x);
        }
        if (n == 0)
            continue;
        buf_put(c->call.out, service);
        buf_str(c->call.out, ": ");
        buf_count(c->call.out, n, "action");
        buf_u8(c->call.out, '\n');
        for (unsigned level = IAM_PERMISSIONS + 1; level-- > IAM_LIST;)
            (void)names(c, i, end, (enum iam_level_of)level);
    }
}

static void listed(struct expand *c)
{
    const bool all = options_has(c->call.o, "names");

    for (size_t i = 0; i < c->found.nlisted; i++) {
        const struct iam_listed *l = &c->found.listed[i];

        if (!all && l->state == IAM_LISTED_USED)
            continue;
        iam_print_statement(c->call.out, l->doc, l->statement);
        buf_str(c->call.out, ": ");
        iam_print_text(c->call.out, l->name);
        if (l->state == IAM_LISTED_USED) {
            buf_str(c->call.out, ": ");
            buf_count(c->call.out, l->matches, "action");
            buf_u8(c->call.out, '\n');
            continue;
        }
        buf_str(c->call.out,
                l->state == IAM_LISTED_UNKNOWN ? ": no action of AWS" : ": covered by ");
        if (l->state == IAM_LISTED_UNKNOWN && l->other.len > 0)
            buf_str(c->call.out, "; did you mean ");
        iam_print_text(c->call.out, l->other);
        buf_str(c->call.out, l->state == IAM_LISTED_UNKNOWN && l->other.len > 0 ? "?\n" : "\n");
    }
}

static void text(struct expand *c)
{
    size_t limited = 0, n = 0;

    services(c);
    for (size_t i = 0; i < c->found.n; i++) {
        const struct iam_action x = iam_actions_at(c->found.allowed[i].action);

        n += wanted(c, &x);
        limited += wanted(c, &x) && !c->found.allowed[i].plain;
    }
    buf_printf(c->call.out, "%s%zu of %zu actions", n > 0 ? "\n" : "", n, iam_actions_count());
    if (limited > 0)
        buf_printf(c->call.out, "; ~ %zu only on some resources or under conditions", limited);
    buf_str(c->call.out, "\n");
    if (c->bounded)
        buf_printf(c->call.out, "within the permissions boundary, which leaves out %zu more\n",
                   c->outside);
    listed(c);
    if (c->found.unknown)
        buf_str(c->call.out, "A part of these policies is not known yet: there may be more.\n");
}

static void grants(struct json_out *o, const char *key, const struct iam_grant *g, size_t n)
{
    json_out_key(o, key);
    json_out_array(o);
    for (size_t i = 0; i < n; i++)
        iam_print_statement_json(o, g[i].doc, g[i].statement);
    json_out_end_array(o);
}

static void json_allowed(struct expand *c, struct json_out *o)
{
    json_out_key(o, "allowed");
    json_out_array(o);
    for (size_t i = 0; i < c->found.n; i++) {
        const struct iam_allowed *x = &c->found.allowed[i];
        const struct iam_action action = iam_actions_at(x->action);

        if (!wanted(c, &action))
            continue;
        json_out_object(o);
        json_out_key(o, "action");
        json_out_string(o, iam_actions_text(x->action, c->call.arena));
        json_out_kv_str(o, "level", iam_actions_level(action.level));
        json_out_kv_bool(o, "unlimited", x->plain);
        grants(o, "by", x->grants, x->ngrants);
        grants(o, "limited_by", x->limits, x->nlimits);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void json(struct expand *c)
{
    static const char *const states[] = {"used", "unknown", "redundant"};
    const struct iam_actions_source source = iam_actions_source();
    struct json_out *o = call_json(&c->call, "sallyport/iam-expand/v1");

    json_out_kv_str(o, "actions_version", source.version);
    json_out_kv_str(o, "actions_digest", source.digest);
    json_out_kv_bool(o, "complete", !c->found.unknown);
    json_out_kv_bool(o, "bounded", c->bounded);
    json_out_kv_int(o, "outside_boundary", (int64_t)c->outside);
    json_allowed(c, o);
    json_out_key(o, "names");
    json_out_array(o);
    for (size_t i = 0; i < c->found.nlisted; i++) {
        const struct iam_listed *l = &c->found.listed[i];

        json_out_object(o);
        json_out_key(o, "name");
        json_out_string(o, l->name);
        json_out_kv_str(o, "state", states[l->state]);
        json_out_kv_int(o, "matches", (int64_t)l->matches);
        json_out_key(o, l->state == IAM_LISTED_REDUNDANT ? "covered_by" : "nearest");
        if (l->other.len > 0)
            json_out_string(o, l->other);
        else
            json_out_null(o);
        json_out_key(o, "at");
        iam_print_statement_json(o, l->doc, l->statement);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

/* That of --boundary, or else of --as. */
static bool boundary(struct expand *c, const struct iam_party *party)
{
    const struct iam_docs *docs = party != NULL ? party->boundary : NULL;
    struct iam_docs given;

    if (options_has(c->call.o, "boundary")) {
        if (!iam_source_files(&c->call, "boundary", &given))
            return false;
        docs = &given;
    }
    c->bounded = docs != NULL;
    if (c->bounded)
        c->outside = iam_expand_within(&c->found, docs, c->call.arena);
    return true;
}

static bool ask(struct call *call)
{
    struct expand *c = (struct expand *)call;
    const struct iam_party *party;

    c->width = say_width(STDOUT_FILENO);
    if (c->width < 40 || c->width > WIDTH)
        c->width = WIDTH;
    if (!check_service(c) || !check_level(c))
        return false;
    if (call->o->nargs == 0 && !options_has(call->o, "from"))
        return err_fail(call->e, ERR_USAGE, "name a policy file, or --from and --as");
    if (!iam_source_policies(call, call->o->args, &c->source, &c->docs, &party))
        return false;
    iam_expand(&c->docs, call->arena, &c->found);
    if (!boundary(c, party))
        return false;
    if (c->found.unknown)
        iam_source_note_unknown(party);
    call_answer(call, false, c->found.unknown || c->source.partial);
    if (options_has(call->o, "json"))
        json(c);
    else
        text(c);
    return true;
}

int iam_verb_expand(int argc, char **argv)
{
    static const struct call_verb verb = {"iam expand", iam_verb_expand_options, NULL, ask};
    struct expand c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
