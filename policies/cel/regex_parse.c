#include <string.h>

#include "base/limits.h"
#include "policies/cel/cel_text.h"
#include "policies/cel/regex_node.h"

#define DEPTH_MAX 200   /* groups within groups; RE2 stops at 1000, people at 5 */
#define REPEAT_MAX 1000 /* as RE2 */

struct flags {
    bool fold;      /* i */
    bool multiline; /* m */
    bool dot_all;   /* s */
    bool ungreedy;  /* U */
};

struct parser {
    struct slice in; /* strict UTF-8 */
    size_t at;
    struct flags flags;
    unsigned depth;
    struct arena *arena;
    struct err *err;
};

static bool parse_alternatives(struct parser *p, struct regex_node **out);

static int peek(const struct parser *p)
{
    return p->at < p->in.len ? p->in.data[p->at] : -1;
}

static bool looking_at(const struct parser *p, const char *s)
{
    return slice_starts(slice_from(p->in, p->at), s);
}

static bool take(struct parser *p, const char *s)
{
    if (!looking_at(p, s))
        return false;
    p->at += strlen(s);
    return true;
}

static struct regex_node *new_node(struct parser *p, enum regex_node_kind kind)
{
    struct regex_node *n = ARENA_NEW(p->arena, struct regex_node);

    n->kind = kind;
    return n;
}

static struct regex_node *set_node(struct parser *p, struct regex_set *s, bool negate)
{
    struct regex_node *n = new_node(p, REGEX_SET);

    regex_set_finish(p->arena, s, negate);
    n->set = s;
    return n;
}

static struct regex_node *assert_node(struct parser *p, enum regex_assert assert)
{
    struct regex_node *n = new_node(p, REGEX_ASSERT);

    n->assert = assert;
    return n;
}

static void add_part(struct parser *p, struct regex_node *to, struct regex_node *part)
{
    struct regex_node **slot =
        arena_push_raw(p->arena, (void **)&to->parts, &to->nparts, sizeof(void *));

    *slot = part;
}

static bool is_ascii_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Adds [low, high], under (?i) in both cases. SPEC: Unicode simple folding; K and S have a third
 * form. */
static bool add_range(struct parser *p, struct regex_set *s, uint32_t low, uint32_t high)
{
    regex_set_add(p->arena, s, low, high);
    if (!p->flags.fold)
        return true;
    if (high >= 0x80)
        return err_pos(p->err, ERR_UNSUPPORTED, p->at,
                       "letters outside ASCII are not supported under (?i)");
    for (uint32_t c = low; c <= high; c++) {
        if (!is_ascii_letter(c))
            continue;
        regex_set_add(p->arena, s, c ^ 0x20, c ^ 0x20);
        if ((c | 0x20) == 'k')
            regex_set_add(p->arena, s, 0x212a, 0x212a);
        else if ((c | 0x20) == 's')
            regex_set_add(p->arena, s, 0x17f, 0x17f);
    }
    return true;
}

static bool literal(struct parser *p, uint32_t cp, struct regex_node **out)
{
    struct regex_set *s = ARENA_NEW(p->arena, struct regex_set);

    if (!add_range(p, s, cp, cp))
        return false;
    *out = set_node(p, s, false);
    return true;
}

/* ---- escapes ---- */
static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

static bool bad_escape(struct parser *p, size_t start)
{
    return err_pos(p->err, ERR_USAGE, start,
                   "the regular expression has an escape that means nothing");
}

/* \x41 or \x{1F600}; stands behind the x */
static bool hex_escape(struct parser *p, size_t start, uint32_t *cp)
{
    const bool braces = take(p, "{");
    size_t digits = 0;

    *cp = 0;
    while (hex_value(peek(p)) >= 0 && digits < (braces ? 8u : 2u)) {
        *cp = *cp << 4 | (uint32_t)hex_value(peek(p));
        p->at++;
        digits++;
    }
    if (digits == 0 || (!braces && digits != 2) || (braces && !take(p, "}")) ||
        !cel_text_valid(*cp))
        return bad_escape(p, start);
    return true;
}

/* \012, \7...: RE2 reads \1 to \9 alone as a back reference, which it refuses. */
static bool octal_escape(struct parser *p, size_t start, int first, uint32_t *cp)
{
    *cp = (uint32_t)(first - '0');
    if (first != '0' && (peek(p) < '0' || peek(p) > '7'))
        return err_pos(
            p->err, ERR_UNSUPPORTED, start,
            "the regular expression has a back reference, which takes more than linear time");
    for (int i = 0; i < 2 && peek(p) >= '0' && peek(p) <= '7'; i++)
        *cp = *cp * 8 + (uint32_t)(p->in.data[p->at++] - '0');
    return true;
}

/* An escape that stands for one character; the backslash is behind us. */
static bool char_escape(struct parser *p, uint32_t *cp)
{
    static const char from[] = "aftnrv", to[] = "\a\f\t\n\r\v";
    const size_t start = p->at - 1;
    const int c = peek(p);
    const char *simple = c > 0 ? strchr(from, c) : NULL;

    if (c < 0)
        return err_pos(p->err, ERR_USAGE, start, "the regular expression ends in a backslash");
    p->at++;
    if (simple != NULL)
        *cp = (uint8_t)to[simple - from];
    else if (c == 'x')
        return hex_escape(p, start, cp);
    else if (c >= '0' && c <= '7')
        return octal_escape(p, start, c, cp);
    else if (c < 0x80 && !is_ascii_letter((uint32_t)c) && c != '8' && c != '9')
        *cp = (uint32_t)c;
    else
        return bad_escape(p, start);
    return true;
}

/* \d \D \s \S \w \W into `s`; false, without an error, when it is none. The backslash is next. */
static bool class_escape(struct parser *p, struct regex_set *s)
{
    const uint8_t c = p->in.len - p->at >= 2 ? p->in.data[p->at + 1] : 0;
    const uint8_t name = c | 0x20;
    struct regex_set named = {0};

    if (peek(p) != '\\' || (name != 'd' && name != 's' && name != 'w'))
        return false;
    p->at += 2;
    (void)regex_set_named(p->arena, (struct slice){&name, 1}, &named);
    regex_set_finish(p->arena, &named, c != name);
    for (size_t i = 0; i < named.n; i++)
        regex_set_add(p->arena, s, named.ranges[i].low, named.ranges[i].high);
    return true;
}

/* ---- classes ---- */

/* [:alpha:] and [:^alpha:] within a class; `*is` says whether one is here. */
static bool posix_class(struct parser *p, struct regex_set *s, bool *is)
{
    struct regex_set named = {0};
    const struct slice rest = slice_from(p->in, p->at);
    size_t end;
    bool negate;

    *is = looking_at(p, "[:") && slice_find(rest, SLICE_LIT(":]"), &end);
    if (!*is)
        return true;
    negate = end > 2 && rest.data[2] == '^';
    if (!regex_set_named(p->arena, (struct slice){rest.data + 2 + negate, end - 2 - negate},
                         &named) ||
        end - 2 - negate == 1)
        return err_pos(p->err, ERR_USAGE, p->at, "the regular expression names no known class");
    p->at += end + 2;
    regex_set_finish(p->arena, &named, negate);
    for (size_t i = 0; i < named.n; i++) {
        const struct regex_range r = named.ranges[i];

        if (negate || r.high >= 0x80)
            regex_set_add(p->arena, s, r.low, r.high);
        else if (!add_range(p, s, r.low, r.high))
            return false;
    }
    return true;
}

static bool class_char(struct parser *p, size_t start, uint32_t *cp)
{
    if (p->at >= p->in.len)
        return err_pos(p->err, ERR_USAGE, start, "the regular expression has a class without ']'");
    if (take(p, "\\"))
        return char_escape(p, cp);
    *cp = cel_text_next(p->in, &p->at);
    return true;
}

static bool class_range(struct parser *p, size_t start, struct regex_set *s)
{
    const size_t at = p->at;
    uint32_t low, high;

    if (!class_char(p, start, &low))
        return false;
    high = low;
    if (looking_at(p, "-") && !looking_at(p, "-]") && p->in.len - p->at >= 2) {
        p->at++;
        if (!class_char(p, start, &high))
            return false;
    }
    if (high < low)
        return err_pos(p->err, ERR_USAGE, at,
                       "the regular expression has a range that runs backwards");
    return add_range(p, s, low, high);
}

static bool parse_class(struct parser *p, struct regex_node **out)
{
    struct regex_set *s = ARENA_NEW(p->arena, struct regex_set);
    const size_t start = p->at;
    bool negate, first = true;

    p->at++;
    negate = take(p, "^");
    for (; first || peek(p) != ']'; first = false) {
        bool posix;

        if (p->at >= p->in.len)
            return err_pos(p->err, ERR_USAGE, start,
                           "the regular expression has a class without ']'");
        if (!posix_class(p, s, &posix))
            return false;
        if (!posix && !class_escape(p, s) && !class_range(p, start, s))
            return false;
    }
    p->at++;
    *out = set_node(p, s, negate);
    return true;
}

/* ---- groups ---- */
static bool set_flag(struct parser *p, struct flags *f, int c, bool on, size_t start)
{
    if (c == 'i')
        f->fold = on;
    else if (c == 'm')
        f->multiline = on;
    else if (c == 's')
        f->dot_all = on;
    else if (c == 'U')
        f->ungreedy = on;
    else
        return err_pos(p->err, ERR_UNSUPPORTED, start,
                       "the regular expression has a group of a kind that is not supported");
    return true;
}

/* Behind "(?": flags up to ':' (a group follows) or ')' (they hold for the rest of this group). */
static bool parse_flags(struct parser *p, size_t start, bool *group)
{
    struct flags f = p->flags;
    bool on = true, any = false;

    for (;; p->at++) {
        const int c = peek(p);

        if (c == ':' || c == ')') {
            *group = c == ':';
            p->at++;
            p->flags = f;
            return any || *group ||
                   err_pos(p->err, ERR_USAGE, start,
                           "the regular expression has a group without flags");
        }
        if (c == '-' && on) {
            on = false;
            any = false;
            continue;
        }
        if (!set_flag(p, &f, c, on, start))
            return false;
        any = true;
    }
}

static bool skip_name(struct parser *p, size_t start)
{
    const size_t from = p->at;

    while (is_ascii_letter((uint32_t)peek(p)) || peek(p) == '_' ||
           (peek(p) >= '0' && peek(p) <= '9'))
        p->at++;
    if (p->at > from && take(p, ">"))
        return true;
    return err_pos(p->err, ERR_USAGE, start, "the regular expression has a group with a bad name");
}

static bool parse_group(struct parser *p, struct regex_node **out)
{
    const size_t start = p->at;
    const struct flags outer = p->flags;
    bool group = true;

    p->at++;
    if (take(p, "?P<") ||
        (looking_at(p, "?<") && !looking_at(p, "?<=") && !looking_at(p, "?<!") && take(p, "?<"))) {
        if (!skip_name(p, start))
            return false;
    } else if (take(p, "?")) {
        if (!parse_flags(p, start, &group))
            return false;
        if (!group) {
            *out = new_node(p, REGEX_EMPTY);
            return true;
        }
    }
    if (++p->depth > DEPTH_MAX)
        return err_pos(p->err, ERR_LIMIT, start,
                       "the regular expression has more than %d groups within groups", DEPTH_MAX);
    if (!parse_alternatives(p, out))
        return false;
    p->depth--;
    if (!take(p, ")"))
        return err_pos(p->err, ERR_USAGE, start, "the regular expression has a group without ')'");
    p->flags = outer;
    return true;
}

/* ---- atoms ---- */

/* \Q...\E: everything between is literal. */
static bool parse_quote(struct parser *p, struct regex_node **out)
{
    struct regex_node *cat = new_node(p, REGEX_CAT), *n = NULL;

    while (p->at < p->in.len && !take(p, "\\E")) {
        if (!literal(p, cel_text_next(p->in, &p->at), &n))
            return false;
        add_part(p, cat, n);
    }
    *out = cat;
    return true;
}

static bool parse_escape(struct parser *p, struct regex_node **out)
{
    static const struct {
        const char *text;
        enum regex_assert assert;
    } asserts[] = {
        {"\\A", REGEX_TEXT_START},
        {"\\z", REGEX_TEXT_END},
        {"\\b", REGEX_WORD},
        {"\\B", REGEX_NO_WORD},
    };
    struct regex_set *s = ARENA_NEW(p->arena, struct regex_set);
    const size_t start = p->at;
    uint32_t cp;

    for (size_t i = 0; i < ARRAY_LEN(asserts); i++) {
        if (take(p, asserts[i].text)) {
            *out = assert_node(p, asserts[i].assert);
            return true;
        }
    }
    if (take(p, "\\Q"))
        return parse_quote(p, out);
    if (looking_at(p, "\\p") || looking_at(p, "\\P") || looking_at(p, "\\C"))
        return err_pos(p->err, ERR_UNSUPPORTED, start,
                       "\\p, \\P and \\C are not supported in regular expressions here");
    if (class_escape(p, s)) {
        *out = set_node(p, s, false);
        return true;
    }
    p->at++;
    return char_escape(p, &cp) && literal(p, cp, out);
}

static bool parse_atom(struct parser *p, struct regex_node **out)
{
    struct regex_set *s;

    switch (peek(p)) {
    case '(':
        return parse_group(p, out);
    case '[':
        return parse_class(p, out);
    case '\\':
        return parse_escape(p, out);
    case '.':
        p->at++;
        s = ARENA_NEW(p->arena, struct regex_set);
        if (!p->flags.dot_all)
            regex_set_add(p->arena, s, '\n', '\n');
        *out = set_node(p, s, true);
        return true;
    case '^':
        p->at++;
        *out = assert_node(p, p->flags.multiline ? REGEX_LINE_START : REGEX_TEXT_START);
        return true;
    case '$':
        p->at++;
        *out = assert_node(p, p->flags.multiline ? REGEX_LINE_END : REGEX_TEXT_END);
        return true;
    case '*':
    case '+':
    case '?':
        return err_pos(p->err, ERR_USAGE, p->at, "the regular expression repeats nothing with '%c'",
                       (char)peek(p));
    default:
        return literal(p, cel_text_next(p->in, &p->at), out);
    }
}

/* ---- repetition ---- */
static bool count_at(const struct parser *p, size_t *at, uint32_t *out)
{
    const size_t start = *at;

    for (*out = 0; *at < p->in.len && p->in.data[*at] >= '0' && p->in.data[*at] <= '9'; (*at)++)
        if (*out <= REPEAT_MAX)
            *out = *out * 10 + (uint32_t)(p->in.data[*at] - '0');
    return *at > start;
}

/* {n}, {n,} or {n,m}; what looks otherwise is literal, as in RE2. */
static bool braces(struct parser *p, uint32_t *min, uint32_t *max)
{
    size_t at = p->at + 1;

    if (peek(p) != '{' || !count_at(p, &at, min))
        return false;
    *max = *min;
    if (at < p->in.len && p->in.data[at] == ',') {
        at++;
        if (!count_at(p, &at, max))
            *max = REGEX_MANY;
    }
    if (at >= p->in.len || p->in.data[at] != '}')
        return false;
    p->at = at + 1;
    return true;
}

static bool operator_at(struct parser *p, uint32_t *min, uint32_t *max)
{
    *min = looking_at(p, "+");
    *max = looking_at(p, "?") ? 1 : REGEX_MANY;
    return take(p, "*") || take(p, "+") || take(p, "?") || braces(p, min, max);
}

static bool parse_repeat(struct parser *p, struct regex_node **io)
{
    uint32_t min, max, again_min, again_max;
    size_t start = p->at;
    struct regex_node *n;

    if (!operator_at(p, &min, &max))
        return true;
    if (min > REPEAT_MAX || (max != REGEX_MANY && (max > REPEAT_MAX || max < min)))
        return err_pos(p->err, ERR_USAGE, start,
                       "the regular expression has a repetition out of range (0 to %d)",
                       REPEAT_MAX);
    n = new_node(p, REGEX_REPEAT);
    n->min = min;
    n->max = max;
    n->lazy = take(p, "?") != p->flags.ungreedy;
    add_part(p, n, *io);
    *io = n;
    start = p->at;
    if (operator_at(p, &again_min, &again_max))
        return err_pos(p->err, ERR_USAGE, start,
                       "the regular expression repeats a repetition; put it in a group");
    return true;
}

static bool parse_sequence(struct parser *p, struct regex_node **out)
{
    struct regex_node *cat = new_node(p, REGEX_CAT), *n = NULL;

    while (peek(p) != -1 && peek(p) != '|' && peek(p) != ')') {
        if (!parse_atom(p, &n) || !parse_repeat(p, &n))
            return false;
        add_part(p, cat, n);
    }
    *out = cat;
    return true;
}

static bool parse_alternatives(struct parser *p, struct regex_node **out)
{
    struct regex_node *alt = new_node(p, REGEX_ALT), *n = NULL;

    do {
        if (!parse_sequence(p, &n))
            return false;
        add_part(p, alt, n);
    } while (take(p, "|"));
    *out = alt->nparts == 1 ? n : alt;
    return true;
}

bool regex_parse_pattern(struct slice pattern, struct arena *a, struct regex_node **out,
                         struct err *e)
{
    struct parser p = {.in = pattern, .arena = a, .err = e};
    size_t bad;

    if (!slice_utf8(pattern, &bad))
        return err_pos(e, ERR_USAGE, bad, "the regular expression is no UTF-8");
    if (!parse_alternatives(&p, out))
        return false;
    if (p.at < pattern.len)
        return err_pos(e, ERR_USAGE, p.at, "the regular expression has a ')' too many");
    return true;
}
