/* The nodes of a TensorFlow model as numbers, and walks over them with a list of what is to do. */
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/tensorflow.h"

#define CONTROL ((uint32_t)1 << 31) /* an input that only orders */
#define FLOW_NODES 20000            /* nodes looked at for the strings of one operator */
#define FLOW_WORK 50000000          /* inputs looked at for all operators */

void tensorflow_graph_init(struct tensorflow_graph *g, struct arena *a)
{
    memset(g, 0, sizeof(*g));
    g->arena = a;
    names_init(&g->names, a, LIMIT_GRAPH_NAMES, LIMIT_GRAPH_NAME_BYTES);
}

uint32_t tensorflow_graph_name(struct tensorflow_graph *g, struct slice name)
{
    const uint32_t n = names_add(&g->names, name);

    /* a name that was cut may be another's: what refers to it cannot be followed */
    g->lost = g->lost || n == NAMES_NONE || name.len >= MESSAGE_TEXT;
    return n;
}

void tensorflow_graph_open(struct tensorflow_graph *g)
{
    struct tensorflow_scope *s;

    g->lost = g->lost || g->nscopes > LIMIT_GRAPH_FUNCTIONS;
    if (g->lost)
        return;
    s = ARENA_PUSH(g->arena, &g->scopes, &g->nscopes);
    *s = (struct tensorflow_scope){.name = TENSORFLOW_NONE, .first = (uint32_t)g->nnodes};
}

void tensorflow_graph_function(struct tensorflow_graph *g, struct slice name)
{
    struct tensorflow_scope *s;

    if (g->lost || g->nscopes == 0)
        return;
    s = &g->scopes[g->nscopes - 1];
    s->name = tensorflow_graph_name(g, name);
    /* SPEC: tensorflow/python/checkpoint/functional_saver.py: the names of its two functions */
    s->saver = slice_starts(name, "__inference__traced_save_") ||
               slice_starts(name, "__inference__traced_restore_");
}

struct tensorflow_node *tensorflow_graph_node(struct tensorflow_graph *g)
{
    struct tensorflow_node *n;

    if (g->lost || g->nscopes == 0)
        return NULL;
    if (g->nnodes >= LIMIT_GRAPH_NODES || g->nedges >= LIMIT_GRAPH_EDGES) {
        g->lost = true;
        return NULL;
    }
    n = ARENA_PUSH(g->arena, &g->nodes, &g->nnodes);
    *n = (struct tensorflow_node){
        .name = TENSORFLOW_NONE,
        .op = TENSORFLOW_NONE,
        .next = TENSORFLOW_NONE,
        .assigned = TENSORFLOW_NONE,
        .also = TENSORFLOW_NONE,
        .edge = (uint32_t)g->nedges,
        .string = (uint32_t)g->nstrings,
        .call = (uint32_t)g->ncalls,
    };
    g->scopes[g->nscopes - 1].nodes++;
    return n;
}

static void append(struct tensorflow_graph *g, uint32_t **list, size_t *n, uint32_t v)
{
    uint32_t *to = ARENA_PUSH(g->arena, list, n);

    *to = v;
}

/* SPEC: graph.proto, NodeDef.input: "node:output", "^node"; function.proto: "node:name:output" */
void tensorflow_graph_input(struct tensorflow_graph *g, struct slice input)
{
    const bool control = input.len > 0 && input.data[0] == '^';
    uint32_t name;
    size_t colon;

    if (g->lost)
        return;
    if (g->nedges >= LIMIT_GRAPH_EDGES) {
        g->lost = true;
        return;
    }
    if (control)
        input = slice_from(input, 1);
    if (slice_find(input, SLICE_LIT(":"), &colon))
        input.len = colon;
    name = tensorflow_graph_name(g, input);
    if (name == NAMES_NONE)
        return;
    append(g, &g->edges, &g->nedges, name | (control ? CONTROL : 0));
    g->nodes[g->nnodes - 1].nedges++;
}

void tensorflow_graph_call(struct tensorflow_graph *g, struct slice function)
{
    const uint32_t name = g->lost ? NAMES_NONE : tensorflow_graph_name(g, function);

    g->lost = g->lost || g->ncalls >= LIMIT_GRAPH_EDGES;
    if (name == NAMES_NONE || g->lost)
        return;
    append(g, &g->calls, &g->ncalls, name);
    g->nodes[g->nnodes - 1].ncalls++;
}

void tensorflow_graph_string(struct tensorflow_graph *g, struct slice text)
{
    struct tensorflow_node *n;
    uint32_t name;

    if (g->lost)
        return;
    n = &g->nodes[g->nnodes - 1];
    if (n->nstrings >= TENSORFLOW_STRINGS)
        return;
    name = tensorflow_graph_name(g, text);
    if (name == NAMES_NONE)
        return;
    append(g, &g->strings, &g->nstrings, name);
    n->nstrings++;
}

void tensorflow_graph_gradient(struct tensorflow_graph *g, struct slice function,
                               struct slice gradient)
{
    const uint32_t f = tensorflow_graph_name(g, function), d = tensorflow_graph_name(g, gradient);
    struct tensorflow_gradient *to;

    g->lost = g->lost || g->ngradients >= LIMIT_GRAPH_FUNCTIONS;
    if (g->lost)
        return;
    to = ARENA_PUSH(g->arena, &g->gradients, &g->ngradients);
    *to = (struct tensorflow_gradient){f, d};
}

/* ---- names become numbers ---- */
/* Within one graph or function; `where` is NONE for every name before and after. */
static void resolve_scope(struct tensorflow_graph *g, const struct tensorflow_scope *s,
                          uint32_t *where)
{
    for (uint32_t i = s->first + s->nodes; i > s->first; i--) /* the first of two is found */
        if (g->nodes[i - 1].name != TENSORFLOW_NONE)
            where[g->nodes[i - 1].name] = i - 1;
    for (uint32_t i = s->first; i < s->first + s->nodes; i++)
        for (uint32_t k = 0; k < g->nodes[i].nedges && g->nodes[i].op != TENSORFLOW_NONE; k++) {
            uint32_t *edge = &g->edges[g->nodes[i].edge + k];
            const uint32_t to = where[*edge & ~CONTROL];

            *edge = to == TENSORFLOW_NONE ? to : to | (*edge & CONTROL);
            g->dangling += to == TENSORFLOW_NONE && s->name == TENSORFLOW_NONE;
        }
    for (uint32_t i = s->first; i < s->first + s->nodes; i++)
        if (g->nodes[i].name != TENSORFLOW_NONE)
            where[g->nodes[i].name] = TENSORFLOW_NONE;
}

/* A variable holds what is assigned to it. */
static void find_assignments(struct tensorflow_graph *g)
{
    for (size_t i = 0; i < g->nnodes; i++) {
        struct tensorflow_node *n = &g->nodes[i];
        uint32_t to;

        if (!n->assigns || n->nedges < 2)
            continue;
        to = g->edges[n->edge];
        if (to == TENSORFLOW_NONE || (to & CONTROL) != 0)
            continue;
        n->also = g->nodes[to].assigned;
        g->nodes[to].assigned = (uint32_t)i;
    }
}

static uint32_t *filled(struct tensorflow_graph *g, size_t n)
{
    uint32_t *to = ARENA_ARRAY(g->arena, uint32_t, n);

    for (size_t i = 0; i < n; i++)
        to[i] = TENSORFLOW_NONE;
    return to;
}

/* Who names a function: callers[first[name]] up to callers[first[name + 1]]. */
static void find_callers(struct tensorflow_graph *g)
{
    uint32_t *first = ARENA_ARRAY(g->arena, uint32_t, g->nknown + 1);
    uint32_t sum = 0;

    for (size_t i = 0; i < g->ncalls; i++)
        first[g->calls[i]]++;
    for (size_t i = 0; i <= g->nknown; i++) {
        const uint32_t n = first[i];

        first[i] = sum;
        sum += n;
    }
    g->callers = ARENA_ARRAY(g->arena, uint32_t, g->ncalls + 1);
    for (size_t i = 0; i < g->nnodes; i++)
        for (uint32_t k = 0; k < g->nodes[i].ncalls; k++)
            g->callers[first[g->calls[g->nodes[i].call + k]]++] = (uint32_t)i;
    for (size_t i = g->nknown; i > 0; i--) /* each stands at its end now */
        first[i] = first[i - 1];
    first[0] = 0;
    g->caller = first;
}

void tensorflow_graph_resolve(struct tensorflow_graph *g)
{
    uint32_t *where;

    if (g->lost)
        return;
    g->nknown = g->names.n;
    where = filled(g, g->nknown + 1);
    for (size_t i = 0; i < g->nscopes; i++)
        resolve_scope(g, &g->scopes[i], where);
    for (size_t i = g->nscopes; i > 0; i--)
        if (g->scopes[i - 1].name != TENSORFLOW_NONE)
            where[g->scopes[i - 1].name] = (uint32_t)i - 1;
    g->function_at = where;
    g->gradient_at = filled(g, g->nknown + 1);
    for (size_t i = 0; i < g->ngradients; i++)
        g->gradient_at[g->gradients[i].function] = g->gradients[i].gradient;
    g->wanted = arena_alloc(g->arena, g->nknown + 1);
    g->todo = ARENA_ARRAY(g->arena, uint32_t, g->nnodes + 1);
    find_callers(g);
    find_assignments(g);
    g->resolved = true;
}

static struct tensorflow_scope *function(const struct tensorflow_graph *g, uint32_t name)
{
    if (!g->resolved || name >= g->nknown || g->function_at[name] == TENSORFLOW_NONE)
        return NULL;
    return &g->scopes[g->function_at[name]];
}

bool tensorflow_graph_is_function(const struct tensorflow_graph *g, struct slice name)
{
    return function(g, names_find(&g->names, name)) != NULL;
}

/* ---- what runs ---- */
static void push(struct tensorflow_graph *g, size_t *n, uint32_t node, uint8_t mark)
{
    if ((g->nodes[node].marks & mark) != 0)
        return;
    g->nodes[node].marks |= mark;
    g->todo[(*n)++] = node;
}

/* All of a function runs: its results and what it does besides. */
static void push_function(struct tensorflow_graph *g, size_t *n, uint32_t name, uint8_t mark)
{
    struct tensorflow_scope *s = function(g, name);

    if (s == NULL || (s->marks & mark) != 0)
        return;
    s->marks |= mark;
    for (uint32_t i = 0; i < s->nodes; i++)
        push(g, n, s->first + i, mark);
}

static void push_call(struct tensorflow_graph *g, size_t *n, uint32_t name, uint8_t mark)
{
    push_function(g, n, name, mark);
    if (name < g->nknown && g->gradient_at[name] != TENSORFLOW_NONE)
        push_function(g, n, g->gradient_at[name], mark);
}

static void run(struct tensorflow_graph *g, size_t n, uint8_t mark)
{
    while (n > 0) {
        const struct tensorflow_node *at = &g->nodes[g->todo[--n]];

        if (at->op == TENSORFLOW_NONE)
            continue;
        for (uint32_t k = 0; k < at->nedges; k++)
            if (g->edges[at->edge + k] != TENSORFLOW_NONE)
                push(g, &n, g->edges[at->edge + k] & ~CONTROL, mark);
        for (uint32_t k = 0; k < at->ncalls; k++)
            push_call(g, &n, g->calls[at->call + k], mark);
    }
}

void tensorflow_graph_root(struct tensorflow_graph *g, uint32_t name, uint8_t mark)
{
    if (g->resolved && name < g->nknown)
        g->wanted[name] |= mark;
}

void tensorflow_graph_root_function(struct tensorflow_graph *g, uint32_t name, uint8_t mark)
{
    size_t n = 0;

    if (!g->resolved)
        return;
    push_call(g, &n, name, mark);
    run(g, n, mark);
}

void tensorflow_graph_run(struct tensorflow_graph *g)
{
    static const uint8_t marks[] = {TENSORFLOW_INIT, TENSORFLOW_RESTORE, TENSORFLOW_SAVER};

    for (size_t m = 0; g->resolved && m <= ARRAY_LEN(marks); m++) {
        size_t n = 0;

        for (size_t s = 0; s < g->nscopes; s++) {
            const struct tensorflow_scope *scope = &g->scopes[s];

            for (uint32_t i = scope->first;
                 scope->name == TENSORFLOW_NONE && i < scope->first + scope->nodes; i++) {
                const uint32_t name = g->nodes[i].name;
                const uint8_t want = name == TENSORFLOW_NONE ? 0 : g->wanted[name];

                if (m == ARRAY_LEN(marks))
                    g->nodes[i].marks |= want & TENSORFLOW_ASSET;
                else if ((want & marks[m]) != 0)
                    push(g, &n, i, marks[m]);
            }
        }
        if (m < ARRAY_LEN(marks))
            run(g, n, marks[m]);
    }
}

/* ---- which strings flow into an operator ---- */
struct flow {
    struct tensorflow_graph *g;
    struct tensorflow_op *op;
    size_t n, done; /* of g->todo: looked at, and to look at */
};

static void visit(struct flow *f, uint32_t edge)
{
    struct tensorflow_node *n;

    if (f->g->work++ > FLOW_WORK)
        f->op->cut = true;
    if (edge == TENSORFLOW_NONE || (edge & CONTROL) != 0)
        return;
    n = &f->g->nodes[edge];
    if (n->seen)
        return;
    if (f->n >= FLOW_NODES) {
        f->op->cut = true;
        return;
    }
    n->seen = true;
    f->g->todo[f->n++] = edge;
}

static void take_strings(struct flow *f, const struct tensorflow_node *n)
{
    for (uint32_t k = 0; k < n->nstrings; k++) {
        const struct slice s = f->g->names.name[f->g->strings[n->string + k]];
        size_t i = 0;

        while (i < f->op->nstrings && !slice_eq(f->op->string[i], s))
            i++;
        if (i < f->op->nstrings)
            continue;
        if (i == TENSORFLOW_STRINGS)
            f->op->cut = true;
        else
            f->op->string[f->op->nstrings++] = s;
    }
    f->op->cut = f->op->cut || n->nstrings == TENSORFLOW_STRINGS;
}

/* The scope of a node, by halving. */
static const struct tensorflow_scope *scope_of(const struct tensorflow_graph *g, uint32_t node)
{
    size_t from = 0, to = g->nscopes;

    while (to - from > 1) {
        const size_t half = from + (to - from) / 2;

        if (g->scopes[half].first <= node)
            from = half;
        else
            to = half;
    }
    return &g->scopes[from];
}

/* An argument: what every caller gives in its place. Some callers have more inputs than the
 * function has arguments (a condition in front): all of them count then. */
static void visit_callers(struct flow *f, uint32_t node)
{
    struct tensorflow_graph *g = f->g;
    const struct tensorflow_scope *s = scope_of(g, node);
    const uint32_t place = g->nodes[node].edge;

    if (s->name == TENSORFLOW_NONE || s->name >= g->nknown)
        return;
    for (uint32_t c = g->caller[s->name]; c < g->caller[s->name + 1] && g->work <= FLOW_WORK; c++) {
        const struct tensorflow_node *call = &g->nodes[g->callers[c]];
        uint32_t inputs = 0;

        if (call->op == TENSORFLOW_NONE)
            continue;
        for (uint32_t k = 0; k < call->nedges; k++)
            inputs += g->edges[call->edge + k] == TENSORFLOW_NONE ||
                      (g->edges[call->edge + k] & CONTROL) == 0;
        if (inputs == s->args && place < call->nedges) {
            visit(f, g->edges[call->edge + place]);
            continue;
        }
        for (uint32_t k = 0; k < call->nedges; k++)
            visit(f, g->edges[call->edge + k]);
    }
}

void tensorflow_graph_flow(struct tensorflow_graph *g, struct tensorflow_op *op)
{
    struct flow f = {g, op, 0, 0};

    if (!g->resolved) {
        op->cut = true;
        return;
    }
    for (uint32_t i = op->first; i != TENSORFLOW_NONE && !op->cut; i = g->nodes[i].next)
        visit(&f, i);
    for (; f.done < f.n && g->work <= FLOW_WORK; f.done++) {
        const uint32_t at = g->todo[f.done];
        const struct tensorflow_node *n = &g->nodes[at];

        if ((n->marks & TENSORFLOW_ASSET) != 0) {
            op->asset = true;
            continue;
        }
        take_strings(&f, n);
        for (uint32_t w = n->assigned; w != TENSORFLOW_NONE && !op->cut; w = g->nodes[w].also)
            visit(&f, g->edges[g->nodes[w].edge + 1]);
        if (n->op == TENSORFLOW_NONE)
            visit_callers(&f, at);
        for (uint32_t k = 0; n->op != TENSORFLOW_NONE && k < n->nedges; k++)
            visit(&f, g->edges[n->edge + k]);
    }
    for (size_t i = 0; i < f.n; i++)
        g->nodes[g->todo[i]].seen = false;
}
