#ifndef TESTS_LIB_LEDGER_H
#define TESTS_LIB_LEDGER_H
/* What the facts of a model say as a whole: is all of it read, does the ledger add up, and what is
 * its first gap? */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "scanner/facts.h"
#include "tests/lib/scan.h"

/* Every stream was read to its end. */
static inline bool ledger_whole(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status != COVERAGE_READ || f->coverage[i].unread != 0)
            return false;
    return f->ncoverage > 0;
}

/* What was parsed, scanned, opaque and unread of each stream is all of it. */
static inline void ledger_sums(const struct facts *f, const char *name)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        cr_expect_eq(c->parsed + c->scanned + c->opaque + c->unread, c->bytes,
                     "%s: %s does not sum up", name, c->path);
    }
}

/* The status of the file that is named so; "" when nothing tells of it. */
static inline const char *ledger_status(const struct facts *f, const char *path)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.file") == 0 && strcmp(f->facts[i].address, path) == 0)
            return value_cstr(value_get(f->facts[i].attributes, "status"), "");
    return "";
}

/* Of the file that is named so: "status offset reason", as NAME.want of a fixture says it; the
 * offset is "-" when there is none. */
static inline const char *ledger_says(const struct facts *f, const char *path, struct arena *a)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];
        const char *offset =
            c->offset == ERR_NO_OFFSET ? "-" : arena_printf(a, "%" PRIu64, c->offset);

        if (strcmp(c->path, path) == 0)
            return arena_printf(a, "%s %s %s", ledger_status(f, path), offset,
                                c->reason != NULL ? c->reason : "");
    }
    return "nothing";
}

/* A good fixture has no NAME.want, and all of it was read. */
static inline void ledger_reads(const struct facts *f, const char *name, const char *want)
{
    ledger_sums(f, name);
    cr_expect_str_eq(want, "", "%s", name);
    cr_expect(ledger_whole(f), "%s: %s", name,
              f->ncoverage > 0 && f->coverage[0].reason != NULL ? f->coverage[0].reason
                                                                : ledger_status(f, name));
}

/* A bad one is told as its NAME.want says. */
static inline void ledger_refuses(const struct facts *f, const char *name, const char *want)
{
    struct arena a;
    const char *got;

    arena_init(&a);
    got = ledger_says(f, name, &a);
    ledger_sums(f, name);
    cr_expect_str_eq(got, want, "%s: got '%s'", name, got);
    arena_release(&a);
}
#endif
