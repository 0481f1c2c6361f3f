/* References: "aws_kms_key.data.arn" to the resource it means. */
#include <stdlib.h>
#include <string.h>

#include "policies/host_index_state.h"

/* Order of an address in the document of `like` against the fact `f`. */
static int address_order(const struct fact *like, struct slice address, const struct fact *f)
{
    int c = host_index_cmp(like->subject, f->subject);

    if (c == 0)
        c = host_index_cmp(like->source, f->source);
    return c != 0 ? c : slice_cmp(address, slice_str(f->address));
}

/* The first fact of by_address that does not stand before the address. */
static size_t lower_bound(const struct host_index *ix, const struct fact *like,
                          struct slice address)
{
    size_t low = 0, high = ix->facts->nfacts;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (address_order(like, address, ix->by_address[mid]) > 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct fact *host_index_refs_find(const struct host_index *ix, const struct fact *like,
                                        struct slice address)
{
    size_t at = lower_bound(ix, like, address);

    if (at == ix->facts->nfacts || address_order(like, address, ix->by_address[at]) != 0)
        return NULL;
    return ix->by_address[at];
}

const struct fact *host_index_refs_find_typed(const struct host_index *ix, const struct fact *like)
{
    struct slice address = slice_str(like->address);

    for (size_t at = lower_bound(ix, like, address);
         at < ix->facts->nfacts && address_order(like, address, ix->by_address[at]) == 0; at++)
        if (host_index_cmp(ix->by_address[at]->type, like->type) == 0)
            return ix->by_address[at];
    return NULL;
}

bool host_index_refs_is_key(struct slice ref)
{
    return slice_starts(ref, "each.") || slice_starts(ref, "count.") ||
           slice_starts(ref, "path.") || slice_starts(ref, "terraform.");
}

/* "[0]" at the end of an address, or nothing. */
static struct slice index_of(struct slice address)
{
    size_t at = address.len;

    if (at == 0 || address.data[at - 1] != ']')
        return (struct slice){0};
    while (at > 0 && address.data[at - 1] != '[')
        at--;
    return at == 0 ? (struct slice){0} : slice_from(address, at - 1);
}

static bool same_document(const struct fact *a, const struct fact *b)
{
    return host_index_cmp(a->subject, b->subject) == 0 && host_index_cmp(a->source, b->source) == 0;
}

/* Is `f` an instance of `address`: the same and an index behind it? */
static bool is_instance(const struct fact *f, struct slice address)
{
    struct slice name = slice_str(f->address);
    struct slice head = name;

    if (name.len <= address.len || name.data[address.len] != '[')
        return false;
    head.len = address.len;
    return slice_eq(head, address);
}

static bool at_address(const struct host_index *ix, const struct fact *from, struct slice address,
                       struct host_target *t)
{
    size_t at = lower_bound(ix, from, address), end;
    struct slice index = index_of(slice_str(from->address));

    /* what stands between "k" and "k[": "k-1", "k.x"; its own bound finds the instances */
    if (at == ix->facts->nfacts || address_order(from, address, ix->by_address[at]) != 0) {
        char key[512];

        if (address.len > sizeof(key) - 2)
            return false;
        memcpy(key, address.data, address.len);
        key[address.len] = '[';
        at = lower_bound(ix, from, (struct slice){(const uint8_t *)key, address.len + 1});
    } else {
        t->facts = &ix->by_address[at];
        t->n = 1;
        t->one = ix->by_address[at];
        return true;
    }
    for (end = at; end < ix->facts->nfacts; end++) {
        const struct fact *f = ix->by_address[end];

        if (!same_document(f, from) || !is_instance(f, address))
            break;
        if (index.len > 0 && slice_eq(index_of(slice_str(f->address)), index))
            t->one = f;
    }
    t->facts = &ix->by_address[at];
    t->n = end - at;
    if (t->n == 1)
        t->one = ix->by_address[at];
    return t->n > 0;
}

/* Cuts ".name" or "[...]" off the end; false when nothing is left. */
static bool cut_last(struct slice *address)
{
    size_t at = address->len;

    if (at > 0 && address->data[at - 1] == ']')
        while (at > 0 && address->data[at - 1] != '[')
            at--;
    else
        while (at > 0 && address->data[at - 1] != '.')
            at--;
    if (at <= 1)
        return false;
    address->len = at - 1;
    return true;
}

/* A policy that is told of a resource (source iam) speaks in the terms of its document. */
static const struct fact *speaker(const struct host_index *ix, const struct fact *from)
{
    static const char *const sources[] = {"terraform", "cloudformation", "aws-api"};
    const struct value *address = value_get(from->attributes, "resource");
    struct fact like = {.subject = from->subject, .type = "", .address = ""};

    if (host_index_cmp(from->source, "iam") != 0 || !value_is(address, VALUE_STRING))
        return from;
    like.type = value_cstr(value_get(from->attributes, "resource_type"), "");
    like.address = value_cstr(address, "");
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        const struct fact *found;

        like.source = sources[i];
        found = host_index_refs_find_typed(ix, &like);
        if (found != NULL)
            return found;
    }
    return from;
}

struct host_target host_index_refs_resolve(const struct host_index *ix, const struct fact *from,
                                           struct slice ref)
{
    struct host_target t = {0};
    struct slice address = ref;

    from = speaker(ix, from);
    do {
        if (!at_address(ix, from, address, &t))
            continue;
        t.attribute = slice_from(ref, address.len);
        if (slice_starts(t.attribute, "."))
            t.attribute = slice_from(t.attribute, 1);
        return t;
    } while (cut_last(&address));
    return t;
}
