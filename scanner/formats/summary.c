#include "scanner/formats/summary.h"

#include "base/limits.h"

void summary_tell(const struct format_input *in, uint64_t tensors, uint64_t bytes,
                  const struct value *dtypes)
{
    struct arena *a = in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_count(a, tensors));
    value_map_add(&b, "bytes", value_count(a, bytes));
    value_map_add(&b, "dtypes", dtypes);
    format_tell(in, "model.tensor_summary", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}
