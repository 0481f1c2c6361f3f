#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/packed.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 4 && memcmp(head.data, "\x28\xb5\x2f\xfd", 4) == 0 ? FORMAT_CERTAIN : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    return packed_parse(in, CODEC_ZSTD, cover, e);
}

const struct format format_zstd = {
    .name = "zstd",
    .summary = "Zstandard frames",
    .spec = "RFC 8878",
    .probe = probe,
    .parse = parse,
};
