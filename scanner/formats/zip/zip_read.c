#include "scanner/formats/zip/zip_read.h"

bool zip_read_at(struct source *s, uint64_t at, uint8_t *buf, size_t n, struct reader *r)
{
    struct err ignored = {0};

    if (at == UINT64_MAX || !source_read(s, at, buf, n, &ignored))
        return false;
    *r = reader_at((struct slice){buf, n}, at);
    return true;
}

bool zip_read_signature(struct reader *r, uint32_t want)
{
    uint32_t sig;

    return reader_u32le(r, &sig) && sig == want;
}

bool zip_read_is(struct source *s, uint64_t at, uint32_t want)
{
    uint8_t buf[4];
    struct reader r;

    return zip_read_at(s, at, buf, sizeof(buf), &r) && zip_read_signature(&r, want);
}
