#include "scanner/formats/text.h"

#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/requirement.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return text_plausible(head) ? FORMAT_WEAK : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    char *name = arena_strdup(in->scratch, extension_base(in->path));
    struct slice text;

    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    if (requirement_file(name)) {
        if (!source_slurp(in->bytes, LIMIT_REQUIREMENTS, in->scratch, &text, e))
            return false;
        requirement_read(in, name, text);
    }
    return text_check(in->feed, &cover->scanned, e);
}

const struct format format_text = {
    .name = "text",
    .summary = "plain text: README, YAML, vocabularies, requirements",
    .spec = "RFC 3629",
    .probe = probe,
    .parse = parse,
};
