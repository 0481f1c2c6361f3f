#ifndef SCANNER_FORMATS_PICKLE_PICKLE_OP_H
#define SCANNER_FORMATS_PICKLE_PICKLE_OP_H
/* The opcodes: what each does to the machine. SPEC: CPython 3.11, Lib/pickletools.py. */
#include "scanner/formats/pickle/pickle_vm.h"

/* Bytes of a string that is kept for a name; longer ones are read again when they are needed. */
#define PICKLE_KEEP 1024
/* Bytes of a string that is read again. */
#define PICKLE_AGAIN 65536

struct pickle_op;
typedef bool pickle_op_fn(struct pickle_vm *v, const struct pickle_op *op, struct err *e);

struct pickle_op {
    const char *name;
    pickle_op_fn *run; /* NULL: not an opcode */
    uint8_t n;    /* bytes of the argument or of its length; objects for TUPLE1-3 and the like */
    uint8_t kind; /* enum pickle_kind of what is pushed */
};

extern const struct pickle_op pickle_op_table[256];
#endif
