#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/packed.h"

/* A frame, or one of the format before; several may follow each other. */
static int probe(struct slice head, const char *name)
{
    (void)name;
    if (head.len < 7)
        return 0;
    return memcmp(head.data, "\x04\x22\x4d\x18", 4) == 0 ||
                   memcmp(head.data, "\x02\x21\x4c\x18", 4) == 0
               ? FORMAT_CERTAIN
               : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    return packed_parse(in, CODEC_LZ4, cover, e);
}

const struct format format_lz4 = {
    .name = "lz4",
    .summary = "lz4 frames, as joblib writes them",
    .spec = "LZ4 Frame Format Description 1.6.4",
    .probe = probe,
    .parse = parse,
};
