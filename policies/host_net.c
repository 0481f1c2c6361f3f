/* cidr.contains, cidr.prefix, cidr.wide. SPEC: RFC 4632, RFC 4291 section 2. */
#include <arpa/inet.h>
#include <string.h>

#include "base/checked.h"
#include "policies/host_table.h"

struct net {
    uint8_t bytes[16];
    unsigned bits; /* 32 or 128 */
    unsigned prefix;
};

static bool net_parse(struct slice s, struct net *out, struct err *e)
{
    char address[INET6_ADDRSTRLEN];
    struct slice head = s;
    uint64_t prefix;
    size_t slash;
    bool six;

    if (slice_find(s, SLICE_LIT("/"), &slash))
        head.len = slash;
    six = head.len > 0 && memchr(head.data, ':', head.len) != NULL;
    if (head.len == 0 || head.len >= sizeof(address) || memchr(head.data, 0, head.len) != NULL)
        return err_fail(e, ERR_USAGE, "'%.*s' is not a network", (int)(s.len < 60 ? s.len : 60),
                        (const char *)s.data);
    memcpy(address, head.data, head.len);
    address[head.len] = '\0';
    out->bits = six ? 128 : 32;
    prefix = out->bits;
    if (inet_pton(six ? AF_INET6 : AF_INET, address, out->bytes) != 1 ||
        (head.len < s.len && !checked_u64(slice_from(s, slash + 1), out->bits, &prefix)))
        return err_fail(e, ERR_USAGE, "'%.*s' is not a network", (int)(s.len < 60 ? s.len : 60),
                        (const char *)s.data);
    out->prefix = (unsigned)prefix;
    return true;
}

static bool same_bits(const struct net *a, const struct net *b, unsigned n)
{
    unsigned rest = n % 8;

    if (memcmp(a->bytes, b->bytes, n / 8) != 0)
        return false;
    return rest == 0 || (a->bytes[n / 8] ^ b->bytes[n / 8]) >> (8 - rest) == 0;
}

bool host_net_contains(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice text[2];
    struct net net[2];

    for (size_t i = 0; i < 2; i++)
        if (!host_facts_text(c, i, &text[i], e) || !net_parse(text[i], &net[i], e))
            return false;
    *out = cel_value_bool(net[0].bits == net[1].bits && net[0].prefix <= net[1].prefix &&
                          same_bits(&net[0], &net[1], net[0].prefix));
    return true;
}

bool host_net_prefix(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice text;
    struct net net;

    if (!host_facts_text(c, 0, &text, e) || !net_parse(text, &net, e))
        return false;
    *out = cel_value_int(net.prefix);
    return true;
}

bool host_net_wide(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct cel_value *bounds = c->args + 1; /* of IPv4, of IPv6 */
    struct err no_network = {0};
    struct slice text;
    struct net net;

    if (!host_facts_text(c, 0, &text, e))
        return false;
    for (size_t i = 0; i < 2; i++)
        if (!cel_value_is(bounds[i], CEL_INT))
            return err_fail(e, ERR_USAGE, "argument %zu: expected an int, found %s", i + 2,
                            cel_value_type_name((enum cel_kind)bounds[i].kind));
    *out = cel_value_bool(net_parse(text, &net, &no_network) &&
                          (int64_t)net.prefix < bounds[net.bits == 128].as.integer);
    return true;
}
