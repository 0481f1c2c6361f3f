#ifndef SCANNER_FORMATS_TORCH_SYM_EXPR_H
#define SCANNER_FORMATS_TORCH_SYM_EXPR_H
/* Expressions of graphs of torch.export: its loader has SymPy read them, which has Python evaluate
 * them, with all functions of Python at hand. */
#include "base/slice.h"

/* Are there only numbers, symbols, operators and functions of numbers? SPEC: PyTorch 2.9,
 * torch/_export/serde/serialize.py and torch/utils/_sympy/functions.py; SymPy 1.14, srepr. */
bool sym_expr_plain(struct slice s);

/* Does code that checks the inputs of a graph name what reaches further than those? */
bool sym_expr_reaches(struct slice code);
#endif
