/* The index of weights in several files: which of them hold how many tensors. */
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/location.h"
#include "scanner/formats/names.h"

static bool is(const struct document_input *d)
{
    return value_is(value_get(d->root, "weight_map"), VALUE_MAP);
}

static void shard(const struct format_input *in, struct slice name, uint64_t tensors)
{
    struct arena *a = in->scratch;
    /* names that leave the folder are told elsewhere */
    const char *path = location_problems(name) != 0 ? "" : extension_beside(in->path, name, a);
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, "huggingface"));
    value_map_add(&b, "target", format_string(a, slice_str(path), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, (int64_t)tensors, NULL));
    value_map_add(&b, "end", value_int(a, 0, NULL));
    format_tell(in, "model.shard", arena_printf(a, "%s#%s", in->path, path), ERR_NO_OFFSET,
                value_map_end(&b, NULL));
}

static void tell(const struct document_input *d)
{
    const struct value *map = value_get(d->root, "weight_map");
    struct arena *a = d->in->scratch;
    uint64_t *tensors = ARENA_ARRAY(a, uint64_t, LIMIT_DOCUMENT_ITEMS);
    struct names files;

    names_init(&files, a, LIMIT_DOCUMENT_ITEMS, LIMIT_DOCUMENT_ITEMS * (size_t)LIMIT_NAME_BYTES);
    for (size_t i = 0; i < value_len(map); i++) {
        const struct value *v = map->as.members[i].value;
        uint32_t at;

        if (!value_is(v, VALUE_STRING) || value_text(v).len > LIMIT_NAME_BYTES)
            continue;
        at = names_add(&files, value_text(v));
        if (at != NAMES_NONE)
            tensors[at]++;
    }
    for (size_t i = 0; i < files.n; i++)
        shard(d->in, files.name[i], tensors[i]);
}

const struct document document_index = {
    .name = "index",
    .summary = "the index of weights in several files of safetensors or PyTorch",
    .spec = "transformers 4.57, modeling_utils, *.index.json",
    .is = is,
    .tell = tell,
};
