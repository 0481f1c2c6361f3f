#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/packed.h"

/* The block magic (pi) or the end of an empty stream (its root) follows. */
static int probe(struct slice head, const char *name)
{
    (void)name;
    if (head.len < 10 || memcmp(head.data, "BZh", 3) != 0 || head.data[3] < '1' ||
        head.data[3] > '9')
        return 0;
    return memcmp(head.data + 4, "1AY&SY", 6) == 0 ||
                   memcmp(head.data + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0
               ? FORMAT_CERTAIN
               : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    return packed_parse(in, CODEC_BZIP2, cover, e);
}

const struct format format_bzip2 = {
    .name = "bzip2",
    .summary = "bzip2",
    .spec = "bzip2 1.0.8 manual",
    .begins = "BZh",
    .probe = probe,
    .parse = parse,
};
