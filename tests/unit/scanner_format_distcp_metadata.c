/* .metadata of torch.distributed.checkpoint: every place that its reader could take bytes from. */
#include <string.h>

#include "scanner/formats/companions.h"
#include "scanner/formats/torch/torch_metadata.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/imports.h"
#include "tests/lib/scan.h"

#define INFO "ctorch.distributed.checkpoint.filesystem\n_StorageInfo\n)\x81"
#define PATH(p) "U\x0drelative_pathU\x08" p
#define OFFSET(n) "U\x06offsetK" n
#define LENGTH(n) "U\x06lengthK" n
#define ALL(p, o, l) "}(" PATH(p) OFFSET(o) LENGTH(l) "u"

static const struct metadata_case {
    const char *what, *bytes;
    size_t len;
    uint64_t ranges;
    bool odd;
} cases[] = {
#define CASE(what, bytes, ranges, odd)                                                             \
    {                                                                                              \
        what, "\x80\2" bytes ".", sizeof("\x80\2" bytes ".") - 1, ranges, odd                      \
    }
    CASE("nothing", "}", 0, false),
    CASE("nothing of DICT, first of all", "(d", 0, false), /* no stack is there yet */
    CASE("as it is written", INFO ALL("x.distcp", "\1", "\7") "b", 1, false),
    CASE("one by one", INFO "}" PATH("x.distcp") "s" OFFSET("\1") "s" LENGTH("\7") "sb", 0, true),
    CASE("of DICT", INFO "(" PATH("x.distcp") OFFSET("\1") LENGTH("\7") "db", 1, false),
    CASE("filled twice",
         INFO ALL("x.distcp", "\1", "\7") "(" PATH("y.distcp") OFFSET("\2") LENGTH("\7") "ub", 2,
         false),
    CASE("only moved", INFO ALL("x.distcp", "\1", "\7") OFFSET("\2") "sb", 1, true),
    CASE("a key twice", INFO "}(" PATH("x.distcp") OFFSET("\1") LENGTH("\7") OFFSET("\2") "ub", 0,
         true),
    CASE("no length", INFO "}(" PATH("x.distcp") OFFSET("\1") "ub", 0, true),
    CASE("an offset that is computed",
         INFO "}(" PATH("x.distcp") "U\x06offsetcbuiltins\nint\n(K\1tR" LENGTH("\7") "ub", 0, true),
    CASE("a path that is computed",
         INFO "}(U\x0drelative_pathcbuiltins\nstr\n(U\1xtR" OFFSET("\1") LENGTH("\7") "ub", 0,
         true),
    CASE("a key that is computed", INFO "}(cbuiltins\nstr\n(U\1xtRU\1yub", 0, true),
    CASE("a negative offset",
         INFO "}(" PATH("x.distcp") "U\x06offsetJ\xff\xff\xff\xff" LENGTH("\7") "ub", 0, true),
    CASE("transformed",
         INFO "}(" PATH("x.distcp") OFFSET("\1") LENGTH("\7") "U\x15transform_descriptors]ub", 1,
         false),
    CASE("another class", "cargparse\nNamespace\n)\x81" ALL("x.distcp", "\1", "\7") "b", 1, false),
    CASE("slots",
         INFO "N" ALL("x.distcp", "\1", "\7") "\x86"
                                              "b",
         1, true),
    CASE("a state that a call makes", INFO "ccollections\nOrderedDict\n)Rb", 0, true),
    CASE("by its constructor",
         "ctorch.distributed.checkpoint.filesystem\n_StorageInfo\n"
         "(U\1xK\1K\7tR",
         0, true),
    CASE("a tensor of that name",
         "}U\x06offsetctorch.distributed.checkpoint.metadata\n"
         "TensorStorageMetadata\n)\x81s",
         0, false),
    CASE("the place of a tensor", "}(U\3fqnU\1wU\x06offsetctorch\nSize\n(K\0tRu", 0, false),
    CASE("its properties",
         "ctorch.distributed.checkpoint.metadata\nTensorProperties\n)\x81"
         "(NNNNNtb",
         0, false),
};

static int64_t number(const struct facts *f, const char *problem, const char *key)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.checkpoint_file") == 0 &&
            strcmp(value_cstr(value_get(f->facts[i].attributes, "problem"), ""), problem) == 0)
            return value_int_or(value_get(f->facts[i].attributes, key), -1);
    return -1;
}

/* Without a folder around it nothing is kept, so each file that is named is a problem of place. */
CASES(scanner_format_distcp_metadata, every_place_is_told, cases)
{
    const struct metadata_case *c = &cases[*case_index];
    struct facts facts;
    struct arena a;
    int64_t items = 0;

    arena_init(&a);
    cr_assert(scan_bytes((struct slice){(const uint8_t *)c->bytes, c->len}, "c/.metadata",
                         imports_table(), &a, &facts));
    for (size_t i = 0; i < facts.nfacts; i++)
        if (strcmp(facts.facts[i].type, "model.checkpoint_file") == 0)
            items += value_int_or(value_get(facts.facts[i].attributes, "items"), 0);
    cr_expect_eq(items, (int64_t)c->ranges, "%s: %d ranges", c->what, (int)items);
    cr_expect_eq(number(&facts, "unknown", "items") == 0, c->odd, "%s", c->what);
    arena_release(&a);
}

static const struct {
    const char *path;
    bool yes;
} named[] = {{".metadata", true},      {"c/.metadata", true},    {"m.tar!c/.metadata", true},
             {"__0.metadata", true},   {"__12.metadata", true},  {"__.metadata", false},
             {"x.metadata", false},    {".metadata.tmp", false}, {"metadata", false},
             {"c/__x.metadata", false}};

CASES(scanner_format_distcp_metadata, is_told_by_its_name, named)
{
    cr_expect_eq(torch_metadata_named(named[*case_index].path), named[*case_index].yes, "%s",
                 named[*case_index].path);
}

/* ---- with the files beside ---- */
/* The facts of a file in a folder whose metadata names the range. */
static void beside(struct slice bytes, uint64_t offset, uint64_t length, struct arena *a,
                   struct facts *facts)
{
    struct companions companions;
    struct format_run run = {.companions = &companions};
    struct sink sink;
    struct err e = {0};
    struct format_input in = {.path = "c/.metadata", .sink = &sink, .scratch = a, .run = &run};

    companions_init(&companions, a);
    facts_init(facts, a);
    sink_to_facts(&sink, facts);
    sink.subject_name = sink.input_name = "c";
    cr_expect_str_eq(companions_range(&in, SLICE_LIT("x.distcp"), offset, length), "c/x.distcp");
    in.path = "c/x.distcp";
    in.bytes = source_memory(bytes);
    cr_assert(format_scan(&in, &e));
    source_free(in.bytes);
}

Test(scanner_format_distcp_metadata, a_range_is_an_item_or_strays)
{
    static const struct {
        uint64_t offset, length;
        int64_t stray;
    } rows[] = {{0, 776, 0},  {776, 557, 0}, {1333, 776, 0}, {0, 775, 1},       {1, 775, 1},
                {0, 2109, 1}, {776, 558, 1}, {2109, 0, 1},   {UINT64_MAX, 1, 1}};
    struct slice row;
    struct arena a;

    arena_init(&a);
    row = fixture_read("fixtures/distcp/good/__0_0.distcp", NULL, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct value *told;
        struct facts facts;

        beside(row, rows[i].offset, rows[i].length, &a, &facts);
        told = scan_fact(&facts, "model.distcp");
        cr_expect_eq(value_int_or(value_get(told, "items"), 0), 3);
        cr_expect_eq(value_int_or(value_get(told, "named"), 0), 1);
        cr_expect_eq(value_int_or(value_get(told, "stray"), -1), rows[i].stray, "%zu", i);
    }
    free((void *)(uintptr_t)row.data);
    arena_release(&a);
}

/* Only a plain name below the folder can be followed. */
static const char *const places[] = {"../x.distcp", "/tmp/x.distcp", "a/../x", "", "a//b", "x!y"};

CASES(scanner_format_distcp_metadata, other_folders_are_not_followed, places)
{
    struct companions companions;
    struct format_run run = {.companions = &companions};
    struct arena a;
    struct format_input in = {.path = "c/.metadata", .run = &run};

    arena_init(&a);
    in.scratch = &a;
    companions_init(&companions, &a);
    cr_expect(companions_range(&in, slice_str(places[*case_index]), 0, 1) == NULL, "%s",
              places[*case_index]);
    in.nesting = 1;
    cr_expect(companions_range(&in, SLICE_LIT("x.distcp"), 0, 1) == NULL, "in an archive");
    arena_release(&a);
}
