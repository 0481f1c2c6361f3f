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
    /* SPEC: HDF5 file format 3.0, section II.A: the signature may stand behind a user block. */
    ROW("hdf5", 0, "\x89HDF\r\n\x1a\n"),
    ROW("hdf5", 512, "\x89HDF\r\n\x1a\n"),
    ROW("hdf5", 1024, "\x89HDF\r\n\x1a\n"),
    ROW("hdf5", 2048, "\x89HDF\r\n\x1a\n"),
    ROW("gguf", 0, "GGUF"),
    ROW("ggml", 0, "lmgg"),
    ROW("tflite", 4, "TFL3"),
    ROW("7z", 0, "7z\xbc\xaf\x27\x1c"),
    ROW("rar", 0, "Rar!\x1a\x07"),
    ROW("lz4", 0, "\x04\x22\x4d\x18"),
    ROW("lzma", 0, "\x5d\0\0"),
    ROW("joblib-zfile", 0, "ZF0x"),
    ROW("parquet", 0, "PAR1"),
    ROW("arrow", 0, "ARROW1"),
    ROW("sqlite", 0, "SQLite format 3"),
    ROW("rds", 0, "RDX3\n"),
    ROW("png", 0, "\x89PNG\r\n\x1a\n"),
    ROW("jpeg", 0, "\xff\xd8\xff"),
    ROW("gif", 0, "GIF8"),
    ROW("pdf", 0, "%PDF-"),
    ROW("torch7", 0, "\4\0\0\0\1\0\0\0"),
    ROW("cpython-bytecode", 2, "\r\n\0\0\0\0"),
    ROW("java-class", 0, "\xca\xfe\xba\xbe\0\0\0"),
    ROW("wasm", 0, "\0asm\1\0\0\0"),
};

const char *magic_name(struct slice head, const char *name)
{
    (void)name; /* all that is named without a magic is read by now */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];

        if (head.len >= r->at && head.len - r->at >= r->len &&
            memcmp(head.data + r->at, r->bytes, r->len) == 0)
            return r->name;
    }
    return NULL;
}
