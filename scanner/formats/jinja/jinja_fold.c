/* Those that make text of text are followed, of the others is only known
 * whether text of the template went in. SPEC: Jinja 3.1, "List of Builtin Filters" */
#include "scanner/formats/jinja/jinja_fold.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

struct call {
    struct jinja_fold *f;
    const struct jinja_args *args;
    bool method;
};

typedef struct jinja_value call_fn(const struct call *k, const struct jinja_const *c);

/* Text of an argument; false when it is not exactly one. */
static bool text_of(const struct jinja_value *v, struct slice *out)
{
    const struct jinja_const *c = v != NULL ? jinja_value_only(*v) : NULL;

    if (c == NULL || c->type != JINJA_TEXT)
        return false;
    *out = c->text;
    return true;
}

static struct jinja_value kept(struct jinja_fold *f, struct buf *b)
{
    struct err e = {0};
    struct jinja_value v = JINJA_BUILT;

    if (buf_finish(b, &e) && b->len <= LIMIT_TEMPLATE_WORK - f->work) {
        f->work += b->len;
        v = jinja_value_text(f, arena_slice(f->arena, buf_slice(b)));
    }
    buf_release(b);
    return v;
}

/* ---- letters ---- */
static uint8_t lower_of(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static uint8_t upper_of(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}

static bool letter(uint8_t c)
{
    return lower_of(c) >= 'a' && lower_of(c) <= 'z';
}

/* how: l lower, u upper, t title, c capital first, s swapped, r reversed */
static struct jinja_value letters(const struct call *k, const struct jinja_const *c, char how)
{
    struct buf b;
    uint8_t before = ' ';

    if (c->type != JINJA_TEXT)
        return JINJA_BUILT;
    buf_init(&b, LIMIT_TEMPLATE_TEXT);
    for (size_t i = 0; i < c->text.len; i++) {
        const uint8_t x = c->text.data[how == 'r' ? c->text.len - 1 - i : i];
        const bool up = how == 'u' || (how == 't' && !letter(before)) || (how == 'c' && i == 0) ||
                        (how == 's' && x == lower_of(x));

        if (x >= 0x80) {
            buf_release(&b);
            return JINJA_BUILT;
        }
        buf_u8(&b, how == 'r' ? x : up ? upper_of(x) : lower_of(x));
        before = x;
    }
    return kept(k->f, &b);
}

static struct jinja_value fn_lower(const struct call *k, const struct jinja_const *c)
{
    return letters(k, c, 'l');
}

static struct jinja_value fn_upper(const struct call *k, const struct jinja_const *c)
{
    return letters(k, c, 'u');
}

static struct jinja_value fn_title(const struct call *k, const struct jinja_const *c)
{
    return letters(k, c, 't');
}

static struct jinja_value fn_capital(const struct call *k, const struct jinja_const *c)
{
    return letters(k, c, 'c');
}

static struct jinja_value fn_swap(const struct call *k, const struct jinja_const *c)
{
    return letters(k, c, 's');
}

static struct jinja_value fn_reverse(const struct call *k, const struct jinja_const *c)
{
    struct jinja_value *items;

    if (c->type != JINJA_LIST)
        return letters(k, c, 'r');
    items = ARENA_ARRAY(k->f->arena, struct jinja_value, c->n);
    for (size_t i = 0; i < c->n; i++)
        items[i] = c->items[c->n - 1 - i];
    return jinja_value_list(k->f, items, c->n);
}

/* ---- text to text ---- */
static struct jinja_value fn_same(const struct call *k, const struct jinja_const *c)
{
    if (c->type == JINJA_WORD)
        return jinja_value_text(k->f, c->text);
    if (c->type == JINJA_NUMBER)
        return jinja_value_add(k->f, jinja_value_number(k->f, c->number),
                               jinja_value_text(k->f, SLICE_LIT("")), true);
    return c->type == JINJA_TEXT ? jinja_value_text(k->f, c->text) : JINJA_BUILT;
}

/* Escaping leaves letters, digits and the low line alone. */
static struct jinja_value fn_escape(const struct call *k, const struct jinja_const *c)
{
    for (size_t i = 0; c->type == JINJA_TEXT && i < c->text.len; i++)
        if (!letter(c->text.data[i]) && c->text.data[i] != '_' &&
            (c->text.data[i] < '0' || c->text.data[i] > '9'))
            return JINJA_BUILT;
    return fn_same(k, c);
}

static struct jinja_value strip(const struct call *k, const struct jinja_const *c, bool left,
                                bool right)
{
    const struct jinja_value *arg = jinja_value_arg(k->args, 0, "chars");
    struct slice set = SLICE_LIT(" \t\n\v\f\r"), s = c->text;

    if (c->type != JINJA_TEXT || (arg != NULL && !text_of(arg, &set)))
        return JINJA_BUILT;
    while (left && s.len > 0 && set.len > 0 && memchr(set.data, s.data[0], set.len) != NULL)
        s = slice_from(s, 1);
    while (right && s.len > 0 && set.len > 0 &&
           memchr(set.data, s.data[s.len - 1], set.len) != NULL)
        s.len--;
    return jinja_value_text(k->f, s);
}

static struct jinja_value fn_strip(const struct call *k, const struct jinja_const *c)
{
    return strip(k, c, true, true);
}

static struct jinja_value fn_lstrip(const struct call *k, const struct jinja_const *c)
{
    return strip(k, c, true, false);
}

static struct jinja_value fn_rstrip(const struct call *k, const struct jinja_const *c)
{
    return strip(k, c, false, true);
}

static struct jinja_value fn_replace(const struct call *k, const struct jinja_const *c)
{
    const struct jinja_value *count = jinja_value_arg(k->args, 2, "count");
    struct slice from, to, rest = c->text;
    int64_t left = INT64_MAX;
    struct buf b;
    size_t at;

    if (c->type != JINJA_TEXT || !text_of(jinja_value_arg(k->args, 0, "old"), &from) ||
        !text_of(jinja_value_arg(k->args, 1, "new"), &to) || from.len == 0)
        return JINJA_BUILT;
    if (count != NULL) {
        const struct jinja_const *n = jinja_value_only(*count);

        if (n == NULL || n->type != JINJA_NUMBER)
            return JINJA_BUILT;
        left = n->number < 0 ? INT64_MAX : n->number;
    }
    buf_init(&b, LIMIT_TEMPLATE_TEXT);
    for (; left > 0 && slice_find(rest, from, &at); left--) {
        buf_put(&b, (struct slice){rest.data, at});
        buf_put(&b, to);
        rest = slice_from(rest, at + from.len);
    }
    buf_put(&b, rest);
    return kept(k->f, &b);
}

static struct jinja_value fn_format(const struct call *k, const struct jinja_const *c)
{
    struct jinja_text_arg *at = ARENA_ARRAY(k->f->arena, struct jinja_text_arg, k->args->n);
    struct jinja_text_args args = {at, k->args->n};
    struct slice out;
    bool ok = c->type == JINJA_TEXT && !k->args->open;

    for (size_t i = 0; ok && i < args.n; i++) {
        const struct jinja_const *arg = jinja_value_only(k->args->at[i]);

        ok = arg != NULL && arg->type < JINJA_LIST;
        if (ok)
            at[i] = (struct jinja_text_arg){k->args->names[i], arg->text, arg->number,
                                            arg->type == JINJA_NUMBER};
    }
    ok = ok && (k->method ? jinja_text_braces(c->text, &args, k->f->arena, &out)
                          : jinja_text_percent(c->text, &args, k->f->arena, &out));
    return ok ? jinja_value_text(k->f, out) : JINJA_BUILT;
}

/* ---- lists ---- */
static struct jinja_value fn_list(const struct call *k, const struct jinja_const *c)
{
    const size_t n = c->type == JINJA_TEXT ? c->text.len : c->n;
    struct jinja_value *items;

    if (c->type == JINJA_LIST)
        return jinja_value_list(k->f, c->items, c->n);
    if (c->type != JINJA_TEXT && c->type != JINJA_DICT)
        return JINJA_OUTSIDE;
    if (n > LIMIT_TEMPLATE_ITEMS)
        return JINJA_BUILT;
    items = ARENA_ARRAY(k->f->arena, struct jinja_value, n);
    for (size_t i = 0; i < n; i++) {
        if (c->type == JINJA_TEXT && c->text.data[i] >= 0x80)
            return JINJA_BUILT;
        items[i] = jinja_value_text(
            k->f, c->type == JINJA_TEXT ? (struct slice){c->text.data + i, 1} : c->keys[i]);
    }
    return jinja_value_list(k->f, items, n);
}

/* The items of `list` with `glue` between. */
static struct jinja_value glued(struct jinja_fold *f, struct jinja_value list,
                                struct jinja_value glue)
{
    const struct jinja_const *c = jinja_value_only(list);
    struct jinja_value v = jinja_value_text(f, SLICE_LIT(""));

    if (c == NULL || c->type != JINJA_LIST)
        return JINJA_BUILT;
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0)
            v = jinja_value_add(f, v, glue, true);
        v = jinja_value_add(f, v, c->items[i], true);
    }
    return v;
}

static struct jinja_value fn_join(const struct call *k, const struct jinja_const *c)
{
    const struct jinja_value *arg = jinja_value_arg(k->args, 0, "d");
    const struct call plain = {k->f, &(struct jinja_args){0}, false};
    const struct jinja_const *list;

    if (k->method) {
        list = arg != NULL ? jinja_value_only(*arg) : NULL;
        if (list == NULL || c->type != JINJA_TEXT)
            return JINJA_BUILT;
        return glued(k->f, fn_list(&plain, list), jinja_value_text(k->f, c->text));
    }
    if (jinja_value_arg(k->args, 1, "attribute") != NULL)
        return JINJA_BUILT;
    return glued(k->f, fn_list(&plain, c),
                 arg != NULL ? *arg : jinja_value_text(k->f, SLICE_LIT("")));
}

static struct jinja_value end_of(const struct call *k, const struct jinja_const *c, bool last)
{
    const struct jinja_value list = fn_list(k, c);
    const struct jinja_const *l = jinja_value_only(list);

    if (l == NULL || l->n == 0)
        return list.built ? JINJA_BUILT : JINJA_OUTSIDE;
    return l->items[last ? l->n - 1 : 0];
}

static struct jinja_value fn_first(const struct call *k, const struct jinja_const *c)
{
    return end_of(k, c, false);
}

static struct jinja_value fn_last(const struct call *k, const struct jinja_const *c)
{
    return end_of(k, c, true);
}

static struct jinja_value fn_any(const struct call *k, const struct jinja_const *c)
{
    const struct jinja_const *const alts[1] = {c};

    return jinja_value_each(k->f, (struct jinja_value){.n = 1, .alts = alts});
}

static struct jinja_value fn_split(const struct call *k, const struct jinja_const *c)
{
    struct jinja_value items[LIMIT_TEMPLATE_ITEMS];
    struct slice glue, rest = c->text;
    size_t n = 0, at;

    if (c->type != JINJA_TEXT || !text_of(jinja_value_arg(k->args, 0, "sep"), &glue) ||
        glue.len == 0 || k->args->n > 1)
        return JINJA_BUILT;
    while (n + 1 < LIMIT_TEMPLATE_ITEMS && slice_find(rest, glue, &at)) {
        items[n++] = jinja_value_text(k->f, (struct slice){rest.data, at});
        rest = slice_from(rest, at + glue.len);
    }
    items[n++] = jinja_value_text(k->f, rest);
    return jinja_value_list(k->f, items, n);
}

static struct jinja_value fn_values(const struct call *k, const struct jinja_const *c)
{
    return c->type == JINJA_DICT ? jinja_value_list(k->f, c->items, c->n) : JINJA_BUILT;
}

static struct jinja_value fn_get(const struct call *k, const struct jinja_const *c)
{
    const struct jinja_const *const alts[1] = {c};
    const struct jinja_value *key = jinja_value_arg(k->args, 0, NULL);
    const struct jinja_value *other = jinja_value_arg(k->args, 1, NULL);
    struct jinja_value v = JINJA_OUTSIDE;

    if (key != NULL && c->type == JINJA_DICT)
        v = jinja_value_at(k->f, (struct jinja_value){.n = 1, .alts = alts}, *key);
    return other != NULL ? jinja_value_join(k->f, v, *other) : v;
}

static struct jinja_value fn_count(const struct call *k, const struct jinja_const *c)
{
    return jinja_value_number(k->f, (int64_t)(c->type == JINJA_TEXT ? c->text.len : c->n));
}

static struct jinja_value fn_number(const struct call *k, const struct jinja_const *c)
{
    int64_t n = 0;

    if (c->type == JINJA_NUMBER)
        return jinja_value_number(k->f, c->number);
    for (size_t i = 0; c->type == JINJA_TEXT && i < c->text.len; i++)
        if (c->text.data[i] < '0' || c->text.data[i] > '9' || n > INT64_MAX / 10 - 1)
            return JINJA_OUTSIDE;
        else
            n = n * 10 + (c->text.data[i] - '0');
    return c->type == JINJA_TEXT ? jinja_value_number(k->f, n) : JINJA_OUTSIDE;
}

/* ---- tables ---- */
struct row {
    const char *name;
    call_fn *fn;
    bool data; /* what comes out of data is data, without text of the template */
};

static const struct row filters[] = {
    {"lower", fn_lower, true},      {"upper", fn_upper, true},
    {"title", fn_title, true},      {"capitalize", fn_capital, true},
    {"reverse", fn_reverse, true},  {"string", fn_same, true},
    {"safe", fn_same, true},        {"e", fn_escape, true},
    {"escape", fn_escape, true},    {"trim", fn_strip, true},
    {"replace", fn_replace, false}, {"format", fn_format, false},
    {"join", fn_join, false},       {"first", fn_first, true},
    {"last", fn_last, true},        {"list", fn_list, true},
    {"random", fn_any, true},       {"min", fn_any, true},
    {"max", fn_any, true},          {"length", fn_count, true},
    {"count", fn_count, true},      {"int", fn_number, true},
    {"urlencode", fn_escape, true}, {"forceescape", fn_escape, true},
};

static const struct row methods[] = {
    {"lower", fn_lower, true},
    {"casefold", fn_lower, true},
    {"upper", fn_upper, true},
    {"title", fn_title, true},
    {"capitalize", fn_capital, true},
    {"swapcase", fn_swap, true},
    {"strip", fn_strip, true},
    {"lstrip", fn_lstrip, true},
    {"rstrip", fn_rstrip, true},
    {"replace", fn_replace, false},
    {"format", fn_format, false},
    {"join", fn_join, false},
    {"split", fn_split, true},
    {"keys", fn_list, true},
    {"values", fn_values, true},
    {"get", fn_get, true},
    {"pop", fn_any, true},
    {"copy", fn_list, true},
};

static bool args_have_text(const struct jinja_args *args)
{
    for (size_t i = 0; i < args->n; i++)
        if (jinja_value_has_text(args->at[i]))
            return true;
    return false;
}

static struct jinja_value apply(const struct row *r, const struct call *k, struct jinja_value v)
{
    struct jinja_value out = {.data = v.data, .built = v.built};

    if ((v.data || v.built) && r != NULL && !r->data && args_have_text(k->args))
        out.built = true;
    for (size_t i = 0; i < v.n; i++) {
        if (r != NULL)
            out = jinja_value_join(k->f, out, r->fn(k, v.alts[i]));
        else
            out = jinja_value_join(
                k->f, out,
                (struct jinja_value){
                    .data = true,
                    .built = v.alts[i]->type == JINJA_TEXT || v.alts[i]->type >= JINJA_LIST,
                });
    }
    return out.n == 0 && !out.built ? (struct jinja_value){.data = true} : out;
}

struct jinja_value jinja_fold_filter(struct jinja_fold *f, struct jinja_value v, struct slice name,
                                     const struct jinja_args *args)
{
    const struct call k = {f, args, false};

    if ((slice_is(name, "default") || slice_is(name, "d")) && args->n > 0)
        return jinja_value_join(f, v, args->at[0]);
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        if (slice_is(name, filters[i].name))
            return apply(&filters[i], &k, v);
    return apply(NULL, &k, v);
}

struct jinja_value jinja_fold_method(struct jinja_fold *f, struct jinja_value v, struct slice name,
                                     const struct jinja_args *args)
{
    const struct call k = {f, args, true};

    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (slice_is(name, methods[i].name))
            return apply(&methods[i], &k, v);
    return apply(NULL, &k, v);
}
