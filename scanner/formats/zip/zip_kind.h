#ifndef SCANNER_FORMATS_ZIP_ZIP_KIND_H
#define SCANNER_FORMATS_ZIP_ZIP_KIND_H
/* What a zip is, by the members that its loader asks for; never by its name. */
#include "scanner/formats/zip/zip.h"

struct zip_kind {
    /* zip, npz, keras, mar, pt2, pytorch, torchscript, pytorch-package, skops */
    const char *name;
    struct slice prefix;           /* "archive/" of a file of PyTorch's writer */
    const struct zip_member *data; /* its data.pkl, or NULL */
    bool several;                  /* loaders of different kinds would take it for theirs */
};

/* Is this member raw tensor data, by the kind of the archive? Storages beside a data.pkl are not
 * meant. */
bool zip_kind_raw(const struct zip_kind *k, const struct zip_member *m);

void zip_kind_find(const struct zip *z, struct zip_kind *out);
#endif
