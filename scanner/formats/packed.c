#include "scanner/formats/packed.h"

#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/zarr/grid.h"

extern const struct format format_gzip, format_zlib, format_bzip2, format_xz, format_zstd,
    format_lz4, format_lzma;

const char *packed_name(struct arena *a, const char *path)
{
    static const char *const ends[] = {".gz",  ".gzip", ".bz2",  ".bzip2", ".xz",
                                       ".zst", ".z",    ".zlib", ".lz4",   ".lzma"};
    const char *base = extension_base(path), *ext = extension_of(base);
    const size_t stem = strlen(base) - strlen(ext);

    if (strcmp(ext, ".tgz") == 0)
        return arena_printf(a, "%.*s.tar", (int)stem, base);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (strcmp(ext, ends[i]) == 0 && stem > 0)
            return arena_printf(a, "%.*s", (int)stem, base);
    return base;
}

bool packed_parse(const struct format_input *in, enum source_codec codec,
                  struct format_cover *cover, struct err *e)
{
    struct format_result result = {0};
    struct grid_reading reading = {0};
    struct format_input inner;
    struct source *s;
    uint64_t len;
    bool ok;

    if (!source_decode(in->bytes, codec, &s, e))
        return false;
    source_ratio(s, LIMIT_ARCHIVE_RATIO);
    inner = format_inner(in, s, packed_name(in->scratch, in->path));
    inner.result = &result;
    inner.costly = true;
    if (in->reading != NULL) { /* a chunk of numbers, or of what unpacks to something else */
        reading.first = in->reading->within;
        inner.reading = &reading;
        inner.storage = inner.claimed = true;
    }
    ok = format_scan(&inner, e) && source_drain(s, &len, e);
    source_free(s);
    if (ok)
        cover->scanned = UINT64_MAX; /* all of it, see format.c */
    return ok;
}

bool packed_is(const struct format *f)
{
    const struct format *const all[] = {&format_gzip, &format_zlib, &format_bzip2, &format_xz,
                                        &format_zstd, &format_lz4,  &format_lzma};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (f == all[i])
            return true;
    return false;
}
