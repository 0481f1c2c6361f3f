#include "scanner/formats/graph/tflite_flex.h"

#include <string.h>

#include "base/reader.h"

#define FLEX_INT 1
#define FLEX_UINT 2
#define FLEX_STRING 5
#define FLEX_MAP 9
#define FLEX_VECTOR 10
#define NODE_OP 2 /* field of NodeDef */

/* A little-endian number of 1, 2, 4 or 8 bytes at `at`. */
static bool number(struct slice s, uint64_t at, unsigned width, uint64_t *out)
{
    uint64_t v = 0;

    if (at > s.len || width > s.len - at)
        return false;
    for (unsigned i = 0; i < width; i++)
        v |= (uint64_t)s.data[at + i] << (8 * i);
    *out = v;
    return true;
}

/* Offsets count backwards from the place where they stand. */
static bool back(struct slice s, uint64_t at, unsigned width, uint64_t *to)
{
    uint64_t offset;

    if (!number(s, at, width, &offset) || offset > at)
        return false;
    *to = at - offset;
    return true;
}

/* n elements of `width` bytes, then a type for each. */
struct vector {
    uint64_t at, n;
    unsigned width;
};

/* Element i, which is a string. */
static bool text(struct slice s, const struct vector *v, unsigned i, struct slice *out)
{
    uint64_t type, start, len;
    unsigned own;

    if (!number(s, v->at + v->n * v->width + i, 1, &type) || type >> 2 != FLEX_STRING ||
        !back(s, v->at + (uint64_t)v->width * i, v->width, &start))
        return false;
    own = 1u << (type & 3);
    if (start < own || !number(s, start - own, own, &len) || len > s.len - start)
        return false;
    *out = (struct slice){s.data + start, (size_t)len};
    return true;
}

/* The last `op` counts, as for every protobuf reader. */
static bool node_op(struct slice node, struct slice *op)
{
    struct reader r = reader_over(node);
    uint64_t key, n;

    *op = (struct slice){node.data, 0};
    while (r.left > 0) {
        struct slice bytes;

        if (!reader_varint(&r, &key))
            return false;
        switch (key & 7) {
        case 0:
            if (!reader_varint(&r, &n))
                return false;
            break;
        case 1:
        case 5:
            if (!reader_skip(&r, (key & 7) == 1 ? 8 : 4))
                return false;
            break;
        case 2:
            if (!reader_varint(&r, &n) || !reader_bytes(&r, n, &bytes))
                return false;
            if (key >> 3 == NODE_OP)
                *op = bytes;
            break;
        default:
            return false;
        }
    }
    return op->len > 0;
}

/* The vector or map that is the whole document. */
static bool root(struct slice s, unsigned kind, struct vector *v)
{
    uint64_t width, type;

    if (s.len < 3 || !number(s, s.len - 1, 1, &width) || !number(s, s.len - 2, 1, &type))
        return false;
    if ((width != 1 && width != 2 && width != 4 && width != 8) || type >> 2 != kind ||
        s.len < 2 + width || !back(s, s.len - 2 - width, (unsigned)width, &v->at))
        return false;
    v->width = 1u << (type & 3);
    return v->at >= v->width && number(s, v->at - v->width, v->width, &v->n) &&
           v->n <= s.len / v->width;
}

bool tflite_flex_op(struct slice options, struct slice *name, struct slice *op)
{
    struct slice node;
    struct vector v;

    return root(options, FLEX_VECTOR, &v) && v.n >= 2 && text(options, &v, 0, name) &&
           text(options, &v, 1, &node) && node_op(node, op);
}

/* The keys of a map are a vector of their own, in front of its length and their width. */
static bool key_is(struct slice s, const struct vector *v, unsigned i, const char *key)
{
    const uint64_t n = strlen(key) + 1;
    uint64_t keys, width, at;

    if (v->at < 3 * (uint64_t)v->width ||
        !back(s, v->at - 3 * (uint64_t)v->width, v->width, &keys) ||
        !number(s, v->at - 2 * (uint64_t)v->width, v->width, &width) ||
        (width != 1 && width != 2 && width != 4 && width != 8) ||
        !back(s, keys + width * i, (unsigned)width, &at))
        return false;
    return n <= s.len - at && memcmp(s.data + at, key, n) == 0;
}

bool tflite_flex_range(struct slice options, uint64_t *at, uint64_t *size)
{
    bool found[2] = {false, false};
    struct vector v;

    if (!root(options, FLEX_MAP, &v) || v.n > 16)
        return false;
    for (unsigned i = 0; i < v.n; i++) {
        uint64_t type, value;

        if (!number(options, v.at + v.n * v.width + i, 1, &type) ||
            !number(options, v.at + (uint64_t)v.width * i, v.width, &value))
            return false;
        if (type >> 2 != FLEX_INT && type >> 2 != FLEX_UINT)
            continue;
        if (key_is(options, &v, i, "bytecode_offset")) {
            *at = value;
            found[0] = true;
        } else if (key_is(options, &v, i, "bytecode_size")) {
            *size = value;
            found[1] = true;
        }
    }
    return found[0] && found[1];
}
