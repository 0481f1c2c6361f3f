/* iam lint: what is wrong with these policies? */
#include <unistd.h>

#include "gate/finish.h"
#include "gate/iam_print.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"
#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_lint.h"

int iam_verb_lint(int argc, char **argv);
const struct command_option *iam_verb_lint_options(void);

#define OUT_MAX (64u << 20) /* bytes of an answer */

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

struct call {
    const struct options *o;
    struct arena arena;
    struct iam_lint_options lint;
    struct buf *out;
    struct json_out json;
    size_t errors, warnings, notes;
    bool unknown;
};

static void codes(struct call *c)
{
    for (const struct iam_lint_code *k = iam_lint_codes; k->code != NULL; k++)
        buf_printf(c->out, "%-8s %-21s %s\n%-30s %s\n", iam_lint_level_name(k->level), k->code,
                   k->title, "", k->fix);
}

static void text(struct call *c, const char *path, const struct iam_lint *l)
{
    static const enum iam_tone tones[] = {IAM_BAD, IAM_UNSURE, IAM_FAINT};

    for (size_t i = 0; i < l->n; i++) {
        const struct iam_lint_finding *f = &l->items[i];

        iam_print_text(c->out, slice_str(path));
        if (f->line > 0)
            buf_printf(c->out, ":%u", f->line);
        buf_str(c->out, ": ");
        iam_print_word(c->out, iam_lint_level_name(f->level), tones[f->level],
                       say_color(STDOUT_FILENO));
        buf_printf(c->out, " %s: ", f->code);
        if (f->number > 0)
            buf_printf(c->out, "statement %zu", f->number);
        if (f->sid.len > 0) {
            buf_str(c->out, " (");
            iam_print_text(c->out, f->sid);
            buf_u8(c->out, ')');
        }
        buf_str(c->out, f->number > 0 ? ": " : "");
        iam_print_text(c->out, slice_str(f->text));
        buf_u8(c->out, '\n');
    }
    if (l->unknown) {
        iam_print_text(c->out, slice_str(path));
        buf_str(c->out, ": a part is not known, or was not looked at: there may be more\n");
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

static void json(struct call *c, const char *path, const struct iam_lint *l)
{
    struct json_out *o = &c->json;

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

static bool one(struct call *c, const char *path, struct iam_lint *l, struct err *e)
{
    const struct value *v;
    struct err parse = {0};
    struct slice bytes;

    if (!iam_verb_text(path, &c->arena, &bytes, e))
        return false;
    if (iam_verb_parse(bytes, &c->arena, &v, &parse))
        iam_lint(v, &c->lint, &c->arena, l);
    else
        iam_lint_unreadable(&parse, &c->arena, l);
    c->errors += l->errors;
    c->warnings += l->warnings;
    c->notes += l->n - l->errors - l->warnings;
    c->unknown = c->unknown || l->unknown;
    return true;
}

static bool each(struct call *c, struct err *e)
{
    const bool as_json = options_has(c->o, "json");

    for (size_t i = 0; i < c->o->nargs; i++) {
        struct iam_lint l;

        if (!one(c, c->o->args[i], &l, e))
            return false;
        if (as_json)
            json(c, c->o->args[i], &l);
        else
            text(c, c->o->args[i], &l);
    }
    return true;
}

static bool read_options(struct call *c, struct err *e)
{
    const char *const *accounts = options_all(c->o, "account", &c->arena);
    const char *kind = options_get(c->o, "type");
    struct slice *own = NULL;
    size_t n = 0;

    if (kind != NULL && !iam_lint_kind_named(kind, &c->lint.kind))
        return err_fail(e, ERR_USAGE, "--type %s: identity, resource, trust, scp or rcp", kind);
    for (size_t i = 0; accounts != NULL && accounts[i] != NULL; i++)
        *(struct slice *)ARENA_PUSH(&c->arena, &own, &n) = slice_str(accounts[i]);
    c->lint.accounts = (struct iam_texts){own, n, false};
    return true;
}

static bool as_json(struct call *c, struct err *e)
{
    const struct iam_actions_source source = iam_actions_source();
    struct json_out *o = &c->json;

    json_out_init(o, c->out, JSON_PRETTY);
    json_out_object(o);
    json_out_kv_str(o, "schema", "sallyport/iam-lint/v1");
    json_out_kv_str(o, "actions_version", source.version);
    json_out_kv_str(o, "actions_digest", source.digest);
    json_out_key(o, "policies");
    json_out_array(o);
    if (!each(c, e))
        return false;
    json_out_end_array(o);
    json_out_kv_int(o, "errors", (int64_t)c->errors);
    json_out_kv_int(o, "warnings", (int64_t)c->warnings);
    json_out_kv_int(o, "notes", (int64_t)c->notes);
    json_out_end_object(o);
    return true;
}

static bool answer(struct call *c, struct err *e)
{
    if (options_has(c->o, "codes")) {
        codes(c);
        return true;
    }
    if (c->o->nargs == 0)
        return err_fail(e, ERR_USAGE, "name a policy file");
    if (!read_options(c, e))
        return false;
    if (options_has(c->o, "json"))
        return as_json(c, e);
    if (!each(c, e))
        return false;
    buf_printf(c->out, "%zu errors, %zu warnings, %zu notes\n", c->errors, c->warnings, c->notes);
    return true;
}

static int status_of(const struct call *c)
{
    if (c->errors > 0 || (c->warnings > 0 && options_has(c->o, "strict")))
        return EXIT_DENY;
    return c->unknown ? EXIT_UNVERIFIABLE : EXIT_ALLOW;
}

int iam_verb_lint(int argc, char **argv)
{
    struct options o;
    struct buf out;
    struct err e = {0};
    struct call c = {.o = &o, .out = &out};
    int status;

    arena_init(&c.arena);
    buf_init(&out, OUT_MAX);
    if (!options_parse(&(struct command_line){argc, argv, iam_verb_lint_options()}, &c.arena, &o,
                       &e))
        status = finish_error(&e, "`sallyport help iam lint` explains");
    else if (o.help)
        status = finish_help("iam lint");
    else if (!answer(&c, &e) || !buf_finish(&out, &e) || !say_out(buf_slice(&out), &e))
        status = finish_error(&e, NULL);
    else
        status = status_of(&c);
    buf_release(&out);
    arena_release(&c.arena);
    return status;
}
