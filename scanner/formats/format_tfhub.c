/* The file that marks a module of TensorFlow Hub before 2: its version. */
#include "scanner/formats/format.h"

#include <string.h>

#define MARK "\x08\3" /* format: FORMAT_V3 */

static int probe(struct slice head, const char *name)
{
    return strcmp(name, "tfhub_module.pb") == 0 && slice_is(head, MARK) ? FORMAT_ALONE : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    uint64_t len;

    if (!feed_drain(in->feed, &len, e))
        return false;
    cover->parsed = len;
    return true;
}

const struct format format_tfhub = {
    .name = "tfhub",
    .summary = "the mark of a module of TensorFlow Hub (tfhub_module.pb)",
    .spec = "tensorflow_hub 0.16, module_def.proto",
    .probe = probe,
    .parse = parse,
};
