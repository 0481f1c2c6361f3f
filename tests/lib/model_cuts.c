/*
 * model_cuts PATH...: cuts each file below PATH short, at every byte of a small one and at 200
 * places of a larger one, and says which cuts are clean. For files that one knows to be whole; it
 * runs without a sandbox.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/lib/cuts.h"
#include "tests/lib/exact.h"
#include "tests/lib/imports.h"

static size_t files, made, clean;

static struct slice slurp(const char *path, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    FILE *f = fopen(path, "rb");

    if (bytes == NULL || f == NULL || fread(bytes, 1, size, f) != size) {
        fprintf(stderr, "model_cuts: cannot read %s\n", path);
        exit(2);
    }
    fclose(f);
    return (struct slice){bytes, size};
}

static void one(const char *path, size_t size, const struct imports *imports)
{
    const char *slash = strrchr(path, '/');
    struct slice bytes = slurp(path, size);
    struct cuts c = {.name = slash != NULL ? slash + 1 : path, .imports = imports};

    cuts_make(&c, bytes);
    if (c.clean > 0)
        printf("%s: %zu of %zu cuts are clean, the first at %zu of %zu\n", path, c.clean, c.made,
               c.first, size);
    files++;
    made += c.made;
    clean += c.clean;
    exact_free(bytes);
}

static void walk(const char *path, const struct imports *imports)
{
    struct dirent **names;
    struct stat st;
    int n;

    if (lstat(path, &st) != 0 || S_ISLNK(st.st_mode))
        return;
    if (!S_ISDIR(st.st_mode)) {
        one(path, (size_t)st.st_size, imports);
        return;
    }
    n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char sub[4096];

        if (names[i]->d_name[0] != '.' &&
            snprintf(sub, sizeof(sub), "%s/%s", path, names[i]->d_name) < (int)sizeof(sub))
            walk(sub, imports);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        walk(argv[i], imports_table());
    printf("%zu files, %zu cuts, %zu clean\n", files, made, clean);
    return clean > 0;
}
