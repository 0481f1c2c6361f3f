#include "policies/cel/cel_sort.h"

#include "policies/cel/cel_compare.h"

struct sort {
    struct cel_run *run;
    const struct cel_value *keys;
    uint32_t *order, *spare;
    struct cel_value fault; /* null, or why it cannot be sorted */
};

static bool after(struct sort *s, uint32_t a, uint32_t b)
{
    const struct cel_value args[] = {s->keys[a], s->keys[b]};
    int order = 0;
    bool nan;

    if (!cel_run_charge(s->run, cel_value_text(args[0]).len / 64 + 1))
        s->fault = s->run->stopped;
    if (!cel_compare_order(args[0], args[1], &order, &nan) && !cel_run_bad(s->fault))
        s->fault = cel_run_no_overload(s->run, "sort", args, 2);
    return order > 0;
}

static void merge(struct sort *s, uint32_t from, uint32_t mid, uint32_t to)
{
    uint32_t left = from, right = mid;

    for (uint32_t i = from; i < to; i++) {
        const bool take_right =
            right < to && (left >= mid || after(s, s->order[left], s->order[right]));

        s->spare[i] = take_right ? s->order[right++] : s->order[left++];
    }
    for (uint32_t i = from; i < to; i++)
        s->order[i] = s->spare[i];
}

/* Merge sort from runs of one upward: stable, and at most n log n comparisons whatever the data. */
static bool sort_all(struct sort *s, uint32_t n)
{
    for (uint32_t width = 1; width<n; width = width> n / 2 ? n : width * 2) {
        if (!cel_run_charge(s->run, n))
            return false;
        for (uint32_t from = 0; n - from > width;
             from += n - from > 2 * width ? 2 * width : n - from)
            merge(s, from, from + width, n - from > 2 * width ? from + 2 * width : n);
    }
    return true;
}

static struct cel_value item_of(struct cel_value list, size_t i)
{
    struct cel_value key, value;

    if (list.kind == CEL_LIST)
        return cel_value_item(list, i);
    cel_value_entry(list, i, &key, &value);
    return key;
}

struct cel_value cel_sort_by(struct cel_run *r, struct cel_value list, struct cel_value keys)
{
    const uint32_t n = keys.len;
    struct cel_value *copy = CEL_RUN_ARRAY(r, struct cel_value, n);
    struct cel_value *out = CEL_RUN_ARRAY(r, struct cel_value, n);
    struct sort s = {.run = r, .keys = copy, .fault = cel_value_null()};

    s.order = CEL_RUN_ARRAY(r, uint32_t, n);
    s.spare = CEL_RUN_ARRAY(r, uint32_t, n);
    if (copy == NULL || out == NULL || s.order == NULL || s.spare == NULL)
        return r->stopped;
    for (uint32_t i = 0; i < n; i++) {
        s.order[i] = i;
        copy[i] = cel_value_item(keys, i);
    }
    if (n == 1) /* the type is checked even when there is nothing to compare */
        (void)after(&s, 0, 0);
    if (!sort_all(&s, n))
        return r->stopped;
    if (cel_run_bad(s.fault))
        return s.fault;
    for (uint32_t i = 0; i < n; i++)
        out[i] = item_of(list, s.order[i]);
    return cel_value_list(out, n);
}
