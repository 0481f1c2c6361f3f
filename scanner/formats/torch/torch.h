#ifndef SCANNER_FORMATS_TORCH_TORCH_H
#define SCANNER_FORMATS_TORCH_TORCH_H
/* What torch.save writes around its pickles. SPEC: PyTorch 2.5, torch/serialization.py. */
#include "scanner/formats/pickle/pickle.h"

/* Does the file begin with the magic number of the old format? */
bool torch_legacy(struct slice head);

/* A storage that a pickle names, once for each key. */
struct torch_storage {
    struct slice key;
    uint64_t bytes; /* elements times their size */
    bool sized;     /* the type is known, so `bytes` holds */
    bool conflict;  /* named with different sizes */
    bool present;   /* torch_mark */
    const char *dtype;
};

struct torch_storages {
    struct torch_storage *items; /* by key */
    size_t n;
    uint64_t bytes; /* of all; UINT64_MAX when one is not known */
};

/* The storages of a pickle, in `a`. */
void torch_collect(const struct pickle *p, struct arena *a, struct torch_storages *out);

/* The storage of a key, or NULL. */
const struct torch_storage *torch_find(const struct torch_storages *s, struct slice key);

/* The container has a storage of this key. */
void torch_mark(struct torch_storages *s, struct slice key);

/* The model.tensor_summary fact. */
void torch_tell(const struct format_input *in, const struct torch_storages *s);
#endif
