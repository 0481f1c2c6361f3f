#include "scanner/formats/member.h"

#include "base/escape.h"
#include "base/limits.h"

void member_begin(struct member_flags *f, struct arena *a, const char *kind)
{
    f->kind = kind;
    f->any = false;
    f->container = NULL;
    f->status = NULL;
    value_list_begin(&f->list, a);
}

void member_flag(struct member_flags *f, const char *name)
{
    f->any = true;
    value_list_add(&f->list, value_str(f->list.arena, name));
}

void member_tell(const struct format_input *in, struct member_flags *f, const char *name,
                 uint64_t offset, struct slice other)
{
    struct arena *a = in->scratch;
    const char *path = name == NULL ? in->path : arena_printf(a, "%s!%s", in->path, name);
    struct value_builder b;

    if (!f->any)
        return;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(path), (size_t)2 * LIMIT_NAME_BYTES));
    value_map_add(&b, "archive", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, f->kind));
    if (f->container != NULL)
        value_map_add(&b, "container", value_str(a, f->container));
    value_map_add(&b, "flags", value_list_end(&f->list, NULL));
    if (f->status != NULL)
        value_map_add(&b, "status", value_str(a, f->status));
    if (other.len > 0)
        value_map_add(&b, "other_name", format_string(a, other, LIMIT_NAME_BYTES));
    format_tell(in, "model.member",
                offset == ERR_NO_OFFSET
                    ? path
                    : arena_printf(a, "%s@%llu", path, (unsigned long long)offset),
                offset, value_map_end(&b, NULL));
}

const char *member_name(struct arena *a, struct slice raw)
{
    const char *name;
    struct buf b;

    if (raw.len > LIMIT_NAME_BYTES)
        raw.len = LIMIT_NAME_BYTES;
    buf_init(&b, 8 * (size_t)LIMIT_NAME_BYTES);
    escape_terminal(&b, raw);
    name = arena_strndup(a, buf_slice(&b));
    buf_release(&b);
    return name;
}
