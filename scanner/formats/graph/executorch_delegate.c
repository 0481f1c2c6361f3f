/* The delegates of a method: whole parts of the graph that a backend runs, and what it is told. */
#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/graph/executorch.h"
#include "scanner/formats/location.h"

/* Fields of the tables. */
enum { DELEGATE_ID, DELEGATE_DATA, DELEGATE_SPECS };
enum { DATA_LOCATION, DATA_INDEX };
enum { SPEC_KEY, SPEC_VALUE };
/* SPEC: backends/qualcomm/serialization/qc_compiler_spec.fbs */
enum { QNN_LIBRARY = 2, QNN_SAVER = 9, QNN_SAVER_FOLDER, QNN_PACKAGES };
enum { PACKAGE_NAME, PACKAGE_PATH };

/* ---- libraries ---- */
static void tell_file(const struct executorch *t, const char *kind, const char *access,
                      struct slice name, uint64_t at)
{
    location_tell(t->in, &(struct location_reference){"executorch", kind, access, name, at});
}

/* The packages of operators that Qualcomm's backend opens as libraries. */
static bool read_packages(struct executorch *t, const struct flatbuffer_table *options,
                          struct err *e)
{
    struct flatbuffer_table list, package;
    struct flatbuffer_vector v;
    struct slice path;

    if (!flatbuffer_sub(options, QNN_PACKAGES, &list, e))
        return false;
    if (list.at == 0)
        return true;
    if (!flatbuffer_vector(&list, 0, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&v, i, &package, e) ||
            !flatbuffer_string(&package, PACKAGE_PATH, t->in->scratch, &path, e))
            return err_in(e, "package %" PRIu32, i);
        tell_file(t, "operator-package", "execute", path, package.at);
    }
    return true;
}

/* A FlatBuffer of its own in the value of a compile spec. */
static bool read_qnn(struct executorch *t, const struct flatbuffer_vector *value, struct err *e)
{
    struct flatbuffer *f = &t->f;
    const uint64_t base = f->base, end = f->end, reached = f->reached;
    struct flatbuffer_table options;
    struct slice library = {NULL, 0}, folder = {NULL, 0};
    uint64_t saver = 0;
    bool ok;

    f->base = value->at;
    f->end = value->at + value->n;
    ok = flatbuffer_root(f, &options, e) &&
         flatbuffer_string(&options, QNN_LIBRARY, t->in->scratch, &library, e) &&
         flatbuffer_scalar(&options, QNN_SAVER, 1, &saver, e) &&
         flatbuffer_string(&options, QNN_SAVER_FOLDER, t->in->scratch, &folder, e) &&
         read_packages(t, &options, e);
    f->base = base;
    f->end = end;
    f->reached = reached;
    if (!ok)
        return err_in(e, "options of Qualcomm's backend");
    if (library.len > 0)
        tell_file(t, "library", "execute", library, value->at);
    if (saver != 0 && folder.len > 0)
        tell_file(t, "folder", "write", folder, value->at);
    return true;
}

/* ---- delegates ---- */
static bool read_specs(struct executorch *t, const struct flatbuffer_table *delegate,
                       struct value_builder *keys, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector v, value;
    struct flatbuffer_table spec;
    struct slice key;

    if (!flatbuffer_vector(delegate, DELEGATE_SPECS, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&v, i, &spec, e) || !flatbuffer_string(&spec, SPEC_KEY, a, &key, e) ||
            !flatbuffer_vector(&spec, SPEC_VALUE, 1, &value, e))
            return err_in(e, "compile spec %" PRIu32, i);
        if (slice_is(key, "qnn_compile_spec") && !read_qnn(t, &value, e))
            return err_in(e, "compile spec %" PRIu32, i);
        if (keys->n < EXECUTORCH_NAMES)
            value_list_add(keys, format_string(a, key, LIMIT_TALLY_BYTES));
    }
    return true;
}

/* How many bytes a delegate is given. */
static bool size_data(struct executorch *t, const struct flatbuffer_table *delegate,
                      uint64_t *bytes, struct err *e)
{
    struct flatbuffer_table data, inner;
    struct flatbuffer_vector v;
    uint64_t location = 0, index = 0;

    *bytes = 0;
    if (!flatbuffer_sub(delegate, DELEGATE_DATA, &data, e))
        return false;
    if (data.at == 0)
        return true;
    if (!flatbuffer_scalar(&data, DATA_LOCATION, 1, &location, e) ||
        !flatbuffer_scalar(&data, DATA_INDEX, 4, &index, e))
        return false;
    if (location > 1)
        return err_pos(e, ERR_FORMAT, data.at, "delegate data in place %" PRIu64, location);
    if (location == 1) {
        if (!segments_has(&t->segments, index, &data, e))
            return false;
        *bytes = t->segments.items[index].n;
        return true;
    }
    if (!executorch_data_range(index, t->delegated.n, "delegate data", &data, e) ||
        !flatbuffer_item(&t->delegated, (uint32_t)index, &inner, e) ||
        !flatbuffer_vector(&inner, 0, 1, &v, e))
        return false;
    *bytes = v.n;
    return true;
}

static bool read_delegate(struct executorch *t, const struct flatbuffer_table *delegate,
                          struct err *e)
{
    struct arena *a = t->in->scratch;
    struct value_builder b, keys;
    struct slice id;
    uint64_t bytes;

    value_list_begin(&keys, a);
    if (!flatbuffer_string(delegate, DELEGATE_ID, a, &id, e) ||
        !size_data(t, delegate, &bytes, e) || !read_specs(t, delegate, &keys, e))
        return false;
    (void)tally_add(&t->ops, SLICE_LIT("delegate"), id, delegate->at);
    t->ndelegates++;
    if (t->delegates.n == EXECUTORCH_NAMES)
        return true;
    value_map_begin(&b, a);
    value_map_add(&b, "id", format_string(a, id, LIMIT_TALLY_BYTES));
    value_map_add(&b, "bytes", value_count(a, bytes));
    value_map_add(&b, "specs", value_list_end(&keys, NULL));
    value_list_add(&t->delegates, value_map_end(&b, NULL));
    return true;
}

bool executorch_delegate_read(struct executorch *t, const struct flatbuffer_table *plan,
                              unsigned field, uint32_t *n, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(plan, field, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &table, e) || !read_delegate(t, &table, e))
            return err_in(e, "delegate %" PRIu32, i);
    *n = v.n;
    return true;
}
