#include "scanner/formats/hdf5/hdf5_bytes.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_payload.h"
#include "scanner/formats/pickle/pickle_vm.h"

/* SPEC: IV.A.2.l, identifiers of filters */
enum { DEFLATE = 1, SHUFFLE, CHECKSUM };

#define SUM_BYTES 4 /* behind the data */

bool hdf5_bytes_pickle(struct slice head, bool whole)
{
    uint64_t ops;

    return (pickle_payload_of(head) == PICKLE_PAYLOAD_PICKLE &&
            pickle_vm_guess(head, whole, &ops) > PICKLE_NO) ||
           pickle_vm_calls(head);
}

static bool of_bytes(const struct hdf5_dataset *d)
{
    return !d->external && d->bytes > 0 &&
           ((d->type.class == HDF5_FIXED && d->type.size == 1) || d->type.class == HDF5_STRING ||
            d->type.class == HDF5_OPAQUE);
}

/* What the filters left of the elements: the checksum is cut off, single bytes are not shuffled. */
static bool undone(const struct hdf5_dataset *d, uint64_t *n, bool *packed, struct err *e)
{
    *packed = false;
    for (unsigned i = d->nfilters; i > 0; i--) {
        const uint16_t id = d->filters[i - 1];

        if (id == CHECKSUM && !*packed && *n >= SUM_BYTES)
            *n -= SUM_BYTES;
        else if (id == DEFLATE && !*packed)
            *packed = true;
        else if (id != SHUFFLE || d->type.size != 1)
            return err_fail(e, ERR_UNSUPPORTED, "%s: bytes behind filter %u, which hickle may load",
                            d->path, (unsigned)id);
    }
    return true;
}

/* `whole`: the length of the elements is that of `s` at most. */
static void look(struct hdf5 *h, const struct hdf5_dataset *d, struct source *s)
{
    uint8_t head[FORMAT_PROBE_BYTES];
    const char *name = d->path[0] == '/' ? d->path + 1 : d->path;
    struct source *all;
    struct format_input inner;
    struct err e = {0};
    size_t got;

    if (!source_some(s, 0, head, sizeof(head) < d->bytes ? sizeof(head) : (size_t)d->bytes, &got,
                     &e) ||
        !hdf5_bytes_pickle((struct slice){head, got}, got < sizeof(head)))
        return; /* what does not decompress is loaded by nobody */
    all = source_len(s) != SOURCE_LEN_UNKNOWN && source_len(s) > d->bytes
              ? source_sub(s, 0, d->bytes)
              : NULL;
    inner =
        format_inner(h->in, all != NULL ? all : s, arena_printf(h->in->scratch, "%s.pkl", name));
    inner.container = "hdf5";
    inner.costly = h->in->costly || source_len(s) == SOURCE_LEN_UNKNOWN;
    h->stats.documents++;
    if (!format_scan(&inner, &e))
        hdf5_keep(h, &e);
    source_free(all);
}

void hdf5_bytes_look(struct hdf5 *h, const struct hdf5_dataset *d, uint64_t addr, uint64_t n)
{
    struct source *raw, *s = NULL;
    struct err e = {0};
    bool packed = false;

    if (!of_bytes(d) || addr == HDF5_UNDEFINED)
        return;
    if (d->filtered && !undone(d, &n, &packed, &e)) {
        if (h->hickle)
            hdf5_keep(h, &e);
        return;
    }
    raw = source_sub(h->in->bytes, h->base + addr, n);
    if (!packed)
        look(h, d, raw);
    else if (source_decode(raw, CODEC_ZLIB, &s, &e))
        look(h, d, s);
    source_free(s);
    source_free(raw);
}

void hdf5_bytes_compact(struct hdf5 *h, const struct hdf5_dataset *d, struct slice bytes)
{
    struct source *s;

    if (!of_bytes(d) || d->filtered)
        return;
    s = source_memory(bytes);
    look(h, d, s);
    source_free(s);
}
