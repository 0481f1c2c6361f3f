/* A file of torch.distributed.checkpoint: files of torch.save one behind the other. */
#include "scanner/formats/format.h"

#include <inttypes.h>

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

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const uint64_t len = source_len(in->bytes);
    struct torch_chain c;

    /* a compressed stream would be decompressed again for each of them */
    if (in->costly || len == SOURCE_LEN_UNKNOWN ||
        !torch_chain_find(in->bytes, len, in->scratch, &c) || c.n < 2)
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
