#ifndef SCANNER_FORMATS_PICKLE_PICKLE_VALUE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_VALUE_H
/* The opcodes that push a value which stands in the stream. */
#include "scanner/formats/pickle/pickle_op.h"

/* The argument of n <= 8 bytes, little-endian. */
MUST_CHECK bool pickle_value_number(struct pickle_vm *v, size_t n, uint64_t *out, struct err *e);

/* Handlers, for the table of pickle_op.c. */
bool pickle_value_push(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_int(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_float(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_text(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_bytes(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_long(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_text_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
bool pickle_value_persid_line(struct pickle_vm *v, const struct pickle_op *op, struct err *e);
/* A dict was made above n objects on the stack. */
void pickle_value_dict(struct pickle_vm *v, size_t n, struct pickle_slot dict);
#endif
