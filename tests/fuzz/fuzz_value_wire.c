/* value_wire_get over any bytes: what it takes, it writes the same way again. */
#include "base/value_wire.h"

#include "base/limits.h"
#include "tests/lib/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over((struct slice){data, size});
    const struct value *v = NULL;
    struct err e = {.code = ERR_NONE};
    struct arena a;
    bool done;

    arena_init(&a);
    done = value_wire_get(&r, &a, &v, &e);
    tree_verdict(done, v, &e);
    TREE_MUST(r.offset + r.left == size);
    if (done)
        tree_check(v, LIMIT_WIRE_DEPTH, &a);
    else
        TREE_MUST(r.left == size);
    arena_release(&a);
    return 0;
}
