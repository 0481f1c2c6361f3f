#ifndef SCANNER_FORMATS_TORCH_OP_NAMES_H
#define SCANNER_FORMATS_TORCH_OP_NAMES_H
/* The names that code or a graph of PyTorch calls: one `model.torchscript` fact for each. */
#include "scanner/formats/format.h"

struct op_name {
    struct slice name; /* "torch.add", "ops.image.read_file", "torch.ops.aten.add.Tensor" */
    const char *kind;  /* operator, alias, method, definition, target, expression */
    uint64_t count, offset;
    uint32_t line; /* from 1; 0: none */
    bool called;
};

/* Zero-initialise it, with `arena`. */
struct op_names {
    struct arena *arena;
    struct op_name *items;
    size_t n;
    uint32_t *index; /* open addressing: item + 1 */
    size_t cap;
};

/* Counts a name; `key` need not live on. ERR_LIMIT: LIMIT_CALL_NAMES. */
MUST_CHECK bool op_names_note(struct op_names *x, const struct op_name *key, struct err *e);

void op_names_tell(const struct op_names *x, const struct format_input *in);
#endif
