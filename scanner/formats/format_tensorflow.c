#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/graph/pbtxt.h"
#include "scanner/formats/graph/tensorflow.h"

#define SCHEMA_MAX 1000 /* versions of SavedModel so far: 1 */

enum kind {
    KIND_NONE,
    KIND_SAVED,
    KIND_META,
    KIND_GRAPH,
    KIND_KERAS,
    KIND_DEBUG,
    KIND_FINGERPRINT,
    KIND_CONFIG
};

static const struct protobuf_name no_names[] = {{NULL, 0}};
/* SPEC: graph_debug_info.proto and fingerprint.proto: nothing in them is run or opened */
static const struct message debug_message = {
    .name = "GraphDebugInfo",
    .bytes = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 5 | 1u << 6,
    .names = no_names,
};
static const struct message fingerprint_message = {
    .name = "FingerprintDef",
    .once = 0xfeu,
    .varint = 0x3eu,
    .bytes = 1u << 6 | 1u << 7,
    .names = no_names,
};
/* SPEC: fingerprinting.cc of TensorFlow 2.11 to 2.21: written of every model */
#define FINGERPRINT_ALL (1u << 1 | 1u << 6) /* saved_model_checksum, version */
/* SPEC: graph_debug_info.proto: traces name files by their number */
#define DEBUG_FILES (1u << 1)
#define DEBUG_TRACES (1u << 2 | 1u << 4 | 1u << 6)
static const struct message config_message = {
    .name = "SavedModelConfig",
    .varint = 0xfeu,
    .bytes = 0xfeu,
    .names = no_names,
};

/* `model.file.format` of each, and what the file must hold to be one. */
static const struct {
    const char *format;
    const struct message *message;
} kinds[] = {
    [KIND_NONE] = {"tensorflow", NULL},
    [KIND_SAVED] = {"tensorflow", &tensorflow_meta_saved_schema},
    [KIND_META] = {"tensorflow-meta", &tensorflow_meta_schema},
    [KIND_GRAPH] = {"tensorflow-graph", &tensorflow_read_schema},
    [KIND_KERAS] = {"keras-metadata", &tensorflow_object_keras_schema},
    [KIND_DEBUG] = {"tensorflow-debug", &debug_message},
    [KIND_FINGERPRINT] = {"tensorflow-fingerprint", &fingerprint_message},
    [KIND_CONFIG] = {"tensorflow-config", &config_message},
};

static bool ends(const char *name, const char *suffix)
{
    return slice_ends(slice_str(name), suffix);
}

/* ---- what the names of files say: loaders go by them ---- */
static enum kind kind_by_name(const char *name)
{
    if (strcmp(name, "saved_model.pb") == 0 || strcmp(name, "saved_model.pbtxt") == 0)
        return KIND_SAVED;
    if (strcmp(name, "keras_metadata.pb") == 0)
        return KIND_KERAS;
    if (strcmp(name, "fingerprint.pb") == 0)
        return KIND_FINGERPRINT;
    if (strcmp(name, "saved_model_config.pb") == 0)
        return KIND_CONFIG;
    return ends(name, "debug_info.pb") ? KIND_DEBUG : KIND_NONE;
}

/* ---- what the first bytes say ---- */
static bool identifier(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\'')
            return false;
    }
    return s.len > 0;
}

/* The first message of field 1: NodeDef {name, op}, MetaInfoDef, or an object of Keras. */
static enum kind kind_of_first(struct slice bytes)
{
    struct reader r = reader_over(bytes);
    struct protobuf_field f;
    bool name = false;

    while (protobuf_head(&r, &f)) {
        struct slice text = {r.data, f.value < r.left ? (size_t)f.value : r.left};

        if (f.number == 2 && f.wire == PROTOBUF_VARINT)
            return KIND_KERAS;
        if (f.wire != PROTOBUF_BYTES)
            return KIND_META;
        if (f.number == 1)
            name = identifier(text);
        if (f.number == 2)
            return name && identifier(text) ? KIND_GRAPH : KIND_META;
        if (f.number > 2 || !reader_skip(&r, f.value))
            break;
    }
    return KIND_META;
}

static enum kind kind_by_head(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;
    struct slice bytes;

    while (protobuf_head(&r, &f)) {
        if (f.number == 1 && f.wire == PROTOBUF_VARINT)
            return f.value > 0 && f.value < SCHEMA_MAX ? KIND_SAVED : KIND_NONE;
        if (f.number == 1 && f.wire == PROTOBUF_BYTES) {
            bytes = (struct slice){r.data, f.value < r.left ? (size_t)f.value : r.left};
            return kind_of_first(bytes);
        }
        if (f.wire != PROTOBUF_BYTES || f.number == 2 || !reader_skip(&r, f.value))
            break;
    }
    return KIND_NONE;
}

/* SavedModel has two fields, and the second begins like a MetaGraphDef. */
static bool saved_head(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;

    if (!protobuf_head(&r, &f) || f.number != 1 || f.wire != PROTOBUF_VARINT ||
        !protobuf_head(&r, &f) || f.number != 2 || f.wire != PROTOBUF_BYTES || r.left == 0)
        return false;
    return r.data[0] >= 0x0a && r.data[0] <= 0x3a && (r.data[0] & 7) == PROTOBUF_BYTES;
}

/* Fields of a message may stand in any order. */
static enum kind kind_by_word(struct slice word)
{
    static const enum kind order[] = {KIND_SAVED, KIND_META, KIND_GRAPH};

    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (const struct protobuf_name *n = kinds[order[i]].message->names; n->name != NULL; n++)
            if (slice_is(word, n->name))
                return order[i];
    return KIND_NONE;
}

/* Of a .meta a line feed alone is the tag of its first field, too. */
static bool tag_alone(struct slice head, const char *name)
{
    return slice_is(head, "\n") && ends(name, ".meta");
}

static bool protobuf_like(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;

    return protobuf_head(&r, &f);
}

/* A name, and nothing behind it. */
static bool word_alone(struct slice head, struct slice word)
{
    const uint8_t *at = word.data + word.len;

    while (word.len > 0 && at < head.data + head.len && (*at == ' ' || *at == '\n'))
        at++;
    return word.len > 0 && at == head.data + head.len;
}

/* The text form, of a file that loaders do not take for bytes. */
static bool text_like(struct slice head, const char *name, struct slice *word)
{
    if (ends(name, ".pb") || !pbtxt_clean(head))
        return false;
    return pbtxt_plausible(head, word) || strcmp(name, "saved_model.pbtxt") == 0 ||
           pbtxt_goes_on(head, FORMAT_PROBE_BYTES) ||
           (ends(name, ".pbtxt") && word_alone(head, *word));
}

static int probe(struct slice head, const char *name)
{
    enum kind kind;
    struct slice word;

    if (tag_alone(head, name))
        return FORMAT_SURE;
    if (text_like(head, name, &word))
        return kind_by_word(word) != KIND_NONE || ends(name, ".pbtxt") ||
                       pbtxt_goes_on(head, FORMAT_PROBE_BYTES)
                   ? FORMAT_CLAIM + 5
                   : 0;
    if (head.len == 0 || !protobuf_like(head))
        return 0;
    if (kind_by_name(name) != KIND_NONE || ends(name, ".pb") || ends(name, ".pbtxt") ||
        ends(name, ".meta"))
        return FORMAT_CLAIM + 5;
    kind = kind_by_head(head);
    return (kind == KIND_SAVED && saved_head(head)) || kind == KIND_GRAPH ? FORMAT_CLAIM : 0;
}

/* ---- reading ---- */
static bool plain(enum kind kind)
{
    return kind == KIND_DEBUG || kind == KIND_FINGERPRINT || kind == KIND_CONFIG;
}

/* Nothing but its fields. */
static bool read_plain(struct tensorflow *t, const struct message *m, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    do {
        if (!message_next(&t->w, m, &seen, &f, e))
            return false;
    } while (f.number != 0);
    if (t->w.unknown > 0)
        return err_fail(e, ERR_FORMAT, "%s: unknown fields", m->name);
    if (m == &fingerprint_message && (seen & FINGERPRINT_ALL) != FINGERPRINT_ALL)
        return err_at(e, ERR_FORMAT, &t->w.p.r, "a fingerprint without its checksum or version");
    if (m == &debug_message && (seen & DEBUG_FILES) != 0 && (seen & DEBUG_TRACES) == 0)
        return err_at(e, ERR_FORMAT, &t->w.p.r, "names of files, and no trace through them");
    return true;
}

static bool read_kind(struct tensorflow *t, enum kind kind, struct err *e)
{
    switch (kind) {
    case KIND_SAVED:
        return tensorflow_meta_read_saved(t, e);
    case KIND_META:
        return tensorflow_meta_read(t, e);
    case KIND_KERAS:
        return tensorflow_object_read_keras(t, e);
    case KIND_DEBUG:
    case KIND_FINGERPRINT:
    case KIND_CONFIG:
        return read_plain(t, kinds[kind].message, e);
    case KIND_NONE:
    case KIND_GRAPH:
        break;
    }
    return tensorflow_read_graph(t, e);
}

static bool saves(const struct tensorflow *t)
{
    for (size_t i = 0; i < t->nops; i++)
        if (t->ops[i].saver > 0)
            return true;
    return false;
}

/* What shows that the outermost message was cut off between two of its fields. The nodes of a graph
 * have no end: its versions stand behind them, but frozen graphs are written without any. */
static bool whole(const struct tensorflow *t, enum kind kind, struct err *e)
{
    const uint64_t at = protobuf_offset(&t->w.p);

    if (kind == KIND_SAVED && t->meta_graphs == 0)
        return err_pos(e, ERR_FORMAT, at, "a SavedModel without a graph");
    if (kind == KIND_GRAPH && t->g.dangling > 0 && t->in->as == NULL) /* an event has a checksum */
        return err_pos(e, ERR_FORMAT, at, "%" PRIu64 " inputs name nodes that are not there",
                       t->g.dangling);
    if (kind == KIND_META && !t->saver && saves(t))
        return err_pos(e, ERR_FORMAT, at, "nodes of a saver that nothing speaks of");
    return true;
}

static bool lost(const struct tensorflow *t, struct err *e)
{
    if (t->metadata.code != ERR_NONE) {
        *e = t->metadata;
        return false;
    }
    if (t->ops_lost)
        return err_fail(e, ERR_LIMIT, "more than %d different operators (LIMIT_OP_FACTS)",
                        LIMIT_OP_FACTS);
    if (t->assets_lost)
        return err_fail(e, ERR_LIMIT, "more than %d assets (LIMIT_TENSOR_FACTS)",
                        LIMIT_TENSOR_FACTS);
    return true;
}

/* Is it what the kind says? A weak bid is given back when nothing of it was there. */
static bool holds(const struct tensorflow *t, enum kind kind, bool ok)
{
    if (plain(kind))
        return ok;
    if (kind == KIND_KERAS || t->asset_files > 0)
        return t->user_objects > 0 || t->asset_files > 0;
    return t->nodes > 0 || t->user_objects > 0 || (ok && t->signatures > 0);
}

static void begin(struct tensorflow *t, const struct format_input *in)
{
    t->in = in;
    message_init(&t->w, in->feed, in->scratch);
    tensorflow_graph_init(&t->g, in->scratch);
    names_init(&t->op_names, in->scratch, LIMIT_OP_FACTS, LIMIT_OP_NAMES);
}

/* `cut`: what was there is one, as far as it goes. */
static bool finish(struct tensorflow *t, enum kind kind, struct format_cover *cover, bool ok,
                   bool cut)
{
    if (t->in->weak && !cut && !holds(t, kind, ok)) {
        cover->declined = true;
        return false;
    }
    cover->format = kinds[kind].format;
    if (kind != KIND_KERAS && !plain(kind))
        tensorflow_tell(t);
    return true;
}

/* `kind`: by the name of the file, else the first field says. */
static bool parse_text(struct tensorflow *t, enum kind kind, struct format_cover *cover,
                       struct err *e)
{
    struct slice all, word;
    struct pbtxt text;
    bool ok, promised;

    if (!source_slurp(t->in->bytes, LIMIT_CAPTURE_BYTES, t->in->scratch, &all, e))
        return false;
    /* bytes that could be read as a message, too */
    if (!pbtxt_clean(all))
        return err_fail(e, ERR_FORMAT, "control characters in a text");
    if (kind == KIND_NONE)
        kind = pbtxt_plausible(all, &word) ? kind_by_word(word) : KIND_NONE;
    if (kind == KIND_NONE)
        kind = KIND_GRAPH;
    pbtxt_init(&text, all, kinds[kind].message->names);
    t->w.p.text = &text;
    ok = read_kind(t, kind, e);
    cover->parsed = ok ? all.len : text.at;
    promised = kind != KIND_GRAPH || ends(t->in->path, ".pbtxt");
    if (!finish(t, kind, cover, ok,
                promised && text.at == all.len && (!ok || kind == KIND_SAVED))) {
        err_clear(e);
        ok = true;
    }
    pbtxt_release(&text);
    return ok && (cover->declined || (whole(t, kind, e) && lost(t, e)));
}

/* `in->as`: an event holds it, whose field says which of the two it is. */
static enum kind find_kind(const struct format_input *in, struct slice head, bool *text)
{
    char *name = arena_strdup(in->scratch, extension_base(in->path));
    struct slice word;
    enum kind kind;

    *text = false;
    if (in->as != NULL)
        return ends(name, ".meta") ? KIND_META : KIND_GRAPH;
    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    kind = kind_by_name(name);
    *text = text_like(head, name, &word);
    if (*text)
        return kind;
    if (kind == KIND_NONE && ends(name, ".meta"))
        return KIND_META;
    kind = kind != KIND_NONE ? kind : kind_by_head(head);
    return kind != KIND_NONE ? kind : KIND_GRAPH;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct tensorflow *t = ARENA_NEW(in->scratch, struct tensorflow);
    struct reader *r = &t->w.p.r;
    struct slice head;
    enum kind kind;
    bool text, ok;

    begin(t, in);
    if (!feed_more(in->feed, r, FORMAT_PROBE_BYTES, e))
        return false;
    head = (struct slice){r->data, r->left < FORMAT_PROBE_BYTES ? r->left : FORMAT_PROBE_BYTES};
    kind = find_kind(in, head, &text);
    if (text)
        return parse_text(t, kind, cover, e);
    ok = read_kind(t, kind, e);
    if (!finish(t, kind, cover, ok, false)) {
        err_clear(e);
        return true;
    }
    cover->parsed = r->offset - t->w.p.opaque;
    cover->opaque = t->w.p.opaque;
    return ok && whole(t, kind, e) && lost(t, e);
}

const struct format format_tensorflow = {
    .name = "tensorflow",
    .summary = "TensorFlow graphs: SavedModel, MetaGraphDef, GraphDef, Keras metadata",
    .spec = "saved_model.proto, meta_graph.proto, graph.proto of TensorFlow 2.21",
    .probe = probe,
    .parse = parse,
};
