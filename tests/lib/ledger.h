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
#endif
