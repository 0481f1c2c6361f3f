#include "scanner/formats/format.h"

#include "base/limits.h"
#include "scanner/formats/pickle.h"
#include "scanner/formats/torch.h"

/* Protocol 2 and up say so; older ones are told by trying the first opcodes. */
static int probe(struct slice head, const char *name)
{
    uint64_t ops;
    int how;

    (void)name;
    if (head.len < 2 || torch_legacy(head))
        return 0;
    if (head.data[0] == 0x80 && head.data[1] > 5 && head.data[1] < 16)
        return FORMAT_CLAIM; /* a protocol to come, or no pickle */
    how = pickle_vm_plausible(head, head.len < FORMAT_PROBE_BYTES, &ops);
    if (head.data[0] == 0x80 && head.data[1] <= 5)
        return how > 0 && ops > 2 ? FORMAT_CERTAIN : FORMAT_CLAIM;
    if (how == 2)
        return FORMAT_CLAIM + 5;
    return how == 1 ? FORMAT_CLAIM : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    static const struct pickle_span all = {0, 0};
    struct pickle p;
    const bool ok = pickle_scan(in, &all, &p, e);

    if (in->weak && ok && p.table.n == 0 && p.vm.persids == 0 && p.vm.exts == 0 &&
        (p.broken || p.trailing > 0)) {
        cover->declined = true;
        pickle_release(&p);
        return true;
    }
    pickle_tell(in, &p);
    cover->opaque = p.vm.opaque;
    cover->parsed = p.end - p.vm.opaque;
    pickle_release(&p);
    if (!ok)
        return false;
    if (p.broken) {
        *e = p.error;
        return false;
    }
    if (p.trailing > 0)
        return err_pos(e, ERR_FORMAT, p.end, "bytes behind the last pickle that are no pickle");
    return true;
}

const struct format format_pickle = {
    .name = "pickle",
    .summary = "Python pickles of protocols 0 to 5, one or several, also joblib's",
    .spec = "CPython 3.11, Lib/pickletools.py and Modules/_pickle.c",
    .probe = probe,
    .parse = parse,
};
