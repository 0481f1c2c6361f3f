#include "scanner/formats/torch/sym_expr.h"

#include <string.h>

#include "base/attr.h"

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The word that begins at `at`. */
static struct slice word_at(struct slice s, size_t at)
{
    size_t n = 0;

    while (at + n < s.len && (letter(s.data[at + n]) || digit(s.data[at + n])))
        n++;
    return (struct slice){s.data + at, n};
}

static const char *const functions[] = {"Abs",
                                        "Add",
                                        "And",
                                        "BooleanFalse",
                                        "BooleanTrue",
                                        "CeilDiv",
                                        "CeilToInt",
                                        "CleanDiv",
                                        "Equality",
                                        "Eq",
                                        "Float",
                                        "FloatPow",
                                        "FloatTrueDiv",
                                        "FloorDiv",
                                        "FloorToInt",
                                        "Ge",
                                        "GreaterThan",
                                        "Gt",
                                        "ITE",
                                        "Identity",
                                        "Infinity",
                                        "IntTrueDiv",
                                        "Integer",
                                        "IsNonOverlappingAndDenseIndicator",
                                        "LShift",
                                        "Le",
                                        "LessThan",
                                        "Lt",
                                        "Max",
                                        "Min",
                                        "Mod",
                                        "ModularIndexing",
                                        "Mul",
                                        "Ne",
                                        "NegativeInfinity",
                                        "NegativeOne",
                                        "Not",
                                        "Or",
                                        "Piecewise",
                                        "Pow",
                                        "PowByNatural",
                                        "PythonMod",
                                        "RShift",
                                        "Rational",
                                        "RoundDecimal",
                                        "RoundToInt",
                                        "StrictGreaterThan",
                                        "StrictLessThan",
                                        "Symbol",
                                        "ToFloat",
                                        "TruncToFloat",
                                        "TruncToInt",
                                        "Unequality",
                                        "Where",
                                        "Xor",
                                        "abs",
                                        "ceiling",
                                        "cos",
                                        "exp",
                                        "floor",
                                        "log",
                                        "sin",
                                        "sqrt",
                                        "tan"};

static bool is_function(struct slice name)
{
    return slice_among(name, functions, ARRAY_LEN(functions)) ||
           slice_starts(name, "OpaqueUnaryFn_") || slice_starts(name, "BitwiseFn_");
}

static bool in_number(uint8_t c)
{
    return digit(c) || (c != 0 && strchr(".eE+-", c) != NULL);
}

/* The number in decimal that begins at `at`, with all of its signs. */
static struct slice number_at(struct slice s, size_t at)
{
    size_t n = 0;

    while (at + n < s.len && in_number(s.data[at + n]))
        n++;
    return (struct slice){s.data + at, n};
}

/* A name or a number in quotes, as srepr writes symbols and floats; anything else SymPy would
 * evaluate. Its length with the quotes; 0: it is none. */
static size_t quoted(struct slice s, size_t at)
{
    const struct slice name = word_at(s, at + 1), number = number_at(s, at + 1);
    const size_t n = name.len > number.len ? name.len : number.len, end = at + 1 + n;

    return end < s.len && s.data[end] == s.data[at] ? n + 2 : 0;
}

/* A number, a word, a quoted name or an operator; its length, or 0 when it is none of these. */
static size_t token(struct slice s, size_t at, bool *callee)
{
    static const char operators[] = "+-*/%(),<>=&|~^";
    const uint8_t c = s.data[at];
    const struct slice word = word_at(s, at);

    *callee = c == ')';
    if (digit(c) || (c == '.' && at + 1 < s.len && digit(s.data[at + 1])))
        return 1 + (c == '.' ? 0 : word.len - 1);
    if (word.len > 0) {
        *callee = !is_function(word);
        return word.len > 1 && memcmp(word.data, "__", 2) == 0 ? 0 : word.len;
    }
    if (c == '\'' || c == '"')
        return quoted(s, at);
    if (c == '.' && at > 0 && digit(s.data[at - 1]))
        return 1;
    if (c == '!') /* alone it is SymPy's factorial */
        return at + 1 < s.len && s.data[at + 1] == '=' ? 2 : 0;
    return c != 0 && strchr(operators, c) != NULL ? 1 : 0;
}

bool sym_expr_plain(struct slice s)
{
    bool callee = false, next;
    size_t at = 0, n;

    while (at < s.len) {
        if (blank(s.data[at])) {
            at++;
            continue;
        }
        if (s.data[at] == '(' && callee)
            return false;
        n = token(s, at, &next);
        if (n == 0)
            return false;
        callee = next;
        at += n;
    }
    return true;
}

bool sym_expr_reaches(struct slice code)
{
    static const char *const names[] = {
        "__import__", "breakpoint", "builtins", "compile",    "eval", "exec", "getattr", "globals",
        "import",     "importlib",  "input",    "locals",     "open", "os",   "pickle",  "runpy",
        "setattr",    "shutil",     "socket",   "subprocess", "sys",  "vars", "lambda",
    };

    for (size_t at = 0; at < code.len;) {
        const struct slice word = word_at(code, at);

        if (slice_among(word, names, ARRAY_LEN(names)) ||
            (slice_starts(word, "__") && slice_ends(word, "__")))
            return true;
        at += word.len > 0 ? word.len : 1;
    }
    return false;
}
