/* yaml_read over any bytes: as one document and as many, with and without a callback for tags. */
#include "base/yaml.h"

#include "base/limits.h"
#include "tests/lib/tree.h"

static const struct value *on_tag(void *ctx, struct arena *a, const char *tag,
                                  const struct value *node, struct err *e)
{
    struct value_builder b;

    (void)ctx;
    if (tag[1] == 'x') {
        err_set(e, ERR_FORMAT, ERR_NO_OFFSET, "refused");
        return NULL;
    }
    value_map_begin(&b, a);
    value_map_put(&b, slice_str(tag), node);
    return value_map_end(&b, NULL);
}

/* Aliases share nodes; a check that walks each of two million takes seconds. */
#define CHECK_NODES 50000

/* Nodes of a tree, up to `left`. */
static size_t count(const struct value *v, size_t left)
{
    size_t n = 1;

    for (size_t i = 0; i < value_len(v) && n < left; i++)
        n += count(v->kind == VALUE_LIST ? v->as.items[i] : v->as.members[i].value, left - n);
    return n;
}

static bool run(struct slice text, const struct yaml_options *opt)
{
    const struct value *v = NULL;
    struct err e = {.code = ERR_NONE};
    struct arena a;
    bool done;

    arena_init(&a);
    done = yaml_read(text, opt, &a, &v, &e);
    tree_verdict(done, v, &e);
    if (done && count(v, CHECK_NODES) < CHECK_NODES)
        tree_check(v, opt->on_tag != NULL ? 2 * LIMIT_YAML_DEPTH + 1 : LIMIT_YAML_DEPTH + 1, &a);
    if (!done)
        TREE_MUST(e.line > 0 && e.offset <= text.len);
    arena_release(&a);
    return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct yaml_options one = {.many = false}, many = {.many = true};
    const struct yaml_options tags = {.on_tag = on_tag, .many = true};
    const struct slice text = {data, size};

    TREE_MUST(!run(text, &one) || run(text, &many));
    run(text, &tags);
    return 0;
}
