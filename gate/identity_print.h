#ifndef GATE_IDENTITY_PRINT_H
#define GATE_IDENTITY_PRINT_H
/*
 * The statement that a signature of OpenSSF Model Signing makes of a model, from the facts: for
 * comparing with a signature, or as the payload of one. SPEC: OpenSSF Model Signing 1.0, section 5.
 */
#include "gate/call.h"

/* identity_print(c, ignore) answers from the facts of the call's run. ERR_USAGE when the subject is
 * no model; ERR_FORMAT when it has no root digest, or names that no manifest can hold. */
MUST_CHECK bool identity_print(struct call *c, const char *const *ignore);
#endif
