/* Streams of serialized Java objects: models of Weka, and of whatever calls ObjectOutputStream. */
#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/java/java_walk.h"

#define TOLD_NAME 512

static int probe(struct slice head, const char *name)
{
    const size_t n = sizeof(JAVA_WALK_MAGIC) - 1;

    (void)name;
    return head.len >= n && memcmp(head.data, JAVA_WALK_MAGIC, n) == 0 ? FORMAT_CERTAIN : 0;
}

/* Of an array the class of its items; nothing for numbers. */
static struct slice plain_name(struct slice name)
{
    if (name.len == 0 || name.data[0] != '[')
        return name;
    while (name.len > 0 && name.data[0] == '[')
        name = slice_from(name, 1);
    if (name.len < 2 || name.data[0] != 'L')
        return (struct slice){NULL, 0};
    name = slice_from(name, 1);
    name.len -= name.data[name.len - 1] == ';';
    return name;
}

static void tell_class(const struct format_input *in, const struct java_class *c)
{
    const struct slice name = plain_name(c->name);
    struct arena *a = in->scratch;
    const struct value *text = format_string(a, name, TOLD_NAME);
    struct value_builder b;

    if (name.len == 0 && !c->proxy)
        return;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "name", text);
    value_map_add(&b, "kind", value_str(a, c->proxy ? "proxy" : "class"));
    value_map_add(&b, "instances", value_int(a, (int64_t)c->instances, NULL));
    value_map_add(&b, "offset", value_int(a, (int64_t)c->offset, NULL));
    format_tell(in, "model.java_class",
                arena_printf(a, "%s#%llu:%s", in->path, (unsigned long long)c->offset,
                             value_cstr(text, "")),
                c->offset, value_map_end(&b, NULL));
}

static void tell(const struct format_input *in, const struct java_walk *w)
{
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {
        {"objects", w->objects},         {"arrays", w->arrays},
        {"strings", w->strings},         {"enums", w->enums},
        {"classes", w->nclasses},        {"resets", w->resets},
        {"block_bytes", w->block_bytes},
    };
    struct arena *a = in->scratch;
    struct value_builder b;

    for (size_t i = 0; i < w->nclasses; i++)
        tell_class(in, &w->classes[i]);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        value_map_add(&b, counts[i].name, value_int(a, (int64_t)counts[i].n, NULL));
    value_map_add(&b, "container",
                  in->container != NULL ? value_str(a, in->container) : value_null(a, NULL));
    format_tell(in, "model.java", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* What came before an error was made, and has run: it is told all the same. */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct java_walk *w = ARENA_NEW(in->scratch, struct java_walk);
    bool ok;

    w->a = in->scratch;
    w->feed = in->feed;
    ok = java_walk_read(w, e);
    tell(in, w);
    cover->parsed = w->r.offset;
    return ok;
}

const struct format format_java = {
    .name = "java",
    .summary = "streams of serialized Java objects (Weka and others), and their classes",
    .spec = "Java Object Serialization Specification 6.0, section 6.4",
    .probe = probe,
    .parse = parse,
};
