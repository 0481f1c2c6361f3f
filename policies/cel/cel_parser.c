#include "policies/cel/cel_parser.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "policies/cel/cel_lexer.h"

struct parser {
    struct cel_lexer lexer;
    struct cel_token token; /* the one not yet used */
    uint32_t last_end;      /* end of the one used last */
    struct arena *arena;
    struct err *err;
    unsigned depth;
};

struct args {
    const struct cel_ast **items;
    size_t n;
    bool *optional;
    size_t noptional;
    bool any_optional;
};

static bool parse_expr(struct parser *p, struct cel_ast **out);

static bool is_punct(const struct parser *p, const char *s)
{
    return p->token.kind == CEL_TOKEN_PUNCT && slice_is(p->token.text, s);
}

static bool advance(struct parser *p)
{
    p->last_end = p->token.end;
    return cel_lexer_next(&p->lexer, &p->token, p->err);
}

static bool unexpected(struct parser *p, const char *wanted)
{
    const struct slice t = p->token.text;

    if (p->token.kind == CEL_TOKEN_END)
        return err_pos(p->err, ERR_USAGE, p->token.at, "the expression ends where %s should be",
                       wanted);
    return err_pos(p->err, ERR_USAGE, p->token.at, "found '%.*s' where %s should be",
                   (int)(t.len < 40 ? t.len : 40), (const char *)t.data, wanted);
}

static bool expect(struct parser *p, const char *punct)
{
    char wanted[16] = {'\'', punct[0], '\'', '\0'};

    return is_punct(p, punct) ? advance(p) : unexpected(p, wanted);
}

static struct cel_ast *new_ast(struct parser *p, enum cel_ast_kind kind, uint32_t at)
{
    struct cel_ast *n = ARENA_NEW(p->arena, struct cel_ast);

    n->kind = (uint8_t)kind;
    n->at = at;
    n->op_at = at;
    n->height = 1;
    return n;
}

/* Sets the operands and checks the depth. */
static bool finish(struct parser *p, struct cel_ast *n, const struct cel_ast **args, size_t nargs)
{
    n->args = args;
    n->nargs = nargs;
    n->end = p->last_end;
    for (size_t i = 0; i < nargs; i++)
        if (args[i]->height >= n->height)
            n->height = (uint16_t)(args[i]->height + 1);
    if (n->height > LIMIT_CEL_DEPTH)
        return err_pos(p->err, ERR_LIMIT, n->op_at,
                       "the expression has more than %d levels (LIMIT_CEL_DEPTH)", LIMIT_CEL_DEPTH);
    return true;
}

static void push(struct parser *p, struct args *list, const struct cel_ast *item)
{
    const struct cel_ast **slot =
        arena_push_raw(p->arena, (void **)&list->items, &list->n, sizeof(void *));

    *slot = item;
}

/* A '?' in front of a list element or a map key. */
static bool optional_mark(struct parser *p, struct args *list)
{
    const bool is = is_punct(p, "?");

    *(bool *)ARENA_PUSH(p->arena, &list->optional, &list->noptional) = is;
    list->any_optional = list->any_optional || is;
    return !is || advance(p);
}

/* expr {"," expr} up to `close`, which is used too. */
static bool parse_args(struct parser *p, struct args *list, const char *close, bool is_list)
{
    struct cel_ast *item = NULL;

    while (!is_punct(p, close)) {
        if (is_list && !optional_mark(p, list))
            return false;
        if (!parse_expr(p, &item))
            return false;
        push(p, list, item);
        if (!is_punct(p, ","))
            break;
        if (!advance(p))
            return false;
        if (!is_list && is_punct(p, close))
            return unexpected(p, "an argument");
    }
    return is_punct(p, close) ? advance(p)
                              : unexpected(p, close[0] == ')' ? "',' or ')'" : "',' or ']'");
}

static bool parse_pairs(struct parser *p, struct args *list)
{
    struct cel_ast *item = NULL;

    while (!is_punct(p, "}")) {
        if (!optional_mark(p, list) || !parse_expr(p, &item))
            return false;
        push(p, list, item);
        if (!expect(p, ":") || !parse_expr(p, &item))
            return false;
        push(p, list, item);
        if (!is_punct(p, ","))
            break;
        if (!advance(p))
            return false;
    }
    return is_punct(p, "}") ? advance(p) : unexpected(p, "',' or '}'");
}

/* The lexer saw digits of the base only, behind 0x when it is 16; a u may follow. */
static bool whole_number(struct slice s, uint64_t *out)
{
    const bool hex = s.len > 2 && (s.data[1] | 0x20) == 'x';
    uint64_t n = 0;

    for (size_t i = hex ? 2 : 0; i < s.len && (s.data[i] | 0x20) != 'u'; i++) {
        const uint8_t c = s.data[i] | 0x20;
        const uint64_t digit = c <= '9' ? c - (uint64_t)'0' : c - (uint64_t)'a' + 10;

        if (!checked_mul(n, hex ? 16 : 10, &n) || !checked_add(n, digit, &n))
            return false;
    }
    *out = n;
    return true;
}

static bool parse_number(struct parser *p, bool negative, struct cel_value *out)
{
    const struct slice s = p->token.text;
    uint64_t n;

    if (p->token.kind == CEL_TOKEN_DOUBLE) {
        const double d = strtod(arena_strndup(p->arena, s), NULL);

        *out = cel_value_double(negative ? -d : d);
        return isfinite(d) ||
               err_pos(p->err, ERR_USAGE, p->token.at, "the number is too large for a double");
    }
    if (!whole_number(s, &n) ||
        (p->token.kind == CEL_TOKEN_INT && n > (uint64_t)INT64_MAX + (negative ? 1 : 0)))
        return err_pos(p->err, ERR_USAGE, p->token.at, "the number is too large for %s",
                       p->token.kind == CEL_TOKEN_INT ? "an int" : "a uint");
    if (p->token.kind == CEL_TOKEN_UINT)
        *out = cel_value_uint(n);
    else
        *out = cel_value_int(negative ? (int64_t)(0 - n) : (int64_t)n);
    return true;
}

/* A number; `at` is where its sign stands, or the number itself. */
static bool parse_number_at(struct parser *p, uint32_t at, bool negative, struct cel_ast **out)
{
    struct cel_ast *n = new_ast(p, CEL_AST_CONST, at);

    if (!parse_number(p, negative, &n->value) || !advance(p))
        return false;
    *out = n;
    return finish(p, n, NULL, 0);
}

static bool parse_string(struct parser *p, struct cel_ast **out)
{
    struct cel_ast *n = new_ast(p, CEL_AST_CONST, p->token.at);
    struct slice s;

    if (!cel_lexer_string(&p->token, p->arena, &s, p->err))
        return false;
    n->value = p->token.kind == CEL_TOKEN_BYTES ? cel_value_bytes(s) : cel_value_string(s);
    *out = n;
    return advance(p) && finish(p, n, NULL, 0);
}

static bool in_words(struct slice s, const char *const *words)
{
    while (*words != NULL && !slice_is(s, *words))
        words++;
    return *words != NULL;
}

static bool is_keyword(struct slice s)
{
    static const char *const words[] = {"true", "false", "null", "in", NULL};

    return in_words(s, words);
}

static bool is_reserved(struct slice s)
{
    static const char *const words[] = {
        "as",  "break", "const",   "continue",  "else",   "for", "function", "if",    "import",
        "let", "loop",  "package", "namespace", "return", "var", "void",     "while", NULL};

    return in_words(s, words);
}

static bool parse_call(struct parser *p, struct cel_ast *call, const struct cel_ast *target)
{
    struct args list = {0};

    call->kind = CEL_AST_CALL;
    call->method = target != NULL;
    if (target != NULL)
        push(p, &list, target);
    return advance(p) && parse_args(p, &list, ")", false) && finish(p, call, list.items, list.n);
}

static bool parse_name(struct parser *p, uint32_t at, bool root, struct cel_ast **out)
{
    const struct slice name = p->token.text;
    struct cel_ast *n = new_ast(p, CEL_AST_IDENT, at);

    if (p->token.kind != CEL_TOKEN_IDENT)
        return unexpected(p, "a name");
    n->root = root;
    n->text = name;
    n->op_at = p->token.at;
    *out = n;
    if (slice_is(name, "in") || (root && is_keyword(name)))
        return unexpected(p, "a value");
    if (is_reserved(name))
        return err_pos(p->err, ERR_USAGE, p->token.at, "'%.*s' is a reserved word", (int)name.len,
                       (const char *)name.data);
    if (!advance(p))
        return false;
    if (is_keyword(name)) {
        n->kind = CEL_AST_CONST;
        n->value =
            slice_is(name, "null") ? cel_value_null() : cel_value_bool(slice_is(name, "true"));
        return finish(p, n, NULL, 0);
    }
    return is_punct(p, "(") ? parse_call(p, n, NULL) : finish(p, n, NULL, 0);
}

static bool parse_list(struct parser *p, struct cel_ast **out)
{
    struct cel_ast *n = new_ast(p, is_punct(p, "[") ? CEL_AST_LIST : CEL_AST_MAP, p->token.at);
    struct args list = {0};

    if (!advance(p))
        return false;
    if (!(n->kind == CEL_AST_LIST ? parse_args(p, &list, "]", true) : parse_pairs(p, &list)))
        return false;
    if (list.any_optional)
        n->optional_args = list.optional;
    *out = n;
    return finish(p, n, list.items, list.n);
}

static bool parse_primary(struct parser *p, struct cel_ast **out)
{
    const uint32_t at = p->token.at;

    switch (p->token.kind) {
    case CEL_TOKEN_INT:
    case CEL_TOKEN_UINT:
    case CEL_TOKEN_DOUBLE:
        return parse_number_at(p, at, false, out);
    case CEL_TOKEN_STRING:
    case CEL_TOKEN_BYTES:
        return parse_string(p, out);
    case CEL_TOKEN_IDENT:
        return parse_name(p, at, false, out);
    case CEL_TOKEN_PUNCT:
        break;
    case CEL_TOKEN_END:
    case CEL_TOKEN_QUOTED:
        return unexpected(p, "a value");
    }
    if (is_punct(p, "."))
        return advance(p) && parse_name(p, at, true, out);
    if (is_punct(p, "[") || is_punct(p, "{"))
        return parse_list(p, out);
    if (!is_punct(p, "("))
        return unexpected(p, "a value");
    if (!advance(p) || !parse_expr(p, out) || !expect(p, ")"))
        return false;
    (*out)->paren = true;
    return true;
}

static bool parse_select(struct parser *p, struct cel_ast **io)
{
    struct cel_ast *n = new_ast(p, CEL_AST_SELECT, (*io)->at);
    struct args list = {0};

    if (!advance(p))
        return false;
    if (is_punct(p, "?")) {
        n->optional = true;
        if (!advance(p))
            return false;
    }
    n->op_at = p->token.at;
    n->text = p->token.text;
    n->quoted = p->token.kind == CEL_TOKEN_QUOTED;
    if ((p->token.kind != CEL_TOKEN_IDENT || is_keyword(n->text)) && !n->quoted)
        return unexpected(p, "a field name");
    if (!advance(p))
        return false;
    if (is_punct(p, "(") && !n->optional && !n->quoted) {
        const struct cel_ast *target = *io;

        *io = n;
        return parse_call(p, n, target);
    }
    push(p, &list, *io);
    *io = n;
    return finish(p, n, list.items, list.n);
}

static bool parse_index(struct parser *p, struct cel_ast **io)
{
    struct cel_ast *n = new_ast(p, CEL_AST_INDEX, (*io)->at), *index = NULL;
    struct args list = {0};

    n->op_at = p->token.at;
    if (!advance(p))
        return false;
    if (is_punct(p, "?")) {
        n->optional = true;
        if (!advance(p))
            return false;
    }
    if (!parse_expr(p, &index) || !expect(p, "]"))
        return false;
    push(p, &list, *io);
    push(p, &list, index);
    *io = n;
    return finish(p, n, list.items, list.n);
}

static bool parse_member(struct parser *p, struct cel_ast **io)
{
    for (;;) {
        if (is_punct(p, ".")) {
            if (!parse_select(p, io))
                return false;
        } else if (is_punct(p, "[")) {
            if (!parse_index(p, io))
                return false;
        } else if (is_punct(p, "{") &&
                   ((*io)->kind == CEL_AST_IDENT || (*io)->kind == CEL_AST_SELECT)) {
            return err_pos(p->err, ERR_UNSUPPORTED, p->token.at,
                           "protocol buffer messages are not supported");
        } else {
            return true;
        }
    }
}

#define OPS_MAX LIMIT_CEL_DEPTH

/* {"!"} or {"-"} and a member. A minus directly before a number is part of the number. */
static bool parse_unary(struct parser *p, struct cel_ast **out)
{
    const bool not_op = is_punct(p, "!");
    const char *op = not_op ? "!" : "-";
    uint32_t at[OPS_MAX + 1];
    size_t n = 0;

    for (; is_punct(p, op); n++) {
        if (n == OPS_MAX)
            return err_pos(p->err, ERR_LIMIT, p->token.at,
                           "the expression has more than %d levels (LIMIT_CEL_DEPTH)",
                           LIMIT_CEL_DEPTH);
        at[n] = p->token.at;
        if (!advance(p))
            return false;
    }
    if (n > 0 && !not_op && (p->token.kind == CEL_TOKEN_INT || p->token.kind == CEL_TOKEN_DOUBLE)) {
        if (!parse_number_at(p, at[--n], true, out))
            return false;
    } else if (!parse_primary(p, out)) {
        return false;
    }
    assert(*out != NULL);
    if (!parse_member(p, out))
        return false;
    while (n > 0) {
        struct cel_ast *u = new_ast(p, CEL_AST_UNARY, at[--n]);
        struct args list = {0};

        u->op = not_op ? CEL_OP_NOT : CEL_OP_NEG;
        push(p, &list, *out);
        *out = u;
        if (!finish(p, u, list.items, list.n))
            return false;
    }
    return true;
}

struct operator
{
    const char *text;
    uint8_t op;
    uint8_t level; /* binds tighter when larger */
};

enum { LEVEL_OR = 1, LEVEL_AND, LEVEL_RELATION, LEVEL_ADD, LEVEL_MUL };

static const struct operator* binary_operator(const struct parser *p)
{
    static const struct operator table[] = {
        {"||", 0, LEVEL_OR},
        {"&&", 0, LEVEL_AND},
        {"==", CEL_OP_EQ, LEVEL_RELATION},
        {"!=", CEL_OP_NE, LEVEL_RELATION},
        {"<", CEL_OP_LT, LEVEL_RELATION},
        {"<=", CEL_OP_LE, LEVEL_RELATION},
        {">", CEL_OP_GT, LEVEL_RELATION},
        {">=", CEL_OP_GE, LEVEL_RELATION},
        {"in", CEL_OP_IN, LEVEL_RELATION},
        {"+", CEL_OP_ADD, LEVEL_ADD},
        {"-", CEL_OP_SUB, LEVEL_ADD},
        {"*", CEL_OP_MUL, LEVEL_MUL},
        {"/", CEL_OP_DIV, LEVEL_MUL},
        {"%", CEL_OP_MOD, LEVEL_MUL},
    };

    if (p->token.kind != CEL_TOKEN_PUNCT && p->token.kind != CEL_TOKEN_IDENT)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (slice_is(p->token.text, table[i].text))
            return &table[i];
    return NULL;
}

static bool parse_binary(struct parser *p, unsigned level, struct cel_ast **out);

/* a && b && c is one node with three operands, so that long chains are not deep. */
static bool parse_chain(struct parser *p, unsigned level, struct cel_ast **io)
{
    struct cel_ast *n = new_ast(p, level == LEVEL_OR ? CEL_AST_OR : CEL_AST_AND, (*io)->at);
    struct cel_ast *item = NULL;
    struct args list = {0};

    n->op_at = p->token.at;
    push(p, &list, *io);
    while (is_punct(p, level == LEVEL_OR ? "||" : "&&")) {
        if (!advance(p) || !parse_binary(p, level + 1, &item))
            return false;
        push(p, &list, item);
    }
    *io = n;
    return finish(p, n, list.items, list.n);
}

static bool parse_binary(struct parser *p, unsigned level, struct cel_ast **out)
{
    const struct operator* op;

    if (!parse_unary(p, out))
        return false;
    assert(*out != NULL);
    for (op = binary_operator(p); op != NULL && op->level >= level; op = binary_operator(p)) {
        struct cel_ast *n, *right = NULL;
        struct args list = {0};

        if (op->level <= LEVEL_AND) {
            if (!parse_chain(p, op->level, out))
                return false;
            continue;
        }
        n = new_ast(p, CEL_AST_BINARY, (*out)->at);
        n->op = op->op;
        n->op_at = p->token.at;
        if (!advance(p) || !parse_binary(p, op->level + 1u, &right))
            return false;
        push(p, &list, *out);
        push(p, &list, right);
        *out = n;
        if (!finish(p, n, list.items, list.n))
            return false;
    }
    return true;
}

static bool parse_cond(struct parser *p, struct cel_ast **io)
{
    struct cel_ast *n = new_ast(p, CEL_AST_COND, (*io)->at), *yes = NULL, *no = NULL;
    struct args list = {0};

    n->op_at = p->token.at;
    if (!advance(p) || !parse_binary(p, LEVEL_OR, &yes) || !expect(p, ":") || !parse_expr(p, &no))
        return false;
    push(p, &list, *io);
    push(p, &list, yes);
    push(p, &list, no);
    *io = n;
    return finish(p, n, list.items, list.n);
}

static bool parse_expr(struct parser *p, struct cel_ast **out)
{
    if (++p->depth > LIMIT_CEL_DEPTH)
        return err_pos(p->err, ERR_LIMIT, p->token.at,
                       "the expression has more than %d levels (LIMIT_CEL_DEPTH)", LIMIT_CEL_DEPTH);
    if (!parse_binary(p, LEVEL_OR, out))
        return false;
    assert(*out != NULL);
    if (is_punct(p, "?") && !parse_cond(p, out))
        return false;
    p->depth--;
    return true;
}

bool cel_parser_read(struct slice text, struct arena *a, const struct cel_ast **out, struct err *e)
{
    struct parser p = {.lexer = {.text = text}, .arena = a, .err = e};
    struct cel_ast *root = NULL;

    if (!advance(&p) || !parse_expr(&p, &root))
        return false;
    if (p.token.kind != CEL_TOKEN_END)
        return unexpected(&p, "an operator or the end");
    *out = root;
    return true;
}
