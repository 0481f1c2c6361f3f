#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/script.h"

#define TOLD_TEXT 200

struct notebook {
    const struct format_input *in;
    size_t cell, told;
};

static bool contains(struct slice s, const char *what)
{
    size_t at;

    return slice_find(s, slice_str(what), &at);
}

static void found(struct notebook *n, const char *kind, struct slice text)
{
    struct arena *a = n->in->scratch;
    struct value_builder b;

    if (n->told > LIMIT_DOCUMENT_ITEMS)
        return;
    if (n->told++ == LIMIT_DOCUMENT_ITEMS)
        kind = "more";
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(n->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "cell", value_int(a, (int64_t)n->cell, NULL));
    value_map_add(&b, "kind", value_str(a, kind));
    value_map_add(&b, "text", format_string(a, text, TOLD_TEXT));
    format_tell(n->in, "model.notebook",
                arena_printf(a, "%s#%zu:%zu", n->in->path, n->cell, n->told), ERR_NO_OFFSET,
                value_map_end(&b, NULL));
}

/* ---- code ---- */
/* SPEC: IPython 9, "Built-in magic commands" */
static const struct {
    const char *begin, *kind;
} magics[] = {
    {"%%bash", "shell"},     {"%%sh", "shell"},        {"%%script", "shell"},
    {"%%system", "shell"},   {"%%cmd", "shell"},       {"%%!", "shell"},
    {"%%sx", "shell"},       {"%%perl", "shell"},      {"%%ruby", "shell"},
    {"%%pypy", "shell"},     {"%%python", "shell"},    {"%%javascript", "javascript"},
    {"%%js", "javascript"},  {"%%html", "javascript"}, {"%%svg", "javascript"},
    {"%%writefile", "file"}, {"%%file", "file"},       {"%system", "shell"},
    {"%sx", "shell"},        {"!", "shell"},           {"%pip", "install"},
    {"%conda", "install"},   {"%mamba", "install"},    {"%uv", "install"},
    {"%run", "run"},         {"%load", "run"},         {"%alias", "shell"},
};

static const struct {
    const char *holds, *kind;
} calls[] = {
    {"get_ipython().system", "shell"},
    {"get_ipython().getoutput", "shell"},
    {"get_ipython().run_cell_magic", "shell"},
    {"get_ipython().run_line_magic", "shell"},
    {"get_ipython().magic", "shell"},
    {"= !", "shell"},
    {"=!", "shell"},
    {"= %sx", "shell"},
    {"= %system", "shell"},
};

static void code_line(struct notebook *n, struct slice line)
{
    line = slice_trim_start(line, " \t");
    for (size_t i = 0; i < ARRAY_LEN(magics); i++)
        if (slice_starts(line, magics[i].begin)) {
            const bool install = contains(line, "pip install") || contains(line, "pip3 install") ||
                                 contains(line, "conda install");

            found(n, install ? "install" : magics[i].kind, line);
            return;
        }
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (contains(line, calls[i].holds) && !(calls[i].holds[0] == '=' && contains(line, "!="))) {
            found(n, calls[i].kind, line);
            return;
        }
}

static void code(struct notebook *n, struct slice s)
{
    while (s.len > 0) {
        const uint8_t *nl = memchr(s.data, '\n', s.len);
        const size_t len = nl != NULL ? (size_t)(nl - s.data) : s.len;

        code_line(n, (struct slice){s.data, len});
        s = slice_from(s, len + 1);
    }
}

/* ---- what a browser shows ---- */
static void markup(struct notebook *n, const char *kind, struct slice s)
{
    static const char *const words[] = {"<script",  "<SCRIPT", "<Script", "javascript:", "<iframe",
                                        "onerror=", "onload=", "<object", "<embed"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t at;

        if (!slice_find(s, slice_str(words[i]), &at))
            continue;
        found(n, kind, slice_from(s, at));
        return;
    }
}

/* A text, or a list of lines, is handed on piece by piece. */
static void each_text(struct notebook *n, const struct value *v, const char *kind)
{
    const size_t len = value_is(v, VALUE_LIST) ? value_len(v) : 1;

    for (size_t i = 0; i < len; i++) {
        const struct value *part = value_is(v, VALUE_LIST) ? value_item(v, i) : v;

        if (!value_is(part, VALUE_STRING))
            continue;
        if (kind == NULL)
            code(n, value_text(part));
        else
            markup(n, kind, value_text(part));
    }
}

static void outputs(struct notebook *n, const struct value *list)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *data = value_get(value_item(list, i), "data");

        each_text(n, value_get(data, "text/html"), "output-script");
        each_text(n, value_get(data, "image/svg+xml"), "output-script");
        each_text(n, value_get(data, "text/markdown"), "output-script");
        if (value_get(data, "application/javascript") != NULL)
            found(n, "output-javascript", value_text(value_get(data, "application/javascript")));
    }
}

static void cells(struct notebook *n, const struct value *list)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *cell = value_item(list, i);
        const struct value *source = value_get(cell, "source");
        const struct slice type = value_text(value_get(cell, "cell_type"));

        n->cell++;
        if (source == NULL)
            source = value_get(cell, "input"); /* nbformat 3 */
        each_text(n, source, slice_is(type, "code") ? NULL : "markdown-script");
        outputs(n, value_get(cell, "outputs"));
    }
}

static bool is(const struct document_input *d)
{
    const bool named = slice_ends(slice_str(d->name), ".ipynb");

    return (named || value_get(d->root, "nbformat") != NULL) &&
           (value_get(d->root, "cells") != NULL || value_get(d->root, "worksheets") != NULL);
}

static void tell(const struct document_input *d)
{
    const struct value *sheets = value_get(d->root, "worksheets");
    struct notebook n = {.in = d->in};

    script_tell(d->in, "notebook");
    cells(&n, value_get(d->root, "cells"));
    for (size_t i = 0; i < value_len(sheets); i++)
        cells(&n, value_get(value_item(sheets, i), "cells"));
}

const struct document document_notebook = {
    .name = "notebook",
    .summary = "Jupyter notebooks: their cells are programs",
    .spec = "nbformat 4.5 (and 3)",
    .is = is,
    .tell = tell,
};
