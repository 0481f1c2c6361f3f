/* iam public: does a resource's policy let somebody from outside in? */
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
    struct iam_texts accounts;
    int64_t since;
    bool found, unknown;
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

static void text(struct public *c, const char *path, const struct iam_comparison *got,
                 const struct iam_print_words *words)
{
    iam_print_text(c->call.out, slice_str(path));
    buf_str(c->call.out, ": ");
    iam_print_comparison(c->call.out, got, words, c->call.color);
}

static void json(struct public *c, const char *path, const struct iam_comparison *got,
                 const struct iam_print_words *words)
{
    struct json_out *o = c->call.json;

    json_out_object(o);
    json_out_kv_str(o, "policy", path);
    json_out_kv_str(o, "outside", iam_print_answer(got->wider));
    json_out_kv_str(o, "access", iam_print_comparison_word(got, words));
    json_out_kv_str(o, "why", iam_print_comparison_why(got, words));
    iam_print_example_json(o, got);
    json_out_end_object(o);
}

static bool each(struct public *c)
{
    const bool as_json = options_has(c->call.o, "json");

    for (size_t i = 0; i < c->call.o->nargs; i++) {
        struct iam_doc *d = ARENA_NEW(c->call.arena, struct iam_doc);
        struct iam_comparison got;
        struct iam_print_words words;

        if (!iam_verb_document(c->call.o->args[i], c->call.arena, d, c->call.e))
            return false;
        compare(c, d, &got, &words);
        (as_json ? json : text)(c, c->call.o->args[i], &got, &words);
    }
    call_answer(&c->call, c->found, c->unknown);
    return true;
}

static bool ask(struct call *call)
{
    struct public *c = (struct public *)call;

    if (call->o->nargs == 0)
        return err_fail(call->e, ERR_USAGE, "name a policy file of a resource");
    if (!iam_words_accounts(call->o, call->arena, call->e) ||
        !common_options_since(call->o, &c->since, call->e))
        return false;
    c->accounts = iam_source_texts(call, "account");
    if (!options_has(call->o, "json"))
        return each(c);
    json_out_key(call_json(call, "sallyport/iam-public/v1"), "policies");
    json_out_array(call->json);
    if (!each(c))
        return false;
    json_out_end_array(call->json);
    json_out_end_object(call->json);
    return true;
}

int iam_verb_public(int argc, char **argv)
{
    static const struct call_verb verb = {"iam public", iam_verb_public_options, NULL, ask};
    struct public c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
