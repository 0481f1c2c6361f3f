#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/packed.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 3 && memcmp(head.data, "\x1f\x8b\x08", 3) == 0 ? FORMAT_CERTAIN : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    return packed_parse(in, CODEC_GZIP, cover, e);
}

const struct format format_gzip = {
    .name = "gzip",
    .summary = "gzip, one or several members",
    .spec = "RFC 1952",
    .probe = probe,
    .parse = parse,
};
