#include "scanner/formats/torch/torch_chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/zip/zip_end.h"
#include "scanner/formats/zip/zip_kind.h"
#include "scanner/formats/zip/zip_read.h"

#define END64_LEN 56
#define LOCATOR_LEN 20

/* The directory's size and its offset from the begin of its zip, and where its records begin. */
struct said {
    uint64_t size, start, at;
};

/* The zip64 records right in front of the end record, which torch.save always writes. */
static bool read_wide(struct source *s, uint64_t record, struct said *out)
{
    uint8_t buf[END64_LEN];
    struct reader r;

    if (record < LOCATOR_LEN + END64_LEN || !zip_read_is(s, record - LOCATOR_LEN, ZIP_READ_LOCATOR))
        return false;
    out->at = record - LOCATOR_LEN - END64_LEN;
    return zip_read_at(s, out->at, buf, sizeof(buf), &r) &&
           zip_read_signature(&r, ZIP_READ_END64) && reader_skip(&r, 36) &&
           reader_u64le(&r, &out->size) && reader_u64le(&r, &out->start);
}

/* The end record at `record`, which has no comment. */
static bool read_end(struct source *s, uint64_t record, struct said *out)
{
    uint8_t buf[ZIP_END_LEN];
    struct reader r;
    uint32_t size, start;
    uint16_t comment;

    if (!zip_read_at(s, record, buf, sizeof(buf), &r) || !zip_read_signature(&r, ZIP_READ_END) ||
        !reader_skip(&r, 8) || !reader_u32le(&r, &size) || !reader_u32le(&r, &start) ||
        !reader_u16le(&r, &comment) || comment != 0)
        return false;
    if (!read_wide(s, record, out))
        *out = (struct said){size, start, record};
    return true;
}

/* The zip that ends at `end`, by its own records. */
static bool item_before(struct source *s, uint64_t end, struct torch_item *out)
{
    struct said x;

    if (end < ZIP_END_LEN || !read_end(s, end - ZIP_END_LEN, &x) || x.size > x.at ||
        x.start > x.at - x.size)
        return false;
    *out = (struct torch_item){x.at - x.size - x.start, end, x.at - x.size};
    return zip_read_is(s, out->at, ZIP_READ_LOCAL);
}

static bool sound(const struct zip *z)
{
    return z->error.code == ERR_NONE && z->directories == 1 && !z->prefixed && !z->leading &&
           !z->trailing && !z->gaps && !z->orphans && !z->mismatch;
}

/* Is it a file of torch.save, by itself? */
static bool torch_item(struct source *s, const struct torch_item *x)
{
    struct source *part = source_sub(s, x->at, x->end - x->at);
    struct arena a;
    struct zip_kind kind;
    struct err ignored = {0};
    struct zip z;
    bool ok;

    arena_init(&a);
    ok = zip_open(part, x->end - x->at, &a, &z, &ignored) && sound(&z) &&
         z.directory_at == x->directory - x->at;
    if (ok)
        zip_kind_find(&z, &kind);
    ok = ok && strcmp(kind.name, "pytorch") == 0 && !kind.several;
    arena_release(&a);
    source_free(part);
    return ok;
}

static int by_directory(const void *a, const void *b)
{
    const uint64_t x = ((const struct torch_item *)a)->directory,
                   y = ((const struct torch_item *)b)->directory;

    return x < y ? -1 : x > y;
}

/* Readers of the whole file take the numbers of an end record for places in the file. */
static bool leads_astray(struct source *s, uint64_t len, struct arena *a,
                         const struct torch_chain *c)
{
    const size_t n = len < ZIP_END_TAIL ? (size_t)len : ZIP_END_TAIL;
    uint8_t *tail = arena_alloc(a, n);
    struct zip_end ends[ZIP_END_VIEWS];
    struct err ignored = {0};
    size_t views;

    if (!source_read(s, len - n, tail, n, &ignored))
        return true;
    views = zip_end_find(s, len, (struct slice){tail, n}, ends);
    for (size_t i = 0; i < views; i++) {
        const struct torch_item key = {.directory = ends[i].start};

        if (bsearch(&key, c->items, c->n, sizeof(key), by_directory) == NULL)
            return true;
    }
    return views == 0;
}

bool torch_chain_find(struct source *s, uint64_t len, struct arena *a, struct torch_chain *out)
{
    uint64_t end = len;

    *out = (struct torch_chain){0};
    while (end > 0) {
        struct torch_item x;

        if (out->n >= LIMIT_ZIP_MEMBERS || !item_before(s, end, &x) || !torch_item(s, &x))
            return false;
        *(struct torch_item *)ARENA_PUSH(a, &out->items, &out->n) = x;
        end = x.at;
    }
    for (size_t i = 0; i < out->n / 2; i++) {
        const struct torch_item x = out->items[i];

        out->items[i] = out->items[out->n - 1 - i];
        out->items[out->n - 1 - i] = x;
    }
    return out->n > 0 && !leads_astray(s, len, a, out);
}
