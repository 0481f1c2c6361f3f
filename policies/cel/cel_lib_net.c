#include <string.h>

#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_net.h"

/* SPEC: cel-spec network extension: ip(), cidr() and their methods. */
static struct cel_value net_value(struct cel_run *r, enum cel_kind kind, const struct cel_net *net)
{
    struct cel_net *copy = CEL_RUN_ARRAY(r, struct cel_net, 1);

    if (copy == NULL)
        return r->stopped;
    *copy = *net;
    return (struct cel_value){.kind = (uint8_t)kind, .as.net = copy};
}

static struct cel_value bad_text(struct cel_run *r, const char *what, struct cel_value text)
{
    return cel_run_fault(r, CEL_FAULT_TEXT, "'%.*s' is no %s", (int)(text.len < 60 ? text.len : 60),
                         (const char *)text.as.text, what);
}

/* The address that an argument is or names. */
static struct cel_value to_ip(struct cel_run *r, struct cel_value v)
{
    struct cel_net net;

    if (v.kind != CEL_STRING)
        return v.kind == CEL_IP ? v : cel_run_no_overload(r, "ip", &v, 1);
    if (!cel_net_parse_ip(cel_value_text(v), &net))
        return bad_text(r, "IP address", v);
    return net_value(r, CEL_IP, &net);
}

static struct cel_value to_cidr(struct cel_run *r, struct cel_value v)
{
    struct cel_net net;

    if (v.kind != CEL_STRING)
        return v.kind == CEL_CIDR ? v : cel_run_no_overload(r, "cidr", &v, 1);
    if (!cel_net_parse_cidr(cel_value_text(v), &net))
        return bad_text(r, "CIDR block", v);
    return net_value(r, CEL_CIDR, &net);
}

static struct cel_value ip_global(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return to_ip(r, args[0]);
}

static struct cel_value ip_method(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_net net;

    if (args[0].kind != CEL_CIDR)
        return cel_run_no_overload(r, "ip", args, n);
    net = *args[0].as.net;
    net.prefix = (uint8_t)(net.nbytes * 8);
    return net_value(r, CEL_IP, &net);
}

static struct cel_value cidr_global(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return to_cidr(r, args[0]);
}

static struct cel_value is_ip(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_net net;

    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "isIP", args, n);
    return cel_value_bool(cel_net_parse_ip(cel_value_text(args[0]), &net));
}

static struct cel_value is_cidr(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_net net;

    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "isCIDR", args, n);
    return cel_value_bool(cel_net_parse_cidr(cel_value_text(args[0]), &net));
}

static struct cel_value is_canonical(struct cel_run *r, const struct cel_value *args, size_t n)
{
    char text[CEL_NET_TEXT_MAX];
    struct cel_value ip;

    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "ip.isCanonical", args, n);
    ip = to_ip(r, args[0]);
    if (cel_run_bad(ip))
        return ip;
    cel_net_text(ip, text);
    return cel_value_bool(slice_is(cel_value_text(args[0]), text));
}

static struct cel_value family(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_IP)
        return cel_run_no_overload(r, "family", args, n);
    return cel_value_int(args[0].as.net->nbytes == 4 ? 4 : 6);
}

/* Is the address in one of two blocks, that of its family? */
static struct cel_value in_block(struct cel_run *r, const struct cel_value *args, const char *name,
                                 const char *v4, const char *v6)
{
    struct cel_net four, six;

    if (args[0].kind != CEL_IP)
        return cel_run_no_overload(r, name, args, 1);
    return cel_value_bool(
        (cel_net_parse_cidr(slice_str(v4), &four) && cel_net_contains(&four, args[0].as.net)) ||
        (cel_net_parse_cidr(slice_str(v6), &six) && cel_net_contains(&six, args[0].as.net)));
}

#define BLOCK_FUNCTION(function, name, v4, v6)                                                     \
    static struct cel_value function(struct cel_run *r, const struct cel_value *args, size_t n)    \
    {                                                                                              \
        (void)n;                                                                                   \
        return in_block(r, args, name, v4, v6);                                                    \
    }

BLOCK_FUNCTION(is_unspecified, "isUnspecified", "0.0.0.0/32", "::/128")
BLOCK_FUNCTION(is_loopback, "isLoopback", "127.0.0.0/8", "::1/128")
BLOCK_FUNCTION(is_multicast, "isMulticast", "224.0.0.0/4", "ff00::/8")
BLOCK_FUNCTION(is_broadcast, "isBroadcast", "255.255.255.255/32", "255.255.255.255/32")
BLOCK_FUNCTION(is_link_local_multicast, "isLinkLocalMulticast", "224.0.0.0/24", "ff02::/16")
BLOCK_FUNCTION(is_link_local_unicast, "isLinkLocalUnicast", "169.254.0.0/16", "fe80::/10")

static struct cel_value is_global_unicast(struct cel_run *r, const struct cel_value *args, size_t n)
{
    static cel_lib_fn *const others[] = {is_unspecified, is_loopback, is_multicast, is_broadcast,
                                         is_link_local_unicast};

    if (args[0].kind != CEL_IP)
        return cel_run_no_overload(r, "isGlobalUnicast", args, n);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (others[i](r, args, n).as.boolean)
            return cel_value_bool(false);
    return cel_value_bool(true);
}

static struct cel_value contains(struct cel_run *r, const struct cel_value *args, bool block)
{
    const struct cel_value inner = block ? to_cidr(r, args[1]) : to_ip(r, args[1]);

    if (args[0].kind != CEL_CIDR)
        return cel_run_no_overload(r, block ? "containsCIDR" : "containsIP", args, 2);
    if (cel_run_bad(inner))
        return inner;
    return cel_value_bool(cel_net_contains(args[0].as.net, inner.as.net));
}

static struct cel_value contains_ip(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return contains(r, args, false);
}

static struct cel_value contains_cidr(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return contains(r, args, true);
}

static struct cel_value masked(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_net net;

    if (args[0].kind != CEL_CIDR)
        return cel_run_no_overload(r, "masked", args, n);
    cel_net_mask(args[0].as.net, &net);
    return net_value(r, CEL_CIDR, &net);
}

static struct cel_value prefix_length(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_CIDR)
        return cel_run_no_overload(r, "prefixLength", args, n);
    return cel_value_int(args[0].as.net->prefix);
}

const struct cel_lib_entry cel_lib_net_table[] = {
    {"ip", CEL_LIB_GLOBAL, 1, 1, ip_global},
    {"ip", CEL_LIB_METHOD, 1, 1, ip_method},
    {"cidr", CEL_LIB_GLOBAL, 1, 1, cidr_global},
    {"isIP", CEL_LIB_GLOBAL, 1, 1, is_ip},
    {"isCIDR", CEL_LIB_GLOBAL, 1, 1, is_cidr},
    {"ip.isCanonical", CEL_LIB_GLOBAL, 1, 1, is_canonical},
    {"family", CEL_LIB_METHOD, 1, 1, family},
    {"isUnspecified", CEL_LIB_METHOD, 1, 1, is_unspecified},
    {"isLoopback", CEL_LIB_METHOD, 1, 1, is_loopback},
    {"isMulticast", CEL_LIB_METHOD, 1, 1, is_multicast},
    {"isGlobalUnicast", CEL_LIB_METHOD, 1, 1, is_global_unicast},
    {"isLinkLocalMulticast", CEL_LIB_METHOD, 1, 1, is_link_local_multicast},
    {"isLinkLocalUnicast", CEL_LIB_METHOD, 1, 1, is_link_local_unicast},
    {"containsIP", CEL_LIB_METHOD, 2, 2, contains_ip},
    {"containsCIDR", CEL_LIB_METHOD, 2, 2, contains_cidr},
    {"masked", CEL_LIB_METHOD, 1, 1, masked},
    {"prefixLength", CEL_LIB_METHOD, 1, 1, prefix_length},
    {NULL, 0, 0, 0, NULL},
};
