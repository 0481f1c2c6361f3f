#ifndef SCANNER_FORMATS_GRAPH_TENSORFLOW_H
#define SCANNER_FORMATS_GRAPH_TENSORFLOW_H
/*
 * TensorFlow's graphs: SavedModel, MetaGraphDef, GraphDef, in bytes or as text. Nodes are kept as
 * numbers (tensorflow_graph.c), so that what runs when the model is loaded, and which strings flow
 * into an operator, can be followed through functions.
 * SPEC: tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph}.proto and
 * core/framework/{graph,node_def,function,attr_value,op_def,tensor}.proto of TensorFlow 2.21.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/graph/message.h"

#define TENSORFLOW_NONE UINT32_MAX
#define TENSORFLOW_STRINGS 8 /* told of an operator, kept of a node */

/* What runs, or belongs to the saver: bits of a node, and of an operator. */
enum tensorflow_mark {
    TENSORFLOW_INIT = 1,    /* runs when the model is loaded */
    TENSORFLOW_RESTORE = 2, /* runs when its variables are restored, at load, too */
    TENSORFLOW_SAVER = 4,   /* is reached from what SaverDef names */
    TENSORFLOW_ASSET = 8    /* its value is the place of an asset */
};

struct tensorflow_node {
    uint32_t name, op;     /* of the graph's names; of `op_names`. An argument: op is NONE */
    uint32_t edge, nedges; /* inputs, in the order of NodeDef.input; an argument: its place */
    uint32_t string, nstrings;
    uint32_t call, ncalls;   /* functions that it names */
    uint32_t next;           /* node of the same operator, or NONE */
    uint32_t assigned, also; /* who assigns to this variable first, and after this node */
    uint8_t marks;
    bool assigns; /* writes its second input into the variable that is its first */
    bool seen;    /* scratch of a walk */
};

/* The nodes of a graph or of a function stand one behind the other. */
struct tensorflow_scope {
    uint32_t name; /* of the function; NONE: a graph */
    uint32_t first, nodes, args;
    uint8_t marks; /* all of its nodes have them */
    bool saver;    /* a function that Keras or tf.Module traced for saving or restoring */
};

struct tensorflow_op {
    uint64_t count, offset; /* of the first node */
    uint64_t saver;         /* nodes that belong to the saver */
    uint8_t marks;          /* of any node: INIT, RESTORE */
    bool in_function;       /* the first one */
    struct slice node;
    uint32_t first;  /* the first node of this operator, or NONE */
    bool asset, cut; /* an asset flows into it; strings are missing */
    struct slice string[TENSORFLOW_STRINGS];
    size_t nstrings;
};

struct tensorflow_gradient {
    uint32_t function, gradient; /* names */
};

struct tensorflow_graph {
    struct arena *arena;
    struct names names; /* of nodes and functions, strings */
    struct tensorflow_node *nodes;
    uint32_t *edges, *calls, *strings;
    struct tensorflow_scope *scopes;
    struct tensorflow_gradient *gradients;
    size_t nnodes, nedges, ncalls, nstrings, nscopes, ngradients;
    uint64_t dangling; /* inputs of nodes in graphs, not in functions, that name no node of it */
    bool lost;         /* a cap was reached: reachability is not known */
    /* since tensorflow_graph_resolve; by name, of which there are `nknown`: */
    bool resolved;
    size_t nknown;
    uint32_t *function_at, *gradient_at, *caller;
    uint8_t *wanted;
    uint32_t *callers, *todo;
    uint64_t work; /* of tensorflow_graph_flow */
};

/* ---- building (tensorflow_graph.c) ---- */
void tensorflow_graph_init(struct tensorflow_graph *g, struct arena *a);
uint32_t tensorflow_graph_name(struct tensorflow_graph *g, struct slice name);
void tensorflow_graph_open(struct tensorflow_graph *g);
/* The scope that was opened last is that function. */
void tensorflow_graph_function(struct tensorflow_graph *g, struct slice name);
/* A node to be filled; NULL when a cap was reached. What it names goes to the last one. */
struct tensorflow_node *tensorflow_graph_node(struct tensorflow_graph *g);
void tensorflow_graph_input(struct tensorflow_graph *g, struct slice input);
void tensorflow_graph_call(struct tensorflow_graph *g, struct slice function);
void tensorflow_graph_string(struct tensorflow_graph *g, struct slice text);
void tensorflow_graph_gradient(struct tensorflow_graph *g, struct slice function,
                               struct slice gradient);
/* Names become numbers of nodes. Before this there is nothing to follow. */
void tensorflow_graph_resolve(struct tensorflow_graph *g);
/* The nodes of that name in graphs, not in functions, get the mark; what runs with them gets it by
 * tensorflow_graph_run. With a function's name, what runs with it at once. */
void tensorflow_graph_root(struct tensorflow_graph *g, uint32_t name, uint8_t mark);
void tensorflow_graph_root_function(struct tensorflow_graph *g, uint32_t name, uint8_t mark);
void tensorflow_graph_run(struct tensorflow_graph *g);
bool tensorflow_graph_is_function(const struct tensorflow_graph *g, struct slice name);
/* The strings that flow into the operator's nodes. */
void tensorflow_graph_flow(struct tensorflow_graph *g, struct tensorflow_op *op);

/* ---- what is gathered of a file ---- */
struct tensorflow_root {
    uint32_t name;
    uint8_t mark;
};

struct tensorflow_object {
    uint32_t function; /* name, or NONE */
    uint32_t object;   /* its number */
};

struct tensorflow {
    const struct format_input *in;
    struct message_walk w;
    struct tensorflow_graph g;
    struct names op_names;
    struct tensorflow_op *ops;
    size_t nops;
    struct tensorflow_root *roots;
    size_t nroots;
    struct tensorflow_object *objects; /* functions of the object graph */
    size_t nobjects;
    uint32_t *started; /* numbers of objects whose function runs at load */
    size_t nstarted;
    uint32_t *assets; /* names of nodes */
    size_t nassets;
    struct message_text version, restore;
    uint64_t nodes, functions, meta_graphs, asset_files, signatures, collections, constants;
    uint64_t constant_bytes, user_objects;
    bool ops_lost, assets_lost, init;
    bool saver; /* a SaverDef was there */
    bool in_function;
    uint32_t object;     /* number of the object that is read */
    struct err metadata; /* of Keras metadata that could not be read */
};

extern const struct message tensorflow_meta_saved_schema, tensorflow_meta_schema,
    tensorflow_read_schema;
extern const struct message tensorflow_object_keras_schema;

/* tensorflow_read_enter(t, m): the field is a message of that kind. */
MUST_CHECK bool tensorflow_read_enter(struct tensorflow *t, const struct message *m, struct err *e);
/* The key of a map's entry that was entered, up to its value, which `f` is then (or f->number is 0
 * when there is none). An entry whose value stands first gives an empty key. */
MUST_CHECK bool tensorflow_read_key(struct tensorflow *t, struct message_text *key,
                                    struct protobuf_field *f, struct err *e);
MUST_CHECK bool tensorflow_read_entry_end(struct tensorflow *t, struct err *e);
extern const struct message tensorflow_read_entry;

/* Each reads one message that was entered, or is the file. */
MUST_CHECK bool tensorflow_meta_read_saved(struct tensorflow *t, struct err *e);
MUST_CHECK bool tensorflow_meta_read(struct tensorflow *t, struct err *e);
MUST_CHECK bool tensorflow_read_graph(struct tensorflow *t, struct err *e);
MUST_CHECK bool tensorflow_read_node(struct tensorflow *t, struct err *e);
MUST_CHECK bool tensorflow_object_read(struct tensorflow *t, struct err *e);
MUST_CHECK bool tensorflow_object_read_keras(struct tensorflow *t, struct err *e);

/* Follows the roots, and tells. */
void tensorflow_tell(struct tensorflow *t);
void tensorflow_tell_asset(struct tensorflow *t, struct slice name, uint64_t at);
#endif
