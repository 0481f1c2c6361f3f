#include "scanner/formats/text.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return text_plausible(head) ? FORMAT_WEAK : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const bool ok = text_check(in->feed, &cover->scanned, e);

    return ok;
}

const struct format format_text = {
    .name = "text",
    .summary = "plain text: README, YAML, vocabularies, requirements",
    .spec = "RFC 3629",
    .probe = probe,
    .parse = parse,
};
