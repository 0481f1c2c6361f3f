#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/packed.h"

/* SPEC: LZMA SDK, lzma-specification, "LZMA file format header": no magic, but few values make
 * sense. joblib takes what begins with 5d 00 for one. */
static bool plausible(struct slice head)
{
    struct reader r = reader_over(head);
    uint8_t properties, first;
    uint32_t dictionary;
    uint64_t len;

    if (!reader_u8(&r, &properties) || !reader_u32le(&r, &dictionary) || !reader_u64le(&r, &len) ||
        !reader_u8(&r, &first))
        return false;
    /* the first byte of the range coder is zero */
    return properties < 9 * 5 * 5 && dictionary >= 4096 && first == 0 &&
           (dictionary & (dictionary - 1) & (dictionary / 2 - 1)) == 0 &&
           (len == UINT64_MAX || len < LIMIT_EXPANDED_BYTES);
}

/* Does a first byte come out? */
static bool gives(struct source *packed)
{
    struct source *s;
    struct err ignored = {0};
    uint8_t first;
    size_t got;
    bool ok;

    if (!source_decode(packed, CODEC_LZMA, &s, &ignored))
        return false;
    ok = source_some(s, 0, &first, 1, &got, &ignored);
    source_free(s);
    return ok;
}

static int probe(struct slice head, const char *name)
{
    struct source *packed;
    bool ok;

    (void)name;
    if (!plausible(head))
        return 0;
    packed = source_memory(head);
    ok = gives(packed);
    source_free(packed);
    /* Nearly all bits decode to something. Writers that stream, as Python's does, say no length:
     * eight bytes of 0xff, which numbers that begin like a header do not have there. */
    if (ok && memcmp(head.data + 5, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) == 0)
        return FORMAT_CERTAIN;
    return ok || head.data[0] == 0x5d ? FORMAT_SURE : FORMAT_CLAIM; /* as every writer sets it */
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    /* Fourteen bytes that only look like a header are somebody else's, if they have one. */
    if (in->weak && !gives(in->bytes)) {
        cover->declined = true;
        return true;
    }
    return packed_parse(in, CODEC_LZMA, cover, e);
}

const struct format format_lzma = {
    .name = "lzma",
    .summary = "lzma streams of the format before xz, as joblib writes them",
    .spec = "LZMA SDK 9.35, lzma-specification.txt",
    .probe = probe,
    .parse = parse,
};
