#ifndef SCANNER_CONFIG_IAM_GRANTED_H
#define SCANNER_CONFIG_IAM_GRANTED_H
/*
 * Resources that are one statement of another resource's policy, attribute by attribute:
 * permissions of Lambda functions and layers, of event buses. Told as the policy that they make, at
 * "<resource>#statement", so that what holds of resource policies is asked of them too.
 */
#include "scanner/config/iam_places.h"

/* Tells the policy of such a resource; others are left alone. */
void iam_granted_tell(struct doc *d, const struct iam_owner *owner);
#endif
