#include "scanner/formats/pickle/pickle_trace.h"

static struct pickle_import *import_of(struct pickle_vm *v, struct pickle_slot s)
{
    if ((s.kind != PICKLE_GLOBAL && s.kind != PICKLE_RESULT && s.kind != PICKLE_INSTANCE) ||
        s.ref >= v->table->n)
        return NULL;
    return &v->table->items[s.ref];
}

static void add(struct pickle_vm *v, struct pickle_import *x, enum pickle_what what, uint32_t with,
                bool result)
{
    if (x->nsteps == PICKLE_STEPS)
        return;
    x->steps[x->nsteps++] = (struct pickle_step){v->op_at, v->op, with, (uint8_t)what, result};
}

void pickle_trace_begin(struct pickle_vm *v, struct pickle_import *x, enum pickle_what what)
{
    if (x->trace != v->run) {
        x->trace = v->run;
        v->tracing++;
    }
    add(v, x, what, PICKLE_NOBODY, false);
}

/* The import behind a slot, when its story goes on. */
static struct pickle_import *followed(struct pickle_vm *v, struct pickle_slot s)
{
    struct pickle_import *x = import_of(v, s);

    if (x == NULL || x->trace != v->run || (x->called && s.kind == PICKLE_GLOBAL) ||
        (!x->called && !x->attribute && s.kind != PICKLE_GLOBAL))
        return NULL;
    return x;
}

void pickle_trace_step(struct pickle_vm *v, struct pickle_slot s, enum pickle_what what,
                       uint32_t with)
{
    struct pickle_import *x = followed(v, s);

    if (x != NULL)
        add(v, x, what, with, s.kind != PICKLE_GLOBAL);
}

void pickle_trace_stop(struct pickle_vm *v, struct pickle_import *x)
{
    if (x->trace != v->run)
        return;
    x->trace = 0;
    v->tracing--;
}

void pickle_trace_end(struct pickle_vm *v, struct pickle_slot s, enum pickle_what what,
                      uint32_t with)
{
    struct pickle_import *x = followed(v, s);

    if (x == NULL)
        return;
    add(v, x, what, with, s.kind != PICKLE_GLOBAL);
    pickle_trace_stop(v, x);
}

void pickle_trace_stored(struct pickle_vm *v, const struct pickle_slot *s, size_t n,
                         struct pickle_slot into)
{
    if (!pickle_trace_on(v))
        return;
    for (size_t i = 0; i < n; i++) {
        struct pickle_import *x = import_of(v, s[i]);

        if (x == NULL)
            continue;
        if (s[i].kind == PICKLE_GLOBAL && pickle_table_watched(x))
            x->loose = true;
        x = followed(v, s[i]);
        if (x == NULL)
            continue;
        if (into.kind == PICKLE_TUPLE)
            x->packed = (uint64_t)into.ref + 1;
        else
            add(v, x, PICKLE_STORED, PICKLE_NOBODY, s[i].kind != PICKLE_GLOBAL);
        pickle_trace_stop(v, x);
    }
}

void pickle_trace_given(struct pickle_vm *v, struct pickle_slot args, enum pickle_what what,
                        uint32_t with)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL) {
        pickle_trace_end(v, args, what, with);
        return;
    }
    for (size_t i = 0; i < t->len && i < PICKLE_CHILDREN; i++) {
        struct pickle_import *x = import_of(v, t->child[i]);

        if (x == NULL || x->packed != (uint64_t)args.ref + 1)
            continue;
        add(v, x, what, with, t->child[i].kind != PICKLE_GLOBAL);
        x->packed = 0;
    }
}
