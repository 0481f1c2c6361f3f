#include "gate/iam_print.h"

#include "base/escape.h"

void iam_print_text(struct buf *b, struct slice text)
{
    escape_terminal(b, text);
}

void iam_print_statement(struct buf *b, const struct iam_doc *d, const struct iam_statement *s)
{
    escape_terminal(b, slice_str(d->name));
    if (s->line > 0)
        buf_printf(b, ":%u", s->line);
    buf_printf(b, "%sstatement %zu", d->name[0] != '\0' ? " " : "", s->index + 1);
    if (s->sid.len > 0) {
        buf_str(b, " (");
        escape_terminal(b, s->sid);
        buf_u8(b, ')');
    }
}

static const char *effect(enum iam_effect e)
{
    return e == IAM_ALLOW ? "Allow" : e == IAM_DENY ? "Deny" : NULL;
}

void iam_print_statement_json(struct json_out *o, const struct iam_doc *d,
                              const struct iam_statement *s)
{
    json_out_object(o);
    json_out_kv_str(o, "policy", d->name);
    json_out_kv_int(o, "statement", (int64_t)s->index + 1);
    json_out_key(o, "sid");
    json_out_string(o, s->sid);
    json_out_kv_int(o, "line", s->line);
    json_out_kv_str(o, "effect", effect(s->effect));
    json_out_end_object(o);
}

void iam_print_keys(struct buf *b, const struct iam_key *keys, size_t n, const char *indent)
{
    for (size_t i = 0; i < n; i++) {
        buf_str(b, indent);
        escape_terminal(b, keys[i].name);
        buf_str(b, keys[i].many ? " = [" : " = ");
        for (size_t k = 0; k < keys[i].n; k++) {
            buf_str(b, k > 0 ? ", " : "");
            escape_terminal(b, keys[i].values[k]);
        }
        buf_str(b, keys[i].many ? "]\n" : "\n");
    }
}

void iam_print_keys_json(struct json_out *o, const struct iam_key *keys, size_t n)
{
    json_out_object(o);
    for (size_t i = 0; i < n; i++) {
        json_out_key_slice(o, keys[i].name);
        if (keys[i].unknown) {
            json_out_null(o);
            continue;
        }
        if (keys[i].many)
            json_out_array(o);
        for (size_t k = 0; k < keys[i].n; k++)
            json_out_string(o, keys[i].values[k]);
        if (keys[i].many)
            json_out_end_array(o);
    }
    json_out_end_object(o);
}

static void part(struct buf *b, const char *name, struct slice text)
{
    buf_printf(b, "  %-10s ", name);
    escape_terminal(b, text);
    buf_u8(b, '\n');
}

void iam_print_example(struct buf *b, const struct iam_counterexample *x, const char *but)
{
    part(b, "action", x->action);
    part(b, "resource", x->resource);
    if (x->principal.len > 0)
        part(b, "principal", x->principal);
    iam_print_keys(b, x->keys, x->nkeys, "  context    ");
    if (x->statement != NULL) {
        buf_printf(b, "  %-10s ", "allowed by");
        iam_print_statement(b, x->doc, x->statement);
        buf_u8(b, '\n');
    }
    if (but != NULL)
        part(b, but, slice_str(x->why_not));
}

static void example_json(struct json_out *o, const struct iam_counterexample *x)
{
    json_out_object(o);
    json_out_key(o, "action");
    json_out_string(o, x->action);
    json_out_key(o, "resource");
    json_out_string(o, x->resource);
    json_out_key(o, "principal");
    if (x->principal.len > 0)
        json_out_string(o, x->principal);
    else
        json_out_null(o);
    json_out_key(o, "context");
    iam_print_keys_json(o, x->keys, x->nkeys);
    json_out_key(o, "allowed_by");
    if (x->statement != NULL)
        iam_print_statement_json(o, x->doc, x->statement);
    else
        json_out_null(o);
    json_out_kv_str(o, "why_not", x->why_not);
    json_out_end_object(o);
}

void iam_print_example_json(struct json_out *o, const struct iam_comparison *got)
{
    json_out_key(o, "example");
    if (got->wider == IAM_YES)
        example_json(o, &got->example);
    else
        json_out_null(o);
}

const char *iam_print_comparison_word(const struct iam_comparison *got,
                                      const struct iam_print_words *w)
{
    return got->wider == IAM_YES ? w->yes : got->wider == IAM_NO ? w->no : "could not tell";
}

const char *iam_print_comparison_why(const struct iam_comparison *got,
                                     const struct iam_print_words *w)
{
    return got->wider == IAM_YES ? w->yes_text : got->wider == IAM_NO ? w->no_text : got->unknown;
}

void iam_print_comparison(struct buf *b, const struct iam_comparison *got,
                          const struct iam_print_words *w, bool color)
{
    iam_print_word(b, iam_print_comparison_word(got, w), iam_print_tone(got->wider), color);
    buf_str(b, ": ");
    iam_print_text(b, slice_str(iam_print_comparison_why(got, w)));
    buf_u8(b, '\n');
    if (got->wider == IAM_YES)
        iam_print_example(b, &got->example, w->but);
}

void iam_print_word(struct buf *b, const char *word, enum iam_tone tone, bool on)
{
    static const char *const codes[] = {"\033[32m", "\033[31m", "\033[33m", "\033[2m"};

    buf_printf(b, "%s%s%s", on ? codes[tone] : "", word, on ? "\033[0m" : "");
}

enum iam_tone iam_print_tone(enum iam_answer answer)
{
    static const enum iam_tone tones[] = {IAM_GOOD, IAM_UNSURE, IAM_BAD};

    return tones[answer];
}

const char *iam_print_answer(enum iam_answer answer)
{
    static const char *const names[] = {"no", "unknown", "yes"};

    return names[answer];
}
