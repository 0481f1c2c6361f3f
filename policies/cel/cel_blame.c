#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/json_out.h"
#include "policies/cel/cel_logic.h"
#include "policies/cel/cel_run.h"

#define BLAME_MAX 4096 /* bytes of one explanation */
#define SHOWN_BYTES 80 /* of one value */
#define SHOWN_TEXT 400 /* of the source */
#define SHOWN_NAMES 12

struct blame {
    struct cel_run *run;
    struct buf out;
    const struct cel_node *names[SHOWN_NAMES];
    size_t n;
};

/* The first operand of && that is false; else the first that is no plain true; entered as far as
 * && goes. */
static const struct cel_node *culprit(struct cel_run *r, const struct cel_node *n)
{
    while (n->kind == CEL_NODE_AND) {
        const struct cel_node *found = NULL;

        for (uint32_t i = 0; i < n->nargs; i++) {
            const struct cel_value v = cel_run_node(r, n->args[i]);

            if (cel_logic_is(v, false)) {
                found = n->args[i];
                break;
            }
            if (found == NULL && !cel_logic_is(v, true))
                found = n->args[i];
        }
        if (found == NULL)
            return NULL;
        n = found;
    }
    return n;
}

static struct slice source(const struct blame *b, const struct cel_node *n)
{
    const struct slice text = b->run->program->text;

    return (struct slice){text.data + n->at, n->end - n->at};
}

/* Variables and chains of fields that start at one: what has a value of its own outside of
 * loops. */
static bool is_name(const struct cel_node *n)
{
    while (n->kind == CEL_NODE_SELECT)
        n = n->args[0];
    return n->kind == CEL_NODE_VAR;
}

static bool is_listed(const struct blame *b, const struct cel_node *n)
{
    for (size_t i = 0; i < b->n; i++)
        if (slice_eq(source(b, b->names[i]), source(b, n)))
            return true;
    return false;
}

static void collect(struct blame *b, const struct cel_node *n)
{
    if (is_name(n)) {
        if (b->n < SHOWN_NAMES && !is_listed(b, n))
            b->names[b->n++] = n;
        return;
    }
    for (uint32_t i = 0; i < n->nargs; i++)
        collect(b, n->args[i]);
}

/* At most `max` bytes, cut at a character. */
static void put_short(struct buf *b, struct slice s, size_t max)
{
    const bool cut = s.len > max;

    if (cut) {
        s.len = max - 3;
        while (s.len > 0 && (s.data[s.len] & 0xc0) == 0x80)
            s.len--;
    }
    escape_terminal(b, s);
    if (cut)
        buf_str(b, "...");
}

static void put_plain(struct blame *b, struct cel_value v)
{
    const struct value *plain;
    struct json_out json;
    struct buf text;
    struct err e = {0};

    if (!cel_value_plain(v, b->run->arena, &plain, &e)) {
        buf_str(&b->out, e.text);
        return;
    }
    buf_init(&text, (size_t)SHOWN_BYTES * 8); /* what is longer is cut below in any case */
    json_out_init(&json, &text, JSON_COMPACT);
    json_out_value(&json, plain);
    if (text.full && text.len <= SHOWN_BYTES)
        buf_str(&b->out, "large");
    else
        put_short(&b->out, buf_slice(&text), SHOWN_BYTES);
    buf_release(&text);
}

static void put_value(struct blame *b, const struct cel_node *n)
{
    const struct cel_value v = cel_run_node(b->run, n);

    put_short(&b->out, source(b, n), SHOWN_BYTES);
    buf_str(&b->out, " is ");
    if (v.kind == CEL_GAP) {
        buf_str(&b->out, "unknown: ");
        put_short(&b->out, cel_value_gap(v)->why, SHOWN_BYTES);
    } else if (v.kind == CEL_FAULT) {
        buf_str(&b->out, "an error: ");
        put_short(&b->out, slice_str(v.as.fault->text), SHOWN_BYTES);
    } else {
        put_plain(b, v);
    }
}

const char *cel_blame(const struct cel_program *p, const struct cel_activation *act,
                      struct arena *a)
{
    struct cel_run run;
    struct blame b = {.run = &run};
    const struct cel_node *n;
    struct cel_value v;
    const char *out;

    cel_run_init(&run, p, act, a);
    v = cel_run_node(&run, p->root);
    if (!cel_logic_is(v, false) && !cel_run_bad(v))
        return NULL;
    n = culprit(&run, p->root);
    if (n == NULL)
        return NULL;
    buf_init(&b.out, BLAME_MAX);
    put_short(&b.out, source(&b, n), SHOWN_TEXT);
    collect(&b, n);
    for (size_t i = 0; i < b.n; i++) {
        buf_str(&b.out, i == 0 ? " (" : ", ");
        put_value(&b, b.names[i]);
    }
    if (b.n > 0)
        buf_str(&b.out, ")");
    out = arena_strndup(a, buf_slice(&b.out));
    buf_release(&b.out);
    return out;
}
