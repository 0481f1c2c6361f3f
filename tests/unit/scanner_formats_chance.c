/* Bytes of one format that are those of another for a while: a header of safetensors begins with
 * its length, and a length may be an opcode of pickles. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/scanner_model_support.h"

struct chance_case {
    const char *what;
    uint64_t len;       /* of the header */
    const char *behind; /* what the tensor data begins with */
    bool pickle;        /* told as one, too */
};

static const struct chance_case chances[] = {
    {"no opcode", 0x2000, "\n.", false},
    {"a persistent id, and no opcode", 0x2050, "\nA", false},
    {"a persistent id, and the end of that", 0x2050, "\n.A", false},
    {"a persistent id, and an extension code", 0x2050, "\n\x82\1A", false},
    {"a persistent id, and no line behind GLOBAL", 0x2050, "\nc\1\2A\n\3\nA", false},
    {"a persistent id, and a call", 0x2050, "\ncos\nsystem\n(S'id'\ntR.", true},
    {"a persistent id, and an import that breaks", 0x2050, "\ncos\nsystem\nA", true},
    {"a string, and what nobody calls that", 0x2058, "\n", false},
};

CASES(scanner_formats_chance, a_header_of_safetensors_is_no_pickle, chances)
{
    const struct chance_case *c = &chances[*case_index];
    const size_t data = strlen(c->behind);
    struct scanned s;
    struct buf b;
    const struct value *formats;

    buf_init(&b, 1 << 20);
    for (unsigned i = 0; i < 8; i++)
        buf_u8(&b, (uint8_t)(c->len >> (8 * i)));
    buf_printf(&b, "{\"w\":{\"dtype\":\"U8\",\"shape\":[%zu],\"data_offsets\":[0,%zu]}}", data,
               data);
    while (buf_slice(&b).len < 8 + c->len)
        buf_u8(&b, ' ');
    buf_str(&b, c->behind);
    scanned_scan(&s, "m.safetensors", buf_slice(&b));
    formats = value_get(scanned_fact(&s, "model.file", 0), "formats");
    cr_expect_str_eq(value_cstr(value_item(formats, 0), ""), "safetensors", "%s", c->what);
    cr_expect_eq(value_len(formats), c->pickle ? 2 : 1, "%s", c->what);
    scanned_release(&s);
    buf_release(&b);
}

/* What macOS packs beside a file has the name of that. */
Test(scanner_formats_chance, attributes_of_a_file_are_not_the_file)
{
    static const char *const names[] = {"._m.safetensors", "._m.onnx", "._config.json", "._m.pkl",
                                        "._m.py",          "._m.pt",   "._conda.yaml",  "._m.h5"};
    static const uint8_t bytes[] = "\0\5\x16\7\0\2\0\0Mac OS X        \0\1"
                                   "\0\0\0\x09\0\0\0\x26\0\0\0\4data";

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct value *f;
        struct scanned s;

        scanned_scan(&s, names[i], (struct slice){bytes, sizeof(bytes) - 1});
        f = scanned_fact(&s, "model.file", 0);
        cr_expect_str_eq(scanned_text(f, "format"), "appledouble", "%s", names[i]);
        cr_expect_eq(value_len(value_get(f, "formats")), 1, "%s", names[i]);
        cr_expect_str_eq(scanned_text(f, "status"), "read", "%s", names[i]);
        cr_expect_not(value_true(value_get(f, "extension_mismatch")), "%s", names[i]);
        scanned_release(&s);
    }
}

/* ---- numbers of tensors ---- */
#define NUMBERS 4096 /* bytes of one storage */
#define STORAGES 60000

enum numbers { FLOAT32, BFLOAT16, FLOAT64, INT8, INT32, INT64, ANY, NUMBERS_KINDS };

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Weights lie around zero: the sum of twelve draws from -0.5 to 0.5. */
static double weight(uint64_t *seed)
{
    double sum = 0;

    for (unsigned i = 0; i < 12; i++)
        sum += (double)(draw(seed) >> 11) * 0x1p-53 - 0.5;
    return sum;
}

/* One number of the kind at `to`; gives its width. */
static size_t number(enum numbers kind, uint64_t *seed, uint8_t *to)
{
    const float f = (float)(weight(seed) * 0.3);
    const double d = weight(seed);
    const uint64_t any = draw(seed), small = any % (any & 1 << 20 ? 100 : 40000);
    const uint32_t small32 = (uint32_t)small;
    const int8_t byte = (int8_t)(d * 30);

    switch (kind) {
    case FLOAT32:
        memcpy(to, &f, sizeof(f));
        return sizeof(f);
    case BFLOAT16: /* the upper half, little endian */
        memcpy(to, (const uint8_t *)&f + 2, 2);
        return 2;
    case FLOAT64:
        memcpy(to, &d, sizeof(d));
        return sizeof(d);
    case INT8:
        memcpy(to, &byte, sizeof(byte));
        return sizeof(byte);
    case INT32:
        memcpy(to, &small32, sizeof(small32));
        return sizeof(small32);
    case INT64:
        memcpy(to, &small, sizeof(small));
        return sizeof(small);
    case ANY:
    case NUMBERS_KINDS:
        break;
    }
    memcpy(to, &any, sizeof(any));
    return sizeof(any);
}

static bool certain(struct slice head)
{
    for (size_t i = 0; format_table[i] != NULL; i++)
        if (format_table[i]->probe(head, "7") >= FORMAT_CERTAIN)
            return true;
    return false;
}

/* A model has hundreds of storages, so that one in a hundred thousand is too many. */
ParameterizedTestParameters(scanner_formats_chance, numbers_are_numbers)
{
    static enum numbers kinds[NUMBERS_KINDS];

    for (int i = 0; i < NUMBERS_KINDS; i++)
        kinds[i] = (enum numbers)i;
    return cr_make_param_array(enum numbers, kinds, NUMBERS_KINDS);
}

ParameterizedTest(enum numbers *kind, scanner_formats_chance, numbers_are_numbers)
{
    static uint8_t bytes[NUMBERS + STORAGES * 8];
    uint64_t seed = 88172645463325252u;
    size_t len = 0;

    while (len + 8 <= sizeof(bytes))
        len += number(*kind, &seed, bytes + len);
    for (size_t at = 0; at + NUMBERS <= len; at += 8) {
        const struct slice storage = {bytes + at, NUMBERS};
        struct facts facts;
        struct arena a;

        if (!certain(storage))
            continue;
        arena_init(&a);
        cr_assert(scan_storage(storage, "7", &a, &facts));
        cr_expect_str_eq(value_cstr(value_get(scan_fact(&facts, "model.file"), "format"), ""),
                         "tensor-data", "kind %d, at %zu", (int)*kind, at);
        arena_release(&a);
    }
}

/* Bytes of a weight file that was cut into pieces, as they were found. */
Test(scanner_formats_chance, what_no_loader_brings_along_is_not_called)
{
    static const struct {
        const char *bytes;
        const char *format;
    } rows[] = {
        {"\x8f\x88\x82\x7d\x92\x90\x87\x99\x97\x93\x71\x70\x6b\x7d\x78\x78", "unknown"},
        {"\x81\xa1\x61\xc7\x01\xae\x61", "unknown"}, /* an extension type of MessagePack */
        {"(K\1cos\nsystem\nR\x90", "pickle"},
        {"(K\1Px\nR\x90", "pickle"}, /* a loader of such ids may give what can be called */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scanned s;

        scanned_scan(&s, "7", slice_str(rows[i].bytes));
        cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "format"), rows[i].format,
                         "%zu", i);
        scanned_release(&s);
    }
}
