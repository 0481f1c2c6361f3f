#include "policies/cel/cel_run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"

#define FOLD_STEPS 100000 /* of one constant; what takes longer waits for the evaluation */

static const struct cel_fault out_of_steps = {
    CEL_FAULT_LIMIT, 0, "the evaluation took too many steps (LIMIT_CEL_STEPS)"};
static const struct cel_fault out_of_memory = {
    CEL_FAULT_LIMIT, 0, "the evaluation built too much data (LIMIT_CEL_MEMORY)"};

static bool bind_var(struct cel_run *r, const struct cel_activation *act, size_t slot)
{
    const char *name = r->program->vars[slot];

    for (size_t i = 0; i < act->nbindings; i++) {
        if (strcmp(act->bindings[i].name, name) == 0) {
            r->vars[slot] = cel_value_of(act->bindings[i].value);
            return true;
        }
    }
    return strcmp(name, "now") == 0;
}

static void bind_vars(struct cel_run *r, const struct cel_activation *act)
{
    for (size_t i = 0; i < r->program->nvars; i++) {
        r->vars[i] = cel_value_timestamp(act->now, 0);
        if (!bind_var(r, act, i)) {
            r->at = 0;
            r->vars[i] = cel_run_fault(r, CEL_FAULT_VALUE, "nothing is bound to the variable '%s'",
                                       r->program->vars[i]);
        }
    }
}

void cel_run_init(struct cel_run *r, const struct cel_program *p, const struct cel_activation *act,
                  struct arena *a)
{
    r->program = p;
    r->arena = a;
    r->memory_end = a->used + LIMIT_CEL_MEMORY;
    r->steps = p != NULL ? LIMIT_CEL_STEPS : FOLD_STEPS;
    r->at = 0;
    r->host = act != NULL ? act->host : NULL;
    r->stopped = (struct cel_value){.kind = CEL_FAULT, .as.fault = &out_of_steps};
    r->vars = r->inline_vars;
    r->locals = r->inline_locals;
    if (p == NULL)
        return;
    if (p->nvars > CEL_RUN_INLINE)
        r->vars = ARENA_ARRAY(a, struct cel_value, p->nvars);
    if (p->nlocals > CEL_RUN_INLINE)
        r->locals = ARENA_ARRAY(a, struct cel_value, p->nlocals);
    if (act != NULL)
        bind_vars(r, act);
}

static bool stop_memory(struct cel_run *r)
{
    if (r->steps > 0)
        r->stopped.as.fault = &out_of_memory;
    r->steps = 0;
    return false;
}

bool cel_run_charge(struct cel_run *r, uint64_t n)
{
    if (n < r->steps) {
        r->steps -= n;
        return true;
    }
    r->steps = 0;
    return false;
}

bool cel_run_memory(struct cel_run *r)
{
    return r->arena->used <= r->memory_end || stop_memory(r);
}

struct cel_value cel_run_too_large(struct cel_run *r)
{
    (void)stop_memory(r);
    return r->stopped;
}

void *cel_run_alloc(struct cel_run *r, uint64_t n, size_t size)
{
    const size_t used = r->arena->used;
    const size_t left = used < r->memory_end ? r->memory_end - used : 0;

    if (r->steps == 0)
        return NULL;
    if (n > left / size) {
        (void)stop_memory(r);
        return NULL;
    }
    return arena_alloc(r->arena, (size_t)n * size);
}

uint8_t *cel_run_text(struct cel_run *r, uint64_t n)
{
    if (n >= UINT32_MAX) {
        (void)stop_memory(r);
        return NULL;
    }
    return cel_run_charge(r, n / 64 + 1) ? cel_run_alloc(r, n + 1, 1) : NULL;
}

struct cel_value cel_run_fault(struct cel_run *r, enum cel_fault_class class, const char *fmt, ...)
{
    struct cel_fault *f = cel_run_alloc(r, 1, sizeof(*f));
    char text[ERR_TEXT_MAX];
    va_list ap;
    size_t n;
    char *copy;

    if (f == NULL)
        return r->stopped;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    n = strlen(text);
    copy = cel_run_alloc(r, n + 1, 1);
    if (copy == NULL)
        return r->stopped;
    memcpy(copy, text, n);
    *f = (struct cel_fault){class, r->at, copy};
    return (struct cel_value){.kind = CEL_FAULT, .as.fault = f};
}

struct cel_value cel_run_no_overload(struct cel_run *r, const char *name,
                                     const struct cel_value *args, size_t n)
{
    char text[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        const char *type = cel_value_type_name(args[i].kind);

        if (args[i].kind == CEL_GAP) /* an unknown item of plain data */
            return args[i];
        if (sizeof(text) - used > strlen(type) + 3)
            used +=
                (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? ", " : "", type);
    }
    return cel_run_fault(r, CEL_FAULT_TYPE, "no such overload: %s(%s)", name, text);
}

struct cel_value cel_run_locate(struct cel_run *r, struct cel_value v, const struct cel_node *n,
                                int64_t index)
{
    struct cel_gap *g;

    if (v.kind != CEL_GAP || !v.plain)
        return v;
    g = cel_run_alloc(r, 1, sizeof(*g));
    if (g == NULL)
        return r->stopped;
    *g = (struct cel_gap){v.as.plain->as.gap, n->at, n->end, index, NULL};
    return (struct cel_value){.kind = CEL_GAP, .as.gap = g};
}

#define GAPS_MAX 64 /* leaves that one unknown result names; more do not help anybody */

static struct slice gap_text(const struct cel_run *r, const struct cel_gap *g)
{
    const struct slice text = r->program != NULL ? r->program->text : (struct slice){NULL, 0};

    if (g->at >= g->end || g->end > text.len)
        return (struct slice){NULL, 0};
    return (struct slice){text.data + g->at, g->end - g->at};
}

/* The same leaf under the same name. */
static bool same_gap(const struct cel_run *r, const struct cel_gap *a, const struct cel_gap *b)
{
    return a->gap == b->gap && a->index == b->index && slice_eq(gap_text(r, a), gap_text(r, b));
}

/* An unknown that no node has named yet (an item of a plain list within a function). */
static const struct cel_gap *gap_of(struct cel_run *r, struct cel_value v)
{
    const struct cel_node here = {.at = r->at, .end = r->at};

    v = cel_run_locate(r, v, &here, -1);
    return v.kind == CEL_GAP ? v.as.gap : NULL;
}

struct cel_value cel_run_join(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const struct cel_gap *set, *more;
    size_t n;

    if (a.plain && b.plain && a.as.plain->as.gap == b.as.plain->as.gap)
        return a;
    set = gap_of(r, a);
    more = gap_of(r, b);
    if (set == NULL || more == NULL)
        return r->stopped;
    for (; more != NULL; more = more->next) {
        const struct cel_gap *at = set;
        struct cel_gap *copy;

        for (n = 0; at != NULL && !same_gap(r, at, more); n++)
            at = at->next;
        if (at != NULL || n >= GAPS_MAX)
            continue;
        copy = cel_run_alloc(r, 1, sizeof(*copy));
        if (copy == NULL || !cel_run_charge(r, 4))
            return r->stopped;
        *copy = *more;
        copy->next = set;
        set = copy;
    }
    return (struct cel_value){.kind = CEL_GAP, .as.gap = set};
}

struct cel_value cel_run_worse(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    if (r->steps == 0)
        return r->stopped;
    if (a.kind == CEL_GAP && b.kind == CEL_GAP)
        return cel_run_join(r, a, b);
    if (a.kind == CEL_GAP || b.kind == CEL_GAP)
        return a.kind == CEL_GAP ? a : b;
    return a.kind == CEL_FAULT ? a : b;
}

#define WHY_MAX 4096 /* bytes of the reasons for one unknown result */

static void put_gap(struct buf *b, const struct cel_run *r, const struct cel_gap *g)
{
    const struct slice text = gap_text(r, g);

    if (text.len > 0) {
        escape_terminal(b, text);
        if (g->index >= 0)
            buf_printf(b, "[%" PRId64 "]", g->index);
        buf_str(b, ": ");
    }
    escape_terminal(b, g->gap->why);
}

const char *cel_run_why(struct cel_run *r, struct cel_value v)
{
    const struct cel_gap *sets[GAPS_MAX];
    const struct cel_gap *g = gap_of(r, v);
    size_t n = 0;
    struct buf b;
    const char *out;

    if (g == NULL)
        return "unknown";
    for (; g != NULL && n < ARRAY_LEN(sets); g = g->next)
        sets[n++] = g;
    buf_init(&b, WHY_MAX);
    for (size_t i = n; i > 0; i--) { /* the set grows at its front: this is the order of the text */
        if (i < n)
            buf_str(&b, "; ");
        put_gap(&b, r, sets[i - 1]);
    }
    if (n == GAPS_MAX)
        buf_str(&b, "; ...");
    out = arena_strndup(r->arena, buf_slice(&b));
    buf_release(&b);
    return out;
}
