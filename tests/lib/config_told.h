#ifndef TESTS_LIB_CONFIG_TOLD_H
#define TESTS_LIB_CONFIG_TOLD_H
/* A document of configuration in memory through the whole of config_scan, in this process, without
 * a sandbox. */
#include <stdlib.h>
#include <string.h>

#include "scanner/config/config.h"

/* What `t` tells is added to `f`; the input and its subject are called `name`. The bytes are read
 * from a block of their own size, so that ASan sees one byte too far. False: `e` says why. */
static inline bool config_told(struct config_text *t, const char *name, struct facts *f,
                               struct err *e)
{
    const struct slice bytes = t->bytes;
    uint8_t *copy = malloc(bytes.len + (bytes.len == 0));
    struct sink sink = {0};
    struct arena scratch;
    bool ok;

    if (copy == NULL)
        abort();
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    t->bytes.data = copy;
    arena_init(&scratch);
    sink_to_facts(&sink, f);
    sink.subject_name = sink.input_name = name;
    ok = config_scan(t, &scratch, &sink, e);
    arena_release(&scratch);
    t->bytes = bytes;
    free(copy);
    return ok;
}
#endif
