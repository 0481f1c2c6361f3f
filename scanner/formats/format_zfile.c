#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/packed.h"

/* SPEC: joblib 1.4, numpy_pickle_compat.py, read_zfile: "ZF", the length in hex digits, padded with
 * blanks to 19 characters (one more in very old files), and a zlib stream. */
#define LENGTH_DIGITS 19

static bool header_len(struct slice head, size_t *len)
{
    const struct slice digits = slice_from(head, 4);
    size_t n = 0;

    if (head.len < 2 + LENGTH_DIGITS + 1 || memcmp(head.data, "ZF0x", 4) != 0)
        return false;
    while (n < LENGTH_DIGITS - 2 && (digits.data[n] != ' ' && digits.data[n] != 'L')) {
        const uint8_t c = digits.data[n] | 0x20;

        if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
            return false;
        n++;
    }
    *len = 2 + LENGTH_DIGITS;
    if (head.data[*len] == ' ')
        *len += 1;
    return n > 0;
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "ZF0x") ? FORMAT_CERTAIN : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct format_input rest = *in;
    size_t len;
    bool ok;

    if (!feed_more(in->feed, &r, 2 + LENGTH_DIGITS + 2, e))
        return false;
    if (!header_len((struct slice){r.data, r.left}, &len))
        return err_pos(e, ERR_FORMAT, 0, "no length behind the \"ZF\" of joblib's format");
    rest.bytes =
        source_sub(in->bytes, len,
                   source_len(in->bytes) == SOURCE_LEN_UNKNOWN ? SOURCE_LEN_UNKNOWN
                                                               : source_len(in->bytes) - len);
    ok = packed_parse(&rest, CODEC_ZLIB, cover, e);
    source_free(rest.bytes);
    return ok;
}

const struct format format_zfile = {
    .name = "zfile",
    .summary = "joblib's first compressed files: a length and a zlib stream",
    .spec = "joblib 1.4, numpy_pickle_compat.py",
    .probe = probe,
    .parse = parse,
};
