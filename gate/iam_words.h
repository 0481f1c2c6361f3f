#ifndef GATE_IAM_WORDS_H
#define GATE_IAM_WORDS_H
/*
 * Words of the command line that name things of IAM. One that names nothing would be asked about
 * like any other, and "not granted" be a wrong answer: so each is an error of usage, which says
 * what was found and what is expected.
 */
#include "gate/options.h"

/* SERVICE:ACTION; with `wild`, a pattern as in policies, or "*". */
MUST_CHECK bool iam_words_action(const char *text, bool wild, struct err *e);

/* An ARN, a pattern of ARNs, or "*". */
MUST_CHECK bool iam_words_resource(const char *text, struct err *e);

/* An ARN, a service ("x.amazonaws.com"), a canonical user id, "anonymous" or "*". */
MUST_CHECK bool iam_words_principal(const char *text, struct err *e);

/* Each --account: 12 digits, or an organisation (o-...). */
MUST_CHECK bool iam_words_accounts(const struct options *o, struct arena *a, struct err *e);
#endif
