#ifndef POLICIES_GLOB_H
#define POLICIES_GLOB_H
/* Globs of rules, waivers and profiles: '*' is any run of characters ('/' too), '?' one
 * character; all else is literal. */
#include "base/slice.h"

/* Takes O(pattern * text) at worst, no recursion. */
bool glob_match(struct slice pattern, struct slice text);
#endif
