#ifndef SCANNER_FORMATS_PICKLE_PICKLE_COMPAT_H
#define SCANNER_FORMATS_PICKLE_PICKLE_COMPAT_H
/* The names of Python 2 under which Python 3 looks when a pickle is of protocol 2 or below. */
#include <stdbool.h>

#include "base/attr.h"
#include "base/slice.h"

/* Replaces a name that moved; false when it did not. */
bool pickle_compat_map(struct slice *module, struct slice *name);
#endif
