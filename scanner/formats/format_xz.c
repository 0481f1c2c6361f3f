#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/packed.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 6 && memcmp(head.data,
                                   "\xfd"
                                   "7zXZ\0",
                                   6) == 0
               ? FORMAT_CERTAIN
               : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    return packed_parse(in, CODEC_XZ, cover, e);
}

const struct format format_xz = {
    .name = "xz",
    .summary = "xz",
    .spec = "The .xz File Format 1.2.1",
    .probe = probe,
    .parse = parse,
};
