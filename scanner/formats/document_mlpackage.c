#include "scanner/formats/document.h"

#include "base/limits.h"
#include "scanner/formats/member.h"

static bool is(const struct document_input *d)
{
    return value_is(value_get(d->root, "itemInfoEntries"), VALUE_MAP);
}

/* SPEC: coremltools, modelpackage/src/ModelPackage.cpp: each path counts from Data/. */
static void tell(const struct document_input *d)
{
    const struct value *items = value_get(d->root, "itemInfoEntries");
    struct arena *a = d->in->scratch;

    for (size_t i = 0; i < value_len(items) && i < LIMIT_TALLY_NAMES; i++) {
        const struct value_member *m = &items->as.members[i];
        struct value_builder b;

        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, "coreml"));
        value_map_add(&b, "kind", value_str(a, "package-item"));
        value_map_add(&b, "location",
                      format_string(a, value_text(value_get(m->value, "path")), LIMIT_TALLY_BYTES));
        value_map_add(&b, "count", value_int(a, 1, NULL));
        format_tell(d->in, "model.reference",
                    arena_printf(a, "%s#%s", d->in->path, member_name(a, m->key)), m->value->offset,
                    value_map_end(&b, NULL));
    }
}

const struct document document_mlpackage = {
    .name = "mlpackage",
    .summary = "the manifest of a Core ML package: its files",
    .spec = "coremltools 9, modelpackage/src/ModelPackage.cpp",
    .format = NULL,
    .is = is,
    .tell = tell,
};
