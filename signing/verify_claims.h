#ifndef SIGNING_VERIFY_CLAIMS_H
#define SIGNING_VERIFY_CLAIMS_H
/*
 * What a statement says, compared with what was asked. The signature is behind us; the statement
 * is data all the same.
 */
#include "signing/signing.h"

/*
 * verify_claims(statement, opt, out): VERIFY_OK, or the first thing that does not fit with its
 * text in `out`.
 */
enum verify_reason verify_claims(const struct value *statement, const struct verify_options *opt,
                                 char text[512]);
#endif
