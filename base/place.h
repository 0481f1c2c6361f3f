#ifndef BASE_PLACE_H
#define BASE_PLACE_H
/* Places in inputs, as people are told them: "models/m.tar.gz!m.tar!m.pkl". */
#include "base/slice.h"

/*
 * place_below(input, path): what of `path` is to be said behind the name of its input. A file on
 * its own is the first name of its paths: of "dir/m.tar.gz" and "m.tar.gz!m.pkl" that is "m.pkl",
 * of "dir/m.pkl" and "m.pkl" nothing. Borrows from `path`.
 */
struct slice place_below(struct slice input, struct slice path);
#endif
