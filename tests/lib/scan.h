#ifndef TESTS_LIB_SCAN_H
#define TESTS_LIB_SCAN_H
/* A model file in memory through the whole of format_scan, in this process, without a sandbox. */
#include <stdlib.h>
#include <string.h>

#include "scanner/formats/format.h"

/* The facts of the bytes, in `a`, with what `in` says of them. They are copied to a block of their
 * own size, so that ASan sees one byte too far. False: the system refused to read. */
static inline bool scan_input(struct format_input in, struct slice bytes, struct arena *a,
                              struct facts *facts)
{
    uint8_t *copy = malloc(bytes.len + (bytes.len == 0));
    struct arena scratch;
    struct sink sink;
    struct err e = {0};
    bool ok;

    if (copy == NULL)
        abort();
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    in.bytes = source_memory((struct slice){copy, bytes.len});
    in.scratch = &scratch;
    in.sink = &sink;
    arena_init(&scratch);
    facts_init(facts, a);
    sink_to_facts(&sink, facts);
    sink.subject_name = sink.input_name = in.path;
    ok = format_scan(&in, &e);
    source_free(in.bytes);
    arena_release(&scratch);
    free(copy);
    return ok;
}

/* The facts of a file; `imports` may be NULL. */
static inline bool scan_bytes(struct slice bytes, const char *name, const struct imports *imports,
                              struct arena *a, struct facts *facts)
{
    struct format_run run = {.imports = imports};

    return scan_input((struct format_input){.path = name, .run = &run}, bytes, a, facts);
}

/* The facts of what its container says is raw tensor data. */
static inline bool scan_storage(struct slice bytes, const char *name, struct arena *a,
                                struct facts *facts)
{
    struct format_run run = {0};

    return scan_input((struct format_input){.path = name, .run = &run, .storage = true}, bytes, a,
                      facts);
}

/* The attributes of the first fact of a type, or NULL. */
static inline const struct value *scan_fact(const struct facts *f, const char *type)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, type) == 0)
            return f->facts[i].attributes;
    return NULL;
}
#endif
