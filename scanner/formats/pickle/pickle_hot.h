#ifndef SCANNER_FORMATS_PICKLE_PICKLE_HOT_H
#define SCANNER_FORMATS_PICKLE_PICKLE_HOT_H
/*
 * The opcodes that large pickles consist of (small values, the memo, containers), run without a
 * call for each. Nothing fails here: what is not plainly fine, or is near the end of a frame or of
 * the buffer, is left to the handlers of pickle_op.c, which do the same and say what is wrong.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* Runs opcodes from the reader on; stops before the first that it leaves. */
void pickle_hot_run(struct pickle_vm *v);
#endif
