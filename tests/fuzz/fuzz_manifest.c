/* Manifests and indexes: success never leaves an error behind, and counts stay under their caps. */
#include "base/limits.h"
#include "scanner/image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct manifest m;
    struct err e = {0};
    bool ok;

    arena_init(&a);
    ok = manifest_parse((struct slice){data, size}, &a, &m, &e);
    if (ok != (e.code == ERR_NONE) || ok != (e.text[0] == '\0'))
        abort();
    if (ok && m.nentries > (m.index ? LIMIT_MANIFESTS : LIMIT_LAYERS))
        abort();
    for (size_t i = 0; ok && i < m.nentries; i++)
        if (m.entries[i].digest_text == NULL || m.entries[i].media_type == NULL)
            abort();
    arena_release(&a);
    return 0;
}
