/* What the blocks and operators of a program of PaddlePaddle hold. */
#include <inttypes.h>

#include "base/attr.h"
#include "scanner/formats/graph/paddle.h"

/* SPEC: framework.proto, AttrType */
enum { ATTR_STRING = 2, ATTR_STRINGS = 5, ATTR_BLOCK = 8, ATTR_BLOCKS = 10, ATTR_TYPES = 18 };

#define TYPE_TENSOR 7 /* of variables; those that feed and fetch are kept, too */

/* Attributes that name a file, a folder or an address, whatever the operator. */
static const struct place {
    const char *name;
    bool address;
} places[] = {
    {"file_path", false},
    {"filename", false},
    {"file_names", false},
    {"file_list", false},
    {"file_name", false},
    {"dirname", false},
    {"dir", false},
    {"output_dir", false},
    {"save_dir", false},
    {"path", false},
    {"model_path", false},
    {"model_dir", false},
    {"model_opt_dir", false},
    {"param_path", false},
    {"params_path", false},
    {"lib_path", false},
    {"library", false},
    {"endpoint", true},
    {"endpoints", true},
    {"other_endpoints", true},
    {"epmap", true},
    {"pserver_endpoints", true},
    {"next_endpoints", true},
    {"previous_endpoints", true},
    {"remote_addr", true},
    {"trainer_endpoints", true},
    {"server_endpoint", true},
    {"url", true},
};

static const struct place *place_of(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (slice_is(name, places[i].name))
            return &places[i];
    return NULL;
}

static void problem_at(struct paddle *p, enum paddle_problem problem, uint64_t at)
{
    if (p->counts[problem]++ == 0)
        p->first[problem] = at;
}

/* ---- members of an operator ---- */
/* Of two of one name the last counts here, the first elsewhere. */
static void member(struct paddle *p, uint32_t field, struct slice name)
{
    struct paddle_op *op = &p->op;
    uint64_t h = (UINT64_C(14695981039346656037) ^ field) * UINT64_C(1099511628211);

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ name.data[i]) * UINT64_C(1099511628211);
    for (size_t i = 0; i < op->nmembers; i++)
        if (op->members[i] == h) {
            problem_at(p, PADDLE_TWICE, op->at);
            return;
        }
    if (op->nmembers == PADDLE_MEMBERS)
        problem_at(p, PADDLE_CROWDED, op->at);
    else
        op->members[op->nmembers++] = h;
}

void paddle_op_begin(struct paddle *p, enum paddle_kind kind, uint32_t number)
{
    const uint64_t at = protobuf_offset(&p->w.p);

    p->member = kind == PADDLE_OP_VAR || kind == PADDLE_ATTR ? number : p->member;
    if (kind == PADDLE_OP) {
        p->op.at = at;
        p->op.type.len = p->op.ntexts = p->op.nmembers = 0;
    } else if (kind == PADDLE_ATTR) {
        p->attr.at = at;
        p->attr.type = p->attr.block = 0;
        p->attr.name.len = p->attr.ntexts = p->attr.more = 0;
        p->attr.blocks = false;
    } else if (kind == PADDLE_VAR) {
        p->persistable = false;
        p->var_type = 0;
    } else if (kind == PADDLE_BLOCK) {
        p->block_index = p->parent = 0;
    }
}

static void runs(struct paddle *p, uint64_t block)
{
    if (block == p->blocks)
        problem_at(p, PADDLE_SUB_BLOCK, p->attr.at);
    if (block >= p->sub_block) {
        p->sub_block = block;
        p->sub_block_at = p->attr.at;
    }
}

/* A list in one payload, or one of its numbers. */
static bool runs_blocks(struct paddle *p, const struct protobuf_field *f, struct err *e)
{
    uint64_t block;
    bool more;

    p->attr.blocks = true;
    if (f->wire != PROTOBUF_BYTES) {
        runs(p, f->value);
        return true;
    }
    for (;;) {
        if (!protobuf_packed(&p->w.p, &block, &more, e))
            return false;
        if (!more)
            return true;
        runs(p, block);
    }
}

static bool attr_field(struct paddle *p, const struct protobuf_field *f, struct err *e)
{
    struct paddle_attr *a = &p->attr;

    switch (f->number) {
    case 1:
        return message_read_text(&p->w.p, &a->name, e);
    case 2:
        a->type = f->value;
        return true;
    case 5: /* s */
    case 8: /* strings */
        if (a->ntexts < PADDLE_TEXTS)
            return message_read_text(&p->w.p, &a->texts[a->ntexts++], e);
        a->more++;
        return true;
    case 12: /* block_idx */
        a->block = f->value;
        return true;
    case 14: /* blocks_idx */
        return runs_blocks(p, f, e);
    default:
        return true;
    }
}

static bool block_field(struct paddle *p, const struct protobuf_field *f)
{
    if (f->number == 1)
        p->block_index = f->value;
    else if (f->number == 2)
        p->parent = f->value;
    return true;
}

static bool var_field(struct paddle *p, const struct protobuf_field *f)
{
    if (f->number == 3)
        p->persistable = f->value != 0;
    return true;
}

bool paddle_op_field(struct paddle *p, enum paddle_kind kind, const struct protobuf_field *f,
                     struct err *e)
{
    struct message_text name;

    switch (kind) {
    case PADDLE_BLOCK:
        return block_field(p, f);
    case PADDLE_OP:
        return f->number != 3 || message_read_text(&p->w.p, &p->op.type, e);
    case PADDLE_OP_VAR:
        if (f->number != 1)
            return true;
        if (!message_read_text(&p->w.p, &name, e))
            return false;
        member(p, p->member, message_slice(&name));
        return true;
    case PADDLE_ATTR:
        return attr_field(p, f, e);
    case PADDLE_VAR:
        return var_field(p, f);
    case PADDLE_VAR_TYPE:
        p->var_type = f->number == 1 ? f->value : p->var_type;
        return true;
    case PADDLE_VERSION:
        p->version = f->number == 1 ? f->value : p->version;
        return true;
    default:
        return true;
    }
}

/* ---- ends ---- */
/* Texts are kept until the operator says its type. */
static void keep_texts(struct paddle *p)
{
    const struct paddle_attr *a = &p->attr;
    struct paddle_text *to;

    if (place_of(message_slice(&a->name)) == NULL)
        return;
    p->untold += a->more;
    for (size_t i = 0; i < a->ntexts; i++) {
        if (a->texts[i].len == 0)
            continue;
        if (p->op.ntexts == PADDLE_TEXTS) {
            p->untold++;
            continue;
        }
        to = &p->op.texts[p->op.ntexts++];
        to->attr = a->name;
        to->text = a->texts[i];
        to->at = a->at;
    }
}

static bool attr_end(struct paddle *p, struct err *e)
{
    if (p->attr.type >= ATTR_TYPES)
        return err_pos(e, ERR_FORMAT, p->attr.at, "an attribute of the unknown type %" PRIu64,
                       p->attr.type);
    member(p, p->member, message_slice(&p->attr.name));
    if (p->attr.type == ATTR_BLOCK)
        runs(p, p->attr.block);
    keep_texts(p);
    return true;
}

static enum paddle_access access_of(const struct paddle_op *op, const struct paddle_text *t)
{
    const struct slice type = message_slice(&op->type), attr = message_slice(&t->attr);
    const struct place *place = place_of(attr);

    if (place != NULL && place->address)
        return PADDLE_NETWORK;
    if (slice_starts(type, "save") || slice_is(attr, "output_dir") || slice_is(attr, "save_dir"))
        return PADDLE_WRITES;
    return PADDLE_READS;
}

static bool op_end(struct paddle *p)
{
    const struct paddle_op *op = &p->op;

    p->operators++;
    (void)tally_add(&p->ops, SLICE_LIT(""), message_slice(&op->type), op->at);
    for (size_t i = 0; i < op->ntexts; i++)
        (void)tally_add(&p->files[access_of(op, &op->texts[i])], message_slice(&op->type),
                        message_slice(&op->texts[i].text), op->texts[i].at);
    return true;
}

/* SPEC: ProgramDesc: a block stands at its index; the first has no parent, which is -1. */
static bool block_end(struct paddle *p)
{
    const uint64_t at = protobuf_offset(&p->w.p);

    if (p->block_index != p->blocks)
        problem_at(p, PADDLE_BLOCK_INDEX, at);
    if (p->blocks == 0 ? p->parent != UINT64_MAX : p->parent >= p->blocks)
        problem_at(p, PADDLE_BLOCK_PARENT, at);
    p->blocks++;
    return true;
}

static bool program_end(struct paddle *p, struct err *e)
{
    if (p->blocks == 0)
        return err_pos(e, ERR_FORMAT, protobuf_offset(&p->w.p), "a program without blocks");
    if (p->sub_block >= p->blocks)
        return err_pos(e, ERR_FORMAT, p->sub_block_at,
                       "an operator runs block %" PRIu64 ", there are %" PRIu64, p->sub_block,
                       p->blocks);
    return true;
}

bool paddle_op_end(struct paddle *p, enum paddle_kind kind, struct err *e)
{
    switch (kind) {
    case PADDLE_PROGRAM:
        return program_end(p, e);
    case PADDLE_BLOCK:
        return block_end(p);
    case PADDLE_OP:
        return op_end(p);
    case PADDLE_ATTR:
        return attr_end(p, e);
    case PADDLE_VAR:
        p->variables++;
        p->parameters += p->persistable && p->var_type == TYPE_TENSOR;
        return true;
    default:
        return true;
    }
}
