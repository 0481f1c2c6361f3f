/* Where the data of a program lies: in the FlatBuffer, or in segments behind it. */
#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/embedded.h"
#include "scanner/formats/graph/executorch.h"

/* Fields of SubsegmentOffsets and NamedData. */
enum { PLACES_SEGMENT, PLACES_OFFSETS };
enum { NAMED_KEY, NAMED_SEGMENT };

bool executorch_data_range(uint64_t value, uint64_t n, const char *what,
                           const struct flatbuffer_table *t, struct err *e)
{
    return value < n || err_pos(e, ERR_FORMAT, t->at, "%s %" PRId32 ", there are %" PRIu64, what,
                                (int32_t)(uint32_t)value, n);
}

/* ---- in the FlatBuffer ---- */
/* Adds up what the tables of `v` hold in their only field, and looks at what it begins with. */
static bool add_inline(struct executorch *t, const struct flatbuffer_vector *v, const char *what,
                       struct err *e)
{
    struct flatbuffer_vector bytes;
    struct flatbuffer_table table;
    uint8_t head[EMBEDDED_HEAD];

    for (uint32_t i = 0; i < v->n; i++) {
        const char *kind = NULL;

        if (!flatbuffer_item(v, i, &table, e) || !flatbuffer_vector(&table, 0, 1, &bytes, e))
            return err_in(e, "%s %" PRIu32, what, i);
        t->opaque += bytes.n;
        if (bytes.n >= sizeof(head)) {
            if (!flatbuffer_bytes(&t->f, bytes.at, head, sizeof(head), e))
                return false;
            kind = embedded_kind(head);
        }
        if (kind != NULL)
            embedded_add(&t->embedded, what, i, bytes.at, kind);
    }
    return true;
}

/* ---- in segments ---- */
/* How many bytes there are from place `index` on to the end of its segment. */
static bool bytes_from(struct executorch *t, const struct flatbuffer_table *places, uint64_t index,
                       uint64_t *bytes, struct err *e)
{
    struct flatbuffer_vector offsets;
    uint64_t segment = 0, offset;

    if (!flatbuffer_scalar(places, PLACES_SEGMENT, 4, &segment, e) ||
        !flatbuffer_vector(places, PLACES_OFFSETS, 8, &offsets, e) ||
        !segments_has(&t->segments, segment, places, e) ||
        !executorch_data_range(index, offsets.n, "tensor data", places, e) ||
        !flatbuffer_element(&offsets, (uint32_t)index, &offset, e))
        return false;
    if (offset > t->segments.items[segment].n)
        return err_pos(e, ERR_FORMAT, offsets.at + 8 * index,
                       "tensor data at byte %" PRIu64 " of a segment of %" PRIu64 " bytes", offset,
                       t->segments.items[segment].n);
    *bytes = t->segments.items[segment].n - offset;
    return true;
}

/* Every place is looked at, whether or not a tensor refers to it. */
static bool check_places(struct executorch *t, const struct flatbuffer_table *places, struct err *e)
{
    struct flatbuffer_vector offsets;
    uint64_t bytes;

    if (!flatbuffer_vector(places, PLACES_OFFSETS, 8, &offsets, e))
        return false;
    for (uint32_t i = 1; i < offsets.n; i++) /* 0 stands for tensors without data */
        if (!bytes_from(t, places, i, &bytes, e))
            return false;
    return true;
}

/* SPEC: Program.constant_segment: with one offset or none the data is in the FlatBuffer. */
static bool read_stored(struct executorch *t, struct err *e)
{
    struct flatbuffer_table places;
    struct flatbuffer_vector offsets = {.n = 0};

    if (!flatbuffer_sub(&t->program, EXECUTORCH_CONSTANT_SEGMENT, &places, e))
        return false;
    if (places.at != 0 && !flatbuffer_vector(&places, PLACES_OFFSETS, 8, &offsets, e))
        return false;
    if (offsets.n <= 1)
        return true;
    if (t->constants.n > 0)
        return err_pos(e, ERR_FORMAT, places.at, "constants in the FlatBuffer and in a segment");
    t->stored = places;
    return check_places(t, &places, e);
}

static bool read_variables(struct executorch *t, struct err *e)
{
    struct flatbuffer_table places;

    if (!flatbuffer_vector(&t->program, EXECUTORCH_MUTABLE, 4, &t->variables, e))
        return false;
    for (uint32_t i = 0; i < t->variables.n; i++)
        if (!flatbuffer_item(&t->variables, i, &places, e) || !check_places(t, &places, e))
            return err_in(e, "mutable data %" PRIu32, i);
    return true;
}

static bool read_named(struct executorch *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector v;
    struct flatbuffer_table named;
    struct slice key;

    if (!flatbuffer_vector(&t->program, EXECUTORCH_NAMED, 4, &v, e))
        return false;
    t->nkeys = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        uint64_t segment = 0;

        if (!flatbuffer_item(&v, i, &named, e) ||
            !flatbuffer_string(&named, NAMED_KEY, a, &key, e) ||
            !flatbuffer_scalar(&named, NAMED_SEGMENT, 4, &segment, e) ||
            !segments_has(&t->segments, segment, &named, e))
            return err_in(e, "named data %" PRIu32, i);
        if (t->keys.n < EXECUTORCH_NAMES)
            value_list_add(&t->keys, format_string(a, key, LIMIT_TALLY_BYTES));
    }
    return true;
}

bool executorch_data_read(struct executorch *t, struct err *e)
{
    return flatbuffer_vector(&t->program, EXECUTORCH_CONSTANTS, 4, &t->constants, e) &&
           flatbuffer_vector(&t->program, EXECUTORCH_INLINE, 4, &t->delegated, e) &&
           add_inline(t, &t->constants, "constant", e) &&
           add_inline(t, &t->delegated, "delegate", e) && read_stored(t, e) &&
           read_variables(t, e) && read_named(t, e);
}

bool executorch_data_constant(struct executorch *t, uint64_t index, uint64_t *bytes, struct err *e)
{
    struct flatbuffer_table buffer;
    struct flatbuffer_vector data;

    if (t->stored.at != 0)
        return bytes_from(t, &t->stored, index, bytes, e);
    if (!executorch_data_range(index, t->constants.n, "constant", &t->program, e) ||
        !flatbuffer_item(&t->constants, (uint32_t)index, &buffer, e) ||
        !flatbuffer_vector(&buffer, 0, 1, &data, e))
        return false;
    *bytes = data.n;
    return true;
}

bool executorch_data_variable(struct executorch *t, uint64_t group, uint64_t index, uint64_t *bytes,
                              struct err *e)
{
    struct flatbuffer_table places;

    return executorch_data_range(group, t->variables.n, "mutable data", &t->program, e) &&
           flatbuffer_item(&t->variables, (uint32_t)group, &places, e) &&
           bytes_from(t, &places, index, bytes, e);
}
