#ifndef POLICIES_HOST_H
#define POLICIES_HOST_H
/*
 * What expressions may ask of the run: functions over all resources, and helpers for ARNs, keys,
 * networks and policies. Pure: the same
 * facts give the same answers. SPEC: docs/rules.md, "Functions".
 */
#include "policies/cel/cel.h"
#include "scanner/facts.h"

/* Ends with a NULL name. */
extern const struct cel_function host_functions[];

struct host_index; /* policies/host_index.h */

/* The host of an evaluation: cel_activation.host. */
struct host {
    struct host_index *index;
    const struct fact *current; /* the resource being judged, or NULL */
};
#endif
