/* The zip walker alone: members lie within the stream, and what counts does not overlap. */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/formats/zip/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source *s = source_memory((struct slice){data, size});
    struct err e = {0};
    struct arena a;
    struct zip z;
    uint64_t sum = 0, at = 0;

    arena_init(&a);
    if (zip_open(s, size, &a, &z, &e)) {
        if (e.text[0] != '\0')
            abort();
        sum = z.structure;
        for (size_t i = 0; i < z.n; i++) {
            const struct zip_member *m = &z.members[i];

            if (m->readable && (m->data_at > size || m->packed > size - m->data_at))
                abort();
            if (!m->counted)
                continue;
            if (m->header_at < at || m->end < m->data_at || m->end > z.directory_at)
                abort();
            at = m->end;
            sum += m->packed;
        }
        if (sum > size)
            abort();
    } else if (e.code == ERR_NONE) {
        abort();
    }
    arena_release(&a);
    source_free(s);
    return 0;
}
