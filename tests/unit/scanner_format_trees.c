/* TensorFlow Lite, Core ML, skops, tree ensembles, XML, and what stands beside a model: every
 * fixture in good/ is read whole, every one in bad/ tells what its .want says: "status offset
 * reason" of the ledger, or "fact TYPE ATTRIBUTE VALUE", where VALUE is what the attribute is, an
 * element or a key of it, or its length. */
#include <inttypes.h>
#include <string.h>

#include "scanner/formats/format.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/imports.h"
#include "tests/lib/ledger.h"

static void scan(const char *name, struct slice bytes, struct arena *a, struct facts *facts)
{
    cr_expect(scan_bytes(bytes, name, imports_table(), a, facts), "%s", name);
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
    ledger_reads(&facts, name, want);
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

static void is_bad(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(name, bytes, &a, &facts);
    ledger_sums(&facts, name);
    if (strncmp(want, "fact ", 5) == 0)
        cr_expect(told(&facts, arena_strdup(&a, want)), "%s: nothing tells '%s' (%s)", name, want,
                  ledger_says(&facts, name, &a));
    else
        cr_expect_str_eq(ledger_says(&facts, name, &a), want, "%s: got '%s'", name,
                         ledger_says(&facts, name, &a));
    arena_release(&a);
}

static const struct folder {
    const char *what;
    size_t good, bad;
} folders[] = {
    {"tflite", 8, 30},        {"coreml", 5, 15},
    {"milblob", 2, 6},        {"catboost", 3, 8},
    {"lightgbm", 3, 13},      {"xgboost", 9, 18},
    {"ubjson", 4, 14},        {"xml", 8, 30},
    {"skops", 1, 15},         {"msgpack", 3, 9},
    {"sentencepiece", 3, 10}, {"png", 2, 7},
    {"jpeg", 3, 4},           {"gif", 2, 5},
    {"riff", 3, 4},           {"bmff", 3, 6},
    {"dsstore", 1, 4},        {"appledouble", 1, 5},
    {"ort", 7, 20},           {"executorch", 18, 60},
    {"flat_tensor", 3, 14},   {"faiss", 40, 42},
    {"gitlfs", 2, 6},         {"fasttext", 4, 8},
    {"tfhub", 1, 2},          {"ctranslate2", 2, 9},
    {"word2vec", 4, 16},      {"crfsuite", 4, 25},
    {"pyc", 10, 20},          {"tfjs", 7, 23},
    {"parquet", 13, 30},      {"arrow", 8, 20},
    {"flac", 5, 12},          {"ogg", 4, 9},
    {"mp3", 5, 14},           {"pdf", 9, 27},
    {"gitannex", 4, 13},      {"rds", 15, 50},
    {"java", 14, 35},         {"torch7", 7, 20},
    {"mxnet", 11, 16},        {"caffe", 20, 80},
    {"paddle", 8, 47},        {"paddle_params", 8, 28},
    {"zarr", 15, 25},         {"ocdbt", 12, 30},
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
