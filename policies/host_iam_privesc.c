/* iam.privesc. SPEC: docs/rules.md, "Functions". */
#include <string.h>

#include "policies/host_iam_set.h"
#include "policies/iam/escalate/iam_escalate.h"

#define SHOWN 200 /* bytes of an untrusted text in a message */
#define TEXT(s) (int)((s).len < SHOWN ? (s).len : SHOWN), (const char *)(s).data

static const char *steps(const struct iam_escalation *x, struct arena *a)
{
    const char *out = "";

    for (size_t i = 0; i < x->nsteps; i++)
        out = arena_printf(a, "%s%s%.*s on %.*s", out, i == 0 ? "" : ", ", TEXT(x->steps[i].action),
                           TEXT(x->steps[i].resource));
    return out;
}

/* "sagemaker-002 (A new training job with a passed role): iam:PassRole on ..., ...; reaches R" */
static const char *sentence(const struct iam_escalation *x, struct arena *a)
{
    const char *out = arena_printf(a, "%s (%s): %s", x->path->id, x->path->title, steps(x, a));
    const struct iam_target *t = x->ntargets > 0 ? &x->targets[0] : NULL;

    if (t == NULL || x->certainty != IAM_CONFIRMED)
        return out;
    return arena_printf(a, "%s; reaches %s%s", out, t->party->address,
                        t->admin ? ", which may do everything then" : "");
}

static const struct value *item(const struct iam_escalation *x, struct arena *a)
{
    const bool confirmed = x->certainty == IAM_CONFIRMED;
    const struct iam_target *t = confirmed && x->ntargets > 0 ? &x->targets[0] : NULL;
    struct value_builder b;

    if (x->allowed != IAM_YES)
        return value_unknown(
            a, arena_printf(a, "whether %s is allowed cannot be told", x->path->id), NULL, 0, NULL);
    value_map_begin(&b, a);
    value_map_add(&b, "id", value_str(a, x->path->id));
    value_map_add(&b, "title", value_str(a, x->path->title));
    value_map_add(&b, "gain", value_str(a, x->path->gain));
    value_map_add(&b, "category", value_str(a, x->path->category->name));
    value_map_add(&b, "certainty", value_str(a, confirmed ? "confirmed" : "possible"));
    value_map_add(&b, "admin", value_bool(a, x->path->everything || (t != NULL && t->admin), NULL));
    value_map_add(&b, "target", value_str(a, t != NULL ? t->party->address : ""));
    value_map_add(&b, "cut", value_str(a, x->path->cut));
    value_map_add(&b, "text", value_bytes(a, slice_str(sentence(x, a)), NULL));
    return value_map_end(&b, NULL);
}

/* Confirmed steps one after the other. */
static const struct value *chain(const struct iam_chain *c, struct arena *a)
{
    const char *text = c->hops[0].from->address, *ids = "";
    struct value_builder b;

    for (size_t i = 0; i < c->n; i++) {
        text = arena_printf(a, "%s, by %s %s", text, c->hops[i].path->id, c->hops[i].to->address);
        ids = arena_printf(a, "%s%s%s", ids, i == 0 ? "" : " > ", c->hops[i].path->id);
    }
    value_map_begin(&b, a);
    value_map_add(&b, "id", value_str(a, ids));
    value_map_add(&b, "title", value_str(a, "One way after the other"));
    value_map_add(&b, "gain", value_str(a, "What the last of them holds."));
    value_map_add(&b, "category", value_str(a, "chain"));
    value_map_add(&b, "certainty", value_str(a, "confirmed"));
    value_map_add(&b, "admin", value_bool(a, c->admin, NULL));
    value_map_add(&b, "target", value_str(a, c->hops[c->n - 1].to->address));
    value_map_add(&b, "cut", value_str(a, "Any of its steps."));
    value_map_add(&b, "text", value_bytes(a, slice_str(text), NULL));
    return value_map_end(&b, NULL);
}

static const struct value *told(const struct iam_escalations *x, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < x->n; i++)
        value_list_add(&b, item(&x->items[i], a));
    for (size_t i = 0; i < x->nchains; i++)
        value_list_add(&b, chain(&x->chains[i], a));
    if (x->unknown)
        value_list_add(
            &b, value_unknown(a, "what cannot be told may hide a way to more", NULL, 0, NULL));
    return value_list_end(&b, NULL);
}

/* Of documents alone: whoever has them. */
static const struct value *of_documents(const struct cel_call *c, const struct host_iam_set *s,
                                        struct iam_escalate *engine)
{
    static const struct slice any[] = {{(const uint8_t *)"policy/*", 8}};
    const struct iam_party somebody = {.kind = IAM_ENTITY_FILE,
                                       .address = "",
                                       .attached = s->docs,
                                       .managed = {any, 1, false},
                                       .boundary = s->boundary};
    const struct iam_escalate_input in = iam_escalate_input_of(engine);
    struct iam_escalations found;

    iam_escalate_ask(iam_escalate_new(&in, c->arena), &somebody, &found);
    return told(&found, c->arena);
}

bool host_iam_privesc(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct host_index *ix = host_facts_of(c)->index;
    struct iam_escalate *engine = host_index_iam_escalate(ix, e);
    struct iam_escalations found;
    struct host_answer_key key = {.first = true};
    const struct value *answer;
    struct host_iam_set s;

    if (engine == NULL || !host_iam_set_read(c, 0, &s, e))
        return false;
    if (s.party == NULL) {
        *out = cel_value_of(of_documents(c, &s, engine));
        return true;
    }
    key.fact = s.party->fact;
    answer = host_index_iam_answer(ix, &key);
    if (answer == NULL) {
        iam_escalate_ask(engine, s.party, &found);
        answer = told(&found, c->arena);
        host_index_iam_remember(ix, &key, answer);
    }
    *out = cel_value_of(answer);
    return true;
}
