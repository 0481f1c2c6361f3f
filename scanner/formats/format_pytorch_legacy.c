#include "scanner/formats/format.h"

#include <inttypes.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/pickle/pickle_tell.h"
#include "scanner/formats/torch/torch.h"

#define STREAMS 5 /* magic number, version, system, object, keys; then the storages */

static int probe(struct slice head, const char *name)
{
    (void)name;
    return torch_legacy(head) ? FORMAT_CERTAIN + 5 : 0;
}

/* torch.save into an open file once more: the next file begins where the storages end. */
static bool next_file(const struct format_input *in, uint64_t at, uint64_t left,
                      struct format_cover *cover, struct err *e)
{
    struct source *s = source_sub(in->bytes, at, left);
    struct format_input inner = format_inner(in, s, arena_printf(in->scratch, "@%" PRIu64, at));
    uint8_t head[32];
    bool ok;
    size_t n;

    ok = source_some(s, 0, head, sizeof(head), &n, e);
    if (ok && !torch_legacy((struct slice){head, n}))
        ok = err_pos(e, ERR_FORMAT, at, "%" PRIu64 " bytes behind the storages", left);
    ok = ok && format_scan(&inner, e);
    if (ok)
        cover->scanned += left;
    source_free(s);
    return ok;
}

/* Each storage is its count of elements (8 bytes) and its bytes, in the order of the keys. */
static bool tail(const struct format_input *in, const struct pickle *p, struct format_cover *cover,
                 struct err *e)
{
    struct torch_storages s;
    uint64_t len, want;

    torch_collect(p, in->scratch, &s);
    torch_tell(in, &s);
    if (!feed_drain(in->feed, &len, e))
        return false;
    if (s.bytes == UINT64_MAX || !checked_add(s.bytes, 8 * (uint64_t)s.n, &want))
        return err_pos(e, ERR_UNSUPPORTED, p->end, "storages of a type that is not known");
    if (want < len - p->end && !in->costly) {
        cover->opaque += want;
        return next_file(in, p->end + want, len - p->end - want, cover, e);
    }
    if (want != len - p->end)
        return err_pos(e, ERR_FORMAT, p->end,
                       "%" PRIu64 " bytes of storages, the pickles declare %" PRIu64, len - p->end,
                       want);
    cover->opaque += want;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    static const struct pickle_span five = {0, STREAMS};
    struct pickle p;
    bool ok = pickle_scan(in, &five, &p, e);

    pickle_tell(in, &p, "pytorch_legacy");
    cover->opaque = p.vm.opaque;
    cover->parsed = p.end - p.vm.opaque;
    if (ok && p.broken) {
        *e = p.error;
        ok = false;
    }
    if (ok && p.streams < STREAMS)
        ok = err_pos(e, ERR_FORMAT, p.end, "%" PRIu64 " pickles, the format has %d", p.streams,
                     STREAMS);
    ok = ok && tail(in, &p, cover, e);
    pickle_release(&p);
    return ok;
}

const struct format format_pytorch_legacy = {
    .name = "pytorch_legacy",
    .summary = "PyTorch checkpoints before version 1.6: five pickles and raw storages",
    .spec = "PyTorch 2.5, torch/serialization.py, _legacy_load",
    .probe = probe,
    .parse = parse,
};
