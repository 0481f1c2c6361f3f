#ifndef SCANNER_INPUT_SEVENZIP_H
#define SCANNER_INPUT_SEVENZIP_H
/*
 * 7z archives through libarchive's reader of that one format, with no filter and no bidding among
 * others. Members come one after the other as sources that decompress while they are read; going
 * back in one opens the archive again. Nothing is written anywhere. Memory is what the archive's
 * dictionary asks for, within the worker's limit.
 */
#include "base/arena.h"
#include "scanner/input/source.h"

struct sevenzip;

struct sevenzip_entry {
    struct slice name; /* UTF-8 as far as it could be made so; lives until the next call */
    struct slice link; /* target of a symbolic link, or empty */
    uint64_t index;    /* of the entry, from 0 */
    char type;         /* '0' file, '2' symlink, '5' folder, '3' anything else */
    uint32_t mode;     /* permission and set-id bits */
    bool encrypted;    /* its contents cannot be read */
};

/* Borrows `s`, which knows its length. Never NULL. */
struct sevenzip *sevenzip_open(struct source *s);
void sevenzip_free(struct sevenzip *z);

/* sevenzip_next: the next entry, or `*end`. ERR_FORMAT, ERR_LIMIT (no memory for what it asks),
 * ERR_UNSUPPORTED (encrypted headers, unknown coders), or the source's own error. */
MUST_CHECK bool sevenzip_next(struct sevenzip *z, struct sevenzip_entry *entry, bool *end,
                              struct err *e);

/* The contents of the entry that sevenzip_next gave last. Must be freed before the next call. Its
 * length is unknown; the caps of decompression hold. */
struct source *sevenzip_contents(struct sevenzip *z);
#endif
