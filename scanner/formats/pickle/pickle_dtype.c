#include "scanner/formats/pickle/pickle_dtype.h"

#include <string.h>

#include "base/checked.h"
#include "base/limits.h"

/* ---- what it is made from ---- */
/* The letter of a class that numpy.dtype may be given; 0: numpy takes others for objects. */
static char letter_of(const struct pickle_import *x)
{
    static const char *const numbers[] = {
        "bool_",  "bytes_", "complex128", "complex64",  "float16",    "float32",    "float64",
        "int16",  "int32",  "int64",      "int8",       "str_",       "uint16",     "uint32",
        "uint64", "uint8",  "bool",       "longdouble", "datetime64", "timedelta64"};

    if (slice_is(x->module, "ml_dtypes"))
        return 'n';
    if (x->module.len < 5 || memcmp(x->module.data, "numpy", 5) != 0)
        return 0;
    if (slice_is(x->name, "record") || slice_is(x->name, "void"))
        return 'V';
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (slice_is(x->name, numbers[i]))
            return 'n';
    return 0;
}

static bool of_text(struct slice s, struct pickle_dtype *d)
{
    uint64_t n;

    if (s.len < 2 || !checked_u64(slice_from(s, 1), UINT32_MAX, &n))
        return false;
    d->letter = (char)s.data[0];
    d->size = d->letter == 'U' ? n * 4 : n;
    if (d->letter == 'O')
        d->size = sizeof(void *);
    d->objects = d->letter == 'O';
    d->open = d->letter == 'V';
    return true;
}

bool pickle_dtype_make(struct pickle_vm *v, struct pickle_slot args, uint64_t *ref)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    struct pickle_dtype d = {.open = true}, *kept;

    if (t == NULL || t->len == 0 || v->ndtypes >= LIMIT_PICKLE_DTYPES)
        return false;
    if (t->child[0].kind == PICKLE_TEXT) {
        if (!of_text(pickle_stack_text(&v->stack, t->child[0].ref), &d))
            return false;
    } else if (t->child[0].kind == PICKLE_GLOBAL) {
        d.letter = letter_of(&v->table->items[t->child[0].ref]);
        if (d.letter == 0)
            return false;
    } else {
        return false;
    }
    *ref = v->ndtypes;
    kept = ARENA_PUSH(v->arena, &v->dtypes, &v->ndtypes);
    *kept = d;
    return true;
}

void pickle_dtype_shared(struct pickle_vm *v, struct pickle_slot dtype)
{
    v->dtypes[dtype.ref].shared = true;
}

/* ---- fields ---- */
/* The row of a dict, or the vacant one where it would stand. NULL: there are too many. */
static struct pickle_fields *row_of(struct pickle_vm *v, uint64_t dict)
{
    const size_t mask = 2 * LIMIT_PICKLE_FIELDS - 1;
    size_t i = (size_t)(dict * UINT64_C(11400714819323198485) >> 32) & mask;

    while (v->fields[i].known && v->fields[i].dict != dict)
        i = (i + 1) & mask;
    return v->fields[i].known || v->nfields < LIMIT_PICKLE_FIELDS ? &v->fields[i] : NULL;
}

/* (dtype, offset), or with a title behind */
static bool field(const struct pickle_vm *v, struct pickle_slot value, struct pickle_fields *f)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, value);
    const struct pickle_dtype *d;
    uint64_t end;

    if (t == NULL || (t->len != 2 && t->len != 3) || t->child[0].kind != PICKLE_DTYPE ||
        t->child[1].kind != PICKLE_INT || pickle_stack_int(t->child[1]) < 0)
        return false;
    d = &v->dtypes[t->child[0].ref];
    if (d->open || !checked_add((uint64_t)pickle_stack_int(t->child[1]), d->size, &end))
        return false;
    f->objects = f->objects || d->objects;
    f->end = end > f->end ? end : f->end;
    return true;
}

/* SPEC: arraydescr_reduce. The state is written as (version, order, None, names, fields, ...) above
 * the type: nobody else has had this dict before. */
void pickle_dtype_dict(struct pickle_vm *v, size_t n, struct pickle_slot dict)
{
    const struct pickle_stack *s = &v->stack;
    struct pickle_fields *f;

    if (s->fence == 0 || n != s->fence + 4 || s->slots[s->fence - 1].kind != PICKLE_DTYPE ||
        s->slots[n - 1].kind != PICKLE_TUPLE)
        return;
    if (v->fields == NULL)
        v->fields = arena_alloc(v->arena, (size_t)2 * LIMIT_PICKLE_FIELDS * sizeof(*v->fields));
    f = row_of(v, dict.ref);
    if (f == NULL)
        return; /* the state will be told as one that nobody can tell */
    *f = (struct pickle_fields){.dict = dict.ref, .known = true};
    v->nfields++;
    v->fields_last = dict.ref;
}

void pickle_dtype_fields(struct pickle_vm *v, struct pickle_slot dict,
                         const struct pickle_slot *pairs, size_t n)
{
    struct pickle_fields *f;

    if (v->nfields == 0 || dict.ref > v->fields_last)
        return;
    f = row_of(v, dict.ref);
    if (f == NULL || !f->known)
        return;
    if (f->used)
        pickle_vm_note(v, PICKLE_ODD_DTYPE);
    for (size_t i = 1; i < n; i += 2)
        f->odd = !field(v, pairs[i], f) || f->odd;
}

/* ---- the state ---- */
/* Names and fields of a structured type. */
static bool structured(struct pickle_vm *v, struct pickle_slot dict, struct pickle_dtype *d)
{
    struct pickle_fields *f;

    if (d->letter != 'V' || dict.kind != PICKLE_DICT || v->fields == NULL)
        return false;
    f = row_of(v, dict.ref);
    if (f == NULL || !f->known || f->odd || f->end > d->size)
        return false;
    f->used = true;
    d->objects = f->objects;
    return true;
}

/* (type, shape) of one whose items are arrays */
static bool of_arrays(const struct pickle_vm *v, struct pickle_slot sub, struct pickle_dtype *d)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, sub), *shape;
    uint64_t size;

    if (d->letter != 'V' || t == NULL || t->len != 2 || t->child[0].kind != PICKLE_DTYPE ||
        v->dtypes[t->child[0].ref].open)
        return false;
    size = v->dtypes[t->child[0].ref].size;
    d->objects = v->dtypes[t->child[0].ref].objects;
    if (t->child[1].kind == PICKLE_INT)
        return pickle_stack_int(t->child[1]) >= 0 &&
               checked_mul(size, (uint64_t)pickle_stack_int(t->child[1]), &size) && size == d->size;
    shape = pickle_stack_tuple_of(&v->stack, t->child[1]);
    if (shape == NULL || shape->len > PICKLE_CHILDREN)
        return false;
    for (size_t i = 0; i < shape->len; i++)
        if (shape->child[i].kind != PICKLE_INT || pickle_stack_int(shape->child[i]) < 0 ||
            !checked_mul(size, (uint64_t)pickle_stack_int(shape->child[i]), &size))
            return false;
    return size == d->size;
}

/* The size of texts, bytes and raw items is in the state; of others NumPy knows it. */
static bool sized(struct pickle_slot size, struct pickle_dtype *d)
{
    const bool own = d->letter != 'U' && d->letter != 'S' && d->letter != 'a' && d->letter != 'V';

    if (own)
        return true;
    if (size.kind != PICKLE_INT || pickle_stack_int(size) < 0 ||
        (d->letter == 'U' && pickle_stack_int(size) % 4 != 0))
        return false;
    d->size = (uint64_t)pickle_stack_int(size);
    return true;
}

/* (version, order, subtype, names, fields, size, alignment, flags), and metadata of times */
static bool consistent(struct pickle_vm *v, const struct pickle_tuple *t, struct pickle_dtype *d)
{
    if (d->built || d->shared || !sized(t->child[5], d))
        return false;
    if (t->child[4].kind != PICKLE_NONE || t->child[3].kind != PICKLE_NONE) {
        if (!structured(v, t->child[4], d) || t->child[2].kind != PICKLE_NONE)
            return false;
    } else if (t->child[2].kind != PICKLE_NONE && !of_arrays(v, t->child[2], d)) {
        return false;
    }
    /* before version 3 there were no flags: NumPy looks for objects itself */
    return t->len < 8 || (t->child[7].kind == PICKLE_INT &&
                          ((pickle_stack_int(t->child[7]) & 1) != 0) == d->objects);
}

void pickle_dtype_state(struct pickle_vm *v, struct pickle_slot dtype, struct pickle_slot state)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, state);
    struct pickle_dtype *d = &v->dtypes[dtype.ref];

    if (t == NULL || t->len < 6 || !consistent(v, t, d)) {
        pickle_vm_note(v, PICKLE_ODD_DTYPE);
        d->open = true;
    } else if (d->letter != 'n') {
        d->open = false;
    }
    d->built = true;
}
