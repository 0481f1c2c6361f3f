#include "scanner/formats/magic.h"

#include <string.h>

#include "base/attr.h"

struct row {
    const char *name;
    size_t at, len;
    const char *bytes;
};

#define ROW(name, at, bytes)                                                                       \
    {                                                                                              \
        name, at, sizeof(bytes) - 1, bytes                                                         \
    }

static const struct row rows[] = {
    ROW("gguf", 0, "GGUF"),
    ROW("ggml", 0, "lmgg"),
    ROW("7z", 0, "7z\xbc\xaf\x27\x1c"),
    ROW("tflite", 4, "TFL3"),
    ROW("rar", 0, "Rar!\x1a\x07"),
    ROW("cpio", 0, "070701"),
    ROW("cpio", 0, "070702"),
    ROW("cpio", 0, "070707"),
    ROW("cpio", 0, "\xc7\x71"),
    ROW("cab", 0, "MSCF\0\0\0\0"),
    ROW("ar", 0, "!<arch>\n"),
    ROW("lz4", 0, "\x04\x22\x4d\x18"),
    ROW("lzma", 0, "\x5d\0\0"),
    ROW("parquet", 0, "PAR1"),
    ROW("arrow", 0, "ARROW1"),
    ROW("feather", 0, "FEA1"),
    ROW("sqlite", 0, "SQLite format 3"),
    ROW("rds-1", 0, "RDX1\n"), /* before R 1.4 */
    ROW("rds-1", 0, "RDA1\n"),
    ROW("executorch", 4, "ET12"),
    ROW("executorch-bundle", 4, "BP08"),
    ROW("tensorrt", 0, "ftrt"),
    ROW("tensorrt", 0, "ptrt"),
    ROW("rknn", 0, "RKNN"),
    ROW("cntk", 0, "B\0C\0N\0"),
    ROW("png", 0, "\x89PNG\r\n\x1a\n"),
    ROW("jpeg", 0, "\xff\xd8\xff"),
    ROW("gif", 0, "GIF8"),
    ROW("pdf", 0, "%PDF-"),
    ROW("cpython-bytecode", 2, "\r\n\0\0\0\0"),
    ROW("java-class", 0, "\xca\xfe\xba\xbe\0\0\0"),
    ROW("wasm", 0, "\0asm\1\0\0\0"),
};

const char *magic_name(struct slice head)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];

        if (head.len >= r->at && head.len - r->at >= r->len &&
            memcmp(head.data + r->at, r->bytes, r->len) == 0)
            return r->name;
    }
    return NULL;
}
