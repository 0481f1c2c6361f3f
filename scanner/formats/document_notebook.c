#include "scanner/formats/document.h"
#include "scanner/formats/script.h"

static bool is(const struct document_input *d)
{
    return slice_ends(slice_str(d->name), ".ipynb") && value_get(d->root, "cells") != NULL;
}

static void tell(const struct document_input *d)
{
    script_tell(d->in, "notebook");
}

const struct document document_notebook = {
    .name = "notebook",
    .summary = "Jupyter notebooks: their cells are programs",
    .spec = "nbformat 4.5",
    .is = is,
    .tell = tell,
};
