#include "scanner/formats/tail.h"

#include "base/limits.h"
#include "scanner/formats/magic.h"

static const struct {
    const char *begin, *name;
} rows[] = {
    {"PK\3\4", "zip"},
    {"PK\5\6", "zip"},
    {"\x7f"
     "ELF",
     "elf"},
    {"MZ", "pe"},
    {"\x1f\x8b", "gzip"},
    {"BZh", "bzip2"},
    {"\xfd"
     "7zXZ",
     "xz"},
    {"\x28\xb5\x2f\xfd", "zstd"},
    {"#!", "script"},
    {"\x80\2", "pickle"},
    {"\x80\3", "pickle"},
    {"\x80\4", "pickle"},
    {"\x80\5", "pickle"},
    {"GGUF", "gguf"},
    {"\x93NUMPY", "npy"},
    {"\xcf\xfa\xed\xfe", "macho"},
    {"\xfe\xed\xfa\xcf", "macho"},
    {"<?php", "script"},
    {"<script", "script"},
    {"<html", "html"},
};

static const char *looks_like(struct slice head, struct slice end)
{
    const char *known;
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (slice_starts(head, rows[i].begin))
            return rows[i].name;
    known = head.len > 0 ? magic_name(head) : NULL;
    if (known != NULL)
        return known;
    return slice_find(end, SLICE_LIT("PK\5\6"), &at) ? "zip" : "";
}

void tail_tell(const struct format_input *in, const char *format, uint64_t from, uint64_t len)
{
    struct arena *a = in->scratch;
    const struct slice end = feed_tail(in->feed);
    uint8_t bytes[64];
    struct slice head = {bytes, 0};
    struct value_builder b;
    struct err e = {0};
    size_t got = 0;

    if (len - from <= end.len)
        head = slice_from(end, end.len - (size_t)(len - from));
    else if (!in->costly && source_some(in->bytes, from, bytes, sizeof(bytes), &got, &e))
        head.len = got;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "format", value_str(a, format));
    value_map_add(&b, "bytes", value_int(a, (int64_t)(len - from), NULL));
    value_map_add(&b, "looks_like",
                  value_str(a, looks_like(head, len - from < end.len ? head : end)));
    format_tell(in, "model.tail", NULL, from, value_map_end(&b, NULL));
}
