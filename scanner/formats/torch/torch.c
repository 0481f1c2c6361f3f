#include "scanner/formats/torch/torch.h"

#include <string.h>

#include "base/checked.h"
#include "scanner/formats/summary.h"

bool torch_legacy(struct slice head)
{
    /* PROTO 2, LONG1 of 10 bytes: 0x1950a86a20f9469cfc6c, STOP */
    static const uint8_t magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                    0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

    return head.len >= sizeof(magic) && memcmp(head.data, magic, sizeof(magic)) == 0;
}

static const struct type {
    const char *name, *dtype;
    uint64_t size;
} types[] = {
    {"DoubleStorage", "float64", 8},
    {"FloatStorage", "float32", 4},
    {"HalfStorage", "float16", 2},
    {"BFloat16Storage", "bfloat16", 2},
    {"LongStorage", "int64", 8},
    {"IntStorage", "int32", 4},
    {"ShortStorage", "int16", 2},
    {"CharStorage", "int8", 1},
    {"ByteStorage", "uint8", 1},
    {"BoolStorage", "bool", 1},
    {"ComplexFloatStorage", "complex64", 8},
    {"ComplexDoubleStorage", "complex128", 16},
    {"QUInt8Storage", "quint8", 1},
    {"QInt8Storage", "qint8", 1},
    {"QInt32Storage", "qint32", 4},
    {"QUInt4x2Storage", "quint4x2", 1},
    {"QUInt2x4Storage", "quint2x4", 1},
    {"UntypedStorage", "untyped", 1},
    {"UInt16Storage", "uint16", 2},
    {"UInt32Storage", "uint32", 4},
    {"UInt64Storage", "uint64", 8},
};

static const struct type *type_of(const struct pickle_import *x)
{
    if (!slice_is(x->module, "torch") && !slice_is(x->module, "torch.storage") &&
        !slice_is(x->module, "torch.cuda"))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(x->name, types[i].name))
            return &types[i];
    return NULL;
}

static int by_key(const void *a, const void *b)
{
    return slice_cmp(((const struct torch_storage *)a)->key,
                     ((const struct torch_storage *)b)->key);
}

void torch_collect(const struct pickle *p, struct arena *a, struct torch_storages *out)
{
    size_t kept = 0;

    *out = (struct torch_storages){.items = ARENA_ARRAY(a, struct torch_storage, p->vm.nstorages)};
    for (size_t i = 0; i < p->vm.nstorages; i++) {
        const struct pickle_storage *s = &p->vm.storages[i];
        const struct type *t = type_of(&p->table.items[s->type]);
        struct torch_storage *x = &out->items[i];

        x->key = s->key;
        x->dtype = t != NULL ? t->dtype : "unknown";
        x->sized = t != NULL && checked_mul(s->numel, t->size, &x->bytes);
    }
    if (p->vm.nstorages > 0)
        qsort(out->items, p->vm.nstorages, sizeof(*out->items), by_key);
    for (size_t i = 0; i < p->vm.nstorages; i++) {
        const struct torch_storage *x = &out->items[i];

        if (kept > 0 && slice_eq(out->items[kept - 1].key, x->key)) {
            if (x->sized != out->items[kept - 1].sized || x->bytes != out->items[kept - 1].bytes)
                out->items[kept - 1].conflict = true;
            continue;
        }
        out->items[kept++] = *x;
        if (!x->sized || !checked_add(out->bytes, x->bytes, &out->bytes))
            out->bytes = UINT64_MAX;
    }
    out->n = kept;
}

const struct torch_storage *torch_find(const struct torch_storages *s, struct slice key)
{
    const struct torch_storage want = {.key = key};

    return s->n == 0 ? NULL : bsearch(&want, s->items, s->n, sizeof(*s->items), by_key);
}

void torch_mark(struct torch_storages *s, struct slice key)
{
    const struct torch_storage *found = torch_find(s, key);

    if (found != NULL)
        s->items[found - s->items].present = true;
}

void torch_tell(const struct format_input *in, const struct torch_storages *s)
{
    struct arena *a = in->scratch;
    struct value_builder counts;
    const struct value *dtypes;
    uint64_t total = 0;

    value_map_begin(&counts, a);
    for (size_t t = 0; t <= ARRAY_LEN(types); t++) {
        const char *dtype = t < ARRAY_LEN(types) ? types[t].dtype : "unknown";
        int64_t n = 0;

        for (size_t i = 0; i < s->n; i++)
            n += strcmp(s->items[i].dtype, dtype) == 0;
        if (n > 0)
            value_map_add(&counts, dtype, value_int(a, n, NULL));
    }
    dtypes = value_map_end(&counts, NULL);
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].sized && !checked_add(total, s->items[i].bytes, &total))
            total = INT64_MAX;
    summary_tell(in, s->n, total, dtypes);
}
