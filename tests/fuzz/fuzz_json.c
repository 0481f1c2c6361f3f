/* json_read over any bytes. */
#include "base/json.h"
#include "base/limits.h"
#include "tests/lib/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value *v = NULL;
    struct err e = {.code = ERR_NONE};
    struct arena a;
    bool done;

    arena_init(&a);
    done = json_read((struct slice){data, size}, &a, &v, &e);
    tree_verdict(done, v, &e);
    if (done)
        tree_check(v, LIMIT_JSON_DEPTH, &a);
    else
        TREE_MUST(e.line > 0 && e.offset <= size);
    arena_release(&a);
    return 0;
}
