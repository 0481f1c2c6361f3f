#ifndef POLICIES_IAM_EVALUATE_IAM_ASKED_H
#define POLICIES_IAM_EVALUATE_IAM_ASKED_H
/* What is known of a request before any policy is read. */
#include "policies/iam/document/iam_request.h"

struct iam_asked {
    bool anonymous, service, linked; /* nobody in particular; a service; a service-linked role */
    bool root;                       /* the root user of an account */
    bool federated;                  /* a session of GetFederationToken */
    bool same_account;
    bool owned; /* the resource's policy must allow, itself or by delegation: roles and KMS keys */
    bool reserved; /* nobody but AWS may change it */
    /* Not NULL: policies have no say in it, and this is why; it is allowed unless `refused`. */
    const char *exempt;
    bool refused;
    enum iam_reading reading;
};

struct iam_asked iam_asked_about(const struct iam_request *r);

/* Is it an action that policies have no say in, whoever signed the request? */
bool iam_asked_exempt(struct slice action);
#endif
