/* Programs of PaddlePaddle 3 and later: inference.json. Older ones are format_paddle.c's. */
#include "scanner/formats/document.h"

#include "base/attr.h"
#include "base/limits.h"
#include "scanner/formats/document_walk.h"
#include "scanner/formats/tally.h"

/* SPEC: Paddle 3.3, pir/serialize_deserialize, schema.h: dialects by their number. */
static const char *const dialects[] = {"builtin", "pd_op", "cf", "custom_op"};

struct program {
    struct tally ops;
    uint64_t operators;
};

static bool is(const struct document_input *d)
{
    return slice_is(value_text(value_get(value_get(d->root, "base_code"), "magic")), "pir");
}

/* "1.matmul": the dialect, and the operator; "p" is a parameter. Another number is told as it
 * is. */
static void add(struct program *p, const struct value *op)
{
    const struct slice text = value_text(value_get(op, "#"));
    const uint64_t at = op->offset;
    struct slice dialect = text, name = text;
    size_t dot = 0;

    p->operators++;
    if (slice_is(text, "p")) {
        (void)tally_add(&p->ops, SLICE_LIT("builtin"), SLICE_LIT("parameter"), at);
        return;
    }
    if (slice_find(text, SLICE_LIT("."), &dot)) {
        dialect.len = dot;
        name = slice_from(text, dot + 1);
    }
    if (dialect.len == 1 && dialect.data[0] >= '0' &&
        (size_t)(dialect.data[0] - '0') < ARRAY_LEN(dialects))
        dialect = slice_str(dialects[dialect.data[0] - '0']);
    else if (dialect.len == 0)
        dialect = SLICE_LIT("unknown");
    (void)tally_add(&p->ops, dialect, name, at);
}

/* Regions hold blocks, blocks hold operators, and these hold regions. */
static void visit(void *ctx, const struct document_at *at)
{
    if (at->up != NULL && value_is(at->up->value, VALUE_LIST) && slice_is(at->up->key, "ops"))
        add(ctx, at->value);
}

static void tell(const struct document_input *d)
{
    const struct value *version = value_get(value_get(d->root, "base_code"), "version");
    struct arena *a = d->in->scratch;
    struct value_builder b;
    struct program p = {0};

    tally_init(&p.ops, a);
    document_walk(d->root, visit, &p);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, "paddle"));
    if (value_is(version, VALUE_INT))
        value_map_add(&b, "version", value_int(a, version->as.integer, NULL));
    value_map_add(&b, "operators", value_int(a, (int64_t)p.operators, NULL));
    value_map_add(&b, "ops", value_int(a, (int64_t)p.ops.n, NULL));
    value_map_add(&b, "untold", value_int(a, (int64_t)p.ops.lost, NULL));
    format_tell(d->in, "model.paddle", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
    tally_tell(&p.ops, d->in, "paddle");
}

const struct document document_paddle = {
    .name = "paddle",
    .summary = "programs of PaddlePaddle: their operators",
    .spec = "PaddlePaddle 3.3, paddle/fluid/pir/serialize_deserialize/include/schema.h",
    .format = "paddle",
    .is = is,
    .tell = tell,
};
