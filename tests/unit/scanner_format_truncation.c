/*
 * No good file of any format, cut short, is clean: some stream of it is not "read", something is a
 * gap of the ledger, or the name promises another format than what is left (ML-GEN-002). Files up
 * to EVERY_BYTE are cut at each byte, larger ones at PLACES places. Formats come from formats.def,
 * their files from fixtures/<format>_model/good, or else fixtures/<format>/good.
 */
#include <string.h>

#include "base/attr.h"
#include "base/yaml.h"
#include "scanner/formats/format.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"
#include "tests/lib/fixture.h"

#define EVERY_BYTE 4096
#define PLACES 200

/* Where a shorter file is a whole one: at most `cuts` of its cuts may be clean, or any that takes
 * off nothing but zeros. The cut that leaves nothing is not made: model-holds-weights judges it. */
static const struct exemption {
    const char *path; /* the beginning of format/file */
    size_t cuts;
    bool zeros;
    const char *why;
} exemptions[] = {
    {"text/", SIZE_MAX, false, "lines have no end marker"},
    {"python/", SIZE_MAX, false, "sources have no end marker"},
    {"native/", SIZE_MAX, false, "refused as a program by its head alone (ML-GEN-003)"},
    {"pickle/two-streams.pkl", 1, false, "behind its first stream it is a file of one stream"},
    {"json_model/", 1, false, "the line feed behind the value"},
    {"tar_model/", 0, true, "zeros behind the last member are its end marker and padding"},
    {"gguf/", 1, true, "the padding behind the last tensor may be missing"},
};

static const struct imports *table;
static const char *folder;

static const struct exemption *exemption(const char *name)
{
    static const struct exemption none = {"", 0, false, ""};
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    for (size_t i = 0; i < ARRAY_LEN(exemptions); i++)
        if (strncmp(path, exemptions[i].path, strlen(exemptions[i].path)) == 0)
            return &exemptions[i];
    return &none;
}

/* How many zeros the file ends with. */
static size_t zeros(struct slice s)
{
    size_t n = 0;

    while (n < s.len && s.data[s.len - 1 - n] == 0)
        n++;
    return n;
}

static bool is_clean(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status != COVERAGE_READ || f->coverage[i].unread != 0)
            return false;
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;

        if (strcmp(f->facts[i].type, "model.file") == 0 &&
            (strcmp(value_cstr(value_get(a, "status"), ""), "read") != 0 ||
             value_true(value_get(a, "extension_mismatch"))))
            return false;
    }
    return true;
}

static bool scan(const char *name, struct slice bytes)
{
    struct format_run run = {.imports = table};
    struct arena a, scratch;
    struct facts facts;
    struct sink sink;
    struct err e = {0};
    struct source *s = source_memory(bytes);
    struct format_input in = {
        .bytes = s, .path = name, .sink = &sink, .scratch = &scratch, .run = &run};
    bool clean;

    arena_init(&a);
    arena_init(&scratch);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = name;
    cr_expect(format_scan(&in, &e), "%s: %s", name, e.text);
    cr_expect_geq(facts.ncoverage, 1, "%s cut at %zu has no ledger line", name, bytes.len);
    clean = is_clean(&facts);
    source_free(s);
    arena_release(&scratch);
    arena_release(&a);
    return clean;
}

static void cut(const char *name, struct slice bytes, const char *want)
{
    const size_t step = bytes.len > EVERY_BYTE ? bytes.len / PLACES : 1;
    const struct exemption *free_of = exemption(name);
    const size_t end = bytes.len - (free_of->zeros ? zeros(bytes) : 0);
    size_t clean = 0, first = 0;

    (void)want;
    cr_expect(scan(name, bytes), "%s/%s: the whole file is not clean", folder, name);
    for (size_t n = 1; n < end; n += step) {
        struct slice copy = exact(bytes.data, n);

        if (scan(name, copy) && clean++ == 0)
            first = n;
        exact_free(copy);
    }
    cr_expect_leq(clean, free_of->cuts, "%s/%s of %zu bytes: %zu cuts are clean, the first at %zu",
                  folder, name, bytes.len, clean, first);
}

static const struct imports *load(struct arena *a)
{
    const struct yaml_options plain = {0};
    const struct imports *imports = NULL;
    const struct value *doc;
    struct err e = {0};
    struct slice text = fixture_read("rules/detectors/imports.yaml", NULL, 0);

    cr_assert(yaml_read(text, &plain, a, &doc, &e), "%s", e.text);
    cr_assert(imports_load(doc, a, &imports, &e), "%s", e.text);
    exact_free(text);
    return imports;
}

ParameterizedTestParameters(scanner_format_truncation, no_cut_is_clean)
{
    static size_t index[FORMAT_SEEN_MAX];
    size_t n = 0;

    for (; n < FORMAT_SEEN_MAX && format_table[n] != NULL; n++)
        index[n] = n;
    return cr_make_param_array(size_t, index, n);
}

ParameterizedTest(size_t *format_index, scanner_format_truncation, no_cut_is_clean)
{
    static const char *const kinds[] = {"_model",
                                        ""}; /* fixtures/json and tar are of other readers */
    const char *name = format_table[*format_index]->name;
    struct arena a;
    char path[512], label[128];
    size_t files = 0;

    arena_init(&a);
    table = load(&a);
    for (size_t i = 0; i < ARRAY_LEN(kinds) && files == 0; i++) {
        DIR *d;

        snprintf(label, sizeof(label), "%s%s", name, kinds[i]);
        snprintf(path, sizeof(path), "fixtures/%s/good", label);
        folder = label;
        d = opendir(path);
        if (d == NULL)
            continue;
        closedir(d);
        files += fixture_each(path, cut);
    }
    cr_expect_geq(files, 1, "no fixtures/%s/good", name);
    arena_release(&a);
}
