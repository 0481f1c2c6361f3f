/* The messages of a program of PaddlePaddle, as framework.proto has them. */
#include "base/attr.h"
#include "scanner/formats/graph/paddle.h"

#define BIT(n) (1u << (n))
#define TENSOR_FIELDS                                                                              \
    {                                                                                              \
        [2] = PADDLE_TENSOR, [3] = PADDLE_LOD_TENSOR, [4] = PADDLE_LOD_TENSOR,                     \
        [5] = PADDLE_READER, [7] = PADDLE_TUPLE, [8] = PADDLE_TENSOR, [9] = PADDLE_TENSOR,         \
        [10] = PADDLE_TENSOR, [11] = PADDLE_TENSOR, [12] = PADDLE_TENSOR                           \
    }

/* A message of the schema; `sub` says which fields are messages. */
struct kind {
    struct message m;
    uint32_t required;
    uint8_t sub[22]; /* enum paddle_kind, by number of the field */
};

static const struct kind schema[PADDLE_KINDS] = {
    [PADDLE_PROGRAM] =
        {.m = {.name = "ProgramDesc",
               .once = BIT(4) | BIT(5),
               .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5)},
         .sub = {[1] = PADDLE_BLOCK, [4] = PADDLE_VERSION, [5] = PADDLE_OP_VERSIONS}},
    [PADDLE_BLOCK] = {.m = {.name = "BlockDesc",
                            .once = BIT(1) | BIT(2) | BIT(5),
                            .varint = BIT(1) | BIT(2) | BIT(5),
                            .bytes = BIT(3) | BIT(4)},
                      .required = BIT(1) | BIT(2),
                      .sub = {[3] = PADDLE_VAR, [4] = PADDLE_OP}},
    [PADDLE_OP] = {.m = {.name = "OpDesc",
                         .once = BIT(3) | BIT(5),
                         .varint = BIT(5),
                         .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4)},
                   .required = BIT(3),
                   .sub = {[1] = PADDLE_OP_VAR, [2] = PADDLE_OP_VAR, [4] = PADDLE_ATTR}},
    [PADDLE_OP_VAR] = {.m = {.name = "OpDesc.Var", .once = BIT(1), .bytes = BIT(1) | BIT(2)},
                       .required = BIT(1)},
    [PADDLE_ATTR] = {.m = {.name = "OpDesc.Attr",
                           .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(10) | BIT(12) |
                                   BIT(13) | BIT(17) | BIT(19) | BIT(20),
                           .varint = BIT(2) | BIT(3) | BIT(6) | BIT(10) | BIT(11) | BIT(12) |
                                     BIT(13) | BIT(14) | BIT(15),
                           .bytes = BIT(1) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(14) |
                                    BIT(15) | BIT(16) | BIT(17) | BIT(18) | BIT(20) | BIT(21),
                           .fixed32 = BIT(4) | BIT(7),
                           .fixed64 = BIT(16) | BIT(19)},
                     .required = BIT(1) | BIT(2),
                     .sub = {[20] = PADDLE_SCALAR, [21] = PADDLE_SCALAR}},
    [PADDLE_SCALAR] = {.m = {.name = "Scalar",
                             .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5),
                             .varint = BIT(1) | BIT(2) | BIT(3),
                             .bytes = BIT(5),
                             .fixed64 = BIT(4)},
                       .required = BIT(1),
                       .sub = {[5] = PADDLE_COMPLEX}},
    [PADDLE_COMPLEX] = {.m = {.name = "Complex",
                              .once = BIT(1) | BIT(2),
                              .fixed64 = BIT(1) | BIT(2)},
                        .required = BIT(1) | BIT(2)},
    [PADDLE_VAR] = {.m = {.name = "VarDesc",
                          .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6),
                          .varint = BIT(3) | BIT(4) | BIT(5) | BIT(6),
                          .bytes = BIT(1) | BIT(2) | BIT(7)},
                    .required = BIT(1) | BIT(2),
                    .sub = {[2] = PADDLE_VAR_TYPE, [7] = PADDLE_VAR_ATTR}},
    [PADDLE_VAR_ATTR] = {.m = {.name = "VarDesc.Attr",
                               .once = BIT(1) | BIT(2) | BIT(3) | BIT(4),
                               .varint = BIT(2) | BIT(3) | BIT(5),
                               .bytes = BIT(1) | BIT(4) | BIT(5)},
                         .required = BIT(1) | BIT(2)},
    [PADDLE_VAR_TYPE] =
        {.m = {.name = "VarType", .once = 0x1fbe, .varint = BIT(1), .bytes = 0x1fbc},
         .required = BIT(1),
         .sub = TENSOR_FIELDS},
    [PADDLE_TENSOR] =
        {.m = {.name = "TensorDesc", .once = BIT(1), .varint = BIT(1) | BIT(2), .bytes = BIT(2)},
         .required = BIT(1)},
    [PADDLE_LOD_TENSOR] =
        {.m = {.name = "LoDTensorDesc", .once = BIT(1) | BIT(2), .varint = BIT(2), .bytes = BIT(1)},
         .required = BIT(1),
         .sub = {[1] = PADDLE_TENSOR}},
    [PADDLE_READER] = {.m = {.name = "ReaderDesc", .bytes = BIT(1)},
                       .sub = {[1] = PADDLE_LOD_TENSOR}},
    [PADDLE_TUPLE] = {.m = {.name = "Tuple", .varint = BIT(1), .bytes = BIT(1)}},
    [PADDLE_VERSION] = {.m = {.name = "Version", .once = BIT(1), .varint = BIT(1)}},
    [PADDLE_OP_VERSIONS] = {.m = {.name = "OpVersionMap", .bytes = BIT(1)},
                            .sub = {[1] = PADDLE_OP_VERSION_PAIR}},
    [PADDLE_OP_VERSION_PAIR] = {.m = {.name = "OpVersionPair",
                                      .once = BIT(1) | BIT(2),
                                      .bytes = BIT(1) | BIT(2)},
                                .required = BIT(1) | BIT(2),
                                .sub = {[2] = PADDLE_OP_VERSION}},
    [PADDLE_OP_VERSION] = {.m = {.name = "OpVersion", .once = BIT(1), .varint = BIT(1)},
                           .required = BIT(1)},
};

void paddle_read_init(struct paddle *p, const struct format_input *in)
{
    p->in = in;
    message_init(&p->w, in->feed, in->scratch);
    tally_init(&p->ops, in->scratch);
    for (size_t i = 0; i < PADDLE_ACCESSES; i++)
        tally_init(&p->files[i], in->scratch);
}

/* Readers of protobuf refuse a message without a field that is required. */
static bool complete(const struct kind *s, uint32_t seen, uint64_t at, struct err *e)
{
    for (unsigned i = 1; i < MESSAGE_UNKNOWN; i++)
        if ((s->required & ~seen & BIT(i)) != 0)
            return err_pos(e, ERR_FORMAT, at, "%s: field %u is missing", s->m.name, i);
    return true;
}

/* The messages of the schema hold each other in one direction, so this ends. */
static bool walk(struct paddle *p, enum paddle_kind kind, struct err *e)
{
    const struct kind *s = &schema[kind];
    const uint64_t at = protobuf_offset(&p->w.p);
    struct protobuf_field f;
    enum paddle_kind sub;
    uint32_t seen = 0;
    bool ok;

    for (;;) {
        if (!message_next(&p->w, &s->m, &seen, &f, e))
            return false;
        if (f.number == 0)
            return complete(s, seen, at, e) && paddle_op_end(p, kind, e);
        sub = f.number < ARRAY_LEN(s->sub) ? (enum paddle_kind)s->sub[f.number] : PADDLE_NONE;
        if (sub == PADDLE_NONE) {
            ok = paddle_op_field(p, kind, &f, e);
        } else {
            paddle_op_begin(p, sub, f.number);
            ok = protobuf_enter(&p->w.p, NULL, e) && walk(p, sub, e);
        }
        if (!ok)
            return false;
    }
}

bool paddle_read_program(struct paddle *p, struct err *e)
{
    return walk(p, PADDLE_PROGRAM, e);
}
