#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/npy.h"
#include "scanner/formats/pickle/pickle_tell.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 8 && memcmp(head.data, "\x93NUMPY", 6) == 0 ? FORMAT_CERTAIN + 5 : 0;
}

/* SPEC: numpy 2.1, numpy/lib/_format_impl.py: version 1 has 2 bytes of
 * header length, 2 and 3 have 4. */
static bool header_text(const struct format_input *in, struct slice *text, uint64_t *data_at,
                        struct err *e)
{
    struct reader r = {.offset = 0};
    uint8_t major, minor;
    uint16_t short_len;
    uint32_t len;

    if (!feed_more(in->feed, &r, 12, e))
        return false;
    if (!reader_skip(&r, 6) || !reader_u8(&r, &major) || !reader_u8(&r, &minor))
        return err_pos(e, ERR_FORMAT, 0, "the header is cut short");
    if (major < 1 || major > 3 || minor != 0)
        return err_pos(e, ERR_UNSUPPORTED, 6, "format version %u.%u, 1.0 to 3.0 are known", major,
                       minor);
    if (major == 1) {
        if (!reader_u16le(&r, &short_len))
            return err_pos(e, ERR_FORMAT, 8, "the header is cut short");
        len = short_len;
    } else if (!reader_u32le(&r, &len)) {
        return err_pos(e, ERR_FORMAT, 8, "the header is cut short");
    }
    if (len > FEED_NEED)
        return err_pos(e, ERR_LIMIT, 8, "a header of %" PRIu32 " bytes, at most %zu", len,
                       FEED_NEED);
    if (!feed_more(in->feed, &r, len, e))
        return false;
    if (!reader_bytes(&r, len, text))
        return err_pos(e, ERR_FORMAT, r.offset, "the header is cut short");
    *data_at = r.offset;
    return true;
}

static void tell(const struct format_input *in, const struct npy_header *h, uint64_t bytes)
{
    struct arena *a = in->scratch;
    struct value_builder b, types;

    value_map_begin(&types, a);
    value_map_put(&types, h->descr.len < 256 ? h->descr : SLICE_LIT("structured"),
                  value_int(a, 1, NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, 1, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)bytes, NULL));
    value_map_add(&b, "dtypes", value_map_end(&types, NULL));
    value_map_add(&b, "objects", value_bool(a, h->objects, NULL));
    format_tell(in, "model.tensor_summary", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* An array of objects is one pickle. */
static bool objects(const struct format_input *in, uint64_t at, struct format_cover *cover,
                    struct err *e)
{
    const struct pickle_span span = {at, 0};
    struct pickle p;
    bool ok = pickle_scan(in, &span, &p, e);

    pickle_tell(in, &p, "npy");
    cover->opaque = p.vm.opaque;
    cover->parsed += p.end - p.start - p.vm.opaque;
    if (ok && p.broken) {
        *e = p.error;
        ok = false;
    }
    if (ok && p.trailing > 0)
        ok = err_pos(e, ERR_FORMAT, p.end, "bytes behind the pickle of the objects");
    pickle_release(&p);
    return ok;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct npy_header h;
    struct slice text;
    uint64_t at, len, want;

    if (!header_text(in, &text, &at, e) || !npy_read(text, in->scratch, &h, e))
        return false;
    cover->parsed = at;
    if (h.objects) {
        tell(in, &h, 0);
        return objects(in, at, cover, e);
    }
    if (!checked_mul(h.count, h.item_bytes, &want))
        return err_pos(e, ERR_FORMAT, 0, "the shape multiplies past 2^64 bytes");
    if (!feed_drain(in->feed, &len, e))
        return false;
    if (len - at < want)
        return err_pos(e, ERR_FORMAT, at,
                       "%" PRIu64 " bytes of data, dtype and shape ask for %" PRIu64, len - at,
                       want);
    tell(in, &h, want);
    cover->opaque = want;
    if (len - at > want)
        return err_pos(e, ERR_FORMAT, at + want, "%" PRIu64 " bytes behind the array",
                       len - at - want);
    return true;
}

const struct format format_npy = {
    .name = "npy",
    .summary = "NumPy arrays; those of objects hold a pickle",
    .spec = "numpy 2.1, numpy/lib/_format_impl.py",
    .probe = probe,
    .parse = parse,
};
