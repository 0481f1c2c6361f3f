/* The facts about a program of PaddlePaddle, told when all of it was read. */
#include "base/limits.h"
#include "scanner/formats/graph/paddle.h"
#include "scanner/formats/location.h"

static const char *const problem_names[PADDLE_PROBLEMS] = {
    [PADDLE_BLOCK_INDEX] = "block-index", [PADDLE_BLOCK_PARENT] = "block-parent",
    [PADDLE_SUB_BLOCK] = "sub-block",     [PADDLE_TWICE] = "twice",
    [PADDLE_CROWDED] = "crowded",
};
static const char *const access_names[PADDLE_ACCESSES] = {
    [PADDLE_READS] = "read", [PADDLE_WRITES] = "write", [PADDLE_NETWORK] = "network"};

static void begin(const struct paddle *p, struct value_builder *b)
{
    struct arena *a = p->in->scratch;

    value_map_begin(b, a);
    value_map_add(b, "path", format_string(a, slice_str(p->in->path), LIMIT_NAME_BYTES));
    value_map_add(b, "framework", value_str(a, "paddle"));
}

static void tell_file(const struct paddle *p, const char *access, const struct tally_item *x)
{
    struct arena *a = p->in->scratch;
    struct value_builder b;

    begin(p, &b);
    value_map_add(&b, "kind", format_string(a, x->kind, LIMIT_TALLY_BYTES));
    value_map_add(&b, "access", value_str(a, access));
    value_map_add(&b, "location", format_string(a, x->name, LIMIT_TALLY_BYTES));
    value_map_add(&b, "problem", location_list(a, x->name, MESSAGE_TEXT));
    value_map_add(&b, "count", value_count(a, x->count));
    format_tell(p->in, "model.reference", NULL, x->offset, value_map_end(&b, NULL));
}

static const struct value *problems(const struct paddle *p)
{
    struct arena *a = p->in->scratch;
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < PADDLE_PROBLEMS; i++)
        if (p->counts[i] > 0)
            value_list_add(&b, value_str(a, problem_names[i]));
    return value_list_end(&b, NULL);
}

void paddle_tell(const struct paddle *p)
{
    struct arena *a = p->in->scratch;
    uint64_t untold = p->untold + p->ops.lost, at = ERR_NO_OFFSET;
    struct value_builder b;

    for (size_t i = 0; i < PADDLE_ACCESSES; i++)
        untold += p->files[i].lost;
    for (size_t i = 0; i < PADDLE_PROBLEMS; i++)
        if (p->counts[i] > 0 && p->first[i] < at)
            at = p->first[i];
    begin(p, &b);
    value_map_add(&b, "version", value_count(a, p->version));
    value_map_add(&b, "blocks", value_count(a, p->blocks));
    value_map_add(&b, "operators", value_count(a, p->operators));
    value_map_add(&b, "ops", value_count(a, p->ops.n));
    value_map_add(&b, "variables", value_count(a, p->variables));
    value_map_add(&b, "parameters", value_count(a, p->parameters));
    value_map_add(&b, "problems", problems(p));
    value_map_add(&b, "repeated", message_twice(&p->w, a));
    value_map_add(&b, "unknown_fields", value_count(a, p->w.unknown));
    value_map_add(&b, "untold", value_count(a, untold));
    format_tell(p->in, "model.paddle", NULL, at, value_map_end(&b, NULL));
    tally_tell(&p->ops, p->in, "paddle");
    for (size_t i = 0; i < PADDLE_ACCESSES; i++)
        for (size_t k = 0; k < p->files[i].n; k++)
            tell_file(p, access_names[i], &p->files[i].items[k]);
}
