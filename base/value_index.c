/* Finding members of maps by key. */
#include "base/value_index.h"

#include <string.h>
#include <sys/auxv.h>

#define FEW ((size_t)VALUE_INDEX_FEW)

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

struct sip_key {
    uint64_t k0, k1;
};

/* The 16 random bytes that the kernel gives every process. */
static struct sip_key process_key(void)
{
    const unsigned long at = getauxval(AT_RANDOM);
    struct sip_key key = {UINT64_C(0x5bd1e9955bd1e995), UINT64_C(0x27d4eb2f165667c5)};
    const void *bytes;

    if (at != 0) {
        memcpy(&bytes, &at, sizeof(bytes));
        memcpy(&key, bytes, sizeof(key));
    }
    return key;
}

/* SPEC: SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") */
static uint64_t hash(const struct sip_key *key, struct slice s)
{
    struct sip h = {key->k0 ^ UINT64_C(0x736f6d6570736575), key->k1 ^ UINT64_C(0x646f72616e646f6d),
                    key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573)};
    uint64_t w = 0;
    size_t i = 0;

    for (; s.len - i >= 8; i += 8) {
        memcpy(&w, s.data + i, sizeof(w));
        h.v3 ^= w;
        sip_round(&h);
        h.v0 ^= w;
    }
    w = 0;
    if (i < s.len)
        memcpy(&w, s.data + i, s.len - i);
    w |= (uint64_t)s.len << 56;
    h.v3 ^= w;
    sip_round(&h);
    h.v0 ^= w;
    h.v2 ^= 0xff;
    sip_round(&h);
    sip_round(&h);
    sip_round(&h);
    return h.v0 ^ h.v1 ^ h.v2 ^ h.v3;
}

/* Slots for n members: a power of two, at most half full. */
static size_t slot_count(size_t n)
{
    size_t slots = 2 * FEW;

    while (slots < 2 * n)
        slots *= 2;
    return slots;
}

size_t value_index_bytes(size_t n)
{
    return n <= FEW ? 0 : slot_count(n) * sizeof(uint32_t);
}

/* The table behind the members: place + 1, or 0. Members are const to readers, the room behind is
 * ours. */
static uint32_t *slots_of(const struct value_member *m, size_t n)
{
    const uintptr_t at = (uintptr_t)(m + n);
    uint32_t *slots;

    memcpy(&slots, &at, sizeof(slots));
    return slots;
}

/* A bit of 64 for a key, so that most maps need no comparison at all. */
static inline unsigned key_bit(struct slice key)
{
    uint64_t w = key.len;

    if (key.len >= 8) {
        uint64_t head, tail;

        memcpy(&head, key.data, sizeof(head));
        memcpy(&tail, key.data + key.len - sizeof(tail), sizeof(tail));
        w ^= head ^ rotl(tail, 31);
    } else {
        for (size_t i = 0; i < key.len; i++)
            w = w << 8 ^ key.data[i];
    }
    return (unsigned)(w * UINT64_C(0x9e3779b97f4a7c15) >> 58);
}

static bool build_few(const struct value_member *m, size_t n, size_t *second)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < n; i++) {
        const uint64_t bit = UINT64_C(1) << key_bit(m[i].key);

        for (size_t k = 0; (seen & bit) != 0 && k < i; k++) {
            if (slice_eq(m[k].key, m[i].key)) {
                *second = i;
                return false;
            }
        }
        seen |= bit;
    }
    return true;
}

static bool insert(const struct sip_key *key, const struct value_member *m, size_t cap, size_t i,
                   size_t *same)
{
    uint32_t *slots = slots_of(m, cap);
    const size_t mask = slot_count(cap) - 1;
    size_t at = (size_t)hash(key, m[i].key) & mask;

    for (; slots[at] != 0; at = (at + 1) & mask) {
        if (slice_eq(m[slots[at] - 1].key, m[i].key)) {
            *same = slots[at] - 1;
            return false;
        }
    }
    slots[at] = (uint32_t)i + 1;
    return true;
}

bool value_index_insert(const struct value_member *m, size_t cap, size_t i, size_t *same)
{
    const struct sip_key key = process_key();

    return insert(&key, m, cap, i, same);
}

bool value_index_build(struct value_member *m, size_t n, size_t *second)
{
    struct sip_key key;
    size_t first;

    if (n <= FEW)
        return build_few(m, n, second);
    key = process_key();
    memset(m + n, 0, value_index_bytes(n));
    for (size_t i = 0; i < n; i++) {
        if (!insert(&key, m, n, i, &first)) {
            *second = i;
            return false;
        }
    }
    return true;
}

const struct value_member *value_index_find(const struct value_member *m, size_t n,
                                            struct slice key)
{
    const size_t mask = slot_count(n) - 1;
    struct sip_key secret;
    const uint32_t *slots;

    if (n <= FEW) {
        for (size_t i = 0; i < n; i++)
            if (slice_eq(m[i].key, key))
                return &m[i];
        return NULL;
    }
    secret = process_key();
    slots = slots_of(m, n);
    for (size_t at = (size_t)hash(&secret, key) & mask; slots[at] != 0; at = (at + 1) & mask)
        if (slice_eq(m[slots[at] - 1].key, key))
            return &m[slots[at] - 1];
    return NULL;
}
