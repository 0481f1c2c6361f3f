#ifndef TESTS_LIB_FIXTURE_H
#define TESTS_LIB_FIXTURE_H
/* fixture_each(folder, fn): each file of a folder of fixtures, as an exact-size heap block, with
 * the text of NAME.want ("" when there is none). */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

static inline struct slice fixture_read(const char *path, char *text, size_t max)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long n;

    if (f == NULL)
        return (struct slice){NULL, 0};
    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);
    bytes = malloc((size_t)n + (n == 0));
    cr_assert(bytes != NULL && fread(bytes, 1, (size_t)n, f) == (size_t)n, "%s", path);
    fclose(f);
    if (text != NULL) {
        cr_assert_lt((size_t)n, max);
        memcpy(text, bytes, (size_t)n);
        text[n > 0 && text[n - 1] == '\n' ? n - 1 : n] = '\0';
    }
    return (struct slice){bytes, (size_t)n};
}

static inline size_t
fixture_each(const char *folder, void (*fn)(const char *name, struct slice bytes, const char *want))
{
    struct dirent **names;
    const int n = scandir(folder, &names, NULL, alphasort);
    size_t seen = 0;

    cr_assert_gt(n, 2, "%s", folder);
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name, *dot = strrchr(name, '.');
        char path[1024], want[1024] = "";

        if (name[0] != '.' && (dot == NULL || strcmp(dot, ".want") != 0)) {
            struct slice bytes, text;

            snprintf(path, sizeof(path), "%s/%s.want", folder, name);
            text = fixture_read(path, want, sizeof(want));
            snprintf(path, sizeof(path), "%s/%s", folder, name);
            bytes = fixture_read(path, NULL, 0);
            fn(name, bytes, want);
            free((void *)(uintptr_t)bytes.data);
            free((void *)(uintptr_t)text.data);
            seen++;
        }
        free(names[i]);
    }
    free(names);
    return seen;
}
#endif
