#include "scanner/formats/backtrack.h"

#include <string.h>

#define DEPTH 64
#define MANY 10       /* times a group that repeats within: the work is the text to that power */
#define HUGE 100000ul /* times: engines unroll what is counted */

/* What is known of an open group. */
struct group {
    bool repeats; /* something in it repeats without bound */
    bool twins;   /* two of its branches begin with the same letter */
    bool start;   /* of a branch: nothing of it was seen */
    bool seen[128];
};

struct walk {
    struct slice s;
    size_t at;
    struct group groups[DEPTH];
    size_t depth; /* of the innermost group; 0: none */
    const char *why;
};

struct repeat {
    bool any, without_bound; /* there is one; it has no upper bound */
    unsigned long most;
};

static uint8_t peek(const struct walk *w)
{
    return w->at < w->s.len ? w->s.data[w->at] : 0;
}

static unsigned long number(struct walk *w)
{
    unsigned long n = 0;

    for (; peek(w) >= '0' && peek(w) <= '9'; w->at++)
        n = n < HUGE * 10 ? n * 10 + (unsigned long)(peek(w) - '0') : n;
    return n;
}

/* {n}, {n,} or {n,m} at a brace; a brace that is none is a letter. */
static bool braces(struct walk *w, struct repeat *r)
{
    const size_t from = w->at++;
    const uint8_t first = peek(w);

    r->most = number(w);
    if (peek(w) == ',') {
        w->at++;
        r->without_bound = peek(w) == '}';
        if (!r->without_bound)
            r->most = number(w);
    }
    r->any = peek(w) == '}' && first != '}';
    w->at = r->any ? w->at + 1 : from;
    return r->any;
}

/* What repeats the thing that ended here; a possessive one does not go back. */
static struct repeat quantifier(struct walk *w)
{
    struct repeat r = {0};
    const uint8_t c = peek(w);

    if (c == '*' || c == '+' || c == '?') {
        w->at++;
        r = (struct repeat){true, c != '?', 1};
    } else if (c != '{' || !braces(w, &r)) {
        return (struct repeat){0};
    }
    if (peek(w) == '?') {
        w->at++;
    } else if (peek(w) == '+' && c != '{') {
        w->at++;
        r.without_bound = false;
        r.most = 1;
    }
    return r;
}

static void repeated(struct walk *w, const struct group *inner)
{
    const struct repeat r = quantifier(w);

    if (r.any && r.most > HUGE)
        w->why = "a count that is larger than any text";
    if (r.any && (r.without_bound || r.most >= MANY) && inner != NULL) {
        if (inner->repeats)
            w->why = "a repeat within a repeat";
        else if (inner->twins)
            w->why = "a repeat of branches that begin alike";
    }
    w->groups[w->depth].repeats |= (r.any && r.without_bound) || (inner != NULL && inner->repeats);
}

/* [...], with classes in it. */
static void set(struct walk *w)
{
    size_t depth = 0;

    do {
        const uint8_t c = peek(w);

        w->at += c == '\\' ? 2 : 1;
        depth += c == '[';
        depth -= c == ']';
        if (c == '[' && depth == 1 && peek(w) == '^')
            w->at++;
        if (c == '[' && depth == 1 && peek(w) == ']')
            w->at++;
    } while (depth > 0 && w->at < w->s.len);
}

/* Behind "(": flags and looks; "(?#" is passed over as what it is. */
static void open(struct walk *w)
{
    w->at++;
    if (w->depth + 1 < DEPTH)
        w->depth++;
    w->groups[w->depth] = (struct group){.start = true};
    if (peek(w) != '?')
        return;
    for (w->at++; w->at < w->s.len; w->at++) {
        const uint8_t c = peek(w);

        if (c == ':' || c == '=' || c == '!' || c == '>' || c == '<') {
            w->at++;
            if (c != '<' || (peek(w) != '=' && peek(w) != '!'))
                return;
        } else if (c == ')') {
            return;
        }
    }
}

static void letter(struct walk *w)
{
    struct group *g = &w->groups[w->depth];
    const uint8_t c = peek(w);

    if (g->start && c < 128) {
        g->twins = g->twins || g->seen[c];
        g->seen[c] = true;
    }
    g->start = false;
    w->at++;
    repeated(w, NULL);
}

static void one(struct walk *w)
{
    const uint8_t c = peek(w);
    struct group inner;

    if (c == '(') {
        w->groups[w->depth].start = false;
        open(w);
        return;
    }
    if (c == ')') {
        inner = w->groups[w->depth];
        w->at++;
        w->depth -= w->depth > 0;
        repeated(w, &inner);
        return;
    }
    if (c == '|') {
        w->groups[w->depth].start = true;
        w->at++;
        return;
    }
    if (c != '[' && c != '\\' && c != '.') {
        letter(w);
        return;
    }
    w->groups[w->depth].start = false;
    if (c == '[')
        set(w);
    else
        w->at += c == '\\' ? 2 : 1;
    if (c == '\\' && w->at <= w->s.len && peek(w) == '{' &&
        strchr("pPxuog", w->s.data[w->at - 1]) != NULL) /* \p{L}, \x{41} */
        while (w->at < w->s.len && w->s.data[w->at++] != '}')
            continue;
    repeated(w, NULL);
}

const char *backtrack_risk(struct slice pattern)
{
    struct walk w = {.s = pattern};

    w.groups[0].start = true;
    while (w.at < w.s.len && w.why == NULL)
        one(&w);
    return w.why;
}
