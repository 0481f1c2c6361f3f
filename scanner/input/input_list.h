#ifndef SCANNER_INPUT_INPUT_LIST_H
#define SCANNER_INPUT_INPUT_LIST_H
/* Folders of an input: opened beneath their root and walked without
 * following a link. Only input.c includes this. */
#include "scanner/input/input.h"

/* input_list_open(root, name, flags): openat2 beneath `root`, no symbolic and no magic
 * link anywhere in `name`; -1 with errno. */
int input_list_open(int root, const char *name, unsigned flags);

/* input_list_walk(in, a, e): fills the entries of a folder, sorted by
 * name. LIMIT_ENTRIES, LIMIT_NAME_BYTES. */
MUST_CHECK bool input_list_walk(struct input *in, struct arena *a, struct err *e);
#endif
