/* The methods of a program: the values that they work on, and what they run in which order. */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/executorch.h"

/* Fields of the tables. SPEC: schema/program.fbs; a union takes two fields, its type first */
enum { PLAN_NAME, PLAN_CONTAINER, PLAN_VALUES, PLAN_INPUTS, PLAN_OUTPUTS, PLAN_CHAINS };
enum { PLAN_OPERATORS = 6, PLAN_DELEGATES, PLAN_ROOMS, PLAN_DEVICES };
enum { CONTAINER_INPUTS, CONTAINER_OUTPUTS };
enum { VALUE_TYPE, VALUE_TABLE };
enum { TENSOR_TYPE, TENSOR_OFFSET, TENSOR_SIZES, TENSOR_DATA = 5, TENSOR_ROOM };
enum { TENSOR_DYNAMISM = 8, TENSOR_EXTRA };
enum { EXTRA_GROUP, EXTRA_NAME, EXTRA_LOCATION };
enum { ROOM_MEMORY, ROOM_LOW, ROOM_HIGH };
enum { CHAIN_INPUTS, CHAIN_OUTPUTS, CHAIN_INSTRUCTIONS, CHAIN_FRAMES };
enum { FRAME_FILE, FRAME_LINE, FRAME_NAME, FRAME_CONTEXT };
enum { OPERATOR_NAME, OPERATOR_OVERLOAD };

/* KernelTypes. */
enum { KERNEL_TENSOR = 5, KERNEL_STRING, KERNEL_INTS, KERNEL_DOUBLES, KERNEL_BOOLS };
enum { KERNEL_TENSORS = 10, KERNEL_OPTIONAL, KERNEL_TYPES };

/* InstructionArguments. */
enum { CALL_KERNEL = 1, CALL_DELEGATE, CALL_MOVE, CALL_JUMP_FALSE, CALL_FREE, CALLS };

#define UNBOUND 2 /* TensorShapeDynamism: a shape that only the input says */
#define EXTERNAL 1

/* One method: how many there are of what its instructions refer to. */
struct plan {
    uint32_t values, operators, delegates;
    struct flatbuffer_vector rooms; /* sizes of the memory that is set aside */
};

/* ---- values ---- */
/* The memory that is set aside for a tensor holds it. SPEC: AllocationDetails; room 0 is of
 * constants. */
static bool check_room(struct executorch *t, const struct plan *p,
                       const struct flatbuffer_table *room, const struct executorch_tensor *tensor,
                       struct err *e)
{
    uint64_t memory = 0, low = 0, high = 0, size;

    if (!flatbuffer_scalar(room, ROOM_MEMORY, 4, &memory, e) ||
        !flatbuffer_scalar(room, ROOM_LOW, 4, &low, e) ||
        !flatbuffer_scalar(room, ROOM_HIGH, 4, &high, e) ||
        !executorch_data_range(memory, p->rooms.n, "memory", room, e) ||
        !flatbuffer_element(&p->rooms, (uint32_t)memory, &size, e))
        return false;
    low |= high << 32;
    t->wrong += memory == 0 || low > size || tensor->bytes > size - low;
    return true;
}

/* The data of a tensor: in the program, in another file, or none. */
static bool check_data(struct executorch *t, const struct flatbuffer_table *table, bool room,
                       const struct executorch_tensor *tensor, struct err *e)
{
    struct flatbuffer_table extra;
    struct slice name = {NULL, 0};
    uint64_t index = 0, group = 0, location = 0, bytes;

    if (!flatbuffer_scalar(table, TENSOR_DATA, 4, &index, e) ||
        !flatbuffer_sub(table, TENSOR_EXTRA, &extra, e))
        return false;
    if (extra.at != 0 && (!flatbuffer_scalar(&extra, EXTRA_GROUP, 8, &group, e) ||
                          !flatbuffer_string(&extra, EXTRA_NAME, t->in->scratch, &name, e) ||
                          !flatbuffer_scalar(&extra, EXTRA_LOCATION, 1, &location, e)))
        return false;
    if (location == EXTERNAL) {
        t->external++;
        return name.len > 0 || err_pos(e, ERR_FORMAT, extra.at, "data in another file, by no name");
    }
    if (index == 0)
        return true;
    if (!(room ? executorch_data_variable(t, group, index, &bytes, e)
               : executorch_data_constant(t, index, &bytes, e)))
        return false;
    t->held++;
    t->counts[tensor->type]++;
    t->wrong += tensor->bytes > bytes;
    return true;
}

static bool read_tensor(struct executorch *t, const struct plan *p,
                        const struct flatbuffer_table *table, struct err *e)
{
    struct executorch_tensor tensor;
    struct flatbuffer_table room;
    uint64_t offset = 0, dynamism = 0;

    if (!executorch_shape_read(table, TENSOR_SIZES, &tensor, e) ||
        !flatbuffer_scalar(table, TENSOR_OFFSET, 4, &offset, e) ||
        !flatbuffer_scalar(table, TENSOR_DYNAMISM, 1, &dynamism, e) ||
        !flatbuffer_sub(table, TENSOR_ROOM, &room, e))
        return false;
    if (offset != 0)
        return err_pos(e, ERR_UNSUPPORTED, table->at, "a tensor that begins inside of its data");
    if (dynamism > UNBOUND)
        return err_pos(e, ERR_FORMAT, table->at, "a shape of kind %" PRIu64, dynamism);
    if (dynamism == UNBOUND)
        tensor.bytes = 0;
    if (room.at != 0 && !check_room(t, p, &room, &tensor, e))
        return false;
    return check_data(t, table, room.at != 0, &tensor, e);
}

/* The numbers of other values; where `none` is allowed, -1 stands for it. */
static bool check_list(const struct flatbuffer_vector *v, const struct plan *p, bool none,
                       const struct flatbuffer_table *table, struct err *e)
{
    uint64_t index;

    for (uint32_t i = 0; i < v->n; i++)
        if (!flatbuffer_element(v, i, &index, e) ||
            (!(none && index == UINT32_MAX) &&
             !executorch_data_range(index, p->values, "value", table, e)))
            return false;
    return true;
}

static bool check_values(const struct flatbuffer_table *table, unsigned field, const struct plan *p,
                         struct err *e)
{
    struct flatbuffer_vector v;

    return flatbuffer_vector(table, field, 4, &v, e) && check_list(&v, p, false, table, e);
}

static bool read_value(struct executorch *t, const struct plan *p,
                       const struct flatbuffer_table *value, struct err *e)
{
    struct flatbuffer_table table;
    struct flatbuffer_vector v;
    uint64_t type = 0;

    if (!flatbuffer_scalar(value, VALUE_TYPE, 1, &type, e) ||
        !flatbuffer_sub(value, VALUE_TABLE, &table, e))
        return false;
    if (type >= KERNEL_TYPES)
        return err_pos(e, ERR_UNSUPPORTED, value->at, "a value of kind %" PRIu64, type);
    if (table.at == 0)
        return type < KERNEL_TENSOR ||
               err_pos(e, ERR_FORMAT, value->at, "a value of kind %" PRIu64 " without one", type);
    switch (type) {
    case KERNEL_TENSOR:
        return read_tensor(t, p, &table, e);
    case KERNEL_STRING:
    case KERNEL_BOOLS:
        return flatbuffer_vector(&table, 0, 1, &v, e);
    case KERNEL_DOUBLES:
        return flatbuffer_vector(&table, 0, 8, &v, e);
    case KERNEL_INTS: /* boxed: each is the number of the value that holds it */
        return flatbuffer_vector(&table, 0, 8, &v, e) && check_list(&v, p, false, &table, e);
    case KERNEL_TENSORS:
    case KERNEL_OPTIONAL:
        return flatbuffer_vector(&table, 0, 4, &v, e) &&
               check_list(&v, p, type == KERNEL_OPTIONAL, &table, e);
    default:
        return true;
    }
}

/* ---- instructions ---- */
/* A field that is the number of one of n things. */
static bool check_index(const struct flatbuffer_table *table, unsigned field, uint64_t n,
                        const char *what, struct err *e)
{
    uint64_t index = 0;

    return flatbuffer_scalar(table, field, 4, &index, e) &&
           executorch_data_range(index, n, what, table, e);
}

static bool read_instruction(const struct plan *p, const struct flatbuffer_table *instruction,
                             uint32_t ninstructions, struct err *e)
{
    struct flatbuffer_table table;
    uint64_t type = 0;

    if (!flatbuffer_scalar(instruction, 0, 1, &type, e) ||
        !flatbuffer_sub(instruction, 1, &table, e))
        return false;
    if (type == 0 || type >= CALLS || table.at == 0)
        return err_pos(e, ERR_UNSUPPORTED, instruction->at, "an instruction of kind %" PRIu64,
                       type);
    switch (type) {
    case CALL_KERNEL:
        return check_index(&table, 0, p->operators, "operator", e) && check_values(&table, 1, p, e);
    case CALL_DELEGATE:
        return check_index(&table, 0, p->delegates, "delegate", e) && check_values(&table, 1, p, e);
    case CALL_MOVE:
        return check_index(&table, 0, p->values, "value", e) &&
               check_index(&table, 1, p->values, "value", e);
    case CALL_JUMP_FALSE: /* behind the last one, it ends */
        return check_index(&table, 0, p->values, "value", e) &&
               check_index(&table, 1, (uint64_t)ninstructions + 1, "jump to", e);
    default:
        return check_index(&table, 0, p->values, "value", e);
    }
}

/* Where the model was written, as its exporter saw it: read over, so that its end is known. */
static bool read_frames(const struct flatbuffer_table *chain, struct err *e)
{
    struct flatbuffer_vector lists, frames, text;
    struct flatbuffer_table list, frame;

    if (!flatbuffer_vector(chain, CHAIN_FRAMES, 4, &lists, e))
        return false;
    for (uint32_t i = 0; i < lists.n; i++) {
        if (!flatbuffer_item(&lists, i, &list, e) || !flatbuffer_vector(&list, 0, 4, &frames, e))
            return false;
        for (uint32_t k = 0; k < frames.n; k++)
            if (!flatbuffer_item(&frames, k, &frame, e) ||
                !flatbuffer_vector(&frame, FRAME_FILE, 1, &text, e) ||
                !flatbuffer_vector(&frame, FRAME_NAME, 1, &text, e) ||
                !flatbuffer_vector(&frame, FRAME_CONTEXT, 1, &text, e))
                return false;
    }
    return true;
}

static bool read_chain(struct executorch *t, const struct plan *p,
                       const struct flatbuffer_table *chain, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!check_values(chain, CHAIN_INPUTS, p, e) || !check_values(chain, CHAIN_OUTPUTS, p, e) ||
        !flatbuffer_vector(chain, CHAIN_INSTRUCTIONS, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &table, e) || !read_instruction(p, &table, v.n, e))
            return err_in(e, "instruction %" PRIu32, i);
    t->calls += v.n;
    return read_frames(chain, e);
}

/* ---- methods ---- */
/* SPEC: runtime/kernel/operator_registry.h: "namespace::name.overload". */
static bool read_operator(struct executorch *t, const struct flatbuffer_table *op, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct slice name, overload, space = SLICE_LIT("none");
    size_t at;

    if (!flatbuffer_string(op, OPERATOR_NAME, a, &name, e) ||
        !flatbuffer_string(op, OPERATOR_OVERLOAD, a, &overload, e))
        return false;
    if (slice_find(name, SLICE_LIT("::"), &at)) {
        space = (struct slice){name.data, at};
        name = slice_from(name, at + 2);
    }
    if (overload.len > 0) {
        uint8_t *whole = arena_alloc(a, name.len + 1 + overload.len);

        if (name.len > 0)
            memcpy(whole, name.data, name.len);
        whole[name.len] = '.';
        memcpy(whole + name.len + 1, overload.data, overload.len);
        name = (struct slice){whole, name.len + 1 + overload.len};
    }
    (void)tally_add(&t->ops, space, name, op->at);
    return true;
}

/* What a method consists of, but for its values and instructions. */
static bool read_parts(struct executorch *t, const struct flatbuffer_table *plan, struct plan *p,
                       struct err *e)
{
    struct flatbuffer_vector v, text;
    struct flatbuffer_table table;

    if (!flatbuffer_sub(plan, PLAN_CONTAINER, &table, e) ||
        (table.at != 0 && (!flatbuffer_vector(&table, CONTAINER_INPUTS, 1, &text, e) ||
                           !flatbuffer_vector(&table, CONTAINER_OUTPUTS, 1, &text, e))) ||
        !flatbuffer_vector(plan, PLAN_ROOMS, 8, &p->rooms, e) ||
        !flatbuffer_vector(plan, PLAN_DEVICES, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &table, e))
            return err_in(e, "device %" PRIu32, i);
    if (!flatbuffer_vector(plan, PLAN_OPERATORS, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &table, e) || !read_operator(t, &table, e))
            return err_in(e, "operator %" PRIu32, i);
    p->operators = v.n;
    return executorch_delegate_read(t, plan, PLAN_DELEGATES, &p->delegates, e);
}

static bool read_plan(struct executorch *t, const struct flatbuffer_table *plan, struct err *e)
{
    struct flatbuffer_vector values, chains;
    struct flatbuffer_table table;
    struct slice name;
    struct plan p;

    if (!flatbuffer_string(plan, PLAN_NAME, t->in->scratch, &name, e) ||
        !read_parts(t, plan, &p, e) || !flatbuffer_vector(plan, PLAN_VALUES, 4, &values, e) ||
        !flatbuffer_vector(plan, PLAN_CHAINS, 4, &chains, e))
        return false;
    p.values = values.n;
    if (!check_values(plan, PLAN_INPUTS, &p, e) || !check_values(plan, PLAN_OUTPUTS, &p, e))
        return false;
    for (uint32_t i = 0; i < values.n; i++)
        if (!flatbuffer_item(&values, i, &table, e) || !read_value(t, &p, &table, e))
            return err_in(e, "value %" PRIu32, i);
    for (uint32_t i = 0; i < chains.n; i++)
        if (!flatbuffer_item(&chains, i, &table, e) || !read_chain(t, &p, &table, e))
            return err_in(e, "chain %" PRIu32, i);
    if (t->methods.n < EXECUTORCH_NAMES)
        value_list_add(&t->methods, format_string(t->in->scratch, name, LIMIT_TALLY_BYTES));
    return true;
}

bool executorch_plan_read(struct executorch *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->program, EXECUTORCH_PLANS, 4, &v, e))
        return false;
    t->nmethods = v.n;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &table, e) || !read_plan(t, &table, e))
            return err_in(e, "method %" PRIu32, i);
    return v.n > 0 || err_pos(e, ERR_FORMAT, t->program.at, "a program without methods");
}
