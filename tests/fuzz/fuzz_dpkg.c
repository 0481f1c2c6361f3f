/* dpkg status files: every package told has a name, and the slices lie in the input. */
#include "scanner/image/dpkg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice input;

static void inside(struct slice s)
{
    if (s.len > 0 && (s.data < input.data || s.len > input.len ||
                      s.data - input.data > (ptrdiff_t)(input.len - s.len)))
        abort();
}

static void on_package(void *ctx, const struct dpkg_package *p)
{
    size_t *n = ctx;

    ++*n;
    if (p->name.len == 0 || p->source.len == 0)
        abort();
    inside(p->name);
    inside(p->version);
    inside(p->source);
    inside(p->source_version);
    inside(p->maintainer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    size_t n = 0;

    input = (struct slice){data, size};
    if (dpkg_parse(input, on_package, &n, &e) != (e.code == ERR_NONE))
        abort();
    if (e.code != ERR_NONE && (e.text[0] == '\0' || e.line == 0))
        abort();
    return 0;
}
