#ifndef SCANNER_IMAGE_PATHS_H
#define SCANNER_IMAGE_PATHS_H
/*
 * Which detectors of rules/detectors/paths.yaml a path matches. Globs are indexed by their last
 * name, so that a million paths take well under a second.
 */
#include "base/value.h"
#include "scanner/image/detectors.h"

/* detectors told of one path; the others are dropped, none of ours overlap that much */
#define PATHS_MATCHES_MAX 8

struct paths;

/* paths_new(a): over detectors_path; lives in `a`. */
const struct paths *paths_new(struct arena *a);

/* paths_match(p, path, out): the detectors of a cleaned path, in the order of the file. */
size_t paths_match(const struct paths *p, struct slice path,
                   const struct detectors_path *out[PATHS_MATCHES_MAX]);

/* paths_glob(glob, path): * and ? and [a-z] stay within one name, a double
 * star stands for any number of folders. */
bool paths_glob(const char *glob, struct slice path);

/* paths_told(a, path): a cleaned path as people and rules see it, from the root: "/usr/bin/su". */
const struct value *paths_told(struct arena *a, struct slice path);
#endif
