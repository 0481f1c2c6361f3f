#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_tell.h"
#include "scanner/formats/torch/torch.h"
#include "scanner/formats/torch/torch_metadata.h"

static bool named(const char *name)
{
    static const char *const ends[] = {".pkl",  ".pickle", ".joblib", ".pt", ".pth",
                                       ".ckpt", ".bin",    ".dat",    ".p",  ".model",
                                       ".sav",  ".npy",    ".dill"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (slice_ends(slice_str(name), ends[i]))
            return true;
    return false;
}

/* Protocol 2 and up says so; older ones are told by trying the first opcodes. A zip's "PK" would be
 * a persistent id, which loaders that know such ids do not take from a zip. */
static int probe(struct slice head, const char *name)
{
    enum pickle_guess how;
    uint64_t ops;

    if (head.len == 0 || torch_legacy(head) || slice_starts(head, "PK\3\4"))
        return 0;
    if (head.len > 1 && head.data[0] == 0x80 && head.data[1] > 5 && head.data[1] < 16)
        return FORMAT_CLAIM; /* a protocol to come, or no pickle */
    how = pickle_vm_guess(head, head.len < FORMAT_PROBE_BYTES, &ops);
    if (head.len > 1 && head.data[0] == 0x80 && head.data[1] <= 5)
        return how >= PICKLE_SO_FAR && ops > 2 ? FORMAT_CERTAIN : FORMAT_CLAIM;
    if (how == PICKLE_IMPORTS && named(name))
        return FORMAT_CLAIM;
    return how >= PICKLE_SO_FAR ? FORMAT_CLAIM + (int)how : 0;
}

/* No loader can find what it names: a control in it, longer than any name, a number that nobody
 * registered. */
static bool nowhere(const struct pickle_import *x)
{
    if (!x->resolved)
        return strcmp(x->opcode, "GLOBAL") == 0 || strcmp(x->opcode, "INST") == 0 ||
               slice_is(x->module, "extension");
    for (size_t i = 0; i < x->module.len; i++)
        if (x->module.data[i] < ' ')
            return true;
    return false;
}

/* Bytes of another format that are opcodes for a while: nothing that is named can be found, and
 * what is called before they break is none of what a loader brings along. A persistent id alone
 * asks a loader that knows such ids; a header length of safetensors begins like one in every 32nd
 * file. */
static bool chance(const struct pickle *p)
{
    if (!p->broken)
        return p->trailing > 0 && p->table.n == 0 && p->vm.exts == 0;
    for (size_t i = 0; i < p->table.n; i++)
        if (!nowhere(&p->table.items[i]))
            return false;
    return p->vm.calls == 0 || (p->vm.persids == 0 && !pickle_vm_has(&p->vm, PICKLE_OUT_OF_BAND));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    static const struct pickle_span all = {0, 0};
    struct pickle p;
    const bool ok = pickle_scan(in, &all, &p, e);

    if ((in->weak || in->storage) && ok && chance(&p)) {
        cover->declined = true;
        pickle_release(&p);
        return true;
    }
    pickle_tell(in, &p, "pickle");
    if (p.vm.ranged)
        torch_metadata_tell(in, &p);
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
