#include "policies/policy_test.h"

#include <string.h>

#include "policies/evaluate.h"
#include "policies/params.h"
#include "policies/rule_read.h"

/* A run made of one test. */
struct stage {
    const struct policy_test_setup *t;
    struct arena *arena;
    struct facts facts;
};

static void add_subject(struct stage *s)
{
    const struct rule_test *t = s->t->test;
    const struct subject subject = {
        .name = t->subject_name == NULL ? "test" : t->subject_name,
        .kind = t->subject_kind == NULL ? t->source : t->subject_kind,
        .uri = "test",
        .digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"};

    facts_subject(&s->facts, &subject);
}

static void add_fact(struct stage *s, struct fact *f)
{
    f->subject = s->t->test->subject_name == NULL ? "test" : s->t->test->subject_name;
    f->at = (struct fact_location){
        .input = s->t->rule->file, .line = s->t->test->line, .offset = ERR_NO_OFFSET};
    if (f->name == NULL)
        f->name = f->address;
    facts_add(&s->facts, f);
}

static const struct value *empty_map(struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    return value_map_end(&b, NULL);
}

static void add_others(struct stage *s)
{
    const struct rule_test *t = s->t->test;

    for (size_t i = 0; i < value_len(t->with); i++) {
        const struct value *row = t->with->as.items[i], *attributes = value_get(row, "attributes");
        struct fact f = {.source = value_cstr(value_get(row, "source"), t->source),
                         .type = value_cstr(value_get(row, "type"), ""),
                         .address = value_cstr(value_get(row, "address"), NULL),
                         .name = value_cstr(value_get(row, "name"), NULL)};

        if (f.address == NULL)
            f.address = arena_printf(s->arena, "%s.with%zu", f.type, i + 1);
        f.attributes = attributes == NULL ? empty_map(s->arena)
                                          : rule_read_tests_attributes(attributes, f.source);
        add_fact(s, &f);
    }
}

/* The resource under test: where facts_add put it. */
static const struct fact *add_tested(struct stage *s)
{
    const struct rule_test *t = s->t->test;
    struct fact f = {
        .source = t->source, .type = t->type, .address = t->address, .attributes = t->resource};

    if (t->resource == NULL)
        return NULL;
    if (f.address == NULL)
        f.address = arena_printf(s->arena, "%s.test", t->type);
    add_fact(s, &f);
    return &s->facts.facts[s->facts.nfacts - 1];
}

static bool any_applies(const struct stage *s, const struct host_index *index)
{
    const struct rule *r = s->t->rule;

    for (size_t i = 0; i < r->napplies; i++) {
        size_t n;
        const struct host_group *g = host_index_groups(index, slice_str(r->applies[i].type), &n);

        for (size_t k = 0; k < n; k++)
            if (r->applies[i].source == NULL || strcmp(r->applies[i].source, g[k].source) == 0)
                return true;
    }
    return false;
}

static bool test_params(const struct policy *p, const struct policy_test_setup *t, struct arena *a,
                        const struct value **list, struct err *e)
{
    const struct rule_pack *pack = &p->rules.packs[t->rule->npack];

    list[t->rule->npack] = params_defaults(pack->params, a);
    for (size_t i = 0; i < value_len(t->test->params); i++)
        if (value_get_slice(pack->params, t->test->params->as.members[i].key) == NULL)
            return err_fail(e, ERR_USAGE, "the pack has no parameter '%s'",
                            (const char *)t->test->params->as.members[i].key.data);
    return params_override(pack, t->test->params, a, &list[t->rule->npack], e);
}

bool policy_test_one(const struct policy *p, const struct policy_test_setup *t, struct arena *a,
                     struct finding *out, struct err *e)
{
    struct stage s = {.t = t, .arena = a};
    const struct value **params = ARENA_ARRAY(a, const struct value *, p->rules.npacks);
    struct arena scratch;
    struct evaluation ev = {
        .policy = p, .now = t->test->now, .arena = a, .scratch = &scratch, .blank = t->blank};
    const struct fact *tested;

    if (!test_params(p, t, a, params, e))
        return false;
    facts_init(&s.facts, a);
    add_subject(&s);
    add_others(&s);
    tested = add_tested(&s); /* last: the array moves no more */
    arena_init(&scratch);
    ev.index = host_index_new(&s.facts, a);
    ev.params = (const struct value *const *)params;
    evaluate_data(&ev);
    if (tested != NULL)
        evaluate_rule(&ev, t->rule, tested, out);
    else if (any_applies(&s, ev.index) || !evaluate_missing(&ev, t->rule, out))
        *out =
            (struct finding){.rule = t->rule, .outcome = OUTCOME_SKIP, .message = t->rule->title};
    arena_release(&scratch);
    return true;
}

static const char *verdict_of(const struct policy_test_case *c, struct arena *a)
{
    const char *why = c->reason == NULL ? "" : c->reason;

    if (strcmp(c->got, c->test->expect) != 0)
        return arena_printf(a, "expected %s, got %s%s%s", c->test->expect, c->got,
                            why[0] == '\0' ? "" : ": ", why);
    if (strstr(c->message, EVALUATE_NO_MESSAGE) != NULL)
        return arena_printf(a, "the message is no string: %s", c->message);
    if (c->test->message != NULL && strcmp(c->test->message, c->message) != 0)
        return arena_printf(a, "expected the message \"%s\", got \"%s\"", c->test->message,
                            c->message);
    return NULL;
}

static void run_case(const struct policy *p, const struct policy_test_setup *t, struct arena *a,
                     struct policy_test_case *out)
{
    struct finding f = {0};
    struct err why = {0};

    *out =
        (struct policy_test_case){.rule = t->rule, .test = t->test, .got = "error", .message = ""};
    if (!policy_test_one(p, t, a, &f, &why)) {
        out->text = arena_printf(a, "params: %s", why.text);
        return;
    }
    out->got = finding_outcome_name(f.outcome);
    out->message = f.message;
    out->reason = f.reason;
    out->text = verdict_of(out, a);
    out->passed = out->text == NULL;
}

static void run_rule(const struct policy *p, const struct rule *r, struct arena *a,
                     struct policy_test_result *out)
{
    out->nrules++;
    out->nuntested += r->ntests == 0;
    for (size_t i = 0; i < r->ntests; i++) {
        const struct policy_test_setup t = {.rule = r, .test = &r->tests[i]};
        struct policy_test_case *c = ARENA_PUSH(a, &out->cases, &out->n);

        run_case(p, &t, a, c);
        out->npassed += c->passed;
        out->nfailed += !c->passed;
    }
}

bool policy_test_run(const struct policy *p, const char *rule, struct arena *a,
                     struct policy_test_result *out, struct err *e)
{
    struct policy_test_result res = {0};

    if (rule != NULL && rule_find(&p->rules, rule) == NULL)
        return err_fail(e, ERR_USAGE, "no rule has the id '%.100s'", rule);
    for (size_t i = 0; i < p->rules.n; i++)
        if (rule == NULL || strcmp(p->rules.items[i].id, rule) == 0)
            run_rule(p, &p->rules.items[i], a, &res);
    *out = res;
    return true;
}
