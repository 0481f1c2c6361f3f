/* Programs of PaddlePaddle: .pdmodel, and __model__ of versions before 2.0. */
#include "scanner/formats/format.h"

#include <string.h>

#include "scanner/formats/graph/paddle.h"

/* A block as Paddle writes the first one: its index is 0, its parent -1. */
static bool program_like(struct slice head)
{
    static const uint8_t first[] = {8,    0,    16,   0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 1};
    struct reader r = reader_over(head);
    struct protobuf_field f;

    return protobuf_head(&r, &f) && f.number == 1 && f.wire == PROTOBUF_BYTES &&
           f.value >= sizeof(first) && r.left >= sizeof(first) &&
           memcmp(r.data, first, sizeof(first)) == 0;
}

static int probe(struct slice head, const char *name)
{
    if (program_like(head))
        return FORMAT_SURE + 10;
    return slice_ends(slice_str(name), ".pdmodel") || strcmp(name, "__model__") == 0 ? FORMAT_SURE
                                                                                     : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct paddle *p = ARENA_NEW(in->scratch, struct paddle);
    bool ok;

    paddle_read_init(p, in);
    ok = paddle_read_program(p, e);
    cover->opaque = p->w.p.opaque;
    cover->parsed = protobuf_offset(&p->w.p) - p->w.p.opaque;
    paddle_tell(p);
    return ok;
}

const struct format format_paddle = {
    .name = "paddle",
    .summary = "programs of PaddlePaddle: operators, and the files and addresses they name",
    .spec = "PaddlePaddle 3.3, paddle/fluid/framework/framework.proto, ProgramDesc",
    .probe = probe,
    .parse = parse,
};
