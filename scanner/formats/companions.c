#include "scanner/formats/companions.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/limits.h"
#include "scanner/formats/extension.h"

/* bytes of all such paths: LIMIT_TENSOR_FACTS of a hundred each */
#define COMPANIONS_BYTES ((size_t)1 << 20)

void companions_init(struct companions *c, struct arena *a)
{
    *c = (struct companions){0};
    names_init(&c->paths, a, LIMIT_TENSOR_FACTS, COMPANIONS_BYTES);
    names_init(&c->ranged, a, LIMIT_TENSOR_FACTS, COMPANIONS_BYTES);
    grid_init(&c->grids, a);
}

bool companions_speaks(const char *name)
{
    static const char *const ends[] = {".onnx", ".xml",    ".index",     ".metadata",
                                       ".json", ".zarray", ".zmetadata", ".ocdbt"};
    const size_t n = strlen(name);

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (n >= strlen(ends[i]) && strcasecmp(name + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

/* Names and slashes, none of them empty, "." or "..", and nothing that is escaped in a path. */
static bool plain(struct slice s)
{
    size_t start = 0;

    if (s.len == 0 || s.len > LIMIT_NAME_BYTES)
        return false;
    for (size_t i = 0; i <= s.len; i++) {
        const size_t n = i - start;

        if (i < s.len && (s.data[i] <= ' ' || s.data[i] >= 127 || strchr("\\:!", s.data[i])))
            return false;
        if (i < s.len && s.data[i] != '/')
            continue;
        if (n == 0 || (n == 1 && s.data[start] == '.') ||
            (n == 2 && s.data[start] == '.' && s.data[start + 1] == '.'))
            return false;
        start = i + 1;
    }
    return true;
}

/* The path of the file as format_input has it, or NULL. */
static const char *target(const struct format_input *in, struct slice location)
{
    if (slice_starts(location, "./"))
        location = slice_from(location, 2);
    if (in->nesting != 0 || !plain(location))
        return NULL;
    return extension_beside(in->path, location, in->scratch);
}

const char *companions_add(const struct format_input *in, struct slice location)
{
    struct companions *c = in->run != NULL ? in->run->companions : NULL;
    const char *path = target(in, location);

    if (c != NULL && path != NULL)
        (void)names_add(&c->paths, slice_str(path));
    return path;
}

const char *companions_range(const struct format_input *in, struct slice location, uint64_t offset,
                             uint64_t length)
{
    struct companions *c = in->run != NULL ? in->run->companions : NULL;
    const char *path = target(in, location);
    struct companion_range *r;
    uint32_t file;

    if (c == NULL || path == NULL || c->nranges >= LIMIT_TENSORS)
        return NULL;
    file = names_add(&c->ranged, slice_str(path));
    if (file == NAMES_NONE)
        return NULL;
    r = ARENA_PUSH(c->ranged.arena, &c->ranges, &c->nranges);
    *r = (struct companion_range){file, offset, length};
    return path;
}

bool companions_grid(const struct format_input *in, struct slice below, const struct grid *item)
{
    struct companions *c = in->run != NULL ? in->run->companions : NULL;
    struct slice name = below;
    const char *path;

    if (c == NULL || in->nesting != 0)
        return false;
    if (below.len > 0 && below.data[below.len - 1] == '/')
        name.len--;
    if (below.len > 0 && (name.len == below.len || !plain(name)))
        return false;
    path = extension_beside(in->path, below, in->scratch);
    return grid_add(&c->grids, path, item);
}

bool companions_has(const struct companions *c, const char *path)
{
    return names_find(&c->paths, slice_str(path)) != NAMES_NONE;
}
