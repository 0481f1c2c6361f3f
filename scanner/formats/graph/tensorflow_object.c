/* The objects of a SavedModel of TensorFlow 2: which functions start them, and what Keras says of
 * them. SPEC: saved_object_graph.proto; keras/protobuf/saved_metadata.proto */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/member.h"
#include "scanner/formats/graph/tensorflow.h"

#define BIT(n) (1u << (n))
/* bytes of the JSON of one Keras object: the root holds the configuration of all layers */
#define METADATA_MAX ((size_t)64 << 20)
#define OBJECTS_MAX 1000000 /* functions of objects, and objects that start */

static const struct protobuf_name graph_names[] = {
    {"nodes", 1}, {"concrete_functions", 2}, {NULL, 0}};
static const struct message graph_message = {
    .name = "SavedObjectGraph",
    .bytes = BIT(1) | BIT(2),
    .names = graph_names,
};
static const struct protobuf_name object_names[] = {{"children", 1},
                                                    {"slot_variables", 3},
                                                    {"user_object", 4},
                                                    {"asset", 5},
                                                    {"function", 6},
                                                    {"variable", 7},
                                                    {"bare_concrete_function", 8},
                                                    {"constant", 9},
                                                    {"resource", 10},
                                                    {"saveable_objects", 11},
                                                    {"captured_tensor", 12},
                                                    {"registered_name", 13},
                                                    {"serialized_user_proto", 14},
                                                    {"dependencies", 15},
                                                    {"registered_saver", 16},
                                                    {NULL, 0}};
static const struct message object_message = {
    .name = "SavedObject",
    .bytes = 0x1fffau,
    .names = object_names,
};
static const struct protobuf_name child_names[] = {{"node_id", 1}, {"local_name", 2}, {NULL, 0}};
static const struct message child_message = {
    .name = "ObjectReference",
    .once = BIT(1) | BIT(2),
    .varint = BIT(1),
    .bytes = BIT(2),
    .names = child_names,
};
static const struct protobuf_name function_names[] = {
    {"concrete_functions", 1}, {"function_spec", 2}, {NULL, 0}};
static const struct message function_message = {
    .name = "SavedFunction",
    .bytes = BIT(1) | BIT(2),
    .names = function_names,
};
static const struct protobuf_name bare_names[] = {{"concrete_function_name", 1},
                                                  {"argument_keywords", 2},
                                                  {"allowed_positional_arguments", 3},
                                                  {"function_spec", 4},
                                                  {NULL, 0}};
static const struct message bare_message = {
    .name = "SavedBareConcreteFunction",
    .once = BIT(1),
    .varint = BIT(3),
    .bytes = BIT(1) | BIT(2) | BIT(4),
    .names = bare_names,
};
static const struct protobuf_name user_names[] = {
    {"identifier", 1}, {"version", 2}, {"metadata", 3}, {NULL, 0}};
static const struct message user_message = {
    .name = "SavedUserObject",
    .once = BIT(1) | BIT(2) | BIT(3),
    .bytes = BIT(1) | BIT(2) | BIT(3),
    .names = user_names,
};
static const struct protobuf_name saveable_names[] = {
    {"save_function", 2}, {"restore_function", 3}, {NULL, 0}};
static const struct message saveable_message = {
    .name = "SaveableObject",
    .once = BIT(2) | BIT(3),
    .varint = BIT(2) | BIT(3),
    .names = saveable_names,
};
static const struct protobuf_name keras_names[] = {{"nodes", 1}, {NULL, 0}};
const struct message tensorflow_object_keras_schema = {
    .name = "SavedMetadata",
    .bytes = BIT(1),
    .names = keras_names,
};
static const struct protobuf_name keras_object_names[] = {{"version", 1},   {"node_id", 2},
                                                          {"node_path", 3}, {"identifier", 4},
                                                          {"metadata", 5},  {NULL, 0}};
static const struct message keras_object_message = {
    .name = "SavedObject",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5),
    .varint = BIT(2),
    .bytes = BIT(1) | BIT(3) | BIT(4) | BIT(5),
    .names = keras_object_names,
};

/* ---- Keras metadata ---- */
/* JSON inside of the file is told as a document of its own, "model.pb!root.layer-1". */
static bool tell_metadata(struct tensorflow *t, struct slice path, struct err *e)
{
    const uint64_t at = protobuf_offset(&t->w.p);
    struct format_input in = *t->in;
    const struct value *root;
    const char *name;
    struct arena own;
    struct slice text;
    struct err bad = {0};
    bool ok;

    arena_init(&own);
    in.scratch = &own;
    in.container = "keras-metadata";
    path.len = path.len < 128 ? path.len : 128;
    name = member_name(&own, path);
    ok = protobuf_copy(&t->w.p, METADATA_MAX, &own, &text, e);
    t->user_objects += ok;
    if (ok && text.len > 0) {
        in = format_inner(&in, t->in->bytes, name);
        if (json_read(text, &own, &root, &bad))
            (void)document_tell(&in, root);
        else if (t->metadata.code == ERR_NONE)
            err_set(&t->metadata, bad.code, at, "metadata of %s: %s", name, bad.text);
    }
    arena_release(&own);
    return ok;
}

static bool read_keras_object(struct tensorflow *t, struct err *e)
{
    struct message_text path = {.len = 6, .bytes = "object"};
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &keras_object_message, &seen, &f, e))
            return false;
        if (f.number == 3)
            ok = message_read_text(&t->w.p, &path, e);
        else if (f.number == 5)
            ok = tell_metadata(t, message_slice(&path), e);
    } while (ok && f.number != 0);
    return ok;
}

bool tensorflow_object_read_keras(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, &tensorflow_object_keras_schema, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 1 &&
            (!tensorflow_read_enter(t, &keras_object_message, e) || !read_keras_object(t, e)))
            return false;
    }
}

/* ---- objects ---- */
static void starts(struct tensorflow *t, uint64_t object)
{
    uint32_t *to;

    if (t->nstarted >= OBJECTS_MAX) {
        t->g.lost = true;
        return;
    }
    to = ARENA_PUSH(t->in->scratch, &t->started, &t->nstarted);
    *to = object < TENSORFLOW_NONE ? (uint32_t)object : TENSORFLOW_NONE;
}

static bool keep_function(struct tensorflow *t, struct err *e)
{
    struct message_text name;
    struct tensorflow_object *to;

    if (!message_read_text(&t->w.p, &name, e))
        return false;
    if (t->nobjects >= OBJECTS_MAX) {
        t->g.lost = true;
        return true;
    }
    to = ARENA_PUSH(t->in->scratch, &t->objects, &t->nobjects);
    *to = (struct tensorflow_object){tensorflow_graph_name(&t->g, message_slice(&name)), t->object};
    return true;
}

/* SPEC: tensorflow/python/saved_model/load.py: resources are made, and initialised, at load */
static bool read_child(struct tensorflow *t, struct err *e)
{
    struct message_text name = {0};
    struct protobuf_field f;
    uint32_t seen = 0;
    uint64_t object = 0;

    do {
        if (!message_next(&t->w, &child_message, &seen, &f, e) ||
            (f.number == 2 && !message_read_text(&t->w.p, &name, e)))
            return false;
        if (f.number == 1)
            object = f.value;
    } while (f.number != 0);
    if (slice_is(message_slice(&name), "_create_resource") ||
        slice_is(message_slice(&name), "_initialize") ||
        slice_is(message_slice(&name), "_initializer"))
        starts(t, object);
    return true;
}

static bool read_function(struct tensorflow *t, const struct message *m, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, m, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 1 && !keep_function(t, e))
            return false;
    }
}

static bool read_user(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool keras = false, ok = true;
    char name[32];
    struct message_text identifier;

    do {
        if (!message_next(&t->w, &user_message, &seen, &f, e))
            return false;
        if (f.number == 1) {
            ok = message_read_text(&t->w.p, &identifier, e);
            keras = slice_starts(message_slice(&identifier), "_tf_keras");
        } else if (f.number == 3 && keras) {
            snprintf(name, sizeof(name), "object-%u", (unsigned)t->object);
            ok = tell_metadata(t, slice_str(name), e);
        }
    } while (ok && f.number != 0);
    return ok;
}

static bool read_saveable(struct tensorflow *t, struct err *e)
{
    struct message_text key;
    struct protobuf_field f;
    uint32_t seen = 0;

    if (!tensorflow_read_key(t, &key, &f, e))
        return false;
    if (f.number == 0)
        return true;
    if (!tensorflow_read_enter(t, &saveable_message, e))
        return false;
    do {
        if (!message_next(&t->w, &saveable_message, &seen, &f, e))
            return false;
        if (f.number == 3)
            starts(t, f.value);
    } while (f.number != 0);
    return tensorflow_read_entry_end(t, e);
}

static bool object_field(struct tensorflow *t, uint32_t number, struct err *e)
{
    switch (number) {
    case 1:  /* children */
    case 15: /* dependencies */
        return tensorflow_read_enter(t, &child_message, e) && read_child(t, e);
    case 4:
        return tensorflow_read_enter(t, &user_message, e) && read_user(t, e);
    case 6:
        return tensorflow_read_enter(t, &function_message, e) &&
               read_function(t, &function_message, e);
    case 8:
        return tensorflow_read_enter(t, &bare_message, e) && read_function(t, &bare_message, e);
    case 11:
        return tensorflow_read_enter(t, &tensorflow_read_entry, e) && read_saveable(t, e);
    default:
        return true;
    }
}

static bool read_object(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, &object_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (!object_field(t, f.number, e))
            return false;
    }
}

bool tensorflow_object_read(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    if (!tensorflow_read_enter(t, &graph_message, e))
        return false;
    t->object = 0;
    for (;;) {
        if (!message_next(&t->w, &graph_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number != 1)
            continue;
        if (!tensorflow_read_enter(t, &object_message, e) || !read_object(t, e))
            return false;
        t->object++;
    }
}
