#include "scanner/formats/r/r_item.h"

#include <string.h>

#include "base/attr.h"
#include "base/limits.h"

/* ---- what is still to come ---- */
bool r_item_push(struct r_walk *w, const struct expect *x, struct err *e)
{
    if (w->ntodo == LIMIT_R_PENDING)
        return err_at(e, ERR_LIMIT, &w->s.r,
                      "more than %d parts of objects at once (LIMIT_R_PENDING)", LIMIT_R_PENDING);
    *(struct expect *)ARENA_PUSH_STACK(w->a, &w->todo, &w->ntodo, &w->room) = *x;
    return true;
}

bool r_item_push_one(struct r_walk *w, const struct expect *around, enum role role, unsigned ctx,
                     struct err *e)
{
    const struct expect x = {.what = ITEM, .role = role, .ctx = ctx, .scope = around->scope};

    return r_item_push(w, &x, e);
}

bool r_item_push_data(struct r_walk *w, unsigned n, struct err *e)
{
    const struct expect none = {0};

    for (unsigned i = 0; i < n; i++)
        if (!r_item_push(w, &none, e))
            return false;
    return true;
}

bool r_item_ref(struct r_walk *w, const struct r_ref *ref, struct err *e)
{
    if (w->nrefs == LIMIT_R_REFERENCES)
        return err_at(e, ERR_LIMIT, &w->s.r,
                      "more than %d symbols and environments (LIMIT_R_REFERENCES)",
                      LIMIT_R_REFERENCES);
    *(struct r_ref *)ARENA_PUSH(w->a, &w->refs, &w->nrefs) = *ref;
    return true;
}

/* ---- names ---- */
static void keep_key(struct r_walk *w, const struct r_name *given, struct slice key)
{
    const uint32_t at = names_add(&w->keys, key);

    if (at == NAMES_NONE) {
        w->untold++;
        return;
    }
    if (at == w->nnames) {
        struct r_name *kept = ARENA_PUSH(w->a, &w->names, &w->nnames);

        *kept = *given;
        kept->count = 0;
    }
    w->names[at].count++;
}

static size_t put(char *key, size_t n, struct slice part)
{
    key[n++] = '\n';
    if (part.len > 0)
        memcpy(key + n, part.data, part.len);
    return n + part.len;
}

static void keep_name(struct r_walk *w, const struct r_name *given)
{
    char key[3 * R_ITEM_NAME + 4] = {(char)('a' + (int)given->use)};
    size_t n = put(key, 1, given->package);

    n = put(key, n, given->scope);
    n = put(key, n, given->name);
    keep_key(w, given, (struct slice){(const uint8_t *)key, n});
}

static bool is_native(struct slice name)
{
    static const char *const all[] = {
        ".Call",      ".C",        ".Fortran",       ".External",
        ".External2", ".Internal", ".Call.graphics", ".External.graphics"};

    return slice_among(name, all, ARRAY_LEN(all));
}

/* The head of a call: what follows says more of some. The rest of the call is on top of the
 * stack. */
static void head(struct r_walk *w, struct r_name *n)
{
    struct expect *rest = w->ntodo > 0 ? &w->todo[w->ntodo - 1] : NULL;

    n->use = R_CALL;
    keep_name(w, n);
    if (rest == NULL)
        return;
    if (slice_is(n->name, "::") || slice_is(n->name, ":::"))
        rest->role = AFTER_COLON;
    else if (is_native(n->name))
        rest->role = AFTER_NATIVE;
}

/* A symbol, or what stands for one. */
void r_item_symbol(struct r_walk *w, const struct expect *x, struct slice name)
{
    struct r_name n = {.name = name, .scope = x->scope, .offset = w->s.r.offset};

    switch (x->role) {
    case HEAD:
        head(w, &n);
        return;
    case IN_PACKAGE:
        w->package = name;
        return;
    case MEMBER:
        n.use = R_CALL;
        n.package = w->package;
        keep_name(w, &n);
        return;
    case NATIVE:
        n.use = R_NATIVE;
        keep_name(w, &n);
        return;
    case ALT_CLASS:
        n.use = R_ALTREP;
        keep_name(w, &n);
        return;
    case BINDING:
        w->binding = name;
        w->untold += names_add(&w->bindings, name) == NAMES_NONE;
        return;
    case TAG:
        return;
    default:
        n.use = R_SYMBOL;
        n.scope = (struct slice){NULL, 0};
        if ((x->ctx & FUNCTION) != 0)
            keep_name(w, &n);
        return;
    }
}

/* An environment that stands in code as it is: what it gives has no name there. */
void r_item_environment(struct r_walk *w, const struct expect *x, struct slice space)
{
    if (x->role == SCOPE && w->ntodo >= 2) {
        w->todo[w->ntodo - 1].scope = space;
        w->todo[w->ntodo - 2].scope = space;
    }
    if ((x->ctx & CODE) != 0 && x->role != SCOPE)
        w->odd++;
}

void r_item_function(struct r_walk *w, const struct expect *x, struct slice name)
{
    struct r_name n = {.use = R_FUNCTION, .name = name, .offset = w->s.r.offset};

    if (x->role == HEAD)
        head(w, &n);
    else
        keep_name(w, &n);
}

void r_item_package(struct r_walk *w, struct slice name)
{
    const struct r_name n = {.use = R_PACKAGE, .name = name, .offset = w->s.r.offset};

    keep_name(w, &n);
}
