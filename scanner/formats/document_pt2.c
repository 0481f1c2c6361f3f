#include <string.h>

#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/torch/op_names.h"
#include "scanner/formats/torch/sym_expr.h"

struct graph {
    const struct document_input *d;
    struct op_names names;
    struct err error;
};

static bool is(const struct document_input *d)
{
    return value_is(value_get(d->root, "graph_module"), VALUE_MAP) &&
           value_get(d->root, "schema_version") != NULL;
}

/* A string that the loader looks up among the attributes of torch, math or operator. SPEC: PyTorch
 * 2.5, torch/_export/serde/serialize.py, deserialize_operator. */
static void note(struct graph *g, const char *kind, const struct value *v)
{
    struct op_name c = {.kind = kind, .offset = ERR_NO_OFFSET, .called = true};

    if (!value_is(v, VALUE_STRING))
        return;
    c.name = value_text(v);
    c.line = v->line;
    if (g->error.code == ERR_NONE)
        (void)!op_names_note(&g->names, &c, &g->error);
}

/* What Python evaluates: sizes and the like by way of SymPy, and the checks of inputs. */
static void evaluated(struct graph *g, const struct value *v, bool plain)
{
    if (value_is(v, VALUE_STRING) &&
        (plain ? !sym_expr_plain(value_text(v)) : sym_expr_reaches(value_text(v))))
        note(g, "expression", v);
}

static void guards(struct graph *g, const struct value *v)
{
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++)
        evaluated(g, value_item(v, i), false);
}

/* The nodes of the graph and of the graphs in it. JSON is not deeper than LIMIT_JSON_DEPTH. */
static void walk(struct graph *g, const struct value *v)
{
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++)
        walk(g, value_item(v, i));
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];

        if (slice_is(m->key, "target") || slice_is(m->key, "as_operator"))
            note(g, "target", m->value);
        if (slice_is(m->key, "expr_str"))
            evaluated(g, m->value, true);
        walk(g, m->value);
    }
}

static void tell(const struct document_input *d)
{
    struct graph g = {.d = d, .names = {.arena = d->in->scratch}};

    walk(&g, value_get(d->root, "graph_module"));
    guards(&g, value_get(d->root, "guards_code"));
    op_names_tell(&g.names, d->in);
    if (g.error.code != ERR_NONE) {
        const struct coverage c = {
            .subject = d->in->sink->subject_name,
            .input = d->in->sink->input_name,
            .path = arena_printf(d->in->scratch, "%s#graph", d->in->path),
            .format = "pt2",
            .status = COVERAGE_PARTIAL,
            .offset = ERR_NO_OFFSET,
        };

        sink_gap(d->in->sink, &c, &g.error);
    }
}

const struct document document_pt2 = {
    .name = "pt2",
    .summary = "graphs of torch.export: the operators that their nodes call",
    .spec = "PyTorch 2.5, torch/_export/serde/schema.yaml",
    .is = is,
    .tell = tell,
};
