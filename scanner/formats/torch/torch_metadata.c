#include "scanner/formats/torch/torch_metadata.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/names.h"

#define NAMES_BYTES ((size_t)1 << 20) /* of files that one checkpoint names */

struct file {
    uint64_t items, end; /* bytes that its items need */
    bool kept;           /* all of its ranges are */
    bool packed;         /* they may be of compressed streams */
    const char *target;
};

bool torch_metadata_named(const char *path)
{
    const char *base = extension_base(path);

    if (base[0] == '_' && base[1] == '_' && base[2] >= '0' && base[2] <= '9')
        base += 2 + strspn(base + 2, "0123456789");
    return strcmp(base, ".metadata") == 0;
}

static const struct value *problem(const struct format_input *in, const struct file *f)
{
    if (f->items == 0)
        return value_str(in->scratch, "unknown");
    if (in->nesting > 0)
        return value_unknown(in->scratch, "files within an archive are not followed", NULL, 0,
                             NULL);
    if (f->target == NULL || !f->kept)
        return value_str(in->scratch, "place");
    if (f->packed)
        return value_unknown(in->scratch, "its items are compressed", NULL, 0, NULL);
    return value_str(in->scratch, "");
}

static void tell(const struct format_input *in, struct slice location, const struct file *f,
                 uint64_t offset)
{
    struct arena *a = in->scratch;
    const bool told = f->target != NULL && f->kept;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "location", format_string(a, location, LIMIT_NAME_BYTES));
    value_map_add(&b, "target",
                  format_string(a, slice_str(told ? f->target : ""), LIMIT_NAME_BYTES));
    value_map_add(&b, "items", value_int(a, (int64_t)f->items, NULL));
    value_map_add(&b, "end", value_int(a, (int64_t)f->end, NULL));
    value_map_add(&b, "problem", problem(in, f));
    format_tell(in, "model.checkpoint_file",
                f->items == 0 ? arena_printf(a, "%s#unknown", in->path)
                              : arena_printf(a, "%s#%" PRIu64, in->path, offset),
                offset, value_map_end(&b, NULL));
}

static void add(const struct format_input *in, const struct pickle_range *r, struct file *f)
{
    uint64_t end;

    if (f->items++ == 0)
        f->kept = true;
    if (!checked_add(r->offset, r->length, &end) || end > INT64_MAX)
        end = INT64_MAX;
    if (end > f->end)
        f->end = end;
    f->target = companions_range(in, r->path, r->offset, r->length);
    f->kept = f->kept && f->target != NULL;
}

/* A class that its constructor may have given a range. */
static bool constructed(const struct pickle *p)
{
    for (size_t i = 0; i < p->table.n; i++)
        if (slice_ends(p->table.items[i].name, "StorageInfo") &&
            (p->table.items[i].uses & PICKLE_USE_CALL) != 0)
            return true;
    return false;
}

void torch_metadata_tell(const struct format_input *in, const struct pickle *p)
{
    const struct pickle_vm *v = &p->vm;
    struct file *files = ARENA_ARRAY(in->scratch, struct file, LIMIT_TENSOR_FACTS), none = {0};
    struct names names;
    bool more = v->odd_range || constructed(p);

    names_init(&names, in->scratch, LIMIT_TENSOR_FACTS, NAMES_BYTES);
    for (size_t i = 0; i < v->nranges; i++) {
        const uint32_t n = names_add(&names, v->ranges[i].path);

        if (n == NAMES_NONE)
            more = true;
        else
            add(in, &v->ranges[i], &files[n]);
    }
    for (size_t i = 0; i < names.n; i++) {
        files[i].packed = v->packed_range;
        tell(in, names.name[i], &files[i], i);
    }
    if (more)
        tell(in, (struct slice){NULL, 0}, &none, v->odd_range_at);
}
