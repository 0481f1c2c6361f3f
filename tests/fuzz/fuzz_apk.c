/* apk databases: every package told has a name and a version, and the slices lie in the input. */
#include "scanner/image/apk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice input;

static void inside(struct slice s)
{
    if (s.len > 0 && (s.data < input.data || s.len > input.len ||
                      s.data - input.data > (ptrdiff_t)(input.len - s.len)))
        abort();
}

static void on_package(void *ctx, const struct apk_package *p)
{
    size_t *n = ctx;

    ++*n;
    if (p->name.len == 0 || p->version.len == 0)
        abort();
    inside(p->name);
    inside(p->version);
    inside(p->origin);
    inside(p->maintainer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    size_t n = 0;

    input = (struct slice){data, size};
    if (apk_parse(input, on_package, &n, &e) != (e.code == ERR_NONE))
        abort();
    if (e.code == ERR_FORMAT && e.line == 0)
        abort();
    return 0;
}
