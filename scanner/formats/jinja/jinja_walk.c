#include "scanner/formats/jinja/jinja_walk.h"

#include <string.h>

#define EXPANSION 10000000 /* rounds, bytes: no template needs them */

/* ---- tokens ---- */
const struct jinja_token *jinja_walk_now(const struct jinja_walk *w)
{
    return &w->tokens.at[w->at];
}

const struct jinja_token *jinja_walk_next(const struct jinja_walk *w)
{
    return &w->tokens.at[w->at + (w->at + 1 < w->tokens.n ? 1 : 0)];
}

bool jinja_walk_is(const struct jinja_walk *w, uint16_t op)
{
    const struct jinja_token *t = jinja_walk_now(w);

    return t->kind == JINJA_OPERATOR && t->op == op;
}

bool jinja_walk_word(const struct jinja_walk *w, const char *name)
{
    const struct jinja_token *t = jinja_walk_now(w);

    return t->kind == JINJA_NAME && slice_is(t->text, name);
}

bool jinja_walk_take(struct jinja_walk *w, uint16_t op)
{
    const bool is = jinja_walk_is(w, op);

    w->at += is;
    return is;
}

bool jinja_walk_take_word(struct jinja_walk *w, const char *name)
{
    const bool is = jinja_walk_word(w, name);

    w->at += is;
    return is;
}

bool jinja_walk_fault(struct jinja_walk *w, const char *wanted)
{
    const struct jinja_token *t = jinja_walk_now(w);

    if (w->e->code != ERR_NONE)
        return false;
    err_set(w->e, ERR_FORMAT, t->offset, "%s expected", wanted);
    w->e->line = t->line;
    return false;
}

/* ---- names ---- */
struct jinja_binding *jinja_walk_find(struct jinja_walk *w, struct slice name, struct slice member)
{
    for (size_t i = 0; i < w->nbound; i++)
        if (slice_eq(w->bound[i].name, name) && slice_eq(w->bound[i].member, member))
            return &w->bound[i];
    return NULL;
}

static bool differs(struct jinja_value a, struct jinja_value b)
{
    return a.n != b.n || a.data != b.data || a.built != b.built;
}

bool jinja_walk_bind(struct jinja_walk *w, struct slice name, struct slice member,
                     struct jinja_value v)
{
    struct jinja_binding *b = jinja_walk_find(w, name, member);
    struct jinja_value all;

    if (b == NULL) {
        if (w->nbound == JINJA_BINDINGS)
            return err_fail(w->e, ERR_LIMIT, "more than %d variables (JINJA_BINDINGS)",
                            JINJA_BINDINGS);
        b = &w->bound[w->nbound++];
        *b = (struct jinja_binding){.name = name, .member = member};
    }
    all = jinja_value_join(&w->fold, b->value, v);
    b->changed = b->changed || differs(all, b->value);
    b->value = all;
    return true;
}

/* ---- what was found ---- */
void jinja_walk_note(struct jinja_walk *w, struct jinja_set *set, struct slice name,
                     const struct jinja_item *how)
{
    size_t i = 0;

    if (!w->record)
        return;
    while (i < set->n && (!slice_eq(set->at[i].name, name) || set->at[i].via != how->via))
        i++;
    if (i == set->n) {
        if (i == LIMIT_TEMPLATE_ITEMS) {
            set->more = true;
            return;
        }
        set->at[set->n++] = (struct jinja_item){name, how->via, how->line, how->offset, 0};
    }
    set->at[i].count++;
}

void jinja_walk_reach(struct jinja_walk *w, struct slice name, const char *via,
                      const struct jinja_token *t)
{
    const struct jinja_item how = {.via = via, .line = t->line, .offset = t->offset};
    const struct jinja_item any = {.line = t->line, .offset = t->offset};

    if (slice_starts(name, "__"))
        jinja_walk_note(w, &w->found->dunders, name, &how);
    else if (slice_starts(name, "_"))
        jinja_walk_note(w, &w->found->hidden, name, &how);
    jinja_walk_note(w, &w->found->attributes, name, &any);
}

void jinja_walk_access(struct jinja_walk *w, struct jinja_value v, const char *via,
                       const struct jinja_token *t)
{
    const struct jinja_item how = {.via = via, .line = t->line, .offset = t->offset};
    const bool subscript = strcmp(via, "subscript") == 0;

    for (size_t i = 0; i < v.n; i++)
        if (v.alts[i]->type == JINJA_TEXT)
            jinja_walk_reach(w, v.alts[i]->text, via, t);
    if (v.built || (v.data && !subscript))
        jinja_walk_note(w, &w->found->computed, slice_str(via), &how);
    else if (v.data && w->record)
        w->found->data_keys++;
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A word that is turned around later is told as what it becomes, too. */
static void both_ways(struct jinja_walk *w, struct slice word, const struct jinja_item *how)
{
    uint8_t *turned;

    jinja_walk_note(w, &w->found->texts, word, how);
    if (w->found->texts.more)
        return;
    turned = arena_alloc(w->fold.arena, word.len);
    for (size_t i = 0; i < word.len; i++)
        turned[i] = word.data[word.len - 1 - i];
    jinja_walk_note(w, &w->found->texts, (struct slice){turned, word.len}, how);
}

static void words(struct jinja_walk *w, struct slice s, const struct jinja_token *t)
{
    const struct jinja_item how = {.via = "text", .line = t->line, .offset = t->offset};

    for (size_t i = 0; i < s.len;) {
        size_t n = 0;
        bool letters = false;

        for (; i + n < s.len && is_word(s.data[i + n]); n++)
            letters = letters || s.data[i + n] > '_';
        if (letters && n > 4 && memcmp(s.data + i, "__", 2) == 0 &&
            memcmp(s.data + i + n - 2, "__", 2) == 0)
            both_ways(w, (struct slice){s.data + i, n}, &how);
        i += n > 0 ? n : 1;
    }
}

void jinja_walk_texts(struct jinja_walk *w, struct jinja_value v, const struct jinja_token *t)
{
    if (!w->record)
        return;
    for (size_t i = 0; i < v.n; i++)
        if (v.alts[i]->type == JINJA_TEXT)
            words(w, v.alts[i]->text, t);
}

void jinja_walk_expand(struct jinja_walk *w, const char *what, int64_t n,
                       const struct jinja_token *t)
{
    const struct jinja_item how = {.via = NULL, .line = t->line, .offset = t->offset};

    if (n >= EXPANSION)
        jinja_walk_note(w, &w->found->expansions, slice_str(what), &how);
}
