#include "scanner/formats/torch/torch_tar.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/pickle/pickle.h"
#include "scanner/formats/pickle/pickle_tell.h"

extern const struct format format_pickle;

struct part {
    const struct format_input *in;
    struct format_cover *cover;
    uint64_t len;
    uint64_t at; /* next byte */
    bool told;   /* a pickle of this part has been told */
};

/* The type that a tuple of the part names: "FloatStorage", "FloatTensor". */
static bool element_bytes(struct slice name, uint64_t *out)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } types[] = {
        {"DoubleStorage", 8}, {"FloatStorage", 4}, {"HalfStorage", 2},
        {"LongStorage", 8},   {"IntStorage", 4},   {"ShortStorage", 2},
        {"CharStorage", 1},   {"ByteStorage", 1},  {"BoolStorage", 1},
    };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(name, types[i].name)) {
            *out = types[i].bytes;
            return true;
        }
    return false;
}

/* A tuple as the writer makes it: one class of torch is named, and nothing is called. */
static bool ordinary(const struct pickle *p)
{
    return !p->broken && p->vm.calls == 0 && p->vm.anomalies == 0 && p->vm.exts == 0 &&
           p->vm.persids == 0 &&
           (p->table.n == 0 ||
            (p->table.n == 1 && slice_starts(p->table.items[0].module, "torch")));
}

/* The pickle at p->at. `*name` is the class that it names, or empty. Only the first is told, and
 * each that is not ordinary: there are as many as storages. */
static bool one_pickle(struct part *p, struct slice *name, struct err *e)
{
    const struct pickle_span span = {p->at, 1};
    struct format_input in = *p->in;
    struct pickle x;
    struct feed feed;
    bool ok;

    feed_init(&feed, in.bytes, false);
    in.feed = &feed;
    ok = pickle_scan(&in, &span, &x, e);
    if (!p->told || !ordinary(&x))
        pickle_tell(&in, &x, "pytorch-tar");
    p->told = true;
    *name = (struct slice){NULL, 0};
    if (x.table.n > 0)
        *name = arena_slice(in.scratch, x.table.items[0].name);
    if (ok && x.broken) {
        *e = x.error;
        ok = false;
    } else if (ok && x.end <= p->at) {
        ok = err_pos(e, ERR_FORMAT, p->at, "no pickle where the loader reads one");
    }
    if (x.end > p->at) {
        p->cover->parsed += x.end - p->at - x.vm.opaque;
        p->cover->opaque += x.vm.opaque;
        p->at = x.end;
    }
    pickle_release(&x);
    feed_release(&feed);
    return ok;
}

static bool number(struct part *p, size_t n, uint64_t *out, struct err *e)
{
    uint8_t buf[8] = {0};
    struct reader r = reader_over((struct slice){buf, sizeof(buf)});

    if (!source_read(p->in->bytes, p->at, buf, n, e) || !reader_u64le(&r, out))
        return false;
    p->at += n;
    p->cover->parsed += n;
    return true;
}

/* Raw bytes behind what was read. */
static bool pass_over(struct part *p, uint64_t n, struct err *e)
{
    if (n > p->len - p->at)
        return err_pos(e, ERR_FORMAT, p->at, "%" PRIu64 " bytes are left, %" PRIu64 " are declared",
                       p->len - p->at, n);
    p->at += n;
    p->cover->opaque += n;
    return true;
}

static bool storage(struct part *p, struct slice type, struct err *e)
{
    uint64_t count, each, bytes;

    if (!element_bytes(type, &each))
        return err_pos(e, ERR_UNSUPPORTED, p->at, "a storage of a type that is not known");
    if (!number(p, 8, &count, e))
        return false;
    if (!checked_mul(count, each, &bytes))
        return err_pos(e, ERR_FORMAT, p->at, "%" PRIu64 " elements in a storage", count);
    return pass_over(p, bytes, e);
}

/* Dimensions (4 bytes and 4 of padding), sizes, strides and an offset. */
static bool tensor(struct part *p, struct err *e)
{
    uint64_t dims, pad;

    if (!number(p, 4, &dims, e) || !number(p, 4, &pad, e))
        return false;
    if (dims > LIMIT_DIMS)
        return err_pos(e, ERR_LIMIT, p->at, "%" PRIu64 " dimensions, at most %d (LIMIT_DIMS)", dims,
                       LIMIT_DIMS);
    return pass_over(p, dims * 16 + 8, e);
}

static bool parse_part(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct part p = {.in = in, .cover = cover, .len = source_len(in->bytes)};
    struct slice name;

    if (p.len == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &p.len, e))
        return false;
    do { /* a count, then a tuple before each record, then what else is pickled */
        if (!one_pickle(&p, &name, e))
            return false;
        if (slice_ends(name, "Storage") && !storage(&p, name, e))
            return false;
        if (slice_ends(name, "Tensor") && !tensor(&p, e))
            return false;
    } while (p.at < p.len);
    return true;
}

static int probe_part(struct slice head, const char *name)
{
    (void)head;
    (void)name;
    return 0; /* only where the container says so */
}

static const struct format part_format = {
    .name = "pytorch-tar-part",
    .summary = "storages and tensors of the first format of torch.save",
    .spec = "PyTorch 1.13, torch/serialization.py, legacy_load",
    .probe = probe_part,
    .parse = parse_part,
};

bool torch_tar_marks(const struct tar_entry *t)
{
    return t->type == '0' && slice_is(t->path, "storages");
}

const struct format *torch_tar_part(const struct tar_entry *t)
{
    if (slice_is(t->path, "pickle"))
        return &format_pickle;
    return slice_is(t->path, "storages") || slice_is(t->path, "tensors") ? &part_format : NULL;
}
