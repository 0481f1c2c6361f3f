#include "scanner/formats/pickle/pickle_table.h"

#include <string.h>

#include "base/limits.h"

void pickle_table_init(struct pickle_table *t, struct arena *a)
{
    *t = (struct pickle_table){.arena = a};
}

void pickle_table_release(struct pickle_table *t)
{
    free(t->index);
    t->index = NULL;
}

/* FNV-1a over both names with a byte between that cannot be in a line. */
static uint32_t hash_of(const struct pickle_import *k)
{
    uint32_t h = 2166136261u ^ k->stream * 2654435761u ^ (uint32_t)k->resolved;

    for (size_t i = 0; i < k->module.len; i++)
        h = (h ^ k->module.data[i]) * 16777619u;
    h = (h ^ '\n') * 16777619u;
    for (size_t i = 0; i < k->name.len; i++)
        h = (h ^ k->name.data[i]) * 16777619u;
    return h;
}

static bool same(const struct pickle_import *a, const struct pickle_import *b)
{
    return a->hash == b->hash && a->stream == b->stream && a->resolved == b->resolved &&
           slice_eq(a->module, b->module) && slice_eq(a->name, b->name);
}

/* Is it module.name? An attribute path leads to the same object from any package above it. */
static bool is_full(const struct pickle_import *k, const char *full)
{
    const struct slice s = slice_str(full);
    const size_t n = k->module.len;

    return s.len == n + 1 + k->name.len && full[n] == '.' &&
           slice_eq(k->module, (struct slice){s.data, n}) && slice_is(k->name, full + n + 1);
}

/* SPEC: CPython 3.11, Lib/copyreg.py; joblib 1.2, joblib/numpy_pickle{,_compat}.py; NumPy 2.4,
 * numpy/random/_pickle.py, ma/core.py; PyTorch 2.5, torch/_tensor.py, _utils.py, storage.py,
 * jit/_pickle.py; pandas 3.1, core/indexes; scikit-learn 1.9, neighbors/_binary_tree.pxi.tp. */
static const struct {
    const char *full;
    enum pickle_special special;
} specials[] = {
    {"builtins.getattr", PICKLE_GETATTR},
    {"__builtin__.getattr", PICKLE_GETATTR},
    {"copyreg._reconstructor", PICKLE_RECONSTRUCTOR},
    {"copy_reg._reconstructor", PICKLE_RECONSTRUCTOR},
    {"copyreg.__newobj__", PICKLE_NEWOBJ},
    {"copy_reg.__newobj__", PICKLE_NEWOBJ},
    {"copyreg.__newobj_ex__", PICKLE_NEWOBJ},
    {"copy_reg.__newobj_ex__", PICKLE_NEWOBJ},
    {"torch._tensor._rebuild_from_type", PICKLE_REBUILD},
    {"torch._tensor._rebuild_from_type_v2", PICKLE_REBUILD},
    {"functools.partial", PICKLE_PARTIAL},
    {"_functools.partial", PICKLE_PARTIAL},
    {"collections.defaultdict", PICKLE_FACTORY},
    {"numpy.random._pickle.__bit_generator_ctor", PICKLE_GENERATOR},
    {"numpy.random._pickle.__generator_ctor", PICKLE_GENERATOR},
    {"numpy.random._pickle.__randomstate_ctor", PICKLE_GENERATOR},
    {"torch.jit._pickle.build_boollist", PICKLE_SAME},
    {"torch.jit._pickle.build_doublelist", PICKLE_SAME},
    {"torch.jit._pickle.build_intlist", PICKLE_SAME},
    {"torch.jit._pickle.build_tensorlist", PICKLE_SAME},
    {"torch.jit._pickle.restore_type_tag", PICKLE_SAME},
    {"torch._utils._rebuild_qtensor", PICKLE_TENSOR},
    {"torch._utils._rebuild_tensor", PICKLE_TENSOR},
    {"torch._utils._rebuild_tensor_v2", PICKLE_TENSOR},
    {"torch._utils._rebuild_tensor_v3", PICKLE_TENSOR},
    {"torch.storage._load_from_bytes", PICKLE_LOAD_BYTES},
    {"_codecs.encode", PICKLE_ENCODE},
    {"numpy.dtype", PICKLE_NUMPY_DTYPE},
    {"numpy._core.multiarray._reconstruct", PICKLE_OF_CLASS},
    {"numpy.core.multiarray._reconstruct", PICKLE_OF_CLASS},
    {"numpy.core._internal._reconstruct", PICKLE_OF_CLASS},
    {"numpy.ma.core._mareconstruct", PICKLE_OF_CLASS},
    {"numpy._core.multiarray.scalar", PICKLE_SCALAR},
    {"numpy.core.multiarray.scalar", PICKLE_SCALAR},
    {"pandas.core.indexes.base._new_Index", PICKLE_MAKER},
    {"pandas.core.indexes.datetimes._new_DatetimeIndex", PICKLE_MAKER},
    {"pandas.core.indexes.interval._new_IntervalIndex", PICKLE_MAKER},
    {"pandas.core.indexes.period._new_PeriodIndex", PICKLE_MAKER},
    {"pandas.core.indexes.timedeltas._new_TimedeltaIndex", PICKLE_MAKER},
    {"sklearn.metrics._dist_metrics.newObj", PICKLE_MAKER},
    {"sklearn.neighbors._ball_tree.newObj", PICKLE_MAKER},
    {"sklearn.neighbors._kd_tree.newObj", PICKLE_MAKER},
    {"joblib.numpy_pickle.NumpyArrayWrapper", PICKLE_ARRAY_WRAPPER},
    {"joblib.numpy_pickle.NDArrayWrapper", PICKLE_FILE_WRAPPER},
    {"joblib.numpy_pickle.ZNDArrayWrapper", PICKLE_FILE_WRAPPER},
    {"joblib.numpy_pickle_compat.NDArrayWrapper", PICKLE_FILE_WRAPPER},
    {"joblib.numpy_pickle_compat.ZNDArrayWrapper", PICKLE_FILE_WRAPPER},
    /* scikit-learn before 0.23 brought joblib along */
    {"sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper", PICKLE_ARRAY_WRAPPER},
    {"sklearn.externals.joblib.numpy_pickle.NDArrayWrapper", PICKLE_FILE_WRAPPER},
    {"sklearn.externals.joblib.numpy_pickle.ZNDArrayWrapper", PICKLE_FILE_WRAPPER},
    {"sklearn.externals.joblib.numpy_pickle_compat.NDArrayWrapper", PICKLE_FILE_WRAPPER},
    {"sklearn.externals.joblib.numpy_pickle_compat.ZNDArrayWrapper", PICKLE_FILE_WRAPPER},
};

static enum pickle_special special_of(const struct pickle_import *k)
{
    for (size_t i = 0; k->resolved && i < ARRAY_LEN(specials); i++)
        if (is_full(k, specials[i].full))
            return specials[i].special;
    return PICKLE_ORDINARY;
}

static void rehash(struct pickle_table *t)
{
    const size_t cap = t->index_cap == 0 ? 64 : t->index_cap * 2;
    uint32_t *index = calloc(cap, sizeof(*index));

    if (index == NULL)
        abort();
    for (size_t i = 0; i < t->n; i++) {
        size_t at = t->items[i].hash & (cap - 1);

        while (index[at] != 0)
            at = (at + 1) & (cap - 1);
        index[at] = (uint32_t)i + 1;
    }
    free(t->index);
    t->index = index;
    t->index_cap = cap;
}

bool pickle_table_put(struct pickle_table *t, const struct pickle_import *key, uint32_t *at,
                      struct err *e)
{
    struct pickle_import k = *key, *item;
    size_t i;

    k.hash = hash_of(&k);
    if ((t->n + 1) * 2 > t->index_cap)
        rehash(t);
    for (i = k.hash & (t->index_cap - 1); t->index[i] != 0; i = (i + 1) & (t->index_cap - 1)) {
        item = &t->items[t->index[i] - 1];
        if (!same(item, &k))
            continue;
        item->count++;
        item->mapped = item->mapped || k.mapped;
        *at = t->index[i] - 1;
        return true;
    }
    if (t->n >= LIMIT_PICKLE_IMPORTS)
        return err_pos(e, ERR_LIMIT, k.offset,
                       "more than %d different imports (LIMIT_PICKLE_IMPORTS)",
                       LIMIT_PICKLE_IMPORTS);
    item = ARENA_PUSH(t->arena, &t->items, &t->n);
    *item = k;
    item->module = arena_slice(t->arena, k.module);
    item->name = arena_slice(t->arena, k.name);
    item->count = 1;
    item->special = (uint8_t)special_of(item);
    t->index[i] = (uint32_t)t->n;
    *at = (uint32_t)t->n - 1;
    return true;
}
