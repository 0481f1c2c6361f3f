#ifndef SCANNER_FORMATS_SUMMARY_H
#define SCANNER_FORMATS_SUMMARY_H
/*
 * The fact model.tensor_summary: how many tensors a file holds, of which types, in how many bytes.
 */
#include "base/value.h"
#include "scanner/formats/format.h"

/* Tells it of in->path. `dtypes` is a map from the name of a type to the number of its tensors, in
 * in->scratch. Numbers over INT64_MAX are told as INT64_MAX. */
void summary_tell(const struct format_input *in, uint64_t tensors, uint64_t bytes,
                  const struct value *dtypes);
#endif
