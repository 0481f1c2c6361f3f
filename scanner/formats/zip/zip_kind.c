#include "scanner/formats/zip/zip_kind.h"

#include <string.h>

#include "base/attr.h"

/* The folder of the first directory entry, with its slash: PyTorch's reader takes it for the name
 * of the archive. SPEC: PyTorch 2.5, caffe2/serialize/inline_container.cc, init. */
static struct slice first_folder(const struct zip *z)
{
    for (size_t i = 0; i < z->n; i++) {
        const struct slice name = z->members[i].name;
        const uint8_t *slash;

        if (z->members[i].view != 0 || z->members[i].index != 0 || z->members[i].second)
            continue;
        slash = name.len > 0 ? memchr(name.data, '/', name.len) : NULL;
        return (struct slice){name.data, slash != NULL ? (size_t)(slash - name.data) + 1 : 0};
    }
    return (struct slice){NULL, 0};
}

static bool same(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        const uint8_t x = a.data[i], y = b.data[i];

        if (x != y && ((x ^ y) != 0x20 || (x | 0x20) < 'a' || (x | 0x20) > 'z'))
            return false;
    }
    return a.len == b.len;
}

/* The member <prefix><name>: miniz looks names up without regard to case. */
static const struct zip_member *member(const struct zip *z, struct slice prefix, const char *name)
{
    const struct slice tail = slice_str(name);

    for (size_t i = 0; i < z->n; i++) {
        const struct slice n = z->members[i].name;

        if (n.len == prefix.len + tail.len && same((struct slice){n.data, prefix.len}, prefix) &&
            same(slice_from(n, prefix.len), tail))
            return &z->members[i];
    }
    return NULL;
}

/* At the root, or in the folder of the archive. */
static bool has(const struct zip *z, struct slice prefix, const char *name)
{
    return member(z, prefix, name) != NULL ||
           member(z, (struct slice){prefix.data, 0}, name) != NULL;
}

/* SPEC: torch/csrc: a file of torch.save has <name>/data.pkl, one of torch.jit.save
 * <name>/constants.pkl too. */
static void find_data(const struct zip *z, struct slice first, struct zip_kind *k)
{
    static const size_t tail = sizeof("data.pkl") - 1;

    k->data = first.len > 0 ? member(z, first, "data.pkl") : NULL;
    for (size_t i = 0; k->data == NULL && i < z->n; i++)
        if (z->members[i].name.len > tail &&
            same(slice_from(z->members[i].name, z->members[i].name.len - tail - 1),
                 SLICE_LIT("/data.pkl")))
            k->data = &z->members[i];
    if (k->data == NULL)
        return;
    k->name = "pytorch";
    k->prefix = (struct slice){k->data->name.data, k->data->name.len - tail};
    if (member(z, k->prefix, "constants.pkl") != NULL)
        k->name = "torchscript";
}

void zip_kind_find(const struct zip *z, struct zip_kind *out)
{
    /* The first that holds counts. SPEC: torch/package/package_importer.py; torch/export 2.7,
     * pt2_archive/constants.py, and 2.1, __init__.py; TorchServe's model-archiver. */
    static const struct {
        const char *member, *kind;
    } marks[] = {
        {".data/extern_modules", "pytorch-package"},
        {"archive_format", "pt2"},
        {"serialized_exported_program.json", "pt2"},
        {"MAR-INF/MANIFEST.json", "mar"},
    };
    const struct slice first = first_folder(z);
    size_t arrays = 0, files = 0, kinds = 0;

    *out = (struct zip_kind){.name = "zip"};
    for (size_t i = 0; i < z->n; i++) {
        files += !z->members[i].folder;
        arrays += slice_ends(z->members[i].name, ".npy");
    }
    if (files > 0 && arrays == files)
        out->name = "npz";
    if (strcmp(out->name, "zip") == 0 && has(z, (struct slice){NULL, 0}, "schema.json"))
        out->name = "skops"; /* SPEC: skops/io/_persist.py */
    find_data(z, first, out);
    kinds = out->data != NULL && strcmp(out->name, "torchscript") == 0;
    if (has(z, (struct slice){NULL, 0}, "config.json") &&
        (has(z, (struct slice){NULL, 0}, "metadata.json") ||
         has(z, (struct slice){NULL, 0}, "model.weights.h5"))) {
        kinds += out->data == NULL || kinds > 0;
        if (out->data == NULL)
            out->name = "keras";
    }
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (has(z, first, marks[i].member) && strcmp(out->name, marks[i].kind) != 0) {
            /* code of TorchScript stays code of TorchScript, whatever stands beside it */
            if (kinds++ == 0)
                out->name = marks[i].kind;
        }
    out->several = kinds > 1;
    if (out->data == NULL)
        out->prefix = first;
}

/* SPEC: torch/package/package_exporter.py, persistent_id: <prefix>.data/<n>.storage; torch/export
 * 2.8, pt2_archive/_package.py: <prefix>data/weights/<name>, data/constants/<name>. */
bool zip_kind_raw(const struct zip_kind *k, const struct zip_member *m)
{
    struct slice rest;

    if (m->name.len <= k->prefix.len ||
        (k->prefix.len > 0 && memcmp(m->name.data, k->prefix.data, k->prefix.len) != 0))
        return false;
    rest = slice_from(m->name, k->prefix.len);
    if (strcmp(k->name, "pytorch-package") == 0)
        return slice_starts(rest, ".data/") && slice_ends(rest, ".storage");
    return strcmp(k->name, "pt2") == 0 && (slice_starts(rest, "data/weights/weight_") ||
                                           slice_starts(rest, "data/constants/tensor_"));
}
