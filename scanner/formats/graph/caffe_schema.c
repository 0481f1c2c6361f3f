/* The messages of Caffe that lead to what runs, is opened or holds numbers. */
#include "base/attr.h"
#include "scanner/formats/graph/caffe.h"

#define BIT(n) (1u << (n))
#define V BIT(PROTOBUF_VARINT)
#define B BIT(PROTOBUF_BYTES)
#define F BIT(PROTOBUF_FIXED32)
#define D BIT(PROTOBUF_FIXED64)

/* Name, number, wire types, may stand there once, what is done with it, the message it is. */
#define NUMBER(name, n)                                                                            \
    {                                                                                              \
        name, n, V, true, CAFFE_NONE, CAFFE_OTHER                                                  \
    }
#define NUMBERS(name, n)                                                                           \
    {                                                                                              \
        name, n, V | B, false, CAFFE_NONE, CAFFE_OTHER                                             \
    }
#define FLOAT(name, n)                                                                             \
    {                                                                                              \
        name, n, F, true, CAFFE_NONE, CAFFE_OTHER                                                  \
    }
#define FLOATS(name, n)                                                                            \
    {                                                                                              \
        name, n, F | B, false, CAFFE_NONE, CAFFE_OTHER                                             \
    }
#define DOUBLES(name, n)                                                                           \
    {                                                                                              \
        name, n, D | B, false, CAFFE_NONE, CAFFE_OTHER                                             \
    }
#define TYPE(name, n)                                                                              \
    {                                                                                              \
        name, n, V, true, CAFFE_TYPE, CAFFE_OTHER                                                  \
    }
#define TEXT(name, n, use)                                                                         \
    {                                                                                              \
        name, n, B, true, CAFFE_##use, CAFFE_OTHER                                                 \
    }
#define TEXTS(name, n, use)                                                                        \
    {                                                                                              \
        name, n, B, false, CAFFE_##use, CAFFE_OTHER                                                \
    }
#define ENTER(name, n, to)                                                                         \
    {                                                                                              \
        name, n, B, true, CAFFE_ENTER, CAFFE_##to                                                  \
    }
#define ENTERS(name, n, to)                                                                        \
    {                                                                                              \
        name, n, B, false, CAFFE_ENTER, CAFFE_##to                                                 \
    }
/* Settings that name no file where they are read by number. */
#define PARAM(name, n)                                                                             \
    {                                                                                              \
        name, n, B, true, CAFFE_PARAM, CAFFE_OTHER                                                 \
    }

/* SPEC: src/caffe/proto/caffe.proto; the numbers as they are (raw_data and others) of NVIDIA */
static const struct caffe_field net[] = {
    TEXT("name", 1, NET_NAME), TEXTS("input", 3, NONE),     ENTERS("input_shape", 8, SHAPE),
    NUMBERS("input_dim", 4),   NUMBER("force_backward", 5), TEXT("state", 6, NONE),
    NUMBER("debug_info", 7),   ENTERS("layer", 100, LAYER), ENTERS("layers", 2, V1),
};
static const struct caffe_field layer[] = {
    TEXT("name", 1, NAME),
    TEXT("type", 2, TYPE),
    TEXTS("bottom", 3, NONE),
    TEXTS("top", 4, NONE),
    NUMBER("phase", 10),
    FLOATS("loss_weight", 5),
    TEXTS("param", 6, NONE),
    ENTERS("blobs", 7, BLOB),
    NUMBERS("propagate_down", 11),
    TEXTS("include", 8, NONE),
    TEXTS("exclude", 9, NONE),
    ENTER("transform_param", 100, TRANSFORM),
    PARAM("loss_param", 101),
    PARAM("accuracy_param", 102),
    PARAM("argmax_param", 103),
    PARAM("batch_norm_param", 139),
    PARAM("bias_param", 141),
    PARAM("clip_param", 148),
    PARAM("concat_param", 104),
    PARAM("contrastive_loss_param", 105),
    PARAM("convolution_param", 106),
    PARAM("crop_param", 144),
    ENTER("data_param", 107, DATA),
    PARAM("dropout_param", 108),
    PARAM("dummy_data_param", 109),
    PARAM("eltwise_param", 110),
    PARAM("elu_param", 140),
    PARAM("embed_param", 137),
    PARAM("exp_param", 111),
    PARAM("flatten_param", 135),
    ENTER("hdf5_data_param", 112, HDF5_DATA),
    ENTER("hdf5_output_param", 113, HDF5_OUTPUT),
    PARAM("hinge_loss_param", 114),
    ENTER("image_data_param", 115, IMAGE_DATA),
    ENTER("infogain_loss_param", 116, INFOGAIN),
    PARAM("inner_product_param", 117),
    PARAM("input_param", 143),
    PARAM("log_param", 134),
    PARAM("lrn_param", 118),
    PARAM("memory_data_param", 119),
    PARAM("mvn_param", 120),
    PARAM("parameter_param", 145),
    PARAM("pooling_param", 121),
    PARAM("power_param", 122),
    PARAM("prelu_param", 131),
    ENTER("python_param", 130, PYTHON),
    PARAM("recurrent_param", 146),
    PARAM("reduction_param", 136),
    PARAM("relu_param", 123),
    PARAM("reshape_param", 133),
    PARAM("scale_param", 142),
    PARAM("sigmoid_param", 124),
    PARAM("softmax_param", 125),
    PARAM("spp_param", 132),
    PARAM("slice_param", 126),
    PARAM("swish_param", 147),
    PARAM("tanh_param", 127),
    PARAM("threshold_param", 128),
    PARAM("tile_param", 138),
    ENTER("window_data_param", 129, WINDOW_DATA),
    ENTER("annotated_data_param", 200, ANNOTATED),
    PARAM("multibox_loss_param", 201),
    PARAM("permute_param", 202),
    PARAM("prior_box_param", 203),
    ENTER("detection_output_param", 204, DETECTION),
    ENTER("detection_evaluate_param", 205, EVALUATE),
    PARAM("norm_param", 206),
    ENTER("video_data_param", 207, VIDEO),
};
/* SPEC: the branch "ssd" of Caffe */
static const struct caffe_field annotated[] = {TEXT("label_map_file", 2, READ)};
static const struct caffe_field detection[] = {ENTER("save_output_param", 5, SAVE)};
static const struct caffe_field save[] = {
    TEXT("output_directory", 1, WRITE),
    TEXT("label_map_file", 4, READ),
    TEXT("name_size_file", 5, READ),
};
static const struct caffe_field evaluate[] = {TEXT("name_size_file", 5, READ)};
static const struct caffe_field video[] = {TEXT("video_file", 3, READ)};
static const struct caffe_field v1[] = {
    TEXTS("bottom", 2, NONE),
    TEXTS("top", 3, NONE),
    TEXT("name", 4, NAME),
    TEXTS("include", 32, NONE),
    TEXTS("exclude", 33, NONE),
    TYPE("type", 5),
    ENTERS("blobs", 6, BLOB),
    TEXTS("param", 1001, NONE),
    NUMBERS("blob_share_mode", 1002),
    FLOATS("blobs_lr", 7),
    FLOATS("weight_decay", 8),
    FLOATS("loss_weight", 35),
    PARAM("accuracy_param", 27),
    PARAM("argmax_param", 23),
    PARAM("concat_param", 9),
    PARAM("contrastive_loss_param", 40),
    PARAM("convolution_param", 10),
    ENTER("data_param", 11, DATA),
    PARAM("dropout_param", 12),
    PARAM("dummy_data_param", 26),
    PARAM("eltwise_param", 24),
    PARAM("exp_param", 41),
    ENTER("hdf5_data_param", 13, HDF5_DATA),
    ENTER("hdf5_output_param", 14, HDF5_OUTPUT),
    PARAM("hinge_loss_param", 29),
    ENTER("image_data_param", 15, IMAGE_DATA),
    ENTER("infogain_loss_param", 16, INFOGAIN),
    PARAM("inner_product_param", 17),
    PARAM("lrn_param", 18),
    PARAM("memory_data_param", 22),
    PARAM("mvn_param", 34),
    PARAM("pooling_param", 19),
    PARAM("power_param", 21),
    PARAM("relu_param", 30),
    PARAM("sigmoid_param", 38),
    PARAM("softmax_param", 39),
    PARAM("slice_param", 31),
    PARAM("tanh_param", 37),
    PARAM("threshold_param", 25),
    ENTER("window_data_param", 20, WINDOW_DATA),
    ENTER("transform_param", 36, TRANSFORM),
    PARAM("loss_param", 42),
    ENTER("layer", 1, V0),
};
static const struct caffe_field v0[] = {
    TEXT("name", 1, NAME),
    TEXT("type", 2, TYPE),
    NUMBER("num_output", 3),
    NUMBER("biasterm", 4),
    TEXT("weight_filler", 5, NONE),
    TEXT("bias_filler", 6, NONE),
    NUMBER("pad", 7),
    NUMBER("kernelsize", 8),
    NUMBER("group", 9),
    NUMBER("stride", 10),
    NUMBER("pool", 11),
    FLOAT("dropout_ratio", 12),
    NUMBER("local_size", 13),
    FLOAT("alpha", 14),
    FLOAT("beta", 15),
    FLOAT("k", 22),
    TEXT("source", 16, READ),
    FLOAT("scale", 17),
    TEXT("meanfile", 18, READ),
    NUMBER("batchsize", 19),
    NUMBER("cropsize", 20),
    NUMBER("mirror", 21),
    ENTERS("blobs", 50, BLOB),
    FLOATS("blobs_lr", 51),
    FLOATS("weight_decay", 52),
    NUMBER("rand_skip", 53),
    FLOAT("det_fg_threshold", 54),
    FLOAT("det_bg_threshold", 55),
    FLOAT("det_fg_fraction", 56),
    NUMBER("det_context_pad", 58),
    TEXT("det_crop_mode", 59, NONE),
    NUMBER("new_num", 60),
    NUMBER("new_channels", 61),
    NUMBER("new_height", 62),
    NUMBER("new_width", 63),
    NUMBER("shuffle_images", 64),
    NUMBER("concat_dim", 65),
    ENTER("hdf5_output_param", 1001, HDF5_OUTPUT),
};
static const struct caffe_field solver[] = {
    TEXT("net", 24, READ),
    ENTER("net_param", 25, NET),
    TEXT("train_net", 1, READ),
    TEXTS("test_net", 2, READ),
    ENTER("train_net_param", 21, NET),
    ENTERS("test_net_param", 22, NET),
    TEXT("train_state", 26, NONE),
    TEXTS("test_state", 27, NONE),
    NUMBERS("test_iter", 3),
    NUMBER("test_interval", 4),
    NUMBER("test_compute_loss", 19),
    NUMBER("test_initialization", 32),
    FLOAT("base_lr", 5),
    NUMBER("display", 6),
    NUMBER("average_loss", 33),
    NUMBER("max_iter", 7),
    NUMBER("iter_size", 36),
    TEXT("lr_policy", 8, NONE),
    FLOAT("gamma", 9),
    FLOAT("power", 10),
    FLOAT("momentum", 11),
    FLOAT("weight_decay", 12),
    TEXT("regularization_type", 29, NONE),
    NUMBER("stepsize", 13),
    NUMBERS("stepvalue", 34),
    FLOAT("clip_gradients", 35),
    NUMBER("snapshot", 14),
    TEXT("snapshot_prefix", 15, SNAPSHOT),
    NUMBER("snapshot_diff", 16),
    NUMBER("snapshot_format", 37),
    NUMBER("solver_mode", 17),
    NUMBER("device_id", 18),
    NUMBER("random_seed", 20),
    TEXT("type", 40, NONE),
    FLOAT("delta", 31),
    FLOAT("momentum2", 39),
    FLOAT("rms_decay", 38),
    NUMBER("debug_info", 23),
    NUMBER("snapshot_after_train", 28),
    NUMBER("solver_type", 30),
    NUMBER("layer_wise_reduce", 41),
    TEXTS("weights", 42, READ),
};
static const struct caffe_field state[] = {
    NUMBER("iter", 1),
    TEXT("learned_net", 2, READ),
    ENTERS("history", 3, BLOB),
    NUMBER("current_step", 4),
};
static const struct caffe_field blob[] = {
    ENTER("shape", 7, SHAPE),    FLOATS("data", 5),           FLOATS("diff", 6),
    DOUBLES("double_data", 8),   DOUBLES("double_diff", 9),   NUMBER("num", 1),
    NUMBER("channels", 2),       NUMBER("height", 3),         NUMBER("width", 4),
    NUMBER("raw_data_type", 10), NUMBER("raw_diff_type", 11), TEXT("raw_data", 12, NONE),
    TEXT("raw_diff", 13, NONE),
};
static const struct caffe_field shape[] = {
    NUMBERS("dim", 1),
};
static const struct caffe_field python[] = {
    TEXT("module", 1, MODULE),
    TEXT("layer", 2, CLASS),
    TEXT("param_str", 3, ARGUMENT),
    NUMBER("share_in_parallel", 4),
};
static const struct caffe_field data[] = {
    TEXT("source", 1, READ),
    TEXT("mean_file", 3, READ),
};
static const struct caffe_field hdf5_data[] = {
    TEXT("source", 1, READ),
};
static const struct caffe_field hdf5_output[] = {
    TEXT("file_name", 1, WRITE),
};
static const struct caffe_field image_data[] = {
    TEXT("source", 1, READ),
    TEXT("mean_file", 3, READ),
    TEXT("root_folder", 12, READ),
};
static const struct caffe_field window_data[] = {
    TEXT("source", 1, READ),
    TEXT("mean_file", 3, READ),
    TEXT("root_folder", 13, READ),
};
static const struct caffe_field infogain[] = {
    TEXT("source", 1, READ),
};
static const struct caffe_field transform[] = {
    TEXT("mean_file", 4, READ),
};

#define ROW(name, fields, whole)                                                                   \
    {                                                                                              \
        name, fields, ARRAY_LEN(fields), whole                                                     \
    }
const struct caffe_message caffe_schema[CAFFE_KINDS] = {
    [CAFFE_OTHER] = {"a message", NULL, 0, false},
    [CAFFE_NET] = ROW("NetParameter", net, true),
    [CAFFE_LAYER] = ROW("LayerParameter", layer, true),
    [CAFFE_V1] = ROW("V1LayerParameter", v1, true),
    [CAFFE_V0] = ROW("V0LayerParameter", v0, true),
    [CAFFE_BLOB] = ROW("BlobProto", blob, true),
    [CAFFE_SHAPE] = ROW("BlobShape", shape, true),
    [CAFFE_SOLVER] = ROW("SolverParameter", solver, true),
    [CAFFE_STATE] = ROW("SolverState", state, true),
    [CAFFE_PYTHON] = ROW("PythonParameter", python, true),
    [CAFFE_DATA] = ROW("DataParameter", data, false),
    [CAFFE_HDF5_DATA] = ROW("HDF5DataParameter", hdf5_data, false),
    [CAFFE_HDF5_OUTPUT] = ROW("HDF5OutputParameter", hdf5_output, false),
    [CAFFE_IMAGE_DATA] = ROW("ImageDataParameter", image_data, false),
    [CAFFE_WINDOW_DATA] = ROW("WindowDataParameter", window_data, false),
    [CAFFE_INFOGAIN] = ROW("InfogainLossParameter", infogain, false),
    [CAFFE_TRANSFORM] = ROW("TransformationParameter", transform, false),
    [CAFFE_ANNOTATED] = ROW("AnnotatedDataParameter", annotated, false),
    [CAFFE_DETECTION] = ROW("DetectionOutputParameter", detection, false),
    [CAFFE_SAVE] = ROW("SaveOutputParameter", save, false),
    [CAFFE_EVALUATE] = ROW("DetectionEvaluateParameter", evaluate, false),
    [CAFFE_VIDEO] = ROW("VideoDataParameter", video, false),
};

const struct caffe_field *caffe_schema_field(enum caffe_kind kind, uint32_t number)
{
    const struct caffe_message *m = &caffe_schema[kind];

    for (size_t i = 0; i < m->n; i++)
        if (m->fields[i].number == number)
            return &m->fields[i];
    return NULL;
}

bool caffe_schema_named(enum caffe_kind kind, struct slice name)
{
    const struct caffe_message *m = &caffe_schema[kind];

    for (size_t i = 0; i < m->n; i++)
        if (slice_is(name, m->fields[i].name))
            return true;
    return false;
}
