#ifndef POLICIES_CEL_CEL_NET_H
#define POLICIES_CEL_CEL_NET_H
/* IP addresses and CIDR blocks. SPEC: RFC 4291, RFC 4632, RFC 5952 (text). */
#include "policies/cel/cel_run.h"

#define CEL_NET_TEXT_MAX 64

/* Strict: four decimal parts without leading zeros, or IPv6 without a zone and without an
 * embedded IPv4 part. */
MUST_CHECK bool cel_net_parse_ip(struct slice s, struct cel_net *out);
MUST_CHECK bool cel_net_parse_cidr(struct slice s, struct cel_net *out);

/* cel_net_text(v, out): of a CEL_IP or CEL_CIDR, canonical, ends in NUL. */
void cel_net_text(struct cel_value v, char out[CEL_NET_TEXT_MAX]);

/* cel_net_eq: same block, or same address (an IPv4-mapped IPv6 address is the IPv4 address). */
bool cel_net_eq(const struct cel_net *a, const struct cel_net *b);
bool cel_net_contains(const struct cel_net *block, const struct cel_net *inner);
void cel_net_mask(const struct cel_net *block, struct cel_net *out);
#endif
