#include "scanner/formats/format.h"

#include "scanner/formats/packed.h"

#define AHEAD 8 /* bytes that the decoder takes before it needs them */

/* Two bytes are no magic: what follows has to decompress. SPEC: RFC 1950 section 2.2. */
static int probe(struct slice head, const char *name)
{
    struct source *packed, *s;
    struct err e = {0};
    uint8_t first;
    uint64_t len;
    size_t got = 0;
    bool ok;

    (void)name;
    if (head.len < 8 || (head.data[0] & 0x8f) != 8 ||
        (head.data[0] << 8 | head.data[1]) % 31 != 0 || (head.data[1] & 0x20) != 0)
        return 0;
    packed = source_memory(head);
    ok = source_decode(packed, CODEC_ZLIB, &s, &e);
    if (ok) {
        /* A short stream must hold as a whole; of a long one all must that is in `head`. */
        ok = source_some(s, 0, &first, 1, &got, &e) && source_drain(s, &len, &e);
        ok = ok || (head.len == FORMAT_PROBE_BYTES && got > 0 && e.offset + AHEAD >= head.len);
        source_free(s);
    }
    source_free(packed);
    if (ok)
        return FORMAT_CERTAIN;
    return got > 0 || head.data[1] == 0x9c || head.data[1] == 0x01 ? FORMAT_CLAIM : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct source *s;
    struct err ignored = {0};
    uint8_t first;
    size_t got;

    /* Two bytes that only look like a header are somebody else's. */
    if (in->weak) {
        if (!source_decode(in->bytes, CODEC_ZLIB, &s, e))
            return false;
        cover->declined = !source_some(s, 0, &first, 1, &got, &ignored);
        source_free(s);
        if (cover->declined)
            return true;
    }
    return packed_parse(in, CODEC_ZLIB, cover, e);
}

const struct format format_zlib = {
    .name = "zlib",
    .summary = "zlib streams, as joblib writes them",
    .spec = "RFC 1950",
    .probe = probe,
    .parse = parse,
};
