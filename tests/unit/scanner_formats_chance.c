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
