/* Prose may be in the encoding of its country; what a machine reads may not. */
#include "base/buf.h"
#include "tests/unit/scanner_model_support.h"

struct prose_case {
    const char *name, *text;
    const char *format, *status;
};

static const struct prose_case prose[] = {
    {"README.md", "# Mod\xe8le \xe9t\xe9\n", "text", "read"},
    {"LICENSE", "\xa9 x\n", "text", "read"},
    {"a/README_zh.md", "\xc4\xa3\xd0\xcd\n", "text", "read"},
    {"notes.txt", "caf\xe9\n", "text", "read"},
    {"eval.csv", "caf\xe9,1\n", "text", "read"},
    {"notes.txt", "caf\xe9\n\x01", "unknown", "unsupported"},
    {"README.md", "\xff\xfe#\1", "unknown", "unsupported"},
    {"requirements.txt", "a==1\n# caf\xe9\n", "unknown", "unsupported"},
    {"license.bin", "\xa9 x\n", "unknown", "unsupported"},
    {"vocab.txt", "#!\n#\"\n", "text", "read"},
    {"vocab.txt", "#!/x\n", "script", "read"},
    {"run", "#! \t\rsh\n", "script", "read"},
    {"run", "#!/usr/bin/python3\n", "python", "read"},
    {"setup.txt", "#!/bin/sh\n# caf\xe9\n", "unknown", "unsupported"},
    {"config.json", "{\"a\": \"caf\xe9\"}", "json", "malformed"},
    {"serving.properties", "a=caf\xe9\n", "unknown", "unsupported"},
};

CASES(scanner_formats_prose, is_text_in_any_encoding, prose)
{
    const struct prose_case *c = &prose[*case_index];
    const struct value *f;
    struct scanned s;

    scanned_scan(&s, c->name, slice_str(c->text));
    f = scanned_fact(&s, "model.file", 0);
    cr_expect_str_eq(scanned_text(f, "format"), c->format, "%s: %s", c->name, c->text);
    cr_expect_str_eq(scanned_text(f, "status"), c->status, "%s: %s", c->name, c->text);
    scanned_release(&s);
}

/* The first odd byte stands behind what a probe sees, and behind one buffer. */
Test(scanner_formats_prose, far_behind_the_start)
{
    static const size_t at[] = {5000, 1 << 20, 3 << 20};

    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        for (int control = 0; control < 2; control++) {
            struct scanned s;
            struct buf b;

            buf_init(&b, 8 << 20);
            while (b.len < at[i])
                buf_str(&b, "all that is prose\n");
            buf_str(&b, control ? "\xe9\x01\n" : "\xe9t\xe9\n");
            scanned_scan(&s, "notes.txt", buf_slice(&b));
            cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"),
                             control ? "malformed" : "read", "%zu", at[i]);
            scanned_release(&s);
            buf_release(&b);
        }
}
