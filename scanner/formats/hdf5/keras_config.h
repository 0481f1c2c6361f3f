#ifndef SCANNER_FORMATS_HDF5_KERAS_CONFIG_H
#define SCANNER_FORMATS_HDF5_KERAS_CONFIG_H
/* What a Keras configuration makes a loader do: classes and functions it names, code it carries,
 * files it reads. SPEC: Keras 3.12, src/saving/serialization_lib.py and
 * src/layers/core/lambda_layer.py; Keras 2.15, layers/core/lambda_layer.py. */
#include "scanner/formats/document.h"

/* Walks every dictionary of the document: `model.layer`, `model.lambda`, `model.layer_file` and one
 * `model.keras`. */
void keras_config_tell(const struct document_input *d);
#endif
