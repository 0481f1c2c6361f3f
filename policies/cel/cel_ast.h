#ifndef POLICIES_CEL_CEL_AST_H
#define POLICIES_CEL_CEL_AST_H
/* What the parser makes: the expression as written, names unresolved, macros not yet known. */
#include "policies/cel/cel_value.h"

enum cel_ast_kind {
    CEL_AST_CONST,
    CEL_AST_IDENT,  /* text */
    CEL_AST_SELECT, /* args[0].text */
    CEL_AST_INDEX,  /* args[0][args[1]] */
    CEL_AST_CALL,   /* text(args...), or args[0].text(args[1]...) when `method` */
    CEL_AST_LIST,
    CEL_AST_MAP, /* args: key, value, key, value, ... */
    CEL_AST_UNARY,
    CEL_AST_BINARY,
    CEL_AST_AND, /* two or more operands */
    CEL_AST_OR,
    CEL_AST_COND
};

enum cel_ast_op {
    CEL_OP_NOT,
    CEL_OP_NEG,
    CEL_OP_ADD,
    CEL_OP_SUB,
    CEL_OP_MUL,
    CEL_OP_DIV,
    CEL_OP_MOD,
    CEL_OP_EQ,
    CEL_OP_NE,
    CEL_OP_LT,
    CEL_OP_LE,
    CEL_OP_GT,
    CEL_OP_GE,
    CEL_OP_IN
};

struct cel_ast {
    uint8_t kind;  /* enum cel_ast_kind */
    uint8_t op;    /* enum cel_ast_op */
    bool root;     /* ident, call: written with a leading dot */
    bool optional; /* select, index: .?x, [?x] */
    bool quoted;   /* select: .`x`, never part of a dotted name */
    bool method;
    bool paren;
    uint16_t height;  /* levels, this one included */
    uint32_t at, end; /* bytes of the source text: [at, end) */
    uint32_t op_at;   /* of the operator, the selector or the function's name */
    struct slice text;
    struct cel_value value;
    const struct cel_ast **args;
    size_t nargs;
    const bool *optional_args; /* list: per element, map: per pair; NULL when none is */
};
#endif
