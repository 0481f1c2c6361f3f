#include "scanner/formats/format.h"

#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/ubjson.h"

/* A type that a length may have. */
static bool integer(uint8_t c)
{
    return c == 'i' || c == 'U' || c == 'I' || c == 'l' || c == 'L';
}

/* SPEC: a map begins with the length of its first key; JSON has a quote, a blank or '}' there. */
static int probe(struct slice head, const char *name)
{
    if (slice_ends(slice_str(name), ".ubj"))
        return FORMAT_SURE;
    if (head.len < 4 || (head.data[0] != '{' && head.data[0] != '['))
        return 0;
    if (head.data[1] == '$' || head.data[1] == '#')
        return FORMAT_CLAIM;
    if (head.data[0] == '[' || !integer(head.data[1]))
        return 0;
    return head.data[2] < ' ' ? FORMAT_SURE : FORMAT_CLAIM;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const struct value *root;
    struct slice bytes;
    const bool ok = source_slurp(in->bytes, LIMIT_UBJSON_BYTES, in->scratch, &bytes, e) &&
                    ubjson_read(bytes, in->scratch, &root, e);

    if (!ok && in->weak && e->code == ERR_FORMAT) {
        cover->declined = true; /* something else that begins with a bracket */
        return true;
    }
    if (!ok)
        return false;
    cover->format = document_tell(in, root);
    cover->parsed = bytes.len;
    return true;
}

const struct format format_ubjson = {
    .name = "ubjson",
    .summary = "Universal Binary JSON: XGBoost models (.ubj)",
    .spec = "UBJSON draft 12",
    .probe = probe,
    .parse = parse,
};
