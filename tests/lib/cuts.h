#ifndef TESTS_LIB_CUTS_H
#define TESTS_LIB_CUTS_H
/*
 * Model files cut short. Clean is what no gate would stop at: every stream is "read", the ledger
 * has no gap, nothing is odd about a member (ML-ZIP-*, ML-ARC-*), no operator is of a domain that
 * nobody knows (ML-ONX-006), and no name promises another format than what is left of the file
 * (ML-GEN-002).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/formats/format.h"
#include "tests/lib/scan.h"

#define CUTS_EVERY_BYTE 4096 /* bytes of a file that is cut at each of them */
#define CUTS_PLACES 200      /* cuts of a larger file */

struct cuts {
    const char *name; /* of the file: tells formats and promises apart */
    const struct imports *imports;
    bool zeros;                /* a cut that takes off nothing but zeros is not made */
    size_t made, clean, first; /* out: how many, how many were clean, where the first was */
};

/* An operator of ONNX: of the standard, of ONNX Runtime, or a function of the model itself. */
static inline bool cuts_domain_known(const struct value *op)
{
    const char *domain = value_cstr(value_get(op, "domain"), "");

    return strcmp(value_cstr(value_get(op, "framework"), ""), "onnx") != 0 || domain[0] == '\0' ||
           strncmp(domain, "ai.onnx", 7) == 0 || strncmp(domain, "com.microsoft", 13) == 0 ||
           value_true(value_get(op, "local"));
}

static inline bool cuts_facts_clean(const struct facts *f)
{
    bool clean = f->ncoverage > 0;

    for (size_t i = 0; i < f->ncoverage; i++)
        clean = clean && f->coverage[i].status == COVERAGE_READ && f->coverage[i].unread == 0;
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;

        if (strcmp(f->facts[i].type, "model.member") == 0)
            clean = false; /* something odd about a member, ML-ZIP-* and ML-ARC-* */
        if (strcmp(f->facts[i].type, "model.op") == 0)
            clean = clean && cuts_domain_known(a);
        if (strcmp(f->facts[i].type, "model.file") == 0)
            clean = clean && strcmp(value_cstr(value_get(a, "status"), ""), "read") == 0 &&
                    !value_true(value_get(a, "extension_mismatch"));
    }
    return clean;
}

/* Is a file of these bytes clean? In this process, without a sandbox. */
static inline bool cuts_clean(const struct cuts *c, struct slice bytes)
{
    struct arena a;
    struct facts facts;
    bool clean;

    arena_init(&a);
    clean = scan_bytes(bytes, c->name, c->imports, &a, &facts) && cuts_facts_clean(&facts);
    arena_release(&a);
    return clean;
}

/* Makes the cuts; the one that leaves nothing is not made: model-holds-weights judges that. */
static inline void cuts_make(struct cuts *c, struct slice bytes)
{
    const size_t step = bytes.len > CUTS_EVERY_BYTE ? bytes.len / CUTS_PLACES : 1;
    size_t end = bytes.len;

    while (c->zeros && end > 0 && bytes.data[end - 1] == 0)
        end--;
    for (size_t n = 1; n < end; n += step) {
        c->made++;
        if (cuts_clean(c, (struct slice){bytes.data, n}) && c->clean++ == 0)
            c->first = n;
    }
}
#endif
