#ifndef SCANNER_FORMATS_GRAPH_TFLITE_FLEX_H
#define SCANNER_FORMATS_GRAPH_TFLITE_FLEX_H
/*
 * Which TensorFlow operator a "Flex" operator of a TFLite model runs. Its custom options say so,
 * not its name: they are a FlexBuffers vector of the operator's name and a serialized NodeDef.
 * SPEC: tensorflow/lite/delegates/flex; FlexBuffers binary format; node_def.proto
 */
#include "base/attr.h"
#include "base/slice.h"

/* The `op` of the NodeDef and the name beside it, borrowed from `options`; false when the options
 * are no such vector. */
MUST_CHECK bool tflite_flex_op(struct slice options, struct slice *name, struct slice *op);

/* tflite_flex_range(options, at, size): where a DISPATCH_OP has its compiled code: the numbers
 * "bytecode_offset" and "bytecode_size" of a FlexBuffers map. SPEC: LiteRT, dispatch_op_schema */
MUST_CHECK bool tflite_flex_range(struct slice options, uint64_t *at, uint64_t *size);
#endif
