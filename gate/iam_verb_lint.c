/* iam lint: what is wrong with these policies? */

#include "gate/call.h"
#include "gate/iam_print.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/say.h"
#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_lint.h"

int iam_verb_lint(int argc, char **argv);
const struct command_option *iam_verb_lint_options(void);

const struct command_option *iam_verb_lint_options(void)
{
    static const struct command_option table[] = {
        {"type", 0, "KIND", "identity, resource, trust, scp or rcp (default: by its principals)",
         false},
        {"account", 0, "ID", "own account: its principals are no strangers to roles", true},
        {"strict", 0, NULL, "warnings fail, too", false},
        {"codes", 0, NULL, "list what is looked for", false},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct lint {
    struct call call;
    struct iam_lint_options lint;
    size_t errors, warnings, notes;
    bool unknown;
};

static void codes(struct lint *c)
{
    for (const struct iam_lint_code *k = iam_lint_codes; k->code != NULL; k++)
        buf_printf(c->call.out, "%-8s %-21s %s\n%-30s %s\n", iam_lint_level_name(k->level), k->code,
                   k->title, "", k->fix);
}

static void text(struct lint *c, const char *path, const struct iam_lint *l)
{
    static const enum iam_tone tones[] = {IAM_BAD, IAM_UNSURE, IAM_FAINT};

    for (size_t i = 0; i < l->n; i++) {
        const struct iam_lint_finding *f = &l->items[i];

        iam_print_text(c->call.out, slice_str(path));
        if (f->line > 0)
            buf_printf(c->call.out, ":%u", f->line);
        buf_str(c->call.out, ": ");
        iam_print_word(c->call.out, iam_lint_level_name(f->level), tones[f->level], c->call.color);
        buf_printf(c->call.out, " %s: ", f->code);
        if (f->number > 0)
            buf_printf(c->call.out, "statement %zu", f->number);
        if (f->sid.len > 0) {
            buf_str(c->call.out, " (");
            iam_print_text(c->call.out, f->sid);
            buf_u8(c->call.out, ')');
        }
        buf_str(c->call.out, f->number > 0 ? ": " : "");
        iam_print_text(c->call.out, slice_str(f->text));
        buf_u8(c->call.out, '\n');
    }
    if (l->unknown) {
        iam_print_text(c->call.out, slice_str(path));
        buf_str(c->call.out, ": a part is not known, or was not looked at: there may be more\n");
    }
}

static void json_finding(struct json_out *o, const struct iam_lint_finding *f)
{
    const struct iam_lint_code *code = iam_lint_code_of(f->code);

    json_out_object(o);
    json_out_kv_str(o, "code", f->code);
    json_out_kv_str(o, "level", iam_lint_level_name(f->level));
    json_out_kv_int(o, "statement", (int64_t)f->number);
    json_out_key(o, "sid");
    json_out_string(o, f->sid);
    json_out_kv_int(o, "line", f->line);
    json_out_kv_str(o, "text", f->text);
    json_out_kv_str(o, "title", code->title);
    json_out_kv_str(o, "fix", code->fix);
    json_out_end_object(o);
}

static void json(struct lint *c, const char *path, const struct iam_lint *l)
{
    struct json_out *o = c->call.json;

    json_out_object(o);
    json_out_kv_str(o, "policy", path);
    json_out_kv_str(o, "type", iam_lint_kind_name(l->kind));
    json_out_kv_bool(o, "complete", !l->unknown);
    json_out_key(o, "findings");
    json_out_array(o);
    for (size_t i = 0; i < l->n; i++)
        json_finding(o, &l->items[i]);
    json_out_end_array(o);
    json_out_end_object(o);
}

static bool one(struct lint *c, const char *path, struct iam_lint *l)
{
    const struct value *v;
    struct err parse = {0};
    struct slice bytes;

    if (!iam_verb_text(path, c->call.arena, &bytes, c->call.e))
        return false;
    if (iam_verb_parse(bytes, c->call.arena, &v, &parse))
        iam_lint(v, &c->lint, c->call.arena, l);
    else
        iam_lint_unreadable(&parse, c->call.arena, l);
    c->errors += l->errors;
    c->warnings += l->warnings;
    c->notes += l->n - l->errors - l->warnings;
    c->unknown = c->unknown || l->unknown;
    return true;
}

static bool each(struct lint *c)
{
    const bool as_json = options_has(c->call.o, "json");

    for (size_t i = 0; i < c->call.o->nargs; i++) {
        struct iam_lint l;

        if (!one(c, c->call.o->args[i], &l))
            return false;
        if (as_json)
            json(c, c->call.o->args[i], &l);
        else
            text(c, c->call.o->args[i], &l);
    }
    return true;
}

static bool read_options(struct lint *c)
{
    const char *kind = options_get(c->call.o, "type");

    c->lint.accounts = iam_source_texts(&c->call, "account");
    return kind == NULL || iam_lint_kind_named(kind, &c->lint.kind) ||
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
    buf_printf(c->call.out, "%zu errors, %zu warnings, %zu notes\n", c->errors, c->warnings,
               c->notes);
    return true;
}

static bool ask(struct call *call)
{
    struct lint *c = (struct lint *)call;

    if (options_has(call->o, "codes")) {
        codes(c);
        return true;
    }
    if (call->o->nargs == 0)
        return err_fail(call->e, ERR_USAGE, "name a policy file");
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
