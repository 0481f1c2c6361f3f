/* iam grants: may the policies ever allow these actions or resources? */
#include <unistd.h>

#include "gate/finish.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"

int iam_verb_grants(int argc, char **argv);
const struct command_option *iam_verb_grants_options(void);

#define OUT_MAX (16u << 20) /* bytes of an answer */

const struct command_option *iam_verb_grants_options(void)
{
    static const struct command_option table[] = {
        {"action", 0, "ACTION", "one of these: iam:PassRole, s3:Put* (default: any)", true},
        {"resource", 0, "ARN", "on one of these; wildcards as in policies (default: any)", true},
        {"from", 0, "PATH", "take the policies of --as from a plan, template or snapshot", true},
        {"as", 0, "NAME", "role, user or group of --from", false},
        {"boundary", 0, "FILE", "what must allow a request besides", true},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct call {
    const struct options *o;
    struct iam_source source;
    struct iam_docs docs;
    struct iam_docs limits[3]; /* what is asked about, boundaries */
    size_t nlimits;
    struct iam_comparison got;
    struct buf *out;
    struct err *e;
};

static struct arena *arena_of(struct call *c)
{
    return &c->source.run.arena;
}

static struct iam_texts texts(struct call *c, const char *option)
{
    const char *const *all = options_all(c->o, option, arena_of(c));
    struct slice *items = NULL;
    size_t n = 0;

    for (size_t i = 0; all != NULL && all[i] != NULL; i++)
        *(struct slice *)ARENA_PUSH(arena_of(c), &items, &n) = slice_str(all[i]);
    if (n == 0)
        *(struct slice *)ARENA_PUSH(arena_of(c), &items, &n) = SLICE_LIT("*");
    return (struct iam_texts){items, n, false};
}

/* A limit that leaves what is asked about, and nothing else. */
static void asked(struct call *c)
{
    struct iam_doc *d = ARENA_NEW(arena_of(c), struct iam_doc);
    struct iam_statement *s = ARENA_NEW(arena_of(c), struct iam_statement);

    *s = (struct iam_statement){.effect = IAM_ALLOW,
                                .has_resource = true,
                                .actions = texts(c, "action"),
                                .resources = texts(c, "resource")};
    *d = (struct iam_doc){.name = "", .statements = s, .n = 1};
    c->limits[c->nlimits++] = (struct iam_docs){d, 1, false};
}

static bool policies(struct call *c)
{
    const struct iam_party *p;

    if (!options_has(c->o, "from")) {
        if (c->o->nargs == 0)
            return err_fail(c->e, ERR_USAGE, "name policy files, or --from PATH --as NAME");
        return iam_source_docs(c->o->args, arena_of(c), &c->docs, c->e);
    }
    if (c->o->nargs > 0 || !options_has(c->o, "as"))
        return err_fail(c->e, ERR_USAGE, "--from needs --as NAME, and no policy files beside it");
    if (!iam_source_read(&c->source, options_all(c->o, "from", arena_of(c)), c->e) ||
        !iam_source_party(&c->source, options_get(c->o, "as"), &p, c->e))
        return false;
    c->docs = p->attached;
    if (p->boundary != NULL)
        c->limits[c->nlimits++] = *p->boundary;
    return true;
}

static void text(struct call *c)
{
    const bool color = say_color(STDOUT_FILENO);

    if (c->got.wider == IAM_YES) {
        iam_print_word(c->out, "granted", IAM_BAD, color);
        buf_str(c->out, ": the policies allow this\n");
        iam_print_example(c->out, &c->got.example, NULL);
    } else if (c->got.wider == IAM_NO) {
        iam_print_word(c->out, "not granted", IAM_GOOD, color);
        buf_str(c->out, ": the policies allow none of it, whatever the circumstances\n");
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
    json_out_kv_str(&o, "schema", "sallyport/iam-grants/v1");
    json_out_kv_str(&o, "granted", words[c->got.wider]);
    json_out_key(&o, "example");
    if (c->got.wider == IAM_YES)
        iam_print_example_json(&o, &c->got.example);
    else
        json_out_null(&o);
    json_out_kv_str(&o, "unknown", c->got.unknown);
    json_out_end_object(&o);
}

static bool ask(struct call *c)
{
    const struct iam_docs nothing = {NULL, 0, false};
    struct iam_compare_options opt = {0};

    if (!options_has(c->o, "action") && !options_has(c->o, "resource"))
        return err_fail(c->e, ERR_USAGE, "say what must not be granted: --action, --resource");
    asked(c);
    if (!policies(c))
        return false;
    if (options_has(c->o, "boundary") &&
        !iam_source_docs(options_all(c->o, "boundary", arena_of(c)), arena_of(c),
                         &c->limits[c->nlimits++], c->e))
        return false;
    opt.new_limits = (struct iam_limits){c->limits, c->nlimits};
    iam_compare(&nothing, &c->docs, &opt, arena_of(c), &c->got);
    if (c->source.partial && c->got.wider == IAM_NO) {
        c->got.wider = IAM_MAYBE;
        c->got.unknown = "not everything could be read";
    }
    if (options_has(c->o, "json"))
        json(c);
    else
        text(c);
    return true;
}

int iam_verb_grants(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {.o = &o, .out = &out, .e = &e};
    int status;

    iam_source_init(&c.source);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_grants_options()}, arena_of(&c),
                       &o, &e))
        status = finish_error(&e, "`sallyport help iam grants` explains");
    else if (o.help)
        status = finish_help("iam grants");
    else if (!ask(&c) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = c.got.wider == IAM_YES  ? EXIT_DENY
                 : c.got.wider == IAM_NO ? EXIT_ALLOW
                                         : EXIT_UNVERIFIABLE;
    buf_release(&out);
    iam_source_release(&c.source);
    return status;
}
