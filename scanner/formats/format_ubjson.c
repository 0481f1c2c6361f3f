#include "scanner/formats/format.h"

#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/ubjson.h"

/* Bytes of a length of that type; 0: no length has it. */
static size_t length_bytes(uint8_t type)
{
    switch (type) {
    case 'i':
    case 'U':
        return 1;
    case 'I':
        return 2;
    case 'l':
        return 4;
    case 'L':
        return 8;
    default:
        return 0;
    }
}

/* A short key, as all have it: numbers that begin like one have no text there. */
static bool key_begins(struct slice head)
{
    const size_t n = length_bytes(head.data[1]);
    size_t len;

    if (head.len < 2 + n + 1)
        return false;
    for (size_t i = 2; i < 2 + n - 1; i++)
        if (head.data[i] != 0)
            return false;
    len = head.data[2 + n - 1];
    if (len == 0 || len > 64)
        return false;
    for (size_t i = 2 + n; i < 2 + n + len && i < head.len; i++)
        if (head.data[i] < ' ')
            return false;
    return true;
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
    if (head.data[0] == '[' || length_bytes(head.data[1]) == 0)
        return 0;
    return key_begins(head) ? FORMAT_SURE : FORMAT_CLAIM;
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
