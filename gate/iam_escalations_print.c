#include "gate/iam_escalations_print.h"

#include "reports/report_pen.h"

#define POSSIBLE_FULL 4 /* possible ways that are told in full without being asked for */
#define TARGETS_SHOWN 3
#define CHAINS_SHOWN 3

size_t iam_escalations_print_count(const struct iam_escalations *e, enum iam_certainty certainty,
                                   enum iam_answer allowed)
{
    size_t n = 0;

    for (size_t i = 0; i < e->n; i++)
        n += e->items[i].certainty == certainty && e->items[i].allowed == allowed;
    return n;
}

/* ---- who ---- */

static const char *kind_of(const struct iam_party *p)
{
    static const char *const kinds[] = {"user", "group", "role", "policy"};

    return kinds[p->kind];
}

static struct slice name_of(const struct iam_party *p)
{
    return p->name.len > 0 ? p->name : slice_str(p->address);
}

static void party(struct buf *b, const struct iam_party *p)
{
    if (p->kind != IAM_ENTITY_FILE)
        buf_printf(b, "%s ", kind_of(p));
    iam_print_text(b, name_of(p));
}

/* ---- one way ---- */

static void word(struct buf *b, const struct iam_escalations_style *s, const char *text,
                 enum iam_tone tone)
{
    iam_print_word(b, text, tone, s->color);
}

static void worth(struct buf *b, const struct iam_target *t)
{
    party(b, t->party);
    buf_str(b, t->admin               ? ", an administrator"
               : t->more == IAM_YES   ? ", which holds more"
               : t->more == IAM_MAYBE ? ", which may hold more"
                                      : ", from where it goes on");
}

static void targets(struct buf *b, const struct iam_party *who, const struct iam_escalation *x,
                    const struct iam_escalations_style *s)
{
    const bool possible = x->certainty == IAM_POSSIBLE;

    if (x->ntargets == 0 || x->targets[0].party == who)
        return;
    for (size_t i = 0; i < x->ntargets && (s->all || i < TARGETS_SHOWN); i++) {
        buf_str(b, i > 0 ? "               " : possible ? "    perhaps    " : "    leads to   ");
        if (x->path->everything)
            party(b, x->targets[i].party);
        else
            worth(b, &x->targets[i]);
        if (x->targets[i].by != NULL) {
            buf_str(b, ", by ");
            iam_print_text(b, slice_str(x->targets[i].by->fact->address));
        }
        buf_u8(b, '\n');
    }
    if (!s->all && x->ntargets > TARGETS_SHOWN)
        buf_printf(b, "               and %zu others\n", x->ntargets - TARGETS_SHOWN);
    if (x->cut)
        buf_str(b, "               and perhaps more: not all were looked at\n");
}

static void needs(struct buf *b, const struct iam_step *step)
{
    for (size_t i = 0; i < step->nkeys; i++) {
        buf_str(b, i == 0 ? ", with " : " and ");
        iam_print_text(b, step->keys[i].name);
        buf_str(b, " = ");
        for (size_t k = 0; k < step->keys[i].n; k++) {
            buf_str(b, k > 0 ? ", " : "");
            iam_print_text(b, step->keys[i].values[k]);
        }
    }
}

static void steps(struct buf *b, const struct iam_escalation *x,
                  const struct iam_escalations_style *s)
{
    for (size_t i = 0; i < x->nsteps; i++) {
        const struct iam_step *step = &x->steps[i];

        buf_printf(b, "    %-10s ", i == 0 ? "by" : "");
        iam_print_text(b, step->action);
        if (!slice_is(step->resource, "*")) {
            buf_str(b, " on ");
            iam_print_text(b, step->resource);
        }
        if (step->allowed != IAM_YES)
            word(b, s, " perhaps", IAM_UNSURE);
        buf_str(b, "\n                 ");
        iam_print_statement(b, step->doc, step->statement);
        needs(b, step);
        buf_u8(b, '\n');
    }
}

/* The step that is best made impossible: where a role is passed, that. */
static const struct iam_step *weakest(const struct iam_escalation *x)
{
    for (size_t i = 0; i < x->nsteps; i++)
        if (slice_is(x->steps[i].action, "iam:PassRole"))
            return &x->steps[i];
    return &x->steps[0];
}

static void line(struct buf *b, const struct iam_escalations_style *s, const char *label,
                 const char *text)
{
    const struct report_pen pen = {.out = b, .width = s->width < 40 ? 100 : s->width};

    report_pen_line(&pen, 4, label, slice_str(text));
}

static void in_full(struct buf *b, const struct iam_party *who, const struct iam_escalation *x,
                    const struct iam_escalations_style *s)
{
    const struct iam_step *cut = weakest(x);

    buf_str(b, "\n  ");
    word(b, s,
         x->allowed != IAM_YES           ? "perhaps  "
         : x->certainty == IAM_CONFIRMED ? "confirmed"
                                         : "possible ",
         x->allowed != IAM_YES || x->certainty == IAM_POSSIBLE ? IAM_UNSURE : IAM_BAD);
    buf_printf(b, "  %s: %s\n", x->path->id, x->path->title);
    targets(b, who, x, s);
    line(b, s, "wins       ", x->path->gain);
    if (x->path->needs != NULL)
        line(b, s, "needs      ", x->path->needs);
    steps(b, x, s);
    buf_str(b, "    break at   ");
    iam_print_statement(b, cut->doc, cut->statement);
    buf_u8(b, '\n');
    line(b, s, "           ", x->path->cut);
}

static void in_short(struct buf *b, const struct iam_escalation *x)
{
    buf_printf(b, "    %-38s ", x->path->id);
    for (size_t i = 0; i < x->nsteps; i++) {
        buf_str(b, i > 0 ? " + " : "");
        iam_print_text(b, x->steps[i].action);
    }
    buf_u8(b, '\n');
}

/* ---- all of them ---- */

static void chains(struct buf *b, const struct iam_escalations *e,
                   const struct iam_escalations_style *s)
{
    for (size_t i = 0; i < e->nchains && (s->all || i < CHAINS_SHOWN); i++) {
        const struct iam_chain *c = &e->chains[i];

        buf_str(b, i == 0 ? "\n  " : "  ");
        word(b, s, "step by step", IAM_BAD);
        buf_str(b, "  ");
        party(b, c->hops[0].from);
        for (size_t k = 0; k < c->n; k++) {
            buf_printf(b, " > %s > ", c->hops[k].path->id);
            if (k + 1 == c->n && c->hops[k].path->everything)
                buf_str(b, "everything");
            else
                party(b, c->hops[k].to);
        }
        buf_str(b, c->admin && !c->hops[c->n - 1].path->everything ? ", an administrator\n" : "\n");
    }
    if (!s->all && e->nchains > CHAINS_SHOWN)
        buf_printf(b, "  and %zu further chains; --all tells them\n", e->nchains - CHAINS_SHOWN);
}

static void summary(struct buf *b, const struct iam_party *who, const struct iam_escalations *e,
                    const struct iam_escalations_style *s)
{
    const size_t confirmed = iam_escalations_print_count(e, IAM_CONFIRMED, IAM_YES);

    party(b, who);
    buf_str(b, ": ");
    if (e->admin) {
        word(b, s, "an administrator already", IAM_BAD);
        buf_str(b, ": everything is allowed\n");
    } else if (e->n == 0 && e->nchains == 0) {
        word(b, s, e->unknown ? "could not tell" : "no way to more",
             e->unknown ? IAM_UNSURE : IAM_GOOD);
        buf_str(b, e->unknown ? ": something that is not known may open a way\n" : "\n");
    } else {
        buf_printf(b, "%zu %s to more, %zu confirmed%s\n", e->n, e->n == 1 ? "way" : "ways",
                   confirmed, e->unknown ? "; what is not known may open others" : "");
    }
}

void iam_escalations_print(struct buf *b, const struct iam_party *who,
                           const struct iam_escalations *e,
                           const struct iam_escalations_style *style)
{
    size_t npossible = 0;
    bool full;

    summary(b, who, e, style);
    for (size_t i = 0; i < e->n; i++)
        npossible += e->items[i].certainty == IAM_POSSIBLE;
    full = style->all || npossible <= POSSIBLE_FULL;
    chains(b, e, style);
    for (size_t i = 0; i < e->n; i++)
        if (full || e->items[i].certainty == IAM_CONFIRMED)
            in_full(b, who, &e->items[i], style);
    if (full)
        return;
    buf_str(b, "\n  ");
    word(b, style, "possible", IAM_UNSURE);
    buf_str(b,
            "  when there is somebody or something to use these on (--all tells each in full)\n");
    for (size_t i = 0; i < e->n; i++)
        if (e->items[i].certainty == IAM_POSSIBLE)
            in_short(b, &e->items[i]);
}

/* ---- JSON ---- */

static void put_slice(struct json_out *o, const char *key, struct slice text)
{
    json_out_key(o, key);
    if (text.len > 0)
        json_out_string(o, text);
    else
        json_out_null(o);
}

static void json_party(struct json_out *o, const struct iam_party *p)
{
    json_out_kv_str(o, "kind", kind_of(p));
    put_slice(o, "name", p->name);
    put_slice(o, "arn", p->arn);
    json_out_kv_str(o, "address", p->address);
}

static void json_strings(struct json_out *o, const char *key, const char *const *items)
{
    json_out_key(o, key);
    json_out_array(o);
    for (size_t i = 0; items[i] != NULL; i++)
        json_out_str(o, items[i]);
    json_out_end_array(o);
}

static void json_targets(struct json_out *o, const struct iam_escalation *x)
{
    json_out_key(o, "targets");
    json_out_array(o);
    for (size_t i = 0; i < x->ntargets; i++) {
        json_out_object(o);
        json_party(o, x->targets[i].party);
        json_out_kv_bool(o, "administrator", x->targets[i].admin);
        json_out_kv_str(o, "more", iam_print_answer(x->targets[i].more));
        if (x->targets[i].by != NULL)
            json_out_kv_str(o, "by", x->targets[i].by->fact->address);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_kv_bool(o, "more_targets", x->cut);
}

static void json_step(struct json_out *o, const struct iam_step *s)
{
    json_out_object(o);
    put_slice(o, "action", s->action);
    put_slice(o, "resource", s->resource);
    json_out_kv_str(o, "allowed", iam_print_answer(s->allowed));
    json_out_key(o, "context");
    iam_print_keys_json(o, s->keys, s->nkeys);
    json_out_key(o, "at");
    iam_print_statement_json(o, s->doc, s->statement);
    json_out_end_object(o);
}

static void json_escalation(struct json_out *o, const struct iam_escalation *x)
{
    const struct iam_step *cut = weakest(x);

    json_out_object(o);
    json_out_kv_str(o, "id", x->path->id);
    json_out_kv_str(o, "title", x->path->title);
    json_out_kv_str(o, "category", x->path->category->name);
    json_out_kv_str(o, "certainty", x->certainty == IAM_CONFIRMED ? "confirmed" : "possible");
    json_out_kv_str(o, "allowed", iam_print_answer(x->allowed));
    json_out_kv_str(o, "gain", x->path->gain);
    json_out_kv_bool(o, "everything", x->path->everything);
    json_targets(o, x);
    json_out_key(o, "steps");
    json_out_array(o);
    for (size_t i = 0; i < x->nsteps; i++)
        json_step(o, &x->steps[i]);
    json_out_end_array(o);
    json_out_kv_str(o, "needs", x->path->needs);
    json_out_key(o, "break_at");
    iam_print_statement_json(o, cut->doc, cut->statement);
    json_out_kv_str(o, "break", x->path->cut);
    json_strings(o, "mitre", x->path->mitre);
    json_strings(o, "references", x->path->references);
    json_out_end_object(o);
}

static void json_chain(struct json_out *o, const struct iam_chain *c)
{
    json_out_object(o);
    json_out_kv_bool(o, "administrator", c->admin);
    json_out_key(o, "hops");
    json_out_array(o);
    for (size_t i = 0; i < c->n; i++) {
        json_out_object(o);
        json_out_key(o, "from");
        json_out_object(o);
        json_party(o, c->hops[i].from);
        json_out_end_object(o);
        json_out_kv_str(o, "path", c->hops[i].path->id);
        json_out_key(o, "to");
        json_out_object(o);
        json_party(o, c->hops[i].to);
        json_out_end_object(o);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

void iam_escalations_print_json(struct json_out *o, const struct iam_party *who,
                                const struct iam_escalations *e)
{
    json_out_object(o);
    json_party(o, who);
    json_out_kv_bool(o, "administrator", e->admin);
    json_out_kv_bool(o, "unknown", e->unknown);
    json_out_key(o, "escalations");
    json_out_array(o);
    for (size_t i = 0; i < e->n; i++)
        json_escalation(o, &e->items[i]);
    json_out_end_array(o);
    json_out_key(o, "chains");
    json_out_array(o);
    for (size_t i = 0; i < e->nchains; i++)
        json_chain(o, &e->chains[i]);
    json_out_end_array(o);
    json_out_end_object(o);
}
