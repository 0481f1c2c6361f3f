#include "scanner/formats/python/marshal.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

#define FLAG_REF 0x80

static bool object(struct marshal *m, struct marshal_node **out, struct err *e);

void marshal_init(struct marshal *m, struct arena *a, struct reader r,
                  const struct marshal_form *form)
{
    *m = (struct marshal){.arena = a, .r = r, .form = *form};
}

static bool cut(const struct marshal *m, struct err *e)
{
    return err_at(e, ERR_FORMAT, &m->r, "a marshalled object is cut short");
}

static bool passed(struct marshal *m, uint64_t n, struct err *e)
{
    return reader_skip(&m->r, n) || cut(m, e);
}

/* A length of `bytes` bytes: what is that long must be there, a byte for each. */
static bool length(struct marshal *m, unsigned bytes, uint32_t *n, struct err *e)
{
    uint8_t small = 0;

    if (bytes == 1 ? !reader_u8(&m->r, &small) : !reader_u32le(&m->r, n))
        return cut(m, e);
    *n = bytes == 1 ? small : *n;
    if (*n > INT32_MAX || *n > m->r.left)
        return err_at(e, ERR_FORMAT, &m->r, "a marshalled object of %" PRIu32 " items is cut short",
                      *n);
    return true;
}

static bool text(struct marshal *m, unsigned bytes, struct marshal_node *node, struct err *e)
{
    uint32_t n;

    return length(m, bytes, &n, e) && (reader_bytes(&m->r, n, &node->bytes) || cut(m, e));
}

/* SPEC: r_object, TYPE_LONG: a signed number of digits of 15 bits, in two bytes each. */
static bool integer(struct marshal *m, struct err *e)
{
    uint32_t n;
    int64_t digits;

    if (!reader_u32le(&m->r, &n))
        return cut(m, e);
    digits = (int32_t)n;
    return passed(m, 2 * (uint64_t)(digits < 0 ? -digits : digits), e);
}

static bool items(struct marshal *m, unsigned bytes, struct marshal_node *node, struct err *e)
{
    struct marshal_node *item;
    uint32_t n;

    if (!length(m, bytes, &n, e))
        return false;
    if (n > LIMIT_MARSHAL_OBJECTS - m->objects)
        return err_at(e, ERR_LIMIT, &m->r,
                      "more than %d marshalled objects (LIMIT_MARSHAL_OBJECTS)",
                      LIMIT_MARSHAL_OBJECTS);
    if (node->kind == MARSHAL_TUPLE)
        node->items = ARENA_ARRAY(m->arena, const struct marshal_node *, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!object(m, &item, e))
            return false;
        if (item->kind == MARSHAL_NULL)
            return err_at(e, ERR_FORMAT, &m->r, "a marshalled container with a hole");
        if (node->kind == MARSHAL_TUPLE)
            node->items[node->n++] = item;
    }
    return true;
}

/* Keys and values, up to a key that is none. */
static bool dictionary(struct marshal *m, struct err *e)
{
    struct marshal_node *key, *value;

    for (;;) {
        if (!object(m, &key, e))
            return false;
        if (key->kind == MARSHAL_NULL)
            return true;
        if (!object(m, &value, e))
            return false;
        if (value->kind == MARSHAL_NULL) /* SPEC: r_object, TYPE_DICT: it ends here, too */
            return true;
    }
}

static bool part(struct marshal *m, const struct marshal_node **out, struct err *e)
{
    struct marshal_node *node;

    if (!object(m, &node, e))
        return false;
    if (node->kind == MARSHAL_NULL)
        return err_at(e, ERR_FORMAT, &m->r, "a code object with a hole");
    if (out != NULL)
        *out = node;
    return true;
}

static bool parts(struct marshal *m, unsigned n, struct err *e)
{
    while (n-- > 0)
        if (!part(m, NULL, e))
            return false;
    return true;
}

static bool of_kind(const struct marshal_node *node, enum marshal_kind kind)
{
    return node->kind == kind;
}

/* SPEC: r_object, TYPE_CODE of each version. */
static bool code(struct marshal *m, uint64_t at, struct err *e)
{
    const bool split = m->form.split;
    struct marshal_code c = {.at = at}, *kept;

    if (!passed(m, 4 * (uint64_t)m->form.numbers, e) || !part(m, &c.code, e) || !parts(m, 1, e) ||
        !part(m, &c.names, e) || !parts(m, split ? 3 : 2, e) || !part(m, &c.filename, e) ||
        !part(m, &c.name, e) || !parts(m, split ? 0 : 1, e))
        return false;
    if (!reader_u32le(&m->r, &c.line))
        return cut(m, e);
    if (!parts(m, split ? 1 : 2, e))
        return false;
    if (!of_kind(c.code, MARSHAL_BYTES) || !of_kind(c.names, MARSHAL_TUPLE))
        return err_pos(e, ERR_FORMAT, at, "a code object without instructions or names");
    kept = ARENA_PUSH(m->arena, &m->codes, &m->ncodes);
    *kept = c;
    return true;
}

/* A reference to what was read before. */
static bool reference(struct marshal *m, struct marshal_node **out, struct err *e)
{
    const uint64_t at = m->r.offset;
    uint32_t i;

    if (!reader_u32le(&m->r, &i))
        return cut(m, e);
    if (i >= m->nrefs)
        return err_pos(e, ERR_FORMAT, at, "reference %" PRIu32 " of %zu", i, m->nrefs);
    if (!m->refs[i].node->done && m->refs[i].node->kind != MARSHAL_OTHER)
        return err_pos(e, ERR_FORMAT, at, "reference %" PRIu32 " to an object that holds it", i);
    *out = m->refs[i].node;
    return true;
}

/* Of one of the types whose value is text: how many bytes its length has, 0 for none. */
static unsigned text_length(const struct marshal *m, uint8_t type, enum marshal_kind *kind)
{
    *kind = type == 's' ? MARSHAL_BYTES : MARSHAL_TEXT;
    if (type == 's' || type == 't' || type == 'u')
        return 4;
    if (!m->form.references)
        return 0;
    return type == 'a' || type == 'A' ? 4 : type == 'z' || type == 'Z' ? 1 : 0;
}

/* One that holds no other. */
static bool simple(struct marshal *m, uint8_t type, bool *known, struct err *e)
{
    uint8_t n;

    *known = true;
    if (strchr("NFTS.", type) != NULL)
        return true;
    if (type == 'i')
        return passed(m, 4, e);
    if (type == 'I' || type == 'g')
        return passed(m, 8, e);
    if (type == 'y')
        return passed(m, 16, e);
    if (type == 'l')
        return integer(m, e);
    *known = type == 'f' || type == 'x';
    for (int i = type == 'x' ? 2 : 1; *known && i > 0; i--) /* decimals as text */
        if (!reader_u8(&m->r, &n) || !reader_skip(&m->r, n))
            return cut(m, e);
    return true;
}

static bool unknown(uint8_t type, uint64_t at, struct err *e)
{
    return err_pos(e, ERR_FORMAT, at, "byte 0x%02x is no type of marshal", type);
}

static bool container(struct marshal *m, uint8_t type, struct marshal_node *node, uint64_t at,
                      struct err *e)
{
    if (type == 'c') {
        node->kind = MARSHAL_CODE;
        return code(m, at, e);
    }
    if (type == '{')
        return dictionary(m, e);
    if (type == ':' && m->form.slices)
        return parts(m, 3, e);
    if (type == '(' || (type == ')' && m->form.references)) {
        node->kind = MARSHAL_TUPLE;
        return items(m, type == ')' ? 1 : 4, node, e);
    }
    if (type == '>' || type == '<' || type == '[')
        return items(m, 4, node, e);
    return unknown(type, at, e);
}

/* What stands behind the type byte. */
static bool contents(struct marshal *m, uint8_t type, struct marshal_node *node, uint64_t at,
                     struct err *e)
{
    const unsigned bytes = text_length(m, type, &node->kind);
    bool known;

    if (bytes != 0)
        return text(m, bytes, node, e);
    node->kind = MARSHAL_OTHER;
    if (type == 0)
        return unknown(type, at, e);
    if (type == '0') {
        node->kind = MARSHAL_NULL;
        return true;
    }
    return simple(m, type, &known, e) && (known || container(m, type, node, at, e));
}

static void keep(struct marshal *m, struct marshal_node *node)
{
    struct marshal_ref *kept = ARENA_PUSH(m->arena, &m->refs, &m->nrefs);

    kept->node = node;
}

static bool fresh(struct marshal *m, uint8_t type, uint64_t at, struct marshal_node **out,
                  struct err *e)
{
    const bool flagged = m->form.references && (type & FLAG_REF) != 0;
    struct marshal_node *node = ARENA_NEW(m->arena, struct marshal_node);

    if (flagged)
        type &= (uint8_t)~FLAG_REF;
    *out = node;
    if (flagged)
        keep(m, node);
    if (!contents(m, type, node, at, e))
        return false;
    node->done = true;
    if (!m->form.references && type == 't')
        keep(m, node);
    return true;
}

static bool object(struct marshal *m, struct marshal_node **out, struct err *e)
{
    const uint64_t at = m->r.offset;
    uint8_t type;
    bool ok;

    if (!reader_u8(&m->r, &type))
        return cut(m, e);
    if (++m->objects > LIMIT_MARSHAL_OBJECTS)
        return err_pos(e, ERR_LIMIT, at, "more than %d marshalled objects (LIMIT_MARSHAL_OBJECTS)",
                       LIMIT_MARSHAL_OBJECTS);
    if (type == (m->form.references ? 'r' : 'R'))
        return reference(m, out, e);
    if (m->depth >= LIMIT_MARSHAL_DEPTH)
        return err_pos(e, ERR_LIMIT, at,
                       "marshalled objects nest more than %d levels (LIMIT_MARSHAL_DEPTH)",
                       LIMIT_MARSHAL_DEPTH);
    m->depth++;
    ok = fresh(m, type, at, out, e);
    m->depth--;
    return ok;
}

bool marshal_read(struct marshal *m, const struct marshal_node **out, struct err *e)
{
    struct marshal_node *node;

    if (!object(m, &node, e))
        return false;
    *out = node;
    return true;
}
