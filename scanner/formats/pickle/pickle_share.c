#include "scanner/formats/pickle/pickle_share.h"

/* Lists, dicts and sets count their serials together, tuples theirs. */
static size_t place_of(struct pickle_slot v)
{
    const uint64_t key = (uint64_t)v.ref * 2 + (v.kind == PICKLE_TUPLE);

    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 51);
}

static double spread_of(const struct pickle_share *s, struct pickle_slot v)
{
    const size_t at = place_of(v);

    return s->slots[at].kind == v.kind && s->slots[at].ref == v.ref ? s->spreads[at] : 1;
}

void pickle_share_fill(struct pickle_share *s, struct pickle_slot into,
                       const struct pickle_slot *values, size_t n)
{
    size_t at;
    double sum = 0;

    if (!pickle_share_kind(into))
        return;
    if (s->slots == NULL) {
        s->slots = calloc(PICKLE_SHARES, sizeof(*s->slots));
        s->spreads = calloc(PICKLE_SHARES, sizeof(*s->spreads));
    }
    if (s->slots == NULL || s->spreads == NULL)
        abort();
    for (size_t i = 0; i < n; i++)
        if (pickle_share_kind(values[i]))
            sum += spread_of(s, values[i]);
    at = place_of(into);
    if (s->slots[at].kind == into.kind && s->slots[at].ref == into.ref)
        sum += s->spreads[at];
    if (sum <= 1)
        return;
    s->slots[at] = into;
    s->spreads[at] = sum;
    if (sum > s->most)
        s->most = sum;
}

void pickle_share_release(struct pickle_share *s)
{
    free(s->slots);
    free(s->spreads);
    *s = (struct pickle_share){.most = s->most};
}
