#include "gate/iam_lint_print.h"

static uint32_t line_of(const struct iam_lint_place *at, uint32_t line)
{
    return line > 0 && !at->text ? line : at->line;
}

static void place(struct buf *b, const struct iam_lint_place *at, uint32_t line)
{
    iam_print_text(b, slice_str(at->file));
    if (line_of(at, line) > 0)
        buf_printf(b, ":%u", line_of(at, line));
    buf_str(b, ": ");
    if (at->fact != NULL) {
        iam_print_text(b, slice_str(at->fact->address));
        buf_str(b, ": ");
    }
}

static void finding(struct buf *b, const struct iam_lint_finding *f, bool color)
{
    static const enum iam_tone tones[] = {IAM_BAD, IAM_UNSURE, IAM_FAINT};

    iam_print_word(b, iam_lint_level_name(f->level), tones[f->level], color);
    buf_printf(b, " %s: ", f->code);
    if (f->number > 0)
        buf_printf(b, "statement %zu", f->number);
    if (f->sid.len > 0) {
        buf_str(b, " (");
        iam_print_text(b, f->sid);
        buf_u8(b, ')');
    }
    buf_str(b, f->number > 0 ? ": " : "");
    iam_print_text(b, slice_str(f->text));
    buf_u8(b, '\n');
}

void iam_lint_print(struct buf *b, const struct iam_lint_place *at, const struct iam_lint *l,
                    bool color)
{
    for (size_t i = 0; i < l->n; i++) {
        place(b, at, l->items[i].line);
        finding(b, &l->items[i], color);
    }
    if (!l->unknown)
        return;
    place(b, at, 0);
    buf_str(b, "a part is not known, or was not looked at: there may be more\n");
}

static void json_finding(struct json_out *o, const struct iam_lint_place *at,
                         const struct iam_lint_finding *f)
{
    const struct iam_lint_code *code = iam_lint_code_of(f->code);

    json_out_object(o);
    json_out_kv_str(o, "code", f->code);
    json_out_kv_str(o, "level", iam_lint_level_name(f->level));
    json_out_kv_int(o, "statement", (int64_t)f->number);
    json_out_key(o, "sid");
    json_out_string(o, f->sid);
    json_out_kv_int(o, "line", line_of(at, f->line));
    json_out_kv_str(o, "text", f->text);
    json_out_kv_str(o, "title", code->title);
    json_out_kv_str(o, "fix", code->fix);
    json_out_end_object(o);
}

void iam_lint_print_json(struct json_out *o, const struct iam_lint_place *at,
                         const struct iam_lint *l)
{
    json_out_object(o);
    json_out_kv_str(o, "policy", at->fact != NULL ? at->fact->address : at->file);
    if (at->fact != NULL) {
        json_out_kv_str(o, "file", at->file);
        json_out_kv_int(o, "line", at->line);
        json_out_key(o, "resource");
        json_out_value(o, value_get(at->fact->attributes, "resource"));
    }
    json_out_kv_str(o, "type", iam_lint_kind_name(l->kind));
    json_out_kv_bool(o, "complete", !l->unknown);
    json_out_key(o, "findings");
    json_out_array(o);
    for (size_t i = 0; i < l->n; i++)
        json_finding(o, at, &l->items[i]);
    json_out_end_array(o);
    json_out_end_object(o);
}
