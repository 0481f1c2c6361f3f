/*
 * zip_peer: what the model scanner and libarchive see in a zip, for tests/interop/zip_diff.py.
 * Reads u32le length + archive, answers u32le length + lines:
 *   N                 the scan left a gap or a flag: a gate would not let it pass
 *   F SHA256 PATH     a stream that the scan told, with its path escaped
 *   A SHA256 NAME     a member as libarchive's reader by directory gives it; the name in hex
 *   S SHA256 NAME     a member as its reader by local headers does
 * Members that libarchive cannot read to their end are left out. It runs without a sandbox.
 */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "scanner/formats/format.h"

#define MOST ((size_t)16 << 20) /* bytes of an archive, and of what libarchive gives */

static void line(struct buf *b, const char *text)
{
    buf_put(b, slice_str(text));
}

static bool odd(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status != COVERAGE_READ || f->coverage[i].unread != 0)
            return true;
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.member") == 0)
            return true;
    return false;
}

static void ours(struct slice bytes, struct buf *b)
{
    struct format_run run = {.hash = FORMAT_HASH_MEMBERS};
    struct arena a, scratch;
    struct facts facts;
    struct sink sink;
    struct err e = {0};
    struct source *s = source_memory(bytes);
    struct format_input in = {
        .bytes = s, .path = "m.zip", .sink = &sink, .scratch = &scratch, .run = &run};

    arena_init(&a);
    arena_init(&scratch);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "m.zip";
    if (!format_scan(&in, &e) || odd(&facts))
        line(b, "N\n");
    for (size_t i = 0; i < facts.nfacts; i++) {
        const struct value *v = facts.facts[i].attributes;
        const char *sha = value_cstr(value_get(v, "sha256"), "");

        if (strcmp(facts.facts[i].type, "model.file") == 0 && sha[0] != '\0')
            line(b, arena_printf(&a, "F %s %s\n", sha + strlen("sha256:"),
                                 value_cstr(value_get(v, "path"), "")));
    }
    source_free(s);
    arena_release(&scratch);
    arena_release(&a);
}

/* The digest of the current member; false when it cannot be read to its end. */
static bool member(struct archive *x, char *text)
{
    static uint8_t block[64 << 10];
    struct digest_ctx ctx;
    struct digest d;
    la_ssize_t got;
    size_t all = 0;

    digest_init(&ctx, DIGEST_SHA256);
    while ((got = archive_read_data(x, block, sizeof(block))) > 0 && all < MOST) {
        digest_update(&ctx, (struct slice){block, (size_t)got});
        all += (size_t)got;
    }
    digest_final(&ctx, &d);
    digest_release(&ctx);
    digest_text(&d, text);
    return got == 0;
}

static void theirs(struct slice bytes, bool seekable, struct buf *b)
{
    struct archive *x = archive_read_new();
    struct archive_entry *entry;
    char sha[DIGEST_TEXT_MAX];
    char hex[3];

    if (x == NULL || (seekable ? archive_read_support_format_zip_seekable(x)
                               : archive_read_support_format_zip_streamable(x)) != ARCHIVE_OK)
        abort();
    if (archive_read_open_memory(x, bytes.data, bytes.len) == ARCHIVE_OK)
        for (unsigned n = 0; n < 10000; n++) {
            const int rc = archive_read_next_header(x, &entry);
            const char *name;

            if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
                break;
            if (archive_entry_filetype(entry) != AE_IFREG || !member(x, sha))
                continue;
            name = archive_entry_pathname(entry);
            line(b, seekable ? "A " : "S ");
            line(b, sha + strlen("sha256:"));
            line(b, " ");
            for (const char *p = name; p != NULL && *p != '\0'; p++) {
                snprintf(hex, sizeof(hex), "%02x", (unsigned)(uint8_t)*p);
                line(b, hex);
            }
            line(b, "\n");
        }
    archive_read_free(x);
}

int main(void)
{
    uint32_t n;

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive gives no name that the locale cannot say */
    while (fread(&n, 4, 1, stdin) == 1 && n < MOST) {
        uint8_t *bytes = malloc(n + 1u);
        struct buf b;

        if (bytes == NULL || (n > 0 && fread(bytes, 1, n, stdin) != n))
            return free(bytes), 1;
        buf_init(&b, 64u << 20);
        ours((struct slice){bytes, n}, &b);
        theirs((struct slice){bytes, n}, true, &b);
        theirs((struct slice){bytes, n}, false, &b);
        n = (uint32_t)b.len;
        fwrite(&n, 4, 1, stdout);
        if (n > 0)
            fwrite(b.data, 1, n, stdout);
        fflush(stdout);
        buf_release(&b);
        free(bytes);
    }
    return 0;
}
