#include "scanner/formats/java/java_walk.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

#define KEPT_NAME 512 /* bytes of a name */
#define CHAIN 256     /* classes above one */
#define FIELDS 65535
#define INTERFACES 65535 /* of a proxy; what the virtual machine allows */

/* SPEC: section 6.4.2, terminal symbols */
enum {
    T_NULL = 0x70,
    T_REFERENCE,
    T_CLASSDESC,
    T_OBJECT,
    T_STRING,
    T_ARRAY,
    T_CLASS,
    T_BLOCK,
    T_END,
    T_RESET,
    T_BLOCK_LONG,
    T_EXCEPTION,
    T_STRING_LONG,
    T_PROXY,
    T_ENUM
};
enum { WRITES = 1, SERIALIZABLE = 2, EXTERNALIZABLE = 4, BLOCKS = 8 };

#define HANDLE 0x7e0000u

/* What comes next. */
enum java_what {
    CONTENTS,   /* objects and blocks, to the end of the stream */
    ANNOTATION, /* the same up to a mark */
    OBJECTS,    /* `left` of them */
    DESC,       /* the description of a class, or none */
    DESC_DONE,  /* of class `class`: that of its super class was read */
    BODY,       /* of an object whose class was read, */
    ARRAY_BODY, /* of an array, */
    ENUM_BODY,  /* of a constant, */
    CLASS_BODY, /* of a class itself */
    DATA        /* what class `class` writes of an object */
};

struct java_expect {
    enum java_what what;
    uint32_t class;
    uint64_t left;
};

/* ---- bytes ---- */
static bool cut(const struct java_walk *w, struct err *e)
{
    return err_at(e, ERR_FORMAT, &w->r, "a stream of Java objects is cut short");
}

static bool need(struct java_walk *w, size_t n, struct err *e)
{
    if (w->r.left < n && !feed_more(w->feed, &w->r, FEED_NEED, e))
        return false;
    return w->r.left >= n || cut(w, e);
}

static bool skip(struct java_walk *w, uint64_t n, struct err *e)
{
    return feed_skip(w->feed, &w->r, n, e);
}

static bool read_u8(struct java_walk *w, uint8_t *out, struct err *e)
{
    return need(w, 1, e) && (reader_u8(&w->r, out) || cut(w, e));
}

static bool read_u16(struct java_walk *w, uint16_t *out, struct err *e)
{
    return need(w, 2, e) && (reader_u16be(&w->r, out) || cut(w, e));
}

static bool read_u32(struct java_walk *w, uint32_t *out, struct err *e)
{
    return need(w, 4, e) && (reader_u32be(&w->r, out) || cut(w, e));
}

/* A name with its length in front. */
static bool read_name(struct java_walk *w, struct slice *out, struct err *e)
{
    uint16_t len;
    struct slice s;

    if (!read_u16(w, &len, e) || !need(w, len, e))
        return false;
    if (!reader_bytes(&w->r, len, &s))
        return cut(w, e);
    if (s.len > KEPT_NAME)
        return err_at(e, ERR_LIMIT, &w->r, "a name of %zu bytes, at most %d are read", s.len,
                      KEPT_NAME);
    *out = arena_slice(w->a, s);
    return true;
}

/* ---- what is still to come, and what may be referred to ---- */
static bool push(struct java_walk *w, enum java_what what, uint32_t class, uint64_t left,
                 struct err *e)
{
    if (w->ntodo == LIMIT_JAVA_PENDING)
        return err_at(e, ERR_LIMIT, &w->r,
                      "more than %d objects within each other "
                      "(LIMIT_JAVA_PENDING)",
                      LIMIT_JAVA_PENDING);
    *(struct java_expect *)ARENA_PUSH_STACK(w->a, &w->todo, &w->ntodo, &w->room) =
        (struct java_expect){what, class, left};
    return true;
}

static bool add_handle(struct java_walk *w, uint32_t class, struct err *e)
{
    if (w->nhandles == LIMIT_JAVA_HANDLES)
        return err_at(e, ERR_LIMIT, &w->r, "more than %d objects (LIMIT_JAVA_HANDLES)",
                      LIMIT_JAVA_HANDLES);
    *(uint32_t *)ARENA_PUSH(w->a, &w->handles, &w->nhandles) = class;
    return true;
}

static bool read_handle(struct java_walk *w, uint32_t *class, struct err *e)
{
    uint32_t at;

    if (!read_u32(w, &at, e))
        return false;
    if (at < HANDLE || at - HANDLE >= w->nhandles)
        return err_at(e, ERR_FORMAT, &w->r, "reference 0x%" PRIx32 ", to one of %zu objects", at,
                      w->nhandles);
    *class = w->handles[at - HANDLE];
    return true;
}

/* ---- strings and blocks ---- */
static bool read_string(struct java_walk *w, bool longer, struct err *e)
{
    uint64_t n;
    uint16_t len;
    uint32_t high = 0, low;

    w->strings++;
    if (!add_handle(w, 0, e))
        return false;
    if (!longer)
        return read_u16(w, &len, e) && skip(w, len, e);
    if (!read_u32(w, &high, e) || !read_u32(w, &low, e))
        return false;
    n = (uint64_t)high << 32 | low;
    return skip(w, n, e);
}

static bool read_block(struct java_walk *w, bool longer, struct err *e)
{
    uint32_t n;
    uint8_t len;

    if (longer ? !read_u32(w, &n, e) : !read_u8(w, &len, e))
        return false;
    n = longer ? n : len;
    if (n > INT32_MAX)
        return err_at(e, ERR_FORMAT, &w->r, "a block of a negative length");
    w->block_bytes += n;
    return skip(w, n, e);
}

/* ---- classes ---- */
static unsigned size_of(uint8_t type)
{
    static const char types[] = "BCDFIJSZ";
    static const unsigned sizes[] = {1, 2, 8, 4, 4, 8, 2, 1};
    const char *at = type != '\0' ? strchr(types, type) : NULL;

    return at != NULL ? sizes[at - types] : 0;
}

/* The name of a field's class is an object of its own. */
static bool read_type(struct java_walk *w, struct err *e)
{
    uint32_t unused;
    uint8_t tag;

    if (!read_u8(w, &tag, e))
        return false;
    if (tag == T_REFERENCE)
        return read_handle(w, &unused, e);
    if (tag != T_STRING && tag != T_STRING_LONG)
        return err_at(e, ERR_FORMAT, &w->r, "a field whose type is no string");
    return read_string(w, tag == T_STRING_LONG, e);
}

static bool read_fields(struct java_walk *w, struct java_class *c, struct err *e)
{
    struct slice unused;
    uint16_t n;
    uint8_t type;

    if (!read_u16(w, &n, e))
        return false;
    for (uint16_t i = 0; i < n; i++) {
        if (!read_u8(w, &type, e) || !read_name(w, &unused, e))
            return false;
        if (type == 'L' || type == '[') {
            c->objects++;
            if (!read_type(w, e))
                return false;
        } else if (size_of(type) == 0 || c->objects > 0) {
            return err_at(e, ERR_FORMAT, &w->r, "a field of type 0x%02x, %s", type,
                          c->objects > 0 ? "behind objects" : "which is none");
        }
        c->primitives += size_of(type);
    }
    return true;
}

static bool read_interfaces(struct java_walk *w, struct java_class *c, struct err *e)
{
    uint32_t n;

    if (!read_u32(w, &n, e))
        return false;
    if (n > INTERFACES)
        return err_at(e, ERR_FORMAT, &w->r, "a proxy of %" PRIu32 " interfaces", n);
    c->proxy = true;
    c->flags = SERIALIZABLE;
    for (uint32_t i = 0; i < n; i++) {
        struct slice name;
        const char *both;

        if (!read_name(w, &name, e))
            return false;
        if (c->name.len + name.len > KEPT_NAME)
            return err_at(e, ERR_LIMIT, &w->r, "interfaces of more than %d bytes", KEPT_NAME);
        both = arena_printf(w->a, "%.*s%s%.*s", (int)c->name.len, (const char *)c->name.data,
                            i > 0 ? " " : "", (int)name.len, (const char *)name.data);
        c->name = slice_str(both);
    }
    return true;
}

/* A description that is written out: then its annotation and that of its super class follow. */
static bool new_class(struct java_walk *w, bool proxy, struct err *e)
{
    struct java_class c = {.offset = w->r.offset - 1};
    uint32_t at;

    if (w->nclasses == LIMIT_JAVA_CLASSES)
        return err_at(e, ERR_LIMIT, &w->r, "more than %d classes (LIMIT_JAVA_CLASSES)",
                      LIMIT_JAVA_CLASSES);
    at = (uint32_t)w->nclasses + 1;
    if (proxy) {
        if (!add_handle(w, at, e) || !read_interfaces(w, &c, e))
            return false;
    } else if (!read_name(w, &c.name, e) || !skip(w, 8, e) || !add_handle(w, at, e) ||
               !read_u8(w, &c.flags, e) || !read_fields(w, &c, e)) {
        return false;
    }
    *(struct java_class *)ARENA_PUSH(w->a, &w->classes, &w->nclasses) = c;
    return push(w, DESC_DONE, at, 0, e) && push(w, DESC, 0, 0, e) && push(w, ANNOTATION, 0, 0, e);
}

static bool read_desc(struct java_walk *w, struct err *e)
{
    uint8_t tag;

    if (!read_u8(w, &tag, e))
        return false;
    switch (tag) {
    case T_NULL:
        w->last = 0;
        return true;
    case T_REFERENCE:
        if (!read_handle(w, &w->last, e))
            return false;
        return (w->last != 0 && w->last <= w->nclasses) ||
               err_at(e, ERR_FORMAT, &w->r, "a reference to what is no class");
    case T_CLASSDESC:
    case T_PROXY:
        return new_class(w, tag == T_PROXY, e);
    default:
        return err_at(e, ERR_FORMAT, &w->r, "byte 0x%02x where a class is described", tag);
    }
}

/* ---- objects ---- */
/* The data of an object, that of the topmost class first. */
static bool read_body(struct java_walk *w, struct err *e)
{
    uint32_t class = w->last;

    if (class == 0)
        return err_at(e, ERR_FORMAT, &w->r, "an object without a class");
    w->objects++;
    w->classes[class - 1].instances++;
    if (!add_handle(w, 0, e))
        return false;
    for (unsigned i = 0; class != 0; i++) {
        if (i == CHAIN)
            return err_at(e, ERR_FORMAT, &w->r, "more than %d classes above one", CHAIN);
        if (!push(w, DATA, class, 0, e))
            return false;
        class = w->classes[class - 1].super;
    }
    return true;
}

static bool read_data(struct java_walk *w, const struct java_class *c, struct err *e)
{
    if ((c->flags & EXTERNALIZABLE) != 0)
        return (c->flags & BLOCKS) != 0
                   ? push(w, ANNOTATION, 0, 0, e)
                   : err_at(e, ERR_UNSUPPORTED, &w->r,
                            "an object that only its own class can read (protocol 1)");
    if ((c->flags & SERIALIZABLE) == 0)
        return true;
    if ((c->flags & WRITES) != 0 && !push(w, ANNOTATION, 0, 0, e))
        return false;
    return push(w, OBJECTS, 0, c->objects, e) && skip(w, c->primitives, e);
}

static bool read_array(struct java_walk *w, struct err *e)
{
    struct slice name;
    uint32_t n;
    uint8_t type;

    if (w->last == 0)
        return err_at(e, ERR_FORMAT, &w->r, "an array without a class");
    w->arrays++;
    w->classes[w->last - 1].instances++;
    name = w->classes[w->last - 1].name;
    if (!add_handle(w, 0, e) || !read_u32(w, &n, e))
        return false;
    type = name.len > 1 && name.data[0] == '[' ? name.data[1] : '\0';
    if (n > INT32_MAX)
        return err_at(e, ERR_FORMAT, &w->r, "an array of a negative length");
    if (type == 'L' || type == '[')
        return push(w, OBJECTS, 0, n, e);
    return size_of(type) != 0 ? skip(w, (uint64_t)n * size_of(type), e)
                              : err_at(e, ERR_FORMAT, &w->r, "an array of what is no array class");
}

/* Something whose class comes first. */
static bool described(struct java_walk *w, enum java_what body, struct err *e)
{
    return push(w, body, 0, 0, e) && push(w, DESC, 0, 0, e);
}

static bool read_object(struct java_walk *w, uint8_t tag, struct err *e)
{
    uint32_t unused;

    switch (tag) {
    case T_NULL:
        return true;
    case T_REFERENCE:
        return read_handle(w, &unused, e);
    case T_CLASSDESC:
    case T_PROXY:
        return new_class(w, tag == T_PROXY, e);
    case T_OBJECT:
        return described(w, BODY, e);
    case T_STRING:
    case T_STRING_LONG:
        return read_string(w, tag == T_STRING_LONG, e);
    case T_ARRAY:
        return described(w, ARRAY_BODY, e);
    case T_CLASS:
        return described(w, CLASS_BODY, e);
    case T_ENUM:
        return described(w, ENUM_BODY, e);
    case T_EXCEPTION:
        return err_at(e, ERR_UNSUPPORTED, &w->r, "a stream that was broken off by an exception");
    default:
        return err_at(e, ERR_FORMAT, &w->r, "byte 0x%02x where an object begins", tag);
    }
}

/* Objects and blocks in a row. */
static bool read_content(struct java_walk *w, const struct java_expect *x, struct err *e)
{
    uint8_t tag;

    if (!read_u8(w, &tag, e))
        return false;
    if (tag == T_END && x->what == ANNOTATION)
        return true;
    if (!push(w, x->what, 0, 0, e))
        return false;
    if (tag == T_BLOCK || tag == T_BLOCK_LONG)
        return read_block(w, tag == T_BLOCK_LONG, e);
    if (tag != T_RESET)
        return read_object(w, tag, e);
    w->resets++;
    w->nhandles = 0;
    return true;
}

static bool at_end(struct java_walk *w, bool *end, struct err *e)
{
    if (w->r.left == 0 && !feed_more(w->feed, &w->r, 1, e))
        return false;
    *end = w->r.left == 0;
    return true;
}

static bool one_of(struct java_walk *w, struct java_expect *x, struct err *e)
{
    uint8_t tag;

    if (x->left == 0)
        return true;
    if (x->left > 1 && !push(w, OBJECTS, 0, x->left - 1, e))
        return false;
    return read_u8(w, &tag, e) && read_object(w, tag, e);
}

static bool step(struct java_walk *w, struct err *e)
{
    struct java_expect x = w->todo[--w->ntodo];
    bool end = false;

    switch (x.what) {
    case CONTENTS:
        return at_end(w, &end, e) && (end || read_content(w, &x, e));
    case ANNOTATION:
        return read_content(w, &x, e);
    case OBJECTS:
        return one_of(w, &x, e);
    case DESC:
        return read_desc(w, e);
    case DESC_DONE:
        w->classes[x.class - 1].super = w->last;
        w->last = x.class;
        return true;
    case BODY:
        return read_body(w, e);
    case ARRAY_BODY:
        return read_array(w, e);
    case ENUM_BODY:
        w->enums++;
        return add_handle(w, 0, e) && push(w, OBJECTS, 0, 1, e);
    case CLASS_BODY:
        return add_handle(w, 0, e);
    default:
        return read_data(w, &w->classes[x.class - 1], e);
    }
}

bool java_walk_read(struct java_walk *w, struct err *e)
{
    if (!skip(w, sizeof(JAVA_WALK_MAGIC) - 1, e) || !push(w, CONTENTS, 0, 0, e))
        return false;
    while (w->ntodo > 0)
        if (!step(w, e))
            return false;
    return w->r.offset > sizeof(JAVA_WALK_MAGIC) - 1 ||
           err_at(e, ERR_FORMAT, &w->r, "a stream without an object");
}
