#ifndef SCANNER_FORMATS_PICKLE_PICKLE_ARGS_H
#define SCANNER_FORMATS_PICKLE_PICKLE_ARGS_H
/* What the calls of an import are given. */
#include "scanner/formats/pickle/pickle_vm.h"

/* The arguments for people: at most PICKLE_PREVIEW characters, strings are cut at 40 bytes. */
void pickle_args_preview(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args);

/* Keeps the texts, the largest integer and the payload among the arguments. */
void pickle_args_note(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args);

/* What payload the arguments of a call hold. */
enum pickle_payload pickle_args_payload(const struct pickle_vm *v, struct pickle_slot args);
#endif
