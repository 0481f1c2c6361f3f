/* The facts about a program of ExecuTorch, told when all of it was read. */
#include "base/limits.h"
#include "scanner/formats/graph/executorch.h"
#include "scanner/formats/summary.h"

const struct value *executorch_tell_types(const uint64_t counts[EXECUTORCH_TYPES], struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < EXECUTORCH_TYPES; i++)
        if (counts[i] > 0)
            value_map_add(&b, executorch_shape_types[i].name, value_count(a, counts[i]));
    return value_map_end(&b, NULL);
}

void executorch_tell(const struct executorch *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder methods = t->methods, delegates = t->delegates, keys = t->keys;
    struct value_builder embedded = t->embedded, b;

    tally_tell(&t->ops, t->in, "executorch");
    summary_tell(t->in, t->held, t->opaque + t->segments.bytes,
                 executorch_tell_types(t->counts, a));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "version", value_count(a, t->version));
    value_map_add(&b, "methods", value_list_end(&methods, NULL));
    value_map_add(&b, "method_count", value_count(a, t->nmethods));
    value_map_add(&b, "instructions", value_count(a, t->calls));
    value_map_add(&b, "delegates", value_list_end(&delegates, NULL));
    value_map_add(&b, "delegate_count", value_count(a, t->ndelegates));
    value_map_add(&b, "segments", value_count(a, t->segments.n));
    value_map_add(&b, "keys", value_list_end(&keys, NULL));
    value_map_add(&b, "key_count", value_count(a, t->nkeys));
    value_map_add(&b, "external_tensors", value_count(a, t->external));
    value_map_add(&b, "mismatched_sizes", value_count(a, t->wrong));
    value_map_add(&b, "embedded", value_list_end(&embedded, NULL));
    value_map_add(&b, "untold", value_count(a, t->ops.lost));
    format_tell(t->in, "model.executorch", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}
