#include "gate/verify_print.h"

#include "base/escape.h"

void verify_print_json(struct json_out *o, const struct value *answer, const char *path)
{
    json_out_object(o);
    json_out_kv_str(o, "file", path);
    json_out_kv_bool(o, "accepted", value_true(value_get(answer, "accepted")));
    json_out_kv_str(o, "reason", value_cstr(value_get(answer, "reason"), NULL));
    json_out_kv_str(o, "text", value_cstr(value_get(answer, "text"), NULL));
    json_out_kv_str(o, "keyid", value_cstr(value_get(answer, "keyid"), NULL));
    json_out_key(o, "statement");
    json_out_value(o, value_get(answer, "statement"));
    json_out_end_object(o);
    buf_u8(o->buf, '\n');
}

/* A file that could not be opened is in the list of answers, too. */
void verify_print_unread(struct json_out *o, const struct err *e, const char *path)
{
    json_out_object(o);
    json_out_kv_str(o, "file", path);
    json_out_kv_bool(o, "accepted", false);
    json_out_kv_str(o, "reason", "unreadable");
    json_out_kv_str(o, "text", e->text);
    json_out_kv_str(o, "keyid", NULL);
    json_out_key(o, "statement");
    json_out_null(o);
    json_out_end_object(o);
    buf_u8(o->buf, '\n');
}

void verify_print_text(struct buf *b, const struct value *answer, const char *path)
{
    const bool yes = value_true(value_get(answer, "accepted"));

    escape_terminal(b, slice_str(path));
    buf_str(b, yes ? ": accepted: " : ": refused: ");
    if (!yes) {
        buf_put(b, value_text(value_get(answer, "reason")));
        buf_str(b, ": ");
    }
    escape_terminal(b, value_text(value_get(answer, "text")));
    buf_u8(b, '\n');
}
