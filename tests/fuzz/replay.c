/* Runs a fuzz target over files and folders (entered recursively): the same checks
 * as under the fuzzer, with any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long runs;

static int run_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "rb");
    /* exact size, so that ASan sees one byte too far */
    uint8_t *bytes = malloc(size + (size == 0));
    size_t got = f != NULL && bytes != NULL ? fread(bytes, 1, size, f) : 0;

    if (f == NULL || bytes == NULL || got != size) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        free(bytes);
        return 1;
    }
    fclose(f);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    runs++;
    return 0;
}

static int run_path(const char *path)
{
    struct stat st;
    struct dirent **names;
    int n, bad = 0;

    if (stat(path, &st) != 0)
        return fprintf(stderr, "replay: no such path: %s\n", path), 1;
    if (!S_ISDIR(st.st_mode))
        return run_file(path, (size_t)st.st_size);
    n = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char sub[4096];

        if (names[i]->d_name[0] != '.' &&
            snprintf(sub, sizeof(sub), "%s/%s", path, names[i]->d_name) < (int)sizeof(sub))
            bad |= run_path(sub);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return bad;
}

int main(int argc, char **argv)
{
    int bad = 0;

    for (int i = 1; i < argc; i++)
        bad |= run_path(argv[i]);
    printf("%s: %lu inputs\n", argv[0], runs);
    return bad;
}
