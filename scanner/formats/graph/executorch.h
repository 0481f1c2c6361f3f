#ifndef SCANNER_FORMATS_GRAPH_EXECUTORCH_H
#define SCANNER_FORMATS_GRAPH_EXECUTORCH_H
/*
 * A program of ExecuTorch under examination; for format_executorch.c and the parts that it reads.
 * Kernels and delegates are code of the application, called by name; what a delegate is given
 * (processed data, compile specs) is for its backend alone, and opaque here but for those that are
 * known to load code from it.
 * SPEC: ExecuTorch 1.0, schema/program.fbs; docs/source/pte-file-format.md
 */
#include "scanner/formats/format.h"
#include "scanner/formats/graph/flatbuffer.h"
#include "scanner/formats/graph/segments.h"
#include "scanner/formats/tally.h"

#define EXECUTORCH_TYPES 30 /* of tensors */
#define EXECUTORCH_NAMES 64 /* methods, delegates and keys that are told of a program */

/* Fields of Program. */
enum {
    EXECUTORCH_VERSION,
    EXECUTORCH_PLANS,
    EXECUTORCH_CONSTANTS,
    EXECUTORCH_INLINE,
    EXECUTORCH_SEGMENTS,
    EXECUTORCH_CONSTANT_SEGMENT,
    EXECUTORCH_MUTABLE,
    EXECUTORCH_NAMED
};

/* ScalarType: `bytes` of one element; 0: there is no such type. */
struct executorch_type {
    const char *name;
    uint8_t bytes;
};
extern const struct executorch_type executorch_shape_types[EXECUTORCH_TYPES];

struct executorch_tensor {
    uint64_t type, bytes;
};

struct executorch {
    const struct format_input *in;
    struct flatbuffer f;
    struct flatbuffer_table program;
    struct segments segments;
    struct flatbuffer_vector constants, delegated; /* data in the FlatBuffer */
    struct flatbuffer_vector variables;            /* tables of where they begin */
    struct flatbuffer_table stored;                /* where constants in a segment begin */
    uint64_t opaque;                               /* bytes of data in the FlatBuffer */
    uint64_t version, nmethods, calls, ndelegates, nkeys;
    uint64_t held, external; /* tensors with data, and with data in another file */
    uint64_t wrong;          /* tensors that are larger than their data or their room */
    uint64_t counts[EXECUTORCH_TYPES];
    struct tally ops; /* kernels by namespace; delegates */
    struct value_builder methods, delegates, keys, embedded;
};

/* Is `value` one of n things that there are? */
MUST_CHECK bool executorch_data_range(uint64_t value, uint64_t n, const char *what,
                                      const struct flatbuffer_table *t, struct err *e);

/* The data of t->program, which methods refer to, and its names; t->segments is read. */
MUST_CHECK bool executorch_data_read(struct executorch *t, struct err *e);
/* How many bytes of data tensor `index` has, of constants or of variable group `group`. */
MUST_CHECK bool executorch_data_constant(struct executorch *t, uint64_t index, uint64_t *bytes,
                                         struct err *e);
MUST_CHECK bool executorch_data_variable(struct executorch *t, uint64_t group, uint64_t index,
                                         uint64_t *bytes, struct err *e);
/* The type and the size of a tensor, or of its layout in a file of tensors: `first` is the field
 * of the sizes, which dim_order follows. */
MUST_CHECK bool executorch_shape_read(const struct flatbuffer_table *t, unsigned first,
                                      struct executorch_tensor *out, struct err *e);
/* Methods: values, instructions, operators and delegates. */
MUST_CHECK bool executorch_plan_read(struct executorch *t, struct err *e);
/* The delegates of one method; gives how many it has. Tells a `model.reference` for each library
 * that a backend is told to load. */
MUST_CHECK bool executorch_delegate_read(struct executorch *t, const struct flatbuffer_table *plan,
                                         unsigned field, uint32_t *n, struct err *e);
/* The name of each type to the number of its tensors. */
const struct value *executorch_tell_types(const uint64_t counts[EXECUTORCH_TYPES], struct arena *a);
/* The facts of the whole program. */
void executorch_tell(const struct executorch *t);
#endif
