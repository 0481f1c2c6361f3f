#include "scanner/formats/trees.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/limits.h"

#define PROBLEM_TEXT 256 /* bytes of one problem */

void trees_init(struct trees *t, const struct format_input *in, const char *library)
{
    *t = (struct trees){.in = in, .library = library};
    value_list_begin(&t->told, in->scratch);
}

void trees_problem(struct trees *t, const char *fmt, ...)
{
    struct buf b;
    va_list ap;

    if (t->problems++ >= TREES_PROBLEMS)
        return;
    buf_init(&b, PROBLEM_TEXT);
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    value_list_add(&t->told, value_bytes(t->in->scratch, buf_slice(&b), NULL));
    buf_release(&b);
}

void trees_tell(struct trees *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "library", value_str(a, t->library));
    value_map_add(&b, "version", format_string(a, t->version, PROBLEM_TEXT));
    value_map_add(&b, "objective", format_string(a, t->objective, PROBLEM_TEXT));
    value_map_add(&b, "booster", format_string(a, t->booster, PROBLEM_TEXT));
    value_map_add(&b, "trees", value_int(a, (int64_t)t->trees, NULL));
    value_map_add(&b, "nodes", value_int(a, (int64_t)t->nodes, NULL));
    value_map_add(&b, "features", value_int(a, (int64_t)t->features, NULL));
    value_map_add(&b, "classes", value_int(a, (int64_t)t->classes, NULL));
    value_map_add(&b, "problems", value_list_end(&t->told, NULL));
    value_map_add(&b, "problem_count", value_int(a, (int64_t)t->problems, NULL));
    format_tell(t->in, "model.trees", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}
