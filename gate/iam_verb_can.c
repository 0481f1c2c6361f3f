/* iam can: may this request be made? */
#include <string.h>
#include <unistd.h>

#include "gate/finish.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"
#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_derived.h"

int iam_verb_can(int argc, char **argv);
const struct command_option *iam_verb_can_options(void);

#define OUT_MAX (16u << 20) /* bytes of an answer */

const struct command_option *iam_verb_can_options(void)
{
    static const struct command_option table[] = {
        {"action", 0, "ACTION", "what is to be done: s3:GetObject", false},
        {"resource", 0, "ARN", "to what; wildcards ask for any of several (default *)", false},
        {"principal", 0, "ARN", "by whom: user, role, session, service, or anonymous", false},
        {"policy", 0, "FILE", "identity policies", true},
        {"from", 0, "PATH", "take the policies of --as from a plan, template or snapshot", true},
        {"as", 0, "NAME", "role, user or group of --from", false},
        {"resource-policy", 0, "FILE", "the policy of the resource (a role's trust, a key's)",
         false},
        {"resource-account", 0, "ID", "account that owns the resource, if its ARN does not say",
         false},
        {"boundary", 0, "FILE", "permissions boundary", true},
        {"session", 0, "FILE", "session policy", true},
        {"scp", 0, "FILE", "service control policy; each is a level of its own", true},
        {"rcp", 0, "FILE", "resource control policy", true},
        {"endpoint", 0, "FILE", "policy of the VPC endpoint that is used", true},
        {"context", 0, "KEY=VALUE", "a key of the request; twice the same makes a list", true},
        {"context-file", 0, "FILE", "keys as a JSON object", false},
        {"open-context", 0, NULL, "keys that are not given may have any value", false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct call {
    const struct options *o;
    struct iam_source source;
    struct iam_question q;
    struct iam_verdict verdict;
    struct buf *out;
    struct err *e;
};

static struct arena *arena_of(struct call *c)
{
    return &c->source.run.arena;
}

static bool one_context(struct call *c, const char *text, struct value_builder *b)
{
    const char *eq = strchr(text, '=');
    struct slice name;
    const struct value *before, *v;

    if (eq == NULL || eq == text)
        return err_fail(c->e, ERR_USAGE, "--context %s: expected KEY=VALUE", text);
    name = (struct slice){(const uint8_t *)text, (size_t)(eq - text)};
    v = value_str(b->arena, eq + 1);
    before = value_get_slice(value_map_end(b, NULL), name);
    if (before != NULL) {
        struct value_builder list;

        value_list_begin(&list, b->arena);
        for (size_t i = 0; i < (value_is(before, VALUE_LIST) ? value_len(before) : 1); i++)
            value_list_add(&list, value_is(before, VALUE_LIST) ? value_item(before, i) : before);
        value_list_add(&list, v);
        v = value_list_end(&list, NULL);
    }
    value_map_put(b, name, v);
    return true;
}

static bool context(struct call *c)
{
    const char *const *all = options_all(c->o, "context", arena_of(c));
    const char *file = options_get(c->o, "context-file");
    const struct value *v = NULL;
    struct value_builder b;

    value_map_begin(&b, arena_of(c));
    if (file != NULL && !iam_verb_value(file, arena_of(c), &v, c->e))
        return false;
    for (size_t i = 0; i < value_len(v) && value_is(v, VALUE_MAP); i++)
        value_map_put(&b, v->as.members[i].key, v->as.members[i].value);
    for (size_t i = 0; all != NULL && all[i] != NULL; i++)
        if (!one_context(c, all[i], &b))
            return false;
    if (!iam_request_read_context(value_map_end(&b, NULL), arena_of(c), &c->q.request.context,
                                  c->e))
        return false;
    c->q.request.context.open = options_has(c->o, "open-context");
    iam_derived_keys(&c->q.request, arena_of(c));
    return true;
}

static bool request(struct call *c)
{
    struct iam_request *r = &c->q.request;
    const char *resource = options_get(c->o, "resource");
    size_t number;

    if (!options_has(c->o, "action"))
        return err_fail(c->e, ERR_USAGE, "say what is to be done: --action SERVICE:ACTION");
    r->action = slice_str(options_get(c->o, "action"));
    r->resource = slice_str(resource != NULL ? resource : "*");
    r->resource_account = slice_str(options_get(c->o, "resource-account"));
    if (options_has(c->o, "principal"))
        r->principal = slice_str(options_get(c->o, "principal"));
    if (r->principal.len == 0)
        r->principal = SLICE_LIT("arn:aws:iam::123456789012:role/somebody");
    if (!iam_actions_find(r->action, &number))
        say_note("%.*s is no action that this version knows", (int)r->action.len,
                 (const char *)r->action.data);
    else
        r->wildcard_only = iam_actions_at(number).wildcard_only && slice_is(r->resource, "*");
    return context(c);
}

/* Options that name several files of one side. */
static bool side(struct call *c, const char *option, const struct iam_docs **out)
{
    struct iam_docs *docs = ARENA_NEW(arena_of(c), struct iam_docs);

    *out = NULL;
    if (!options_has(c->o, option))
        return true;
    *out = docs;
    return iam_source_docs(options_all(c->o, option, arena_of(c)), arena_of(c), docs, c->e);
}

static bool levels(struct call *c, const char *option, const struct iam_level **out, size_t *n)
{
    const char *const *files = options_all(c->o, option, arena_of(c));
    struct iam_level *items = NULL;

    *n = 0;
    for (size_t i = 0; files != NULL && files[i] != NULL; i++) {
        const char *const one[] = {files[i], NULL};
        struct iam_level *level = ARENA_PUSH(arena_of(c), &items, n);

        level->name = files[i];
        if (!iam_source_docs(one, arena_of(c), &level->docs, c->e))
            return false;
    }
    *out = items;
    return true;
}

/* The policies of a party of a plan or snapshot. */
static bool party(struct call *c)
{
    const struct iam_party *p;

    if (!options_has(c->o, "as"))
        return err_fail(c->e, ERR_USAGE, "--from needs --as NAME: whose policies?");
    if (!iam_source_read(&c->source, options_all(c->o, "from", arena_of(c)), c->e) ||
        !iam_source_party(&c->source, options_get(c->o, "as"), &p, c->e))
        return false;
    c->q.identity = p->attached;
    c->q.boundary = p->boundary;
    if (c->q.request.principal.len == 0)
        c->q.request.principal = p->arn;
    return true;
}

static bool policies(struct call *c)
{
    const char *resource = options_get(c->o, "resource-policy");
    struct iam_doc *d = ARENA_NEW(arena_of(c), struct iam_doc);
    const struct iam_docs *given;

    if (options_has(c->o, "from") ? !party(c)
                                  : !iam_source_docs(options_all(c->o, "policy", arena_of(c)),
                                                     arena_of(c), &c->q.identity, c->e))
        return false;
    if (resource != NULL && !iam_verb_document(resource, arena_of(c), d, c->e))
        return false;
    c->q.resource = resource != NULL ? d : NULL;
    if (!side(c, "boundary", &given))
        return false;
    c->q.boundary = given != NULL ? given : c->q.boundary;
    return side(c, "session", &c->q.session) && side(c, "endpoint", &c->q.endpoint) &&
           levels(c, "scp", &c->q.scps, &c->q.nscps) && levels(c, "rcp", &c->q.rcps, &c->q.nrcps);
}

static void reason(struct call *c, const struct iam_reason *r)
{
    const bool deny = r->statement->effect == IAM_DENY;

    buf_str(c->out, r->matched == IAM_YES     ? (deny ? "  denies   " : "  allows   ")
                    : r->matched == IAM_MAYBE ? "  may say  "
                                              : "  misses   ");
    buf_printf(c->out, "%-9s ", iam_evaluate_side_name(r->side));
    iam_print_statement(c->out, r->doc, r->statement);
    if (r->why != NULL) {
        buf_str(c->out, ": ");
        iam_print_text(c->out, slice_str(r->why));
    }
    buf_u8(c->out, '\n');
}

static void text(struct call *c)
{
    const struct iam_verdict *v = &c->verdict;
    const enum iam_tone tones[] = {IAM_GOOD, IAM_BAD, IAM_BAD, IAM_UNSURE};

    iam_print_word(c->out, iam_evaluate_decision_name(v->decision), tones[v->decision],
                   say_color(STDOUT_FILENO));
    buf_printf(c->out, ": %s\n", v->text);
    for (size_t i = 0; i < v->nreasons; i++)
        reason(c, &v->reasons[i]);
}

static void json(struct call *c)
{
    static const char *const answers[] = {"no", "unknown", "yes"};
    const struct iam_verdict *v = &c->verdict;
    struct json_out o;

    json_out_init(&o, c->out, JSON_PRETTY);
    json_out_object(&o);
    json_out_kv_str(&o, "schema", "sallyport/iam-can/v1");
    json_out_kv_str(&o, "decision", iam_evaluate_decision_name(v->decision));
    json_out_kv_str(&o, "reason", v->text);
    json_out_key(&o, "statements");
    json_out_array(&o);
    for (size_t i = 0; i < v->nreasons; i++) {
        json_out_object(&o);
        json_out_kv_str(&o, "side", iam_evaluate_side_name(v->reasons[i].side));
        json_out_kv_str(&o, "matches", answers[v->reasons[i].matched]);
        json_out_kv_str(&o, "why", v->reasons[i].why);
        json_out_key(&o, "at");
        iam_print_statement_json(&o, v->reasons[i].doc, v->reasons[i].statement);
        json_out_end_object(&o);
    }
    json_out_end_array(&o);
    json_out_end_object(&o);
}

static int status_of(const struct call *c)
{
    if (c->verdict.decision == IAM_UNDECIDED || c->source.partial)
        return EXIT_UNVERIFIABLE;
    return c->verdict.decision == IAM_ALLOWED ? EXIT_ALLOW : EXIT_DENY;
}

static bool ask(struct call *c)
{
    if (c->o->nargs > 0)
        return err_fail(c->e, ERR_USAGE, "'%s': policies are given as --policy FILE",
                        c->o->args[0]);
    if (options_has(c->o, "principal"))
        c->q.request.principal = slice_str(options_get(c->o, "principal"));
    if (!policies(c) || !request(c))
        return false;
    c->q.resource_unknown = c->q.resource == NULL && iam_evaluate_owned(&c->q.request);
    iam_evaluate(&c->q, arena_of(c), &c->verdict);
    if (options_has(c->o, "json"))
        json(c);
    else
        text(c);
    return true;
}

int iam_verb_can(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {.o = &o, .out = &out, .e = &e};
    int status;

    iam_source_init(&c.source);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_can_options()}, arena_of(&c), &o,
                       &e))
        status = finish_error(&e, "`sallyport help iam can` explains");
    else if (o.help)
        status = finish_help("iam can");
    else if (!ask(&c) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = status_of(&c);
    buf_release(&out);
    iam_source_release(&c.source);
    return status;
}
