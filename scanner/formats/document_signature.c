/* Signatures of OpenSSF Model Signing beside the files they are of; nothing is verified here. */
#include <string.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "scanner/formats/document.h"

static bool is(const struct document_input *d)
{
    const struct value *envelope = value_get(d->root, "dsseEnvelope");

    return d->in->nesting == 0 &&
           value_is(value_get(envelope != NULL ? envelope : d->root, "payload"), VALUE_STRING) &&
           value_is(value_get(envelope != NULL ? envelope : d->root, "signatures"), VALUE_LIST);
}

static void tell(const struct document_input *d)
{
    struct arena *a = d->in->scratch;
    struct value_builder b;
    struct json_out o;
    struct buf text;

    buf_init(&text, LIMIT_MODEL_SIGNATURE_BYTES);
    json_out_init(&o, &text, JSON_COMPACT);
    json_out_value(&o, d->root);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, "model-signing"));
    /* one that is too long says so when it is verified */
    value_map_add(&b, "bundle",
                  text.full ? value_null(a, NULL) : value_string(a, buf_slice(&text), NULL));
    format_tell(d->in, "model.signature.candidate", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
    buf_release(&text);
}

const struct document document_signature = {
    .name = "signature",
    .summary = "signatures of OpenSSF Model Signing: what stands in their envelopes",
    .spec = "OpenSSF Model Signing 1.0, section 5; Sigstore bundle v0.3",
    .is = is,
    .tell = tell,
};
