/* Files of Torch, the one in Lua: tensors, tables, modules, and functions as bytecode. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/names.h"

#define KEPT_NAME 256 /* bytes of the name of a class */
#define CLASS_BYTES ((size_t)1 << 20)

/* SPEC: torch7, File.lua, typeidx */
enum { T_NIL, T_NUMBER, T_STRING, T_TABLE, T_CLASS, T_BOOLEAN, T_FUNCTION, T_OLD, T_RECURSIVE };

/* What comes next: objects, or pairs of a table. */
struct expect {
    bool pairs;
    uint64_t left;
};

struct torch7 {
    const struct format_input *in;
    struct reader r;
    struct names classes;
    struct names seen; /* indices of what was read, as bytes */
    struct expect *todo;
    size_t ntodo, room;
    uint64_t objects, tables, tensors, functions, first_function, untold, bytes;
};

static bool named(const char *name)
{
    return slice_ends(slice_str(name), ".t7") || slice_ends(slice_str(name), ".th");
}

/* A first object of some index, and "V 1" in front of the name of its class. Other kinds are told
 * by the name of the file. */
static int probe(struct slice head, const char *name)
{
    static const char version[] = "\3\0\0\0V 1";
    struct reader r = reader_over(head);
    uint32_t type, index;

    if (!reader_u32le(&r, &type) || !reader_u32le(&r, &index))
        return 0;
    if (type == T_CLASS && r.left >= sizeof(version) - 1 &&
        memcmp(r.data, version, sizeof(version) - 1) == 0)
        return FORMAT_CERTAIN;
    return named(name) && type <= T_RECURSIVE ? FORMAT_SURE + 5 : 0;
}

/* ---- bytes ---- */
static bool cut(const struct torch7 *t, struct err *e)
{
    return err_at(e, ERR_FORMAT, &t->r, "an object of Torch is cut short");
}

static bool read_int(struct torch7 *t, int32_t *out, struct err *e)
{
    uint32_t v;

    if (t->r.left < sizeof(v) && !feed_more(t->in->feed, &t->r, FEED_NEED, e))
        return false;
    if (!reader_u32le(&t->r, &v))
        return cut(t, e);
    *out = (int32_t)v;
    return true;
}

static bool read_long(struct torch7 *t, uint64_t *out, struct err *e)
{
    if (t->r.left < sizeof(*out) && !feed_more(t->in->feed, &t->r, FEED_NEED, e))
        return false;
    if (!reader_u64le(&t->r, out))
        return cut(t, e);
    return *out <= INT64_MAX || err_at(e, ERR_FORMAT, &t->r, "a negative size");
}

static bool skip(struct torch7 *t, uint64_t n, struct err *e)
{
    return feed_skip(t->in->feed, &t->r, n, e);
}

static bool read_length(struct torch7 *t, uint64_t *n, struct err *e)
{
    int32_t len;

    if (!read_int(t, &len, e))
        return false;
    if (len < 0)
        return err_at(e, ERR_FORMAT, &t->r, "a length of %" PRId32, len);
    *n = (uint64_t)len;
    return true;
}

static bool skip_text(struct torch7 *t, struct err *e)
{
    uint64_t n;

    return read_length(t, &n, e) && skip(t, n, e);
}

static bool read_text(struct torch7 *t, struct slice *out, struct err *e)
{
    uint64_t n;

    if (!read_length(t, &n, e))
        return false;
    if (n > KEPT_NAME)
        return err_at(e, ERR_LIMIT, &t->r, "a name of %" PRIu64 " bytes, at most %d are read", n,
                      KEPT_NAME);
    if (t->r.left < n && !feed_more(t->in->feed, &t->r, FEED_NEED, e))
        return false;
    if (!reader_bytes(&t->r, n, out))
        return cut(t, e);
    *out = arena_slice(t->in->scratch, *out);
    return true;
}

/* ---- what is still to come ---- */
static bool push(struct torch7 *t, bool pairs, uint64_t left, struct err *e)
{
    if (t->ntodo == LIMIT_TORCH7_PENDING)
        return err_at(e, ERR_LIMIT, &t->r,
                      "more than %d objects within each other (LIMIT_TORCH7_PENDING)",
                      LIMIT_TORCH7_PENDING);
    *(struct expect *)ARENA_PUSH_STACK(t->in->scratch, &t->todo, &t->ntodo, &t->room) =
        (struct expect){pairs, left};
    return true;
}

/* The index of an object; `fresh`: it follows, and stands nowhere before. */
static bool read_index(struct torch7 *t, bool *fresh, struct err *e)
{
    const size_t before = t->seen.n;
    struct slice key;
    int32_t index;
    uint8_t bytes[4];

    if (!read_int(t, &index, e))
        return false;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)((uint32_t)index >> 8 * i);
    key = (struct slice){bytes, sizeof(bytes)};
    if (names_add(&t->seen, key) == NAMES_NONE)
        return err_at(e, ERR_LIMIT, &t->r, "more than %d objects (LIMIT_TORCH7_OBJECTS)",
                      LIMIT_TORCH7_OBJECTS);
    *fresh = t->seen.n > before;
    return true;
}

/* ---- classes ---- */
/* Bytes of an element of "torch.FloatStorage", ...; 0: it is none. SPEC: torch7, generic/Storage.c;
 * cutorch */
static unsigned element(struct slice name, const char *what)
{
    static const struct {
        const char *name;
        unsigned size;
    } types[] = {
        {"Byte", 1},    {"Char", 1},     {"Short", 2},      {"Int", 4},
        {"Long", 8},    {"Float", 4},    {"Double", 8},     {"Half", 2},
        {"Cuda", 4},    {"CudaByte", 1}, {"CudaChar", 1},   {"CudaShort", 2},
        {"CudaInt", 4}, {"CudaLong", 8}, {"CudaDouble", 8}, {"CudaHalf", 2},
    };
    const size_t prefix = strlen("torch."), suffix = strlen(what);

    if (!slice_starts(name, "torch.") || !slice_ends(name, what) || name.len < prefix + suffix)
        return 0;
    name = (struct slice){name.data + prefix, name.len - prefix - suffix};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (slice_is(name, types[i].name))
            return types[i].size;
    return 0;
}

/* SPEC: torch7, generic/Tensor.c, torch_Tensor_(read) */
static bool read_tensor(struct torch7 *t, struct err *e)
{
    uint64_t unused;
    int32_t n;

    if (!read_int(t, &n, e))
        return false;
    if (n < 0 || n > LIMIT_DIMS)
        return err_at(e, ERR_FORMAT, &t->r, "a tensor of %" PRId32 " dimensions", n);
    for (int32_t i = 0; i < 2 * n + 1; i++) /* sizes, strides, the offset */
        if (i < n ? !read_long(t, &unused, e) : !skip(t, sizeof(unused), e))
            return false;
    t->tensors++;
    return push(t, false, 1, e);
}

static bool read_storage(struct torch7 *t, unsigned size, struct err *e)
{
    uint64_t n, bytes;

    if (!read_long(t, &n, e))
        return false;
    if (!checked_mul(n, size, &bytes) || !checked_add(t->bytes, bytes, &t->bytes))
        return err_at(e, ERR_FORMAT, &t->r, "a storage of more than 2^64 bytes");
    return skip(t, bytes, e);
}

/* The name of the class, behind the version when there is one. Modules are written as tables. */
static bool read_class(struct torch7 *t, struct err *e)
{
    struct slice name;
    unsigned size;
    bool fresh;

    if (!read_index(t, &fresh, e))
        return false;
    if (!fresh)
        return true;
    if (!read_text(t, &name, e) || (slice_starts(name, "V ") && !read_text(t, &name, e)))
        return false;
    t->objects++;
    t->untold += names_add(&t->classes, name) == NAMES_NONE;
    size = element(name, "Storage");
    if (size != 0)
        return read_storage(t, size, e);
    if (element(name, "Tensor") != 0)
        return read_tensor(t, e);
    if (slice_starts(name, "torch.") || slice_starts(name, "tds."))
        return err_at(e, ERR_UNSUPPORTED, &t->r, "%.*s, which is written in a way of its own",
                      (int)name.len, (const char *)name.data);
    return push(t, false, 1, e);
}

/* ---- objects ---- */
static bool read_table(struct torch7 *t, struct err *e)
{
    uint64_t n;
    bool fresh;

    if (!read_index(t, &fresh, e))
        return false;
    if (!fresh)
        return true;
    if (!read_length(t, &n, e))
        return false;
    t->tables++;
    return push(t, true, 2 * n, e);
}

/* Bytecode, and the table of what it has from outside. */
static bool read_function(struct torch7 *t, bool indexed, struct err *e)
{
    bool fresh = true;

    if (indexed && !read_index(t, &fresh, e))
        return false;
    if (!fresh)
        return true;
    if (t->functions++ == 0)
        t->first_function = t->r.offset;
    return skip_text(t, e) && push(t, false, 1, e);
}

static bool read_object(struct torch7 *t, struct err *e)
{
    int32_t type;

    if (!read_int(t, &type, e))
        return false;
    switch (type) {
    case T_NIL:
        return true;
    case T_NUMBER:
        return skip(t, 8, e);
    case T_BOOLEAN:
        return skip(t, 4, e);
    case T_STRING:
        return skip_text(t, e);
    case T_TABLE:
        return read_table(t, e);
    case T_CLASS:
        return read_class(t, e);
    case T_FUNCTION:
    case T_OLD:
    case T_RECURSIVE:
        return read_function(t, type != T_FUNCTION, e);
    default:
        return err_at(e, ERR_FORMAT, &t->r, "an object of the unknown type %" PRId32, type);
    }
}

static bool read_all(struct torch7 *t, struct err *e)
{
    if (!push(t, false, 1, e))
        return false;
    while (t->ntodo > 0) {
        struct expect *x = &t->todo[t->ntodo - 1];

        if (x->left == 0) {
            t->ntodo--;
            continue;
        }
        x->left--;
        if (!read_object(t, e))
            return false;
    }
    return true;
}

/* ---- telling ---- */
static void tell(const struct torch7 *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "classes", format_names(a, &t->classes, KEPT_NAME));
    value_map_add(&b, "untold", value_int(a, (int64_t)t->untold, NULL));
    value_map_add(&b, "objects", value_int(a, (int64_t)t->objects, NULL));
    value_map_add(&b, "tables", value_int(a, (int64_t)t->tables, NULL));
    value_map_add(&b, "tensors", value_int(a, (int64_t)t->tensors, NULL));
    value_map_add(&b, "bytes",
                  value_int(a, t->bytes > INT64_MAX ? INT64_MAX : (int64_t)t->bytes, NULL));
    value_map_add(&b, "functions", value_int(a, (int64_t)t->functions, NULL));
    value_map_add(&b, "first_function", value_int(a, (int64_t)t->first_function, NULL));
    format_tell(t->in, "model.torch7", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct torch7 *t = ARENA_NEW(in->scratch, struct torch7);
    bool ok;

    t->in = in;
    names_init(&t->classes, in->scratch, LIMIT_METADATA_KEYS, CLASS_BYTES);
    names_init(&t->seen, in->scratch, LIMIT_TORCH7_OBJECTS, (size_t)4 * LIMIT_TORCH7_OBJECTS);
    ok = read_all(t, e);
    tell(t);
    cover->parsed = t->r.offset;
    return ok;
}

const struct format format_torch7 = {
    .name = "torch7",
    .summary = "files of Torch in Lua (.t7): classes, tensors, and functions as bytecode",
    .spec = "torch7, File.lua; generic/Tensor.c, generic/Storage.c",
    .probe = probe,
    .parse = parse,
};
