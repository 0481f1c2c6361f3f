#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/formats/extension.h"
#include "scanner/formats/packed.h"
#include "scanner/formats/pickle/pickle_vm.h"

/* "ZF", the length of the contents as Python's hex() writes it, padded with blanks to 19 characters
 * (20 by Python 2), and one zlib stream. SPEC: joblib 1.2, joblib/numpy_pickle_compat.py,
 * read_zfile. */
#define PREFIX 2
#define DIGITS 19
#define HEAD (PREFIX + DIGITS)

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "ZF0x") ? FORMAT_CERTAIN : 0;
}

/* "0x" and hexadecimal digits, then blanks. */
static bool declared(struct slice s, uint64_t *out)
{
    size_t n = 2;

    *out = 0;
    if (s.len != DIGITS || s.data[0] != '0' || s.data[1] != 'x')
        return false;
    for (; n < s.len && s.data[n] != ' '; n++) {
        const uint8_t c = s.data[n] | 0x20;
        const bool digit = s.data[n] >= '0' && s.data[n] <= '9';

        if ((!digit && (c < 'a' || c > 'f')) || *out >> 60 != 0)
            return false;
        *out = *out << 4 | (uint64_t)(digit ? s.data[n] - '0' : c - 'a' + 10);
    }
    for (size_t i = n; i < s.len; i++)
        if (s.data[i] != ' ')
            return false;
    return n > 2;
}

/* The arrays that old versions put beside a pickle are bare numbers, when they do not decode as
 * opcodes: joblib.load reads such a file as a pickle when it is asked to. */
static bool bare(struct source *s, const char *base)
{
    uint8_t head[FORMAT_PROBE_BYTES];
    struct err ignored = {0};
    uint64_t ops;
    size_t got = 0;

    if (!slice_ends(slice_str(base), ".npy.z") ||
        !source_some(s, 0, head, sizeof(head), &got, &ignored) || got == 0)
        return false;
    return pickle_vm_guess((struct slice){head, got}, got < sizeof(head), &ops) == PICKLE_NO;
}

static bool contents(const struct format_input *in, struct source *packed, uint64_t want,
                     struct err *e)
{
    const char *base = extension_base(in->path);
    struct format_input inner;
    struct source *s;
    uint64_t len;
    bool numbers, ok;

    if (!source_decode(packed, CODEC_ZLIB, &s, e))
        return false;
    numbers = bare(s, base);
    inner = format_inner(in, s, numbers ? base : packed_name(in->scratch, in->path));
    inner.costly = true;
    inner.storage = numbers;
    ok = format_scan(&inner, e) && source_drain(s, &len, e);
    source_free(s);
    if (ok && len != want)
        return err_pos(e, ERR_FORMAT, PREFIX, "%" PRIu64 " bytes, the header declares %" PRIu64,
                       len, want);
    return ok;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {0};
    struct slice prefix, digits;
    struct source *packed;
    uint64_t want, len = source_len(in->bytes);
    uint8_t next;
    bool ok;

    if (!feed_more(in->feed, &r, HEAD + 1, e))
        return false;
    if (!reader_bytes(&r, PREFIX, &prefix) || !reader_bytes(&r, DIGITS, &digits) ||
        !declared(digits, &want))
        return err_pos(e, ERR_FORMAT, PREFIX, "the length in the header is no number");
    if (reader_u8(&r, &next) && next != ' ')
        r.offset--;
    if (len == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &len, e))
        return false;
    packed = source_sub(in->bytes, r.offset, len - r.offset);
    ok = contents(in, packed, want, e);
    source_free(packed);
    if (ok) {
        cover->parsed = r.offset;
        cover->scanned = len - r.offset;
    }
    return ok;
}

const struct format format_joblib_zfile = {
    .name = "joblib_zfile",
    .summary = "zlib streams with a length, as joblib before 0.10 writes them",
    .spec = "joblib 1.2, joblib/numpy_pickle_compat.py",
    .begins = "ZF0x",
    .probe = probe,
    .parse = parse,
};
