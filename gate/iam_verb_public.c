/* iam public: does a resource's policy let somebody from outside in? */
#include <string.h>

#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/iam_words.h"
#include "gate/say.h"

int iam_verb_public(int argc, char **argv);
const struct command_option *iam_verb_public_options(void);

const struct command_option *iam_verb_public_options(void)
{
    static const struct command_option table[] = {
        {"from", 0, "PATH",
         "ask of each policy of a resource or role in a plan, template or snapshot", true},
        {"account", 0, "ID", "an account of yours, or organisation (o-...); others are outside",
         true},
        {"effective-time", 0, "TIME", "requests of this time (RFC 3339) and later (default: now)",
         false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct public
{
    struct call call;
    struct iam_source source;
    struct iam_texts accounts;
    int64_t since;
    size_t npolicies, nopen; /* of --from: asked, and those that let somebody in or may */
    bool found, unknown;
};

/* A policy, and where it stands. */
struct place {
    const char *name;        /* of the file, or the address in it */
    const struct fact *fact; /* NULL: a file on its own */
};

/* How it stands with one policy; `words` for what was asked last. */
static void compare(struct public *c, const struct iam_doc *d, struct iam_comparison *got,
                    struct iam_print_words *words)
{
    struct iam_access_question q = {IAM_ACCESS_PUBLIC, &c->accounts, c->since};

    *words = (struct iam_print_words){
        .yes = "public", .no = "not public", .no_text = "nobody from outside is let in"};
    iam_compare_access(d, &q, c->call.arena, got);
    if (got->wider == IAM_NO && c->accounts.n > 0) {
        q.kind = IAM_ACCESS_CROSS;
        iam_compare_access(d, &q, c->call.arena, got);
        words->yes = "cross-account";
    }
    words->yes_text = got->example.why_not;
    c->found = c->found || got->wider == IAM_YES;
    c->unknown = c->unknown || got->wider == IAM_MAYBE;
}

static void text(struct public *c, const struct place *at, const struct iam_comparison *got,
                 const struct iam_print_words *words)
{
    struct buf *out = c->call.out;

    if (at->fact != NULL && got->wider == IAM_NO)
        return;
    c->nopen++;
    if (at->fact != NULL) {
        iam_print_text(out, slice_str(at->fact->at.input));
        buf_printf(out, ":%u: ", at->fact->at.line);
    }
    iam_print_text(out, slice_str(at->name));
    buf_str(out, ": ");
    iam_print_comparison(out, got, words, c->call.color);
}

static void json(struct public *c, const struct place *at, const struct iam_comparison *got,
                 const struct iam_print_words *words)
{
    struct json_out *o = c->call.json;

    json_out_object(o);
    json_out_kv_str(o, "policy", at->name);
    if (at->fact != NULL) {
        json_out_kv_str(o, "file", at->fact->at.input);
        json_out_kv_int(o, "line", at->fact->at.line);
        json_out_key(o, "resource");
        json_out_value(o, value_get(at->fact->attributes, "resource"));
    }
    json_out_kv_str(o, "outside", iam_print_answer(got->wider));
    json_out_kv_str(o, "access", iam_print_comparison_word(got, words));
    json_out_kv_str(o, "why", iam_print_comparison_why(got, words));
    iam_print_example_json(o, got);
    json_out_end_object(o);
}

static void tell(struct public *c, const struct place *at, const struct iam_doc *d)
{
    struct iam_comparison got;
    struct iam_print_words words;

    compare(c, d, &got, &words);
    c->npolicies++;
    (options_has(c->call.o, "json") ? json : text)(c, at, &got, &words);
}

static bool files(struct public *c)
{
    for (size_t i = 0; i < c->call.o->nargs; i++) {
        const struct place at = {.name = c->call.o->args[i]};
        struct iam_doc *d = ARENA_NEW(c->call.arena, struct iam_doc);

        if (!iam_verb_document(at.name, c->call.arena, d, c->call.e))
            return false;
        tell(c, &at, d);
    }
    return true;
}

/* Is it of a resource or a role? That of a VPC endpoint names everybody in the VPC. */
static bool lets_in(const struct fact *f)
{
    static const char *const others[] = {"identity", "scp", "rcp"};
    const struct slice of = value_text(value_get(f->attributes, "resource_type"));
    const struct slice kind = value_text(value_get(f->attributes, "kind"));

    return !slice_among(kind, others, ARRAY_LEN(others)) && !slice_is(of, "aws_vpc_endpoint") &&
           !slice_is(of, "aws_vpc_endpoint_policy") && !slice_is(of, "AWS::EC2::VPCEndpoint");
}

/* A policy that is refused is a gap already, and nobody knows it. */
static void fact(struct public *c, const struct fact *f)
{
    const struct place at = {f->address, f};
    struct iam_doc *d = ARENA_NEW(c->call.arena, struct iam_doc);
    struct err e = {0};

    if (!iam_doc_read(value_get(f->attributes, "document"), f->address, c->call.arena, d, &e))
        *d = iam_doc_unknown(f->address);
    tell(c, &at, d);
}

static bool from(struct public *c)
{
    const char *const *paths = options_all(c->call.o, "from", c->call.arena);
    const struct facts *f = &c->call.run->scan.facts;

    if (!iam_source_scan(c->call.run, paths, &c->source, c->call.e))
        return false;
    c->unknown = c->source.partial;
    for (size_t i = 0; i < f->nfacts; i++) {
        if (strcmp(f->facts[i].type, "iam.policy") == 0 && lets_in(&f->facts[i]))
            fact(c, &f->facts[i]);
    }
    return c->npolicies > 0 || c->source.partial ||
           err_fail(c->call.e, ERR_USAGE, "%s: no policy of a resource or role in it", paths[0]);
}

static bool each(struct public *c)
{
    return options_has(c->call.o, "from") ? from(c) : files(c);
}

static bool as_json(struct public *c)
{
    json_out_key(call_json(&c->call, "sallyport/iam-public/v1"), "policies");
    json_out_array(c->call.json);
    if (!each(c))
        return false;
    json_out_end_array(c->call.json);
    json_out_end_object(c->call.json);
    return true;
}

static bool as_text(struct public *c)
{
    if (!each(c))
        return false;
    if (!options_has(c->call.o, "from"))
        return true;
    buf_printf(c->call.out, "%zu of %zu %s of resources and roles let outsiders in, or may\n",
               c->nopen, c->npolicies, c->npolicies == 1 ? "policy" : "policies");
    return true;
}

static bool ask(struct call *call)
{
    struct public *c = (struct public *)call;

    if (!iam_source_one(call, call->o->args))
        return false;
    if (call->o->nargs == 0 && !options_has(call->o, "from"))
        return err_fail(call->e, ERR_USAGE, "name a policy file of a resource, or --from PATH");
    if (!iam_words_accounts(call->o, call->arena, call->e) ||
        !common_options_since(call->o, &c->since, call->e))
        return false;
    c->accounts = iam_source_texts(call, "account");
    if (!(options_has(call->o, "json") ? as_json : as_text)(c))
        return false;
    call_answer(call, c->found, c->unknown);
    return true;
}

int iam_verb_public(int argc, char **argv)
{
    static const struct call_verb verb = {"iam public", iam_verb_public_options, NULL, ask};
    struct public c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
