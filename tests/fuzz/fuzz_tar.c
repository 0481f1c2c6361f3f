/* Any bytes as a tar: entries stay within the archive, names within their
 * caps, the account of an index sums up. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/input/blobs.h"
#include "scanner/input/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_entry(const struct tar_entry *en, uint64_t *last, size_t size)
{
    must(en->type >= '0' && en->type <= '6');
    must(en->path.len > 0 && en->path.len <= LIMIT_NAME_BYTES && en->link.len <= LIMIT_NAME_BYTES);
    must(memchr(en->path.data, 0, en->path.len) == NULL);
    must(en->header_at < en->at && en->header_at % 512 == 0 && en->at % 512 == 0);
    must(*last <= en->header_at);
    must(en->at <= size && en->size <= size - en->at);
    must(en->mode <= 07777);
    for (size_t i = 0; i < en->nxattrs; i++)
        must(en->xattrs[i].name.len < LIMIT_TAR_PAX_BYTES);
    *last = en->at + en->size;
}

static void check_clean(struct slice path)
{
    struct slice out;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    if (tar_clean(path, &a, &out, &e)) {
        must(e.code == ERR_NONE && out.len <= path.len);
        must(!slice_starts(out, "/") && !slice_starts(out, "../") && !slice_ends(out, "/"));
    } else {
        must(e.code == ERR_FORMAT && e.text[0] != '\0');
    }
    arena_release(&a);
}

static void walk(struct source *s, size_t size)
{
    struct tar *t = tar_open(s);
    struct tar_entry en;
    struct err e = {0};
    uint64_t last = 0, len;
    bool end = false;

    while (!end && tar_next(t, &en, &end, &e)) {
        must(e.code == ERR_NONE);
        if (end)
            break;
        check_entry(&en, &last, size);
        check_clean(en.path);
    }
    must(end == (e.code == ERR_NONE));
    if (end && tar_tail(t, &len, &e))
        must(len == size && e.code == ERR_NONE);
    tar_free(t);
}

static void account(struct source *s)
{
    struct arena a;
    struct facts f;
    struct sink sink;
    struct blobs *b;
    struct err e = {0};

    arena_init(&a);
    facts_init(&f, &a);
    sink_to_facts(&sink, &f);
    if (blobs_over(s, &b, &e)) {
        must(e.code == ERR_NONE);
        for (size_t i = 0; i < blobs_count(b); i += 2) {
            struct err why = {0};
            struct source *out;
            uint64_t len;

            if (blobs_find(b, blobs_member(b, i)->name, &out, &len, &why))
                must(why.code == ERR_NONE && source_len(out) == len);
            else
                must(why.code != ERR_NONE);
        }
        blobs_account(b, &sink, "nobody asked");
        for (size_t i = 0; i < f.ncoverage; i++)
            must(f.coverage[i].bytes == f.coverage[i].parsed + f.coverage[i].scanned +
                                            f.coverage[i].opaque + f.coverage[i].unread);
        blobs_free(b);
    } else {
        must(e.code != ERR_NONE);
    }
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source *s = source_memory((struct slice){data, size});

    walk(s, size);
    account(s);
    source_free(s);
    return 0;
}
