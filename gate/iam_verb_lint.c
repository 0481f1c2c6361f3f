/* iam lint: what is wrong with these policies? */
#include <string.h>

#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/iam_lint_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/iam_words.h"
#include "gate/say.h"
#include "policies/iam/aws/iam_actions.h"

int iam_verb_lint(int argc, char **argv);
const struct command_option *iam_verb_lint_options(void);

const struct command_option *iam_verb_lint_options(void)
{
    static const struct command_option table[] = {
        {"from", 0, "PATH", "check the policies of a plan, template or account snapshot", true},
        {"as", 0, "NAME", "of --from, only those of this role, user or group", false},
        {"type", 0, "KIND", "identity, resource, trust, scp or rcp (default: by its principals)",
         false},
        {"account", 0, "ID", "own account: its principals are no strangers to roles", true},
        {"effective-time", 0, "TIME",
         "who is let in at this time (RFC 3339) or later (default: now)", false},
        {"strict", 0, NULL, "warnings fail, too", false},
        {"codes", 0, NULL, "list what is looked for", false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct lint {
    struct call call;
    struct iam_source source;
    struct iam_lint_options opt;
    size_t npolicies, errors, warnings, notes;
    bool unknown;
};

static void codes_json(struct lint *c)
{
    struct json_out *o = call_json(&c->call, "sallyport/iam-lint-codes/v1");

    json_out_key(o, "codes");
    json_out_array(o);
    for (const struct iam_lint_code *k = iam_lint_codes; k->code != NULL; k++) {
        json_out_object(o);
        json_out_kv_str(o, "code", k->code);
        json_out_kv_str(o, "level", iam_lint_level_name(k->level));
        json_out_kv_str(o, "title", k->title);
        json_out_kv_str(o, "fix", k->fix);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void codes(struct lint *c)
{
    for (const struct iam_lint_code *k = iam_lint_codes; k->code != NULL; k++)
        buf_printf(c->call.out, "%-8s %-21s %s\n%-30s %s\n", iam_lint_level_name(k->level), k->code,
                   k->title, "", k->fix);
}

static void tell(struct lint *c, const struct iam_lint_place *at, const struct iam_lint *l)
{
    c->npolicies++;
    c->errors += l->errors;
    c->warnings += l->warnings;
    c->notes += l->n - l->errors - l->warnings;
    c->unknown = c->unknown || l->unknown;
    if (options_has(c->call.o, "json"))
        iam_lint_print_json(c->call.json, at, l);
    else
        iam_lint_print(c->call.out, at, l, c->call.color);
}

/* ---- files ---- */

static bool files(struct lint *c)
{
    for (size_t i = 0; i < c->call.o->nargs; i++) {
        const struct iam_lint_place at = {.file = c->call.o->args[i]};
        const struct value *v;
        struct err parse = {0};
        struct slice bytes;
        struct iam_lint l;

        if (!iam_verb_text(at.file, c->call.arena, &bytes, c->call.e))
            return false;
        c->opt.marked = slice_starts(bytes, "\xef\xbb\xbf");
        if (iam_verb_parse(bytes, c->call.arena, &v, &parse)) {
            if (!iam_verb_is_policy(at.file, v, c->call.e))
                return false;
            iam_lint(v, &c->opt, c->call.arena, &l);
        } else {
            iam_lint_unreadable(&parse, c->call.arena, &l);
        }
        tell(c, &at, &l);
    }
    return true;
}

/* ---- plans, templates, snapshots ---- */

/* Nobody here can mend a policy of AWS. */
static bool of_aws(const struct fact *f)
{
    return slice_is(iam_request_account(value_text(value_get(f->attributes, "resource"))), "aws");
}

/* As it was written; one that was refused, too. */
static void fact(struct lint *c, const struct fact *f)
{
    const struct value *written = value_get(f->attributes, "written");
    const struct value *v = written != NULL ? written : value_get(f->attributes, "document");
    const struct iam_lint_place at = {f->at.input, f, f->at.line, value_is(v, VALUE_STRING)};
    const char *kind = value_cstr(value_get(f->attributes, "kind"), "");
    struct iam_lint_options opt = c->opt;
    struct iam_lint l;

    if (of_aws(f))
        return;
    if (!iam_lint_kind_named(kind, &opt.kind))
        opt.kind = IAM_LINT_GUESS;
    iam_lint(v, &opt, c->call.arena, &l);
    tell(c, &at, &l);
}

/* A policy that is attached and not there, or cannot be told. */
static bool holds_unknown(const struct iam_party *p)
{
    bool unknown = p->attached.unknown || (p->boundary != NULL && p->boundary->unknown);

    for (size_t i = 0; i < p->attached.n; i++)
        unknown = unknown || p->attached.items[i].unknown;
    return unknown;
}

static bool of_party(struct lint *c)
{
    const struct iam_party *p;

    if (!iam_source_party(&c->source, options_get(c->call.o, "as"), &p, c->call.e))
        return false;
    for (size_t i = 0; i < p->npolicies; i++)
        fact(c, p->policies[i]);
    if (holds_unknown(p)) {
        c->unknown = true;
        iam_source_note_unknown(p);
    }
    return true;
}

static bool everything(struct lint *c)
{
    const struct facts *f = &c->call.run->scan.facts;

    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "iam.policy") == 0)
            fact(c, &f->facts[i]);
    return c->npolicies > 0 || c->source.partial ||
           err_fail(c->call.e, ERR_USAGE, "%s: no policy in it", options_get(c->call.o, "from"));
}

/* The own account is no stranger to its roles. */
static void own_account(struct lint *c)
{
    const struct slice number = c->source.account.number;
    struct slice *all = ARENA_ARRAY(c->call.arena, struct slice, c->opt.accounts.n + 1);

    for (size_t i = 0; i < c->opt.accounts.n; i++)
        all[i] = c->opt.accounts.items[i];
    all[c->opt.accounts.n] = number;
    c->opt.accounts.items = all;
    c->opt.accounts.n += number.len > 0;
}

static bool from(struct lint *c)
{
    const char *const *paths = options_all(c->call.o, "from", c->call.arena);

    if (!iam_source_scan(c->call.run, paths, &c->source, c->call.e))
        return false;
    own_account(c);
    c->unknown = c->source.partial;
    return options_has(c->call.o, "as") ? of_party(c) : everything(c);
}

static bool each(struct lint *c)
{
    return options_has(c->call.o, "from") ? from(c) : files(c);
}

/* ---- all of it ---- */

static bool read_options(struct lint *c)
{
    const char *kind = options_get(c->call.o, "type");

    if (!iam_words_accounts(c->call.o, c->call.arena, c->call.e))
        return false;
    c->opt.accounts = iam_source_texts(&c->call, "account");
    if (!common_options_since(c->call.o, &c->opt.since, c->call.e))
        return false;
    return kind == NULL || iam_lint_kind_named(kind, &c->opt.kind) ||
           err_fail(c->call.e, ERR_USAGE, "--type %s: identity, resource, trust, scp or rcp", kind);
}

static bool as_json(struct lint *c)
{
    const struct iam_actions_source source = iam_actions_source();
    struct json_out *o = call_json(&c->call, "sallyport/iam-lint/v1");

    json_out_kv_str(o, "actions_version", source.version);
    json_out_kv_str(o, "actions_digest", source.digest);
    json_out_key(o, "policies");
    json_out_array(o);
    if (!each(c))
        return false;
    json_out_end_array(o);
    json_out_kv_int(o, "errors", (int64_t)c->errors);
    json_out_kv_int(o, "warnings", (int64_t)c->warnings);
    json_out_kv_int(o, "notes", (int64_t)c->notes);
    json_out_end_object(o);
    return true;
}

static bool as_text(struct lint *c)
{
    if (!each(c))
        return false;
    buf_count(c->call.out, c->errors, "error");
    buf_str(c->call.out, ", ");
    buf_count(c->call.out, c->warnings, "warning");
    buf_str(c->call.out, ", ");
    buf_count(c->call.out, c->notes, "note");
    if (options_has(c->call.o, "from"))
        buf_printf(c->call.out, " in %zu %s", c->npolicies,
                   c->npolicies == 1 ? "policy" : "policies");
    buf_u8(c->call.out, '\n');
    return true;
}

static bool ask(struct call *call)
{
    struct lint *c = (struct lint *)call;

    if (options_has(call->o, "codes")) {
        if (call->o->nargs > 0)
            return err_fail(call->e, ERR_USAGE, "--codes looks at no policy; found '%s'",
                            call->o->args[0]);
        (options_has(call->o, "json") ? codes_json : codes)(c);
        return true;
    }
    if (!iam_source_one(call, call->o->args))
        return false;
    if (call->o->nargs == 0 && !options_has(call->o, "from"))
        return err_fail(call->e, ERR_USAGE, "name a policy file, or --from PATH");
    if (options_has(call->o, "from") && options_has(call->o, "type"))
        return err_fail(call->e, ERR_USAGE,
                        "--type is of files; in --from each policy has its place");
    if (!read_options(c) || !(options_has(call->o, "json") ? as_json : as_text)(c))
        return false;
    call_answer(call, c->errors > 0 || (c->warnings > 0 && options_has(call->o, "strict")),
                c->unknown);
    return true;
}

int iam_verb_lint(int argc, char **argv)
{
    static const struct call_verb verb = {"iam lint", iam_verb_lint_options, NULL, ask};
    struct lint c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
