/* Files of torch.distributed.checkpoint: what is a row of files of torch.save, and who may be. */
#include <string.h>

#include "base/file.h"
#include "tests/lib/cases.h"
#include "tests/lib/imports.h"
#include "tests/lib/ledger.h"
#include "tests/lib/scan.h"

static struct slice fixture(const char *name, struct arena *a)
{
    struct slice bytes;
    struct err e = {0};

    cr_assert(file_read(arena_printf(a, "fixtures/%s", name), 1u << 20, a, &bytes, &e), "%s",
              e.text);
    return bytes;
}

static const char *attribute(const struct facts *f, const char *path, const char *key)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.file") == 0 &&
            strcmp(value_cstr(value_get(f->facts[i].attributes, "path"), ""), path) == 0)
            return value_cstr(value_get(f->facts[i].attributes, key), "");
    return "not told";
}

/* Each item is a stream of its own, named by its place; its members say so, too. */
Test(scanner_format_distcp, items_are_told_by_their_place)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    cr_assert(scan_bytes(fixture("distcp/good/__0_0.distcp", &a), "c/__0_0.distcp", imports_table(),
                         &a, &facts));
    cr_expect(ledger_whole(&facts));
    cr_expect_str_eq(attribute(&facts, "c/__0_0.distcp", "format"), "distcp");
    cr_expect_str_eq(attribute(&facts, "c/__0_0.distcp!item-0.pt", "format"), "pytorch");
    cr_expect_str_eq(attribute(&facts, "c/__0_0.distcp!item-776.pt", "container"), "distcp");
    cr_expect_str_eq(attribute(&facts, "c/__0_0.distcp!item-776.pt!archive/data.pkl", "format"),
                     "pickle");
    arena_release(&a);
}

/* The name alone tells who reads the file: under any other one loaders take the last zip. */
static const char *const others[] = {"m.pt",        "m.pth",     "m.bin",
                                     "m.npz",       "m.keras",   "distcp",
                                     "m.distcp.pt", "m.distcpx", "m.safetensors"};

CASES(scanner_format_distcp, a_row_of_another_name_is_odd, others)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    cr_assert(scan_bytes(fixture("distcp/good/__0_0.distcp", &a), others[*case_index],
                         imports_table(), &a, &facts));
    cr_expect_str_neq(attribute(&facts, others[*case_index], "format"), "distcp");
    cr_expect(scan_fact(&facts, "model.member") != NULL, "%s", others[*case_index]);
    arena_release(&a);
}

/* A byte more or less anywhere between the items ends the row. */
Test(scanner_format_distcp, nothing_lies_between_items)
{
    struct arena a;
    struct slice row;

    arena_init(&a);
    row = fixture("distcp/good/__0_0.distcp", &a);
    for (size_t cut = 0; cut < row.len; cut++) {
        uint8_t *bytes = arena_alloc(&a, row.len - 1);
        struct facts facts;

        memcpy(bytes, row.data, cut);
        memcpy(bytes + cut, row.data + cut + 1, row.len - cut - 1);
        cr_assert(scan_bytes((struct slice){bytes, row.len - 1}, "x.distcp", NULL, &a, &facts));
        cr_expect(!ledger_whole(&facts) || scan_fact(&facts, "model.member") != NULL,
                  "without byte %zu", cut);
    }
    arena_release(&a);
}
