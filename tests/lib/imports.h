#ifndef TESTS_LIB_IMPORTS_H
#define TESTS_LIB_IMPORTS_H
/* The table of imports as it is shipped, read once for all that a process scans. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/yaml.h"
#include "scanner/formats/pickle/imports.h"

#define IMPORTS_TABLE "rules/detectors/imports.yaml"

static inline const struct imports *imports_table(void)
{
    static const struct imports *loaded;
    static struct arena kept;
    const struct yaml_options plain = {0};
    const struct value *table;
    struct slice text;
    struct err e = {0};

    if (loaded != NULL)
        return loaded;
    arena_init(&kept);
    if (!file_read(IMPORTS_TABLE, 1u << 20, &kept, &text, &e) ||
        !yaml_read(text, &plain, &kept, &table, &e) || !imports_load(table, &kept, &loaded, &e)) {
        fprintf(stderr, "%s: %s\n", IMPORTS_TABLE, e.text);
        abort();
    }
    return loaded;
}
#endif
