/* iam public: does a resource's policy let somebody from outside in? */
#include <string.h>
#include <unistd.h>

#include "gate/finish.h"
#include "gate/iam_print.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"

int iam_verb_public(int argc, char **argv);
const struct command_option *iam_verb_public_options(void);

#define OUT_MAX (64u << 20) /* bytes of an answer */

const struct command_option *iam_verb_public_options(void)
{
    static const struct command_option table[] = {
        {"account", 0, "ID", "an account of yours, or organisation (o-...); others are outside",
         true},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct call {
    const struct options *o;
    struct arena arena;
    struct iam_texts accounts;
    struct json_out json;
    struct buf *out;
    bool found, unknown;
    struct err *e;
};

static bool is_account(const char *text)
{
    if (strncmp(text, "o-", 2) == 0)
        return strspn(text + 2, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(text) - 2 &&
               text[2] != '\0';
    return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

static bool accounts(struct call *c)
{
    const char *const *all = options_all(c->o, "account", &c->arena);
    struct slice *items = NULL;

    for (size_t i = 0; all != NULL && all[i] != NULL; i++) {
        if (!is_account(all[i]))
            return err_fail(c->e, ERR_USAGE,
                            "--account %s: expected 12 digits, or an organisation (o-...)", all[i]);
        *(struct slice *)ARENA_PUSH(&c->arena, &items, &c->accounts.n) = slice_str(all[i]);
    }
    c->accounts.items = items;
    return true;
}

/* How it stands with one policy. */
struct answer {
    const char *word, *text;
    enum iam_tone tone;
    struct iam_comparison got;
};

static struct answer ask(struct call *c, const struct iam_doc *d)
{
    struct answer a = {"not public", "nobody from outside is let in", IAM_GOOD, {0}};

    iam_compare_access(d, IAM_ACCESS_PUBLIC, &c->accounts, &c->arena, &a.got);
    if (a.got.wider == IAM_YES) {
        a.word = "public";
    } else if (a.got.wider == IAM_NO && c->accounts.n > 0) {
        iam_compare_access(d, IAM_ACCESS_CROSS, &c->accounts, &c->arena, &a.got);
        a.word = a.got.wider == IAM_YES ? "cross-account" : a.word;
    }
    if (a.got.wider == IAM_YES) {
        a.text = a.got.example.why_not;
        a.tone = IAM_BAD;
    } else if (a.got.wider == IAM_MAYBE) {
        a.word = "could not tell";
        a.text = a.got.unknown;
        a.tone = IAM_UNSURE;
    }
    c->found = c->found || a.got.wider == IAM_YES;
    c->unknown = c->unknown || a.got.wider == IAM_MAYBE;
    return a;
}

static void text(struct call *c, const char *path, const struct answer *a)
{
    iam_print_text(c->out, slice_str(path));
    buf_str(c->out, ": ");
    iam_print_word(c->out, a->word, a->tone, say_color(STDOUT_FILENO));
    buf_str(c->out, ": ");
    iam_print_text(c->out, slice_str(a->text));
    buf_u8(c->out, '\n');
    if (a->got.wider == IAM_YES)
        iam_print_example(c->out, &a->got.example, NULL);
}

static void json(struct call *c, const char *path, const struct answer *a)
{
    static const char *const words[] = {"no", "unknown", "yes"};

    json_out_object(&c->json);
    json_out_kv_str(&c->json, "policy", path);
    json_out_kv_str(&c->json, "outside", words[a->got.wider]);
    json_out_kv_str(&c->json, "access", a->word);
    json_out_kv_str(&c->json, "why", a->text);
    json_out_key(&c->json, "example");
    if (a->got.wider == IAM_YES)
        iam_print_example_json(&c->json, &a->got.example);
    else
        json_out_null(&c->json);
    json_out_end_object(&c->json);
}

static bool ask_all(struct call *c)
{
    const bool as_json = options_has(c->o, "json");

    if (c->o->nargs == 0)
        return err_fail(c->e, ERR_USAGE, "name a policy file of a resource");
    if (!accounts(c))
        return false;
    json_out_init(&c->json, c->out, JSON_PRETTY);
    if (as_json) {
        json_out_object(&c->json);
        json_out_kv_str(&c->json, "schema", "sallyport/iam-public/v1");
        json_out_key(&c->json, "policies");
        json_out_array(&c->json);
    }
    for (size_t i = 0; i < c->o->nargs; i++) {
        struct iam_doc *d = ARENA_NEW(&c->arena, struct iam_doc);
        struct answer a;

        if (!iam_verb_document(c->o->args[i], &c->arena, d, c->e))
            return false;
        a = ask(c, d);
        (as_json ? json : text)(c, c->o->args[i], &a);
    }
    if (as_json) {
        json_out_end_array(&c->json);
        json_out_end_object(&c->json);
    }
    return true;
}

int iam_verb_public(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {.o = &o, .out = &out, .e = &e};
    int status;

    arena_init(&c.arena);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_public_options()}, &c.arena, &o,
                       &e))
        status = finish_error(&e, "`sallyport help iam public` explains");
    else if (o.help)
        status = finish_help("iam public");
    else if (!ask_all(&c) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = c.found ? EXIT_DENY : c.unknown ? EXIT_UNVERIFIABLE : EXIT_ALLOW;
    buf_release(&out);
    arena_release(&c.arena);
    return status;
}
