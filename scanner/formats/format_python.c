#include <string.h>

#include "scanner/formats/script.h"
#include "scanner/formats/text.h"
#include "scanner/formats/torch/torchscript.h"

static int probe(struct slice head, const char *name)
{
    return script_language(head, name) != NULL && text_plausible(head) ? FORMAT_SURE : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    const char *base = in->path + strlen(in->path);
    char name[16] = "";
    const char *language;
    size_t n;

    if (torchscript_is(in)) {
        cover->format = "torchscript-code";
        return torchscript_tell(in, e) && text_check(in->feed, &cover->scanned, e);
    }
    if (!feed_more(in->feed, &r, FORMAT_PROBE_BYTES, e))
        return false;
    n = strlen(in->path);
    base -= n < sizeof(name) - 1 ? n : sizeof(name) - 1;
    for (size_t i = 0; base[i] != '\0'; i++) {
        name[i] = base[i];
        if (base[i] >= 'A' && base[i] <= 'Z')
            name[i] = (char)(base[i] - 'A' + 'a');
    }
    language = script_language((struct slice){r.data, r.left}, name);
    if (language == NULL || strcmp(language, "python") != 0)
        cover->format = "script";
    script_tell(in, language != NULL ? language : "other");
    return text_check(in->feed, &cover->scanned, e);
}

const struct format format_python = {
    .name = "python",
    .summary = "program sources: Python, shell and others",
    .spec = "Python 3.11 language reference, 2.1.4 encoding declarations",
    .probe = probe,
    .parse = parse,
};
