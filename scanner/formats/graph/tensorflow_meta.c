/* MetaGraphDef and SavedModel: what runs at load, assets, and what Keras says of its objects. */
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/tensorflow.h"

#define BIT(n) (1u << (n))
#define ROOTS_MAX 100000 /* nodes and functions that run at load, objects that start */

static const struct protobuf_name saved_names[] = {
    {"saved_model_schema_version", 1}, {"meta_graphs", 2}, {NULL, 0}};
const struct message tensorflow_meta_saved_schema = {
    .name = "SavedModel",
    .once = BIT(1),
    .varint = BIT(1),
    .bytes = BIT(2),
    .names = saved_names,
};
static const struct protobuf_name meta_names[] = {
    {"meta_info_def", 1}, {"graph_def", 2},      {"saver_def", 3},        {"collection_def", 4},
    {"signature_def", 5}, {"asset_file_def", 6}, {"object_graph_def", 7}, {NULL, 0}};
const struct message tensorflow_meta_schema = {
    .name = "MetaGraphDef",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(7),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7),
    .names = meta_names,
};
static const struct protobuf_name info_names[] = {{"meta_graph_version", 1},
                                                  {"stripped_op_list", 2},
                                                  {"any_info", 3},
                                                  {"tags", 4},
                                                  {"tensorflow_version", 5},
                                                  {"tensorflow_git_version", 6},
                                                  {"stripped_default_attrs", 7},
                                                  {"function_aliases", 8},
                                                  {NULL, 0}};
static const struct message info_message = {
    .name = "MetaInfoDef",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(5) | BIT(6) | BIT(7),
    .varint = BIT(7),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(8),
    .names = info_names,
};
static const struct protobuf_name saver_names[] = {{"filename_tensor_name", 1},
                                                   {"save_tensor_name", 2},
                                                   {"restore_op_name", 3},
                                                   {"max_to_keep", 4},
                                                   {"sharded", 5},
                                                   {"keep_checkpoint_every_n_hours", 6},
                                                   {"version", 7},
                                                   {NULL, 0}};
static const struct message saver_message = {
    .name = "SaverDef",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7),
    .varint = BIT(4) | BIT(5) | BIT(7),
    .bytes = BIT(1) | BIT(2) | BIT(3),
    .fixed32 = BIT(6),
    .names = saver_names,
};
static const struct protobuf_name collection_names[] = {{"node_list", 1},  {"bytes_list", 2},
                                                        {"int64_list", 3}, {"float_list", 4},
                                                        {"any_list", 5},   {NULL, 0}};
static const struct message collection_message = {
    .name = "CollectionDef",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5),
    .names = collection_names,
};
static const struct protobuf_name value_names[] = {{"value", 1}, {NULL, 0}};
static const struct message value_message = {
    .name = "NodeList",
    .bytes = BIT(1),
    .names = value_names,
};
static const struct protobuf_name signature_names[] = {
    {"inputs", 1}, {"outputs", 2}, {"method_name", 3}, {"defaults", 4}, {NULL, 0}};
static const struct message signature_message = {
    .name = "SignatureDef",
    .once = BIT(3),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4),
    .names = signature_names,
};
static const struct protobuf_name tensor_names[] = {
    {"name", 1}, {"dtype", 2}, {"tensor_shape", 3}, {"coo_sparse", 4}, {"composite_tensor", 5},
    {NULL, 0}};
static const struct message tensor_message = {
    .name = "TensorInfo",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5),
    .varint = BIT(2),
    .bytes = BIT(1) | BIT(3) | BIT(4) | BIT(5),
    .names = tensor_names,
};
static const struct protobuf_name asset_names[] = {{"tensor_info", 1}, {"filename", 2}, {NULL, 0}};
static const struct message asset_message = {
    .name = "AssetFileDef",
    .once = BIT(1) | BIT(2),
    .bytes = BIT(1) | BIT(2),
    .names = asset_names,
};

static void root(struct tensorflow *t, struct slice tensor, uint8_t mark)
{
    struct tensorflow_root *r;
    size_t colon;

    if (tensor.len > 0 && tensor.data[0] == '^')
        tensor = slice_from(tensor, 1);
    if (slice_find(tensor, SLICE_LIT(":"), &colon))
        tensor.len = colon;
    if (tensor.len == 0)
        return;
    if (t->nroots >= ROOTS_MAX) {
        t->g.lost = true;
        return;
    }
    t->init = t->init || mark == TENSORFLOW_INIT;
    r = ARENA_PUSH(t->in->scratch, &t->roots, &t->nroots);
    *r = (struct tensorflow_root){tensorflow_graph_name(&t->g, tensor), mark};
}

static bool read_info(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    do {
        if (!message_next(&t->w, &info_message, &seen, &f, e) ||
            (f.number == 5 && !message_read_text(&t->w.p, &t->version, e)))
            return false;
    } while (f.number != 0);
    return true;
}

/* The loader runs restore_op_name; the others are for saving. */
static bool read_saver(struct tensorflow *t, struct err *e)
{
    struct message_text text;
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, &saver_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number > 3)
            continue;
        if (!message_read_text(&t->w.p, &text, e))
            return false;
        root(t, message_slice(&text), TENSORFLOW_SAVER);
        if (f.number == 3) {
            t->restore = text;
            root(t, message_slice(&text), TENSORFLOW_RESTORE);
        }
    }
}

/* ---- collections and signatures. SPEC: tensorflow/cc/saved_model/constants.h ---- */
static bool read_values(struct tensorflow *t, struct err *e)
{
    struct message_text text;
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, &value_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 1) {
            if (!message_read_text(&t->w.p, &text, e))
                return false;
            root(t, message_slice(&text), TENSORFLOW_INIT);
        }
    }
}

static bool read_collection(struct tensorflow *t, struct err *e)
{
    struct message_text key;
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true, starts;

    t->collections++;
    if (!tensorflow_read_key(t, &key, &f, e))
        return false;
    if (f.number == 0)
        return true;
    starts = key.len == 0 || slice_is(message_slice(&key), "saved_model_main_op") ||
             slice_is(message_slice(&key), "legacy_init_op");
    if (!tensorflow_read_enter(t, &collection_message, e))
        return false;
    do {
        if (!message_next(&t->w, &collection_message, &seen, &f, e))
            return false;
        if (starts && (f.number == 1 || f.number == 2))
            ok = tensorflow_read_enter(t, &value_message, e) && read_values(t, e);
    } while (ok && f.number != 0);
    return ok && tensorflow_read_entry_end(t, e);
}

static bool read_tensor_info(struct tensorflow *t, struct message_text *name, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    name->len = 0;
    do {
        if (!message_next(&t->w, &tensor_message, &seen, &f, e) ||
            (f.number == 1 && !message_read_text(&t->w.p, name, e)))
            return false;
    } while (f.number != 0);
    return true;
}

static bool read_output(struct tensorflow *t, bool starts, struct err *e)
{
    struct message_text key, name;
    struct protobuf_field f;

    if (!tensorflow_read_key(t, &key, &f, e))
        return false;
    if (f.number == 0)
        return true;
    if (!tensorflow_read_enter(t, &tensor_message, e) || !read_tensor_info(t, &name, e))
        return false;
    if (starts)
        root(t, message_slice(&name), TENSORFLOW_INIT);
    return tensorflow_read_entry_end(t, e);
}

static bool read_signature(struct tensorflow *t, struct err *e)
{
    struct message_text key;
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true, starts;

    t->signatures++;
    if (!tensorflow_read_key(t, &key, &f, e))
        return false;
    if (f.number == 0)
        return true;
    starts = key.len == 0 || slice_is(message_slice(&key), "__saved_model_init_op");
    if (!tensorflow_read_enter(t, &signature_message, e))
        return false;
    do {
        if (!message_next(&t->w, &signature_message, &seen, &f, e))
            return false;
        if (f.number == 2)
            ok = tensorflow_read_enter(t, &tensorflow_read_entry, e) && read_output(t, starts, e);
    } while (ok && f.number != 0);
    return ok && tensorflow_read_entry_end(t, e);
}

static bool read_asset(struct tensorflow *t, struct err *e)
{
    const uint64_t at = protobuf_offset(&t->w.p);
    struct message_text tensor = {0}, file = {0};
    struct slice node;
    struct protobuf_field f;
    uint32_t seen = 0, *to;
    size_t colon;
    bool ok = true;

    do {
        if (!message_next(&t->w, &asset_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = tensorflow_read_enter(t, &tensor_message, e) && read_tensor_info(t, &tensor, e);
        else if (f.number == 2)
            ok = message_read_text(&t->w.p, &file, e);
    } while (ok && f.number != 0);
    if (!ok)
        return false;
    node = message_slice(&tensor);
    if (slice_find(node, SLICE_LIT(":"), &colon))
        node.len = colon;
    if (t->asset_files++ >= LIMIT_TENSOR_FACTS) {
        t->assets_lost = true;
        return true;
    }
    to = ARENA_PUSH(t->in->scratch, &t->assets, &t->nassets);
    *to = tensorflow_graph_name(&t->g, node);
    tensorflow_tell_asset(t, message_slice(&file), at);
    return true;
}

/* ---- MetaGraphDef, SavedModel ---- */
static bool meta_field(struct tensorflow *t, uint32_t number, struct err *e)
{
    switch (number) {
    case 1:
        return tensorflow_read_enter(t, &info_message, e) && read_info(t, e);
    case 2:
        return tensorflow_read_enter(t, &tensorflow_read_schema, e) && tensorflow_read_graph(t, e);
    case 3:
        t->saver = true;
        return tensorflow_read_enter(t, &saver_message, e) && read_saver(t, e);
    case 4:
        return tensorflow_read_enter(t, &tensorflow_read_entry, e) && read_collection(t, e);
    case 5:
        return tensorflow_read_enter(t, &tensorflow_read_entry, e) && read_signature(t, e);
    case 6:
        return tensorflow_read_enter(t, &asset_message, e) && read_asset(t, e);
    case 7:
        return tensorflow_object_read(t, e);
    default:
        return true;
    }
}

bool tensorflow_meta_read(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    t->meta_graphs++;
    for (;;) {
        if (!message_next(&t->w, &tensorflow_meta_schema, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (!meta_field(t, f.number, e))
            return false;
    }
}

bool tensorflow_meta_read_saved(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, &tensorflow_meta_saved_schema, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 2 &&
            (!tensorflow_read_enter(t, &tensorflow_meta_schema, e) || !tensorflow_meta_read(t, e)))
            return false;
    }
}
