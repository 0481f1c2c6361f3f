#include "scanner/formats/graph/flatbuffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define PAGE ((size_t)64 << 10)
#define PADDING 64
#define PAGES (LIMIT_FLATBUFFER_CACHE / PAGE)

void flatbuffer_init(struct flatbuffer *f, struct source *s, uint64_t base, uint64_t end)
{
    *f = (struct flatbuffer){.source = s, .base = base, .end = end, .reached = base};
    f->pages = calloc(PAGES, sizeof(*f->pages));
    f->numbers = calloc(PAGES, sizeof(*f->numbers));
    f->lengths = calloc(PAGES, sizeof(*f->lengths));
    if (f->pages == NULL || f->numbers == NULL || f->lengths == NULL)
        abort();
}

void flatbuffer_release(struct flatbuffer *f)
{
    for (size_t i = 0; f->pages != NULL && i < PAGES; i++)
        free(f->pages[i]);
    free(f->pages);
    free(f->numbers);
    free(f->lengths);
    *f = (struct flatbuffer){0};
}

/* ---- bytes ---- */
static bool page(struct flatbuffer *f, uint64_t number, const uint8_t **out, size_t *n,
                 struct err *e)
{
    const size_t i = (size_t)(number % PAGES);

    if (f->pages[i] == NULL) {
        f->pages[i] = malloc(PAGE);
        if (f->pages[i] == NULL)
            abort();
        f->lengths[i] = 0;
    }
    if (f->lengths[i] == 0 || f->numbers[i] != number) {
        f->lengths[i] = 0;
        f->numbers[i] = number;
        if (!source_some(f->source, number * PAGE, f->pages[i], PAGE, &f->lengths[i], e))
            return false;
    }
    *out = f->pages[i];
    *n = f->lengths[i];
    return true;
}

/* The only bounds check: [at, at + n) lies in the buffer. */
static bool inside(struct flatbuffer *f, uint64_t at, uint64_t n, struct err *e)
{
    if (at < f->base || at > f->end || n > f->end - at)
        return err_pos(e, ERR_FORMAT, at,
                       "%" PRIu64 " bytes are referred to, the buffer ends at byte %" PRIu64, n,
                       f->end);
    if (at + n > f->reached)
        f->reached = at + n;
    return true;
}

static bool step(struct flatbuffer *f, uint64_t n, uint64_t at, struct err *e)
{
    if (n > LIMIT_FLATBUFFER_STEPS - f->steps)
        return err_pos(e, ERR_LIMIT, at,
                       "more than %d tables, strings and elements (LIMIT_FLATBUFFER_STEPS)",
                       LIMIT_FLATBUFFER_STEPS);
    f->steps += n;
    return true;
}

bool flatbuffer_bytes(struct flatbuffer *f, uint64_t at, void *out, size_t n, struct err *e)
{
    uint8_t *to = out;

    if (!inside(f, at, n, e) || !step(f, n / 64, at, e))
        return false;
    while (n > 0) {
        const size_t skip = (size_t)(at % PAGE);
        const uint8_t *bytes;
        size_t have;

        if (!page(f, at / PAGE, &bytes, &have, e))
            return false;
        if (have <= skip)
            return err_pos(e, ERR_FORMAT, at, "the stream ends inside of the buffer");
        have = have - skip < n ? have - skip : n;
        memcpy(to, bytes + skip, have);
        to += have;
        at += have;
        n -= have;
    }
    return true;
}

/* A little-endian number of 1, 2, 4 or 8 bytes. */
static bool number(struct flatbuffer *f, uint64_t at, unsigned bytes, uint64_t *out, struct err *e)
{
    uint8_t raw[8];
    uint64_t v = 0;

    if (!flatbuffer_bytes(f, at, raw, bytes, e))
        return false;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)raw[i] << (8 * i);
    *out = v;
    return true;
}

/* ---- tables ---- */
/* SPEC: "Tables": a signed offset back (or on) to the vtable, which says how long both are. */
static bool table(struct flatbuffer *f, uint64_t at, struct flatbuffer_table *out, struct err *e)
{
    uint64_t back = 0, vsize = 0, tsize = 0;

    if (!step(f, 1, at, e) || !number(f, at, 4, &back, e))
        return false;
    out->f = f;
    out->at = at;
    out->vtable = back <= INT32_MAX ? at - back : at + (UINT32_MAX - back + 1);
    if (back <= INT32_MAX && back > at)
        return err_pos(e, ERR_FORMAT, at, "a vtable in front of the buffer");
    if (!number(f, out->vtable, 2, &vsize, e) || !number(f, out->vtable + 2, 2, &tsize, e))
        return false;
    if (vsize < 4 || vsize % 2 != 0 || tsize < 4)
        return err_pos(e, ERR_FORMAT, out->vtable,
                       "a vtable of %" PRIu64 " bytes for a table of %" PRIu64, vsize, tsize);
    if (!inside(f, out->vtable, vsize, e) || !inside(f, at, tsize, e))
        return false;
    out->fields = (uint16_t)((vsize - 4) / 2);
    return true;
}

bool flatbuffer_root(struct flatbuffer *f, struct flatbuffer_table *out, struct err *e)
{
    uint64_t offset = 0;

    if (!number(f, f->base, 4, &offset, e))
        return false;
    if (offset < 4)
        return err_pos(e, ERR_FORMAT, f->base, "the root table is at byte %" PRIu64, offset);
    return table(f, f->base + offset, out, e);
}

/* Where a field stands; 0 when it is absent. The size of the table does not bound it: nobody looks,
 * and the writer in Python gives tables of two sizes one vtable when their fields begin at the same
 * places. */
static bool place(const struct flatbuffer_table *t, unsigned field, uint64_t *at, struct err *e)
{
    struct flatbuffer *f = t->f;
    uint64_t offset = 0;

    *at = 0;
    if (field >= t->fields)
        return true;
    if (!number(f, t->vtable + 4 + 2 * (uint64_t)field, 2, &offset, e))
        return false;
    if (offset == 0)
        return true;
    if (offset < 4)
        return err_pos(e, ERR_FORMAT, t->vtable + 4 + 2 * (uint64_t)field,
                       "field %u at byte %" PRIu64 " of its table", field, offset);
    *at = t->at + offset;
    return true;
}

bool flatbuffer_scalar(const struct flatbuffer_table *t, unsigned field, unsigned bytes,
                       uint64_t *out, struct err *e)
{
    uint64_t at;

    if (!place(t, field, &at, e))
        return false;
    return at == 0 || number(t->f, at, bytes, out, e);
}

/* The place that an offset at `at` leads to. */
static bool follow(struct flatbuffer *f, uint64_t at, uint64_t *to, struct err *e)
{
    uint64_t offset = 0;

    if (!number(f, at, 4, &offset, e))
        return false;
    if (offset == 0)
        return err_pos(e, ERR_FORMAT, at, "an offset of zero");
    *to = at + offset;
    return true;
}

bool flatbuffer_sub(const struct flatbuffer_table *t, unsigned field, struct flatbuffer_table *out,
                    struct err *e)
{
    uint64_t at;

    *out = (struct flatbuffer_table){0};
    if (!place(t, field, &at, e))
        return false;
    return at == 0 || (follow(t->f, at, &at, e) && table(t->f, at, out, e));
}

/* The vector whose length stands at `at`. */
static bool vector(uint64_t at, struct flatbuffer_vector *out, struct err *e)
{
    struct flatbuffer *f = out->f;
    uint64_t n = 0;

    if (!step(f, 1, at, e) || !number(f, at, 4, &n, e) || !inside(f, at + 4, n * out->size, e))
        return false;
    out->at = at + 4;
    out->n = (uint32_t)n;
    return true;
}

bool flatbuffer_vector(const struct flatbuffer_table *t, unsigned field, unsigned size,
                       struct flatbuffer_vector *out, struct err *e)
{
    uint64_t at;

    *out = (struct flatbuffer_vector){t->f, 0, 0, size};
    if (!place(t, field, &at, e))
        return false;
    return at == 0 || (follow(t->f, at, &at, e) && vector(at, out, e));
}

/* The beginning of a string. */
static bool text_of(const struct flatbuffer_vector *v, struct arena *a, struct slice *out,
                    struct err *e)
{
    const size_t n = v->n < LIMIT_TALLY_BYTES ? v->n : LIMIT_TALLY_BYTES;
    uint8_t *text;

    *out = (struct slice){NULL, 0};
    if (n == 0)
        return true;
    if (!step(v->f, n, v->at, e))
        return false;
    text = arena_alloc(a, n);
    *out = (struct slice){text, n};
    return flatbuffer_bytes(v->f, v->at, text, n, e);
}

bool flatbuffer_string(const struct flatbuffer_table *t, unsigned field, struct arena *a,
                       struct slice *out, struct err *e)
{
    struct flatbuffer_vector v;

    return flatbuffer_vector(t, field, 1, &v, e) && text_of(&v, a, out, e);
}

bool flatbuffer_text(const struct flatbuffer_vector *v, uint32_t i, struct arena *a,
                     struct slice *out, struct err *e)
{
    struct flatbuffer_vector text = {.f = v->f, .size = 1};
    uint64_t at;

    return follow(v->f, v->at + 4 * (uint64_t)i, &at, e) && vector(at, &text, e) &&
           text_of(&text, a, out, e);
}

bool flatbuffer_item(const struct flatbuffer_vector *v, uint32_t i, struct flatbuffer_table *out,
                     struct err *e)
{
    uint64_t at;

    return follow(v->f, v->at + 4 * (uint64_t)i, &at, e) && table(v->f, at, out, e);
}

bool flatbuffer_element(const struct flatbuffer_vector *v, uint32_t i, uint64_t *out, struct err *e)
{
    return step(v->f, 1, v->at, e) && number(v->f, v->at + (uint64_t)v->size * i, v->size, out, e);
}

bool flatbuffer_padding(struct flatbuffer *f, uint64_t *accounted, struct err *e)
{
    const uint64_t from = f->reached, left = f->end - from;
    uint8_t bytes[PADDING];

    *accounted = from;
    if (left > sizeof(bytes))
        return true;
    if (!flatbuffer_bytes(f, from, bytes, (size_t)left, e))
        return false;
    for (size_t i = 0; i < left; i++)
        if (bytes[i] != 0)
            return true;
    *accounted = f->end;
    return true;
}
