#include "scanner/image/pattern.h"

#include <string.h>

#include "base/checked.h"

/* Positions tried for one match; our patterns have no nested repeats, so
 * ordinary text takes fewer than 1000. */
#define STEPS_MAX 200000
#define DEPTH_MAX 4 /* groups within groups */

enum node_kind { NODE_SET, NODE_GROUP, NODE_JOIN, NODE_END };

struct node {
    enum node_kind kind;
    bool capture, optional;
    uint16_t min, max;         /* of a set */
    uint32_t set[8];           /* one bit a byte value */
    struct node *next;         /* of a join: the group it closes */
    struct node **alternative; /* of a group: the first node of each */
    size_t nalternatives;
};

struct pattern {
    const struct node *first;
    size_t longest; /* bytes */
};

struct parse {
    const char *at;
    struct arena *arena;
    bool fold;
    unsigned depth;
    struct err *e;
};

static bool sequence(struct parse *p, struct node *last, struct node **first, size_t *longest);

static void set_add(struct node *n, unsigned byte)
{
    n->set[byte >> 5] |= 1u << (byte & 31);
}

static bool set_has(const struct node *n, uint8_t byte)
{
    return (n->set[byte >> 5] >> (byte & 31) & 1) != 0;
}

static void set_range(struct node *n, unsigned from, unsigned to)
{
    for (unsigned b = from; b <= to; b++)
        set_add(n, b);
}

static void set_named(struct node *n, char name)
{
    if (name == 's') {
        set_range(n, '\t', '\r');
        set_add(n, ' ');
        return;
    }
    set_range(n, '0', '9');
    if (name == 'w') {
        set_range(n, 'a', 'z');
        set_range(n, 'A', 'Z');
        set_add(n, '_');
    }
}

static void set_fold(struct node *n)
{
    for (unsigned b = 'a'; b <= 'z'; b++)
        if (set_has(n, (uint8_t)b) || set_has(n, (uint8_t)(b - 32))) {
            set_add(n, b);
            set_add(n, b - 32);
        }
}

static void set_invert(struct node *n)
{
    for (size_t i = 0; i < ARRAY_LEN(n->set); i++)
        n->set[i] = ~n->set[i];
}

/* Behind a backslash: adds a class and is true with *byte < 0, or gives
 * the one byte it stands for. */
static bool escape(struct parse *p, struct node *n, int *byte)
{
    static const char from[] = "nrt", to[] = "\n\r\t";
    const uint8_t c = (uint8_t)*p->at;
    const char *known = c != '\0' ? strchr(from, c) : NULL;
    uint8_t hex;

    *byte = -1;
    if (c == 's' || c == 'd' || c == 'w') {
        set_named(n, (char)c);
        p->at++;
        return true;
    }
    if (c == 'x' && p->at[1] != '\0' && p->at[2] != '\0') {
        if (!checked_hex((struct slice){(const uint8_t *)p->at + 1, 2}, &hex, 1))
            return err_fail(p->e, ERR_USAGE, "bad \\x in a pattern");
        *byte = hex;
        p->at += 3;
        return true;
    }
    if (known != NULL)
        *byte = (uint8_t)to[known - from];
    else if (c > ' ' && c < 127 && strchr("bBAzZQEpPkgGKXRuUvhHN", c) == NULL &&
             !(c >= '0' && c <= '9'))
        *byte = c;
    else
        return err_fail(p->e, ERR_USAGE, "\\%c is not in the pattern language", c);
    p->at++;
    return true;
}

static bool class_member(struct parse *p, struct node *n, int *byte)
{
    if (*p->at == '\0')
        return err_fail(p->e, ERR_USAGE, "[ without ]");
    if (*p->at == '\\') {
        p->at++;
        return escape(p, n, byte);
    }
    *byte = (uint8_t)*p->at++;
    return true;
}

static bool class_body(struct parse *p, struct node *n)
{
    const bool negated = *p->at == '^';

    if (negated)
        p->at++;
    do {
        int from, to;

        if (!class_member(p, n, &from))
            return false;
        to = from;
        if (from >= 0 && *p->at == '-' && p->at[1] != ']' && p->at[1] != '\0') {
            p->at++;
            if (!class_member(p, n, &to))
                return false;
        }
        if (to < from)
            return err_fail(p->e, ERR_USAGE, "a range that runs backwards");
        if (from >= 0)
            set_range(n, (unsigned)from, (unsigned)to);
    } while (*p->at != ']');
    p->at++;
    if (p->fold)
        set_fold(n);
    if (negated)
        set_invert(n);
    return true;
}

static bool number(struct parse *p, uint16_t *out)
{
    const char *start = p->at;
    uint64_t v;

    while (*p->at >= '0' && *p->at <= '9')
        p->at++;
    if (!checked_u64((struct slice){(const uint8_t *)start, (size_t)(p->at - start)},
                     PATTERN_MAX_BYTES, &v))
        return err_fail(p->e, ERR_USAGE, "a repeat needs numbers up to %d", PATTERN_MAX_BYTES);
    *out = (uint16_t)v;
    return true;
}

static bool repeat(struct parse *p, struct node *n)
{
    n->min = n->max = 1;
    if (*p->at == '?') {
        p->at++;
        n->min = 0;
        return true;
    }
    if (*p->at == '*' || *p->at == '+')
        return err_fail(p->e, ERR_USAGE, "unbounded repeat %c", *p->at);
    if (*p->at != '{')
        return true;
    p->at++;
    if (!number(p, &n->min))
        return false;
    n->max = n->min;
    if (*p->at == ',') {
        p->at++;
        if (!number(p, &n->max))
            return false;
    }
    if (*p->at != '}' || n->max < n->min)
        return err_fail(p->e, ERR_USAGE, "bad repeat");
    p->at++;
    return true;
}

static bool set_item(struct parse *p, struct node *n)
{
    const char c = *p->at++;
    int byte = -1;

    n->kind = NODE_SET;
    if (c == '[') {
        if (!class_body(p, n))
            return false;
        return repeat(p, n);
    }
    if (c == '\\') {
        if (!escape(p, n, &byte))
            return false;
    } else if (c == '.') {
        set_range(n, 0, 255);
    } else {
        byte = (uint8_t)c;
    }
    if (byte >= 0)
        set_add(n, (unsigned)byte);
    if (p->fold)
        set_fold(n);
    return repeat(p, n);
}

/* The alternatives of a group; p->at stands behind its '('. */
static bool group_item(struct parse *p, struct node *n, size_t *longest)
{
    struct node *join = ARENA_NEW(p->arena, struct node);
    size_t best = 0, len;

    n->kind = NODE_GROUP;
    n->capture = true;
    join->kind = NODE_JOIN;
    join->next = n;
    if (strncmp(p->at, "?:", 2) == 0) {
        n->capture = false;
        p->at += 2;
    }
    if (++p->depth > DEPTH_MAX)
        return err_fail(p->e, ERR_USAGE, "groups deeper than %d", DEPTH_MAX);
    for (;;) {
        struct node **slot =
            arena_push_raw(p->arena, (void **)&n->alternative, &n->nalternatives, sizeof(void *));

        if (!sequence(p, join, slot, &len))
            return false;
        best = len > best ? len : best;
        if (*p->at != '|')
            break;
        p->at++;
    }
    if (*p->at++ != ')')
        return err_fail(p->e, ERR_USAGE, "( without )");
    p->depth--;
    if (*p->at == '?') {
        p->at++;
        n->optional = true;
    } else if (*p->at != '\0' && strchr("*+{", *p->at) != NULL) {
        return err_fail(p->e, ERR_USAGE, "a group may only be optional");
    }
    *longest = best;
    return true;
}

/* Items up to '|', ')' or the end, linked to `last`. */
static bool sequence(struct parse *p, struct node *last, struct node **first, size_t *longest)
{
    struct node **link = first;

    *longest = 0;
    *link = last;
    while (*p->at != '\0' && *p->at != '|' && *p->at != ')') {
        struct node *n = ARENA_NEW(p->arena, struct node);
        size_t len;

        if (*p->at == '(') {
            p->at++;
            if (!group_item(p, n, &len))
                return false;
        } else {
            if (!set_item(p, n))
                return false;
            len = n->max;
        }
        *longest += len;
        *link = n;
        n->next = last;
        link = &n->next;
    }
    return true;
}

bool pattern_compile(const char *text, struct arena *a, const struct pattern **out, struct err *e)
{
    struct pattern *done = ARENA_NEW(a, struct pattern);
    struct node *end = ARENA_NEW(a, struct node), *first;
    struct parse p = {.at = text, .arena = a, .e = e};

    end->kind = NODE_END;
    if (strncmp(text, "(?i)", 4) == 0) {
        p.fold = true;
        p.at += 4;
    }
    if (!sequence(&p, end, &first, &done->longest))
        return err_in(e, "pattern %s", text);
    if (*p.at != '\0')
        return err_fail(e, ERR_USAGE, "pattern %s: %c at the top level", text, *p.at);
    if (done->longest > PATTERN_MAX_BYTES)
        return err_fail(e, ERR_USAGE, "pattern %s: a match may have %zu bytes, at most %d", text,
                        done->longest, PATTERN_MAX_BYTES);
    done->first = first;
    *out = done;
    return true;
}

struct run {
    struct slice window;
    size_t end, secret_start, secret_end;
    bool has_secret;
    uint32_t steps;
};

static bool run_from(struct run *r, const struct node *n, size_t at);

static bool run_set(struct run *r, const struct node *n, size_t at)
{
    const size_t left = r->window.len - at;
    const size_t most = n->max < left ? n->max : left;
    size_t k = 0;

    while (k < most && set_has(n, r->window.data[at + k]))
        k++;
    for (;; k--) {
        if (k < n->min)
            return false;
        if (run_from(r, n->next, at + k))
            return true;
        if (k == 0)
            return false;
    }
}

static bool run_group(struct run *r, const struct node *n, size_t at)
{
    const size_t before = r->secret_start;

    if (n->capture)
        r->secret_start = at;
    for (size_t i = 0; i < n->nalternatives; i++)
        if (run_from(r, n->alternative[i], at))
            return true;
    r->secret_start = before;
    return n->optional && run_from(r, n->next, at);
}

static bool run_join(struct run *r, const struct node *n, size_t at)
{
    const size_t before = r->secret_end;
    const bool had = r->has_secret;

    if (n->next->capture) {
        r->secret_end = at;
        r->has_secret = true;
    }
    if (run_from(r, n->next->next, at))
        return true;
    r->secret_end = before;
    r->has_secret = had;
    return false;
}

static bool run_from(struct run *r, const struct node *n, size_t at)
{
    if (++r->steps > STEPS_MAX)
        return false;
    switch (n->kind) {
    case NODE_SET:
        return run_set(r, n, at);
    case NODE_GROUP:
        return run_group(r, n, at);
    case NODE_JOIN:
        return run_join(r, n, at);
    case NODE_END:
        break;
    }
    r->end = at;
    return true;
}

bool pattern_at(const struct pattern *p, struct slice window, size_t at, struct pattern_hit *hit)
{
    struct run r = {.window = window};

    if (at > window.len || !run_from(&r, p->first, at))
        return false;
    *hit = (struct pattern_hit){.start = at, .end = r.end, .secret_start = at, .secret_end = r.end};
    if (r.has_secret) {
        hit->secret_start = r.secret_start;
        hit->secret_end = r.secret_end;
    }
    return true;
}

bool pattern_find(const struct pattern *p, struct slice window, size_t to, struct pattern_hit *hit)
{
    const bool quick = p->first->kind == NODE_SET && p->first->min > 0;

    for (size_t at = to > p->longest ? to - p->longest : 0; at < to; at++) {
        struct pattern_hit found;

        if (quick && !set_has(p->first, window.data[at]))
            continue;
        if (pattern_at(p, window, at, &found) && found.end >= to) {
            *hit = found;
            return true;
        }
    }
    return false;
}
