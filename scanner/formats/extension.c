#include "scanner/formats/extension.h"

#include <string.h>

#include "base/attr.h"

/* Formats in blanks; the first column is the end of a lower-case name. */
static const struct row {
    const char *end, *formats;
} rows[] = {
    {".pkl", " pickle gzip zlib bzip2 xz zstd pytorch pytorch_legacy lz4 lzma joblib_zfile "},
    {".pickle", " pickle gzip zlib bzip2 xz zstd lz4 lzma joblib_zfile "},
    {".joblib", " pickle gzip zlib bzip2 xz lz4 lzma joblib_zfile "},
    {".pt", " pytorch torchscript pytorch_legacy pickle pytorch-tar pytorch-package tar "},
    {".pth", " pytorch torchscript pytorch_legacy pickle pytorch-tar pytorch-package tar "},
    {".ckpt", " pytorch pytorch_legacy pickle tensor-data "},
    {".bin",
     " pytorch pytorch_legacy pickle tensor-data onnx xgboost milblob msgpack word2vec crfsuite "
     "fasttext ctranslate2 caffe "},
    {".faiss", " faiss "},
    {".ftz", " fasttext "},
    {".crfsuite", " crfsuite "},
    {".w2v", " word2vec text gzip "},
    {".distcp", " distcp pytorch safetensors zstd "},
    {".pt2", " pt2 "},
    {".mar", " mar "},
    {".npy", " npy "},
    {".npz", " npz "},
    {".safetensors", " safetensors "},
    {".json", " json xgboost catboost skops-schema tfjs zarr paddle "},
    {".ipynb", " json "},
    {".zip", " zip pytorch torchscript npz keras mar pt2 "},
    {".keras", " keras hdf5 "},
    {".h5", " hdf5 "},
    {".hdf5", " hdf5 "},
    {".hkl", " hdf5 "},
    {".onnx", " onnx "},
    {".onnxtxt", " onnx "}, /* ONNX as text or JSON loads, too, and is not read here */
    {".onnxtext", " onnx "},
    {".onnxjson", " onnx "},
    {".pb", " tensorflow tensorflow-graph tensorflow-meta tensorflow-debug tensorflow-fingerprint "
            "tensorflow-config keras-metadata onnx onnx-tensor tfhub "},
    {".pbtxt", " tensorflow tensorflow-graph tensorflow-meta text "},
    {".meta", " tensorflow-meta text json "},
    {".index", " tensorflow-checkpoint text json "},
    {".gguf", " gguf "},
    {".tfrecord", " tfrecord tfevents gzip zlib "},
    {".tfrecords", " tfrecord tfevents gzip zlib "},
    {".tflite", " tflite "},
    {".tar", " tar pytorch-tar pytorch pytorch_legacy "},
    {".7z", " 7z "},
    {".lz4", " lz4 "},
    {".lzma", " lzma "},
    {".task", " zip tflite "},
    {".mlmodel", " coreml "},
    {".mlpackage", " zip "},
    {".skops", " skops "},
    {".ubj", " xgboost ubjson "},
    {".msgpack", " msgpack "},
    {".cbm", " catboost "},
    {".lgb", " lightgbm "},
    {".pmml", " pmml xml "},
    {".xml", " xml pmml openvino "},
    {".pte", " executorch "},
    {".ptd", " flat_tensor "},
    {".bpte", " executorch-bundle "},
    {".ort", " ort "},
    {".engine", " tensorrt "},
    {".nemo", " tar gzip "},
    {".rds", " rds gzip bzip2 xz zstd "},
    {".rdata", " rds gzip bzip2 xz "},
    {".t7", " torch7 "},
    {".params", " mxnet "},
    {".caffemodel", " caffe hdf5 "},
    {".binaryproto", " caffe-mean "},
    {".prototxt", " caffe-text caffe-solver text yaml json "},
    {".solverstate", " caffe-solver-state hdf5 "},
    {".pdmodel", " paddle "},
    {".pdiparams", " paddle-params "},
    {".pdparams", " pickle "},
    {".pdopt", " pickle "},
    {".ser", " java gzip "},
    {".rda", " rds gzip bzip2 xz "},
    {".llamafile", " native zip "},
    {".tgz", " gzip "},
    {".gz", " gzip zlib joblib_zfile "},
    {".z", " joblib_zfile zlib tensor-data "},
    {".bz2", " bzip2 "},
    {".xz", " xz "},
    {".zst", " zstd "},
    {".txt", " text lightgbm caffe-text caffe-solver "},
    {".md", " text "},
    {".yaml", " yaml text json "},
    {".yml", " yaml text json "},
    {".py", " python script torchscript-code "},
    {".pyc", " pyc "},
    {".pyo", " pyc "},
    {".jinja", " jinja "},
    {".jinja2", " jinja "},
    {".j2", " jinja "},
    {".csv", " text "},
    {".parquet", " parquet "},
    {".arrow", " arrow "},
    {".feather", " arrow feather "},
    {".ocdbt", " ocdbt "},
    {".png", " png "},
    {".jpg", " jpeg "},
    {".jpeg", " jpeg "},
    {".gif", " gif "},
    {".webp", " webp "},
    {".wav", " wav "},
    {".mp4", " bmff "},
    {".flac", " flac "},
    {".ogg", " ogg "},
    {".oga", " ogg "},
    {".opus", " ogg "},
    {".mp3", " mp3 "},
    {".pdf", " pdf "},
    {".svg", " xml "},
    {".so", " native "},
    {".gzip", " gzip zlib joblib_zfile "},
    {".bzip2", " bzip2 "},
    {".zlib", " zlib "},
};

const char *extension_base(const char *path)
{
    const char *base = path;

    for (const char *p = path; *p != '\0'; p++)
        if (*p == '/' || *p == '!' || *p == '\\')
            base = p + 1;
    return base;
}

const char *extension_beside(const char *path, struct slice name, struct arena *a)
{
    return arena_printf(a, "%.*s%.*s", (int)(extension_base(path) - path), path, (int)name.len,
                        (const char *)name.data);
}

const char *extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot == NULL || dot == name ? "" : dot;
}

/* The row of a name, or NULL. */
static const struct row *row_of(const char *name)
{
    const size_t n = strlen(name);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const size_t m = strlen(rows[i].end);

        if (n >= m && strcmp(name + n - m, rows[i].end) == 0)
            return &rows[i];
    }
    return NULL;
}

static bool has(const struct row *r, const char *format)
{
    const size_t n = strlen(format);
    const char *at = strstr(r->formats, format);

    while (at != NULL && (at[-1] != ' ' || at[n] != ' '))
        at = strstr(at + 1, format);
    return at != NULL;
}

bool extension_mismatch(const char *name, const char *format)
{
    const struct row *r = row_of(name);

    if (strncmp(name, "._", 2) == 0 && strcmp(format, "appledouble") == 0)
        return false; /* ._model.pkl is of model.pkl */
    return r != NULL && !has(r, format);
}

bool extension_promises(const char *name, const char *format)
{
    const struct row *r = row_of(name);

    return r != NULL && has(r, format);
}
