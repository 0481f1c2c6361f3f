/*
 * Configuration documents. A first byte '1' to '6' picks the kind in the order of configs.def and
 * is not part of the text; any other byte is, and the kind is probed. What must hold: success and
 * the error agree, one ledger line, its parts sum to the length, facts have what every fact has.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/config/config.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_facts(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct fact *x = &f->facts[i];

        check(x->source != NULL && x->type != NULL && x->type[0] != '\0');
        check(x->address != NULL && x->address[0] != '\0' && x->name != NULL);
        check(value_is(x->attributes, VALUE_MAP));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_text t = {.bytes = {data, size}};
    struct arena scratch, kept;
    struct facts f;
    struct sink sink = {0};
    struct err e = {0};
    bool ok;

    if (size > 0 && data[0] >= '1' && data[0] <= '6') {
        t.kind = config_table[data[0] - '1']->name;
        t.bytes = (struct slice){data + 1, size - 1};
    }
    arena_init(&scratch);
    arena_init(&kept);
    facts_init(&f, &kept);
    sink_to_facts(&sink, &f);
    sink.subject_name = "subject";
    sink.input_name = "input";
    ok = config_scan(&t, &scratch, &sink, &e);
    check(ok == (e.code == ERR_NONE) && ok == (e.text[0] == '\0'));
    check(f.ncoverage == 1);
    check(f.coverage[0].bytes == t.bytes.len);
    check(f.coverage[0].parsed + f.coverage[0].scanned + f.coverage[0].opaque +
              f.coverage[0].unread ==
          f.coverage[0].bytes);
    check(ok == (f.coverage[0].status != COVERAGE_UNREADABLE));
    check(ok == (f.coverage[0].unread == 0) || t.bytes.len == 0);
    check((f.coverage[0].status == COVERAGE_READ) == (f.coverage[0].reason == NULL));
    check_facts(&f);
    arena_release(&scratch);
    arena_release(&kept);
    return 0;
}
