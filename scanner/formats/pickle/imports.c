#include "scanner/formats/pickle/imports.h"

#include <string.h>

struct entry {
    struct slice name, why;
};

struct list {
    struct entry *items;
    size_t n;
};

struct imports {
    struct list allow;      /* exact full names */
    struct list names;      /* denied full names */
    struct list modules;    /* denied with all below */
    struct list attributes; /* denied wherever they are a part of an attribute path */
    struct list profiles;   /* exact full names of frameworks */
    struct list uses;       /* exact full names whose use is restricted */
};

static int entry_cmp(const void *a, const void *b)
{
    return slice_cmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static const struct entry *list_find(const struct list *l, struct slice name)
{
    const struct entry key = {.name = name};

    return l->n == 0 ? NULL : bsearch(&key, l->items, l->n, sizeof(*l->items), entry_cmp);
}

/* A map of group or reason to list of names. */
static bool load_list(const struct value *v, struct arena *a, struct list *out, struct err *e)
{
    if (v == NULL)
        return true;
    if (!value_is(v, VALUE_MAP))
        return err_line(e, ERR_USAGE, v->line, "imports: expected a map of reason to names");
    for (size_t g = 0; g < value_len(v); g++) {
        const struct value_member *m = &v->as.members[g];

        if (!value_is(m->value, VALUE_LIST))
            return err_line(e, ERR_USAGE, m->value->line, "imports: expected a list of names");
        for (size_t i = 0; i < value_len(m->value); i++) {
            const struct value *name = value_item(m->value, i);
            struct entry *x;

            if (name == NULL || !value_is(name, VALUE_STRING) || name->len == 0)
                return err_line(e, ERR_USAGE, m->value->line, "imports: a name is not a string");
            x = ARENA_PUSH(a, &out->items, &out->n);
            x->name = value_text(name);
            x->why = m->key;
        }
    }
    if (out->n > 0)
        qsort(out->items, out->n, sizeof(*out->items), entry_cmp);
    return true;
}

bool imports_load(const struct value *v, struct arena *a, const struct imports **out, struct err *e)
{
    struct imports *t = ARENA_NEW(a, struct imports);
    const struct value *deny = value_get(v, "deny");

    if (!value_is(v, VALUE_MAP) || !value_is(deny, VALUE_MAP))
        return err_fail(e, ERR_USAGE, "imports: expected a map with allow and deny");
    if (!load_list(value_get(v, "allow"), a, &t->allow, e) ||
        !load_list(value_get(v, "profiles"), a, &t->profiles, e) ||
        !load_list(value_get(v, "uses"), a, &t->uses, e) ||
        !load_list(value_get(deny, "names"), a, &t->names, e) ||
        !load_list(value_get(deny, "modules"), a, &t->modules, e) ||
        !load_list(value_get(deny, "attributes"), a, &t->attributes, e))
        return false;
    *out = t;
    return true;
}

/* Is the name, or a dotted prefix of it, denied? */
static const struct entry *denied(const struct imports *t, struct slice full)
{
    const struct entry *x = list_find(&t->names, full);

    for (size_t n = 1; x == NULL && n <= full.len; n++)
        if (n == full.len || full.data[n] == '.') {
            const struct slice prefix = {full.data, n};

            x = list_find(&t->modules, prefix);
            if (x == NULL)
                x = list_find(&t->names, prefix);
        }
    return x;
}

/* The parts of an attribute path: "os.system" within
 * "serialization.os.system", "__globals__" anywhere. */
static const struct entry *denied_path(const struct imports *t, struct slice name, bool dotted)
{
    const struct entry *x = NULL;
    size_t from = 0;

    for (size_t n = 1; x == NULL && n <= name.len; n++) {
        if (n != name.len && name.data[n] != '.')
            continue;
        x = list_find(&t->attributes, (struct slice){name.data + from, n - from});
        from = n + 1;
        if (x == NULL && dotted && from < name.len)
            x = denied(t, slice_from(name, from));
    }
    return x == NULL && dotted ? denied(t, name) : x;
}

static struct slice why_of(const struct list *l, struct slice full)
{
    const struct entry *x = list_find(l, full);

    return x != NULL ? x->why : SLICE_LIT("");
}

/* Is it one of the few harmless names of a module that is denied? */
static bool listed(const struct imports *t, struct slice full)
{
    return list_find(&t->allow, full) != NULL || list_find(&t->profiles, full) != NULL;
}

struct imports_answer imports_of(const struct imports *t, struct slice module, struct slice name)
{
    struct imports_answer out = {IMPORTS_UNKNOWN, SLICE_LIT(""), SLICE_LIT(""), SLICE_LIT("")};
    uint8_t joined[1024];
    struct slice full = {joined, 0};
    const struct entry *x;

    if (t == NULL || module.len > sizeof(joined) / 2 - 1 || name.len > sizeof(joined) / 2)
        return out;
    if (module.len > 0)
        memcpy(joined, module.data, module.len);
    joined[module.len] = '.';
    if (name.len > 0)
        memcpy(joined + module.len + 1, name.data, name.len);
    full.len = module.len + 1 + name.len;
    x = listed(t, full) ? list_find(&t->names, full) : denied(t, full);
    if (x == NULL && name.len > 0)
        x = denied_path(t, name, memchr(name.data, '.', name.len) != NULL);
    if (x != NULL) {
        out.risk = IMPORTS_DENY;
        out.why = x->why;
        return out;
    }
    x = list_find(&t->allow, full);
    out.use = why_of(&t->uses, full);
    if (x == NULL) {
        out.profile = why_of(&t->profiles, full);
        return out;
    }
    out.risk = IMPORTS_ALLOW;
    out.why = x->why;
    return out;
}

const char *imports_risk_name(enum imports_risk r)
{
    static const char *const names[] = {"unknown", "allow", "deny"};

    return names[r];
}
