#include "scanner/formats/format.h"

#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/document.h"

static bool named(const char *name)
{
    return slice_ends(slice_str(name), ".json") || slice_ends(slice_str(name), ".ipynb");
}

static int probe(struct slice head, const char *name)
{
    size_t i = 0;

    while (i < head.len && (head.data[i] == ' ' || (head.data[i] >= '\t' && head.data[i] <= '\r')))
        i++;
    if (named(name))
        return FORMAT_SURE + 5;
    if (i == head.len || (head.data[i] != '{' && head.data[i] != '['))
        return 0;
    return FORMAT_CLAIM;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const struct value *json;
    struct slice text;
    const bool ok = source_slurp(in->bytes, LIMIT_CAPTURE_BYTES, in->scratch, &text, e) &&
                    json_read(text, in->scratch, &json, e);

    if (!ok && in->weak && e->code == ERR_FORMAT) {
        cover->declined = true; /* another text that begins with a bracket */
        return true;
    }
    if (!ok)
        return false;
    cover->format = document_tell(in, json);
    cover->parsed = text.len;
    return true;
}

const struct format format_json = {
    .name = "json",
    .summary = "JSON documents: configurations, tokenizers, notebooks",
    .spec = "RFC 8259",
    .probe = probe,
    .parse = parse,
};
