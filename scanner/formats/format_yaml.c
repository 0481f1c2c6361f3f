#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "scanner/formats/document_walk.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/format.h"
#include "scanner/formats/text.h"

static int probe(struct slice head, const char *name)
{
    const struct slice s = slice_str(name);

    if (!slice_ends(s, ".yaml") && !slice_ends(s, ".yml") && !slice_is(s, "mlmodel"))
        return 0;
    return text_plausible(head) ? FORMAT_SURE : 0;
}

/* ---- tags ---- */
static void tell_tag(struct document_teller *t, const char *kind, struct slice text,
                     uint64_t offset)
{
    const struct value v = {.offset = offset, .kind = VALUE_STRING};
    const struct document_at root = {.value = &v};

    document_walk_loader(t, &root, kind, text, false);
}

/* Tags of HyperPyYAML import what they name, and call it. SPEC: hyperpyyaml 1.2, core.py */
static const char *const makers[] = {"!new:", "!apply:", "!name:", "!module:"};

/* Tags of other programs (!include, !ENV) mean nothing here; the value stays. */
static const struct value *on_tag(void *ctx, struct arena *a, const char *tag,
                                  const struct value *node, struct err *e)
{
    (void)a;
    (void)e;
    if (strncmp(tag, "!python/", 8) == 0)
        tell_tag(ctx, "yaml-tag", slice_str(tag + 1), node->offset);
    for (size_t i = 0; i < ARRAY_LEN(makers); i++)
        if (strncmp(tag, makers[i], strlen(makers[i])) == 0)
            tell_tag(ctx, "target", slice_str(tag + strlen(makers[i])), node->offset);
    return node;
}

/* "!!python/..." is a tag of PyYAML that makes objects. It is read as a local one, so that the rest
 * of the document can be read too; the offsets stay. */
static struct slice without_global_tags(struct slice text, struct arena *a)
{
    struct slice rest = text;
    uint8_t *copy = NULL;
    size_t at;

    while (slice_find(rest, SLICE_LIT("!!python/"), &at)) {
        const size_t i = (size_t)(rest.data - text.data) + at;

        if (copy == NULL) {
            copy = arena_alloc(a, text.len + 1);
            memcpy(copy, text.data, text.len);
        }
        if (i == 0 || strchr(" \t\n[{,-:", text.data[i - 1]) != NULL)
            copy[i] = ' ';
        rest = slice_from(rest, at + 9);
    }
    return copy != NULL ? (struct slice){copy, text.len} : text;
}

/* ---- what is text, but no YAML that is read here ---- */
static void sweep_line(struct document_teller *t, struct slice line, uint64_t offset)
{
    static const struct {
        const char *key, *kind;
    } rows[] = {{"_target_:", "target"},
                {"loader_module:", "loader_module"},
                {"class_path:", "instantiate"},
                {"!!python/", "yaml-tag"},
                {"2002:python/", "yaml-tag"},
                {"trust_remote_code:", "trust_remote_code"},
                {"auto_map:", "auto_map"},
                {"\"_target_\":", "target"},
                {"'_target_':", "target"},
                {"_target_ :", "target"},
                {"!new:", "target"},
                {"!apply:", "target"},
                {"!name:", "target"},
                {"!module:", "target"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const bool tag = strcmp(rows[i].kind, "yaml-tag") == 0;
        struct slice rest;
        size_t at;

        if (!slice_find(line, slice_str(rows[i].key), &at))
            continue;
        rest = slice_from(line, at + (tag ? strlen(rows[i].key) - 7 : strlen(rows[i].key)));
        while (rest.len > 0 && strchr(" '\"", rest.data[0]) != NULL)
            rest = slice_from(rest, 1);
        while (rest.len > 0 && strchr(" '\"\r", rest.data[rest.len - 1]) != NULL)
            rest.len--;
        tell_tag(t, rows[i].kind, rest, offset);
    }
}

static void sweep(struct document_teller *t, struct slice text)
{
    for (size_t at = 0; at < text.len;) {
        const uint8_t *nl = memchr(text.data + at, '\n', text.len - at);
        const size_t n = nl != NULL ? (size_t)(nl - text.data) - at : text.len - at;

        sweep_line(t, (struct slice){text.data + at, n}, at);
        at += n + 1;
    }
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct document_teller t = {.in = in};
    const struct yaml_options options = {.on_tag = on_tag, .ctx = &t, .many = true};
    const struct value *docs;
    struct slice text;
    struct err why = {0};

    if (!source_slurp(in->bytes, LIMIT_MODEL_YAML, in->scratch, &text, e))
        return false;
    if (yaml_read(without_global_tags(text, in->scratch), &options, in->scratch, &docs, &why)) {
        cover->parsed = text.len;
        cover->format = "yaml";
        for (size_t i = 0; i < value_len(docs); i++) {
            const char *format = document_tell(in, value_item(docs, i));

            cover->format = format != NULL ? format : cover->format;
        }
        return true;
    }
    if (why.code == ERR_LIMIT) {
        *e = why;
        return false;
    }
    sink_note(in->sink, why.line, why.offset, in->path, "no YAML that is read here: %s", why.text);
    tell_tag(&t, "unread-yaml", slice_str(why.text), 0);
    sweep(&t, text);
    cover->format = "text";
    return text_check(in->feed, &cover->scanned, e);
}

const struct format format_yaml = {
    .name = "yaml",
    .summary = "YAML documents of a model: MLmodel, conda.yaml, Hydra and NeMo configurations",
    .spec = "YAML 1.2.2, core schema",
    .probe = probe,
    .parse = parse,
};
