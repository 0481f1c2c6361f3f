/*
 * Any JSON as a verdict document, in every format: no crash, no control byte, no element that
 * the document brought along. Seeds: fixtures/report.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "reports/report.h"

static void demand(bool held)
{
    if (!held)
        abort();
}

/* Line ends are ours; the text form has colours only when asked. */
static void check_bytes(struct slice out)
{
    size_t bad;

    demand(slice_utf8(out, &bad));
    for (size_t i = 0; i < out.len; i++)
        demand(out.data[i] == '\n' || out.data[i] >= 0x20);
}

static void check_html(struct slice out)
{
    size_t at;

    demand(slice_starts(out, "<!DOCTYPE html>") && slice_ends(out, "</html>\n"));
    demand(!slice_find(out, SLICE_LIT("<script"), &at));
}

static void run(const struct value *verdict, const struct report_options *opt)
{
    const struct value_doc doc = value_doc_of(verdict);

    for (size_t i = 0; report_table[i] != NULL; i++) {
        const struct report_format *f = report_table[i];
        const struct value *again;
        struct arena a;
        struct err e = {0};
        struct buf out;

        arena_init(&a);
        buf_init(&out, 256u << 20);
        demand(f->write(&doc, opt, &out, &e) && e.text[0] == '\0' && out.len > 0);
        check_bytes(buf_slice(&out));
        if (strcmp(f->name, "json") == 0 || strcmp(f->name, "sarif") == 0)
            demand(json_read(buf_slice(&out), &a, &again, &e));
        if (strcmp(f->name, "html") == 0)
            check_html(buf_slice(&out));
        buf_release(&out);
        arena_release(&a);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct report_options options[] = {{.verbose = false},
                                                    {.width = 40, .verbose = true}};
    const struct value *verdict;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    if (json_read((struct slice){data, size}, &a, &verdict, &e))
        run(verdict, &options[size % 2]);
    arena_release(&a);
    return 0;
}
