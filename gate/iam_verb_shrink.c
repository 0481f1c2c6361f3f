/* iam shrink: the least policy for a pipeline, and how far its role is from it. */
#include <string.h>
#include <unistd.h>

#include "gate/finish.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"
#include "policies/host_index.h"
#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_least.h"
#include "policies/iam/iam_shrink.h"

int iam_verb_shrink(int argc, char **argv);
const struct command_option *iam_verb_shrink_options(void);

#define OUT_MAX (16u << 20) /* bytes of an answer */
#define ACTIONS_SHOWN 8     /* in a terminal */

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

struct call {
    const struct options *o;
    struct iam_source source;
    struct iam_need need;
    const struct value *document; /* the least policy */
    struct iam_doc least;
    bool compared; /* with policies of a role */
    struct iam_shrink shrink;
    struct buf *out;
    struct err *e;
};

static struct arena *arena_of(struct call *c)
{
    return &c->source.run.arena;
}

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

static bool scan(struct call *c)
{
    const char *const *from = options_all(c->o, "from", arena_of(c));
    const char *const *data = options_all(c->o, "data", arena_of(c));
    const char **paths = ARENA_ARRAY(arena_of(c), const char *, count(from) + count(data) + 2);
    size_t n = 0;

    if (c->o->nargs != 1)
        return err_fail(c->e, ERR_USAGE, "name one pipeline specification");
    paths[n++] = c->o->args[0];
    add_paths(from, paths, &n);
    add_paths(data, paths, &n);
    paths[n] = NULL;
    return iam_source_scan(&c->source, paths, c->e);
}

/* The pipeline that is meant, of those of the first operand. */
static bool pipeline(struct call *c, struct host_index *ix, const struct fact **out)
{
    const char *want = options_get(c->o, "pipeline");
    const char *names = "";
    size_t ngroups, n = 0;
    const struct host_group *g = host_index_groups(ix, SLICE_LIT("pipeline"), &ngroups);

    for (size_t i = 0; i < ngroups; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            const struct fact *f = g[i].facts[k];

            names = arena_printf(arena_of(c), "%s%s%s", names, n++ > 0 ? ", " : "", f->address);
            if (want == NULL || strcmp(f->address, want) == 0)
                *out = f;
        }
    if (n == 0)
        return err_fail(c->e, ERR_USAGE, "%s: no pipeline specification", c->o->args[0]);
    if (want == NULL && n > 1)
        return err_fail(c->e, ERR_USAGE, "%s: which of them? --pipeline NAME: %s", c->o->args[0],
                        names);
    return *out != NULL || err_fail(c->e, ERR_USAGE, "%s: no pipeline '%s'; there are: %s",
                                    c->o->args[0], want, names);
}

static bool role(struct call *c, struct iam_docs *used, const struct iam_docs **boundary)
{
    const char *name = options_get(c->o, "role");
    const struct iam_party *p;

    if (options_has(c->o, "from") && options_has(c->o, "role-policy"))
        return err_fail(c->e, ERR_USAGE, "--from and --role-policy: give one of them");
    c->compared = true;
    if (!options_has(c->o, "from"))
        return iam_source_docs(options_all(c->o, "role-policy", arena_of(c)), arena_of(c), used,
                               c->e);
    if (name == NULL && c->need.role.len > 0)
        name = arena_strndup(arena_of(c), c->need.role);
    if (name == NULL)
        return err_fail(c->e, ERR_USAGE, "the pipeline has no role_arn: --role NAME");
    if (!iam_source_party(&c->source, name, &p, c->e))
        return false;
    *used = p->attached;
    *boundary = p->boundary;
    return true;
}

static bool work(struct call *c)
{
    struct host_index *ix;
    const struct fact *f = NULL;
    const struct iam_docs *boundary = NULL;
    struct iam_docs used;

    if (options_has(c->o, "role") && !options_has(c->o, "from"))
        return err_fail(c->e, ERR_USAGE, "--role needs --from PATH: where is it?");
    if (!scan(c))
        return false;
    ix = host_index_new(&c->source.run.scan.facts, arena_of(c));
    if (!pipeline(c, ix, &f))
        return false;
    iam_need_read(ix, f, arena_of(c), &c->need);
    c->document = iam_least_policy(&c->need, arena_of(c));
    if (!iam_doc_read(c->document, "the least policy", arena_of(c), &c->least, c->e))
        return false;
    if (!options_has(c->o, "from") && !options_has(c->o, "role-policy"))
        return true;
    if (!role(c, &used, &boundary))
        return false;
    iam_shrink(&used, boundary, &c->least, arena_of(c), &c->shrink);
    return true;
}

/* ---- text ---- */

static void example(struct call *c, const struct iam_shrink_part *p, const char *word)
{
    if (p->wider == IAM_MAYBE) {
        buf_str(c->out, "      cannot tell: ");
        iam_print_text(c->out, slice_str(p->unknown));
        buf_u8(c->out, '\n');
        return;
    }
    buf_printf(c->out, "      %s ", word);
    iam_print_text(c->out, p->example.action);
    buf_str(c->out, " on ");
    iam_print_text(c->out, p->example.resource);
    buf_u8(c->out, '\n');
    iam_print_keys(c->out, p->example.keys, p->example.nkeys, "        with ");
}

static void extra(struct call *c, const struct iam_shrink_part *p)
{
    if (p->nactions == 0)
        return;
    buf_printf(c->out, "      %zu action%s that nothing needs:", p->nactions,
               p->nactions == 1 ? "" : "s");
    for (size_t i = 0; i < p->nactions && i < ACTIONS_SHOWN; i++) {
        buf_u8(c->out, ' ');
        iam_print_text(c->out, iam_actions_text(p->actions[i], arena_of(c)));
    }
    buf_str(c->out, p->nactions > ACTIONS_SHOWN ? " ...\n" : "\n");
}

static void head(struct call *c, enum iam_answer answer, const char *yes, const char *no)
{
    iam_print_word(c->out,
                   answer == IAM_YES  ? yes
                   : answer == IAM_NO ? no
                                      : "cannot be told",
                   answer == IAM_YES  ? IAM_BAD
                   : answer == IAM_NO ? IAM_GOOD
                                      : IAM_UNSURE,
                   say_color(STDOUT_FILENO));
}

static void difference(struct call *c)
{
    const struct iam_shrink *s = &c->shrink;

    buf_printf(c->out, "what %s does not need: ", c->need.name);
    head(c, s->wider, "is allowed", "is not allowed");
    buf_u8(c->out, '\n');
    for (size_t i = 0; i < s->nexcess; i++) {
        buf_str(c->out, "  narrow ");
        iam_print_statement(c->out, s->excess[i].doc, s->excess[i].statement);
        buf_u8(c->out, '\n');
        example(c, &s->excess[i], "it allows");
        extra(c, &s->excess[i]);
    }
    if (s->unknown)
        buf_str(c->out, "  not all policies of the role are known\n");
    buf_printf(c->out, "what %s needs: ", c->need.name);
    head(c, s->missing, "is not all allowed", "is allowed");
    buf_u8(c->out, '\n');
    for (size_t i = 0; i < s->nneeds; i++) {
        buf_str(c->out, "  add ");
        iam_print_text(c->out, s->needs[i].statement->sid);
        buf_u8(c->out, '\n');
        example(c, &s->needs[i], "not allowed:");
    }
    buf_str(c->out, "the least policy:\n");
}

static void text(struct call *c)
{
    struct json_out o;

    for (size_t i = 0; i < c->need.nnotes; i++)
        say_note("%s: %s", c->need.name, c->need.notes[i]);
    if (c->compared)
        difference(c);
    json_out_init(&o, c->out, JSON_PRETTY);
    json_out_value(&o, c->document);
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

static void json(struct call *c)
{
    static const char *const answers[] = {"no", "unknown", "yes"};
    struct json_out o;

    json_out_init(&o, c->out, JSON_PRETTY);
    json_out_object(&o);
    json_out_kv_str(&o, "schema", "sallyport/iam-shrink/v1");
    json_out_kv_str(&o, "pipeline", c->need.name);
    json_out_key(&o, "notes");
    json_out_array(&o);
    for (size_t i = 0; i < c->need.nnotes; i++)
        json_out_str(&o, c->need.notes[i]);
    json_out_end_array(&o);
    if (c->compared) {
        json_out_kv_str(&o, "wider", answers[c->shrink.wider]);
        parts_json(&o, "narrow", c->shrink.excess, c->shrink.nexcess, arena_of(c));
        json_out_kv_str(&o, "missing", answers[c->shrink.missing]);
        parts_json(&o, "add", c->shrink.needs, c->shrink.nneeds, arena_of(c));
    }
    json_out_key(&o, "policy");
    json_out_value(&o, c->document);
    json_out_end_object(&o);
}

static int status_of(const struct call *c)
{
    const struct iam_shrink *s = &c->shrink;

    if (c->compared && (s->wider == IAM_YES || s->missing == IAM_YES))
        return EXIT_DENY;
    if (c->source.partial || c->need.unknown ||
        (c->compared && (s->wider == IAM_MAYBE || s->missing == IAM_MAYBE)))
        return EXIT_UNVERIFIABLE;
    return EXIT_ALLOW;
}

static bool ask(struct call *c)
{
    if (!work(c))
        return false;
    if (options_has(c->o, "json"))
        json(c);
    else
        text(c);
    return true;
}

int iam_verb_shrink(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {.o = &o, .out = &out, .e = &e};
    int status;

    iam_source_init(&c.source);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_shrink_options()}, arena_of(&c),
                       &o, &e))
        status = finish_error(&e, "`sallyport help iam shrink` explains");
    else if (o.help)
        status = finish_help("iam shrink");
    else if (!ask(&c) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = status_of(&c);
    buf_release(&out);
    iam_source_release(&c.source);
    return status;
}
