#include <string.h>

#include "scanner/formats/document.h"
#include "scanner/formats/hdf5/keras_config.h"

/* What stands in an HDF5 file is one whatever it looks like: training_config has no class. */
static bool is(const struct document_input *d)
{
    const char *in = d->in->container != NULL ? d->in->container : "";

    if (strcmp(in, "hdf5") == 0)
        return true;
    /* a configuration may be a map of classes too, or a list: Keras builds them all */
    if ((strcmp(in, "keras") == 0 || strcmp(in, "zip") == 0) && strcmp(d->name, "config.json") == 0)
        return true;
    return value_get(d->root, "class_name") != NULL && value_get(d->root, "config") != NULL;
}

const struct document document_keras = {
    .name = "keras",
    .summary = "configurations of Keras models: layers, functions, code",
    .spec = "Keras 3.12, src/saving/serialization_lib.py",
    .is = is,
    .tell = keras_config_tell,
};
