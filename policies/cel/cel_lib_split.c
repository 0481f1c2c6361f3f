#include <string.h>

#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_text.h"
#include "policies/cel/regex.h"

/* Pieces of a string as they are found; the array grows by doubling. */
struct pieces {
    struct cel_run *run;
    struct cel_value *items;
    uint64_t n, cap;
};

static bool add_piece(struct pieces *p, struct slice s)
{
    if (p->n == p->cap) {
        const uint64_t cap = p->cap == 0 ? 8 : p->cap * 2;
        struct cel_value *items = CEL_RUN_ARRAY(p->run, struct cel_value, cap);

        if (items == NULL)
            return false;
        if (p->n > 0)
            memcpy(items, p->items, p->n * sizeof(*items));
        p->items = items;
        p->cap = cap;
    }
    p->items[p->n++] = cel_value_string(s);
    return cel_run_charge(p->run, s.len / 64 + 1);
}

/* The next place of `separator`: for an empty one behind the code point at `from`. False when
 * there is none (left). */
static bool next_break(struct slice s, struct slice separator, size_t from, size_t *at)
{
    size_t found;

    if (separator.len == 0) {
        if (from >= s.len)
            return false;
        *at = from;
        (void)cel_text_next(s, at);
        return *at < s.len;
    }
    if (!slice_find(slice_from(s, from), separator, &found))
        return false;
    *at = from + found;
    return true;
}

struct cel_value cel_lib_split_split(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]), separator = cel_value_text(args[1]);
    struct pieces p = {.run = r};
    size_t from = 0, at = 0;
    int64_t limit = -1;

    if (args[0].kind != CEL_STRING || args[1].kind != CEL_STRING ||
        (n > 2 && args[2].kind != CEL_INT))
        return cel_run_no_overload(r, "split", args, n);
    if (n > 2)
        limit = args[2].as.integer;
    if (limit == 0 || (s.len == 0 && separator.len == 0))
        return cel_value_list(NULL, 0);
    while ((limit < 0 || (int64_t)p.n + 1 < limit) && next_break(s, separator, from, &at)) {
        if (!add_piece(&p, (struct slice){s.data + from, at - from}))
            return r->stopped;
        from = at + separator.len;
    }
    if (!add_piece(&p, slice_from(s, from)))
        return r->stopped;
    return cel_value_list(p.items, (size_t)p.n);
}

/* Total bytes of a list of strings; a fault or a gap when an item is none. */
static struct cel_value joined_size(struct cel_run *r, struct cel_value list, uint64_t *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < list.len; i++) {
        const struct cel_value item = cel_value_item(list, i);

        if (item.kind != CEL_STRING)
            return cel_run_no_overload(r, "join", &item, 1);
        *bytes += item.len;
    }
    return cel_run_charge(r, list.len) ? cel_value_null() : r->stopped;
}

static uint8_t *put(uint8_t *to, struct slice s)
{
    if (s.len > 0)
        memcpy(to, s.data, s.len);
    return to + s.len;
}

struct cel_value cel_lib_split_join(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice separator = n > 1 ? cel_value_text(args[1]) : (struct slice){NULL, 0};
    struct cel_value bad;
    uint64_t bytes;
    uint8_t *text, *to;

    if (args[0].kind != CEL_LIST || (n > 1 && args[1].kind != CEL_STRING))
        return cel_run_no_overload(r, "join", args, n);
    bad = joined_size(r, args[0], &bytes);
    if (cel_run_bad(bad))
        return bad;
    bytes += (uint64_t)separator.len * (args[0].len > 0 ? args[0].len - 1 : 0);
    text = to = cel_run_text(r, bytes);
    if (text == NULL)
        return r->stopped;
    for (size_t i = 0; i < args[0].len; i++) {
        if (i > 0)
            to = put(to, separator);
        to = put(to, cel_value_text(cel_value_item(args[0], i)));
    }
    return cel_value_string((struct slice){text, (size_t)bytes});
}

/* Where `old` is next; an empty one is in front of each code point and at the end. */
static bool next_old(struct slice s, struct slice old, size_t from, bool first, size_t *at)
{
    size_t found;

    if (old.len == 0) {
        *at = from;
        if (first)
            return true;
        if (from >= s.len)
            return false;
        (void)cel_text_next(s, at);
        return true;
    }
    if (!slice_find(slice_from(s, from), old, &found))
        return false;
    *at = from + found;
    return true;
}

/* Replaces at most `limit` places (negative: all). With `to` NULL it only counts them. */
static uint64_t replace_into(struct slice s, struct slice old, struct slice new, int64_t limit,
                             uint8_t *to)
{
    uint64_t count = 0;
    size_t from = 0, at = 0;

    while ((limit < 0 || count < (uint64_t)limit) && next_old(s, old, from, count == 0, &at)) {
        if (to != NULL)
            to = put(put(to, (struct slice){s.data + from, at - from}), new);
        from = at + old.len;
        count++;
    }
    if (to != NULL)
        (void)put(to, slice_from(s, from));
    return count;
}

struct cel_value cel_lib_split_replace(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]), old = cel_value_text(args[1]);
    const struct slice new = cel_value_text(args[2]);
    const int64_t limit = n > 3 ? args[3].as.integer : -1;
    uint64_t count, bytes;
    uint8_t *text;

    if (args[0].kind != CEL_STRING || args[1].kind != CEL_STRING || args[2].kind != CEL_STRING ||
        (n > 3 && args[3].kind != CEL_INT))
        return cel_run_no_overload(r, "replace", args, n);
    if (!cel_run_charge(r, s.len / 32 + 1))
        return r->stopped;
    count = replace_into(s, old, new, limit, NULL);
    bytes = s.len - count * old.len + count * new.len;
    text = cel_run_text(r, bytes);
    if (text == NULL)
        return r->stopped;
    (void)replace_into(s, old, new, limit, text);
    return cel_value_string((struct slice){text, (size_t)bytes});
}

/* SPEC: Kubernetes regex library: all matches that do not overlap, at most args[2] when it is
 * given and not negative */
struct cel_value cel_lib_split_find_all(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    const int64_t limit = n > 2 ? args[2].as.integer : -1;
    const struct regex *re = NULL;
    struct pieces p = {.run = r};
    size_t from = 0, at, end;
    struct err e = {0};

    if (args[0].kind != CEL_STRING || args[1].kind != CEL_STRING ||
        (n > 2 && args[2].kind != CEL_INT))
        return cel_run_no_overload(r, "findAll", args, n);
    if (!cel_run_charge(r, 100 + (uint64_t)args[1].len))
        return r->stopped;
    if (!regex_compile(cel_value_text(args[1]), r->arena, &re, &e))
        return cel_run_fault(r, CEL_FAULT_TEXT, "%s (byte %llu of the pattern)", e.text,
                             (unsigned long long)e.offset);
    while ((limit < 0 || p.n < (uint64_t)limit) && from <= s.len) {
        if (!cel_run_charge(r, regex_cost(re, s.len - from)))
            return r->stopped;
        if (!regex_find(re, s, from, &at, &end))
            break;
        if (!add_piece(&p, (struct slice){s.data + at, end - at}))
            return r->stopped;
        from = end;
        if (at == end && from < s.len)
            (void)cel_text_next(s, &from);
        else if (at == end)
            break;
    }
    return cel_value_list(p.items, (size_t)p.n);
}
