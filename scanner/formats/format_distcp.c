/* A file of torch.distributed.checkpoint: files of torch.save one behind the other. */
#include "scanner/formats/format.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/torch/torch_chain.h"

extern const struct format format_zip;

/* Only the name says who reads it: two zips in a file of any other name are one for PyTorch, and
 * another one for other readers. */
static int probe(struct slice head, const char *name)
{
    return slice_starts(head, "PK\3\4") && slice_ends(slice_str(name), ".distcp") ? FORMAT_CERTAIN
                                                                                  : 0;
}

static bool one_item(const struct format_input *in, const struct torch_item *x, struct err *e)
{
    struct source *s = source_sub(in->bytes, x->at, x->end - x->at);
    struct format_input inner =
        format_inner(in, s, arena_printf(in->scratch, "item-%" PRIu64 ".pt", x->at));
    bool ok;

    inner.container = "distcp";
    inner.as = &format_zip;
    ok = format_scan(&inner, e);
    source_free(s);
    return ok;
}

/* Is the range an item, from its first byte to its last? */
static bool is_item(const struct torch_chain *c, const struct companion_range *r)
{
    size_t low = 0, high = c->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (c->items[mid].at < r->offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low < c->n && c->items[low].at == r->offset &&
           c->items[low].end - r->offset == r->length;
}

/* What .metadata beside it names of this file, which came first. */
static void tell(const struct format_input *in, const struct torch_chain *c)
{
    const struct companions *beside = in->run != NULL ? in->run->companions : NULL;
    const uint32_t file =
        beside != NULL ? names_find(&beside->ranged, slice_str(in->path)) : NAMES_NONE;
    struct arena *a = in->scratch;
    uint64_t named = 0, stray = 0;
    struct value_builder b;

    for (size_t i = 0; file != NAMES_NONE && i < beside->nranges; i++)
        if (beside->ranges[i].file == file) {
            named++;
            stray += !is_item(c, &beside->ranges[i]);
        }
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "items", value_int(a, (int64_t)c->n, NULL));
    value_map_add(&b, "named", value_int(a, (int64_t)named, NULL));
    value_map_add(&b, "stray", value_int(a, (int64_t)stray, NULL));
    format_tell(in, "model.distcp", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const uint64_t len = source_len(in->bytes);
    struct torch_chain c;

    /* a compressed stream would be decompressed again for each of them */
    if (in->costly || len == SOURCE_LEN_UNKNOWN ||
        !torch_chain_find(in->bytes, len, in->scratch, &c))
        return format_zip.parse(in, cover, e);
    tell(in, &c);
    if (c.n == 1)
        return format_zip.parse(in, cover, e);
    for (size_t i = 0; i < c.n; i++) {
        if (!one_item(in, &c.items[i], e))
            return false;
        cover->scanned += c.items[i].end - c.items[i].at;
    }
    return true;
}

const struct format format_distcp = {
    .name = "distcp",
    .summary = "files of torch.distributed.checkpoint: files of torch.save in a row",
    .spec = "PyTorch 2.8, torch/distributed/checkpoint/filesystem.py",
    .probe = probe,
    .parse = parse,
};
