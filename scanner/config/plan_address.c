/* Terraform addresses taken apart and put together. */
#include "scanner/config/plan_address.h"

#include <string.h>

/* Bytes of the index at `s`, which begins with '['; 0 when it does not end. Quoted keys may
 * hold any character, '"' after a backslash. */
static size_t index_len(struct slice s)
{
    bool quoted = false;

    for (size_t i = 1; i < s.len; i++) {
        if (quoted && s.data[i] == '\\')
            i++;
        else if (s.data[i] == '"')
            quoted = !quoted;
        else if (!quoted && s.data[i] == ']')
            return i + 1;
    }
    return 0;
}

static size_t name_len(struct slice s)
{
    size_t n = 0;

    while (n < s.len && s.data[n] != '.' && s.data[n] != '[')
        n++;
    return n;
}

/* One step at the front of `s`; references may have several indexes in a row, of which the
 * first counts. */
static bool take_step(struct slice *s, struct plan_step *out)
{
    const struct slice start = *s;
    size_t n = name_len(*s);

    if (n == 0)
        return false;
    *out = (struct plan_step){.name = {s->data, n}};
    *s = slice_from(*s, n);
    while (s->len > 0 && s->data[0] == '[') {
        n = index_len(*s);
        if (n == 0)
            return false;
        if (out->index.len == 0)
            out->index = (struct slice){s->data, n};
        *s = slice_from(*s, n);
    }
    out->all = (struct slice){start.data, out->name.len + out->index.len};
    return s->len == 0 || s->data[0] == '.';
}

bool plan_address_split(struct slice text, struct plan_address *out)
{
    out->n = 0;
    if (text.len == 0 || text.len > LIMIT_NAME_BYTES)
        return false;
    for (;;) {
        if (out->n == LIMIT_PLAN_STEPS || !take_step(&text, &out->step[out->n]))
            return false;
        out->n++;
        if (text.len == 0)
            return true;
        text = slice_from(text, 1);
    }
}

size_t plan_address_modules(const struct plan_address *p)
{
    size_t n = 0;

    while (p->n - n >= 2 && slice_is(p->step[n].name, "module"))
        n += 2;
    return n;
}

static struct slice join(const struct plan_address *p, size_t from, size_t to, struct arena *a,
                         bool indexes)
{
    size_t len = 0, at = 0;
    uint8_t *out;

    for (size_t i = from; i < to; i++)
        len += p->step[i].all.len + 1;
    out = arena_alloc(a, len + 1);
    for (size_t i = from; i < to; i++) {
        const struct slice s = indexes ? p->step[i].all : p->step[i].name;

        if (i > from)
            out[at++] = '.';
        memcpy(out + at, s.data, s.len);
        at += s.len;
    }
    return (struct slice){out, at};
}

struct slice plan_address_text(const struct plan_address *p, size_t from, size_t to,
                               struct arena *a)
{
    return join(p, from, to, a, true);
}

struct slice plan_address_strip(const struct plan_address *p, size_t from, size_t to,
                                struct arena *a)
{
    return join(p, from, to, a, false);
}

bool plan_address_matches(const struct plan_address *p, const struct plan_address *full)
{
    if (p->n != full->n)
        return false;
    for (size_t i = 0; i < p->n; i++) {
        const struct slice index = p->step[i].index;

        if (!slice_eq(p->step[i].name, full->step[i].name))
            return false;
        if (index.len > 0 && !slice_eq(index, full->step[i].index))
            return false;
    }
    return true;
}
