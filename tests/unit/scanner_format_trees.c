/* TensorFlow Lite, Core ML, skops, tree ensembles and XML: every fixture in good/ is read whole,
 * every one in bad/ tells what its .want says: "status offset reason" of the ledger, or "fact TYPE
 * ATTRIBUTE VALUE", where VALUE is what the attribute is, an element or a key of it, or its
 * length. */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "scanner/formats/format.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scan.h"

#define PADDING 4 /* bytes at the end that may be missing */

/* Read once for all that a process scans. */
static const struct imports *imports(void)
{
    static const struct imports *loaded;
    static struct arena kept;
    const struct yaml_options plain = {0};
    const struct value *table;
    struct slice text;
    struct err e = {0};

    if (loaded != NULL)
        return loaded;
    arena_init(&kept);
    cr_assert(file_read("rules/detectors/imports.yaml", 1u << 20, &kept, &text, &e), "%s", e.text);
    cr_assert(yaml_read(text, &plain, &kept, &table, &e), "%s", e.text);
    cr_assert(imports_load(table, &kept, &loaded, &e), "%s", e.text);
    return loaded;
}

static void scan(const char *name, struct slice bytes, struct arena *a, struct facts *facts)
{
    cr_expect(scan_bytes(bytes, name, imports(), a, facts), "%s", name);
}

static void sums(const struct facts *f, const char *what)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        cr_expect_eq(c->parsed + c->scanned + c->opaque + c->unread, c->bytes,
                     "%s: %s does not sum up", what, c->path);
    }
}

static bool whole(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status != COVERAGE_READ || f->coverage[i].unread != 0)
            return false;
    return f->ncoverage > 0;
}

/* Nothing that a rule of high severity could stumble over. */
static bool calm(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;
        const char *type = f->facts[i].type;

        if (strcmp(type, "model.member") == 0 || value_true(value_get(a, "doctype")) ||
            value_int_or(value_get(a, "problem_count"), 0) != 0 ||
            value_int_or(value_get(a, "mismatched_sizes"), 0) != 0)
            return false;
        if (strcmp(type, "model.import") == 0 &&
            strcmp(value_cstr(value_get(a, "risk"), ""), "allow") != 0)
            return false;
    }
    return true;
}

static void is_good(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(name, bytes, &a, &facts);
    sums(&facts, name);
    cr_expect_str_eq(want, "", "%s", name);
    cr_expect(whole(&facts), "%s: %s", name,
              facts.coverage[0].reason != NULL ? facts.coverage[0].reason : "not whole");
    cr_expect(calm(&facts), "%s is not calm", name);
    arena_release(&a);
}

static bool matches(const struct value *v, const char *want)
{
    char number[32];

    if (v == NULL)
        return false;
    if (v->kind == VALUE_STRING)
        return slice_is(value_text(v), want);
    if (v->kind == VALUE_BOOL)
        return strcmp(want, v->as.boolean ? "true" : "false") == 0;
    snprintf(number, sizeof(number), "%" PRId64,
             v->kind == VALUE_INT ? v->as.integer : (int64_t)value_len(v));
    if (strcmp(number, want) == 0)
        return true;
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->len; i++)
        if (slice_is(value_text(v->as.items[i]), want))
            return true;
    return v->kind == VALUE_MAP && value_get(v, want) != NULL;
}

static bool told(const struct facts *f, char *want)
{
    char *type = want + strlen("fact "), *attribute, *value;

    attribute = strchr(type, ' ');
    cr_assert(attribute != NULL);
    *attribute++ = '\0';
    value = strchr(attribute, ' ');
    cr_assert(value != NULL);
    *value++ = '\0';
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, type) == 0 &&
            matches(value_get(f->facts[i].attributes, attribute), value))
            return true;
    return false;
}

static const char *status(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.file") == 0)
            return value_cstr(value_get(f->facts[i].attributes, "status"), "");
    return "";
}

static void is_bad(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(name, bytes, &a, &facts);
    sums(&facts, name);
    if (strncmp(want, "fact ", 5) == 0) {
        cr_expect(told(&facts, arena_strdup(&a, want)), "%s: nothing tells '%s' (%s)", name, want,
                  status(&facts));
    } else {
        const struct coverage *c = &facts.coverage[0];
        const char *offset =
            c->offset == ERR_NO_OFFSET ? "-" : arena_printf(&a, "%" PRIu64, c->offset);

        cr_expect_str_eq(arena_printf(&a, "%s %s %s", status(&facts), offset,
                                      c->reason != NULL ? c->reason : ""),
                         want, "%s: got '%s %s %s'", name, status(&facts), offset,
                         c->reason != NULL ? c->reason : "");
    }
    arena_release(&a);
}

/* Cut at every byte: never whole, but for the first letters, which are a text, and the padding at
 * the end. */
static void is_cut(const char *name, struct slice bytes, const char *want)
{
    const size_t step = bytes.len > 2048 ? 97 : 1;

    (void)want;
    if (strcmp(name, "labels.tflite") == 0) /* without its zip it is a whole model again */
        return;
    for (size_t n = 1; n + PADDING < bytes.len; n += step) {
        uint8_t *copy = malloc(n);
        struct facts facts;
        struct arena a;

        arena_init(&a);
        cr_assert(copy != NULL);
        memcpy(copy, bytes.data, n);
        scan(name, (struct slice){copy, n}, &a, &facts);
        sums(&facts, name);
        cr_expect(!whole(&facts) || n < PADDING + 1, "%s cut at %zu is whole", name, n);
        arena_release(&a);
        free(copy);
    }
}

static const struct folder {
    const char *what;
    size_t good, bad;
    bool cut; /* no prefix of a good one is a good one */
} folders[] = {
    {"tflite", 8, 30, true},  {"coreml", 5, 15, true},    {"milblob", 2, 6, true},
    {"catboost", 3, 8, true}, {"lightgbm", 3, 13, false}, {"xgboost", 9, 18, true},
    {"ubjson", 4, 14, true},  {"xml", 8, 30, false},      {"skops", 1, 14, true},
};

static const char *path(struct arena *a, const struct folder *f, const char *kind)
{
    return arena_printf(a, "fixtures/%s/%s", f->what, kind);
}

CASES(scanner_format_trees, good_ones_are_read_and_bad_ones_told, folders)
{
    const struct folder *f = &folders[*case_index];
    struct arena a;

    arena_init(&a);
    cr_expect_geq(fixture_each(path(&a, f, "good"), is_good), f->good, "%s", f->what);
    cr_expect_geq(fixture_each(path(&a, f, "bad"), is_bad), f->bad, "%s", f->what);
    arena_release(&a);
}

CASES(scanner_format_trees, cut_ones_are_not_whole, folders)
{
    const struct folder *f = &folders[*case_index];
    struct arena a;

    arena_init(&a);
    if (f->cut)
        fixture_each(path(&a, f, "good"), is_cut);
    arena_release(&a);
}
