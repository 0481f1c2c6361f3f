#include "gate/iam_answer.h"

#include "gate/iam_print.h"

static void reason(struct buf *out, const struct iam_reason *r)
{
    const bool deny = r->statement->effect == IAM_DENY;

    buf_str(out, r->matched == IAM_YES     ? (deny ? "  denies   " : "  allows   ")
                 : r->matched == IAM_MAYBE ? (deny ? "  may deny " : "  may allow")
                                           : "  misses   ");
    buf_printf(out, " %-9s ", iam_evaluate_side_name(r->side));
    iam_print_statement(out, r->doc, r->statement);
    if (r->why != NULL) {
        buf_str(out, ": ");
        iam_print_text(out, slice_str(r->why));
    }
    buf_u8(out, '\n');
}

/* Several sides stand in the way: lifting one would not be enough. */
static void blockers(struct buf *out, const struct iam_verdict *v)
{
    size_t n = 0;

    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        n += v->blocks[i];
    if (n < 2)
        return;
    buf_str(out, "  blocked by");
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (v->blocks[i])
            buf_printf(out, "%s %s", --n == 0 ? " and" : "",
                       iam_evaluate_side_name((enum iam_side)i));
    buf_u8(out, '\n');
}

void iam_answer_text(struct buf *out, const struct iam_verdict *v, bool color)
{
    static const enum iam_tone tones[] = {IAM_GOOD, IAM_BAD, IAM_BAD, IAM_UNSURE};

    iam_print_word(out, iam_evaluate_decision_name(v->decision), tones[v->decision], color);
    buf_printf(out, ": %s\n", v->text);
    blockers(out, v);
    for (size_t i = 0; i < v->nreasons; i++)
        reason(out, &v->reasons[i]);
}

static void request(struct json_out *o, const struct iam_request *r)
{
    json_out_key(o, "request");
    json_out_object(o);
    json_out_key(o, "action");
    json_out_string(o, r->action);
    json_out_key(o, "resource");
    json_out_string(o, r->resource);
    json_out_key(o, "principal");
    json_out_string(o, r->principal);
    json_out_key(o, "context");
    iam_print_keys_json(o, r->context.keys, r->context.n);
    json_out_kv_bool(o, "open_context", r->context.open);
    json_out_end_object(o);
}

static void statement(struct json_out *o, const struct iam_reason *r)
{
    static const char *const answers[] = {"no", "unknown", "yes"};

    json_out_object(o);
    json_out_kv_str(o, "side", iam_evaluate_side_name(r->side));
    json_out_kv_str(o, "matches", answers[r->matched]);
    json_out_kv_str(o, "why", r->why);
    json_out_key(o, "at");
    iam_print_statement_json(o, r->doc, r->statement);
    json_out_end_object(o);
}

void iam_answer_json(struct buf *out, const struct iam_question *q, const struct iam_verdict *v)
{
    struct json_out o;

    json_out_init(&o, out, JSON_PRETTY);
    json_out_object(&o);
    json_out_kv_str(&o, "schema", "sallyport/iam-can/v1");
    json_out_kv_str(&o, "decision", iam_evaluate_decision_name(v->decision));
    json_out_kv_str(&o, "reason", v->text);
    json_out_key(&o, "blocked_by");
    json_out_array(&o);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (v->blocks[i])
            json_out_string(&o, slice_str(iam_evaluate_side_name((enum iam_side)i)));
    json_out_end_array(&o);
    request(&o, &q->request);
    json_out_key(&o, "statements");
    json_out_array(&o);
    for (size_t i = 0; i < v->nreasons; i++)
        statement(&o, &v->reasons[i]);
    json_out_end_array(&o);
    json_out_end_object(&o);
}
