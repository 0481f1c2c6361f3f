/* The types and shapes of tensors, which programs and files of tensors share. */
#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/graph/executorch.h"

#define RANK 16 /* SPEC: runtime/core/tensor_shape_dynamism.h, kTensorDimensionLimit */
#define ELEMENTS ((uint64_t)1 << 48)

/* SPEC: schema/scalar_type.fbs */
const struct executorch_type executorch_shape_types[EXECUTORCH_TYPES] = {
    [0] = {"uint8", 1},
    [1] = {"int8", 1},
    [2] = {"int16", 2},
    [3] = {"int32", 4},
    [4] = {"int64", 8},
    [5] = {"float16", 2},
    [6] = {"float32", 4},
    [7] = {"float64", 8},
    [8] = {"complex32", 4},
    [9] = {"complex64", 8},
    [10] = {"complex128", 16},
    [11] = {"bool", 1},
    [12] = {"qint8", 1},
    [13] = {"quint8", 1},
    [14] = {"qint32", 4},
    [15] = {"bfloat16", 2},
    [16] = {"quint4x2", 1},
    [17] = {"quint2x4", 1},
    [18] = {"bits1x8", 1},
    [19] = {"bits2x4", 1},
    [20] = {"bits4x2", 1},
    [21] = {"bits8", 1},
    [22] = {"bits16", 2},
    [23] = {"float8_e5m2", 1},
    [24] = {"float8_e4m3fn", 1},
    [25] = {"float8_e5m2fnuz", 1},
    [26] = {"float8_e4m3fnuz", 1},
    [27] = {"uint16", 2},
    [28] = {"uint32", 4},
    [29] = {"uint64", 8},
};

/* dim_order is a permutation of the dimensions; strides are made from it without another look. */
static bool check_order(const struct flatbuffer_vector *order, uint32_t rank,
                        const struct flatbuffer_table *t, struct err *e)
{
    uint32_t seen = 0;
    uint64_t dim;

    if (order->n != rank)
        return err_pos(e, ERR_FORMAT, t->at,
                       "an order of %" PRIu32 " dimensions, there are %" PRIu32, order->n, rank);
    for (uint32_t i = 0; i < rank; i++) {
        if (!flatbuffer_element(order, i, &dim, e))
            return false;
        if (dim >= rank || (seen >> dim & 1) != 0)
            return err_pos(e, ERR_FORMAT, order->at,
                           "dimension %" PRIu64 " in an order of %" PRIu32, dim, rank);
        seen |= UINT32_C(1) << dim;
    }
    return true;
}

bool executorch_shape_read(const struct flatbuffer_table *t, unsigned first,
                           struct executorch_tensor *out, struct err *e)
{
    struct flatbuffer_vector sizes, order;
    uint64_t n = 1, size;

    *out = (struct executorch_tensor){.type = 0};
    if (!flatbuffer_scalar(t, 0, 1, &out->type, e) || !flatbuffer_vector(t, first, 4, &sizes, e) ||
        !flatbuffer_vector(t, first + 1, 1, &order, e))
        return false;
    if (out->type >= EXECUTORCH_TYPES)
        return err_pos(e, ERR_FORMAT, t->at, "a tensor of type %" PRIu64, out->type);
    if (sizes.n > RANK)
        return err_pos(e, ERR_FORMAT, t->at, "%" PRIu32 " dimensions, at most %d", sizes.n, RANK);
    for (uint32_t i = 0; i < sizes.n; i++) {
        if (!flatbuffer_element(&sizes, i, &size, e))
            return false;
        if (size > INT32_MAX)
            return err_pos(e, ERR_FORMAT, sizes.at, "a dimension of %" PRId32 " elements",
                           (int32_t)(uint32_t)size);
        if (size != 0 && n > ELEMENTS / size)
            return err_pos(e, ERR_FORMAT, sizes.at, "the dimensions multiply past 2^48");
        n *= size;
    }
    out->bytes = n * executorch_shape_types[out->type].bytes;
    return check_order(&order, sizes.n, t, e);
}
