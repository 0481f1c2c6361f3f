#include "scanner/formats/document.h"

#include "base/limits.h"
#include "scanner/formats/tally.h"

static bool is(const struct document_input *d)
{
    return value_is(value_get(d->root, "nodes"), VALUE_LIST) &&
           value_is(value_get(d->root, "arg_nodes"), VALUE_LIST) &&
           value_is(value_get(d->root, "heads"), VALUE_LIST);
}

/* SPEC: MXNet 1.9, nnvm symbol JSON: op "null" is a variable, "Custom" the class in op_type. */
static void tell(const struct document_input *d)
{
    const struct value *nodes = value_get(d->root, "nodes");
    struct tally ops;

    tally_init(&ops, d->in->scratch);
    for (size_t i = 0; i < value_len(nodes); i++) {
        const struct value *node = value_item(nodes, i);
        const struct slice op = value_text(value_get(node, "op"));
        const struct value *attrs = value_get(node, "attrs");

        if (attrs == NULL) /* before 1.0 */
            attrs = value_get(node, "attr");
        if (slice_is(op, "Custom"))
            (void)tally_add(&ops, SLICE_LIT("custom"), value_text(value_get(attrs, "op_type")),
                            node->offset);
        else if (!slice_is(op, "null"))
            (void)tally_add(&ops, SLICE_LIT(""), op, node != NULL ? node->offset : 0);
    }
    tally_tell(&ops, d->in, "mxnet");
}

const struct document document_mxnet = {
    .name = "mxnet",
    .summary = "MXNet symbols: their operators",
    .spec = "MXNet 1.9, nnvm/src/pass/saveload_json.cc",
    .format = NULL,
    .is = is,
    .tell = tell,
};
