#ifndef POLICIES_HOST_TABLE_H
#define POLICIES_HOST_TABLE_H
/* The functions behind host_functions[], by subject, and what they share. */
#include "policies/cel/cel_value.h"
#include "policies/host.h"
#include "policies/host_index.h"

bool host_facts_resources(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_resources_of(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_resources_at(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_resources_below(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_related(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_refs(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_refers_to(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_known(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_ends_with(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_dataset_for(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_facts_class_rank(const struct cel_call *c, struct cel_value *out, struct err *e);

bool host_aws_is_cmk(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_aws_arn_parse(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_aws_arn_is(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_aws_s3_bucket(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_aws_s3_key(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_aws_tags_get(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_aws_tags_has(const struct cel_call *c, struct cel_value *out, struct err *e);

bool host_net_contains(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_net_prefix(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_net_wide(const struct cel_call *c, struct cel_value *out, struct err *e);

bool host_iam_policy(const struct cel_call *c, struct cel_value *out, struct err *e);
/* host_iam_document(c, v, out, e): a policy as plain data, from JSON text or a map, as it was
 * written: iam_doc_read comes next. Unknown leaves stay. */
MUST_CHECK bool host_iam_document(const struct cel_call *c, struct cel_value v,
                                  const struct value **out, struct err *e);

bool host_iam_ask_allows(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_ask_subsumes(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_ask_wider_example(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_ask_principal(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_ask_attached(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_tell_actions(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_tell_may(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_tell_lint(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_reach_public(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_reach_public_example(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_reach_outsiders(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_reach_outsiders_example(const struct cel_call *c, struct cel_value *out,
                                      struct err *e);
bool host_iam_reach_need(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_reach_role(const struct cel_call *c, struct cel_value *out, struct err *e);
bool host_iam_privesc(const struct cel_call *c, struct cel_value *out, struct err *e);

bool host_glob(const struct cel_call *c, struct cel_value *out, struct err *e);

/* host_facts_text(c, i, out, e): argument i must be a string. The engine puts the name of the
 * function in front of errors. */
MUST_CHECK bool host_facts_text(const struct cel_call *c, size_t i, struct slice *out,
                                struct err *e);
/* The fact behind a resource map; NULL: it is none of this run. */
const struct fact *host_facts_fact(const struct cel_call *c, struct cel_value map);
/* The host of the call, with the index. */
const struct host *host_facts_of(const struct cel_call *c);

/*
 * host_facts_refers(h, gap, accept): do the references of an unknown lead to resources that
 * `accept` takes? HOST_YES: all of them; HOST_NO: all lead to resources of the run and none is
 * taken; HOST_MAYBE: else.
 */
enum host_answer { HOST_NO, HOST_YES, HOST_MAYBE };
typedef bool host_accept_fn(const void *ctx, const struct fact *f, struct slice attribute);
enum host_answer host_facts_refers(const struct host *h, const struct value_gap *gap,
                                   host_accept_fn *accept, const void *ctx);
#endif
