/* iam shrink: the least policy for a pipeline, and how far its role is from it. */
#include <string.h>

#include "gate/call.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/say.h"
#include "policies/host_index.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/shrink/iam_least.h"
#include "policies/iam/shrink/iam_shrink.h"

int iam_verb_shrink(int argc, char **argv);
const struct command_option *iam_verb_shrink_options(void);

#define ACTIONS_SHOWN 8 /* in a terminal */

const struct command_option *iam_verb_shrink_options(void)
{
    static const struct command_option table[] = {
        {"role-policy", 0, "FILE", "a policy of the role that runs the pipeline", true},
        {"from", 0, "PATH", "take the role from a plan, template or snapshot", true},
        {"role", 0, "NAME", "role of --from (default: the pipeline's role_arn)", false},
        {"pipeline", 0, "NAME", "which pipeline of the file, when it holds several", false},
        {"data", 0, "FILE", "data catalogue: datasets with keys of their own", true},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct shrink {
    struct call call;
    struct iam_source source;
    struct iam_need need;
    const struct value *document; /* the least policy */
    struct iam_doc least;
    bool compared; /* with policies of a role */
    struct iam_shrink shrink;
};

/* ---- what is read ---- */

static void add_paths(const char *const *paths, const char **to, size_t *n)
{
    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++)
        to[(*n)++] = paths[i];
}

static size_t count(const char *const *paths)
{
    size_t n = 0;

    while (paths != NULL && paths[n] != NULL)
        n++;
    return n;
}

static bool scan(struct shrink *c)
{
    const char *const *from = options_all(c->call.o, "from", c->call.arena);
    const char *const *data = options_all(c->call.o, "data", c->call.arena);
    const char **paths = ARENA_ARRAY(c->call.arena, const char *, count(from) + count(data) + 2);
    size_t n = 0;

    if (c->call.o->nargs != 1)
        return err_fail(c->call.e, ERR_USAGE, "name one pipeline specification");
    paths[n++] = c->call.o->args[0];
    add_paths(from, paths, &n);
    add_paths(data, paths, &n);
    paths[n] = NULL;
    return iam_source_scan(c->call.run, paths, &c->source, c->call.e);
}

/* The pipeline that is meant, of those of the first operand. */
static bool pipeline(struct shrink *c, struct host_index *ix, const struct fact **out)
{
    const char *want = options_get(c->call.o, "pipeline");
    const char *names = "";
    size_t ngroups, n = 0;
    const struct host_group *g = host_index_groups(ix, SLICE_LIT("pipeline"), &ngroups);

    for (size_t i = 0; i < ngroups; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            const struct fact *f = g[i].facts[k];

            names = arena_printf(c->call.arena, "%s%s%s", names, n++ > 0 ? ", " : "", f->address);
            if (want == NULL || strcmp(f->address, want) == 0)
                *out = f;
        }
    if (n == 0)
        return err_fail(c->call.e, ERR_USAGE, "%s: no pipeline specification", c->call.o->args[0]);
    if (want == NULL && n > 1)
        return err_fail(c->call.e, ERR_USAGE, "%s: which of them? --pipeline NAME: %s",
                        c->call.o->args[0], names);
    return *out != NULL || err_fail(c->call.e, ERR_USAGE, "%s: no pipeline '%s'; there are: %s",
                                    c->call.o->args[0], want, names);
}

static bool role(struct shrink *c, struct iam_docs *used, const struct iam_docs **boundary)
{
    const char *name = options_get(c->call.o, "role");
    const struct iam_party *p;

    if (options_has(c->call.o, "from") && options_has(c->call.o, "role-policy"))
        return err_fail(c->call.e, ERR_USAGE, "--from and --role-policy: give one of them");
    c->compared = true;
    if (!options_has(c->call.o, "from"))
        return iam_source_files(&c->call, "role-policy", used);
    if (name == NULL && c->need.role.len > 0)
        name = arena_strndup(c->call.arena, c->need.role);
    if (name == NULL)
        return err_fail(c->call.e, ERR_USAGE, "the pipeline has no role_arn: --role NAME");
    if (!iam_source_party(&c->source, name, &p, c->call.e))
        return false;
    *used = p->attached;
    *boundary = p->boundary;
    return true;
}

static bool work(struct shrink *c)
{
    struct host_index *ix;
    const struct fact *f = NULL;
    const struct iam_docs *boundary = NULL;
    struct iam_docs used;

    if (options_has(c->call.o, "role") && !options_has(c->call.o, "from"))
        return err_fail(c->call.e, ERR_USAGE, "--role needs --from PATH: where is it?");
    if (!scan(c))
        return false;
    ix = host_index_new(&c->call.run->scan.facts, c->call.arena);
    if (!pipeline(c, ix, &f))
        return false;
    iam_need_read(ix, f, c->call.arena, &c->need);
    c->document = iam_least_policy(&c->need, c->call.arena);
    if (!iam_doc_read(c->document, "the least policy", c->call.arena, &c->least, c->call.e))
        return false;
    if (!options_has(c->call.o, "from") && !options_has(c->call.o, "role-policy"))
        return true;
    if (!role(c, &used, &boundary))
        return false;
    iam_shrink(&used, boundary, &c->least, c->call.arena, &c->shrink);
    return true;
}

/* ---- text ---- */

static void example(struct shrink *c, const struct iam_shrink_part *p, const char *word)
{
    if (p->wider == IAM_MAYBE) {
        buf_str(c->call.out, "      cannot tell: ");
        iam_print_text(c->call.out, slice_str(p->unknown));
        buf_u8(c->call.out, '\n');
        return;
    }
    buf_printf(c->call.out, "      %s ", word);
    iam_print_text(c->call.out, p->example.action);
    buf_str(c->call.out, " on ");
    iam_print_text(c->call.out, p->example.resource);
    buf_u8(c->call.out, '\n');
    iam_print_keys(c->call.out, p->example.keys, p->example.nkeys, "        with ");
}

static void extra(struct shrink *c, const struct iam_shrink_part *p)
{
    if (p->nactions == 0)
        return;
    buf_str(c->call.out, "      ");
    buf_count(c->call.out, p->nactions, "action");
    buf_str(c->call.out, " that nothing needs:");
    for (size_t i = 0; i < p->nactions && i < ACTIONS_SHOWN; i++) {
        buf_u8(c->call.out, ' ');
        iam_print_text(c->call.out, iam_actions_text(p->actions[i], c->call.arena));
    }
    buf_str(c->call.out, p->nactions > ACTIONS_SHOWN ? " ...\n" : "\n");
}

static void head(struct shrink *c, enum iam_answer answer, const char *yes, const char *no)
{
    const char *const words[] = {no, "cannot be told", yes};

    iam_print_word(c->call.out, words[answer], iam_print_tone(answer), c->call.color);
}

static void difference(struct shrink *c)
{
    const struct iam_shrink *s = &c->shrink;

    buf_printf(c->call.out, "what %s does not need: ", c->need.name);
    head(c, s->wider, "is allowed", "is not allowed");
    buf_u8(c->call.out, '\n');
    for (size_t i = 0; i < s->nexcess; i++) {
        buf_str(c->call.out, "  narrow ");
        iam_print_statement(c->call.out, s->excess[i].doc, s->excess[i].statement);
        buf_u8(c->call.out, '\n');
        example(c, &s->excess[i], "it allows");
        extra(c, &s->excess[i]);
    }
    if (s->unknown)
        buf_str(c->call.out, "  not all policies of the role are known\n");
    buf_printf(c->call.out, "what %s needs: ", c->need.name);
    head(c, s->missing, "is not all allowed", "is allowed");
    buf_u8(c->call.out, '\n');
    for (size_t i = 0; i < s->nneeds; i++) {
        buf_str(c->call.out, "  add ");
        iam_print_text(c->call.out, s->needs[i].statement->sid);
        buf_u8(c->call.out, '\n');
        example(c, &s->needs[i], "not allowed:");
    }
    buf_str(c->call.out, "the least policy:\n");
}

static void text(struct shrink *c)
{
    for (size_t i = 0; i < c->need.nnotes; i++)
        say_note("%s: %s", c->need.name, c->need.notes[i]);
    if (c->compared)
        difference(c);
    json_out_value(c->call.json, c->document);
}

/* ---- JSON ---- */

static void part_json(struct json_out *o, const struct iam_shrink_part *p, struct arena *a)
{
    json_out_object(o);
    json_out_key(o, "at");
    iam_print_statement_json(o, p->doc, p->statement);
    if (p->wider == IAM_YES) {
        json_out_key(o, "example");
        json_out_object(o);
        json_out_kv_str(o, "action", arena_strndup(a, p->example.action));
        json_out_kv_str(o, "resource", arena_strndup(a, p->example.resource));
        json_out_key(o, "context");
        iam_print_keys_json(o, p->example.keys, p->example.nkeys);
        json_out_end_object(o);
    } else {
        json_out_kv_str(o, "unknown", p->unknown);
    }
    if (p->nactions > 0) {
        json_out_key(o, "actions");
        json_out_array(o);
        for (size_t i = 0; i < p->nactions; i++)
            json_out_string(o, iam_actions_text(p->actions[i], a));
        json_out_end_array(o);
    }
    json_out_end_object(o);
}

static void parts_json(struct json_out *o, const char *key, const struct iam_shrink_part *parts,
                       size_t n, struct arena *a)
{
    json_out_key(o, key);
    json_out_array(o);
    for (size_t i = 0; i < n; i++)
        part_json(o, &parts[i], a);
    json_out_end_array(o);
}

static void json(struct shrink *c)
{
    struct json_out *o = call_json(&c->call, "sallyport/iam-shrink/v1");

    json_out_kv_str(o, "pipeline", c->need.name);
    json_out_key(o, "notes");
    json_out_array(o);
    for (size_t i = 0; i < c->need.nnotes; i++)
        json_out_str(o, c->need.notes[i]);
    json_out_end_array(o);
    if (c->compared) {
        json_out_kv_str(o, "wider", iam_print_answer(c->shrink.wider));
        parts_json(o, "narrow", c->shrink.excess, c->shrink.nexcess, c->call.arena);
        json_out_kv_str(o, "missing", iam_print_answer(c->shrink.missing));
        parts_json(o, "add", c->shrink.needs, c->shrink.nneeds, c->call.arena);
    }
    json_out_key(o, "policy");
    json_out_value(o, c->document);
    json_out_end_object(o);
}

static bool has(const struct shrink *c, enum iam_answer answer)
{
    return c->compared && (c->shrink.wider == answer || c->shrink.missing == answer);
}

static bool ask(struct call *call)
{
    struct shrink *c = (struct shrink *)call;

    if (!work(c))
        return false;
    call_answer(call, has(c, IAM_YES), c->source.partial || c->need.unknown || has(c, IAM_MAYBE));
    if (options_has(call->o, "json"))
        json(c);
    else
        text(c);
    return true;
}

int iam_verb_shrink(int argc, char **argv)
{
    static const struct call_verb verb = {"iam shrink", iam_verb_shrink_options, NULL, ask};
    struct shrink c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
