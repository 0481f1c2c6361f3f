#ifndef SCANNER_FORMATS_PICKLE_PICKLE_TRACE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_TRACE_H
/*
 * The story of an import: which opcode imports it, which calls it with what, where the result goes.
 * An import is followed from where it is pushed until its first way off the stack; a first call
 * goes on with the result.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* Is there an import to follow, or one that must not get out of sight? */
static inline bool pickle_trace_on(const struct pickle_vm *v)
{
    return v->tracing > 0 || v->getattrs;
}

/* From here on the import is followed. */
void pickle_trace_begin(struct pickle_vm *v, struct pickle_import *x, enum pickle_what what);

void pickle_trace_stop(struct pickle_vm *v, struct pickle_import *x);

/* A step of what stands in `s`, when it is followed; `with` is an import or PICKLE_NOBODY. */
void pickle_trace_step(struct pickle_vm *v, struct pickle_slot s, enum pickle_what what,
                       uint32_t with);
/* The step is the last one. */
void pickle_trace_end(struct pickle_vm *v, struct pickle_slot s, enum pickle_what what,
                      uint32_t with);
/* The same for n values that go into a container; a tuple is remembered for the call it goes to. */
void pickle_trace_stored(struct pickle_vm *v, const struct pickle_slot *s, size_t n,
                         struct pickle_slot into);
/* A tuple is given to a call of `with` (PICKLE_ARGUMENT), or as state (PICKLE_STATE). */
void pickle_trace_given(struct pickle_vm *v, struct pickle_slot args, enum pickle_what what,
                        uint32_t with);
#endif
