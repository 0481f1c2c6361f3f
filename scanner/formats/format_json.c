#include "scanner/formats/format.h"

#include "scanner/formats/document.h"
#include "scanner/formats/json_pieces.h"

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
    struct json_document json;
    const bool ok = json_pieces_read(in, JSON_PIECES_FROM, &json, e);

    if (!ok && in->weak && e->code == ERR_FORMAT) {
        cover->declined = true; /* another text that begins with a bracket */
        return true;
    }
    if (!ok)
        return false;
    cover->format = document_tell_pieces(in, json.root, &json.pieces);
    cover->parsed = json.bytes;
    if (json.pieces.e.code != ERR_NONE)
        *e = json.pieces.e;
    return e->code == ERR_NONE;
}

const struct format format_json = {
    .name = "json",
    .summary = "JSON documents: configurations, tokenizers, notebooks",
    .spec = "RFC 8259",
    .probe = probe,
    .parse = parse,
};
