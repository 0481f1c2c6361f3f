#include "policies/cel/cel_net.h"

#include <stdio.h>
#include <string.h>

/* A decimal part of an IPv4 address, without leading zeros. */
static bool octet(struct slice s, size_t *at, uint8_t *out)
{
    const size_t start = *at;
    unsigned v = 0;

    while (*at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9' && *at - start < 3)
        v = v * 10 + (unsigned)(s.data[(*at)++] - '0');
    if (*at == start || v > 255 || (s.data[start] == '0' && *at - start > 1))
        return false;
    *out = (uint8_t)v;
    return true;
}

static bool parse_v4(struct slice s, struct cel_net *out)
{
    size_t at = 0;

    for (size_t i = 0; i < 4; i++) {
        if (i > 0 && (at >= s.len || s.data[at++] != '.'))
            return false;
        if (!octet(s, &at, &out->bytes[i]))
            return false;
    }
    out->nbytes = 4;
    out->prefix = 32;
    return at == s.len;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool group(struct slice s, size_t *at, uint8_t out[2])
{
    unsigned v = 0;
    size_t n = 0;

    for (; *at < s.len && n < 4 && hex_digit(s.data[*at]) >= 0; n++)
        v = v << 4 | (unsigned)hex_digit(s.data[(*at)++]);
    out[0] = (uint8_t)(v >> 8);
    out[1] = (uint8_t)v;
    return n > 0;
}

static bool two_colons(struct slice s, size_t at)
{
    return s.len - at >= 2 && s.data[at] == ':' && s.data[at + 1] == ':';
}

/* Groups before and behind "::", which stands for at least one group of zeros. */
static bool parse_v6(struct slice s, struct cel_net *out)
{
    uint8_t groups[8][2];
    size_t n = 0, gap = SIZE_MAX, at = 0;

    if (two_colons(s, 0)) {
        gap = 0;
        at = 2;
    }
    while (at < s.len) {
        if (n == 8 || !group(s, &at, groups[n++]))
            return false;
        if (at == s.len)
            break;
        if (two_colons(s, at) && gap == SIZE_MAX) {
            gap = n;
            at += 2;
        } else if (s.data[at++] != ':' || at == s.len) {
            return false;
        }
    }
    if (gap == SIZE_MAX ? n != 8 : n > 7)
        return false;
    memset(out->bytes, 0, sizeof(out->bytes));
    for (size_t i = 0; i < n; i++)
        memcpy(out->bytes + 2 * (i < gap ? i : 8 - n + i), groups[i], 2);
    out->nbytes = 16;
    out->prefix = 128;
    return true;
}

bool cel_net_parse_ip(struct slice s, struct cel_net *out)
{
    struct cel_net net = {.nbytes = 0};
    size_t at;

    if (!(slice_find(s, SLICE_LIT(":"), &at) ? parse_v6(s, &net) : parse_v4(s, &net)))
        return false;
    *out = net;
    return true;
}

bool cel_net_parse_cidr(struct slice s, struct cel_net *out)
{
    struct cel_net net;
    size_t slash;
    uint8_t prefix;

    if (!slice_find(s, SLICE_LIT("/"), &slash) ||
        !cel_net_parse_ip((struct slice){s.data, slash}, &net))
        return false;
    slash++;
    if (!octet(s, &slash, &prefix) || slash != s.len || prefix > net.nbytes * 8)
        return false;
    net.prefix = prefix;
    *out = net;
    return true;
}

static bool is_mapped(const struct cel_net *n)
{
    static const uint8_t head[12] = {[10] = 0xff, [11] = 0xff};

    return n->nbytes == 16 && memcmp(n->bytes, head, 12) == 0;
}

/* An IPv4-mapped address is the IPv4 address: nobody slips past a rule by writing it the other
 * way. */
static struct cel_net unmapped(const struct cel_net *n)
{
    struct cel_net out = *n;

    if (!is_mapped(n) || n->prefix < 96) /* a shorter prefix holds more than IPv4 */
        return out;
    memset(out.bytes, 0, sizeof(out.bytes));
    memcpy(out.bytes, n->bytes + 12, 4);
    out.nbytes = 4;
    out.prefix = (uint8_t)(n->prefix - 96);
    return out;
}

bool cel_net_eq(const struct cel_net *a, const struct cel_net *b)
{
    const struct cel_net x = unmapped(a), y = unmapped(b);

    return x.nbytes == y.nbytes && x.prefix == y.prefix && memcmp(x.bytes, y.bytes, x.nbytes) == 0;
}

void cel_net_mask(const struct cel_net *block, struct cel_net *out)
{
    *out = *block;
    for (unsigned bit = block->prefix; bit < block->nbytes * 8u; bit++)
        out->bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

bool cel_net_contains(const struct cel_net *block, const struct cel_net *inner)
{
    struct cel_net outer = unmapped(block), in = unmapped(inner);

    if (outer.nbytes != in.nbytes || in.prefix < outer.prefix)
        return false;
    in.prefix = outer.prefix;
    cel_net_mask(&outer, &outer);
    cel_net_mask(&in, &in);
    return memcmp(outer.bytes, in.bytes, outer.nbytes) == 0;
}

static unsigned group_at(const struct cel_net *n, int i)
{
    const uint8_t *at = n->bytes + (size_t)i * 2;

    return (unsigned)at[0] << 8 | at[1];
}

/* SPEC: RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the
 * first of equals) as "::" */
static int v6_text(const struct cel_net *n, char *out, size_t size)
{
    int best = -1, best_len = 1, used = 0;

    for (int i = 0, run; i<8; i += run> 0 ? run : 1) {
        for (run = 0; i + run < 8 && group_at(n, i + run) == 0;)
            run++;
        if (run > best_len) {
            best = i;
            best_len = run;
        }
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            used += snprintf(out + used, size - (size_t)used, "::");
            i += best_len - 1;
            continue;
        }
        used += snprintf(out + used, size - (size_t)used, "%s%x",
                         i > 0 && i != best + best_len ? ":" : "", group_at(n, i));
    }
    return used;
}

void cel_net_text(struct cel_value v, char out[CEL_NET_TEXT_MAX])
{
    const struct cel_net *n = v.as.net;
    int used;

    if (n->nbytes == 4)
        used = snprintf(out, CEL_NET_TEXT_MAX, "%u.%u.%u.%u", n->bytes[0], n->bytes[1], n->bytes[2],
                        n->bytes[3]);
    else
        used = v6_text(n, out, CEL_NET_TEXT_MAX);
    if (v.kind == CEL_CIDR)
        snprintf(out + used, CEL_NET_TEXT_MAX - (size_t)used, "/%u", n->prefix);
}
