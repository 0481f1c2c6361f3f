#ifndef GATE_IDENTITY_PRINT_H
#define GATE_IDENTITY_PRINT_H
/*
 * The statement that a signature of OpenSSF Model Signing makes of a model, from the facts: for
 * comparing with a signature, or as the payload of one. SPEC: OpenSSF Model Signing 1.0, section 5.
 */
#include "base/json_out.h"
#include "scanner/facts.h"

/* identity_print(f, ignore, a, o, e) writes it from the facts of one model, scanned with the same
 * `ignore`. ERR_USAGE when there is no model among them; ERR_FORMAT when it has no root digest, or
 * names that no manifest can hold. */
MUST_CHECK bool identity_print(const struct facts *f, const char *const *ignore, struct arena *a,
                               struct json_out *o, struct err *e);
#endif
