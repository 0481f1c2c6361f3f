#include "scanner/formats/jinja/jinja_value.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/jinja/jinja_lex.h"

#define COMPARES 1000000 /* constants that are held against each other */
#define COMPARE_DEPTH 8  /* lists within lists */

/* ---- making ---- */
static bool room(struct jinja_fold *f, size_t n)
{
    if (n > LIMIT_TEMPLATE_WORK - f->work)
        return false;
    f->work += n;
    return true;
}

static struct jinja_value one(struct jinja_fold *f, const struct jinja_const *c)
{
    struct kept {
        const struct jinja_const *alts[1];
        struct jinja_const it;
    } * kept;

    if (!room(f, sizeof(*kept)))
        return JINJA_BUILT;
    kept = ARENA_NEW(f->arena, struct kept);
    kept->it = *c;
    kept->alts[0] = &kept->it;
    return (struct jinja_value){.n = 1, .alts = kept->alts};
}

struct jinja_value jinja_value_text(struct jinja_fold *f, struct slice text)
{
    const struct jinja_const c = {.type = JINJA_TEXT, .text = text};

    return text.len <= LIMIT_TEMPLATE_TEXT ? one(f, &c) : JINJA_BUILT;
}

struct jinja_value jinja_value_number(struct jinja_fold *f, int64_t number)
{
    const struct jinja_const c = {.type = JINJA_NUMBER, .number = number};

    return one(f, &c);
}

struct jinja_value jinja_value_word(struct jinja_fold *f, struct slice text)
{
    const struct jinja_const c = {.type = JINJA_WORD, .text = text};

    return one(f, &c);
}

struct jinja_value jinja_value_list(struct jinja_fold *f, const struct jinja_value *items, size_t n)
{
    struct jinja_const c = {.type = JINJA_LIST, .n = n};
    struct jinja_value *copy;

    if (!room(f, n * sizeof(*items)))
        return JINJA_BUILT;
    copy = ARENA_ARRAY(f->arena, struct jinja_value, n);
    if (n > 0)
        memcpy(copy, items, n * sizeof(*items));
    c.items = copy;
    return one(f, &c);
}

struct jinja_value jinja_value_dict(struct jinja_fold *f, const struct jinja_args *members)
{
    struct jinja_const c = {.type = JINJA_DICT};
    struct jinja_value *items;
    struct slice *keys;

    if (members->open || !room(f, members->n * (sizeof(*items) + sizeof(*keys))))
        return JINJA_BUILT;
    items = ARENA_ARRAY(f->arena, struct jinja_value, members->n);
    keys = ARENA_ARRAY(f->arena, struct slice, members->n);
    for (size_t i = 0; i < members->n; i++) {
        if (members->names[i].data == NULL)
            continue;
        items[c.n] = members->at[i];
        keys[c.n++] = members->names[i];
    }
    c.items = items;
    c.keys = keys;
    return one(f, &c);
}

static bool same(struct jinja_fold *f, const struct jinja_const *a, const struct jinja_const *b,
                 unsigned depth);

static bool same_value(struct jinja_fold *f, const struct jinja_value *a,
                       const struct jinja_value *b, unsigned depth)
{
    if (a->n != b->n || a->data != b->data || a->built != b->built)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!same(f, a->alts[i], b->alts[i], depth))
            return false;
    return true;
}

/* Past the caps two lists count as different: then there are more of them, never fewer. */
static bool same(struct jinja_fold *f, const struct jinja_const *a, const struct jinja_const *b,
                 unsigned depth)
{
    if (a == b)
        return true;
    if (a->type != b->type || a->number != b->number || a->n != b->n || !slice_eq(a->text, b->text))
        return false;
    if (depth == COMPARE_DEPTH || f->compared >= COMPARES)
        return a->n == 0;
    f->compared++;
    for (size_t i = 0; i < a->n; i++)
        if ((a->keys != NULL && !slice_eq(a->keys[i], b->keys[i])) ||
            !same_value(f, &a->items[i], &b->items[i], depth + 1))
            return false;
    return true;
}

struct jinja_value jinja_value_join(struct jinja_fold *f, struct jinja_value a,
                                    struct jinja_value b)
{
    const struct jinja_const *alts[2 * JINJA_ALTS];
    const struct jinja_const **copy;
    size_t n = 0;

    for (; n < a.n; n++)
        alts[n] = a.alts[n];
    for (size_t i = 0; i < b.n; i++) {
        size_t at = 0;

        while (at < n && !same(f, alts[at], b.alts[i], 0))
            at++;
        if (at == n)
            alts[n++] = b.alts[i];
    }
    a.data = a.data || b.data;
    a.built = a.built || b.built;
    if (n == a.n)
        return a;
    if (n > JINJA_ALTS || !room(f, n * sizeof(void *))) /* numbers alone make no names */
        return (struct jinja_value){
            .data = true,
            .built = jinja_value_has_text(a) || jinja_value_has_text(b),
        };
    copy = ARENA_ARRAY(f->arena, const struct jinja_const *, n);
    for (size_t i = 0; i < n; i++)
        copy[i] = alts[i];
    a.alts = copy;
    a.n = (uint8_t)n;
    return a;
}

/* ---- looking ---- */
bool jinja_value_has_text(struct jinja_value v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.alts[i]->type != JINJA_NUMBER && v.alts[i]->type != JINJA_WORD)
            return true;
    return v.built;
}

const struct jinja_const *jinja_value_only(struct jinja_value v)
{
    return v.n == 1 && !v.data && !v.built ? v.alts[0] : NULL;
}

const struct jinja_value *jinja_value_arg(const struct jinja_args *args, size_t i, const char *name)
{
    size_t at = 0;

    for (size_t k = 0; k < args->n; k++) {
        if (args->names[k].data != NULL) {
            if (name != NULL && slice_is(args->names[k], name))
                return &args->at[k];
        } else if (at++ == i) {
            return &args->at[k];
        }
    }
    return NULL;
}

static bool printed(struct jinja_fold *f, const struct jinja_const *c, struct slice *out)
{
    *out = c->text;
    if (c->type == JINJA_NUMBER)
        *out = slice_str(arena_printf(f->arena, "%" PRId64, c->number));
    return c->type < JINJA_LIST;
}

/* What cannot be followed: built when text of the template went in. */
static struct jinja_value blurred(struct jinja_value a, struct jinja_value b)
{
    return (struct jinja_value){.data = true,
                                .built = jinja_value_has_text(a) || jinja_value_has_text(b)};
}

/* ---- operators ---- */
static struct jinja_value lists(struct jinja_fold *f, const struct jinja_const *a,
                                const struct jinja_const *b)
{
    struct jinja_value *items;

    if (!room(f, (a->n + b->n) * sizeof(*items)))
        return JINJA_BUILT;
    items = ARENA_ARRAY(f->arena, struct jinja_value, a->n + b->n);
    if (a->n > 0)
        memcpy(items, a->items, a->n * sizeof(*items));
    if (b->n > 0)
        memcpy(items + a->n, b->items, b->n * sizeof(*items));
    return jinja_value_list(f, items, a->n + b->n);
}

static struct jinja_value add(struct jinja_fold *f, const struct jinja_const *a,
                              const struct jinja_const *b, bool tilde)
{
    struct slice x, y;
    uint8_t *text;
    int64_t sum;

    if (!tilde && a->type == JINJA_NUMBER && b->type == JINJA_NUMBER)
        return __builtin_add_overflow(a->number, b->number, &sum) ? JINJA_OUTSIDE
                                                                  : jinja_value_number(f, sum);
    if (!tilde && a->type == JINJA_LIST && b->type == JINJA_LIST)
        return lists(f, a, b);
    if (!printed(f, a, &x) || !printed(f, b, &y) || x.len + y.len > LIMIT_TEMPLATE_TEXT ||
        !room(f, x.len + y.len))
        return JINJA_BUILT;
    text = arena_alloc(f->arena, x.len + y.len);
    if (x.len > 0)
        memcpy(text, x.data, x.len);
    if (y.len > 0)
        memcpy(text + x.len, y.data, y.len);
    return jinja_value_text(f, (struct slice){text, x.len + y.len});
}

/* What stays open when constants and something else meet. */
static struct jinja_value open_part(struct jinja_value a, struct jinja_value b, bool tilde)
{
    const bool open = a.data || a.built || b.data || b.built;
    struct jinja_value v = {0};

    if (!open)
        return v;
    v = blurred(a, b);
    v.built = v.built || tilde;
    return v;
}

struct jinja_value jinja_value_add(struct jinja_fold *f, struct jinja_value a, struct jinja_value b,
                                   bool tilde)
{
    struct jinja_value v = open_part(a, b, tilde);

    for (size_t i = 0; i < a.n; i++)
        for (size_t k = 0; k < b.n; k++)
            v = jinja_value_join(f, v, add(f, a.alts[i], b.alts[k], tilde));
    return v;
}

static bool text_args(struct jinja_fold *f, const struct jinja_args *from,
                      struct jinja_text_args *out)
{
    struct jinja_text_arg *at = ARENA_ARRAY(f->arena, struct jinja_text_arg, from->n);

    if (from->open || !room(f, from->n * sizeof(*at)))
        return false;
    for (size_t i = 0; i < from->n; i++) {
        const struct jinja_const *c = jinja_value_only(from->at[i]);

        if (c == NULL || c->type >= JINJA_LIST)
            return false;
        at[i] =
            (struct jinja_text_arg){from->names[i], c->text, c->number, c->type == JINJA_NUMBER};
    }
    *out = (struct jinja_text_args){at, from->n};
    return true;
}

static struct jinja_value percent(struct jinja_fold *f, const struct jinja_const *format,
                                  const struct jinja_args *args)
{
    struct jinja_text_args texts;
    struct slice out;

    if (format->type != JINJA_TEXT || !text_args(f, args, &texts) ||
        !jinja_text_percent(format->text, &texts, f->arena, &out) || !room(f, out.len))
        return JINJA_BUILT;
    return jinja_value_text(f, out);
}

/* text % value: a tuple or a dict is many arguments */
static struct jinja_value percent_value(struct jinja_fold *f, const struct jinja_const *format,
                                        struct jinja_value v)
{
    const struct jinja_const *c = jinja_value_only(v);
    struct slice none = {NULL, 0};
    struct jinja_args args = {&v, &none, 1, false};

    if (c != NULL && c->type >= JINJA_LIST) {
        args.n = c->n;
        args.at = ARENA_ARRAY(f->arena, struct jinja_value, c->n);
        args.names = ARENA_ARRAY(f->arena, struct slice, c->n);
        for (size_t i = 0; i < c->n; i++) {
            args.at[i] = c->items[i];
            if (c->type == JINJA_DICT)
                args.names[i] = c->keys[i];
        }
    }
    return percent(f, format, &args);
}

static struct jinja_value repeat(struct jinja_fold *f, const struct jinja_const *c, int64_t n)
{
    uint8_t *text;

    if (c->type != JINJA_TEXT || n < 0 || (c->text.len > 0 && n > LIMIT_TEMPLATE_TEXT) ||
        c->text.len * (size_t)n > LIMIT_TEMPLATE_TEXT || !room(f, c->text.len * (size_t)n))
        return JINJA_BUILT;
    text = arena_alloc(f->arena, c->text.len * (size_t)n);
    for (size_t i = 0; c->text.len > 0 && i < (size_t)n; i++)
        memcpy(text + i * c->text.len, c->text.data, c->text.len);
    return jinja_value_text(f, (struct slice){text, c->text.len * (size_t)n});
}

static struct jinja_value power(struct jinja_fold *f, int64_t a, int64_t b)
{
    int64_t r = 1;

    for (int64_t i = 0; i < b && i < 64; i++)
        if (__builtin_mul_overflow(r, a, &r))
            return jinja_value_number(f, INT64_MAX);
    return b < 0 || (b > 63 && a > 1) ? JINJA_OUTSIDE : jinja_value_number(f, r);
}

static struct jinja_value numbers(struct jinja_fold *f, uint16_t op, int64_t a, int64_t b)
{
    int64_t r = 0;

    if (op == '-')
        return __builtin_sub_overflow(a, b, &r) ? JINJA_OUTSIDE : jinja_value_number(f, r);
    if (op == '*')
        return jinja_value_number(f, __builtin_mul_overflow(a, b, &r) ? INT64_MAX : r);
    if (op == JINJA_OP('*', '*'))
        return power(f, a, b);
    if (op == JINJA_OP('/', '/') && a >= 0 && b > 0)
        return jinja_value_number(f, a / b);
    if (op == '%' && a >= 0 && b > 0)
        return jinja_value_number(f, a % b);
    return JINJA_OUTSIDE;
}

static struct jinja_value math(struct jinja_fold *f, uint16_t op, const struct jinja_const *a,
                               struct jinja_value right)
{
    const struct jinja_const *b = jinja_value_only(right);

    if (op == '%' && a->type == JINJA_TEXT)
        return percent_value(f, a, right);
    if (b == NULL)
        return blurred((struct jinja_value){0}, right);
    if (a->type == JINJA_NUMBER && b->type == JINJA_NUMBER)
        return numbers(f, op, a->number, b->number);
    if (op == '*' && b->type == JINJA_NUMBER)
        return repeat(f, a, b->number);
    if (op == '*' && a->type == JINJA_NUMBER)
        return repeat(f, b, a->number);
    return JINJA_OUTSIDE;
}

struct jinja_value jinja_value_math(struct jinja_fold *f, uint16_t op, struct jinja_value a,
                                    struct jinja_value b)
{
    struct jinja_value v = {0};

    if (op == '+')
        return jinja_value_add(f, a, b, false);
    if (a.data || a.built)
        v = blurred(a, (op == '%' || op == '*') ? b : (struct jinja_value){0});
    for (size_t i = 0; i < a.n; i++)
        v = jinja_value_join(f, v, math(f, op, a.alts[i], b));
    return v;
}

/* ---- parts ---- */
static bool ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] >= 0x80)
            return false;
    return true;
}

static struct jinja_value member(const struct jinja_const *c, struct slice key, bool *found)
{
    for (size_t i = c->n; i > 0; i--) {
        if (!slice_eq(c->keys[i - 1], key))
            continue;
        *found = true;
        return c->items[i - 1];
    }
    return JINJA_OUTSIDE;
}

static struct jinja_value at(struct jinja_fold *f, const struct jinja_const *c,
                             const struct jinja_const *index)
{
    const size_t n = c->type == JINJA_TEXT ? c->text.len : c->n;
    bool found = false;
    int64_t i = index->number;

    if (c->type == JINJA_DICT && index->type == JINJA_TEXT)
        return member(c, index->text, &found);
    if (index->type != JINJA_NUMBER || c->type == JINJA_DICT)
        return JINJA_OUTSIDE;
    if (i < 0)
        i += (int64_t)n;
    if (i < 0 || (uint64_t)i >= n)
        return JINJA_OUTSIDE;
    if (c->type == JINJA_LIST)
        return c->items[i];
    if (c->type != JINJA_TEXT || !ascii(c->text))
        return JINJA_BUILT;
    return jinja_value_text(f, (struct slice){c->text.data + i, 1});
}

struct jinja_value jinja_value_at(struct jinja_fold *f, struct jinja_value v,
                                  struct jinja_value index)
{
    struct jinja_value out = {0};

    if (v.data || v.built)
        out = blurred((struct jinja_value){.built = v.built}, JINJA_NOTHING);
    if (v.n > 0 && (index.data || index.built))
        out = jinja_value_join(f, out, jinja_value_each(f, v));
    for (size_t i = 0; i < v.n; i++)
        for (size_t k = 0; k < index.n; k++)
            out = jinja_value_join(f, out, at(f, v.alts[i], index.alts[k]));
    return out.n == 0 && !out.data && !out.built ? JINJA_OUTSIDE : out;
}

static struct jinja_value text_slice(struct jinja_fold *f, struct slice s, const int64_t part[3],
                                     const bool given[3])
{
    const int64_t n = (int64_t)s.len, step = given[2] ? part[2] : 1;
    int64_t from = given[0] ? part[0] : step < 0 ? n - 1 : 0;
    int64_t to = given[1] ? part[1] : step < 0 ? -1 : n;
    uint8_t *text;
    size_t len = 0;

    if (step == 0 || step > n + 1 || step < -n - 1 || !ascii(s) || !room(f, s.len))
        return JINJA_BUILT;
    if (given[0] && from < 0)
        from = from + n < 0 ? (step < 0 ? -1 : 0) : from + n;
    if (given[1] && to < 0)
        to = to + n < 0 ? -1 : to + n;
    from = from >= n ? (step < 0 ? n - 1 : n) : from;
    to = to > n ? n : to;
    text = arena_alloc(f->arena, s.len);
    for (int64_t i = from; step > 0 ? i < to : i > to; i += step)
        text[len++] = s.data[i];
    return jinja_value_text(f, (struct slice){text, len});
}

struct jinja_value jinja_value_slice(struct jinja_fold *f, struct jinja_value v,
                                     const struct jinja_value *const part[3])
{
    struct jinja_value out = {.data = v.data, .built = v.built};
    int64_t number[3] = {0};
    bool given[3] = {false};

    for (size_t i = 0; i < 3; i++) {
        const struct jinja_const *c = part[i] != NULL ? jinja_value_only(*part[i]) : NULL;

        if (part[i] == NULL || (c != NULL && c->type == JINJA_WORD))
            continue; /* none is nothing */
        if (c == NULL || c->type != JINJA_NUMBER)
            return blurred(v, JINJA_NOTHING);
        number[i] = c->number;
        given[i] = true;
    }
    for (size_t i = 0; i < v.n; i++) {
        if (v.alts[i]->type == JINJA_TEXT)
            out = jinja_value_join(f, out, text_slice(f, v.alts[i]->text, number, given));
        else /* the order of a list is lost, not what it holds */
            out = jinja_value_join(f, out, blurred(v, JINJA_NOTHING));
    }
    return out;
}

static struct jinja_value each(struct jinja_fold *f, const struct jinja_const *c)
{
    struct jinja_value v = {0};

    if (c->type == JINJA_TEXT && !ascii(c->text))
        return JINJA_BUILT;
    for (size_t i = 0; c->type == JINJA_TEXT && i < c->text.len && !v.built; i++)
        v = jinja_value_join(f, v, jinja_value_text(f, (struct slice){c->text.data + i, 1}));
    for (size_t i = 0; c->type == JINJA_LIST && i < c->n; i++)
        v = jinja_value_join(f, v, c->items[i]);
    for (size_t i = 0; c->type == JINJA_DICT && i < c->n && !v.built; i++)
        v = jinja_value_join(f, v, jinja_value_text(f, c->keys[i]));
    return v;
}

struct jinja_value jinja_value_each(struct jinja_fold *f, struct jinja_value v)
{
    struct jinja_value out = {.data = v.data, .built = v.built};

    for (size_t i = 0; i < v.n; i++)
        out = jinja_value_join(f, out, each(f, v.alts[i]));
    return out;
}
