#include "scanner/formats/format.h"

#include <string.h>

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

/* Python writes NaN and Infinity, and reads them. A copy has a zero in their place, so that the
 * rest of the document can be read; all offsets stay. NULL when there is none. */
static uint8_t *without_nan(struct slice text, struct arena *a)
{
    static const char *const words[] = {"NaN", "Infinity"};
    uint8_t *copy = NULL;
    bool string = false;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.data[i];

        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        for (size_t k = 0; !string && k < ARRAY_LEN(words); k++) {
            const size_t n = strlen(words[k]);

            if (text.len - i < n || memcmp(text.data + i, words[k], n) != 0)
                continue;
            if (copy == NULL) {
                copy = arena_alloc(a, text.len + 1);
                memcpy(copy, text.data, text.len);
            }
            memset(copy + i, ' ', n);
            copy[i] = '0';
        }
    }
    return copy;
}

static bool read_json(struct slice text, struct arena *a, const struct value **json, struct err *e)
{
    struct err again = {0};
    uint8_t *copy;

    if (json_read(text, a, json, e))
        return true;
    copy = e->code == ERR_FORMAT ? without_nan(text, a) : NULL;
    if (copy == NULL || !json_read((struct slice){copy, text.len}, a, json, &again))
        return false;
    err_clear(e);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const struct value *json;
    struct slice text;
    const bool ok = source_slurp(in->bytes, LIMIT_CAPTURE_BYTES, in->scratch, &text, e) &&
                    read_json(text, in->scratch, &json, e);

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
