/*
 * Each format's parser over raw bytes, then the whole of format_scan over them. Traps
 * when a parser accounts for more bytes than there are, when success leaves an error
 * behind, or when a ledger line does not sum up.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "scanner/formats/format.h"

#define PASTE(a, b) a##b
#define FORMAT_OF(name) PASTE(format_, name)
#define TEXT(name) #name
#define NAME_OF(name) TEXT(name)

extern const struct format FORMAT_OF(FUZZ_FORMAT);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names that mean something to a reader; the length of the input chooses one. */
static const char *const names[] = {"model.pkl", "input.distcp", ".metadata", "input.bin", "input"};

static void check_facts(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (c->parsed + c->scanned + c->opaque + c->unread != c->bytes)
            abort();
        if ((c->status == COVERAGE_READ) != (c->code == NULL) ||
            (c->unread > 0 && c->status == COVERAGE_READ))
            abort();
    }
}

static void parse_alone(const struct format_input *given, size_t size)
{
    struct format_input in = *given;
    struct format_cover cover = {0};
    struct err e = {0};
    struct feed feed;
    struct arena scratch;
    uint64_t sum;
    bool ok;

    arena_init(&scratch);
    feed_init(&feed, in.bytes, false);
    in.scratch = &scratch;
    in.feed = &feed;
    ok = FORMAT_OF(FUZZ_FORMAT).parse(&in, &cover, &e);
    if (ok != (e.code == ERR_NONE) || (ok && e.text[0] != '\0'))
        abort();
    if (cover.parsed > size || (cover.scanned > size && cover.scanned != UINT64_MAX) ||
        cover.opaque > size)
        abort();
    sum = cover.scanned == UINT64_MAX ? 0 : cover.parsed + cover.scanned + cover.opaque;
    if (sum > size)
        abort();
    feed_release(&feed);
    arena_release(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct format_run run = {0};
    struct arena a, scratch;
    struct facts facts;
    struct sink sink;
    struct err e = {0};
    struct source *s = source_memory((struct slice){data, size});
    const char *name = names[size % ARRAY_LEN(names)];
    struct format_input in = {
        .bytes = s, .path = name, .sink = &sink, .scratch = &scratch, .run = &run};

    arena_init(&a);
    arena_init(&scratch);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "input";
    (void)FORMAT_OF(FUZZ_FORMAT)
        .probe((struct slice){data, size < FORMAT_PROBE_BYTES ? size : FORMAT_PROBE_BYTES}, name);
    parse_alone(&in, size);
    if (!format_scan(&in, &e))
        abort(); /* memory cannot refuse to be read */
    check_facts(&facts);
    source_free(s);
    arena_release(&scratch);
    arena_release(&a);
    return 0;
}
