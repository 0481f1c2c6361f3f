#include "gate/iam_answer.h"

#define MISSES_MAX 40 /* near misses that a person reads */

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

static void text(struct buf *out, const struct iam_verdict *v, bool color)
{
    static const enum iam_tone tones[] = {IAM_GOOD, IAM_BAD, IAM_BAD, IAM_UNSURE};
    size_t misses = 0;

    iam_print_word(out, iam_evaluate_decision_name(v->decision), tones[v->decision], color);
    buf_printf(out, ": %s\n", v->text);
    blockers(out, v);
    for (size_t i = 0; i < v->nreasons; i++) { /* near misses are the last */
        if (v->reasons[i].matched == IAM_NO && misses++ == MISSES_MAX) {
            buf_printf(out, "  %zu further statements miss it; --json has them all\n",
                       v->nreasons - i);
            break;
        }
        reason(out, &v->reasons[i]);
    }
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
    json_out_kv_str(o, "reading",
                    r->context.reading == IAM_READING_SIMULATE ? "iam-simulate" : "aws");
    json_out_end_object(o);
}

static void statement(struct json_out *o, const struct iam_reason *r)
{
    json_out_object(o);
    json_out_kv_str(o, "side", iam_evaluate_side_name(r->side));
    json_out_kv_str(o, "matches", iam_print_answer(r->matched));
    json_out_kv_str(o, "why", r->why);
    json_out_key(o, "at");
    iam_print_statement_json(o, r->doc, r->statement);
    json_out_end_object(o);
}

static void json(struct json_out *o, const struct iam_question *q, const struct iam_verdict *v)
{
    json_out_kv_str(o, "decision", iam_evaluate_decision_name(v->decision));
    json_out_kv_str(o, "reason", v->text);
    json_out_key(o, "blocked_by");
    json_out_array(o);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (v->blocks[i])
            json_out_string(o, slice_str(iam_evaluate_side_name((enum iam_side)i)));
    json_out_end_array(o);
    request(o, &q->request);
    json_out_key(o, "statements");
    json_out_array(o);
    for (size_t i = 0; i < v->nreasons; i++)
        statement(o, &v->reasons[i]);
    json_out_end_array(o);
}

void iam_answer_verdict(struct call *c, const struct iam_question *q, const struct iam_verdict *v)
{
    if (!options_has(c->o, "json")) {
        text(c->out, v, c->color);
        return;
    }
    json(call_json(c, "sallyport/iam-can/v1"), q, v);
    json_out_end_object(c->json);
}

void iam_answer_comparison(struct call *c, const struct iam_answer_form *form,
                           const struct iam_comparison *got)
{
    call_answer(c, got->wider == IAM_YES, got->wider == IAM_MAYBE);
    if (!options_has(c->o, "json")) {
        iam_print_comparison(c->out, got, &form->words, c->color);
        return;
    }
    json_out_kv_str(call_json(c, form->schema), form->key, iam_print_answer(got->wider));
    iam_print_example_json(c->json, got);
    json_out_kv_str(c->json, "unknown", got->unknown);
    json_out_end_object(c->json);
}
