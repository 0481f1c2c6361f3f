/*
 * No good file of any format, cut short, is clean. Formats come from formats.def, their files from
 * fixtures/<format>_model/good, or else fixtures/<format>/good.
 */
#include <string.h>

#include "base/attr.h"
#include "scanner/formats/format.h"
#include "tests/lib/cases.h"
#include "tests/lib/cuts.h"
#include "tests/lib/fixture.h"
#include "tests/lib/imports.h"

/* Where a shorter file is a whole one: at most `cuts` of its cuts may be clean, or any that takes
 * off nothing but zeros. */
static const struct exemption {
    const char *path; /* the beginning of format/file */
    size_t cuts;
    bool zeros;
    const char *why;
} exemptions[] = {
    {"text/", SIZE_MAX, false, "lines have no end marker"},
    {"python/", SIZE_MAX, false, "sources have no end marker"},
    {"yaml/", SIZE_MAX, false, "a document ends where its lines end"},
    {"jinja/", SIZE_MAX, false, "text outside of the delimiters has no end marker"},
    {"native/", SIZE_MAX, false, "refused as a program by its head alone (ML-GEN-003)"},
    {"pickle/two-streams.pkl", 1, false, "behind its first stream it is a file of one stream"},
    {"distcp/__0_0.distcp", 2, false, "behind each item it is a file of fewer items"},
    {"lz4/two.lz4", 1, false, "behind its first frame it is a file of one frame"},
    {"json_model/", 1, false, "the line feed behind the value"},
    {"xml/", 2, false, "the line feed behind the last tag"},
    {"tar_model/", 0, true, "zeros behind the last member are its end marker and padding"},
    {"gguf/", 1, true, "the padding behind the last tensor may be missing"},
    {"tflite/labels.tflite", 2, false, "the model without the zip of labels behind it"},
    {"ort/", 0, true, "padding behind the last table"},
    {"executorch/", 0, true, "padding behind the last table"},
    {"tflite/", 0, true, "padding behind the last table"},
    {"ocdbt/mixed", SIZE_MAX, false, "values have no marks; the tree says how long the file is"},
    {"ocdbt/", 1, false, "a text of its first byte, a form feed"},
    {"rds/ascii-2.rds", 1, false, "the line feed behind the last string"},
    {"java/", 3, false, "a stream of fewer objects or blocks"},
    {"tfrecord/events.out.tfevents.1700000000.host.1.0", 4, false, "a file of fewer records"},
    {"tfrecord/events.out.tfevents.1700000000.host.2.v2", 5, false, "a file of fewer records"},
    {"tfrecord/version-last.tfrecord", 1, false, "a file of fewer records"},
    {"tfrecord/examples.tfrecord", 2, false, "a file of fewer records"},
    {"tfrecord/empty-record.tfrecord", 1, false, "a file of fewer records"},
    {"onnx/metadata.onnx", 2, false, "metadata_props are optional"},
    {"onnx/training.onnx", 1, false, "training_info is optional"},
    {"onnx/newer.onnx", 1, false, "a field that no reader knows"},
    {"onnx/input_1.pb", 2, false, "a sequence of fewer tensors, test data beside a model"},
    {"tensorflow/graph.pbtxt", 5, false, "a graph of fewer nodes; line feeds behind messages"},
    {"tensorflow/graph.pb", 3, false, "a graph of fewer nodes; frozen ones have no versions"},
    {"tensorflow/old.pb", 7, false, "a graph of fewer nodes; frozen ones have no versions"},
    {"tensorflow/empty-name.pbtxt", 1, false, "the last line feed"},
    {"tensorflow/saved_model.pbtxt", 1, false, "the last line feed"},
    {"tensorflow/fingerprint.pb", 1, false, "TensorFlow before 2.13 wrote no uuid"},
    {"tensorflow/keras_metadata.pb", 1, false, "objects beside the model: each is judged alone"},
    {"word2vec/tool.bin", 1, false, "the line feed behind the last word is optional"},
    {"sentencepiece/", 1, false, "a text of its first byte, a line feed"},
    {"caffe/lenet.caffemodel", 2, false, "a net of fewer layers"},
    {"caffe/lenet.prototxt", 9, false, "words without a colon; a net of fewer layers"},
    {"caffe/brackets", 8, false, "words without a colon; blanks behind the end"},
    {"caffe/marked", 9, false, "words without a colon; the line feed at the end"},
    {"caffe/numbers", 7, false, "words without a colon; the line feed at the end"},
    {"caffe/old", 8, false, "words without a colon; the line feed at the end"},
    {"caffe/solver", 17, false, "words without a colon; a solver of fewer settings"},
    {"caffe/whole_solver", 15, false, "words without a colon; a solver of fewer settings"},
    {"caffe/v", 1, false, "a net of fewer layers"},
    {"caffe/iter_5.solverstate", 1, false, "the step is optional"},
    {"paddle/old.pdmodel", 0, false, "nothing behind the only block"},
    {"paddle/", 2, false, "versions behind the blocks are optional"},
    {"paddle_params/types.pdiparams", 17, false, "a file of fewer tensors"},
    {"paddle_params/", 1, false, "a file of fewer tensors"},
    {"jpeg/two.jpg", 1, false, "behind its first picture it is a file of one"},
    {"bmff/to-end.mp4", SIZE_MAX, false, "the last box goes to the end, wherever that is"},
    {"ogg/chained.ogg", 1, false, "behind its first stream it is a file of one"},
    {"mp3/ape.mp3", 2, false, "tags behind the frames are optional"},
    {"mp3/tagged.mp3", 1, false, "tags behind the frames are optional"},
    {"mp3/plain.mp3", 2, false, "fewer frames; without a header nothing says how many there are"},
    {"pdf/updated.pdf", 2, false, "the document before its update, with its line feed or without"},
    {"pdf/blanks.pdf", 7, false, "blanks behind the end"},
    {"pdf/", 1, false, "the line feed behind the end"},
    {"gitlfs/", SIZE_MAX, false, "text that is no pointer; lines have no end marker"},
    {"gitannex/", SIZE_MAX, false, "text that is no pointer; lines have no end marker"},
    {"lightgbm/parser.txt", 12 + 3 + 3, false, "its first line; the parser is optional, too"},
    {"lightgbm/", 12 + 3, false, "a text of its first line; categories of Python are optional"},
};

static const char *folder;

static const struct exemption *exemption(const char *name)
{
    static const struct exemption none = {"", 0, false, ""};
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    for (size_t i = 0; i < ARRAY_LEN(exemptions); i++)
        if (strncmp(path, exemptions[i].path, strlen(exemptions[i].path)) == 0)
            return &exemptions[i];
    return &none;
}

static void cut(const char *name, struct slice bytes, const char *want)
{
    const struct exemption *free_of = exemption(name);
    struct cuts c = {.name = name, .imports = imports_table(), .zeros = free_of->zeros};

    (void)want;
    cr_expect(cuts_clean(&c, bytes), "%s/%s: the whole file is not clean", folder, name);
    cuts_make(&c, bytes);
    cr_expect_leq(c.clean, free_of->cuts,
                  "%s/%s of %zu bytes: %zu of %zu cuts are clean, the first at %zu", folder, name,
                  bytes.len, c.clean, c.made, c.first);
}

/* Where the fixtures of a format are. */
static const char *fixtures_of(const char *format)
{
    return strcmp(format, "tf-checkpoint") == 0 ? "tensorflow_checkpoint" : format;
}

ParameterizedTestParameters(scanner_format_truncation, no_cut_is_clean)
{
    static size_t index[FORMAT_SEEN_MAX];
    size_t n = 0;

    for (; n < FORMAT_SEEN_MAX && format_table[n] != NULL; n++)
        index[n] = n;
    return cr_make_param_array(size_t, index, n);
}

ParameterizedTest(size_t *format_index, scanner_format_truncation, no_cut_is_clean)
{
    static const char *const kinds[] = {"_model",
                                        ""}; /* fixtures/json and tar are of other readers */
    const char *name = fixtures_of(format_table[*format_index]->name);
    char path[512], label[128];
    size_t files = 0;

    for (size_t i = 0; i < ARRAY_LEN(kinds) && files == 0; i++) {
        DIR *d;

        snprintf(label, sizeof(label), "%s%s", name, kinds[i]);
        snprintf(path, sizeof(path), "fixtures/%s/good", label);
        folder = label;
        d = opendir(path);
        if (d == NULL)
            continue;
        closedir(d);
        files += fixture_each(path, cut);
    }
    cr_expect_geq(files, 1, "no fixtures/%s/good", name);
}
